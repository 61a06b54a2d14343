//! Relaxed instructions, where the specification leaves a choice. Both compilers must choose alike: code that was
//! compiled by one may be replaced by that of the other.

use super::bitwise::select;
use super::integer::add_pairs_s;
use super::operands::{T, Unary};
use crate::abi::features::Extension;
use crate::asm::x64::*;
use crate::baseline::emitter::Emitter;
use crate::baseline::operand::{Kind::V128, Operand};
use wasmparser::Operator;

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    use Operator::*;
    match op {
        F32x4RelaxedMadd => multiply_add(e, &FLOATS),
        F64x2RelaxedMadd => multiply_add(e, &DOUBLES),
        F32x4RelaxedNmadd => negated_multiply_add(e, &FLOATS),
        F64x2RelaxedNmadd => negated_multiply_add(e, &DOUBLES),
        // By the top bit of a lane, except that 16-bit lanes are selected bit by bit.
        I8x16RelaxedLaneselect => lane_select(e, |e, mask| {
            e.load_const(T, 0);
            e.asm.sse(Sse::Pcmpgtb, T, mask);
            e.asm.move_vector(mask, T);
        }),
        I16x8RelaxedLaneselect => lane_select(e, |_, _| {}),
        I32x4RelaxedLaneselect => lane_select(e, |e, mask| {
            e.asm.sse_shift(LaneShift::Psrad, mask, 31);
        }),
        I64x2RelaxedLaneselect => lane_select(e, |e, mask| {
            e.asm.sse_imm(Sse::Pshufd, mask, mask, 0b11_11_01_01);
            e.asm.sse_shift(LaneShift::Psrad, mask, 31);
        }),
        I32x4RelaxedDotI8x16I7x16AddS => dot_bytes_add(e),
        _ => return false,
    }
    true
}

/// Instructions for one type of lane.
struct Lanes {
    multiply_add: Fma,
    negated_multiply_add: Fma,
    multiply: Sse,
    add: Sse,
    subtract: Sse,
}

const FLOATS: Lanes = Lanes {
    multiply_add: Fma::Vfmadd213ps,
    negated_multiply_add: Fma::Vfnmadd213ps,
    multiply: Sse::Mulps,
    add: Sse::Addps,
    subtract: Sse::Subps,
};

const DOUBLES: Lanes = Lanes {
    multiply_add: Fma::Vfmadd213pd,
    negated_multiply_add: Fma::Vfnmadd213pd,
    multiply: Sse::Mulpd,
    add: Sse::Addpd,
    subtract: Sse::Subpd,
};

fn pop3(e: &mut Emitter<'_>) -> (Operand, Operand, Operand) {
    let z = e.pop();
    let (x, y) = e.pop2();
    (x, y, z)
}

/// `x * y + z`
fn multiply_add(e: &mut Emitter<'_>, lanes: &Lanes) {
    let (x, y, z) = pop3(e);
    let to = e.accumulator_xmm(x, &[y, z]);
    let (y, z) = (e.in_xmm(y), e.in_xmm(z));
    if e.features.has(Extension::Fma) {
        e.asm.fma(lanes.multiply_add, to, y, z);
    } else {
        e.asm.sse(lanes.multiply, to, y);
        e.asm.sse(lanes.add, to, z);
    }
    e.release_xmm(y);
    e.release_xmm(z);
    e.push_xmm(V128, to);
}

/// `z - x * y`
fn negated_multiply_add(e: &mut Emitter<'_>, lanes: &Lanes) {
    let (x, y, z) = pop3(e);
    let to = e.accumulator_xmm(x, &[y, z]);
    let (y, z) = (e.in_xmm(y), e.in_xmm(z));
    if e.features.has(Extension::Fma) {
        e.asm.fma(lanes.negated_multiply_add, to, y, z);
    } else {
        e.asm.sse(lanes.multiply, to, y);
        e.asm.move_vector(T, z);
        e.asm.sse(lanes.subtract, T, to);
        e.asm.move_vector(to, T);
    }
    e.release_xmm(y);
    e.release_xmm(z);
    e.push_xmm(V128, to);
}

fn lane_select(e: &mut Emitter<'_>, widen_mask: Unary) {
    let mask = e.pop();
    let mask = e.owned_xmm(mask);
    widen_mask(e, mask);
    select(e, mask);
}

/// The four products of each `i32` lane, added to the third operand.
fn dot_bytes_add(e: &mut Emitter<'_>) {
    let (x, y, z) = pop3(e);
    // Unsigned bytes come first.
    let to = e.accumulator_xmm(y, &[x, z]);
    let (x, z) = (e.in_xmm(x), e.in_xmm(z));
    e.asm.sse(Sse::Pmaddubsw, to, x);
    add_pairs_s(e, to);
    e.asm.sse(Sse::Paddd, to, z);
    e.release_xmm(x);
    e.release_xmm(z);
    e.push_xmm(V128, to);
}
