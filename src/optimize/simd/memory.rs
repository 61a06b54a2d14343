//! Vector loads and stores.
//!
//! Every access has exactly the width of the instruction, even where the rest of the vector is filled by extending,
//! splatting or zeroing: a wider one could cross the end of the memory.

use super::operands::{Claimed, V128, pop, push};
use crate::body::Sign::Signed;
use crate::body::accesses::Direction::{Load, Store};
use crate::body::vectors::{Part, VectorAccess};
use crate::optimize::error::{CompileError, Translated};
use crate::optimize::translator::FuncTranslator;
use cranelift_codegen::ir::types::{F32X4, F64X2, I8X16, I16X8, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type, Value};
use wasmparser::{MemArg, Operator};

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Claimed {
    let Some((access, memarg)) = VectorAccess::of(op) else { return Ok(false) };
    let ty = lanes(access);
    match (access.direction, access.part) {
        (Load, Part::Whole) => load(t, memarg)?,
        (Load, Part::Extended(_)) => load_extended(t, access, memarg)?,
        (Load, Part::Splat) => splat(t, memarg, ty)?,
        (Load, Part::First) => zero(t, memarg, ty)?,
        (Load, Part::Lane(lane)) => load_lane(t, memarg, ty, lane)?,
        (Store, Part::Lane(lane)) => store_lane(t, memarg, ty, lane)?,
        (Store, _) => store(t, memarg)?,
    }
    Ok(true)
}

/// The vector type that a lane access works on.
fn lanes(access: VectorAccess) -> Type {
    match (access.lane, access.direction, access.part) {
        // A plain move stores the first lane of a float vector.
        (4, Store, Part::Lane(0)) => F32X4,
        (8, Store, Part::Lane(0)) => F64X2,
        (1, ..) => I8X16,
        (2, ..) => I16X8,
        (4, ..) => I32X4,
        _ => I64X2,
    }
}

fn load(t: &mut FuncTranslator<'_>, memarg: &MemArg) -> Translated {
    let a = t.pop_address(memarg, 16)?;
    let result = t.b.ins().load(V128, a.flags, a.base, a.offset);
    push(t, result);
    Ok(())
}

fn store(t: &mut FuncTranslator<'_>, memarg: &MemArg) -> Translated {
    let value = t.pop1()?;
    let a = t.pop_address(memarg, 16)?;
    t.b.ins().store(a.flags, value, a.base, a.offset);
    Ok(())
}

/// Eight bytes become lanes of twice their width.
fn load_extended(t: &mut FuncTranslator<'_>, access: VectorAccess, memarg: &MemArg) -> Translated {
    let a = t.pop_address(memarg, access.width())?;
    let ins = t.b.ins();
    let result = match (access.lane, access.part) {
        (1, Part::Extended(Signed)) => ins.sload8x8(a.flags, a.base, a.offset),
        (1, _) => ins.uload8x8(a.flags, a.base, a.offset),
        (2, Part::Extended(Signed)) => ins.sload16x4(a.flags, a.base, a.offset),
        (2, _) => ins.uload16x4(a.flags, a.base, a.offset),
        (_, Part::Extended(Signed)) => ins.sload32x2(a.flags, a.base, a.offset),
        (_, _) => ins.uload32x2(a.flags, a.base, a.offset),
    };
    push(t, result);
    Ok(())
}

/// Pops the address of a single lane of `ty` and loads it.
fn load_scalar(
    t: &mut FuncTranslator<'_>,
    memarg: &MemArg,
    ty: Type,
) -> Result<Value, CompileError> {
    let lane = ty.lane_type();
    let a = t.pop_address(memarg, lane.bytes())?;
    Ok(t.b.ins().load(lane, a.flags, a.base, a.offset))
}

fn splat(t: &mut FuncTranslator<'_>, memarg: &MemArg, ty: Type) -> Translated {
    let lane = load_scalar(t, memarg, ty)?;
    let result = t.b.ins().splat(ty, lane);
    push(t, result);
    Ok(())
}

fn zero(t: &mut FuncTranslator<'_>, memarg: &MemArg, ty: Type) -> Translated {
    let lane = load_scalar(t, memarg, ty)?;
    let result = t.b.ins().scalar_to_vector(ty, lane);
    push(t, result);
    Ok(())
}

fn load_lane(t: &mut FuncTranslator<'_>, memarg: &MemArg, ty: Type, lane: u8) -> Translated {
    let vector = pop(t, ty)?;
    let value = load_scalar(t, memarg, ty)?;
    let result = t.b.ins().insertlane(vector, value, lane);
    push(t, result);
    Ok(())
}

fn store_lane(t: &mut FuncTranslator<'_>, memarg: &MemArg, ty: Type, lane: u8) -> Translated {
    let vector = pop(t, ty)?;
    let a = t.pop_address(memarg, ty.lane_type().bytes())?;
    let value = t.b.ins().extractlane(vector, lane);
    t.b.ins().store(a.flags, value, a.base, a.offset);
    Ok(())
}
