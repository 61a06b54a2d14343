//! `wasm_func_t`: host functions, and calls (see [`super::call`]).

use super::call::call_values;
use super::externtype::{check_count, func_type};
use super::guard::guard;
use super::objects::{live, own};
use super::reference::type_of;
use super::store::store_of;
use super::types::*;
use super::val::wasm_val_vec_t;
use crate::abi::signature::{MAX_RESULTS, is_native};
use crate::abi::value::RawVal;
use crate::error::Error;
use crate::runtime::environment::Environment;
use crate::runtime::func::{Callback, Func};
use crate::runtime::object::Gc;
use crate::runtime::store::Store;
use std::ffi::c_void;
use std::ptr;

/// A host function. `args` is borrowed. `results` has one element for each result of the function's
/// type, of the right kind, zero or null. The callback overwrites them; references that it writes
/// become the engine's. NULL means success. A returned trap becomes the engine's and ends the
/// calling guest code.
///
/// The callback may replace the vector `results`, for example with `wasm_val_vec_new`: the engine
/// takes ownership of the new one, and a wrong size makes the call trap. Deleting a vector that the
/// callback was given clears its values and keeps its array.
///
/// The callback runs on the thread that called, and may use its store as outside of calls. It must
/// return: it must neither throw an exception nor leave by `longjmp`.
#[allow(non_camel_case_types, reason = "published name")]
pub type wasm_func_callback_t = Option<
    unsafe extern "C" fn(
        args: *const wasm_val_vec_t,
        results: *mut wasm_val_vec_t,
    ) -> *mut wasm_trap_t,
>;

/// As `wasm_func_callback_t`, with the environment that was given when the function was made.
#[allow(non_camel_case_types, reason = "published name")]
pub type wasm_func_callback_with_env_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        args: *const wasm_val_vec_t,
        results: *mut wasm_val_vec_t,
    ) -> *mut wasm_trap_t,
>;

/// Why a function has no native prototype.
pub(super) const NOT_NATIVE: &str =
    "a native function has only numbers other than v128, and at most one result";

/// Makes a host function without environment. The type is borrowed. The caller owns the result.
/// NULL if an argument is NULL, the type has a v128 (see `wasmrt_func_new`) or too many parameters
/// or results, or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_new(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    callback: wasm_func_callback_t,
) -> *mut wasm_func_t {
    let callback = callback.map(|code| Callback::Plain(code as usize));
    // SAFETY: NULL or valid (C contract).
    unsafe { new(store, ty, callback, ptr::null_mut(), None) }
}

/// Makes a host function that is called with `env`, which may be NULL. The type is borrowed. The
/// finalizer, which may be NULL, runs once with `env`: when the function is destroyed, no later
/// than the store, or immediately if no function is made. The caller owns the result. NULL if
/// store, type or callback is NULL, the type has a v128 (see `wasmrt_func_new`) or too many
/// parameters or results, or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_new_with_env(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    callback: wasm_func_callback_with_env_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> *mut wasm_func_t {
    let callback = callback.map(|code| Callback::WithEnv(code as usize));
    // SAFETY: NULL or valid (C contract).
    unsafe { new(store, ty, callback, env, finalizer) }
}

/// What all constructors of host functions do.
///
/// # Safety
/// The contract of the C functions.
pub(super) unsafe fn new(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    callback: Option<Callback>,
    env: *mut c_void,
    finalizer: Finalizer,
) -> *mut wasm_func_t {
    let env = Environment::new(env.cast(), finalizer);
    // SAFETY: NULL or valid (C contract).
    guard(|| unsafe { Ok(own(host_func(store_of(store)?, ty, callback, env)?)) })
}

/// Makes a host function.
///
/// # Safety
/// `ty` is NULL or a type, and the callback fits it.
pub(super) unsafe fn host_func(
    store: &Store,
    ty: *const wasm_functype_t,
    callback: Option<Callback>,
    env: Environment,
) -> Result<Gc<Func>, Error> {
    // SAFETY: as promised by the caller.
    let ty = unsafe { func_type(ty)? };
    let callback = callback.ok_or_else(|| Error::argument("callback is NULL"))?;
    let _busy = store.make_room();
    let engine = &store.engine;
    check_count("parameters", ty.params.len(), engine.config.limits.params as usize)?;
    check_count("results", ty.results.len(), MAX_RESULTS)?;
    engine.forget_types_if_crowded();
    let (id, ty) = engine.types.intern(&ty).ok_or_else(Error::out_of_memory)?;
    let signature = engine.signatures.get(id, &ty)?;
    if signature.has_v128 && !matches!(callback, Callback::Wide(_)) {
        return Err(Error::argument("a v128 does not fit into wasm_val_t: use wasmrt_func_new"));
    }
    if matches!(callback, Callback::Native(_)) && !is_native(&signature.ty) {
        return Err(Error::argument(NOT_NATIVE));
    }
    store.new_host_func(signature, callback, env)
}

/// Returns the function's type, owned by the caller. NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_type(func: *const wasm_func_t) -> *mut wasm_functype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| unsafe { type_of(func) })
}

/// Returns the number of parameters; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_param_arity(func: *const wasm_func_t) -> usize {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { live(func) }?.0.signature.ty.params.len()))
}

/// Returns the number of results; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_result_arity(func: *const wasm_func_t) -> usize {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { live(func) }?.0.signature.ty.results.len()))
}

/// Calls a function. `args` is borrowed and must match the parameters in number and kind; otherwise
/// the function does not run and a trap is returned.
///
/// On success the return value is NULL and the first `results->size` results are written, whatever
/// the elements held before; the caller owns references among them. If `results` has more elements
/// than the function has results, the others stay unchanged. On failure the return value is a trap,
/// owned by the caller, and `results` stays unchanged. A NULL vector counts as empty.
///
/// Calling NULL, or a function whose store has been deleted, returns a trap that belongs to no
/// store: any threads may use it at the same time, and it cannot have host info.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_call(
    func: *const wasm_func_t,
    args: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t {
    // The elements of `results` need not be initialised, so only its pointer and size are used.
    // SAFETY: NULL or valid (C contract).
    let (args, results) = unsafe { (args.as_ref(), results.as_ref()) };
    let (args, n_args) = args.map_or((ptr::null(), 0), |vec| (vec.data.cast_const(), vec.size));
    let (results, n_results) = results.map_or((ptr::null_mut(), 0), |vec| (vec.data, vec.size));
    // SAFETY: as above; a `wasm_val_t` is a `RawVal`.
    unsafe { call_values::<RawVal>(func, args.cast(), n_args, results.cast(), n_results) }
}
