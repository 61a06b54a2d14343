//! The runtime's part of entries into guest code (see `stubs::entry`): traps, stores deleted during a call, and
//! native calls that take the slow path.
//!
//! A trap becomes an object here and is given to the caller. Nothing here unwinds.

use super::call::call;
use crate::abi::signature;
use crate::abi::trap::TrapCode;
use crate::abi::trap_record::Thrown;
use crate::abi::value::RawVal;
use crate::abi::vmctx::{EntryHooks, StoreContext, VmFunc};
use crate::error::Error;
use crate::panics::catch;
use crate::runtime::externs::func::Func;
use crate::runtime::heap::object::{Gc, Header, give_up_root};
use crate::runtime::stores::store::Store;
use crate::runtime::trap_objects::emergency::fail;
use crate::runtime::trap_objects::storeless::{self, Reason};
use crate::runtime::trap_objects::trap::{Message, Trap};
use crate::stubs::entry::unlink;
use crate::stubs::walk::EntryFrame;
use std::ptr::{self, NonNull};

/// The functions that entry stubs call.
pub static HOOKS: EntryHooks = EntryHooks { end, trapped, thrown, call: call_whole };

/// A C function that calls `func`, when given the address of its `VmFunc`; `None` if its type has no such
/// prototype.
pub fn entry_point(func: Gc<Func>) -> Result<Option<usize>, Error> {
    if !signature::is_native(&func.signature.ty) {
        return Ok(None);
    }
    let Some(store) = func.header().store() else { return Ok(None) };
    let stub = func.signature.native_entry(&store.engine.stubs);
    Ok(Some(stub?))
}

/// Gives a trap to the caller, if it wants one.
unsafe fn hand_over(trap: NonNull<Header>, out: *mut *mut ()) {
    if out.is_null() {
        give_up_root(trap);
    } else {
        // SAFETY: the caller's pointer for the trap.
        unsafe { out.write(trap.as_ptr().cast()) };
    }
}

unsafe extern "C" fn call_whole(
    func: *const VmFunc,
    trap: *mut *mut (),
    args: *const RawVal,
    store: *const StoreContext,
) -> u64 {
    let mut result = RawVal { kind: 0, bits: 0 };
    let outcome = catch(|| {
        // SAFETY: the stub of this very function made the array; the store lives until the end of
        // the call.
        unsafe {
            if Store::of(store).is_dying() {
                return Err(storeless::trap(Reason::StoreDying));
            }
            call(Func::from_vm(func), args, &raw mut result).map_err(Gc::header_ptr)
        }
    });
    match outcome {
        Ok(Ok(())) => return result.bits,
        // SAFETY: as promised by the stub.
        Ok(Err(raised)) => unsafe { hand_over(raised, trap) },
        // SAFETY: a call that panics has not ended, so the store is there.
        Err(_) => unsafe {
            give_internal_error(Store::of(store), Some(trap));
        },
    }
    0
}

unsafe extern "C" fn end(fp: usize) {
    // SAFETY: promised by the stub; the store goes at the very end.
    unsafe {
        let entry = EntryFrame::new(fp);
        let store = Store::of(entry.store());
        unlink(entry);
        store.entry_ended();
    }
}

unsafe extern "C" fn trapped(fp: usize) -> *mut () {
    // SAFETY: promised by the stub.
    let (entry, store) = unsafe {
        let entry = EntryFrame::new(fp);
        (entry, Store::of(entry.store()))
    };
    let wanted = entry.native_trap();
    // SAFETY: as above; the store goes at the very end.
    let ended = catch(|| unsafe {
        unlink(entry);
        let trap = store.take_trap();
        // Traps are objects: a host whose calls all trap would otherwise accumulate them.
        let _busy = store.make_room();
        store.entry_ended();
        give(trap, wanted)
    });
    // SAFETY: what panicked is not the end of the store.
    ended.unwrap_or_else(|_| unsafe { give_internal_error(store, wanted) })
}

/// Gives a trap for a call that panicked: without one it would look successful. Null only if that panics, too.
unsafe fn give_internal_error(store: &Store, native: Option<*mut *mut ()>) -> *mut () {
    // SAFETY: as promised by the caller, a live store and a place for its trap.
    let given =
        catch(|| unsafe { give(fail(store, Message::Code(TrapCode::InternalError)), native) });
    given.unwrap_or(ptr::null_mut())
}

/// Gives a trap to a native caller, or else returns it for the stub.
unsafe fn give(trap: Gc<Trap>, native: Option<*mut *mut ()>) -> *mut () {
    match native {
        None => trap.header_ptr().as_ptr().cast(),
        Some(out) => {
            // SAFETY: the caller's pointer for the trap.
            unsafe { hand_over(trap.header_ptr(), out) };
            ptr::null_mut()
        }
    }
}

unsafe extern "C" fn thrown(store: *const StoreContext, trap: *mut ()) -> Thrown {
    // SAFETY: promised by the stub: a live store, and a trap that the host owned.
    let thrown = catch(|| unsafe { Store::of(store).rethrown(trap) });
    thrown.unwrap_or(Thrown { tag: ptr::null(), exception: ptr::null() })
}

impl Store {
    /// Frees the store if it was deleted during a call and this was the end of the outermost entry.
    fn entry_ended(&self) {
        if self.is_over() {
            // SAFETY: nobody uses it any more; what remains are dead objects.
            unsafe { Store::delete(NonNull::from(self)) };
        } else {
            self.keep_condemned();
        }
    }
}
