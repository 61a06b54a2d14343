//! Arithmetic on integer lanes that takes more than one instruction.

use super::operands::{Binary, T, U, Unary, binary, unary};
use crate::asm::x64::*;
use crate::baseline::constants::{bytes, doubles, words};
use crate::baseline::emitter::Emitter;
use crate::baseline::operand::Kind::V128;
use wasmparser::Operator;

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    if let Some(make) = unary_operation(op) {
        unary(e, make);
    } else if let Some(make) = binary_operation(op) {
        binary(e, make);
    } else if let Some(op) = negation(op) {
        negate(e, op);
    } else {
        return false;
    }
    true
}

fn unary_operation(op: &Operator<'_>) -> Option<Unary> {
    use Operator::*;
    Some(match op {
        I64x2Abs => abs_64,
        I8x16Popcnt => ones,
        I16x8ExtAddPairwiseI8x16S => |e, x| {
            e.load_const(T, bytes(1));
            e.asm.sse(Sse::Pmaddubsw, T, x);
            e.asm.move_vector(x, T);
        },
        I16x8ExtAddPairwiseI8x16U => |e, x| e.sse_const(Sse::Pmaddubsw, x, bytes(1)),
        I32x4ExtAddPairwiseI16x8S => |e, x| add_pairs_s(e, x),
        I32x4ExtAddPairwiseI16x8U => |e, x| {
            // As if they were signed: each lane is 2^15 less.
            e.sse_const(Sse::Pxor, x, words(1 << 15));
            add_pairs_s(e, x);
            e.sse_const(Sse::Paddd, x, doubles(1 << 16));
        },
        I16x8ExtendHighI8x16S => |e, x| extend_high(e, x, Sse::Pmovsxbw),
        I32x4ExtendHighI16x8S => |e, x| extend_high(e, x, Sse::Pmovsxwd),
        I64x2ExtendHighI32x4S => |e, x| extend_high(e, x, Sse::Pmovsxdq),
        I16x8ExtendHighI8x16U => |e, x| extend_high(e, x, Sse::Pmovzxbw),
        I32x4ExtendHighI16x8U => |e, x| extend_high(e, x, Sse::Pmovzxwd),
        I64x2ExtendHighI32x4U => |e, x| extend_high(e, x, Sse::Pmovzxdq),
        _ => return None,
    })
}

/// Adds neighboring 16-bit lanes.
pub(super) fn add_pairs_s(e: &mut Emitter<'_>, x: Xmm) {
    e.sse_const(Sse::Pmaddwd, x, words(1));
}

/// Copies the upper half of a vector to the lower.
const UPPER: u8 = 0b11_10_11_10;

fn extend_high(e: &mut Emitter<'_>, x: Xmm, extend: Sse) {
    e.asm.sse_imm(Sse::Pshufd, x, x, UPPER);
    e.asm.sse(extend, x, x);
}

/// `(x ^ sign) - sign`
fn abs_64(e: &mut Emitter<'_>, x: Xmm) {
    e.asm.sse_imm(Sse::Pshufd, T, x, 0b11_11_01_01);
    e.asm.sse_shift(LaneShift::Psrad, T, 31);
    e.asm.sse(Sse::Pxor, x, T);
    e.asm.sse(Sse::Psubq, x, T);
}

/// Looks up the number of ones in each half of a byte.
fn ones(e: &mut Emitter<'_>, x: Xmm) {
    let table = u128::from_le_bytes([0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4]);
    let low_halves = bytes(0xf);
    e.asm.move_vector(T, x);
    e.sse_const(Sse::Pand, T, low_halves);
    e.load_const(U, table);
    e.asm.sse(Sse::Pshufb, U, T);
    e.asm.sse_shift(LaneShift::Psrlw, x, 4);
    e.sse_const(Sse::Pand, x, low_halves);
    e.load_const(T, table);
    e.asm.sse(Sse::Pshufb, T, x);
    e.asm.sse(Sse::Paddb, T, U);
    e.asm.move_vector(x, T);
}

fn negation(op: &Operator<'_>) -> Option<Sse> {
    use Operator::*;
    Some(match op {
        I8x16Neg => Sse::Psubb,
        I16x8Neg => Sse::Psubw,
        I32x4Neg => Sse::Psubd,
        I64x2Neg => Sse::Psubq,
        _ => return None,
    })
}

fn negate(e: &mut Emitter<'_>, subtract: Sse) {
    let x = e.pop();
    let from = e.in_xmm(x);
    let to = e.result_xmm(&[x]);
    e.load_const(to, 0);
    e.asm.sse(subtract, to, from);
    e.release_xmm(from);
    e.push_xmm(V128, to);
}

