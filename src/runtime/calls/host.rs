//! Calls from guest code into host functions whose signatures contain references, or that take wide
//! values, or that are sampled.
//!
//! Import stubs call other host functions directly. Here references are converted first: guest code holds the
//! address of a function object's dispatch part, the host gets a handle, borrowed for the call. What the host
//! returns is owned and must match the signature.

use super::native_call::call_native;
use super::references::{lift, release};
use super::results::{self, handle};
use crate::abi::trap::TrapCode;
use crate::abi::value::{KIND_EXTERNREF, RawVal, RawValVec, Value, WideVal};
use crate::abi::vmctx::VmHostFunc;
use crate::panics::catch;
use crate::runtime::externs::func::{Callback, Func, FuncBody, HostFunc};
use crate::runtime::heap::object::{Gc, Header};
use crate::runtime::stores::store::Store;
use crate::runtime::trap_objects::emergency::fail;
use crate::runtime::trap_objects::trap::{Message, Trap};
use crate::types::{FuncType, ValType};
use std::ffi::c_void;
use std::mem::transmute;
use std::ptr;

type Plain = unsafe extern "C" fn(*const RawValVec, *mut RawValVec) -> *mut ();
type WithEnv = unsafe extern "C" fn(*mut c_void, *const RawValVec, *mut RawValVec) -> *mut ();
/// `wasmrt_func_callback_t`.
type Wide =
    unsafe extern "C" fn(*mut c_void, *const WideVal, usize, *mut WideVal, usize) -> *mut ();

/// Called by the import stub instead of the host's callback. Returns the trap, or null.
///
/// # Safety
/// `host` lies in a function object; the arrays have its arity.
pub unsafe extern "C" fn converted_call(
    host: *const VmHostFunc,
    args: *mut RawVal,
    results: *mut RawVal,
) -> *mut () {
    // SAFETY: as promised by the stub.
    unsafe { convert(host, args, results) }
}

/// The same with wide values.
///
/// # Safety
/// As for [`converted_call`].
pub unsafe extern "C" fn wide_call(
    host: *const VmHostFunc,
    args: *mut WideVal,
    results: *mut WideVal,
) -> *mut () {
    // SAFETY: as promised by the stub.
    unsafe { convert(host, args, results) }
}

unsafe fn convert<V: HostValue>(host: *const VmHostFunc, args: *mut V, results: *mut V) -> *mut () {
    // SAFETY: `env` of a converted function is the address of its object.
    let func: Gc<Func> = unsafe { Gc::from_ref(&*(*host).env.get().cast()) };
    let types = &func.signature.ty;
    // SAFETY: as promised by the stub.
    let (args, results) =
        unsafe { (slice(args, types.params.len()), slice(results, types.results.len())) };
    let outcome = catch(|| call_host(func, args, results));
    outcome.unwrap_or_else(|_| {
        func.header().store().map_or(ptr::null_mut(), |store| {
            handle(fail(store, Message::Code(TrapCode::InternalError)))
        })
    })
}

unsafe fn slice<'a, V>(data: *mut V, len: usize) -> &'a mut [V] {
    if len == 0 {
        return &mut [];
    }
    // SAFETY: the caller vouches for pointer and length.
    unsafe { std::slice::from_raw_parts_mut(data, len) }
}

fn call_host<V: HostValue>(func: Gc<Func>, args: &mut [V], results: &mut [V]) -> *mut () {
    let (Some(store), FuncBody::Host(host)) = (func.header().store(), &func.body) else {
        return ptr::null_mut();
    };
    let types = &func.signature.ty;
    // The array owns its handles, so it does no harm if the host deletes what it was lent: deleting also clears.
    lift(&types.params, args);
    store.sample();
    let trap = V::invoke(store, (host, types), args, results);
    store.sample_host();
    release(args);
    if !trap.is_null() {
        release(results);
        return trap;
    }
    match lower_results(store, &types.results, results) {
        Ok(()) => ptr::null_mut(),
        Err(trap) => handle(trap),
    }
}

/// A host function and its type.
type HostOf<'a> = (&'a HostFunc, &'a FuncType);

