//! Constants, and instructions that move lanes: splat, extract, replace, shuffle, swizzle.

use super::operands::{Claimed, V128, binary, constant, pop, pop_pair, push};
use crate::optimize::error::{CompileError, Translated};
use crate::optimize::translator::FuncTranslator;
use cranelift_codegen::ir::types::{F32X4, F64X2, I8X16, I16X8, I32, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type, Value};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Claimed {
    use Operator::*;
    match *op {
        V128Const { value } => {
            let value = constant(&mut t.b, *value.bytes(), V128);
            push(t, value);
        }

        I8x16Splat => splat(t, I8X16)?,
        I16x8Splat => splat(t, I16X8)?,
        I32x4Splat => splat(t, I32X4)?,
        I64x2Splat => splat(t, I64X2)?,
        F32x4Splat => splat(t, F32X4)?,
        F64x2Splat => splat(t, F64X2)?,

        I8x16ExtractLaneS { lane } => extract_signed(t, I8X16, lane)?,
        I8x16ExtractLaneU { lane } => extract_unsigned(t, I8X16, lane)?,
        I16x8ExtractLaneS { lane } => extract_signed(t, I16X8, lane)?,
        I16x8ExtractLaneU { lane } => extract_unsigned(t, I16X8, lane)?,
        I32x4ExtractLane { lane } => extract(t, I32X4, lane)?,
        I64x2ExtractLane { lane } => extract(t, I64X2, lane)?,
        F32x4ExtractLane { lane } => extract(t, F32X4, lane)?,
        F64x2ExtractLane { lane } => extract(t, F64X2, lane)?,

        I8x16ReplaceLane { lane } => replace(t, I8X16, lane)?,
        I16x8ReplaceLane { lane } => replace(t, I16X8, lane)?,
        I32x4ReplaceLane { lane } => replace(t, I32X4, lane)?,
        I64x2ReplaceLane { lane } => replace(t, I64X2, lane)?,
        F32x4ReplaceLane { lane } => replace(t, F32X4, lane)?,
        F64x2ReplaceLane { lane } => replace(t, F64X2, lane)?,

        I8x16Shuffle { lanes } => shuffle(t, lanes)?,
        I8x16Swizzle => binary(t, |b, x, y| b.ins().swizzle(x, y), I8X16)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Pops the scalar for a lane of `ty`: narrow lanes are operands of type `i32`.
fn pop_lane(t: &mut FuncTranslator<'_>, ty: Type) -> Result<Value, CompileError> {
    let value = t.pop1()?;
    let narrow = ty.lane_bits() < 32;
    Ok(if narrow { t.b.ins().ireduce(ty.lane_type(), value) } else { value })
}

fn splat(t: &mut FuncTranslator<'_>, ty: Type) -> Translated {
    let lane = pop_lane(t, ty)?;
    let result = t.b.ins().splat(ty, lane);
    push(t, result);
    Ok(())
}

fn extract(t: &mut FuncTranslator<'_>, ty: Type, lane: u8) -> Translated {
    let vector = pop(t, ty)?;
    let result = t.b.ins().extractlane(vector, lane);
    t.push1(result);
    Ok(())
}

fn extract_signed(t: &mut FuncTranslator<'_>, ty: Type, lane: u8) -> Translated {
    let vector = pop(t, ty)?;
    let narrow = t.b.ins().extractlane(vector, lane);
    let result = t.b.ins().sextend(I32, narrow);
    t.push1(result);
    Ok(())
}

fn extract_unsigned(t: &mut FuncTranslator<'_>, ty: Type, lane: u8) -> Translated {
    let vector = pop(t, ty)?;
    let narrow = t.b.ins().extractlane(vector, lane);
    let result = t.b.ins().uextend(I32, narrow);
    t.push1(result);
    Ok(())
}

fn replace(t: &mut FuncTranslator<'_>, ty: Type, lane: u8) -> Translated {
    let value = pop_lane(t, ty)?;
    let vector = pop(t, ty)?;
    let result = t.b.ins().insertlane(vector, value, lane);
    push(t, result);
    Ok(())
}

fn shuffle(t: &mut FuncTranslator<'_>, lanes: [u8; 16]) -> Translated {
    let (x, y) = pop_pair(t, I8X16)?;
    let mask = t.b.func.dfg.immediates.push(lanes.as_slice().into());
    let result = t.b.ins().shuffle(x, y, mask);
    push(t, result);
    Ok(())
}
