//! References and tables.

use super::failure::{invalid, unknown};
use super::prefixed::shorter;
use super::{Checked, Step, Validator};
use crate::binary::validation::Table;
use crate::body::reader::Reader;
use crate::types::PackedType;

impl<'a> Validator<'a, '_> {
    pub(super) fn table(&self, table: u32, at: usize) -> Checked<Table> {
        let found = self.facts.tables.get(table as usize);
        found.copied().ok_or_else(|| unknown("table", table, at))
    }

    /// The type of the elements of a segment.
    fn segment(&self, segment: u32, at: usize) -> Checked<PackedType> {
        let ty = self.facts.elements.get(segment as usize);
        ty.copied().ok_or_else(|| unknown("elem segment", segment, at))
    }

    /// A reference to functions of a type, not null.
    pub(super) fn reference_to(&self, ty: u32, at: usize) -> Checked<PackedType> {
        self.facts.reference(ty).ok_or_else(|| unknown("type", ty, at))
    }

    pub(super) fn reference(&mut self, opcode: u8, mut r: Reader<'a>, at: usize) -> Step {
        match opcode {
            0xd0 => return self.null(at),
            0xd1 => {
                self.operands.pop_reference(None, at)?;
                self.operands.push(PackedType::I32)?;
                return Ok(r.pos);
            }
            0xd4 => {
                let ty = self.operands.pop_reference(None, at)?;
                self.operands.push(ty.non_null())?;
                return Ok(r.pos);
            }
            0xd3 => return Err(self.unreadable(at)),
            _ => {}
        }
        let index = self.number(&mut r, at)?;
        match opcode {
            0x25 => {
                let table = self.table(index, at)?;
                self.operands.pop(table.address, at)?;
                self.operands.push(table.element)?;
            }
            0x26 => {
                let table = self.table(index, at)?;
                self.operands.pop(table.element, at)?;
                self.operands.pop(table.address, at)?;
            }
            0xd2 => self.function(index, at)?,
            0xd5 => self.branch_on_null(index, at)?,
            _ => self.branch_on_non_null(index, at)?,
        }
        Ok(r.pos)
    }

    /// Takes a reference to a function.
    fn function(&mut self, func: u32, at: usize) -> Checked {
        let ty = self.facts.functions.get(func as usize);
        let ty = *ty.ok_or_else(|| unknown("function", func, at))?;
        if !self.facts.is_declared(func) {
            return Err(invalid("undeclared function reference", at));
        }
        let reference = self.reference_to(ty, at)?;
        self.operands.push(reference)
    }

    fn branch_on_null(&mut self, label: u32, at: usize) -> Checked {
        let ty = self.operands.pop_reference(None, at)?;
        let target = self.target(label, at)?;
        self.pop_and_push(target.label(self.facts), at)?;
        self.operands.push(ty.non_null())
    }

    fn branch_on_non_null(&mut self, label: u32, at: usize) -> Checked {
        let target = self.target(label, at)?;
        let Some((last, others)) = target.label(self.facts).split_last() else {
            let what = "type mismatch: br_on_non_null target has no label types";
            return Err(invalid(what, at));
        };
        if !last.is_ref() {
            let what = "type mismatch: br_on_non_null target does not end with heap type";
            return Err(invalid(what, at));
        }
        self.operands.pop_reference(Some(last.nullable()), at)?;
        self.pop_and_push(others, at)
    }

    pub(super) fn bulk_table(
        &mut self,
        opcode: u32,
        first: u32,
        mut r: Reader<'a>,
        at: usize,
    ) -> Step {
        match opcode {
            0x0c => {
                let table = self.number(&mut r, at)?;
                let table = self.table(table, at)?;
                check_elements(self.segment(first, at)?, table.element, at)?;
                self.pop_range(PackedType::I32, PackedType::I32, table.address, at)?;
            }
            0x0d => self.segment(first, at).map(drop)?,
            0x0e => {
                let from = self.number(&mut r, at)?;
                let from = self.table(from, at)?;
                let to = self.table(first, at)?;
                check_elements(from.element, to.element, at)?;
                let length = shorter(from.address, to.address);
                self.pop_range(length, from.address, to.address, at)?;
            }
            0x0f => {
                let table = self.table(first, at)?;
                self.operands.pop_all(&[table.element, table.address], at)?;
                self.operands.push(table.address)?;
            }
            0x10 => {
                let table = self.table(first, at)?;
                self.operands.push(table.address)?;
            }
            _ => {
                let table = self.table(first, at)?;
                self.pop_range(table.address, table.element, table.address, at)?;
            }
        }
        Ok(r.pos)
    }
}

fn check_elements(from: PackedType, to: PackedType, at: usize) -> Checked {
    if from.matches(to) { Ok(()) } else { Err(invalid("type mismatch", at)) }
}
