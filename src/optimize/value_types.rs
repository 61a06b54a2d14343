//! The types of values.

use crate::types::ValType;
use cranelift_codegen::ir::{Type, types};

/// Cranelift's type for a value type.
pub(super) fn clif_type(ty: ValType) -> Type {
    match ty {
        ValType::I32 => types::I32,
        ValType::I64 | ValType::Ref(_) => types::I64,
        ValType::F32 => types::F32,
        ValType::F64 => types::F64,
        ValType::V128 => types::I8X16,
    }
}
