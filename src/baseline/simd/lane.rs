//! Constants, and instructions that move lanes: splat, extract, replace, shuffle, swizzle.

use super::operands::{T, binary};
use crate::asm::x64::*;
use crate::baseline::constants::{bytes, doubles, quads, words};
use crate::baseline::emitter::Emitter;
use crate::baseline::operand::{Kind, Operand};
use Kind::{F32, F64, I32, I64, V128};
use wasmparser::Operator;

pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    use Operator::*;
    match *op {
        V128Const { value } => constant(e, u128::from_le_bytes(*value.bytes())),
        I8x16Splat => splat(e, 1, Width::B32),
        I16x8Splat => splat(e, 2, Width::B32),
        I32x4Splat => splat(e, 4, Width::B32),
        I64x2Splat => splat(e, 8, Width::B64),
        F32x4Splat => e.single(V128, Sse::Pshufd, Some(0)),
        F64x2Splat => e.single(V128, Sse::Movddup, None),
        I8x16Shuffle { lanes } => shuffle(e, lanes),
        I8x16Swizzle => binary(e, |e, x, y| {
            // From 16 on, the instruction's index is to have its top bit set, which gives zero.
            e.load_const(T, bytes(0x70));
            e.asm.sse(Sse::Paddusb, T, y);
            e.asm.sse(Sse::Pshufb, x, T);
        }),
        _ => return extract_lane(e, op) || replace_lane(e, op),
    }
    true
}

fn constant(e: &mut Emitter<'_>, bits: u128) {
    let to = e.result_xmm(&[]);
    e.load_const(to, bits);
    e.push_xmm(V128, to);
}

/// Copies an integer to all lanes of `size` bytes.
fn splat(e: &mut Emitter<'_>, size: u32, width: Width) {
    let value = e.pop();
    if let Some(bits) = value.as_constant() {
        return constant(e, repeated(size, bits));
    }
    let from = e.in_reg(value);
    let to = e.result_xmm(&[]);
    e.asm.move_to_vector(width, to, from);
    e.release_reg(from);
    splat_lowest(e, size, to);
    e.push_xmm(V128, to);
}

fn repeated(size: u32, bits: u64) -> u128 {
    match size {
        1 => bytes(bits as u8),
        2 => words(bits as u16),
        4 => doubles(bits as u32),
        _ => quads(bits),
    }
}

/// Copies the first lane to all.
pub(super) fn splat_lowest(e: &mut Emitter<'_>, size: u32, x: Xmm) {
    match size {
        1 => {
            e.load_const(T, 0);
            e.asm.sse(Sse::Pshufb, x, T);
        }
        2 => {
            e.asm.sse_imm(Sse::Pshuflw, x, x, 0);
            e.asm.sse_imm(Sse::Pshufd, x, x, 0);
        }
        4 => e.asm.sse_imm(Sse::Pshufd, x, x, 0),
        _ => e.asm.sse(Sse::Punpcklqdq, x, x),
    }
}

fn extract_lane(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    use Operator::*;
    match *op {
        I8x16ExtractLaneS { lane } => {
            extract(e, I32, Sse::Pextrb, lane, Some(Extend::Sign8(Width::B32)));
        }
        I8x16ExtractLaneU { lane } => extract(e, I32, Sse::Pextrb, lane, None),
        I16x8ExtractLaneS { lane } => {
            extract(e, I32, Sse::Pextrw, lane, Some(Extend::Sign16(Width::B32)));
        }
        I16x8ExtractLaneU { lane } => extract(e, I32, Sse::Pextrw, lane, None),
        I32x4ExtractLane { lane } => extract(e, I32, Sse::Pextrd, lane, None),
        I64x2ExtractLane { lane } => extract(e, I64, Sse::Pextrd, lane, None),
        F32x4ExtractLane { lane: 0 } => extract_first(e, F32),
        F64x2ExtractLane { lane: 0 } => extract_first(e, F64),
        F32x4ExtractLane { lane } => e.single(F32, Sse::Pshufd, Some(lane)),
        F64x2ExtractLane { .. } => e.single(F64, Sse::Pshufd, Some(0b11_10_11_10)),
        _ => return false,
    }
    true
}

