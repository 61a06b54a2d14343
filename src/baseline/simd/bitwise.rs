//! Operations on all 128 bits, and tests that turn a vector into an `i32`.

use super::operands::{T, unary};
use crate::asm::x64::*;
use crate::baseline::emitter::Emitter;
use crate::baseline::operand::Kind::{I32, V128};
use wasmparser::Operator;

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    use Operator::*;
    match op {
        V128Not => unary(e, invert),
        V128Bitselect => bitselect(e),
        V128AnyTrue => any_true(e),
        I8x16AllTrue => all_true(e, Sse::Pcmpeqb),
        I16x8AllTrue => all_true(e, Sse::Pcmpeqw),
        I32x4AllTrue => all_true(e, Sse::Pcmpeqd),
        I64x2AllTrue => all_true(e, Sse::Pcmpeqq),
        I8x16Bitmask => bitmask(e, Sse::Pmovmskb),
        I16x8Bitmask => words_bitmask(e),
        I32x4Bitmask => bitmask(e, Sse::Movmskps),
        I64x2Bitmask => bitmask(e, Sse::Movmskpd),
        _ => return false,
    }
    true
}

/// Inverts all bits.
pub(super) fn invert(e: &mut Emitter<'_>, x: Xmm) {
    e.load_const(T, u128::MAX);
    e.asm.sse(Sse::Pxor, x, T);
}

fn bitselect(e: &mut Emitter<'_>) {
    let mask = e.pop();
    let mask = e.in_xmm(mask);
    select(e, mask);
}

/// Pops two vectors and selects the bits of the first where the mask is set: `((x ^ y) & mask) ^ y`.
pub(super) fn select(e: &mut Emitter<'_>, mask: Xmm) {
    // The mask may be in the register of the local that the result becomes.
    let (x, y) = e.pop2();
    let to = e.owned_xmm(x);
    let y = e.in_xmm(y);
    e.asm.sse(Sse::Pxor, to, y);
    e.asm.sse(Sse::Pand, to, mask);
    e.asm.sse(Sse::Pxor, to, y);
    e.release_xmm(y);
    e.release_xmm(mask);
    e.push_xmm(V128, to);
}

fn any_true(e: &mut Emitter<'_>) {
    let x = e.pop();
    let target = e.target(&[]);
    let x = e.in_xmm(x);
    e.asm.sse(Sse::Ptest, x, x);
    e.release_xmm(x);
    e.push_condition(Condition::NotEqual, target);
}

/// No lane is equal to zero.
fn all_true(e: &mut Emitter<'_>, compare: Sse) {
    let x = e.pop();
    let target = e.target(&[]);
    let x = e.in_xmm(x);
    e.load_const(T, 0);
    e.asm.sse(compare, T, x);
    e.asm.sse(Sse::Ptest, T, T);
    e.release_xmm(x);
    e.push_condition(Condition::Equal, target);
}

fn bitmask(e: &mut Emitter<'_>, op: Sse) {
    let x = e.pop();
    let x = e.in_xmm(x);
    let to = e.result_reg(&[]);
    e.asm.sse_to_reg(op, Width::B32, to, x);
    e.release_xmm(x);
    e.push_reg(I32, to);
}

/// Saturated to bytes, the lanes keep their signs.
fn words_bitmask(e: &mut Emitter<'_>) {
    let x = e.pop();
    let to = e.result_reg(&[]);
    e.load_xmm(T, x);
    e.asm.sse(Sse::Packsswb, T, T);
    e.asm.sse_to_reg(Sse::Pmovmskb, Width::B32, to, T);
    e.asm.extend(Extend::Zero8, to, to);
    e.release(x);
    e.push_reg(I32, to);
}
