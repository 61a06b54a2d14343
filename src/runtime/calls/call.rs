//! Calls from the host into guest code.
//!
//! The entry stub reads arguments from and writes results to arrays of C values, of either size. What remains to do
//! here is to set the stack limit for the current native stack, and to convert references if the signature has
//! some.

use super::references::{lift, lower_args};
use crate::abi::trap::TrapCode;
use crate::abi::value::{RawVal, Value, Values};
use crate::runtime::externs::func::Func;
use crate::runtime::heap::object::{Gc, Header};
use crate::runtime::stores::store::Store;
use crate::runtime::trap_objects::emergency::fail;
use crate::runtime::trap_objects::trap::{Message, Trap};
use crate::stubs::StubError;
use crate::stubs::entry::EntryStub;
use crate::sys::exec::NOT_EXECUTABLE;
use std::sync::atomic::Ordering;

/// Calls a function whose signature has no references; arguments and results are passed as they are. On a trap
/// `results` stays untouched.
///
/// # Safety
/// `args` and `results` point to as many values as the function's type says, with arguments of the right kinds; the
/// results need not be initialized.
#[inline]
pub unsafe fn call<V: Value>(
    func: Gc<Func>,
    args: *const V,
    results: *mut V,
) -> Result<(), Gc<Trap>> {
    // SAFETY: as promised by the caller.
    unsafe { call_then(func, args, results, || {}) }
}

/// As [`call`]; `returned` runs if it did not trap, before a store deleted during the call is freed.
///
/// # Safety
/// As for [`call`].
unsafe fn call_then<V: Value>(
    func: Gc<Func>,
    args: *const V,
    results: *mut V,
    returned: impl FnOnce(),
) -> Result<(), Gc<Trap>> {
    let Some(store) = func.header().store() else {
        // Unreachable through the C boundary, which refuses dead objects.
        return Ok(());
    };
    if func.signature.has_v128 && V::VALUES == Values::Narrow {
        return Err(fail(
            store,
            Message::refusal("a v128 does not fit into wasm_val_t, only into wasmrt_val_t"),
        ));
    }
    let stub = func.signature.entry_stub(&store.engine.stubs, V::VALUES);
    let stub = stub.map_err(|error| fail(store, no_stub(error)))?;
    // References in the results become handles before a store deleted during the call is freed.
    let _busy = store.busy();
    store.poll().map_err(|code| fail(store, Message::Code(code)))?;
    // SAFETY: as promised by the caller.
    match unsafe { enter(store, &func, stub, args.cast(), results.cast())? } {
        None => {
            returned();
            Ok(())
        }
        Some(trap) => Err(trap),
    }
}

/// The fast path of nearly all calls: the stub exists, nothing needs conversion, the stack limit is valid at this
/// place of the native stack. `None` means that [`call`] must be used. Cannot panic.
///
/// The stub may be called with the function's `VmFunc`, arrays as for [`call`], and the context of `store`, which
/// must be the function's; nothing else has to be done after it.
#[inline(always)]
pub fn ready_stub<V: Value>(func: &Func, store: &Store) -> Option<EntryStub> {
    let stub = func.signature.ready_stub(V::VALUES);
    let context = &store.context;
    let known = context.entry_low.get()..context.entry_end.load(Ordering::Relaxed);
    if known.contains(&crate::sys::stack::stack_pointer()) { stub } else { None }
}

/// Calls a function of any signature. Arguments have the right kinds; references are object addresses (borrowed),
/// which are overwritten. References in `results` are rooted.
pub fn call_converted<V: Value>(
    func: Gc<Func>,
    args: &mut [V],
    results: &mut [V],
) -> Result<(), Gc<Trap>> {
    let signature = func.signature.clone();
    if let Some(store) = func.header().store() {
        lower_args(store, &signature.ty.params, args)?;
    }
    debug_assert!(args.len() == signature.ty.params.len());
    debug_assert!(results.len() == signature.ty.results.len());
    let (args, results, count) = (args.as_ptr(), results.as_mut_ptr(), results.len());
    // SAFETY: the slices have the arity, the kinds are the caller's promise; after the call all
    // results are written.
    unsafe {
        call_then(func, args, results, || {
            lift(&signature.ty.results, std::slice::from_raw_parts_mut(results, count));
        })
    }
}

/// Runs the stub with the stack limit set. Within another activation, that one's limit is restored afterwards; the
/// limit of an outermost call may stay, because the next one computes its own.
///
/// # Safety
/// As for [`call`]; the stub is for the function's signature, and the store is kept.
unsafe fn enter(
    store: &Store,
    func: &Func,
    stub: EntryStub,
    args: *const RawVal,
    results: *mut RawVal,
) -> Result<Option<Gc<Trap>>, Gc<Trap>> {
    let context = &store.context;
    let former = context.stack_limit.load(Ordering::Relaxed);
    let sp = crate::sys::stack::stack_pointer();
    let (limit, stack) = store.stack_limit_from(sp, former);
    if sp < limit {
        return Err(fail(store, Message::Code(TrapCode::StackOverflow)));
    }
    context.stack_limit.store(limit, Ordering::Relaxed);
    let former_stack = store.limited_stack.replace(stack);
    // SAFETY: as promised by the caller, who also holds the function, with which its context and
    // code live.
    let trap = unsafe { stub(func.as_vm(), args, results, context) };
    if limit != former && store.is_active() {
        context.stack_limit.store(former, Ordering::Relaxed);
        store.limited_stack.set(former_stack);
        context.entry_end.store(0, Ordering::Relaxed);
    }
    // SAFETY: the runtime's hook returns null or a trap of this store.
    Ok(unsafe { trap.cast::<Header>().as_ref() }.and_then(Header::downcast))
}

/// Why a function cannot be entered.
#[cold]
fn no_stub(error: StubError) -> Message {
    match error {
        StubError::Refused => Message::text(NOT_EXECUTABLE),
        _ => Message::Code(TrapCode::OutOfMemory),
    }
}
