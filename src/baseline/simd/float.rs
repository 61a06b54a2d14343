//! Arithmetic on float lanes that takes more than one instruction.

use super::operands::{Binary, T, U, binary, unary};
use crate::asm::x64::*;
use crate::baseline::emitter::Emitter;
use crate::baseline::floats::sign;
use crate::baseline::operand::Kind::{F32, F64};
use wasmparser::Operator;

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    use Operator::*;
    match op {
        F32x4Abs => unary(e, |e, x| e.sse_const(Sse::Andps, x, !sign(F32))),
        F64x2Abs => unary(e, |e, x| e.sse_const(Sse::Andps, x, !sign(F64))),
        F32x4Neg => unary(e, |e, x| e.sse_const(Sse::Xorps, x, sign(F32))),
        F64x2Neg => unary(e, |e, x| e.sse_const(Sse::Xorps, x, sign(F64))),
        F32x4Min => binary(e, MIN_32),
        F64x2Min => binary(e, MIN_64),
        F32x4Max => binary(e, MAX_32),
        F64x2Max => binary(e, MAX_64),
        _ => return false,
    }
    true
}

const MIN_32: Binary = |e, x, y| extreme(e, x, y, Sse::Minps, Sse::Orps, FLOATS);
const MAX_32: Binary = |e, x, y| extreme(e, x, y, Sse::Maxps, Sse::Andps, FLOATS);
const MIN_64: Binary = |e, x, y| extreme(e, x, y, Sse::Minpd, Sse::Orps, DOUBLES);
const MAX_64: Binary = |e, x, y| extreme(e, x, y, Sse::Maxpd, Sse::Andps, DOUBLES);

/// Instructions for one type of lane.
struct Lanes {
    compare: Sse,
    shift: LaneShift,
    /// Bits above those of a NaN that are zero in the canonical one.
    head: u8,
}

const FLOATS: Lanes = Lanes { compare: Sse::Cmpps, shift: LaneShift::Psrld, head: 10 };
const DOUBLES: Lanes = Lanes { compare: Sse::Cmppd, shift: LaneShift::Psrlq, head: 13 };

const UNORDERED: u8 = 3;

/// The instruction gives its second operand if both are zeros or one is not a number. So it is asked in both orders,
/// and the answers, which differ at most in the sign of zero, are joined. NaNs become the canonical one.
fn extreme(e: &mut Emitter<'_>, x: Xmm, y: Xmm, op: Sse, join: Sse, lanes: Lanes) {
    e.asm.move_vector(U, x);
    e.asm.sse_imm(lanes.compare, U, y, UNORDERED);
    e.asm.move_vector(T, y);
    e.asm.sse(op, T, x);
    e.asm.sse(op, x, y);
    e.asm.sse(join, x, T);
    // All ones, without those below the head.
    e.asm.sse(Sse::Orps, x, U);
    e.asm.sse_shift(lanes.shift, U, lanes.head);
    e.asm.sse(Sse::Xorps, x, U);
}