fn binary_operation(op: &Operator<'_>) -> Option<Binary> {
    use Operator::*;
    Some(match op {
        I64x2Mul => multiply_64,
        I16x8Q15MulrSatS => q15_multiply,
        I16x8ExtMulLowI8x16S => |e, x, y| multiply_bytes(e, x, y, Sse::Pmovsxbw, false),
        I16x8ExtMulHighI8x16S => |e, x, y| multiply_bytes(e, x, y, Sse::Pmovsxbw, true),
        I16x8ExtMulLowI8x16U => |e, x, y| multiply_bytes(e, x, y, Sse::Pmovzxbw, false),
        I16x8ExtMulHighI8x16U => |e, x, y| multiply_bytes(e, x, y, Sse::Pmovzxbw, true),
        I32x4ExtMulLowI16x8S => |e, x, y| multiply_words(e, x, y, Sse::Pmulhw, Sse::Punpcklwd),
        I32x4ExtMulHighI16x8S => |e, x, y| multiply_words(e, x, y, Sse::Pmulhw, Sse::Punpckhwd),
        I32x4ExtMulLowI16x8U => |e, x, y| multiply_words(e, x, y, Sse::Pmulhuw, Sse::Punpcklwd),
        I32x4ExtMulHighI16x8U => |e, x, y| multiply_words(e, x, y, Sse::Pmulhuw, Sse::Punpckhwd),
        I64x2ExtMulLowI32x4S => |e, x, y| multiply_32(e, x, y, Sse::Pmuldq, LOW_PAIR),
        I64x2ExtMulHighI32x4S => |e, x, y| multiply_32(e, x, y, Sse::Pmuldq, HIGH_PAIR),
        I64x2ExtMulLowI32x4U => |e, x, y| multiply_32(e, x, y, Sse::Pmuludq, LOW_PAIR),
        I64x2ExtMulHighI32x4U => |e, x, y| multiply_32(e, x, y, Sse::Pmuludq, HIGH_PAIR),
        _ => return None,
    })
}

/// The products of upper and lower halves, added and shifted, plus those of the lower halves.
fn multiply_64(e: &mut Emitter<'_>, x: Xmm, y: Xmm) {
    e.asm.move_vector(T, x);
    e.asm.sse_shift(LaneShift::Psrlq, T, 32);
    e.asm.sse(Sse::Pmuludq, T, y);
    e.asm.move_vector(U, y);
    e.asm.sse_shift(LaneShift::Psrlq, U, 32);
    e.asm.sse(Sse::Pmuludq, U, x);
    e.asm.sse(Sse::Paddq, T, U);
    e.asm.sse_shift(LaneShift::Psllq, T, 32);
    e.asm.sse(Sse::Pmuludq, x, y);
    e.asm.sse(Sse::Paddq, x, T);
}

/// Only `-1.0 * -1.0` does not fit: the instruction gives -1.0, which is nothing else's result.
fn q15_multiply(e: &mut Emitter<'_>, x: Xmm, y: Xmm) {
    e.asm.sse(Sse::Pmulhrsw, x, y);
    e.load_const(T, words(1 << 15));
    e.asm.sse(Sse::Pcmpeqw, T, x);
    e.asm.sse(Sse::Pxor, x, T);
}

fn multiply_bytes(e: &mut Emitter<'_>, x: Xmm, y: Xmm, extend: Sse, is_high: bool) {
    if is_high {
        e.asm.sse_imm(Sse::Pshufd, T, y, UPPER);
        e.asm.sse(extend, T, T);
        extend_high(e, x, extend);
    } else {
        e.asm.sse(extend, T, y);
        e.asm.sse(extend, x, x);
    }
    e.asm.sse(Sse::Pmullw, x, T);
}

/// Interleaves the lower with the upper halves of the products.
fn multiply_words(e: &mut Emitter<'_>, x: Xmm, y: Xmm, upper_half: Sse, interleave: Sse) {
    e.asm.move_vector(T, x);
    e.asm.sse(upper_half, T, y);
    e.asm.sse(Sse::Pmullw, x, y);
    e.asm.sse(interleave, x, T);
}

/// The lanes to be multiplied, at the places where the instruction reads them.
const LOW_PAIR: u8 = 0b01_01_00_00;
const HIGH_PAIR: u8 = 0b11_11_10_10;

fn multiply_32(e: &mut Emitter<'_>, x: Xmm, y: Xmm, multiply: Sse, pair: u8) {
    e.asm.sse_imm(Sse::Pshufd, T, y, pair);
    e.asm.sse_imm(Sse::Pshufd, x, x, pair);
    e.asm.sse(multiply, x, T);
}