fn extract(e: &mut Emitter<'_>, kind: Kind, op: Sse, lane: u8, extend: Option<Extend>) {
    let x = e.pop();
    let from = e.in_xmm(x);
    let to = e.result_reg(&[]);
    let width = crate::baseline::emitter::width(kind);
    match (op, lane) {
        (Sse::Pextrd, 0) => e.asm.move_from_vector(width, to, from),
        _ => e.asm.sse_lane(op, width, from, to, lane),
    }
    if let Some(extend) = extend {
        e.asm.extend(extend, to, to);
    }
    e.release_xmm(from);
    e.push_reg(kind, to);
}

/// The first lane of a vector is where a float is.
fn extract_first(e: &mut Emitter<'_>, kind: Kind) {
    let x = e.pop();
    e.push(kind, x.place);
}

fn replace_lane(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    use Operator::*;
    match *op {
        I8x16ReplaceLane { lane } => replace(e, Sse::Pinsrb, Width::B32, lane),
        I16x8ReplaceLane { lane } => replace(e, Sse::Pinsrw, Width::B32, lane),
        I32x4ReplaceLane { lane } => replace(e, Sse::Pinsrd, Width::B32, lane),
        I64x2ReplaceLane { lane } => replace(e, Sse::Pinsrd, Width::B64, lane),
        F32x4ReplaceLane { lane } => replace_float(e, lane),
        F64x2ReplaceLane { lane: 0 } => binary(e, |e, x, y| e.asm.sse(Sse::Movsd, x, y)),
        F64x2ReplaceLane { .. } => binary(e, |e, x, y| e.asm.sse(Sse::Punpcklqdq, x, y)),
        _ => return false,
    }
    true
}

fn replace(e: &mut Emitter<'_>, op: Sse, width: Width, lane: u8) {
    let (vector, value) = e.pop2();
    let from = e.in_reg(value);
    let to = e.accumulator_xmm(vector, &[]);
    e.asm.sse_lane(op, width, to, from, lane);
    e.release_reg(from);
    e.push_xmm(V128, to);
}

fn replace_float(e: &mut Emitter<'_>, lane: u8) {
    let (to, from) = e.pop_accumulator_and_xmm();
    e.asm.sse_imm(Sse::Insertps, to, from, lane << 4);
    e.release_xmm(from);
    e.push_xmm(V128, to);
}

fn shuffle(e: &mut Emitter<'_>, lanes: [u8; 16]) {
    let (x, y) = e.pop2();
    if lanes.iter().all(|&lane| lane < 16) {
        return shuffle_one(e, x, y, lanes);
    }
    if lanes.iter().all(|&lane| lane >= 16) {
        return shuffle_one(e, y, x, lanes.map(|lane| lane - 16));
    }
    let to = e.accumulator_xmm(x, &[y]);
    if (0..16).all(|i| lanes[i] == lanes[0] + i as u8) {
        // The middle of both.
        e.load_xmm(T, y);
        e.asm.sse_imm(Sse::Palignr, T, to, lanes[0]);
        e.asm.move_vector(to, T);
    } else {
        // An index with its top bit set gives zero.
        e.load_xmm(T, y);
        let of_y = lanes.map(|lane| if lane < 16 { 0x80 } else { lane - 16 });
        e.sse_const(Sse::Pshufb, T, u128::from_le_bytes(of_y));
        let of_x = lanes.map(|lane| if lane < 16 { lane } else { 0x80 });
        e.sse_const(Sse::Pshufb, to, u128::from_le_bytes(of_x));
        e.asm.sse(Sse::Por, to, T);
    }
    e.release(y);
    e.push_xmm(V128, to);
}

/// Shuffles the lanes of one operand.
fn shuffle_one(e: &mut Emitter<'_>, x: Operand, other: Operand, lanes: [u8; 16]) {
    e.release(other);
    let to = e.accumulator_xmm(x, &[]);
    match groups_of_four(lanes) {
        Some(order) => e.asm.sse_imm(Sse::Pshufd, to, to, order),
        None => e.sse_const(Sse::Pshufb, to, u128::from_le_bytes(lanes)),
    }
    e.push_xmm(V128, to);
}

/// The order of 32-bit lanes, if they stay whole.
fn groups_of_four(lanes: [u8; 16]) -> Option<u8> {
    let (groups, _) = lanes.as_chunks::<4>();
    groups.iter().rev().try_fold(0, |order, &[first, rest @ ..]| {
        let whole = first % 4 == 0 && rest == [first + 1, first + 2, first + 3];
        whole.then_some((order << 2) | (first / 4))
    })
}
