//! Converts the parser's types to ours.
//!
//! References to function types become canonical ids at once; all types of garbage collection are refused here.

use super::proposals::no_gc;
use crate::error::{Error, Phase};
use crate::types::{
    FuncType, GlobalType, HeapType, Limits, MemoryType, PageSize, RefType, SigId, TableType,
    ValType,
};
use std::sync::Arc;
use wasmparser::{AbstractHeapType, CompositeInnerType, SubType, UnpackedIndex};

/// The type section as read so far.
pub type Types = [(SigId, Arc<FuncType>)];

/// A function type that refers to earlier types only.
pub fn func_type(ty: &SubType, known: &Types, offset: u64) -> Result<FuncType, Error> {
    if !ty.is_final || !ty.supertype_idxs.is_empty() {
        return Err(no_gc("subtypes", offset));
    }
    let func = match &ty.composite_type.inner {
        CompositeInnerType::Func(func) => func,
        CompositeInnerType::Struct(_) => return Err(no_gc("struct types", offset)),
        CompositeInnerType::Array(_) => return Err(no_gc("array types", offset)),
        CompositeInnerType::Cont(_) => {
            return Err(Error::unsupported(Phase::Validate, "stack switching", "").at(offset));
        }
    };
    Ok(FuncType {
        params: val_types(func.params(), known, offset)?,
        results: val_types(func.results(), known, offset)?,
    })
}

fn val_types(
    types: &[wasmparser::ValType],
    known: &Types,
    offset: u64,
) -> Result<Box<[ValType]>, Error> {
    let mut converted = Vec::new();
    converted.try_reserve_exact(types.len())?;
    for ty in types {
        converted.push(val_type(*ty, known, offset)?);
    }
    Ok(converted.into_boxed_slice())
}

pub fn val_type(ty: wasmparser::ValType, known: &Types, offset: u64) -> Result<ValType, Error> {
    Ok(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) => ValType::Ref(ref_type(ty, known, offset)?),
    })
}

pub fn ref_type(ty: wasmparser::RefType, known: &Types, offset: u64) -> Result<RefType, Error> {
    let heap = heap_type(ty.heap_type(), known, offset)?;
    Ok(RefType { nullable: ty.is_nullable(), heap })
}

pub fn heap_type(ty: wasmparser::HeapType, known: &Types, offset: u64) -> Result<HeapType, Error> {
    match ty {
        wasmparser::HeapType::Abstract { ty: AbstractHeapType::Func, .. } => Ok(HeapType::Func),
        wasmparser::HeapType::Abstract { ty: AbstractHeapType::Extern, .. } => Ok(HeapType::Extern),
        wasmparser::HeapType::Abstract { ty: AbstractHeapType::Exn, .. } => Ok(HeapType::Exn),
        wasmparser::HeapType::Abstract { ty: AbstractHeapType::NoExn, .. } => Ok(HeapType::NoExn),
        wasmparser::HeapType::Concrete(UnpackedIndex::Module(index)) => {
            // Only a type that refers to itself, or forward within a group, is not known yet.
            let known = known.get(index as usize);
            known.map(|(id, _)| HeapType::Concrete(*id)).ok_or_else(|| recursive(offset))
        }
        wasmparser::HeapType::Concrete(_) => Err(recursive(offset)),
        _ => Err(no_gc("heap types other than func, extern, exn and function types", offset)),
    }
}

fn recursive(offset: u64) -> Error {
    no_gc("recursive types", offset)
}

pub fn global_type(
    ty: wasmparser::GlobalType,
    known: &Types,
    offset: u64,
) -> Result<GlobalType, Error> {
    Ok(GlobalType { content: val_type(ty.content_type, known, offset)?, mutable: ty.mutable })
}

pub fn table_type(
    ty: wasmparser::TableType,
    known: &Types,
    offset: u64,
) -> Result<TableType, Error> {
    Ok(TableType {
        element: ref_type(ty.element_type, known, offset)?,
        limits: Limits { min: ty.initial, max: ty.maximum },
        is_64: ty.table64,
    })
}

pub fn memory_type(ty: wasmparser::MemoryType) -> MemoryType {
    let limits = Limits { min: ty.initial, max: ty.maximum };
    let page = if ty.page_size_log2 == Some(0) { PageSize::Byte } else { PageSize::Usual };
    MemoryType { limits, is_64: ty.memory64, shared: ty.shared, page }
}
