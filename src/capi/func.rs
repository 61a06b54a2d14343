//! `wasm_func_t`: host functions, and calls.

use super::engine::store_of;
use super::externtype::func_type;
use super::guard::guard;
use super::reference::{header, live, own, type_of};
use super::types::*;
use super::vec::elements;
use crate::abi::signature::is_native;
use crate::abi::value::{KIND_EXTERNREF, RawVal};
use crate::error::{Error, Phase};
use crate::runtime::call::{call, call_ready, finish};
use crate::runtime::func::{Callback, Func};
use crate::runtime::object::Gc;
use crate::runtime::store::Store;
use crate::runtime::trap::Message;
use crate::stubs::enter::RETURNED;
use smallvec::SmallVec;
use std::ffi::c_void;
use std::ptr;

/// Why a function has no native prototype.
pub(super) const NOT_NATIVE: &str =
    "only numbers other than v128, and at most one result, cross a native signature";

/// A host function without environment. The type is borrowed. NULL if an argument is NULL.
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

/// A host function that is called with `env`. The finalizer, if any, runs with `env` once: when the
/// function dies, at the latest with the store, or at once if no function is made. The type is
/// borrowed. NULL if store, type or callback are NULL.
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

pub(super) unsafe fn new(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    callback: Option<Callback>,
    env: *mut c_void,
    finalizer: Finalizer,
) -> *mut wasm_func_t {
    let env = crate::runtime::func::Environment::new(env.cast(), finalizer);
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, ty) = unsafe { (store_of(store)?, func_type(ty)?) };
        let callback = callback.ok_or_else(|| Error::argument("callback is NULL"))?;
        let _busy = store.busy();
        store.collect_if_due();
        let engine = &store.engine;
        if ty.params.len() > engine.config.limits.params as usize
            || ty.results.len() > crate::abi::signature::MAX_RESULTS
        {
            return Err(Error::limit(Phase::Other, "too many parameters or results"));
        }
        let id = engine.types.intern(&ty).ok_or_else(Error::out_of_memory)?;
        let signature =
            engine.signatures.get(&engine.types, id).map_err(|_| Error::out_of_memory())?;
        if signature.has_v128 {
            return Err(Error::argument("a v128 does not fit into wasm_val_t"));
        }
        if matches!(callback, Callback::Native(_)) && !is_native(&signature.ty) {
            return Err(Error::argument(NOT_NATIVE));
        }
        let func = store.new_host_func(signature, callback, env);
        Ok(own(func.map_err(|_| Error::out_of_memory())?))
    })
}

/// The function's type, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_type(func: *const wasm_func_t) -> *mut wasm_functype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| unsafe { type_of(func) })
}

/// The number of parameters; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_param_arity(func: *const wasm_func_t) -> usize {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { live::<Func, _>(func) }?.0.signature.ty.params.len()))
}

/// The number of results; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_result_arity(func: *const wasm_func_t) -> usize {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { live::<Func, _>(func) }?.0.signature.ty.results.len()))
}

/// Calls a function. Arguments are borrowed and must fit its type in number and kind, otherwise it
/// does not run and a trap says so. On success NULL is returned and the first `results->size`
/// results are written, whatever was there before; references in them are owned by the caller. On a
/// trap, which the caller owns, `results` stays as it is. A NULL vector counts as empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_call(
    func: *const wasm_func_t,
    args: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t {
    // SAFETY: as below.
    if let Some((store, outcome)) = unsafe { call_at_once(func, args, results) } {
        if outcome == RETURNED {
            return ptr::null_mut();
        }
        // SAFETY: the outcome of this very call.
        return guard(|| {
            Ok(unsafe { finish(store, outcome) }.map_or_else(own, |()| ptr::null_mut()))
        });
    }
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (func, store) = unsafe { live::<Func, _>(func) }?;
        // SAFETY: as above; the elements of `results` need not be initialised, so only its
        // pointer and size are used.
        let (args, results) = unsafe { (elements(args), results.as_ref()) };
        let outcome = match args {
            Ok(args) => call_checked(func, store, args, results),
            Err(_) => Err(Message::text("arguments with a size but without data")),
        };
        match outcome {
            Ok(trap) => Ok(trap),
            Err(message) => {
                let trap = store.trap_or_emergency(message);
                let _busy = store.busy();
                store.collect_if_due();
                Ok(own(trap))
            }
        }
    })
}

