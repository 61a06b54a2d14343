//! The operand stack.
//!
//! Usually operands are just Cranelift values. In a function whose locals had to move to the frame, operands above
//! a small height move there too: each has a cell at its height, is stored when it is pushed and loaded when it is
//! popped, so that no value lives across many blocks. There, many operands move at once between cells (see
//! `cells`). Constants stay values until their cell is needed.

use super::error::{CompileError, Translated};
use super::locals::LocalsPlace;
use super::translator::FuncTranslator;
use cranelift_codegen::ir::{
    Block, InstBuilder, StackSlot, StackSlotData, StackSlotKind, Type, Value, types,
};
use cranelift_frontend::Variable;

/// Operands below this height stay values.
pub(super) const SHALLOW: usize = 16;

/// Bytes of a cell, the same as in the buffer of results (see `abi::signature`).
pub(super) const CELL: usize = 16;

/// The location of an operand.
#[derive(Clone, Copy)]
pub(super) enum Operand {
    Value(Value),
    /// In the cell at its height.
    Cell(Type),
    /// The value of a variable: it may come from the start of the function or from another frame.
    Variable(Variable),
}

/// The operands of one function.
#[derive(Default)]
pub(super) struct Operands {
    stack: Vec<Operand>,
    /// The cells of deep operands, unless those are values.
    slot: Option<StackSlot>,
    highest: usize,
    /// For each operand, the number of different values up to it.
    different: Vec<u32>,
    most_different: u32,
}

impl Operands {
    pub(super) fn clear(&mut self) {
        self.stack.clear();
        self.slot = None;
        self.highest = 0;
        self.different.clear();
        self.most_different = 0;
    }

    /// The largest number of values at once that need registers.
    pub(super) fn most_different(&self) -> u32 {
        self.most_different
    }

    /// Pushes an operand; `costly` unless it is recomputed at each use.
    fn push(&mut self, operand: Operand, costly: bool) {
        let same = matches!((self.stack.last(), operand),
            (Some(&Operand::Value(below)), Operand::Value(value)) if below == value);
        let below = self.different.last().copied().unwrap_or(0);
        let different = below + u32::from(costly && !same);
        self.different.push(different);
        self.most_different = self.most_different.max(different);
        self.stack.push(operand);
        self.highest = self.highest.max(self.stack.len());
    }
}

