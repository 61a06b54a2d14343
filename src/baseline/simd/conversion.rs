//! Conversions between integer and float lanes that take more than one instruction.
//!
//! The processor converts to signed integers only. Where a lane does not fit, or is not a number, it gives the
//! smallest integer.

use super::operands::{T, U, Unary, unary};
use crate::asm::x64::*;
use crate::baseline::constants::{doubles, quads};
use crate::baseline::emitter::Emitter;
use crate::baseline::floats::TRUNC;
use wasmparser::Operator;

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    use Operator::*;
    let make: Unary = match op {
        I32x4TruncSatF32x4S => truncate_f32_s,
        I32x4TruncSatF32x4U | I32x4RelaxedTruncF32x4U => truncate_f32_u,
        I32x4TruncSatF64x2SZero => truncate_f64_s,
        I32x4TruncSatF64x2UZero | I32x4RelaxedTruncF64x2UZero => truncate_f64_u,
        F32x4ConvertI32x4U => convert_u,
        F64x2ConvertLowI32x4U => convert_low_u,
        _ => return false,
    };
    unary(e, make);
    true
}

const EQUAL: u8 = 0;
const LESS_OR_EQUAL: u8 = 2;

/// 2^31 in each lane.
const TWO_TO_31: u128 = doubles(f32::to_bits(2147483648.0));

/// NaNs become zero before; what is too large is inverted afterwards, from the smallest to the largest integer.
fn truncate_f32_s(e: &mut Emitter<'_>, x: Xmm) {
    e.load_const(T, TWO_TO_31);
    e.asm.sse_imm(Sse::Cmpps, T, x, LESS_OR_EQUAL);
    e.asm.move_vector(U, x);
    e.asm.sse_imm(Sse::Cmpps, U, U, EQUAL);
    e.asm.sse(Sse::Andps, x, U);
    e.asm.sse(Sse::Cvttps2dq, x, x);
    e.asm.sse(Sse::Pxor, x, T);
}

/// From 2^31, the instruction gives 2^31, and a second conversion what is above it: at least zero, and at most
/// 2^31 - 1.
fn truncate_f32_u(e: &mut Emitter<'_>, x: Xmm) {
    // The second operand is the answer if the first is not a number.
    e.load_const(T, 0);
    e.asm.sse(Sse::Maxps, x, T);
    e.load_const(T, TWO_TO_31);
    e.asm.move_vector(U, x);
    e.asm.sse(Sse::Subps, U, T);
    e.asm.sse_imm(Sse::Cmpps, T, U, LESS_OR_EQUAL);
    e.asm.sse(Sse::Cvttps2dq, U, U);
    e.asm.sse(Sse::Pxor, U, T);
    e.load_const(T, 0);
    e.asm.sse(Sse::Pmaxsd, U, T);
    e.asm.sse(Sse::Cvttps2dq, x, x);
    e.asm.sse(Sse::Paddd, x, U);
}

/// The lanes are first limited to the largest integer, which NaNs replace by zero.
fn truncate_f64_s(e: &mut Emitter<'_>, x: Xmm) {
    e.asm.move_vector(T, x);
    e.asm.sse_imm(Sse::Cmppd, T, T, EQUAL);
    e.sse_const(Sse::Andps, T, quads(f64::to_bits(i32::MAX as f64)));
    e.asm.sse(Sse::Minpd, x, T);
    e.asm.sse(Sse::Cvttpd2dq, x, x);
}

/// 2^52, whose last bit counts one.
const TWO_TO_52: u64 = 0x4330_0000_0000_0000;

/// Limited to integers in range, and added to 2^52, the lanes have the integers as their lower halves.
fn truncate_f64_u(e: &mut Emitter<'_>, x: Xmm) {
    e.load_const(T, 0);
    e.asm.sse(Sse::Maxpd, x, T);
    e.sse_const(Sse::Minpd, x, quads(f64::to_bits(u32::MAX as f64)));
    e.asm.sse_imm(Sse::Roundpd, x, x, TRUNC);
    e.sse_const(Sse::Addpd, x, quads(TWO_TO_52));
    e.asm.sse_imm(Sse::Shufps, x, T, 0b10_00_10_00);
}

/// Both halves of a lane are exact; their sum is rounded once.
fn convert_u(e: &mut Emitter<'_>, x: Xmm) {
    e.asm.move_vector(T, x);
    e.sse_const(Sse::Pand, T, doubles(0xffff));
    e.asm.sse(Sse::Cvtdq2ps, T, T);
    e.asm.sse_shift(LaneShift::Psrld, x, 16);
    e.asm.sse(Sse::Cvtdq2ps, x, x);
    e.sse_const(Sse::Mulps, x, doubles(f32::to_bits(65536.0)));
    e.asm.sse(Sse::Addps, x, T);
}

/// Below the upper half of 2^52, an integer makes a double that is so much more.
fn convert_low_u(e: &mut Emitter<'_>, x: Xmm) {
    e.sse_const(Sse::Punpckldq, x, doubles((TWO_TO_52 >> 32) as u32));
    e.sse_const(Sse::Subpd, x, quads(TWO_TO_52));
}
