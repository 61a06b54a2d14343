//! Constant expressions (spec: "Constant Expressions", with extended constants).

use super::instance::Instance;
use crate::module::ConstOp;
use crate::runtime::heap::alloc::OutOfMemory;
use smallvec::SmallVec;

/// The value of a validated expression in the form of a global's cell: numbers in the low bytes, references as
/// guest references.
pub fn evaluate(instance: &Instance, ops: &[ConstOp]) -> Result<u128, OutOfMemory> {
    let mut stack: SmallVec<[u128; 4]> = SmallVec::new();
    for op in ops {
        let value = match *op {
            ConstOp::I32(v) => u128::from(v as u32),
            ConstOp::I64(v) => u128::from(v as u64),
            ConstOp::F32(bits) => u128::from(bits),
            ConstOp::F64(bits) => u128::from(bits),
            ConstOp::V128(bits) => bits,
            ConstOp::RefNull => 0,
            ConstOp::RefFunc(func) => u128::from(instance.func(func)?.as_vm() as u64),
            // SAFETY: validation lets an initialiser see only globals that are filled in.
            ConstOp::GlobalGet(global) => unsafe {
                u128::from_le_bytes((*instance.global_cell(global)).bytes.get())
            },
            ConstOp::I32Add => arith32(&mut stack, u32::wrapping_add),
            ConstOp::I32Sub => arith32(&mut stack, u32::wrapping_sub),
            ConstOp::I32Mul => arith32(&mut stack, u32::wrapping_mul),
            ConstOp::I64Add => arith64(&mut stack, u64::wrapping_add),
            ConstOp::I64Sub => arith64(&mut stack, u64::wrapping_sub),
            ConstOp::I64Mul => arith64(&mut stack, u64::wrapping_mul),
        };
        stack.try_reserve(1).map_err(|_| OutOfMemory)?;
        stack.push(value);
    }
    Ok(stack.pop().unwrap_or(0))
}

fn arith32(stack: &mut SmallVec<[u128; 4]>, op: fn(u32, u32) -> u32) -> u128 {
    let (a, b) = pop2(stack);
    u128::from(op(a as u32, b as u32))
}

fn arith64(stack: &mut SmallVec<[u128; 4]>, op: fn(u64, u64) -> u64) -> u128 {
    let (a, b) = pop2(stack);
    u128::from(op(a as u64, b as u64))
}

/// Validation guarantees both operands.
fn pop2(stack: &mut SmallVec<[u128; 4]>) -> (u128, u128) {
    let b = stack.pop().unwrap_or(0);
    let a = stack.pop().unwrap_or(0);
    (a, b)
}
