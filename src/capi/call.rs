//! Calls of functions, with arrays of `wasm_val_t` or of `wasmrt_val_t`.
//!
//! The fast path ([`find_entry`]) enters guest code directly: the arguments have the right number and
//! kinds, there is room for the results, and nothing needs conversion. All other calls take the slow
//! path ([`call_slow`]), which converts values and says what is wrong.

use super::guard::guard;
use super::objects::{header, live, own};
use super::types::{wasm_func_t, wasm_trap_t};
use super::val::release;
use crate::abi::TrapCode;
use crate::abi::value::{KIND_EXTERNREF, Value, kind_name};
use crate::abi::vmctx::{StoreContext, VmFunc};
use crate::runtime::call::{call, ready_stub};
use crate::runtime::func::Func;
use crate::runtime::object::{Gc, Kind};
use crate::runtime::store::Store;
use crate::runtime::storeless::{self, Reason};
use crate::runtime::trap::Message;
use crate::stubs::EntryStub;
use crate::types::FuncType;
use smallvec::SmallVec;
use std::ptr;

/// Calls a function; the trap, or NULL with the first `n_results` results written.
///
/// # Safety
/// `func` is NULL or a handle; the arrays are NULL or have as many elements as said, those of `args`
/// initialised.
#[inline]
pub unsafe fn call_values<V: Value>(
    func: *const wasm_func_t,
    args: *const V,
    n_args: usize,
    results: *mut V,
    n_results: usize,
) -> *mut wasm_trap_t {
    // SAFETY: as promised by the caller; `find_entry` checked what the stub requires.
    unsafe {
        match find_entry(func, args, n_args, results, n_results) {
            Some((stub, func, store)) => {
                stub(func, args.cast(), results.cast(), store).cast::<wasm_trap_t>()
            }
            None => call_slow(func, args, n_args, results, n_results),
        }
    }
}

/// The slow path. A call that cannot begin returns a trap as well, because NULL would mean success.
#[cold]
#[inline(never)]
unsafe fn call_slow<V: Value>(
    func: *const wasm_func_t,
    args: *const V,
    n_args: usize,
    results: *mut V,
    n_results: usize,
) -> *mut wasm_trap_t {
    let ended = guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let (func, store) = unsafe { live(func) }?;
        let outcome = if n_args != 0 && args.is_null() {
            Err(Message::refusal("the arguments have a size but no data"))
        } else if n_args != func.signature.param_kinds.len() {
            Err(text(wrong_number(&func.signature.ty, n_args)))
        } else if n_results != 0 && results.is_null() {
            Err(Message::refusal("the results have a size but no data"))
        } else {
            let args = match n_args {
                0 => &[],
                // SAFETY: not NULL, and as many as the function has parameters (C contract).
                _ => unsafe { std::slice::from_raw_parts(args, n_args) },
            };
            call_checked(func, store, args, results, n_results)
        };
        Ok(Some(outcome.unwrap_or_else(|message| own(store.trap_or_emergency(message)))))
    });
    // SAFETY: as above; no call has begun, or it has panicked and its store is there.
    ended.unwrap_or_else(|| storeless::trap(unsafe { why_not(func) }).as_ptr().cast())
}

/// Why a function was not called.
///
/// # Safety
/// `func` is NULL or a handle.
unsafe fn why_not(func: *const wasm_func_t) -> Reason {
    // SAFETY: as promised by the caller.
    let Some(header) = (unsafe { header(func) }) else { return Reason::NullFunction };
    match header.store() {
        None => Reason::StoreDeleted,
        Some(store) if store.is_dying() => Reason::StoreDying,
        Some(_) if header.kind() != Kind::Func => Reason::NotAFunction,
        Some(_) => Reason::Internal,
    }
}

