//! `wasmrt_val_t`: values with room for a v128, and the functions that take them.
//!
//! Everything that `wasm.h` offers for a `wasm_val_t` exists for this type, implemented by the same code,
//! except vectors: these functions take arrays with a length.

use super::call::call_values;
use super::func::new;
use super::global;
use super::guard::guard;
use super::handle::write_out;
use super::types::*;
use super::val::{delete_value, release};
use crate::abi::value::{KIND_EXTERNREF, KIND_V128, WideVal};
use crate::runtime::func::Callback;
use std::ffi::c_void;

/// Kinds of values that `wasm_valkind_enum` lacks. `wasm_valtype_new` and `wasm_valtype_kind` know
/// them as well.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
pub enum wasmrt_valkind_enum {
    /// A vector of 128 bits.
    WASMRT_V128 = 4,
}

const _: () = assert!(wasmrt_valkind_enum::WASMRT_V128 as u8 == KIND_V128);

/// A value. The header spells it as a kind and a union of the payloads; `WideVal` has that layout.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct wasmrt_val_t(pub WideVal);

/// A host function of any type. `env` is what was given when the function was made. `args` is
/// borrowed. `results` has one element for each result of the function's type, of the right kind,
/// zero or null. The callback overwrites them; references that it writes become the engine's. NULL
/// means success. A returned trap becomes the engine's and ends the calling guest code. Otherwise
/// as `wasm_func_callback_t`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_func_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        args: *const wasmrt_val_t,
        n_args: usize,
        results: *mut wasmrt_val_t,
        n_results: usize,
    ) -> *mut wasm_trap_t,
>;

/// Deletes the reference in a value, if it holds one, and makes it null. The struct itself stays
/// the caller's. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_val_delete(value: *mut wasmrt_val_t) {
    // SAFETY: NULL or an initialised value (C contract).
    unsafe { delete_value::<WideVal>(value.cast()) };
}

/// Calls a function of any type. The `n_args` arguments are borrowed and must match the parameters
/// in number and kind; otherwise the function does not run and a trap is returned.
///
/// On success the return value is NULL and the first `n_results` results are written, whatever the
/// elements held before; the caller owns references among them. On failure the return value is a
/// trap, owned by the caller, and `results` stays unchanged. An array may be NULL if its length is
/// 0. Calling NULL, or a function whose store has been deleted, returns a trap as in
/// `wasm_func_call`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_func_call(
    func: *const wasm_func_t,
    args: *const wasmrt_val_t,
    n_args: usize,
    results: *mut wasmrt_val_t,
    n_results: usize,
) -> *mut wasm_trap_t {
    // SAFETY: NULL or valid (C contract); a `wasmrt_val_t` is a `WideVal`.
    unsafe { call_values::<WideVal>(func, args.cast(), n_args, results.cast(), n_results) }
}

/// Makes a host function of any type (borrowed) that is called with `env`, which may be NULL. The
/// finalizer, which may be NULL, runs once with `env`: when the function is destroyed, no later
/// than the store, or immediately if no function is made. The caller owns the result. NULL if
/// store, type or callback is NULL, the type has too many parameters or results, or memory is
/// short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_func_new(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    callback: wasmrt_func_callback_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> *mut wasm_func_t {
    let callback = callback.map(|code| Callback::Wide(code as usize));
    // SAFETY: NULL or valid (C contract).
    unsafe { new(store, ty, callback, env, finalizer) }
}

/// Makes a global with the given type and value, both borrowed. The caller owns the result. NULL if
/// an argument is NULL, the value is not of the type, or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_global_new(
    store: *mut wasm_store_t,
    ty: *const wasm_globaltype_t,
    value: *const wasmrt_val_t,
) -> *mut wasm_global_t {
    // SAFETY: NULL or valid (C contract); a `wasmrt_val_t` is a `WideVal`.
    unsafe { global::new::<WideVal>(store, ty, value.cast()) }
}

/// Makes `out` the value of the global; a reference in it is owned by the caller. The null
/// reference, with the last error set, for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_global_get(global: *const wasm_global_t, out: *mut wasmrt_val_t) {
    // SAFETY: NULL or valid for writes (C contract).
    unsafe { write_out(out, wasmrt_val_t(WideVal::new(KIND_EXTERNREF, 0))) };
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let value = unsafe { global::get(global) }?;
        if out.is_null() {
            release(&value);
        }
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, wasmrt_val_t(value)) };
        Ok(())
    });
}

/// Sets the value of the global; `value` is borrowed. False, with the last error set and no change,
/// if an argument is NULL, the global is constant, or the value is not of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_global_set(
    global: *mut wasm_global_t,
    value: *const wasmrt_val_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid (C contract); a `wasmrt_val_t` is a `WideVal`.
        unsafe { global::set::<WideVal>(global, value.cast()) }?;
        Ok(true)
    })
}
