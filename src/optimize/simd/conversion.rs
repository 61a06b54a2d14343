//! Conversions between lane types: widening, narrowing, and between integers and floats.
//!
//! Cranelift lowers the conversions between two and four lanes only in exactly the combinations used here.

use super::operands::{Binary, Claimed, Unary, binary, constant, unary};
use crate::optimize::translator::FuncTranslator;
use cranelift_codegen::ir::types::{F32X4, F64X2, I8X16, I16X8, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Claimed {
    if let Some((make, ty)) = unary_conversion(op) {
        unary(t, make, ty)?;
    } else if let Some((make, ty)) = narrowing(op) {
        binary(t, make, ty)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

const NARROW_S: Binary = |b, x, y| b.ins().snarrow(x, y);
const NARROW_U: Binary = |b, x, y| b.ins().unarrow(x, y);

/// The operation and the type of its operands.
fn narrowing(op: &Operator<'_>) -> Option<(Binary, Type)> {
    use Operator::*;
    Some(match op {
        I8x16NarrowI16x8S => (NARROW_S, I16X8),
        I16x8NarrowI32x4S => (NARROW_S, I32X4),
        I8x16NarrowI16x8U => (NARROW_U, I16X8),
        I16x8NarrowI32x4U => (NARROW_U, I32X4),
        _ => return None,
    })
}

const EXTEND_LOW_S: Unary = |b, x| b.ins().swiden_low(x);
const EXTEND_HIGH_S: Unary = |b, x| b.ins().swiden_high(x);
const EXTEND_LOW_U: Unary = |b, x| b.ins().uwiden_low(x);
const EXTEND_HIGH_U: Unary = |b, x| b.ins().uwiden_high(x);

pub(super) const TRUNC_SAT_S: Unary = |b, x| b.ins().fcvt_to_sint_sat(I32X4, x);
pub(super) const TRUNC_SAT_U: Unary = |b, x| b.ins().fcvt_to_uint_sat(I32X4, x);
pub(super) const TRUNC_SAT_S_ZERO: Unary = |b, x| {
    let wide = b.ins().fcvt_to_sint_sat(I64X2, x);
    let zero = constant(b, [0; 16], I64X2);
    b.ins().snarrow(wide, zero)
};
pub(super) const TRUNC_SAT_U_ZERO: Unary = |b, x| {
    let wide = b.ins().fcvt_to_uint_sat(I64X2, x);
    let zero = constant(b, [0; 16], I64X2);
    b.ins().uunarrow(wide, zero)
};
const CONVERT_S: Unary = |b, x| b.ins().fcvt_from_sint(F32X4, x);
const CONVERT_U: Unary = |b, x| b.ins().fcvt_from_uint(F32X4, x);
const CONVERT_LOW_S: Unary = |b, x| {
    let wide = b.ins().swiden_low(x);
    b.ins().fcvt_from_sint(F64X2, wide)
};
const CONVERT_LOW_U: Unary = |b, x| {
    let wide = b.ins().uwiden_low(x);
    b.ins().fcvt_from_uint(F64X2, wide)
};
const DEMOTE_ZERO: Unary = |b, x| b.ins().fvdemote(x);
const PROMOTE_LOW: Unary = |b, x| b.ins().fvpromote_low(x);

/// The operation and the type of its operand.
fn unary_conversion(op: &Operator<'_>) -> Option<(Unary, Type)> {
    use Operator::*;
    Some(match op {
        I16x8ExtendLowI8x16S => (EXTEND_LOW_S, I8X16),
        I32x4ExtendLowI16x8S => (EXTEND_LOW_S, I16X8),
        I64x2ExtendLowI32x4S => (EXTEND_LOW_S, I32X4),
        I16x8ExtendHighI8x16S => (EXTEND_HIGH_S, I8X16),
        I32x4ExtendHighI16x8S => (EXTEND_HIGH_S, I16X8),
        I64x2ExtendHighI32x4S => (EXTEND_HIGH_S, I32X4),
        I16x8ExtendLowI8x16U => (EXTEND_LOW_U, I8X16),
        I32x4ExtendLowI16x8U => (EXTEND_LOW_U, I16X8),
        I64x2ExtendLowI32x4U => (EXTEND_LOW_U, I32X4),
        I16x8ExtendHighI8x16U => (EXTEND_HIGH_U, I8X16),
        I32x4ExtendHighI16x8U => (EXTEND_HIGH_U, I16X8),
        I64x2ExtendHighI32x4U => (EXTEND_HIGH_U, I32X4),

        I32x4TruncSatF32x4S => (TRUNC_SAT_S, F32X4),
        I32x4TruncSatF32x4U => (TRUNC_SAT_U, F32X4),
        I32x4TruncSatF64x2SZero => (TRUNC_SAT_S_ZERO, F64X2),
        I32x4TruncSatF64x2UZero => (TRUNC_SAT_U_ZERO, F64X2),
        F32x4ConvertI32x4S => (CONVERT_S, I32X4),
        F32x4ConvertI32x4U => (CONVERT_U, I32X4),
        F64x2ConvertLowI32x4S => (CONVERT_LOW_S, I32X4),
        F64x2ConvertLowI32x4U => (CONVERT_LOW_U, I32X4),
        F32x4DemoteF64x2Zero => (DEMOTE_ZERO, F64X2),
        F64x2PromoteLowF32x4 => (PROMOTE_LOW, F32X4),
        _ => return None,
    })
}
