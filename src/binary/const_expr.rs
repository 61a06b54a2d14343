//! Constant expressions: the initial values of globals, table elements and segment offsets.
//!
//! Kept as a short list of operations that the instance builder interprets; nearly all are a single constant. They
//! were validated.

use super::errors::malformed;
use super::proposals::no_gc;
use super::types::{Types, heap_type};
use crate::error::{Error, Phase};
use crate::module::{ConstExpr, ConstOp, Offset};
use crate::types::{FuncIndex, GlobalIndex};
use smallvec::SmallVec;
use wasmparser::Operator;

pub(super) const I32_CONST: u8 = 0x41;
pub(super) const END: u8 = 0x0b;

/// The offset of an active segment.
pub fn segment_offset(expr: &wasmparser::ConstExpr<'_>, types: &Types) -> Result<Offset, Error> {
    if let Some(value) = single_i32(expr) {
        return Ok(Offset::Constant(u64::from(value as u32)));
    }
    let ops = const_expr(expr, types)?.ops;
    if let [ConstOp::I64(value)] = ops[..] {
        return Ok(Offset::Constant(value as u64));
    }
    let mut list = Vec::new();
    list.try_reserve_exact(ops.len())?;
    list.extend(ops);
    Ok(Offset::Computed(list.into_boxed_slice()))
}

pub fn const_expr(expr: &wasmparser::ConstExpr<'_>, types: &Types) -> Result<ConstExpr, Error> {
    let mut ops = SmallVec::new();
    if let Some(value) = single_i32(expr) {
        ops.push(ConstOp::I32(value));
        return Ok(ConstExpr { ops });
    }
    let mut reader = expr.get_operators_reader();
    while !reader.eof() {
        let (operator, offset) = reader.read_with_offset().map_err(malformed)?;
        if let Operator::End = operator {
            break;
        }
        ops.try_reserve(1).map_err(|_| Error::out_of_memory())?;
        ops.push(const_op(&operator, types, offset)?);
    }
    Ok(ConstExpr { ops })
}

/// The value of an expression that is one `i32.const`, as nearly all offsets of segments are: some modules have a hundred
/// thousand.
fn single_i32(expr: &wasmparser::ConstExpr<'_>) -> Option<i32> {
    let mut reader = expr.get_binary_reader();
    if reader.read_u8().ok()? != I32_CONST {
        return None;
    }
    let value = reader.read_var_i32().ok()?;
    (reader.read_u8().ok()? == END && reader.eof()).then_some(value)
}

fn const_op(operator: &Operator<'_>, types: &Types, offset: u64) -> Result<ConstOp, Error> {
    Ok(match *operator {
        Operator::I32Const { value } => ConstOp::I32(value),
        Operator::I64Const { value } => ConstOp::I64(value),
        Operator::F32Const { value } => ConstOp::F32(value.bits()),
        Operator::F64Const { value } => ConstOp::F64(value.bits()),
        Operator::V128Const { value } => ConstOp::V128(u128::from_le_bytes(*value.bytes())),
        Operator::GlobalGet { global_index } => ConstOp::GlobalGet(GlobalIndex(global_index)),
        Operator::RefNull { hty } => {
            heap_type(hty, types, offset)?;
            ConstOp::RefNull
        }
        Operator::RefFunc { function_index } => ConstOp::RefFunc(FuncIndex(function_index)),
        Operator::I32Add => ConstOp::I32Add,
        Operator::I32Sub => ConstOp::I32Sub,
        Operator::I32Mul => ConstOp::I32Mul,
        Operator::I64Add => ConstOp::I64Add,
        Operator::I64Sub => ConstOp::I64Sub,
        Operator::I64Mul => ConstOp::I64Mul,
        ref other => return Err(refuse(other, offset)),
    })
}

/// The validator also accepts expressions that make objects of garbage collection.
#[cold]
fn refuse(operator: &Operator<'_>, offset: u64) -> Error {
    match operator {
        Operator::RefI31 | Operator::StructNew { .. } | Operator::ArrayNew { .. } => {
            no_gc("constant expression", offset)
        }
        other => {
            let text = format!("constant expression with {other:?}");
            Error::unsupported(Phase::Validate, super::proposals::GC, &text).at(offset)
        }
    }
}
