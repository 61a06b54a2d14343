//! Operations on all 128 bits, and tests that turn a vector into an `i32`.

use super::operands::{Binary, Claimed, V128, binary, cast, cast_source, pop, push, unary};
use crate::optimize::error::Translated;
use crate::optimize::translator::FuncTranslator;
use cranelift_codegen::ir::types::{I8X16, I16X8, I32, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Claimed {
    use Operator::*;
    match op {
        V128Not => unary(t, |b, x| b.ins().bnot(x), V128)?,
        V128And => binary(t, |b, x, y| b.ins().band(x, y), V128)?,
        V128AndNot => binary(t, AND_NOT, V128)?,
        V128Or => binary(t, |b, x, y| b.ins().bor(x, y), V128)?,
        V128Xor => binary(t, |b, x, y| b.ins().bxor(x, y), V128)?,
        V128Bitselect => bitselect(t)?,

        V128AnyTrue => any_true(t)?,
        I8x16AllTrue => all_true(t, I8X16)?,
        I16x8AllTrue => all_true(t, I16X8)?,
        I32x4AllTrue => all_true(t, I32X4)?,
        I64x2AllTrue => all_true(t, I64X2)?,

        I8x16Bitmask => bitmask(t, I8X16)?,
        I16x8Bitmask => bitmask(t, I16X8)?,
        I32x4Bitmask => bitmask(t, I32X4)?,
        I64x2Bitmask => bitmask(t, I64X2)?,
        _ => return Ok(false),
    }
    Ok(true)
}

const AND_NOT: Binary = |b, x, y| b.ins().band_not(x, y);

/// Selects in the lanes in which the mask was computed: if it comes from a comparison, one blend replaces three bit
/// operations.
pub(super) fn bitselect(t: &mut FuncTranslator<'_>) -> Translated {
    let mask = t.pop1()?;
    let mask = cast_source(&t.b, mask).unwrap_or(mask);
    let ty = t.b.func.dfg.value_type(mask);
    let ty = if ty.lane_type().is_int() { ty } else { V128 };
    let mask = cast(&mut t.b, mask, ty);
    let if_zero = pop(t, ty)?;
    let if_one = pop(t, ty)?;
    let result = t.b.ins().bitselect(mask, if_one, if_zero);
    push(t, result);
    Ok(())
}

fn any_true(t: &mut FuncTranslator<'_>) -> Translated {
    let x = pop(t, V128)?;
    let result = t.b.ins().vany_true(x);
    t.push_bool(result);
    Ok(())
}

fn all_true(t: &mut FuncTranslator<'_>, ty: Type) -> Translated {
    let x = pop(t, ty)?;
    let result = t.b.ins().vall_true(x);
    t.push_bool(result);
    Ok(())
}

fn bitmask(t: &mut FuncTranslator<'_>, ty: Type) -> Translated {
    let x = pop(t, ty)?;
    let result = t.b.ins().vhigh_bits(I32, x);
    t.push1(result);
    Ok(())
}
