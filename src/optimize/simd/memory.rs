//! Vector loads and stores.
//!
//! Every access has exactly the width that the instruction names, also where the rest of the
//! vector is filled by extending, splatting or zeroing: a wider one could cross the end of the
//! memory.

use super::{Claimed, V128, pop, push};
use crate::optimize::bounds::Address;
use crate::optimize::error::{CompileError, Translated};
use crate::optimize::translator::FuncTranslator;
use cranelift_codegen::ir::types::{F32X4, F64X2, I8X16, I16X8, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type, Value};
use cranelift_frontend::FunctionBuilder;
use wasmparser::{MemArg, Operator};

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Claimed {
    use Operator::*;
    match *op {
        V128Load { memarg } => load(t, memarg)?,
        V128Store { memarg } => store(t, memarg)?,

        V128Load8x8S { memarg } => extend(t, memarg, SLOAD8X8)?,
        V128Load8x8U { memarg } => extend(t, memarg, ULOAD8X8)?,
        V128Load16x4S { memarg } => extend(t, memarg, SLOAD16X4)?,
        V128Load16x4U { memarg } => extend(t, memarg, ULOAD16X4)?,
        V128Load32x2S { memarg } => extend(t, memarg, SLOAD32X2)?,
        V128Load32x2U { memarg } => extend(t, memarg, ULOAD32X2)?,

        V128Load8Splat { memarg } => splat(t, memarg, I8X16)?,
        V128Load16Splat { memarg } => splat(t, memarg, I16X8)?,
        V128Load32Splat { memarg } => splat(t, memarg, I32X4)?,
        V128Load64Splat { memarg } => splat(t, memarg, I64X2)?,

        V128Load32Zero { memarg } => zero(t, memarg, I32X4)?,
        V128Load64Zero { memarg } => zero(t, memarg, I64X2)?,

        V128Load8Lane { memarg, lane } => load_lane(t, memarg, I8X16, lane)?,
        V128Load16Lane { memarg, lane } => load_lane(t, memarg, I16X8, lane)?,
        V128Load32Lane { memarg, lane } => load_lane(t, memarg, I32X4, lane)?,
        V128Load64Lane { memarg, lane } => load_lane(t, memarg, I64X2, lane)?,

        V128Store8Lane { memarg, lane } => store_lane(t, memarg, I8X16, lane)?,
        V128Store16Lane { memarg, lane } => store_lane(t, memarg, I16X8, lane)?,
        // The first lane of a float vector is stored by a plain move.
        V128Store32Lane { memarg, lane: 0 } => store_lane(t, memarg, F32X4, 0)?,
        V128Store64Lane { memarg, lane: 0 } => store_lane(t, memarg, F64X2, 0)?,
        V128Store32Lane { memarg, lane } => store_lane(t, memarg, I32X4, lane)?,
        V128Store64Lane { memarg, lane } => store_lane(t, memarg, I64X2, lane)?,
        _ => return Ok(false),
    }
    Ok(true)
}

type Extending = fn(&mut FunctionBuilder<'_>, Address) -> Value;

const SLOAD8X8: Extending = |b, a| b.ins().sload8x8(a.flags, a.base, a.offset);
const ULOAD8X8: Extending = |b, a| b.ins().uload8x8(a.flags, a.base, a.offset);
const SLOAD16X4: Extending = |b, a| b.ins().sload16x4(a.flags, a.base, a.offset);
const ULOAD16X4: Extending = |b, a| b.ins().uload16x4(a.flags, a.base, a.offset);
const SLOAD32X2: Extending = |b, a| b.ins().sload32x2(a.flags, a.base, a.offset);
const ULOAD32X2: Extending = |b, a| b.ins().uload32x2(a.flags, a.base, a.offset);

fn load(t: &mut FuncTranslator<'_>, memarg: MemArg) -> Translated {
    let a = t.pop_address(&memarg, 16)?;
    let result = t.b.ins().load(V128, a.flags, a.base, a.offset);
    push(t, result);
    Ok(())
}

fn store(t: &mut FuncTranslator<'_>, memarg: MemArg) -> Translated {
    let value = t.pop1()?;
    let a = t.pop_address(&memarg, 16)?;
    t.b.ins().store(a.flags, value, a.base, a.offset);
    Ok(())
}

/// Eight bytes become lanes of twice their width.
fn extend(t: &mut FuncTranslator<'_>, memarg: MemArg, make: Extending) -> Translated {
    let a = t.pop_address(&memarg, 8)?;
    let result = make(&mut t.b, a);
    push(t, result);
    Ok(())
}

/// Pops the address of a single lane of `ty` and loads it.
fn load_scalar(
    t: &mut FuncTranslator<'_>,
    memarg: MemArg,
    ty: Type,
) -> Result<Value, CompileError> {
    let lane = ty.lane_type();
    let a = t.pop_address(&memarg, lane.bytes())?;
    Ok(t.b.ins().load(lane, a.flags, a.base, a.offset))
}

fn splat(t: &mut FuncTranslator<'_>, memarg: MemArg, ty: Type) -> Translated {
    let lane = load_scalar(t, memarg, ty)?;
    let result = t.b.ins().splat(ty, lane);
    push(t, result);
    Ok(())
}

fn zero(t: &mut FuncTranslator<'_>, memarg: MemArg, ty: Type) -> Translated {
    let lane = load_scalar(t, memarg, ty)?;
    let result = t.b.ins().scalar_to_vector(ty, lane);
    push(t, result);
    Ok(())
}

fn load_lane(t: &mut FuncTranslator<'_>, memarg: MemArg, ty: Type, lane: u8) -> Translated {
    let vector = pop(t, ty)?;
    let value = load_scalar(t, memarg, ty)?;
    let result = t.b.ins().insertlane(vector, value, lane);
    push(t, result);
    Ok(())
}

fn store_lane(t: &mut FuncTranslator<'_>, memarg: MemArg, ty: Type, lane: u8) -> Translated {
    let vector = pop(t, ty)?;
    let a = t.pop_address(&memarg, ty.lane_type().bytes())?;
    let value = t.b.ins().extractlane(vector, lane);
    t.b.ins().store(a.flags, value, a.base, a.offset);
    Ok(())
}
