//! Blocks begin and end.

use super::control::{BlockType, Frame, FrameKind};
use super::failure::{invalid, malformed};
use super::{Checked, Step, Validator};
use crate::body::reader::Reader;
use crate::types::PackedType;

impl Validator<'_, '_> {
    /// Opens a block without its parameters.
    pub(super) fn push_frame(&mut self, kind: FrameKind, ty: BlockType) -> Checked {
        let base = self.operands.height();
        let set_before = self.locals.set_count();
        self.control.try_reserve(1)?;
        self.control.push(Frame { kind, ty, polymorphic: false, base, set_before });
        self.operands.enter(base, false);
        Ok(())
    }

    /// Opens a block whose parameters have been taken off the stack.
    pub(super) fn enter(&mut self, kind: FrameKind, ty: BlockType) -> Checked {
        self.push_frame(kind, ty)?;
        self.operands.push_all(ty.params(self.facts))
    }

    /// Opens a block whose type is at `pos`.
    pub(super) fn block(&mut self, pos: usize, kind: FrameKind, at: usize) -> Step {
        let mut r = Reader { bytes: self.bytes, pos };
        let ty = self.block_type(&mut r, at)?;
        if kind == FrameKind::If {
            self.operands.pop(PackedType::I32, at)?;
        }
        self.operands.pop_all(ty.params(self.facts), at)?;
        self.enter(kind, ty)?;
        Ok(r.pos)
    }

    /// Closes the innermost block; its results are off the stack then.
    #[inline]
    pub(super) fn pop_frame(&mut self, at: usize) -> Checked<Frame> {
        let Some(frame) = self.control.last() else { return Err(self.too_long(at)) };
        self.operands.pop_all(frame.ty.results(self.facts), at)?;
        if self.operands.in_block() != 0 {
            return Err(invalid("type mismatch: values remaining on stack at end of block", at));
        }
        let frame = *frame;
        self.locals.forget_set(frame.set_before);
        self.control.pop();
        if let Some(outer) = self.control.last() {
            self.operands.enter(outer.base, outer.polymorphic);
        }
        Ok(frame)
    }

    #[inline]
    pub(super) fn end(&mut self, at: usize) -> Checked {
        let mut frame = self.pop_frame(at)?;
        if frame.kind == FrameKind::If {
            // As if there were an empty `else`.
            self.enter(FrameKind::Else, frame.ty)?;
            frame = self.pop_frame(at)?;
        }
        self.operands.push_all(frame.ty.results(self.facts))?;
        if self.control.is_empty() && at + 1 < self.bytes.len() {
            return Err(self.too_long(at + 1));
        }
        Ok(())
    }

    /// `after` is the position after the opcode.
    pub(super) fn begin_else(&mut self, after: usize) -> Checked {
        self.expect(&[FrameKind::If], "`else` found outside `If` block", after)?;
        let frame = self.pop_frame(after - 1)?;
        self.enter(FrameKind::Else, frame.ty)
    }

    /// Checks the kind of the innermost block: a rule of the binary format.
    pub(super) fn expect(
        &self,
        kinds: &[FrameKind],
        otherwise: &'static str,
        after: usize,
    ) -> Checked {
        if self.control.last().is_some_and(|frame| kinds.contains(&frame.kind)) {
            return Ok(());
        }
        Err(malformed(otherwise, after))
    }

    /// What follows is never reached.
    pub(super) fn become_unreachable(&mut self) {
        if let Some(frame) = self.control.last_mut() {
            frame.polymorphic = true;
        }
        self.operands.become_polymorphic();
    }
}
