//! Shifts of lanes. The count is taken modulo the lane width, by the processor only if it is a constant here.
//!
//! Two widths are missing. Bytes are shifted as 16-bit lanes, and the bits that came from a neighbor cleared; if the
//! sign is to be copied, as the upper halves of such lanes. A 64-bit lane is shifted as if unsigned, and the sign
//! extended by arithmetic: `(x ^ m) - m`, where `m` is the sign bit in its new place.

use super::operands::{T, U};
use crate::asm::x64::*;
use crate::baseline::constants::{bytes, quads};
use crate::baseline::emitter::Emitter;
use crate::baseline::operand::Kind::V128;
use crate::baseline::registers::SCRATCH;
use wasmparser::Operator;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Left,
    RightSigned,
    RightUnsigned,
}

use Direction::*;

fn shift_operation(op: &Operator<'_>) -> Option<(Direction, u8)> {
    use Operator::*;
    Some(match op {
        I8x16Shl => (Left, 8),
        I16x8Shl => (Left, 16),
        I32x4Shl => (Left, 32),
        I64x2Shl => (Left, 64),
        I8x16ShrS => (RightSigned, 8),
        I16x8ShrS => (RightSigned, 16),
        I32x4ShrS => (RightSigned, 32),
        I64x2ShrS => (RightSigned, 64),
        I8x16ShrU => (RightUnsigned, 8),
        I16x8ShrU => (RightUnsigned, 16),
        I32x4ShrU => (RightUnsigned, 32),
        I64x2ShrU => (RightUnsigned, 64),
        _ => return None,
    })
}

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    let Some((direction, bits)) = shift_operation(op) else { return false };
    let (x, count) = e.pop2();
    let to = e.accumulator_xmm(x, &[]);
    match count.as_constant() {
        Some(count) => shift_by_constant(e, direction, bits, to, count as u8 & (bits - 1)),
        None => {
            e.load_reg(SCRATCH, count);
            e.release(count);
            e.asm.alu_const(Alu::And, Width::B32, SCRATCH, i32::from(bits) - 1);
            shift_by_scratch(e, direction, bits, to);
        }
    }
    e.push_xmm(V128, to);
    true
}

/// The instructions for constant and for variable counts.
fn instruction(direction: Direction, bits: u8) -> (LaneShift, Sse) {
    match (direction, bits) {
        (Left, 8 | 16) => (LaneShift::Psllw, Sse::Psllw),
        (Left, 32) => (LaneShift::Pslld, Sse::Pslld),
        (Left, _) => (LaneShift::Psllq, Sse::Psllq),
        (RightSigned, 8 | 16) => (LaneShift::Psraw, Sse::Psraw),
        (RightSigned, 32) => (LaneShift::Psrad, Sse::Psrad),
        (RightUnsigned, 8 | 16) => (LaneShift::Psrlw, Sse::Psrlw),
        (RightUnsigned, 32) => (LaneShift::Psrld, Sse::Psrld),
        (RightSigned | RightUnsigned, _) => (LaneShift::Psrlq, Sse::Psrlq),
    }
}

fn shift_by_constant(e: &mut Emitter<'_>, direction: Direction, bits: u8, x: Xmm, count: u8) {
    if count == 0 {
        return;
    }
    let (op, _) = instruction(direction, bits);
    if (direction, bits) == (RightSigned, 8) {
        return shift_signed_bytes(e, x, |e, half| e.asm.sse_shift(op, half, 8 + count));
    }
    e.asm.sse_shift(op, x, count);
    match (direction, bits) {
        (Left, 8) => e.sse_const(Sse::Pand, x, bytes(0xff << count)),
        (RightUnsigned, 8) => e.sse_const(Sse::Pand, x, bytes(0xff >> count)),
        (RightSigned, 64) => {
            let sign = quads(1 << 63 >> count);
            e.sse_const(Sse::Pxor, x, sign);
            e.sse_const(Sse::Psubq, x, sign);
        }
        _ => {}
    }
}

/// Shifts by the scratch register, which is less than the lane width.
fn shift_by_scratch(e: &mut Emitter<'_>, direction: Direction, bits: u8, x: Xmm) {
    let (by_constant, op) = instruction(direction, bits);
    if (direction, bits) == (RightSigned, 8) {
        e.asm.alu_const(Alu::Add, Width::B32, SCRATCH, 8);
        e.asm.move_to_vector(Width::B32, U, SCRATCH);
        return shift_signed_bytes(e, x, |e, half| e.asm.sse(op, half, U));
    }
    e.asm.move_to_vector(Width::B32, T, SCRATCH);
    e.asm.sse(op, x, T);
    match (direction, bits) {
        (Left | RightUnsigned, 8) => {
            // The mask of a byte is the lowest of those of lanes.
            e.load_const(U, u128::MAX);
            if direction == RightUnsigned {
                e.asm.sse_shift(by_constant, U, 8);
            }
            e.asm.sse(op, U, T);
            e.load_const(T, 0);
            e.asm.sse(Sse::Pshufb, U, T);
            e.asm.sse(Sse::Pand, x, U);
        }
        (RightSigned, 64) => {
            e.load_const(U, quads(1 << 63));
            e.asm.sse(op, U, T);
            e.asm.sse(Sse::Pxor, x, U);
            e.asm.sse(Sse::Psubq, x, U);
        }
        _ => {}
    }
}

/// Shifts bytes as upper halves of 16-bit lanes, half of them at a time.
fn shift_signed_bytes(e: &mut Emitter<'_>, x: Xmm, shift: impl Fn(&mut Emitter<'_>, Xmm)) {
    e.asm.move_vector(T, x);
    e.asm.sse(Sse::Punpcklbw, T, T);
    e.asm.sse(Sse::Punpckhbw, x, x);
    shift(e, T);
    shift(e, x);
    e.asm.sse(Sse::Packsswb, T, x);
    e.asm.move_vector(x, T);
}
