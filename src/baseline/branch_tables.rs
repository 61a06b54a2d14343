//! Branches that select among many targets by an index.
//!
//! A table after the function holds the distance from itself to each target. Where a branch carries operands, the table
//! leads to code that moves them first.

use super::blocks::LabelId;
use super::emitter::Emitter;
use super::registers::SCRATCH;
use crate::asm::x64::*;

impl Emitter<'_> {
    /// Branches to one of the depths, by index; to the last if there is none.
    pub fn branch_table(&mut self, depths: Vec<u32>) {
        let index = self.pop();
        let index = self.owned(index);
        let (mut labels, asides) = self.table_labels(depths);
        let Some(otherwise) = labels.pop() else { return };
        if labels.is_empty() {
            self.jump(otherwise);
        } else {
            self.jump_through_table(index, labels, otherwise);
        }
        self.registers.release(index);
        for (depth, label) in asides {
            self.bind(label);
            self.branch(depth);
        }
    }

    fn jump_through_table(&mut self, index: Reg, labels: Vec<LabelId>, otherwise: LabelId) {
        self.asm.alu_const(Alu::Cmp, Width::B32, index, labels.len() as i32);
        self.jump_if(Condition::AboveOrEqual, otherwise);
        self.mask_index(index);
        let table = self.new_label();
        self.lea_label(SCRATCH, table);
        let entry = Mem { base: SCRATCH, index: Some(index), scale: 2, displacement: 0 };
        self.asm.load_extended(Extend::Sign32, index, entry);
        self.asm.alu(Alu::Add, Width::B64, index, SCRATCH);
        self.asm.jump_reg(index);
        self.tables.push((table, labels));
    }

    /// Where a branch table jumps for each of its targets: there, or to code that first moves operands. Of each
    /// target there may be many.
    fn table_labels(&mut self, depths: Vec<u32>) -> (Vec<LabelId>, Vec<(u32, LabelId)>) {
        let mut different = depths.clone();
        different.sort_unstable();
        different.dedup();
        let mut asides = Vec::new();
        let label_of = |depth: &u32| {
            let target = self.mark(*depth);
            if target.operands == 0 {
                return target.label;
            }
            let label = self.new_label();
            asides.push((*depth, label));
            label
        };
        let labels: Vec<LabelId> = different.iter().map(label_of).collect();
        // Most often comes the next one.
        let mut at = 0;
        let find = |depth: &u32| {
            at = match different.get(at..).unwrap_or_default() {
                [_, next, ..] if next == depth => at + 1,
                [same, ..] if same == depth => at,
                _ => different.binary_search(depth).unwrap_or(0),
            };
            labels[at]
        };
        (depths.iter().map(find).collect(), asides)
    }

    /// Emits the branch tables, after all code.
    pub fn emit_tables(&mut self) {
        for (table, labels) in std::mem::take(self.tables) {
            self.asm.align(4);
            let start = self.asm.len();
            self.bind(table);
            for label in labels {
                let Some(offset) = self.offset_of(label) else {
                    return self.fail("a branch table's label is not bound");
                };
                self.asm.append(&(offset as i32 - start as i32).to_le_bytes());
            }
        }
    }
}
