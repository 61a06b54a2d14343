//! `wasm_val_t`: values, and the references that they own.

use super::guard::guard;
use super::reference::{delete, header};
use super::types::*;
use crate::abi::value::{KIND_EXTERNREF, RawVal};
use crate::runtime::object::Header;

/// The reference in a value, if it holds one.
fn reference(value: &wasm_val_t) -> Option<*mut wasm_ref_t> {
    (value.0.kind >= KIND_EXTERNREF && value.0.bits != 0).then_some(value.0.bits as *mut wasm_ref_t)
}

/// A copy that owns its reference.
pub fn copy(value: &wasm_val_t) -> Option<wasm_val_t> {
    if let Some(reference) = reference(value) {
        // SAFETY: a value holds NULL or a handle.
        unsafe { header(reference) }.map(Header::add_root);
    }
    Some(*value)
}

/// Deletes the reference that a value owns.
pub fn release(value: &wasm_val_t) {
    if let Some(reference) = reference(value) {
        // SAFETY: an owned value.
        unsafe { delete(reference) };
    }
}

/// Deletes the reference that the value owns, if it owns one, and makes it null. The struct itself
/// stays the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_delete(value: *mut wasm_val_t) {
    guard(|| {
        // SAFETY: NULL or an initialised value (C contract).
        if let Some(value) = unsafe { value.as_mut() } {
            release(value);
            if value.0.kind >= KIND_EXTERNREF {
                value.0.bits = 0;
            }
        }
        Ok(())
    });
}

/// Makes `out` a copy with a handle of its own; the null reference for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_copy(out: *mut wasm_val_t, value: *const wasm_val_t) {
    guard(|| {
        let null = wasm_val_t(RawVal { kind: KIND_EXTERNREF, bits: 0 });
        // SAFETY: NULL or valid (C contract).
        let copy = unsafe { value.as_ref() }.and_then(copy).unwrap_or(null);
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { super::handle::write_out(out, copy) };
        Ok(())
    });
}
