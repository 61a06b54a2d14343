//! `wasm_tabletype_t`: constructors and accessors, with limits of either width.

use super::externtype::{Detail, Lent, give_type, object};
use super::guard::guard;
use super::limits64::{Limits64, from_c, give_limits, wasmrt_limits_t, widen};
use super::types::*;
use super::valtype::{take_valtype, wasm_valtype_t};
use crate::error::Error;
use crate::types::PageSize;

/// Makes the type of a table, owned by the caller. It takes ownership of the element type and
/// copies the limits. NULL if either is NULL, the minimum is greater than the maximum, or memory is
/// short. Element types that are not references are allowed here, but `wasm_table_new` refuses
/// them.
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
unsafe fn new_table_type(
    element: *mut wasm_valtype_t,
    limits: impl FnOnce() -> Result<Limits64, Error>,
) -> Result<*mut wasm_tabletype_t, Error> {
    // SAFETY: as promised by the caller.
    let ty = unsafe { take_valtype(element) }?;
    let full = limits()?;
    let element = Lent(wasm_valtype_t { ty });
    let limits = full.narrow();
    give_type(Detail::Table { element, limits, full })
}

/// The full limits of a table type.
///
/// # Safety
/// `ty` is NULL or a handle.
unsafe fn table_limits(ty: *const wasm_tabletype_t) -> Result<Limits64, Error> {
    // SAFETY: as promised by the caller.
    match unsafe { &object(ty)?.detail } {
        Detail::Table { full, .. } => Ok(*full),
        _ => Err(Error::argument("not a table type")),
    }
}

/// Returns the type of the elements, borrowed: valid as long as the type. NULL for NULL.
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

/// Returns the limits in elements, borrowed: valid as long as the type. Numbers that do not fit are
/// `UINT32_MAX`. NULL for NULL.
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

/// Makes the type of a table, owned by the caller. It takes ownership of the element type and
/// copies the limits. NULL if either is NULL, the minimum is greater than the maximum, a size does
/// not fit the width of indices, a flag is unknown or is for memories only, or memory is short.
/// Element types that are not references are allowed here, but `wasm_table_new` refuses them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_tabletype_new(
    element: *mut wasm_valtype_t,
    limits: *const wasmrt_limits_t,
) -> *mut wasm_tabletype_t {
    guard(|| {
        let limits = || {
            // SAFETY: NULL or valid (C contract).
            let limits = unsafe { from_c(limits) }?;
            if limits.shared || limits.page == PageSize::Byte {
                return Err(Error::argument("a table cannot be shared, and has no pages"));
            }
            Ok(limits)
        };
        // SAFETY: NULL or an owned handle (C contract).
        unsafe { new_table_type(element, limits) }
    })
}

/// Makes `out` the limits in elements. If `ty` is NULL, all fields are 0 and the last error is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_tabletype_limits(
    ty: *const wasm_tabletype_t,
    out: *mut wasmrt_limits_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe { give_limits(out, || table_limits(ty)) };
}
