//! Arithmetic and comparison of floats.
//!
//! Operations that compute turn signalling NaNs into quiet ones, as the processor does; minimum and maximum must be
//! helped to. Those that only change the sign are operations on bits and keep NaNs as they are.

use super::constants::{doubles, quads};
use super::emitter::{Emitter, Next};
use super::operand::{Kind, Operand, Place};
use super::registers::{SCRATCH, SCRATCH_XMM};
use super::vectors::{Order, Pair};
use crate::asm::x64::*;
use wasmparser::Operator;

/// Emits an instruction of this family; whether it is one.
pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    let Some((kind, operation)) = operation(op) else { return false };
    match operation {
        Operation::Pair(op, order) => e.pair(kind, Pair::new(op, order)),
        Operation::Single(op) => e.single(kind, op, None),
        Operation::Round(how) => {
            e.single(kind, by_kind(kind, Sse::Roundss, Sse::Roundsd), Some(how));
        }
        Operation::Extreme(op, join) => e.min_max(kind, op, join),
        Operation::Bits(op, mask) => e.combine(kind, op, mask),
        Operation::CopySign => e.copy_sign(kind),
        Operation::Compare(comparison) => e.compare_floats(kind, comparison),
    }
    true
}

/// What an instruction is compiled to.
enum Operation {
    Pair(Sse, Order),
    Single(Sse),
    Round(u8),
    /// Minimum or maximum, and what combines equal operands.
    Extreme(Sse, Sse),
    /// An operation on bits with a constant.
    Bits(Sse, u128),
    CopySign,
    Compare(Comparison),
}

/// How to round, as a constant in instructions: with inexact results unnoticed.
pub(super) const NEAREST: u8 = 8;
pub(super) const FLOOR: u8 = 9;
pub(super) const CEIL: u8 = 10;
pub(super) const TRUNC: u8 = 11;

/// The sign bits of all lanes.
pub(super) const fn sign(kind: Kind) -> u128 {
    match kind {
        Kind::F32 => doubles(1 << 31),
        _ => quads(1 << 63),
    }
}

/// A comparison of `x` with `y`.
#[derive(Clone, Copy)]
enum Comparison {
    /// By the flags of one instruction, which compares `x` with `y`. NaNs compare as below.
    FirstWithSecond(Condition),
    /// The same with `y` and `x`.
    SecondWithFirst(Condition),
    /// Equality needs two flags, as NaNs compare as equal. So it is computed as a mask: the constant says what.
    Mask(u8),
}

/// The constants of comparisons that make masks.
const EQUAL: u8 = 0;
const NOT_EQUAL: u8 = 4;

fn operation(op: &Operator<'_>) -> Option<(Kind, Operation)> {
    use Comparison::*;
    use Condition::{Above, AboveOrEqual};
    use Kind::{F32, F64};
    use Operation::*;
    use Operator::*;
    use Order::*;
    Some(match op {
        F32Add => (F32, Pair(Sse::Addss, Either)),
        F64Add => (F64, Pair(Sse::Addsd, Either)),
        F32Sub => (F32, Pair(Sse::Subss, First)),
        F64Sub => (F64, Pair(Sse::Subsd, First)),
        F32Mul => (F32, Pair(Sse::Mulss, Either)),
        F64Mul => (F64, Pair(Sse::Mulsd, Either)),
        F32Div => (F32, Pair(Sse::Divss, First)),
        F64Div => (F64, Pair(Sse::Divsd, First)),
        F32Min => (F32, Extreme(Sse::Minss, Sse::Orps)),
        F64Min => (F64, Extreme(Sse::Minsd, Sse::Orps)),
        F32Max => (F32, Extreme(Sse::Maxss, Sse::Andps)),
        F64Max => (F64, Extreme(Sse::Maxsd, Sse::Andps)),
        F32Abs => (F32, Bits(Sse::Andps, !sign(F32))),
        F64Abs => (F64, Bits(Sse::Andps, !sign(F64))),
        F32Neg => (F32, Bits(Sse::Xorps, sign(F32))),
        F64Neg => (F64, Bits(Sse::Xorps, sign(F64))),
        F32Copysign => (F32, CopySign),
        F64Copysign => (F64, CopySign),
        F32Sqrt => (F32, Single(Sse::Sqrtss)),
        F64Sqrt => (F64, Single(Sse::Sqrtsd)),
        F32Nearest => (F32, Round(NEAREST)),
        F64Nearest => (F64, Round(NEAREST)),
        F32Floor => (F32, Round(FLOOR)),
        F64Floor => (F64, Round(FLOOR)),
        F32Ceil => (F32, Round(CEIL)),
        F64Ceil => (F64, Round(CEIL)),
        F32Trunc => (F32, Round(TRUNC)),
        F64Trunc => (F64, Round(TRUNC)),
        F32Eq => (F32, Compare(Mask(EQUAL))),
        F64Eq => (F64, Compare(Mask(EQUAL))),
        F32Ne => (F32, Compare(Mask(NOT_EQUAL))),
        F64Ne => (F64, Compare(Mask(NOT_EQUAL))),
        F32Gt => (F32, Compare(FirstWithSecond(Above))),
        F64Gt => (F64, Compare(FirstWithSecond(Above))),
        F32Ge => (F32, Compare(FirstWithSecond(AboveOrEqual))),
        F64Ge => (F64, Compare(FirstWithSecond(AboveOrEqual))),
        F32Lt => (F32, Compare(SecondWithFirst(Above))),
        F64Lt => (F64, Compare(SecondWithFirst(Above))),
        F32Le => (F32, Compare(SecondWithFirst(AboveOrEqual))),
        F64Le => (F64, Compare(SecondWithFirst(AboveOrEqual))),
        _ => return None,
    })
}

