//! 128-bit integer arithmetic on pairs of i64, the low half first.

use super::emitter::Emitter;
use super::operand::Kind::I64;
use crate::asm::x64::*;
use wasmparser::Operator;

impl Emitter<'_> {
    /// Whether the operator is one of these; then it is compiled.
    pub fn wide(&mut self, op: &Operator<'_>) -> bool {
        match op {
            Operator::I64Add128 => self.add_pairs(Alu::Add, Alu::AddCarry),
            Operator::I64Sub128 => self.add_pairs(Alu::Sub, Alu::SubBorrow),
            Operator::I64MulWideS => self.multiply_wide(Unary::MultiplySigned),
            Operator::I64MulWideU => self.multiply_wide(Unary::Multiply),
            _ => return false,
        }
        true
    }

    /// Adds or subtracts the low halves, then the high ones. In between, nothing may change the flags.
    fn add_pairs(&mut self, low_op: Alu, high_op: Alu) {
        let (right_low, right_high) = self.pop2();
        let (left_low, left_high) = self.pop2();
        let (low, high) = (self.owned(left_low), self.owned(left_high));
        self.alu(low_op, I64, low, right_low);
        self.alu(high_op, I64, high, right_high);
        self.release(right_low);
        self.release(right_high);
        self.push_reg(I64, low);
        self.push_reg(I64, high);
    }

    fn multiply_wide(&mut self, op: Unary) {
        self.take_rax_for_second();
        self.take_this(RDX);
        let (left, right) = self.pop2();
        let by = self.in_reg(right);
        self.load_rax(left);
        self.asm.unary(op, Width::B64, by);
        self.release_reg(by);
        self.push_reg(I64, RAX);
        self.push_reg(I64, RDX);
    }
}
