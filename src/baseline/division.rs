//! Integer division. It traps on a zero divisor, and on the one quotient that does not fit.
//!
//! The processor faults in both cases alike. Where faults are allowed, a signed division checks for zero, and its
//! fault means an overflow; in all others the fault means zero. Where they are not, everything is checked before.

use super::emitter::{Emitter, width};
use super::operand::{Kind, Operand, Source};
use super::registers::SCRATCH;
use crate::abi::TrapCode;
use crate::asm::x64::*;
use crate::body::Sign;

/// Which result of a division is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Quotient,
    Remainder,
}

impl Emitter<'_> {
    pub fn divide(&mut self, part: Part, sign: Sign, kind: Kind) {
        let divisor = self.stack.last().and_then(|top| top.as_constant());
        if let Some(divisor) = divisor
            && sign == Sign::Unsigned
            && divisor.is_power_of_two()
        {
            return self.divide_by_power(part, kind, divisor);
        }
        self.take_rax_for_second();
        self.take_this(RDX);
        let (left, right) = self.pop2();
        let by = self.divisor(right);
        self.load_rax(left);
        let known = right.as_constant();
        match sign {
            Sign::Unsigned => self.divide_unsigned(kind, by, known),
            Sign::Signed => self.divide_signed(part, kind, by, known),
        }
        self.release_reg(by);
        let (result, other) = if part == Part::Quotient { (RAX, RDX) } else { (RDX, RAX) };
        self.registers.release(other);
        self.push_reg(kind, result);
    }

    fn divide_by_power(&mut self, part: Part, kind: Kind, divisor: u64) {
        self.pop();
        let value = self.pop();
        let result = self.accumulator(value, &[]);
        match part {
            Part::Quotient => {
                let count = divisor.trailing_zeros() as u8;
                self.asm.shift_const(Shift::Right, width(kind), result, count);
            }
            Part::Remainder => {
                self.alu(Alu::And, kind, result, Operand::constant(kind, divisor - 1));
            }
        }
        self.push_reg(kind, result);
    }

    /// The divisor in a register other than rax and rdx. To be released.
    fn divisor(&mut self, divisor: Operand) -> Reg {
        match self.source(divisor) {
            Source::Const(bits) => {
                self.asm.set_64(SCRATCH, bits);
                SCRATCH
            }
            _ => self.in_reg(divisor),
        }
    }

    fn divide_unsigned(&mut self, kind: Kind, by: Reg, known: Option<u64>) {
        let width = width(kind);
        if !self.may_fault() {
            self.check_divisor(kind, by, known);
        }
        self.asm.set(RDX, 0);
        if self.may_fault() {
            self.fault_site(TrapCode::IntegerDivideByZero);
        }
        self.asm.unary(Unary::Divide, width, by);
    }

    fn check_divisor(&mut self, kind: Kind, by: Reg, known: Option<u64>) {
        if known.is_none_or(|divisor| divisor == 0) {
            self.asm.test_regs(width(kind), by, by);
            self.trap_if(Condition::Equal, TrapCode::IntegerDivideByZero);
        }
    }

    fn divide_signed(&mut self, part: Part, kind: Kind, by: Reg, known: Option<u64>) {
        self.check_divisor(kind, by, known);
        let minus_one = if kind == Kind::I32 { u64::from(u32::MAX) } else { u64::MAX };
        let may_be_minus_one = known.is_none_or(|divisor| divisor == minus_one);
        if part == Part::Remainder {
            return self.remainder_signed(kind, by, may_be_minus_one);
        }
        if may_be_minus_one && !self.may_fault() {
            self.check_quotient(kind, by);
        }
        self.asm.sign_to_rdx(width(kind));
        if self.may_fault() {
            self.fault_site(TrapCode::IntegerOverflow);
        }
        self.asm.unary(Unary::DivideSigned, width(kind), by);
    }

    /// Checks for the smallest number by -1.
    fn check_quotient(&mut self, kind: Kind, by: Reg) {
        let passed = self.new_label();
        self.asm.alu_const(Alu::Cmp, width(kind), by, -1);
        self.jump_if(Condition::NotEqual, passed);
        let smallest = if kind == Kind::I32 { 1 << 31 } else { 1 << 63 };
        self.asm.set_64(RDX, smallest);
        self.asm.alu(Alu::Cmp, width(kind), RAX, RDX);
        self.trap_if(Condition::Equal, TrapCode::IntegerOverflow);
        self.bind(passed);
    }

    /// The remainder by -1 is zero, and the division would overflow.
    fn remainder_signed(&mut self, kind: Kind, by: Reg, may_be_minus_one: bool) {
        let width = width(kind);
        let (minus_one, done) = (self.new_label(), self.new_label());
        if may_be_minus_one {
            self.asm.alu_const(Alu::Cmp, width, by, -1);
            self.jump_if(Condition::Equal, minus_one);
        }
        self.asm.sign_to_rdx(width);
        self.asm.unary(Unary::DivideSigned, width, by);
        if may_be_minus_one {
            self.jump(done);
            self.bind(minus_one);
            self.asm.set(RDX, 0);
            self.bind(done);
        }
    }
}
