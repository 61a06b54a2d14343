//! Comparisons: every lane of the result is all ones or all zeros.

use super::operands::{Claimed, pop_pair, push};
use crate::optimize::translator::FuncTranslator;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F32X4, F64X2, I8X16, I16X8, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Claimed {
    if let Some((condition, ty)) = integer_comparison(op) {
        let (x, y) = pop_pair(t, ty)?;
        let result = t.b.ins().icmp(condition, x, y);
        push(t, result);
    } else if let Some((condition, ty)) = float_comparison(op) {
        let (x, y) = pop_pair(t, ty)?;
        let result = t.b.ins().fcmp(condition, x, y);
        push(t, result);
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn integer_comparison(op: &Operator<'_>) -> Option<(IntCC, Type)> {
    use Operator::*;
    Some(match op {
        I8x16Eq => (IntCC::Equal, I8X16),
        I16x8Eq => (IntCC::Equal, I16X8),
        I32x4Eq => (IntCC::Equal, I32X4),
        I64x2Eq => (IntCC::Equal, I64X2),
        I8x16Ne => (IntCC::NotEqual, I8X16),
        I16x8Ne => (IntCC::NotEqual, I16X8),
        I32x4Ne => (IntCC::NotEqual, I32X4),
        I64x2Ne => (IntCC::NotEqual, I64X2),

        I8x16LtS => (IntCC::SignedLessThan, I8X16),
        I16x8LtS => (IntCC::SignedLessThan, I16X8),
        I32x4LtS => (IntCC::SignedLessThan, I32X4),
        I64x2LtS => (IntCC::SignedLessThan, I64X2),
        I8x16GtS => (IntCC::SignedGreaterThan, I8X16),
        I16x8GtS => (IntCC::SignedGreaterThan, I16X8),
        I32x4GtS => (IntCC::SignedGreaterThan, I32X4),
        I64x2GtS => (IntCC::SignedGreaterThan, I64X2),
        I8x16LeS => (IntCC::SignedLessThanOrEqual, I8X16),
        I16x8LeS => (IntCC::SignedLessThanOrEqual, I16X8),
        I32x4LeS => (IntCC::SignedLessThanOrEqual, I32X4),
        I64x2LeS => (IntCC::SignedLessThanOrEqual, I64X2),
        I8x16GeS => (IntCC::SignedGreaterThanOrEqual, I8X16),
        I16x8GeS => (IntCC::SignedGreaterThanOrEqual, I16X8),
        I32x4GeS => (IntCC::SignedGreaterThanOrEqual, I32X4),
        I64x2GeS => (IntCC::SignedGreaterThanOrEqual, I64X2),

        I8x16LtU => (IntCC::UnsignedLessThan, I8X16),
        I16x8LtU => (IntCC::UnsignedLessThan, I16X8),
        I32x4LtU => (IntCC::UnsignedLessThan, I32X4),
        I8x16GtU => (IntCC::UnsignedGreaterThan, I8X16),
        I16x8GtU => (IntCC::UnsignedGreaterThan, I16X8),
        I32x4GtU => (IntCC::UnsignedGreaterThan, I32X4),
        I8x16LeU => (IntCC::UnsignedLessThanOrEqual, I8X16),
        I16x8LeU => (IntCC::UnsignedLessThanOrEqual, I16X8),
        I32x4LeU => (IntCC::UnsignedLessThanOrEqual, I32X4),
        I8x16GeU => (IntCC::UnsignedGreaterThanOrEqual, I8X16),
        I16x8GeU => (IntCC::UnsignedGreaterThanOrEqual, I16X8),
        I32x4GeU => (IntCC::UnsignedGreaterThanOrEqual, I32X4),
        _ => return None,
    })
}

fn float_comparison(op: &Operator<'_>) -> Option<(FloatCC, Type)> {
    use Operator::*;
    Some(match op {
        F32x4Eq => (FloatCC::Equal, F32X4),
        F64x2Eq => (FloatCC::Equal, F64X2),
        F32x4Ne => (FloatCC::NotEqual, F32X4),
        F64x2Ne => (FloatCC::NotEqual, F64X2),
        F32x4Lt => (FloatCC::LessThan, F32X4),
        F64x2Lt => (FloatCC::LessThan, F64X2),
        F32x4Gt => (FloatCC::GreaterThan, F32X4),
        F64x2Gt => (FloatCC::GreaterThan, F64X2),
        F32x4Le => (FloatCC::LessThanOrEqual, F32X4),
        F64x2Le => (FloatCC::LessThanOrEqual, F64X2),
        F32x4Ge => (FloatCC::GreaterThanOrEqual, F32X4),
        F64x2Ge => (FloatCC::GreaterThanOrEqual, F64X2),
        _ => return None,
    })
}
