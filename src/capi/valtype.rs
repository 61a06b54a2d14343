//! `wasm_valtype_t`: the type of a value.

use super::guard::guard;
use super::handle::{Owned, give, take};
use super::types::wasm_valkind_t;
use super::vec::pointer_vector;
use crate::abi::value::*;
use crate::error::Error;
use crate::types::{RefType, ValType};

/// The type of a value.
#[allow(non_camel_case_types, reason = "published name")]
pub struct wasm_valtype_t {
    pub(super) ty: ValType,
}

impl Owned for wasm_valtype_t {}

/// The type that a kind stands for, if it stands for one.
fn type_of_kind(kind: wasm_valkind_t) -> Option<ValType> {
    Some(match kind {
        KIND_I32 => ValType::I32,
        KIND_I64 => ValType::I64,
        KIND_F32 => ValType::F32,
        KIND_F64 => ValType::F64,
        KIND_V128 => ValType::V128,
        KIND_EXTERNREF => ValType::Ref(RefType::EXTERNREF),
        KIND_FUNCREF => ValType::Ref(RefType::FUNCREF),
        _ => return None,
    })
}

/// Takes over a value type.
///
/// # Safety
/// `ty` is NULL or an owned handle.
pub unsafe fn take_valtype(ty: *mut wasm_valtype_t) -> Result<ValType, Error> {
    // SAFETY: as promised by the caller.
    let ty = unsafe { take(ty) }.ok_or_else(|| Error::argument("a value type is NULL"))?;
    Ok(ty.ty)
}

/// Makes a value type of the given kind, owned by the caller. `WASMRT_V128` of wasmrt.h is a kind
/// as well. NULL for an unknown kind or when memory is short.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_new(kind: wasm_valkind_t) -> *mut wasm_valtype_t {
    guard(|| {
        let unknown = || Error::argument(format!("an unknown value kind: {kind}"));
        let ty = type_of_kind(kind).ok_or_else(unknown)?;
        give(wasm_valtype_t { ty })
    })
}

/// Returns the kind of the type; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_kind(ty: *const wasm_valtype_t) -> wasm_valkind_t {
    // SAFETY: NULL or a handle (C contract).
    unsafe { ty.as_ref() }.map_or(0, |t| t.ty.kind())
}

/// Returns a copy, owned by the caller. NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_copy(ty: *const wasm_valtype_t) -> *mut wasm_valtype_t {
    // SAFETY: NULL or a handle (C contract).
    let Some(ty) = (unsafe { ty.as_ref() }) else { return std::ptr::null_mut() };
    guard(|| give(wasm_valtype_t { ty: ty.ty }))
}

/// Deletes a type. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_delete(ty: *mut wasm_valtype_t) {
    // SAFETY: NULL or an owned handle (C contract).
    drop(unsafe { take(ty) });
}

pointer_vector! {
    wasm_valtype_t: wasm_valtype_copy wasm_valtype_delete;
    wasm_valtype_vec_t: wasm_valtype_vec_new_empty wasm_valtype_vec_new_uninitialized wasm_valtype_vec_new
    wasm_valtype_vec_copy wasm_valtype_vec_delete
}
