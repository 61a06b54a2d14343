//! Branches, tables of them, and returns.

use super::control::Frame;
use super::failure::invalid;
use super::{Checked, Step, Validator};
use crate::body::reader::Reader;
use crate::types::PackedType;

impl<'a> Validator<'a, '_> {
    /// The block that a label names, counted from inside.
    #[inline]
    pub(super) fn target(&self, label: u32, at: usize) -> Checked<Frame> {
        let frame = self.control.len().checked_sub(label as usize + 1);
        let frame = frame.and_then(|index| self.control.get(index));
        frame.copied().ok_or_else(|| invalid("unknown label: branch depth too large", at))
    }

    pub(super) fn branch(&mut self, label: u32, at: usize) -> Checked {
        let target = self.target(label, at)?;
        self.operands.check_all(target.label(self.facts), at)?;
        self.become_unreachable();
        Ok(())
    }

    #[inline]
    pub(super) fn branch_if(&mut self, label: u32, at: usize) -> Checked {
        self.operands.pop(PackedType::I32, at)?;
        let target = self.target(label, at)?;
        self.pop_and_push(target.label(self.facts), at)
    }

    /// Operands get the types of a label.
    pub(super) fn pop_and_push(&mut self, types: &[PackedType], at: usize) -> Checked {
        self.operands.pop_all(types, at)?;
        self.operands.push_all(types)
    }

    pub(super) fn branch_table(&mut self, mut r: Reader<'a>, at: usize) -> Step {
        let (labels, default) = read_labels(&mut r).ok_or_else(|| self.unreadable(at))?;
        self.operands.pop(PackedType::I32, at)?;
        let default = self.target(default, at)?;
        let default = default.label(self.facts);
        let mut labels = Labels { reader: labels, last: None };
        while labels.reader.pos < labels.reader.bytes.len() {
            let Some(label) = labels.next() else { continue };
            let target = self.target(label, at)?;
            let types = target.label(self.facts);
            if types.len() != default.len() {
                let what = "type mismatch: br_table target labels have different number of types";
                return Err(invalid(what, at));
            }
            self.operands.check_all(types, at)?;
        }
        self.operands.check_all(default, at)?;
        self.become_unreachable();
        Ok(r.pos)
    }

    pub(super) fn return_from_function(&mut self, at: usize) -> Checked {
        self.operands.check_all(self.results(), at)?;
        self.become_unreachable();
        Ok(())
    }

    /// The results of the function.
    pub(super) fn results(&self) -> &'a [PackedType] {
        let ty = self.control.first().map(|frame| frame.ty);
        match ty {
            Some(super::control::BlockType::Func(ty)) => self.facts.results(ty),
            _ => &[],
        }
    }
}

/// The labels of a table, which have been read once.
struct Labels<'a> {
    reader: Reader<'a>,
    last: Option<u32>,
}

impl Labels<'_> {
    /// Reads a label; none if it is the same as the one before.
    fn next(&mut self) -> Option<u32> {
        let Some(label) = self.reader.u32() else {
            self.reader.pos = self.reader.bytes.len();
            return None;
        };
        if self.last == Some(label) {
            return None;
        }
        self.last = Some(label);
        Some(label)
    }
}

/// A reader of the labels of a table, and the default label.
fn read_labels<'a>(r: &mut Reader<'a>) -> Option<(Reader<'a>, u32)> {
    let count = r.u32()?;
    // A label has at least a byte.
    if count as usize > r.bytes.len() - r.pos {
        return None;
    }
    let start = r.pos;
    for _ in 0..count {
        r.u32()?;
    }
    Some((Reader { bytes: &r.bytes[..r.pos], pos: start }, r.u32()?))
}
