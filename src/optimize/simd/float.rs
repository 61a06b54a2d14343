//! Arithmetic on float lanes.
//!
//! CLIF's operations treat NaNs and zeros as the specification requires. The pseudo-minimum and -maximum are
//! written as comparison and selection, which is what the machine's own `min` and `max` instructions compute.

use super::operands::{Binary, Claimed, Unary, binary, cast, unary};
use crate::optimize::translator::FuncTranslator;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::types::{F32X4, F64X2};
use cranelift_codegen::ir::{InstBuilder, Type};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Claimed {
    if let Some((make, ty)) = binary_operation(op) {
        binary(t, make, ty)?;
    } else if let Some((make, ty)) = unary_operation(op) {
        unary(t, make, ty)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

const ADD: Binary = |b, x, y| b.ins().fadd(x, y);
const SUB: Binary = |b, x, y| b.ins().fsub(x, y);
const MUL: Binary = |b, x, y| b.ins().fmul(x, y);
const DIV: Binary = |b, x, y| b.ins().fdiv(x, y);
const MIN: Binary = |b, x, y| b.ins().fmin(x, y);
const MAX: Binary = |b, x, y| b.ins().fmax(x, y);

/// `y < x ? y : x`, lane by lane.
pub(super) const PMIN: Binary = |b, x, y| {
    let less = b.ins().fcmp(FloatCC::LessThan, y, x);
    let ty = b.func.dfg.value_type(x);
    let less = cast(b, less, ty);
    b.ins().bitselect(less, y, x)
};

/// `x < y ? y : x`, lane by lane.
pub(super) const PMAX: Binary = |b, x, y| {
    let less = b.ins().fcmp(FloatCC::LessThan, x, y);
    let ty = b.func.dfg.value_type(x);
    let less = cast(b, less, ty);
    b.ins().bitselect(less, y, x)
};

fn binary_operation(op: &Operator<'_>) -> Option<(Binary, Type)> {
    use Operator::*;
    Some(match op {
        F32x4Add => (ADD, F32X4),
        F64x2Add => (ADD, F64X2),
        F32x4Sub => (SUB, F32X4),
        F64x2Sub => (SUB, F64X2),
        F32x4Mul => (MUL, F32X4),
        F64x2Mul => (MUL, F64X2),
        F32x4Div => (DIV, F32X4),
        F64x2Div => (DIV, F64X2),
        F32x4Min => (MIN, F32X4),
        F64x2Min => (MIN, F64X2),
        F32x4Max => (MAX, F32X4),
        F64x2Max => (MAX, F64X2),
        F32x4PMin => (PMIN, F32X4),
        F64x2PMin => (PMIN, F64X2),
        F32x4PMax => (PMAX, F32X4),
        F64x2PMax => (PMAX, F64X2),
        _ => return None,
    })
}

const CEIL: Unary = |b, x| b.ins().ceil(x);
const FLOOR: Unary = |b, x| b.ins().floor(x);
const TRUNC: Unary = |b, x| b.ins().trunc(x);
const NEAREST: Unary = |b, x| b.ins().nearest(x);
const ABS: Unary = |b, x| b.ins().fabs(x);
const NEG: Unary = |b, x| b.ins().fneg(x);
const SQRT: Unary = |b, x| b.ins().sqrt(x);

fn unary_operation(op: &Operator<'_>) -> Option<(Unary, Type)> {
    use Operator::*;
    Some(match op {
        F32x4Ceil => (CEIL, F32X4),
        F64x2Ceil => (CEIL, F64X2),
        F32x4Floor => (FLOOR, F32X4),
        F64x2Floor => (FLOOR, F64X2),
        F32x4Trunc => (TRUNC, F32X4),
        F64x2Trunc => (TRUNC, F64X2),
        F32x4Nearest => (NEAREST, F32X4),
        F64x2Nearest => (NEAREST, F64X2),
        F32x4Abs => (ABS, F32X4),
        F64x2Abs => (ABS, F64X2),
        F32x4Neg => (NEG, F32X4),
        F64x2Neg => (NEG, F64X2),
        F32x4Sqrt => (SQRT, F32X4),
        F64x2Sqrt => (SQRT, F64X2),
        _ => return None,
    })
}
