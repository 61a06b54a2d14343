//! Arithmetic on integer lanes, shifts included.
//!
//! The widening forms are written as Cranelift's rules expect them (widen both, then operate), so
//! that each becomes the machine instruction made for it.

use super::operands::{Binary, Claimed, Unary, binary, pop, push, unary};
use crate::optimize::error::Translated;
use crate::optimize::translator::FuncTranslator;
use cranelift_codegen::ir::types::{I8X16, I16X8, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type, Value};
use cranelift_frontend::FunctionBuilder;
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Claimed {
    if let Some((make, ty)) = binary_operation(op) {
        binary(t, make, ty)?;
    } else if let Some((make, ty)) = unary_operation(op) {
        unary(t, make, ty)?;
    } else if let Some((make, ty)) = shift_operation(op) {
        shift(t, make, ty)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

const ADD: Binary = |b, x, y| b.ins().iadd(x, y);
const SUB: Binary = |b, x, y| b.ins().isub(x, y);
const MUL: Binary = |b, x, y| b.ins().imul(x, y);
const ADD_SAT_S: Binary = |b, x, y| b.ins().sadd_sat(x, y);
const ADD_SAT_U: Binary = |b, x, y| b.ins().uadd_sat(x, y);
const SUB_SAT_S: Binary = |b, x, y| b.ins().ssub_sat(x, y);
const SUB_SAT_U: Binary = |b, x, y| b.ins().usub_sat(x, y);
const MIN_S: Binary = |b, x, y| b.ins().smin(x, y);
const MIN_U: Binary = |b, x, y| b.ins().umin(x, y);
const MAX_S: Binary = |b, x, y| b.ins().smax(x, y);
const MAX_U: Binary = |b, x, y| b.ins().umax(x, y);
const AVERAGE: Binary = |b, x, y| b.ins().avg_round(x, y);
const Q15_MUL: Binary = |b, x, y| b.ins().sqmul_round_sat(x, y);
const MUL_LOW_S: Binary = |b, x, y| {
    let (x, y) = (b.ins().swiden_low(x), b.ins().swiden_low(y));
    b.ins().imul(x, y)
};
const MUL_HIGH_S: Binary = |b, x, y| {
    let (x, y) = (b.ins().swiden_high(x), b.ins().swiden_high(y));
    b.ins().imul(x, y)
};
const MUL_LOW_U: Binary = |b, x, y| {
    let (x, y) = (b.ins().uwiden_low(x), b.ins().uwiden_low(y));
    b.ins().imul(x, y)
};
const MUL_HIGH_U: Binary = |b, x, y| {
    let (x, y) = (b.ins().uwiden_high(x), b.ins().uwiden_high(y));
    b.ins().imul(x, y)
};

/// Products of the widened lanes, adjacent ones added.
pub(super) fn dot(b: &mut FunctionBuilder<'_>, x: Value, y: Value) -> Value {
    let low = MUL_LOW_S(b, x, y);
    let high = MUL_HIGH_S(b, x, y);
    b.ins().iadd_pairwise(low, high)
}

/// The operation and the type of its operands.
fn binary_operation(op: &Operator<'_>) -> Option<(Binary, Type)> {
    use Operator::*;
    Some(match op {
        I8x16Add => (ADD, I8X16),
        I16x8Add => (ADD, I16X8),
        I32x4Add => (ADD, I32X4),
        I64x2Add => (ADD, I64X2),
        I8x16Sub => (SUB, I8X16),
        I16x8Sub => (SUB, I16X8),
        I32x4Sub => (SUB, I32X4),
        I64x2Sub => (SUB, I64X2),
        I16x8Mul => (MUL, I16X8),
        I32x4Mul => (MUL, I32X4),
        I64x2Mul => (MUL, I64X2),

        I8x16AddSatS => (ADD_SAT_S, I8X16),
        I16x8AddSatS => (ADD_SAT_S, I16X8),
        I8x16AddSatU => (ADD_SAT_U, I8X16),
        I16x8AddSatU => (ADD_SAT_U, I16X8),
        I8x16SubSatS => (SUB_SAT_S, I8X16),
        I16x8SubSatS => (SUB_SAT_S, I16X8),
        I8x16SubSatU => (SUB_SAT_U, I8X16),
        I16x8SubSatU => (SUB_SAT_U, I16X8),

        I8x16MinS => (MIN_S, I8X16),
        I16x8MinS => (MIN_S, I16X8),
        I32x4MinS => (MIN_S, I32X4),
        I8x16MinU => (MIN_U, I8X16),
        I16x8MinU => (MIN_U, I16X8),
        I32x4MinU => (MIN_U, I32X4),
        I8x16MaxS => (MAX_S, I8X16),
        I16x8MaxS => (MAX_S, I16X8),
        I32x4MaxS => (MAX_S, I32X4),
        I8x16MaxU => (MAX_U, I8X16),
        I16x8MaxU => (MAX_U, I16X8),
        I32x4MaxU => (MAX_U, I32X4),

        I8x16AvgrU => (AVERAGE, I8X16),
        I16x8AvgrU => (AVERAGE, I16X8),
        I16x8Q15MulrSatS => (Q15_MUL, I16X8),
        I32x4DotI16x8S => (dot, I16X8),

        I16x8ExtMulLowI8x16S => (MUL_LOW_S, I8X16),
        I32x4ExtMulLowI16x8S => (MUL_LOW_S, I16X8),
        I64x2ExtMulLowI32x4S => (MUL_LOW_S, I32X4),
        I16x8ExtMulHighI8x16S => (MUL_HIGH_S, I8X16),
        I32x4ExtMulHighI16x8S => (MUL_HIGH_S, I16X8),
        I64x2ExtMulHighI32x4S => (MUL_HIGH_S, I32X4),
        I16x8ExtMulLowI8x16U => (MUL_LOW_U, I8X16),
        I32x4ExtMulLowI16x8U => (MUL_LOW_U, I16X8),
        I64x2ExtMulLowI32x4U => (MUL_LOW_U, I32X4),
        I16x8ExtMulHighI8x16U => (MUL_HIGH_U, I8X16),
        I32x4ExtMulHighI16x8U => (MUL_HIGH_U, I16X8),
        I64x2ExtMulHighI32x4U => (MUL_HIGH_U, I32X4),
        _ => return None,
    })
}

const ABS: Unary = |b, x| b.ins().iabs(x);
const NEG: Unary = |b, x| b.ins().ineg(x);
const POPCNT: Unary = |b, x| b.ins().popcnt(x);

/// Adds adjacent lanes after sign extension.
pub(super) const ADD_PAIRS_S: Unary = |b, x| {
    let (low, high) = (b.ins().swiden_low(x), b.ins().swiden_high(x));
    b.ins().iadd_pairwise(low, high)
};
const ADD_PAIRS_U: Unary = |b, x| {
    let (low, high) = (b.ins().uwiden_low(x), b.ins().uwiden_high(x));
    b.ins().iadd_pairwise(low, high)
};

fn unary_operation(op: &Operator<'_>) -> Option<(Unary, Type)> {
    use Operator::*;
    Some(match op {
        I8x16Abs => (ABS, I8X16),
        I16x8Abs => (ABS, I16X8),
        I32x4Abs => (ABS, I32X4),
        I64x2Abs => (ABS, I64X2),
        I8x16Neg => (NEG, I8X16),
        I16x8Neg => (NEG, I16X8),
        I32x4Neg => (NEG, I32X4),
        I64x2Neg => (NEG, I64X2),
        I8x16Popcnt => (POPCNT, I8X16),
        I16x8ExtAddPairwiseI8x16S => (ADD_PAIRS_S, I8X16),
        I32x4ExtAddPairwiseI16x8S => (ADD_PAIRS_S, I16X8),
        I16x8ExtAddPairwiseI8x16U => (ADD_PAIRS_U, I8X16),
        I32x4ExtAddPairwiseI16x8U => (ADD_PAIRS_U, I16X8),
        _ => return None,
    })
}

const SHL: Binary = |b, x, n| b.ins().ishl(x, n);
const SHR_S: Binary = |b, x, n| b.ins().sshr(x, n);
const SHR_U: Binary = |b, x, n| b.ins().ushr(x, n);

fn shift_operation(op: &Operator<'_>) -> Option<(Binary, Type)> {
    use Operator::*;
    Some(match op {
        I8x16Shl => (SHL, I8X16),
        I16x8Shl => (SHL, I16X8),
        I32x4Shl => (SHL, I32X4),
        I64x2Shl => (SHL, I64X2),
        I8x16ShrS => (SHR_S, I8X16),
        I16x8ShrS => (SHR_S, I16X8),
        I32x4ShrS => (SHR_S, I32X4),
        I64x2ShrS => (SHR_S, I64X2),
        I8x16ShrU => (SHR_U, I8X16),
        I16x8ShrU => (SHR_U, I16X8),
        I32x4ShrU => (SHR_U, I32X4),
        I64x2ShrU => (SHR_U, I64X2),
        _ => return None,
    })
}

/// The count is an `i32`; both CLIF and WebAssembly take it modulo the lane width.
fn shift(t: &mut FuncTranslator<'_>, make: Binary, ty: Type) -> Translated {
    let count = t.pop1()?;
    let x = pop(t, ty)?;
    let result = make(&mut t.b, x, count);
    push(t, result);
    Ok(())
}