/// A value in the form that a callback gets.
trait HostValue: Value {
    /// Calls the host with arrays of these values; returns the trap, or null.
    fn invoke(store: &Store, func: HostOf<'_>, args: &mut [Self], results: &mut [Self]) -> *mut ();
}

/// The address of the first value, NULL when there is none.
fn data<V>(values: &mut [V]) -> *mut V {
    if values.is_empty() { ptr::null_mut() } else { values.as_mut_ptr() }
}

impl HostValue for RawVal {
    fn invoke(
        store: &Store,
        (host, ty): HostOf<'_>,
        args: &mut [RawVal],
        results: &mut [RawVal],
    ) -> *mut () {
        if let Callback::Native(code) = host.callback {
            // SAFETY: a function of the declared prototype; only such types have stubs that lead here.
            return unsafe { call_native(code, host.env.data(), ty, args, results) };
        }
        let args = RawValVec { size: args.len(), data: data(args) };
        let lent = RawValVec { size: results.len(), data: data(results) };
        let mut given = RawValVec { ..lent };
        // SAFETY: the embedder's function of the declared prototype.
        let trap = unsafe {
            match host.callback {
                Callback::Plain(code) => transmute::<usize, Plain>(code)(&args, &mut given),
                Callback::WithEnv(code) => {
                    transmute::<usize, WithEnv>(code)(host.env.data(), &args, &mut given)
                }
                // Their stubs call another function.
                Callback::Wide(_) | Callback::Native(_) | Callback::Trap => ptr::null_mut(),
            }
        };
        if given.data == lent.data {
            return trap;
        }
        // SAFETY: the vector is the callback's own; nothing else refers to the lent array, whose values
        // have been deleted or have gone into the vector.
        unsafe {
            lent.data.write_bytes(0, lent.size);
            if !trap.is_null() {
                results::delete(&mut given);
                return trap;
            }
            results::take(store, &mut given, lent).map_or_else(handle, |()| trap)
        }
    }
}

impl HostValue for WideVal {
    fn invoke(
        store: &Store,
        (host, _): HostOf<'_>,
        args: &mut [WideVal],
        results: &mut [WideVal],
    ) -> *mut () {
        let code = match host.callback {
            Callback::Wide(code) => code,
            Callback::Trap => return handle(fail(store, trap_message(host))),
            // Their stubs call another function.
            Callback::Plain(_) | Callback::WithEnv(_) | Callback::Native(_) => {
                return ptr::null_mut();
            }
        };
        let (given, out) = (data(args), data(results));
        // SAFETY: as above.
        unsafe {
            transmute::<usize, Wide>(code)(host.env.data(), given, args.len(), out, results.len())
        }
    }
}

/// The message of a function that only traps.
fn trap_message(host: &HostFunc) -> Message {
    // SAFETY: the environment of such a function is its text, which lives as long as the function.
    let text = unsafe { host.env.data().cast::<String>().as_ref() };
    Message::owned(text.cloned().unwrap_or_default())
}

/// Checks what the host wrote, and takes ownership of the references.
fn lower_results<V: Value>(
    store: &Store,
    types: &[ValType],
    results: &mut [V],
) -> Result<(), Gc<Trap>> {
    for (i, ty) in types.iter().enumerate() {
        let value = results[i];
        let lowered = match ty {
            ValType::Ref(_) if value.kind() >= KIND_EXTERNREF => {
                store.lower_reference(*ty, value.bits()).ok()
            }
            ValType::Ref(_) => None,
            _ => (value.kind() == ty.kind()).then_some(value.bits()),
        };
        match lowered {
            Some(bits) => {
                release(&results[i..=i]);
                results[i].set(ty.kind(), bits);
            }
            None => {
                let message = misfit(store, i, *ty, value);
                release(&results[i..]);
                return Err(fail(store, message));
            }
        }
    }
    Ok(())
}

/// Why a result was refused.
fn misfit<V: Value>(store: &Store, index: usize, ty: ValType, value: V) -> Message {
    let header = (ty.is_ref() && value.kind() >= KIND_EXTERNREF)
        // SAFETY: a reference that the host returns is null or a handle that it owns.
        .then(|| unsafe { (value.bits() as *const Header).as_ref() });
    match header.flatten() {
        Some(header) if !store.owns(header) => {
            Message::text("a host function returned a reference of another store")
        }
        _ => results::wrong_kind(index, &ty, value.kind()),
    }
}
