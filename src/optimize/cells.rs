//! Moving many operands at once, in functions whose deep operands are in the frame.
//!
//! A few bytes of a body may move a thousand values: results of a call, parameters of a block. Where deep operands
//! have cells, those values stay in memory: one call copies them from cell to cell, so that code and compile memory
//! are proportional to the body. The parameters of a block are the cells at its height; only shallow ones are
//! parameters of Cranelift's block.
//!
//! Elsewhere all operands are values, and the moved ones are counted (see `effort`).

use super::error::Translated;
use super::operands::{CELL, SHALLOW};
use super::translator::FuncTranslator;
use crate::abi::Builtin;
use cranelift_codegen::ir::{Block, InstBuilder, Type, Value, types};

/// Up to this many cells are copied one by one.
const FEW: usize = 8;

impl FuncTranslator<'_> {
    /// How many of the `n` operands, moved to height `to`, travel as values.
    pub fn travelling(&self, n: usize, to: usize) -> usize {
        if self.has_cells() { n.min(SHALLOW.saturating_sub(to)) } else { n }
    }

    /// Of the `n` topmost operands, moved to height `to`, appends those that travel as values to `list` and copies
    /// the others to their cells there. They must be settled, and stay on the stack.
    pub fn send(&mut self, n: usize, to: usize, list: &mut Vec<Value>) -> Translated {
        let below = self.height_below(n)?;
        let values = self.travelling(n, to);
        for at in below..below + values {
            let value = self.operand(at);
            list.push(value);
        }
        self.effort.moved += values as u64;
        self.copy_cells(below + values, to + values, n - values);
        Ok(())
    }

    /// Whether `send` would copy cells.
    pub fn sends_cells(&self, n: usize, to: usize) -> bool {
        self.travelling(n, to) < n && self.height() != to + n
    }

    /// Pushes what was sent to `block`: its parameters, and cells for the remaining `types`.
    pub fn receive(&mut self, block: Block, types: impl Iterator<Item = Type>) {
        self.push_block_params(block);
        let values = self.b.block_params(block).len();
        types.skip(values).for_each(|ty| self.push_cell(ty));
    }

    /// Pushes the `n` topmost operands a second time.
    pub fn duplicate(&mut self, n: usize) -> Translated {
        self.settle(n)?;
        let below = self.height_below(n)?;
        self.copy_up(below, n);
        Ok(())
    }

    /// Removes the operands between height `to` and the `n` topmost ones.
    pub fn sink(&mut self, n: usize, to: usize) -> Translated {
        self.settle(n)?;
        let below = self.height_below(n)?;
        let mut values = std::mem::take(&mut self.scratch.values);
        values.clear();
        self.send(n, to, &mut values)?;
        let cells = below + values.len()..below + n;
        let types: Vec<Type> = cells.filter_map(|at| self.cell_type(at)).collect();
        self.drop_to(to);
        values.iter().for_each(|&value| self.push1(value));
        types.into_iter().for_each(|ty| self.push_cell(ty));
        self.scratch.values = values;
        Ok(())
    }

    /// Pushes copies of the `n` settled operands from height `from`.
    fn copy_up(&mut self, from: usize, n: usize) {
        let mut at = from;
        while at < from + n {
            let cells = (at..from + n).take_while(|&at| self.cell_type(at).is_some()).count();
            if cells > FEW && self.cell(self.height()).is_some() {
                self.copy_cells(at, self.height(), cells);
                for at in at..at + cells {
                    self.cell_type(at).into_iter().for_each(|ty| self.push_cell(ty));
                }
                at += cells;
            } else {
                let value = self.operand(at);
                self.push1(value);
                self.effort.moved += 1;
                at += 1;
            }
        }
    }

    /// Copies `n` cells from height `from` to height `to`.
    fn copy_cells(&mut self, from: usize, to: usize, n: usize) {
        if n == 0 || from == to {
            return;
        }
        if n > FEW {
            let (Some(from), Some(to)) = (self.cell_address(from), self.cell_address(to)) else {
                return;
            };
            return self.copy_bytes(to, from, n);
        }
        let whole = types::I8X16;
        let load = |t: &mut Self, at| {
            let (slot, offset) = t.cell(at)?;
            Some(t.b.ins().stack_load(types::I64, whole, slot, offset))
        };
        let values: Vec<_> = (from..from + n).filter_map(|at| load(self, at)).collect();
        for (at, value) in (to..).zip(values) {
            if let Some((slot, offset)) = self.cell(at) {
                self.b.ins().stack_store(types::I64, value, slot, offset);
            }
        }
    }

    /// How many of `n` operands from height `height` are moved from or to the result buffer one by one: the shallow
    /// ones, or all if few others remain.
    pub fn singles(&self, n: usize, height: usize) -> usize {
        let shallow = self.travelling(n, height);
        if n - shallow > FEW { shallow } else { n }
    }

    /// Pushes `n` operands of these types from consecutive cells of a buffer.
    pub fn push_from_buffer(
        &mut self,
        buffer: Value,
        offset: i32,
        n: usize,
        types: impl Iterator<Item = Type>,
    ) {
        if n == 0 {
            return;
        }
        if let Some(to) = self.cell_address(self.height()) {
            let from = self.b.ins().iadd_imm_s(buffer, i64::from(offset));
            self.copy_bytes(to, from, n);
        }
        types.for_each(|ty| self.push_cell(ty));
    }

    /// Copies the `n` cells from height `at` to a buffer.
    pub fn cells_to_buffer(&mut self, at: usize, n: usize, buffer: Value, offset: i32) {
        if n == 0 {
            return;
        }
        if let Some(from) = self.cell_address(at) {
            let to = self.b.ins().iadd_imm_s(buffer, i64::from(offset));
            self.copy_bytes(to, from, n);
        }
    }

    fn cell_address(&mut self, at: usize) -> Option<Value> {
        let (slot, offset) = self.cell(at)?;
        Some(self.b.ins().stack_addr(types::I64, slot, offset))
    }

    fn copy_bytes(&mut self, to: Value, from: Value, cells: usize) {
        let length = self.i64_const((cells * CELL) as i64);
        self.call_builtin(Builtin::CopyBytes, &[to, from, length]);
    }
}