impl FuncTranslator<'_> {
    /// Prepares the stack of a function whose locals are in `place`.
    pub fn begin_operands(&mut self, place: LocalsPlace) {
        if place == LocalsPlace::Frame {
            let data = StackSlotData::new(StackSlotKind::ExplicitSlot, 0, 4);
            self.scratch.operands.slot = Some(self.b.create_sized_stack_slot(data));
        }
    }

    /// Sizes the frame for the highest operand.
    pub fn finish_operands(&mut self) -> Translated {
        let operands = &self.scratch.operands;
        if let Some(slot) = operands.slot {
            let size = operands.highest.saturating_sub(SHALLOW).max(1) * CELL;
            let size = i32::try_from(size).map_err(|_| CompileError::Limit("stack too high"))?;
            self.b.func.sized_stack_slots[slot].size = size as u32;
        }
        Ok(())
    }

    /// Whether deep operands are in cells.
    pub fn has_cells(&self) -> bool {
        self.scratch.operands.slot.is_some()
    }

    pub fn push1(&mut self, value: Value) {
        let at = self.height();
        let costly = !self.is_constant(value);
        let operand = match self.cell(at) {
            Some(_) if costly => self.store_in_cell(at, value),
            _ => Operand::Value(value),
        };
        self.scratch.operands.push(operand, costly);
    }

    /// Pushes an operand that is already in its cell.
    pub fn push_cell(&mut self, ty: Type) {
        self.scratch.operands.push(Operand::Cell(ty), false);
    }

    pub fn pop1(&mut self) -> Result<Value, CompileError> {
        let value = self.peek1()?;
        self.scratch.operands.stack.pop();
        self.scratch.operands.different.pop();
        Ok(value)
    }

    /// The topmost operand, which stays.
    pub fn peek1(&mut self) -> Result<Value, CompileError> {
        let at = self.height_below(1)?;
        Ok(self.operand(at))
    }

    /// The two topmost operands, in the order they were pushed.
    pub fn pop2(&mut self) -> Result<(Value, Value), CompileError> {
        let second = self.pop1()?;
        Ok((self.pop1()?, second))
    }

    /// The three topmost operands, in the order they were pushed.
    pub fn pop3(&mut self) -> Result<(Value, Value, Value), CompileError> {
        let third = self.pop1()?;
        let (first, second) = self.pop2()?;
        Ok((first, second, third))
    }

    /// Replaces the two operands below the topmost one by one of them.
    pub fn select(&mut self) -> Translated {
        let (x, y, condition) = self.pop3()?;
        let condition = self.condition(condition);
        let value = self.b.ins().select(condition, x, y);
        self.push1(value);
        Ok(())
    }

    /// Appends the `n` topmost operands to `list`; they stay.
    pub fn peek_into(&mut self, n: usize, list: &mut Vec<Value>) -> Translated {
        for at in self.height_below(n)?..self.height() {
            let value = self.operand(at);
            list.push(value);
        }
        Ok(())
    }

    /// Pushes the parameters of `block`.
    pub fn push_block_params(&mut self, block: Block) {
        for i in 0..self.b.block_params(block).len() {
            let value = self.b.block_params(block)[i];
            self.push1(value);
        }
    }

    pub fn height(&self) -> usize {
        self.scratch.operands.stack.len()
    }

    /// The height below the `n` topmost operands.
    pub fn height_below(&self, n: usize) -> Result<usize, CompileError> {
        let below = self.height().checked_sub(n);
        below.ok_or_else(|| CompileError::internal("operand stack underflow"))
    }

    /// Removes all operands above `height`.
    pub fn drop_to(&mut self, height: usize) {
        self.scratch.operands.stack.truncate(height);
        self.scratch.operands.different.truncate(height);
    }

    /// The operand at height `at` as a value.
    pub fn operand(&mut self, at: usize) -> Value {
        match (self.scratch.operands.stack[at], self.cell(at)) {
            (Operand::Cell(ty), Some((slot, offset))) => {
                self.b.ins().stack_load(types::I64, ty, slot, offset)
            }
            (Operand::Value(value), _) => value,
            (Operand::Variable(variable), _) => self.b.use_var(variable),
            (Operand::Cell(ty), None) => self.zero(ty), // only cells make such operands
        }
    }

    pub fn is_variable(&self, at: usize) -> bool {
        matches!(self.scratch.operands.stack[at], Operand::Variable(_))
    }

    /// Makes an operand a variable, which has its value here. None if it is one.
    pub fn make_variable(&mut self, at: usize) -> Option<(Variable, Type)> {
        let Operand::Value(value) = self.scratch.operands.stack[at] else { return None };
        let ty = self.b.func.dfg.value_type(value);
        let variable = self.b.declare_var(ty);
        self.b.def_var(variable, value);
        self.scratch.operands.stack[at] = Operand::Variable(variable);
        Some((variable, ty))
    }

    /// Stores the deep ones of the `n` topmost operands in their cells.
    pub fn settle(&mut self, n: usize) -> Translated {
        let below = self.height_below(n)?;
        if !self.has_cells() {
            return Ok(());
        }
        for at in below.max(SHALLOW)..self.height() {
            if let Operand::Value(value) = self.scratch.operands.stack[at] {
                self.scratch.operands.stack[at] = self.store_in_cell(at, value);
            }
        }
        Ok(())
    }

    /// The type of the operand at height `at`, if it is in its cell.
    pub fn cell_type(&self, at: usize) -> Option<Type> {
        match self.scratch.operands.stack.get(at) {
            Some(&Operand::Cell(ty)) => Some(ty),
            _ => None,
        }
    }

    /// The cell at height `at` in the frame, if there is one.
    pub fn cell(&self, at: usize) -> Option<(StackSlot, i32)> {
        let deep = at.checked_sub(SHALLOW)?;
        Some((self.scratch.operands.slot?, i32::try_from(deep * CELL).unwrap_or(i32::MAX)))
    }

    fn store_in_cell(&mut self, at: usize, value: Value) -> Operand {
        let Some((slot, offset)) = self.cell(at) else { return Operand::Value(value) };
        self.b.ins().stack_store(types::I64, value, slot, offset);
        Operand::Cell(self.b.func.dfg.value_type(value))
    }
}
