//! The operand stack.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use cranelift_codegen::ir::{Block, InstBuilder, Type, Value};
use cranelift_frontend::Variable;

#[derive(Clone, Copy)]
enum Operand {
    Value(Value),
    /// The value of a variable: it may come from the start of the function or from another frame.
    Variable(Variable),
}

/// The operands of one function.
#[derive(Default)]
pub(super) struct Operands {
    stack: Vec<Operand>,
    /// For each operand, the number of different values up to it.
    different: Vec<u32>,
    most_different: u32,
}

impl Operands {
    pub(super) fn clear(&mut self) {
        self.stack.clear();
        self.different.clear();
        self.most_different = 0;
    }

    /// The largest number of values at once that need registers.
    pub(super) fn most_different(&self) -> u32 {
        self.most_different
    }

    /// Pushes an operand; `costly` unless it is recomputed at each use.
    fn push(&mut self, value: Value, costly: bool) {
        let same = matches!(self.stack.last(), Some(&Operand::Value(below)) if below == value);
        let below = self.different.last().copied().unwrap_or(0);
        let different = below + u32::from(costly && !same);
        self.different.push(different);
        self.most_different = self.most_different.max(different);
        self.stack.push(Operand::Value(value));
    }
}

impl FuncTranslator<'_> {
    pub fn push1(&mut self, value: Value) {
        let costly = !self.is_constant(value);
        self.scratch.operands.push(value, costly);
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
        match self.scratch.operands.stack[at] {
            Operand::Value(value) => value,
            Operand::Variable(variable) => self.b.use_var(variable),
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

    /// Pushes the `n` topmost operands a second time.
    pub fn duplicate(&mut self, n: usize) -> Translated {
        let below = self.height_below(n)?;
        for at in below..below + n {
            let value = self.operand(at);
            self.push1(value);
        }
        self.effort.moved += n as u64;
        Ok(())
    }

    /// Removes the operands between height `to` and the `n` topmost ones.
    pub fn sink(&mut self, n: usize, to: usize) -> Translated {
        let mut values = std::mem::take(&mut self.scratch.values);
        values.clear();
        self.peek_into(n, &mut values)?;
        self.effort.moved += n as u64;
        self.drop_to(to);
        values.iter().for_each(|&value| self.push1(value));
        self.scratch.values = values;
        Ok(())
    }
}
