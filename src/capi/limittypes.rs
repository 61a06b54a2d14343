//! `wasm_globaltype_t`, `wasm_tabletype_t`, `wasm_memorytype_t`: constructors and accessors.

use super::externtype::{Detail, Lent, give_type, object};
use super::guard::guard;
use super::handle::take;
use super::limits64::{Limits64, widen};
use super::types::*;
use crate::error::Error;
use crate::types::ValType;

/// Takes over a value type.
unsafe fn take_content(ty: *mut wasm_valtype_t) -> Result<ValType, Error> {
    // SAFETY: NULL or an owned handle (C contract).
    let ty = unsafe { take(ty) }.ok_or_else(|| Error::argument("a value type is NULL"))?;
    Ok(ty.ty)
}

/// The type of a global. Takes over the value type; NULL if it is NULL or the mutability unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_new(
    content: *mut wasm_valtype_t,
    mutability: wasm_mutability_t,
) -> *mut wasm_globaltype_t {
    guard(|| {
        // SAFETY: NULL or an owned handle (C contract).
        let ty = unsafe { take_content(content) }?;
        if mutability > WASM_VAR {
            return Err(Error::argument("an unknown mutability"));
        }
        let content = Lent(wasm_valtype_t { ty });
        Ok(give_type(WASM_EXTERN_GLOBAL, Detail::Global { content, mutability }))
    })
}

/// The type of the global's value, lent; NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_content(
    ty: *const wasm_globaltype_t,
) -> *const wasm_valtype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| match unsafe { &object(ty)?.detail } {
        Detail::Global { content, .. } => Ok(&raw const content.0),
        _ => Err(Error::argument("not a global type")),
    })
}

/// Whether the global is mutable; `WASM_CONST` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_mutability(
    ty: *const wasm_globaltype_t,
) -> wasm_mutability_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| match unsafe { &object(ty)?.detail } {
        Detail::Global { mutability, .. } => Ok(*mutability),
        _ => Err(Error::argument("not a global type")),
    })
}

/// The type of a table. Takes over the element type, copies the limits; NULL if one of them is NULL
/// or the minimum is greater than the maximum. There are types with elements that are not
/// references, but no tables of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_new(
    element: *mut wasm_valtype_t,
    limits: *const wasm_limits_t,
) -> *mut wasm_tabletype_t {
    // SAFETY: NULL or valid (C contract).
    guard(|| unsafe { new_table_type(element, || widen(limits)) })
}

/// The type of a table with limits that may be refused; the element type is taken over in any case.
///
/// # Safety
/// `element` is NULL or an owned handle.
pub(super) unsafe fn new_table_type(
    element: *mut wasm_valtype_t,
    limits: impl FnOnce() -> Result<Limits64, Error>,
) -> Result<*mut wasm_tabletype_t, Error> {
    // SAFETY: as promised by the caller.
    let ty = unsafe { take_content(element) }?;
    let full = limits()?;
    let element = Lent(wasm_valtype_t { ty });
    let limits = full.narrow();
    Ok(give_type(WASM_EXTERN_TABLE, Detail::Table { element, limits, full }))
}

/// The full limits of a table type.
///
/// # Safety
/// `ty` is NULL or a handle.
pub(super) unsafe fn table_limits(ty: *const wasm_tabletype_t) -> Result<Limits64, Error> {
    // SAFETY: as promised by the caller.
    match unsafe { &object(ty)?.detail } {
        Detail::Table { full, .. } => Ok(*full),
        _ => Err(Error::argument("not a table type")),
    }
}

/// The element type, lent; NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_element(
    ty: *const wasm_tabletype_t,
) -> *const wasm_valtype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| match unsafe { &object(ty)?.detail } {
        Detail::Table { element, .. } => Ok(&raw const element.0),
        _ => Err(Error::argument("not a table type")),
    })
}

/// The limits in elements, lent; `UINT32_MAX` stands for more. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_limits(
    ty: *const wasm_tabletype_t,
) -> *const wasm_limits_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| match unsafe { &object(ty)?.detail } {
        Detail::Table { limits, .. } => Ok(&raw const *limits),
        _ => Err(Error::argument("not a table type")),
    })
}

/// The type of a memory. Copies the limits; NULL if they are NULL or the minimum is greater than the
/// maximum. There are types with a maximum above 65,536 pages, but no memories of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_new(
    limits: *const wasm_limits_t,
) -> *mut wasm_memorytype_t {
    // SAFETY: NULL or valid (C contract).
    guard(|| Ok(new_memory_type(unsafe { widen(limits) }?)))
}

/// The type of a memory with such limits.
pub(super) fn new_memory_type(full: Limits64) -> *mut wasm_memorytype_t {
    give_type(WASM_EXTERN_MEMORY, Detail::Memory { limits: full.narrow(), full })
}

/// The full limits of a memory type.
///
/// # Safety
/// `ty` is NULL or a handle.
pub(super) unsafe fn memory_limits(ty: *const wasm_memorytype_t) -> Result<Limits64, Error> {
    // SAFETY: as promised by the caller.
    match unsafe { &object(ty)?.detail } {
        Detail::Memory { full, .. } => Ok(*full),
        _ => Err(Error::argument("not a memory type")),
    }
}

/// The limits in pages, lent; `UINT32_MAX` stands for more. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_limits(
    ty: *const wasm_memorytype_t,
) -> *const wasm_limits_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| match unsafe { &object(ty)?.detail } {
        Detail::Memory { limits, .. } => Ok(&raw const *limits),
        _ => Err(Error::argument("not a memory type")),
    })
}
