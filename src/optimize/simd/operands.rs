//! Vectors as operands: popped with the lanes that an instruction needs, pushed in one form.
//!
//! On the operand stack, in locals and in block parameters a `v128` always has the CLIF type [`V128`]. An
//! instruction that works on other lanes casts at use and casts its result back. A cast costs no machine
//! instruction, but Cranelift's lowering rules do not look through it; therefore [`cast`] uses the source of an
//! earlier cast instead of adding a second one, and `bitselect` still recognizes a mask that comes from a
//! comparison.

use crate::optimize::error::{CompileError, Translated};
use crate::optimize::translator::{FuncTranslator, lane_cast};
use cranelift_codegen::ir::types::I8X16;
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Type, Value, ValueDef};
use cranelift_frontend::FunctionBuilder;

/// The CLIF type of every `v128` between instructions.
pub(super) const V128: Type = I8X16;

/// Emits one operation on values that already have the right lane type.
pub(super) type Unary = fn(&mut FunctionBuilder<'_>, Value) -> Value;
pub(super) type Binary = fn(&mut FunctionBuilder<'_>, Value, Value) -> Value;

/// Whether an operator belonged to a group and was translated.
pub(super) type Claimed = Result<bool, CompileError>;

/// The same 128 bits with other lanes.
pub(super) fn cast(b: &mut FunctionBuilder<'_>, value: Value, ty: Type) -> Value {
    if b.func.dfg.value_type(value) == ty {
        return value;
    }
    match cast_source(b, value) {
        Some(source) if b.func.dfg.value_type(source) == ty => source,
        _ => b.ins().bitcast(ty, lane_cast(), value),
    }
}

/// The vector that `value` is a cast of.
pub(super) fn cast_source(b: &FunctionBuilder<'_>, value: Value) -> Option<Value> {
    let dfg = &b.func.dfg;
    let ValueDef::Result(inst, _) = dfg.value_def(value) else { return None };
    match dfg.insts[inst] {
        InstructionData::LoadNoOffset { opcode: Opcode::Bitcast, arg, .. } => {
            dfg.value_type(arg).is_vector().then_some(arg)
        }
        _ => None,
    }
}

/// Pops a `v128` as a vector of type `ty`.
pub(super) fn pop(t: &mut FuncTranslator<'_>, ty: Type) -> Result<Value, CompileError> {
    let value = t.pop1()?;
    Ok(cast(&mut t.b, value, ty))
}

/// Pops two, in the order they were pushed.
pub(super) fn pop_pair(
    t: &mut FuncTranslator<'_>,
    ty: Type,
) -> Result<(Value, Value), CompileError> {
    let y = pop(t, ty)?;
    Ok((pop(t, ty)?, y))
}

/// Pops three, in the order they were pushed.
pub(super) fn pop_triple(
    t: &mut FuncTranslator<'_>,
    ty: Type,
) -> Result<(Value, Value, Value), CompileError> {
    let z = pop(t, ty)?;
    let (x, y) = pop_pair(t, ty)?;
    Ok((x, y, z))
}

/// Pushes a vector of any lane type.
pub(super) fn push(t: &mut FuncTranslator<'_>, value: Value) {
    let value = cast(&mut t.b, value, V128);
    t.push1(value);
}

/// A vector constant.
pub(super) fn constant(b: &mut FunctionBuilder<'_>, bytes: [u8; 16], ty: Type) -> Value {
    let constant = b.func.dfg.constants.insert(bytes.as_slice().into());
    b.ins().vconst(ty, constant)
}

pub(super) fn unary(t: &mut FuncTranslator<'_>, make: Unary, ty: Type) -> Translated {
    let x = pop(t, ty)?;
    let result = make(&mut t.b, x);
    push(t, result);
    Ok(())
}

pub(super) fn binary(t: &mut FuncTranslator<'_>, make: Binary, ty: Type) -> Translated {
    let (x, y) = pop_pair(t, ty)?;
    let result = make(&mut t.b, x, y);
    push(t, result);
    Ok(())
}
