//! Both encodings of exceptions.

use super::control::FrameKind::{self, Catch, CatchAll, Try};
use super::failure::{invalid, unknown};
use super::{Checked, Step, Validator};
use crate::body::reader::Reader;
use crate::types::PackedType;
use wasmparser::{Catch as Clause, Operator};

const TRY: u8 = 0x06;
const CATCH: u8 = 0x07;
const THROW: u8 = 0x08;
const RETHROW: u8 = 0x09;
const THROW_REF: u8 = 0x0a;
const DELEGATE: u8 = 0x18;
const CATCH_ALL: u8 = 0x19;
const TRY_TABLE: u8 = 0x1f;

impl<'a> Validator<'a, '_> {
    pub(super) fn exception(&mut self, opcode: u8, mut r: Reader<'a>, at: usize) -> Step {
        match opcode {
            THROW => {
                let tag = self.number(&mut r, at)?;
                let params = self.tag(tag, at)?;
                self.operands.pop_all(params, at)?;
                self.become_unreachable();
            }
            THROW_REF => {
                self.operands.pop(PackedType::EXNREF, at)?;
                self.become_unreachable();
            }
            TRY_TABLE => return self.try_table(at),
            _ => return self.legacy(opcode, r, at),
        }
        Ok(r.pos)
    }

    /// The values that an exception with this tag carries.
    fn tag(&self, tag: u32, at: usize) -> Checked<&'a [PackedType]> {
        let ty = *self.facts.tags.get(tag as usize).ok_or_else(|| unknown("tag", tag, at))?;
        Ok(self.facts.params(ty))
    }

    fn try_table(&mut self, at: usize) -> Step {
        let (op, after) = self.read_again(at)?;
        let Operator::TryTable { try_table } = op else { return Err(self.unreadable(at)) };
        let ty = self.checked_block_type(try_table.ty, at)?;
        self.operands.pop_all(ty.params(self.facts), at)?;
        for clause in try_table.catches {
            self.clause(clause, at)?;
        }
        self.enter(FrameKind::Block, ty)?;
        Ok(after)
    }

    fn clause(&mut self, clause: Clause, at: usize) -> Checked {
        let (tag, label, with_reference) = match clause {
            Clause::One { tag, label } => (Some(tag), label, false),
            Clause::OneRef { tag, label } => (Some(tag), label, true),
            Clause::All { label } => (None, label, false),
            Clause::AllRef { label } => (None, label, true),
        };
        let carried = tag.map(|tag| self.tag(tag, at)).transpose()?;
        let target = self.target(label, at)?;
        let label = target.label(self.facts);
        let given = carried.unwrap_or_default();
        if given.len() + usize::from(with_reference) != label.len() {
            return Err(invalid(wrong_number(carried.is_some(), with_reference), at));
        }
        let reference = with_reference.then_some(&PackedType::NON_NULL_EXNREF);
        for (given, expected) in given.iter().chain(reference).zip(label) {
            if carried.is_none() && !given.matches(*expected) {
                let what = "type mismatch: catch_all_ref label must a subtype of (ref exn)";
                return Err(invalid(what, at));
            }
            self.operands.push(*given)?;
            self.operands.pop(*expected, at)?;
        }
        Ok(())
    }

    fn legacy(&mut self, opcode: u8, mut r: Reader<'a>, at: usize) -> Step {
        match opcode {
            TRY => return self.block(r.pos, Try, at),
            CATCH => {
                self.expect(&[Try, Catch], "`catch` found outside `LegacyTry` block", r.pos)?;
                let tag = self.index(&mut r)?;
                let frame = self.pop_frame(at)?;
                self.push_frame(Catch, frame.ty)?;
                let params = self.tag(tag, at)?;
                self.operands.push_all(params)?;
            }
            CATCH_ALL => {
                self.expect(&[Try, Catch], "`catch_all` found outside `LegacyTry` block", r.pos)?;
                let frame = self.pop_frame(at)?;
                self.push_frame(CatchAll, frame.ty)?;
            }
            DELEGATE => {
                self.expect(&[Try], "`delegate` found outside `LegacyTry` block", r.pos)?;
                let label = self.index(&mut r)?;
                let frame = self.pop_frame(at)?;
                self.target(label, at)?;
                self.operands.push_all(frame.ty.results(self.facts))?;
            }
            RETHROW => {
                let label = self.index(&mut r)?;
                if !matches!(self.target(label, at)?.kind, Catch | CatchAll) {
                    let what = "invalid rethrow label: target was not a `catch` block";
                    return Err(invalid(what, at));
                }
                self.become_unreachable();
            }
            _ => return Err(self.unreadable(at)),
        }
        Ok(r.pos)
    }
}

fn wrong_number(tagged: bool, with_reference: bool) -> &'static str {
    match (tagged, with_reference) {
        (true, false) => "type mismatch: catch label must have same number of types as tag",
        (true, true) => "type mismatch: catch_ref label must have one more type than tag types",
        (false, false) => "type mismatch: catch_all label must have no result types",
        (false, true) => "type mismatch: catch_all_ref label must have exactly one result type",
    }
}
