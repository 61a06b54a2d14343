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

/// Any C function. The program casts it to and from the prototype that belongs to the type of the
/// function:
///
///     R f(void* env_or_context, own wasm_trap_t** trap, P...)
///
/// The parameters P and the result R are `int32_t`, `int64_t`, `float` or `double`; without a
/// result R is `void`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_native_t = Option<unsafe extern "C" fn()>;

/// Makes a host function that guest code calls as the C function `code`, without `wasm_val_t`. The
/// type is borrowed. Its parameters and results must be numbers other than v128, with at most one
/// result, and `code` must have the prototype of that type.
///
/// `code` is called with `env`, and with `trap` pointing at a NULL pointer. If it stores a trap
/// there, which then belongs to the engine, the calling guest code ends with that trap and the
/// result is ignored. The finalizer, which may be NULL, runs once with `env`: when the function is
/// destroyed, no later than the store, or immediately if no function is made. The caller owns the
/// result. NULL if store, type or code is NULL, the type does not fit, or memory is short.
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

/// Returns a C function that calls `func`, a function of the guest or of the host, with the rules
/// of `wasm_func_call`. It has the prototype of the type of `func`. `*context` is set to the value
/// to pass as its first argument. Its second argument points at a NULL pointer, or is NULL if the
/// caller does not want the trap. If the call traps, it stores the trap there, owned by the caller,
/// and returns zero.
///
/// The C function and the context are valid as long as `func` lives, and may be used only where
/// `func` may be called. NULL, with `*context` NULL, if `func` is NULL, its type is none that
/// `wasmrt_func_new_native` takes, or memory is short.
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
