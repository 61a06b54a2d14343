//! Native signatures: host and wasm call each other as plain C functions.

use super::func::{NOT_NATIVE, new};
use super::guard::guard;
use super::handle::write_out;
use super::objects::live;
use super::types::*;
use crate::error::Error;
use crate::runtime::entry::entry_point;
use crate::runtime::func::Callback;
use std::ffi::c_void;
use std::ptr;

/// Any C function; cast to and from the prototype that belongs to a function's type:
///
///     R f(void* env_or_context, own wasm_trap_t** trap, P...)
///
/// with `int32_t`, `int64_t`, `float` and `double` for the parameters P and for the result R, `void`
/// without a result.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_native_t = Option<unsafe extern "C" fn()>;

/// A host function that wasm calls as the C function `code`, without `wasm_val_t`. Only for types of
/// numbers other than v128 with at most one result; `code` has the prototype of that type. It gets
/// `env`, and `trap` points at NULL; if it puts a trap there, which it then no longer owns, the
/// calling wasm code ends with that trap and the result is ignored. The finalizer, if any, runs with
/// `env` once: when the function dies, at the latest with the store, or at once if no function is
/// made. The type is borrowed. NULL if store, type or code are NULL or the type is of another sort.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_func_new_native(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    code: wasmrt_native_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> *mut wasm_func_t {
    let callback = code.map(|code| Callback::Native(code as usize));
    // SAFETY: NULL or valid (C contract).
    unsafe { new(store, ty, callback, env, finalizer) }
}

/// A C function of the prototype of the function's type that calls it, whatever it is made of, with
/// the rules of `wasm_func_call`. `context` becomes what it wants as its first argument. Its second
/// argument points at a NULL, or is NULL if the caller wants no trap; after a trap, which the caller
/// owns, the result is zero. Both are valid as long as the function lives, and only to be called
/// where the function might be. NULL, and a NULL context, for NULL and for types other than those of
/// `wasmrt_func_new_native`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_func_native(
    func: *const wasm_func_t,
    context: *mut *mut c_void,
) -> wasmrt_native_t {
    let mut found = None;
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let (func, _) = unsafe { live(func) }?;
        let code = entry_point(func)?;
        let code = code.ok_or_else(|| Error::argument(NOT_NATIVE))?;
        found = Some((code, func.as_vm()));
        Ok(())
    });
    let context_of = found.map_or(ptr::null_mut(), |(_, vm)| vm.cast_mut().cast());
    // SAFETY: NULL or valid (C contract); the code is a stub made for C callers.
    unsafe {
        write_out(context, context_of);
        found.map(|(code, _)| std::mem::transmute::<usize, unsafe extern "C" fn()>(code))
    }
}