/// The fast path: the stub to call, with function and store; `None` if the slow path is needed. Cannot
/// panic.
#[inline]
unsafe fn find_entry<V: Value>(
    func: *const wasm_func_t,
    args: *const V,
    n_args: usize,
    results: *mut V,
    n_results: usize,
) -> Option<(EntryStub, *const VmFunc, *const StoreContext)> {
    // SAFETY: NULL or a handle (C contract).
    let header = unsafe { header(func) }?;
    let store = header.store()?;
    let func: Gc<Func> = header.downcast()?;
    let signature = &func.signature;
    let kinds = &signature.param_kinds;
    if n_args != kinds.len()
        || n_results < signature.result_kinds.len()
        || (n_args != 0 && args.is_null())
        || (n_results != 0 && results.is_null())
    {
        return None;
    }
    for (i, kind) in kinds.iter().enumerate() {
        // SAFETY: `args` holds `n_args` values.
        if unsafe { (*args.add(i)).kind() } != *kind {
            return None;
        }
    }
    let stub = ready_stub::<V>(&func, store)?;
    Some((stub, func.as_vm(), &store.context))
}

/// Checks the kinds of the arguments, whose number is right, then calls.
fn call_checked<V: Value>(
    func: Gc<Func>,
    store: &Store,
    args: &[V],
    results: *mut V,
    n_results: usize,
) -> Result<*mut wasm_trap_t, Message> {
    let signature = &func.signature;
    check_kinds(&signature.param_kinds, args)?;
    let arity = signature.result_kinds.len();
    if signature.has_refs || n_results < arity {
        return Ok(call_with_copies(func, store, args, results, n_results.min(arity)));
    }
    // SAFETY: args have the arity and the right kinds, results room for all.
    let outcome = unsafe { call(func, args.as_ptr(), results) };
    Ok(outcome.map_or_else(own, |()| ptr::null_mut()))
}

fn check_kinds<V: Value>(kinds: &[u8], args: &[V]) -> Result<(), Message> {
    for (i, (kind, arg)) in kinds.iter().zip(args).enumerate() {
        let given = arg.kind();
        let fits = given == *kind || (*kind >= KIND_EXTERNREF && given >= KIND_EXTERNREF);
        if !fits {
            let expected = kind_name(*kind).unwrap_or_default();
            return Err(text(match kind_name(given) {
                Some(given) => format!("argument {i} is of type {given}, expected {expected}"),
                None => format!("argument {i} has the unknown kind {given}, expected {expected}"),
            }));
        }
    }
    Ok(())
}

#[cold]
fn wrong_number(ty: &FuncType, given: usize) -> String {
    let expected = ty.params.len();
    let plural = if expected == 1 { "" } else { "s" };
    format!("expected {expected} argument{plural}, got {given}: the function is {ty}")
}

fn text(text: String) -> Message {
    Message::detailed(TrapCode::Refused, text)
}

/// A call whose arguments need conversion, or whose results do not all fit the caller's array.
#[cold]
fn call_with_copies<V: Value>(
    func: Gc<Func>,
    store: &Store,
    args: &[V],
    out: *mut V,
    wanted: usize,
) -> *mut wasm_trap_t {
    let mut lowered: SmallVec<[V; 8]> = SmallVec::new();
    let mut results: SmallVec<[V; 8]> = SmallVec::new();
    let arity = func.signature.result_kinds.len();
    if lowered.try_reserve(args.len()).is_err() || results.try_reserve(arity).is_err() {
        return own(store.trap_or_emergency(Message::Code(TrapCode::OutOfMemory)));
    }
    lowered.extend(args.iter().copied());
    results.resize(arity, V::ZERO);
    if let Err(trap) = crate::runtime::call::call_converted(func, &mut lowered, &mut results) {
        return own(trap);
    }
    for (i, value) in results.iter().enumerate() {
        if i < wanted {
            // SAFETY: the caller has room for `wanted` results.
            unsafe { out.add(i).write(*value) };
        } else {
            release(value);
        }
    }
    ptr::null_mut()
}
