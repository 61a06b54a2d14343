//! `wasm_val_t`: values, and the references that they own.

use super::guard::guard;
use super::handle::write_out;
use super::objects::{delete, header};
use super::types::wasm_ref_t;
use super::vec::{Element, vector};
use crate::abi::value::{KIND_EXTERNREF, RawVal, Value, is_lent};
use crate::runtime::object::Header;

/// A value. The header spells it as a kind and a union of the payloads; `RawVal` has that layout.
#[allow(non_camel_case_types, reason = "published name")]
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct wasm_val_t(pub RawVal);

impl Element for wasm_val_t {
    const NEUTRAL: wasm_val_t = wasm_val_t(RawVal { kind: KIND_EXTERNREF, bits: 0 });
    fn copy(&self) -> Option<wasm_val_t> {
        copy(self)
    }
    fn delete(self) {
        release(&self.0);
    }
    fn is_lent(values: *const wasm_val_t) -> bool {
        is_lent(values)
    }
}

vector! {
    wasm_val_vec_t of wasm_val_t:
    wasm_val_vec_new_empty wasm_val_vec_new_uninitialized wasm_val_vec_new
    wasm_val_vec_copy wasm_val_vec_delete
}

/// The reference in a value, if it holds one.
fn reference<V: Value>(value: &V) -> Option<*mut wasm_ref_t> {
    let holds_one = value.kind() >= KIND_EXTERNREF && value.bits() != 0;
    holds_one.then(|| value.bits() as *mut wasm_ref_t)
}

/// A copy that owns its reference.
pub fn copy(value: &wasm_val_t) -> Option<wasm_val_t> {
    if let Some(reference) = reference(&value.0) {
        // SAFETY: a value holds NULL or a handle.
        unsafe { header(reference) }.map(Header::add_root);
    }
    Some(*value)
}

/// Deletes the reference that a value owns.
pub fn release<V: Value>(value: &V) {
    if let Some(reference) = reference(value) {
        // SAFETY: an owned value.
        unsafe { delete(reference) };
    }
}

/// Deletes the reference that a value owns, and makes it null.
///
/// # Safety
/// `value` is NULL or an initialised value.
pub unsafe fn delete_value<V: Value>(value: *mut V) {
    guard(|| {
        // SAFETY: as promised by the caller.
        if let Some(value) = unsafe { value.as_mut() } {
            release(value);
            if value.kind() >= KIND_EXTERNREF {
                value.set(value.kind(), 0);
            }
        }
        Ok(())
    });
}

/// Deletes the reference in a value, if it holds one, and makes it null. The struct itself stays
/// the caller's. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_delete(value: *mut wasm_val_t) {
    // SAFETY: NULL or an initialised value (C contract).
    unsafe { delete_value::<RawVal>(value.cast()) };
}

/// Makes `out` a copy of `value`, which is borrowed. A reference in the copy is a new handle, owned
/// by the caller. If `value` is NULL, `out` is the null reference.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_copy(out: *mut wasm_val_t, value: *const wasm_val_t) {
    guard(|| {
        let null = wasm_val_t(RawVal { kind: KIND_EXTERNREF, bits: 0 });
        // SAFETY: NULL or valid (C contract).
        let copy = unsafe { value.as_ref() }.and_then(copy).unwrap_or(null);
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, copy) };
        Ok(())
    });
}