/// Calls if everything fits at first sight; else nothing has happened. Cannot panic.
#[inline]
unsafe fn call_at_once<'a>(
    func: *const wasm_func_t,
    args: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> Option<(&'a Store, usize)> {
    // SAFETY: NULL or valid (C contract).
    let header = unsafe { header(func) }?;
    let store = header.store()?;
    let func: Gc<Func> = header.downcast()?;
    // SAFETY: as above.
    let (args, results) = unsafe { (args.as_ref()?, results.as_ref()?) };
    let signature = &func.signature;
    let kinds = &signature.param_kinds;
    if store.is_dying()
        || args.size != kinds.len()
        || results.size < signature.result_kinds.len()
        || (args.size != 0 && args.data.is_null())
        || (results.size != 0 && results.data.is_null())
    {
        return None;
    }
    for (i, kind) in kinds.iter().enumerate() {
        // SAFETY: `data` holds `size` values.
        if unsafe { (*args.data.add(i)).0.kind } != *kind {
            return None;
        }
    }
    // SAFETY: number and kinds of the values were checked; the function belongs to its store.
    let outcome = unsafe { call_ready(&func, store, args.data.cast(), results.data.cast()) }?;
    Some((store, outcome))
}

/// Checks arity and kinds, then calls.
fn call_checked(
    func: Gc<Func>,
    store: &Store,
    args: &[wasm_val_t],
    results: Option<&wasm_val_vec_t>,
) -> Result<*mut wasm_trap_t, Message> {
    let signature = &func.signature;
    check_args(&signature.param_kinds, args)?;
    let (data, size) = results.map_or((ptr::null_mut(), 0), |r| (r.data, r.size));
    if size != 0 && data.is_null() {
        return Err(Message::text("results with a size but without data"));
    }
    let arity = signature.result_kinds.len();
    if signature.has_refs || size < arity {
        return Ok(call_through_scratch(func, store, args, data, size.min(arity)));
    }
    // SAFETY: args have the arity and the right kinds, results room for all.
    let outcome = unsafe { call(func, args.as_ptr().cast(), data.cast()) };
    Ok(outcome.map_or_else(own, |()| ptr::null_mut()))
}

fn check_args(kinds: &[u8], args: &[wasm_val_t]) -> Result<(), Message> {
    if args.len() != kinds.len() {
        let text = format!("expected {} arguments, got {}", kinds.len(), args.len());
        return Err(Message::Text(text.into_bytes().into()));
    }
    for (i, (kind, arg)) in kinds.iter().zip(args).enumerate() {
        let fits = arg.0.kind == *kind || (*kind >= KIND_EXTERNREF && arg.0.kind >= KIND_EXTERNREF);
        if !fits {
            let text = format!("argument {i} is of kind {}, expected {kind}", arg.0.kind);
            return Err(Message::Text(text.into_bytes().into()));
        }
    }
    Ok(())
}

/// A call whose arguments need conversion or whose results do not all fit the caller's array.
#[cold]
fn call_through_scratch(
    func: Gc<Func>,
    store: &Store,
    args: &[wasm_val_t],
    out: *mut wasm_val_t,
    wanted: usize,
) -> *mut wasm_trap_t {
    let zero = RawVal { kind: 0, bits: 0 };
    let mut lowered: SmallVec<[RawVal; 8]> = SmallVec::new();
    let mut results: SmallVec<[RawVal; 8]> = SmallVec::new();
    let arity = func.signature.result_kinds.len();
    if lowered.try_reserve(args.len()).is_err() || results.try_reserve(arity).is_err() {
        return own(store.trap_or_emergency(Message::Code(crate::abi::TrapCode::OutOfMemory)));
    }
    lowered.extend(args.iter().map(|arg| arg.0));
    results.resize(arity, zero);
    if let Err(trap) = crate::runtime::call::call_converted(func, &mut lowered, &mut results) {
        return own(trap);
    }
    for (i, value) in results.iter().enumerate() {
        if i < wanted {
            // SAFETY: the caller has room for `wanted` results.
            unsafe { out.add(i).write(wasm_val_t(*value)) };
        } else {
            super::val::release(&wasm_val_t(*value));
        }
    }
    ptr::null_mut()
}
