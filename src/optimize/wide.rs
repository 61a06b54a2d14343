//! 128-bit integer arithmetic on pairs of `i64`, the low half first.
//!
//! The pairs become CLIF's `i128`, whose addition, subtraction and widening multiplication compile to the machine's
//! carry chain and double-width multiply.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use cranelift_codegen::ir::types::I128;
use cranelift_codegen::ir::{InstBuilder, Value};
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    let result = match op {
        Operator::I64Add128 => {
            let (x, y) = pop_pairs(t)?;
            t.b.ins().iadd(x, y)
        }
        Operator::I64Sub128 => {
            let (x, y) = pop_pairs(t)?;
            t.b.ins().isub(x, y)
        }
        Operator::I64MulWideS => {
            let (x, y) = t.pop2()?;
            let (x, y) = (t.b.ins().sextend(I128, x), t.b.ins().sextend(I128, y));
            t.b.ins().imul(x, y)
        }
        Operator::I64MulWideU => {
            let (x, y) = t.pop2()?;
            let (x, y) = (t.b.ins().uextend(I128, x), t.b.ins().uextend(I128, y));
            t.b.ins().imul(x, y)
        }
        _ => return Err(CompileError::internal(format!("no wide instruction: {op:?}"))),
    };
    let (low, high) = t.b.ins().isplit(result);
    t.push1(low);
    t.push1(high);
    Ok(())
}

/// Pops both operands, each a low and a high half.
fn pop_pairs(t: &mut FuncTranslator<'_>) -> Result<(Value, Value), CompileError> {
    let y = pop_pair(t)?;
    Ok((pop_pair(t)?, y))
}

fn pop_pair(t: &mut FuncTranslator<'_>) -> Result<Value, CompileError> {
    let (low, high) = t.pop2()?;
    Ok(t.b.ins().iconcat(low, high))
}
