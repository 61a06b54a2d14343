//! `wasm_global_t`.

use super::externtype::{Detail, object};
use super::guard::guard;
use super::handle::write_out;
use super::objects::{live, own};
use super::reference::type_of;
use super::store::store_of;
use super::types::*;
use super::val::{release, wasm_val_t};
use crate::abi::value::{KIND_EXTERNREF, KIND_V128, RawVal, Value, WideVal, kind_name};
use crate::error::Error;
use crate::runtime::references::lift_reference;
use crate::runtime::store::Store;
use crate::types::{GlobalType, ValType};

/// The bits of a C value in a cell of the type.
pub(super) unsafe fn lower<V: Value>(
    store: &Store,
    ty: ValType,
    value: *const V,
) -> Result<u128, Error> {
    // SAFETY: as promised by the caller.
    let value = unsafe { value.as_ref() }.ok_or_else(|| Error::argument("the value is NULL"))?;
    match ty {
        ValType::Ref(_) if value.kind() >= KIND_EXTERNREF => {
            let bits = store.lower_reference(ty, value.bits()).map_err(Error::argument)?;
            Ok(bits.into())
        }
        ValType::I32 | ValType::F32 if value.kind() == ty.kind() => {
            Ok(u128::from(value.bits() as u32))
        }
        // SAFETY: as promised by the caller.
        _ if value.kind() == ty.kind() && V::VALUES.hold(ty) => Ok(unsafe { value.cell_bits() }),
        _ => Err(wrong_kind(ty, value.kind())),
    }
}

#[cold]
fn wrong_kind(ty: ValType, given: u8) -> Error {
    Error::argument(match kind_name(given) {
        Some(given) => format!("the value is of type {given}, and the global holds {ty}"),
        None => format!("the value has the unknown kind {given}, and the global holds {ty}"),
    })
}

/// Makes a global of such a value.
///
/// # Safety
/// The contract of `wasm_global_new`.
pub(super) unsafe fn new<V: Value>(
    store: *mut wasm_store_t,
    ty: *const wasm_globaltype_t,
    value: *const V,
) -> *mut wasm_global_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let store = unsafe { store_of(store) }?;
        // SAFETY: NULL or valid (C contract).
        let Detail::Global { content, mutability } = (unsafe { &object(ty)?.detail }) else {
            return Err(Error::argument("not a global type"));
        };
        let ty = GlobalType { content: content.0.ty, mutable: *mutability == WASM_VAR };
        // SAFETY: NULL or valid (C contract).
        let bits = unsafe { lower(store, ty.content, value) }?;
        let _busy = store.make_room();
        Ok(own(store.new_global(ty, bits)?))
    })
}

/// The value of a global; a reference in it is owned by the caller.
///
/// # Safety
/// `global` is NULL or a handle.
pub(super) unsafe fn get(global: *const wasm_global_t) -> Result<WideVal, Error> {
    // SAFETY: as promised by the caller.
    let (global, _) = unsafe { live(global) }?;
    let mut value = global.get();
    if global.ty.content.is_ref() {
        value.bits = lift_reference(global.ty.content, value.bits);
    }
    Ok(value)
}

/// Sets the value of a global.
///
/// # Safety
/// The contract of `wasm_global_set`.
pub(super) unsafe fn set<V: Value>(
    global: *mut wasm_global_t,
    value: *const V,
) -> Result<(), Error> {
    // SAFETY: NULL or a handle (C contract).
    let (global, store) = unsafe { live(global) }?;
    if !global.ty.mutable {
        return Err(Error::argument("the global cannot be set: its mutability is WASM_CONST"));
    }
    // SAFETY: NULL or an initialised value (C contract).
    global.cell().write(unsafe { lower(store, global.ty.content, value) }?);
    Ok(())
}

/// Makes a global with the given type and value, both borrowed. The caller owns the result. NULL if
/// an argument is NULL, the value is not of the type, or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_new(
    store: *mut wasm_store_t,
    ty: *const wasm_globaltype_t,
    value: *const wasm_val_t,
) -> *mut wasm_global_t {
    // SAFETY: NULL or valid (C contract); a `wasm_val_t` is a `RawVal`.
    unsafe { new::<RawVal>(store, ty, value.cast()) }
}

/// Returns the type of the global, owned by the caller. NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_type(global: *const wasm_global_t) -> *mut wasm_globaltype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| unsafe { type_of(global) })
}

/// Makes `out` the value of the global; a reference in it is owned by the caller. The null
/// reference, with the last error set, for NULL, and for a v128, which a `wasm_val_t` cannot hold.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_get(global: *const wasm_global_t, out: *mut wasm_val_t) {
    let null = wasm_val_t(RawVal { kind: KIND_EXTERNREF, bits: 0 });
    // SAFETY: NULL or valid for writes (C contract).
    unsafe { write_out(out, null) };
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let WideVal { kind, bits, .. } = unsafe { get(global) }?;
        if kind == KIND_V128 {
            return Err(Error::argument(
                "a v128 does not fit into wasm_val_t: use wasmrt_global_get",
            ));
        }
        let value = wasm_val_t(RawVal { kind, bits });
        if out.is_null() {
            release(&value.0);
        }
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, value) };
        Ok(())
    });
}

/// Sets the value of the global; `value` is borrowed. If an argument is NULL, the global is
/// constant, or the value is not of its type, nothing changes and the last error is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_set(global: *mut wasm_global_t, value: *const wasm_val_t) {
    // SAFETY: NULL or valid (C contract); a `wasm_val_t` is a `RawVal`.
    guard(|| unsafe { set::<RawVal>(global, value.cast()) });
}
