//! `wasm_globaltype_t`: constructor and accessors.

use super::externtype::{Detail, Lent, give_type, object};
use super::guard::guard;
use super::types::*;
use super::valtype::{take_valtype, wasm_valtype_t};
use crate::error::Error;

/// Makes the type of a global, owned by the caller. It takes ownership of the value type. NULL if
/// the value type is NULL, the mutability is unknown, or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_new(
    content: *mut wasm_valtype_t,
    mutability: wasm_mutability_t,
) -> *mut wasm_globaltype_t {
    guard(|| {
        // SAFETY: NULL or an owned handle (C contract).
        let ty = unsafe { take_valtype(content) }?;
        if mutability > WASM_VAR {
            let text = format!("an unknown mutability: {mutability}, WASM_CONST is 0, WASM_VAR 1");
            return Err(Error::argument(text));
        }
        let content = Lent(wasm_valtype_t { ty });
        give_type(Detail::Global { content, mutability })
    })
}

/// Returns the type of the value, borrowed: valid as long as the type. NULL for NULL.
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

/// Returns the mutability of the global; `WASM_CONST` for NULL.
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
