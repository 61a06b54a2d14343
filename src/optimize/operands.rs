//! The operand stack.
//!
//! Usually operands are Cranelift values and nothing else. In a function whose locals had to move
//! to the frame, operands above a small height move there too: each is stored when it is pushed and
//! loaded when it is popped, so that no value lives across many blocks.

use super::error::{CompileError, Translated};
use super::locals::LocalsPlace;
use super::translator::FuncTranslator;
use cranelift_codegen::ir::{
    Block, InstBuilder, StackSlot, StackSlotData, StackSlotKind, Value, types,
};

/// Operands below this height stay values.
const SHALLOW: usize = 16;

const OPERAND_SIZE: usize = 16;

/// The operands of one function.
#[derive(Default)]
pub(super) struct Operands {
    values: Vec<Value>,
    /// Where deep operands are, if not in values. What `values` holds for them tells their type.
    slot: Option<StackSlot>,
    highest: usize,
}

impl Operands {
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.slot = None;
        self.highest = 0;
    }

    /// The greatest height so far.
    pub(super) fn highest(&self) -> usize {
        self.highest
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

    /// Makes room for the highest operand in the frame.
    pub fn finish_operands(&mut self) -> Translated {
        let operands = &self.scratch.operands;
        if let Some(slot) = operands.slot {
            let size = operands.highest.saturating_sub(SHALLOW).max(1) * OPERAND_SIZE;
            let size = i32::try_from(size).map_err(|_| CompileError::Limit("stack too high"))?;
            self.b.func.sized_stack_slots[slot].size = size as u32;
        }
        Ok(())
    }

    pub fn push1(&mut self, value: Value) {
        let operands = &mut self.scratch.operands;
        let at = operands.values.len();
        operands.values.push(value);
        operands.highest = operands.highest.max(at + 1);
        if let Some((slot, offset)) = self.deep_place(at) {
            self.b.ins().stack_store(types::I64, value, slot, offset);
        }
    }

    pub fn pop1(&mut self) -> Result<Value, CompileError> {
        let value = self.peek1()?;
        self.scratch.operands.values.pop();
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

    /// Appends the `n` topmost operands to `list`; they stay.
    pub fn peek_into(&mut self, n: usize, list: &mut Vec<Value>) -> Translated {
        for at in self.height_below(n)?..self.height() {
            let value = self.operand(at);
            list.push(value);
        }
        Ok(())
    }

    /// Pushes the `n` topmost operands a second time.
    pub fn duplicate(&mut self, n: usize) -> Translated {
        let below = self.height_below(n)?;
        for at in below..below + n {
            let value = self.operand(at);
            self.push1(value);
        }
        Ok(())
    }

    /// Removes the operands from height `to` on that lie below the `n` topmost ones.
    pub fn sink(&mut self, n: usize, to: usize) -> Translated {
        let mut values = std::mem::take(&mut self.scratch.values);
        values.clear();
        let result = self.peek_into(n, &mut values);
        self.drop_to(to);
        for &value in &values {
            self.push1(value);
        }
        self.scratch.values = values;
        result
    }

    /// Pushes the parameters of `block`.
    pub fn push_block_params(&mut self, block: Block) {
        for i in 0..self.b.block_params(block).len() {
            let value = self.b.block_params(block)[i];
            self.push1(value);
        }
    }

    pub fn height(&self) -> usize {
        self.scratch.operands.values.len()
    }

    /// Where the `n` topmost operands begin.
    pub fn height_below(&self, n: usize) -> Result<usize, CompileError> {
        let below = self.height().checked_sub(n);
        below.ok_or_else(|| CompileError::internal("operand stack underflow"))
    }

    /// Removes all operands above `height`.
    pub fn drop_to(&mut self, height: usize) {
        self.scratch.operands.values.truncate(height);
    }

    fn operand(&mut self, at: usize) -> Value {
        let value = self.scratch.operands.values[at];
        let Some((slot, offset)) = self.deep_place(at) else { return value };
        let ty = self.b.func.dfg.value_type(value);
        self.b.ins().stack_load(types::I64, ty, slot, offset)
    }

    /// The place in the frame of the operand at height `at`, if it lies there.
    fn deep_place(&self, at: usize) -> Option<(StackSlot, i32)> {
        let deep = at.checked_sub(SHALLOW)?;
        Some((self.scratch.operands.slot?, i32::try_from(deep * OPERAND_SIZE).unwrap_or(i32::MAX)))
    }
}
