//! The runtime's part of native calls (see `stubs::native`): entries that are not plain, traps, and
//! stores that were deleted from within.
//!
//! A trap becomes an object here and goes where the caller wants it. Nothing here unwinds.

use super::call::{call, fail, finish, outcome_of};
use super::func::Func;
use super::object::{Gc, OutOfMemory};
use super::store::Store;
use super::trap::{Message, Trap};
use crate::abi::signature;
use crate::abi::trap::TrapCode;
use crate::abi::value::RawVal;
use crate::abi::vmctx::{NativeHooks, StoreContext, VmFunc};
use crate::stubs::enter::{RETURNED, TRAPPED};
use crate::stubs::native::close;
use crate::traps::unwind::EntryFrame;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What native entry stubs call.
pub static HOOKS: NativeHooks = NativeHooks { call: call_whole, end, trapped };

/// A C function that calls `func`, to be given the address of its `VmFunc`; `None` if its type has
/// no such prototype.
pub fn entry_point(func: Gc<Func>) -> Result<Option<usize>, OutOfMemory> {
    if !signature::is_native(&func.signature.ty) {
        return Ok(None);
    }
    let Some(store) = func.header().store() else { return Ok(None) };
    let stub = store.engine.stubs.native_entry(func.signature.id, &func.signature.ty);
    stub.map(Some).map_err(|_| OutOfMemory)
}

/// The store that this is part of.
unsafe fn store_of<'a>(context: *const StoreContext) -> &'a Store {
    // SAFETY: contexts that stubs know lie in stores, alive while they run.
    unsafe { &*context.byte_sub(std::mem::offset_of!(Store, context)).cast() }
}

/// Hands a trap to whoever wants it.
unsafe fn hand_over(trap: Gc<Trap>, out: *mut *mut ()) {
    if out.is_null() {
        super::instance::give_up_root(trap.header_ptr());
    } else {
        // SAFETY: the caller's pointer for the trap.
        unsafe { out.write(trap.header_ptr().as_ptr().cast()) };
    }
}

unsafe extern "C" fn call_whole(
    func: *const VmFunc,
    trap: *mut *mut (),
    args: *const RawVal,
    store: *const StoreContext,
) -> u64 {
    let mut result = RawVal { kind: 0, bits: 0 };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the stub of this very function made the array; the store lives until the end of
        // the call.
        unsafe {
            if store_of(store).is_dying() {
                return Ok(());
            }
            call(Func::from_vm(func), args, &raw mut result)
        }
    }));
    match outcome {
        Ok(Ok(())) => return result.bits,
        // SAFETY: as promised by the stub.
        Ok(Err(raised)) => unsafe { hand_over(raised, trap) },
        // SAFETY: a call that panics has not ended, so the store is there.
        Err(_) => unsafe {
            hand_over(fail(store_of(store), Message::Code(TrapCode::InternalError)), trap);
        },
    }
    0
}

unsafe extern "C" fn end(fp: usize) {
    // SAFETY: promised by the stub.
    unsafe { finish_entry(fp, RETURNED, std::ptr::null_mut()) };
}

unsafe extern "C" fn trapped(fp: usize, trap: *mut *mut ()) {
    // SAFETY: promised by the stub.
    unsafe { finish_entry(fp, TRAPPED, trap) };
}

unsafe fn finish_entry(fp: usize, outcome: usize, out: *mut *mut ()) {
    let done = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: promised by the stub; the store goes at the very end.
        unsafe {
            let store = store_of(EntryFrame::new(fp).store());
            close(fp);
            if let Err(trap) = finish(store, outcome_of(store, outcome)) {
                hand_over(trap, out);
            }
        }
    }));
    // Nothing above panics; if it did, the call ends without its trap.
    drop(done);
}
