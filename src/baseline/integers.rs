//! Integer arithmetic, logic and comparisons.
//!
//! The first operand's register becomes the result's, unless it is a local: then the result goes to the local that
//! it becomes next, or to a new register. Constants and values in the frame are operands of the instruction. The
//! result of a comparison stays in the flags if the next instruction tests it.

use super::blocks::Test;
use super::emitter::{Emitter, Next, width};
use super::operand::{Kind, Operand, Place, Source};
use super::registers::SCRATCH;
use crate::abi::features::Extension;
use crate::asm::x64::*;

impl Emitter<'_> {
    /// `left op right`
    pub fn binary(&mut self, op: Alu, kind: Kind) {
        let (mut left, mut right) = self.pop2();
        if op != Alu::Sub && self.is_better_first(right, left) {
            (left, right) = (right, left);
        }
        if let Some(result) = self.sum_in_new_register(op, kind, left, right) {
            return self.push_reg(kind, result);
        }
        let result = self.accumulator(left, &[right]);
        self.alu(op, kind, result, right);
        self.zero_flag = Some((self.asm.len(), result, width(kind)));
        self.release(right);
        self.push_reg(kind, result);
    }

    /// The two topmost operands, in the order they were pushed.
    #[inline]
    pub fn pop2(&mut self) -> (Operand, Operand) {
        let right = self.pop();
        (self.pop(), right)
    }

    /// Whether `one` should take the place of `first` in an operation where the order does not matter.
    fn is_better_first(&self, one: Operand, first: Operand) -> bool {
        let is_owned = |operand: Operand| matches!(operand.place, Place::Reg(reg) if self.registers.is_operands(reg));
        if let Place::Const(_) = first.place {
            return true;
        }
        match (self.next, one.place) {
            (_, Place::Const(_)) => false,
            (Next::Local(next), Place::Local(local)) if next == local => !is_owned(first),
            _ => is_owned(one) && !is_owned(first),
        }
    }

    /// A sum whose first operand must not be overwritten, by an address computation.
    fn sum_in_new_register(
        &mut self,
        op: Alu,
        kind: Kind,
        left: Operand,
        right: Operand,
    ) -> Option<Reg> {
        let Source::Reg(first) = self.source(left) else { return None };
        if self.registers.is_operands(first) || self.next_is(left) {
            return None;
        }
        let place = match (op, self.source(right)) {
            (Alu::Add, Source::Reg(second)) => Mem::indexed(first, second, 0),
            (Alu::Add, Source::Const(bits)) => Mem(first, short(kind, bits)?),
            (Alu::Sub, Source::Const(bits)) => Mem(first, short(kind, bits)?.checked_neg()?),
            _ => return None,
        };
        let result = self.result_reg(&[]);
        match kind {
            Kind::I32 => self.asm.lea_32(result, place),
            _ => self.asm.lea(result, place),
        }
        self.release(right);
        Some(result)
    }

    /// Whether the result replaces this operand, a local.
    fn next_is(&self, operand: Operand) -> bool {
        matches!((self.next, operand.place), (Next::Local(next), Place::Local(local)) if next == local)
    }

    /// `to = to op right`
    pub fn alu(&mut self, op: Alu, kind: Kind, to: Reg, right: Operand) {
        let width = width(kind);
        match self.source(right) {
            Source::Reg(reg) => self.asm.alu(op, width, to, reg),
            Source::Mem(place) => self.asm.alu_mem(op, width, to, place),
            Source::Const(bits) => match short(kind, bits) {
                Some(value) => self.asm.alu_const(op, width, to, value),
                None => {
                    self.asm.set_64(SCRATCH, bits);
                    self.asm.alu(op, width, to, SCRATCH);
                }
            },
            Source::Flags(_) => {
                self.load_reg(SCRATCH, right);
                self.asm.alu(op, width, to, SCRATCH);
            }
            Source::Xmm(_) => self.fail("a float in integer arithmetic"),
        }
    }

    pub fn multiply(&mut self, kind: Kind) {
        let (mut left, mut right) = self.pop2();
        if self.is_better_first(right, left) {
            (left, right) = (right, left);
        }
        let width = width(kind);
        if let Some(value) = right.as_constant().and_then(|bits| short(kind, bits)) {
            return self.multiply_const(kind, left, value);
        }
        let result = self.accumulator(left, &[right]);
        match self.source(right) {
            Source::Mem(place) => self.asm.multiply_mem(width, result, place),
            _ => {
                let reg = self.in_reg(right);
                self.asm.multiply(width, result, reg);
                if right.place != Place::Reg(reg) {
                    self.release_reg(reg);
                }
            }
        }
        self.release(right);
        self.push_reg(kind, result);
    }

    fn multiply_const(&mut self, kind: Kind, left: Operand, value: i32) {
        let width = width(kind);
        if value > 0 && value.count_ones() == 1 {
            let result = self.accumulator(left, &[]);
            self.asm.shift_const(Shift::Left, width, result, value.trailing_zeros() as u8);
            return self.push_reg(kind, result);
        }
        let from = self.in_reg(left);
        let result = self.result_over(from);
        self.asm.multiply_const(width, result, from, value);
        self.push_reg(kind, result);
    }

    pub fn shift(&mut self, op: Shift, kind: Kind) {
        let mask = if kind == Kind::I32 { 31 } else { 63 };
        let is_rotation = matches!(op, Shift::RotateLeft | Shift::RotateRight);
        let top = self.stack.last().and_then(|top| top.as_constant());
        if let Some(count) = top {
            self.pop();
            let value = self.pop();
            let result = self.accumulator(value, &[]);
            self.asm.shift_const(op, width(kind), result, (count & mask) as u8);
            self.push_reg(kind, result);
        } else if is_rotation || !self.features.has(Extension::Bmi2) {
            self.shift_by_cl(op, kind);
        } else {
            let (value, count) = self.pop2();
            let count_reg = self.in_reg(count);
            let from = self.in_reg(value);
            let result = self.result_over(from);
            self.asm.shift_by(op, width(kind), result, from, count_reg);
            self.release_reg(count_reg);
            self.push_reg(kind, result);
        }
    }

    fn shift_by_cl(&mut self, op: Shift, kind: Kind) {
        let is_count = self.stack.last().is_some_and(|top| top.place == Place::Reg(RCX));
        if !is_count {
            self.vacate(RCX);
        }
        let (value, count) = self.pop2();
        self.registers.reserve(RCX);
        self.load_reg(RCX, count);
        if count.place != Place::Reg(RCX) {
            self.release(count);
        }
        let result = self.accumulator(value, &[]);
        self.asm.shift_by_cl(op, width(kind), result);
        self.registers.release(RCX);
        self.push_reg(kind, result);
    }

    pub fn leading_zeros(&mut self, kind: Kind) {
        let width = width(kind);
        let value = self.pop();
        let from = self.in_reg(value);
        let result = self.take();
        if self.features.has(Extension::Lzcnt) {
            self.asm.leading_zeros(width, result, from);
        } else {
            let bits = if kind == Kind::I32 { 32 } else { 64 };
            self.asm.set(SCRATCH, 2 * bits - 1);
            self.asm.highest_bit(width, result, from);
            self.asm.move_if(Condition::Equal, width, result, SCRATCH);
            self.asm.alu_const(Alu::Xor, width, result, bits as i32 - 1);
        }
        self.release_reg(from);
        self.push_reg(kind, result);
    }

    pub fn trailing_zeros(&mut self, kind: Kind) {
        let width = width(kind);
        let value = self.pop();
        let from = self.in_reg(value);
        let result = self.take();
        if self.features.has(Extension::Bmi1) {
            self.asm.trailing_zeros(width, result, from);
        } else {
            let bits = if kind == Kind::I32 { 32 } else { 64 };
            self.asm.set(SCRATCH, bits);
            self.asm.lowest_bit(width, result, from);
            self.asm.move_if(Condition::Equal, width, result, SCRATCH);
        }
        self.release_reg(from);
        self.push_reg(kind, result);
    }

    pub fn ones(&mut self, kind: Kind) {
        if !self.features.has(Extension::Popcnt) {
            return self.ones_by_arithmetic(kind);
        }
        let value = self.pop();
        let from = self.in_reg(value);
        let result = self.take();
        self.asm.ones(width(kind), result, from);
        self.release_reg(from);
        self.push_reg(kind, result);
    }

    /// Adds neighboring bits, pairs, and groups of four, and then all bytes by a multiplication.
    fn ones_by_arithmetic(&mut self, kind: Kind) {
        let width = width(kind);
        let value = self.pop();
        let (result, part) = (self.owned(value), self.take());
        let mask = |pattern: u64| if kind == Kind::I32 { pattern & 0xffff_ffff } else { pattern };
        let step = |e: &mut Self, shift, pattern, keeps_high: bool| {
            e.asm.mov(width, part, result);
            e.asm.shift_const(Shift::Right, width, part, shift);
            e.asm.set_64(SCRATCH, mask(pattern));
            e.asm.alu(Alu::And, width, part, SCRATCH);
            if keeps_high {
                e.asm.alu(Alu::And, width, result, SCRATCH);
            }
        };
        step(self, 1, 0x5555_5555_5555_5555, false);
        self.asm.alu(Alu::Sub, width, result, part);
        step(self, 2, 0x3333_3333_3333_3333, true);
        self.asm.alu(Alu::Add, width, result, part);
        step(self, 4, 0x0f0f_0f0f_0f0f_0f0f, true);
        self.asm.alu(Alu::Add, width, result, part);
        self.asm.set_64(SCRATCH, mask(0x0101_0101_0101_0101));
        self.asm.multiply(width, result, SCRATCH);
        let high = if kind == Kind::I32 { 24 } else { 56 };
        self.asm.shift_const(Shift::Right, width, result, high);
        self.release_reg(part);
        self.push_reg(kind, result);
    }

    pub fn compare(&mut self, condition: Condition, kind: Kind) {
        let (mut left, mut right) = self.pop2();
        let mut condition = condition;
        if let Place::Const(_) = left.place {
            (left, right) = (right, left);
            condition = condition.mirrored();
        }
        let target = self.target(&[]);
        self.emit_compare(kind, left, right);
        self.release(left);
        self.release(right);
        self.push_condition(condition, target);
    }

    fn emit_compare(&mut self, kind: Kind, left: Operand, right: Operand) {
        let width = width(kind);
        let value = right.as_constant().and_then(|bits| short(kind, bits));
        match (self.source(left), value) {
            (Source::Mem(place), Some(value)) => {
                self.asm.alu_mem_const(Alu::Cmp, width, place, value);
            }
            (Source::Reg(reg), Some(0)) => self.asm.test_regs(width, reg, reg),
            (Source::Reg(reg), _) => self.alu(Alu::Cmp, kind, reg, right),
            _ => {
                let reg = self.in_reg(left);
                self.alu(Alu::Cmp, kind, reg, right);
                self.release_reg(reg);
            }
        }
    }

    pub fn is_zero(&mut self, kind: Kind) {
        let value = self.pop();
        if let Place::Flags(condition) = value.place {
            let target = self.target(&[]);
            return self.push_condition(condition.inverted(), target);
        }
        if let Place::Const(bits) = value.place {
            return self.push(Kind::I32, Place::Const((bits == 0).into()));
        }
        let target = self.target(&[]);
        self.compare_with_zero(Operand { kind, ..value });
        self.release(value);
        self.push_condition(Condition::Equal, target);
    }

    /// Pushes whether a condition holds. The target was asked for before the flags were set, since that may emit code.
    pub fn push_condition(&mut self, condition: Condition, target: Option<Reg>) {
        if self.next == Next::Condition {
            return self.push(Kind::I32, Place::Flags(condition));
        }
        let reg = match target {
            Some(reg) => reg,
            None => self.take(),
        };
        self.load_reg_from(reg, Kind::I32, Source::Flags(condition));
        self.push_reg(Kind::I32, reg);
    }

    pub fn select(&mut self) {
        let test = self.pop_condition();
        let (first, second) = self.pop2();
        let kind = first.kind;
        let condition = match test {
            Test::If(condition) => condition,
            Test::Always => return self.push_one(first, second),
            Test::Never => return self.push_one(second, first),
        };
        if kind.is_int() {
            let result = self.accumulator(first, &[second]);
            let other = self.in_reg(second);
            self.asm.move_if(condition.inverted(), width(kind), result, other);
            self.release_reg(other);
            self.push_reg(kind, result);
        } else {
            let result = self.accumulator_xmm(first, &[second]);
            let done = self.new_label();
            self.jump_if(condition, done);
            self.load_xmm(result, second);
            self.bind(done);
            self.release(second);
            self.push_xmm(kind, result);
        }
    }

    /// Pushes one of two operands that were popped, and drops the other. The one may be in a slot above.
    fn push_one(&mut self, one: Operand, other: Operand) {
        self.release(other);
        match one.place {
            Place::Slot(_) => {
                let place = self.copy(one);
                self.push(one.kind, place);
            }
            place => self.push(one.kind, place),
        }
    }
}

/// A constant as a sign-extended 32-bit one, if it is.
pub(super) fn short(kind: Kind, bits: u64) -> Option<i32> {
    if kind == Kind::I32 { Some(bits as i32) } else { i32::try_from(bits as i64).ok() }
}