/// The instruction for a type of float.
pub(super) const fn by_kind(kind: Kind, f32: Sse, f64: Sse) -> Sse {
    match kind {
        Kind::F32 => f32,
        _ => f64,
    }
}

impl Emitter<'_> {
    fn compare_floats(&mut self, kind: Kind, comparison: Comparison) {
        let (x, y) = self.pop2();
        let target = self.target(&[]);
        let condition = match comparison {
            Comparison::FirstWithSecond(condition) => {
                self.emit_comparison(kind, x, y);
                condition
            }
            Comparison::SecondWithFirst(condition) => {
                self.emit_comparison(kind, y, x);
                condition
            }
            Comparison::Mask(imm) => return self.compare_to_mask(kind, imm, x, y, target),
        };
        self.push_condition(condition, target);
    }

    fn emit_comparison(&mut self, kind: Kind, first: Operand, second: Operand) {
        let first = self.in_xmm(first);
        let compare = by_kind(kind, Sse::Ucomiss, Sse::Ucomisd);
        self.apply(Pair::new(compare, Order::First), first, second);
        self.release_xmm(first);
        self.release(second);
    }

    fn compare_to_mask(
        &mut self,
        kind: Kind,
        imm: u8,
        x: Operand,
        y: Operand,
        target: Option<Reg>,
    ) {
        let op = by_kind(kind, Sse::Cmpss, Sse::Cmpsd);
        let y_reg = self.in_xmm(y);
        self.load_xmm(SCRATCH_XMM, x);
        self.asm.sse_imm(op, SCRATCH_XMM, y_reg, imm);
        self.release_xmm(y_reg);
        self.release(x);
        if self.next == Next::Condition {
            self.asm.move_from_vector(Width::B32, SCRATCH, SCRATCH_XMM);
            self.asm.test_regs(Width::B32, SCRATCH, SCRATCH);
            return self.push(Kind::I32, Place::Flags(Condition::NotEqual));
        }
        let to = target.unwrap_or_else(|| self.take());
        self.asm.move_from_vector(Width::B32, to, SCRATCH_XMM);
        self.asm.alu_const(Alu::And, Width::B32, to, 1);
        self.push_reg(Kind::I32, to);
    }

    /// The machine's instruction is right unless the operands are equal, which may be zeros with different signs,
    /// or one is not a number. `join` combines equal ones.
    fn min_max(&mut self, kind: Kind, op: Sse, join: Sse) {
        let (to, y) = self.pop_accumulator_and_xmm();
        let (plain, nan, done) = (self.new_label(), self.new_label(), self.new_label());
        self.asm.sse(by_kind(kind, Sse::Ucomiss, Sse::Ucomisd), to, y);
        self.jump_if(Condition::NotEqual, plain);
        self.jump_if(Condition::Unordered, nan);
        self.asm.sse(join, to, y);
        self.jump(done);
        self.bind(nan);
        self.asm.sse(by_kind(kind, Sse::Addss, Sse::Addsd), to, y);
        self.jump(done);
        self.bind(plain);
        self.asm.sse(op, to, y);
        self.bind(done);
        self.release_xmm(y);
        self.push_xmm(kind, to);
    }

    /// Combines a float with a mask.
    fn combine(&mut self, kind: Kind, op: Sse, mask: u128) {
        let to = self.pop_accumulator_xmm();
        self.sse_const(op, to, mask);
        self.push_xmm(kind, to);
    }

    /// `x ^ ((x ^ y) & sign)`
    fn copy_sign(&mut self, kind: Kind) {
        let (x, y) = self.pop2();
        let to = self.accumulator_xmm(x, &[y]);
        self.load_xmm(SCRATCH_XMM, y);
        self.asm.sse(Sse::Xorps, SCRATCH_XMM, to);
        self.sse_const(Sse::Andps, SCRATCH_XMM, sign(kind));
        self.asm.sse(Sse::Xorps, to, SCRATCH_XMM);
        self.release(y);
        self.push_xmm(kind, to);
    }
}
