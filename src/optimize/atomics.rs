//! Atomic instructions.
//!
//! Every access first checks that its effective address is a multiple of its width, then the bounds. Narrow
//! operations affect exactly their width and zero-extend the old value. Waiting and notifying are done by the
//! runtime, which also refuses to wait on a memory that is not shared.

use super::bounds::memory_of;
use super::error::{CompileError, Translated};
use super::translator::{FuncTranslator, clif_type};
use crate::abi::{Builtin, TrapCode};
use crate::body::atomics::{Atomic, AtomicAction, Change};
use cranelift_codegen::ir::types::{I8, I16, I32, I64};
use cranelift_codegen::ir::{AtomicRmwOp, InstBuilder, MemFlagsData, Type, Value};
use wasmparser::{MemArg, Operator};

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    if let Operator::AtomicFence { .. } = op {
        t.b.ins().fence();
        return Ok(());
    }
    let Some((atomic, memarg)) = Atomic::of(op) else {
        return Err(CompileError::internal(format!("no atomic instruction: {op:?}")));
    };
    let ty = clif_type(atomic.ty);
    let width = type_of_width(atomic.width);
    match atomic.action {
        AtomicAction::Load => load(t, memarg, ty, width),
        AtomicAction::Store => store(t, memarg, width),
        AtomicAction::Modify(change) => read_modify_write(t, memarg, change, ty, width),
        AtomicAction::CompareExchange => compare_exchange(t, memarg, ty, width),
        AtomicAction::Notify => notify(t, memarg),
        AtomicAction::Wait if ty == I32 => wait(t, memarg, ty, Builtin::AtomicWait32),
        AtomicAction::Wait => wait(t, memarg, ty, Builtin::AtomicWait64),
    }
}

fn type_of_width(bytes: u32) -> Type {
    match bytes {
        1 => I8,
        2 => I16,
        4 => I32,
        _ => I64,
    }
}

fn clif_change(change: Change) -> AtomicRmwOp {
    match change {
        Change::Add => AtomicRmwOp::Add,
        Change::Sub => AtomicRmwOp::Sub,
        Change::And => AtomicRmwOp::And,
        Change::Or => AtomicRmwOp::Or,
        Change::Xor => AtomicRmwOp::Xor,
        Change::Exchange => AtomicRmwOp::Xchg,
    }
}

/// Pops the address of an access of type `width`: checked, and without an offset.
fn pop_place(
    t: &mut FuncTranslator<'_>,
    memarg: &MemArg,
    width: Type,
) -> Result<(MemFlagsData, Value), CompileError> {
    let index = t.pop1()?;
    place(t, memarg, index, width)
}

/// The same for a given index.
fn place(
    t: &mut FuncTranslator<'_>,
    memarg: &MemArg,
    index: Value,
    width: Type,
) -> Result<(MemFlagsData, Value), CompileError> {
    check_alignment(t, index, memarg.offset, width);
    let address = t.address(memarg, index, width.bytes())?;
    Ok((address.flags, address.flat(t)))
}

/// Traps unless `index + offset` is a multiple of the width. A carry out of the sum cannot change
/// its low bits.
fn check_alignment(t: &mut FuncTranslator<'_>, index: Value, offset: u64, width: Type) {
    let mask = u64::from(width.bytes()) - 1;
    if mask == 0 {
        return;
    }
    if let Some(constant) = t.as_constant(index)
        && constant.wrapping_add(offset) & mask == 0
    {
        return;
    }
    let ty = t.b.func.dfg.value_type(index);
    let mut low = index;
    if offset & mask != 0 {
        let offset = t.b.ins().iconst(ty, (offset & mask) as i64);
        low = t.b.ins().iadd(index, offset);
    }
    let mask = t.b.ins().iconst(ty, mask as i64);
    let misaligned = t.b.ins().band(low, mask);
    t.trap_if(misaligned, TrapCode::UnalignedAtomic);
}

/// Truncates `value` to the width of the access.
fn narrow(t: &mut FuncTranslator<'_>, value: Value, width: Type) -> Value {
    if t.b.func.dfg.value_type(value) == width {
        return value;
    }
    t.b.ins().ireduce(width, value)
}

