//! Calls and tail calls.

use super::failure::{invalid, unknown};
use super::{Checked, Step, Validator};
use crate::body::reader::Reader;
use crate::types::PackedType;

const CALL_INDIRECT: u8 = 0x11;
const RETURN_CALL: u8 = 0x12;
const RETURN_CALL_INDIRECT: u8 = 0x13;
const CALL_REF: u8 = 0x14;
const RETURN_CALL_REF: u8 = 0x15;

impl<'a> Validator<'a, '_> {
    #[inline]
    pub(super) fn call(&mut self, func: u32, at: usize) -> Checked {
        let ty = self.type_of(func, at)?;
        self.call_type(ty, at)
    }

    fn type_of(&self, func: u32, at: usize) -> Checked<u32> {
        let ty = self.facts.functions.get(func as usize);
        ty.copied().ok_or_else(|| unknown("function", func, at))
    }

    #[inline]
    fn call_type(&mut self, ty: u32, at: usize) -> Checked {
        self.operands.pop_all(self.facts.params(ty), at)?;
        self.operands.push_all(self.facts.results(ty))
    }

    pub(super) fn other_call(&mut self, opcode: u8, mut r: Reader<'a>, at: usize) -> Step {
        let index = self.number(&mut r, at)?;
        let ty = match opcode {
            RETURN_CALL => self.type_of(index, at)?,
            CALL_REF | RETURN_CALL_REF => {
                let reference = self.reference_to(index, at)?;
                self.operands.pop_reference(Some(reference.nullable()), at)?;
                index
            }
            _ => {
                let table = self.number(&mut r, at)?;
                self.indirect(index, table, at)?
            }
        };
        match opcode {
            CALL_INDIRECT | CALL_REF => self.call_type(ty, at)?,
            RETURN_CALL | RETURN_CALL_INDIRECT | RETURN_CALL_REF => self.tail_call(ty, at)?,
            _ => return Err(self.unreadable(at)),
        }
        Ok(r.pos)
    }

    /// Takes the index of an indirect call off the stack.
    fn indirect(&mut self, ty: u32, table: u32, at: usize) -> Checked<u32> {
        let table = self.table(table, at)?;
        if !table.element.matches(PackedType::FUNCREF) {
            let what = "type mismatch: indirect calls must go through a table with type <= funcref";
            return Err(invalid(what, at));
        }
        self.operands.pop(table.address, at)?;
        if self.facts.has_type(ty) {
            return Ok(ty);
        }
        Err(invalid("unknown type: type index out of bounds", at))
    }

    fn tail_call(&mut self, ty: u32, at: usize) -> Checked {
        let (own, given) = (self.results(), self.facts.results(ty));
        let fits = own.len() == given.len()
            && own.iter().zip(given).all(|(own, given)| given.matches(*own));
        if !fits {
            let list = |types: &[PackedType]| {
                types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
            };
            let what = format!(
                "type mismatch: current function requires result type [{}] but callee returns [{}]",
                list(own),
                list(given)
            );
            return Err(invalid(what, at));
        }
        self.operands.pop_all(self.facts.params(ty), at)?;
        self.become_unreachable();
        Ok(())
    }
}