/// Pushes the value from memory, zero-extended to `ty`.
fn push_widened(t: &mut FuncTranslator<'_>, value: Value, ty: Type) {
    let narrow = t.b.func.dfg.value_type(value) != ty;
    let value = if narrow { t.b.ins().uextend(ty, value) } else { value };
    t.push1(value);
}

fn load(t: &mut FuncTranslator<'_>, memarg: &MemArg, ty: Type, width: Type) -> Translated {
    let (flags, place) = pop_place(t, memarg, width)?;
    let value = t.b.ins().atomic_load(width, flags, place);
    push_widened(t, value, ty);
    Ok(())
}

fn store(t: &mut FuncTranslator<'_>, memarg: &MemArg, width: Type) -> Translated {
    let value = t.pop1()?;
    let (flags, place) = pop_place(t, memarg, width)?;
    let value = narrow(t, value, width);
    // As an exchange: a store would be followed by a fence, which takes several times as long.
    t.b.ins().atomic_rmw(width, flags, AtomicRmwOp::Xchg, place, value);
    Ok(())
}

fn read_modify_write(
    t: &mut FuncTranslator<'_>,
    memarg: &MemArg,
    change: Change,
    ty: Type,
    width: Type,
) -> Translated {
    let operand = t.pop1()?;
    let (flags, place) = pop_place(t, memarg, width)?;
    let operand = narrow(t, operand, width);
    let old = t.b.ins().atomic_rmw(width, flags, clif_change(change), place, operand);
    push_widened(t, old, ty);
    Ok(())
}

fn compare_exchange(
    t: &mut FuncTranslator<'_>,
    memarg: &MemArg,
    ty: Type,
    width: Type,
) -> Translated {
    let (index, expected, replacement) = t.pop3()?;
    let (flags, place) = place(t, memarg, index, width)?;
    let replacement = narrow(t, replacement, width);
    let expected = narrow(t, expected, width);
    let old = t.b.ins().atomic_cas(flags, place, expected, replacement);
    push_widened(t, old, ty);
    Ok(())
}

/// Wakes waiters. Bounds and alignment are checked as for an access; nobody can wait on an unshared memory.
fn notify(t: &mut FuncTranslator<'_>, memarg: &MemArg) -> Translated {
    let (index, count) = t.pop2()?;
    touch(t, memarg, index, I32)?;
    let (memory, address) = runtime_address(t, memarg, index)?;
    let woken = t.call_builtin_for(Builtin::AtomicNotify, &[memory, address, count])?;
    t.push1(woken);
    Ok(())
}

fn wait(t: &mut FuncTranslator<'_>, memarg: &MemArg, width: Type, builtin: Builtin) -> Translated {
    let (index, expected, timeout) = t.pop3()?;
    touch(t, memarg, index, width)?;
    let (memory, address) = runtime_address(t, memarg, index)?;
    let outcome = t.call_builtin_for(builtin, &[memory, address, expected, timeout])?;
    t.push1(outcome);
    Ok(())
}

/// Makes a misaligned or out-of-bounds access trap before the runtime sees it.
fn touch(t: &mut FuncTranslator<'_>, memarg: &MemArg, index: Value, width: Type) -> Translated {
    let (flags, place) = place(t, memarg, index, width)?;
    t.b.ins().atomic_load(width, flags, place);
    Ok(())
}

/// Memory number and effective address, as the builtins take them. The address is in bounds, so
/// the sum cannot overflow.
fn runtime_address(
    t: &mut FuncTranslator<'_>,
    memarg: &MemArg,
    index: Value,
) -> Result<(Value, Value), CompileError> {
    let memory = memory_of(memarg)?;
    let memory = t.i32_const(memory.0 as i32);
    let narrow = t.b.func.dfg.value_type(index) != I64;
    let index = if narrow { t.b.ins().uextend(I64, index) } else { index };
    let offset = t.i64_const(memarg.offset as i64);
    Ok((memory, t.b.ins().iadd(index, offset)))
}
