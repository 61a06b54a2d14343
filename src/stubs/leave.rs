//! What import and builtin stubs need when a call out of guest code did not end plainly: continuing
//! at the entry frame, and putting the store right after the host has used it for something else
//! meanwhile.

use crate::abi::TrapCode;
use crate::abi::value::{RawVal, RawValVec};
use crate::abi::vmctx::{StoreContext, VmHostContext};
use crate::traps::Reason;
use crate::traps::unwind::{EXIT_CONTEXT, Position, capture, entries};
use std::arch::naked_asm;
use std::sync::atomic::Ordering::Relaxed;

/// The part of an import stub's frame that is known here, by its address: saved words above,
/// and below it what the stub stored (see `import`).
#[repr(C)]
pub struct StubFrame {
    pub results: RawValVec,
    pub args: RawValVec,
    pub stack_limit: usize,
    pub context: *const VmHostContext,
    /// Here is what the exit word names, the address of the frame.
    pub guest_fp: usize,
    pub guest_pc: usize,
}

/// Bytes of [`StubFrame`] below its address.
pub const STUB_FRAME: i32 = 48;
pub const STUB_CONTEXT: i32 = EXIT_CONTEXT as i32;
pub const STUB_STACK_LIMIT: i32 = -16;
pub const STUB_ARGS: i32 = -32;
pub const STUB_RESULTS: i32 = -48;

const _: () = {
    use std::mem::offset_of;
    assert!(offset_of!(StubFrame, guest_fp) as i32 == STUB_FRAME);
    assert!(offset_of!(StubFrame, context) as i32 == STUB_FRAME + STUB_CONTEXT);
    assert!(offset_of!(StubFrame, stack_limit) as i32 == STUB_FRAME + STUB_STACK_LIMIT);
    assert!(offset_of!(StubFrame, args) as i32 == STUB_FRAME + STUB_ARGS);
    assert!(offset_of!(StubFrame, results) as i32 == STUB_FRAME + STUB_RESULTS);
};

/// Deletes the results of a callback that failed, whether it has replaced the vector or not.
pub type ReleaseResults = unsafe extern "C" fn(results: *mut RawValVec);

/// Moves the values of a vector with which a callback has replaced its results to the `arity` values
/// at `lent`, and makes `results` the vector of those. Returns null, or a trap that says why not, with
/// the results deleted.
pub type TakeResults = unsafe extern "C" fn(
    context: *const VmHostContext,
    results: *mut RawValVec,
    lent: *mut RawVal,
    arity: usize,
) -> *mut ();

/// What import stubs need of the runtime for vectors of results.
pub struct ResultHooks {
    pub release: ReleaseResults,
    pub take: TakeResults,
}

/// Jumped to by an import stub with its frame's address in rdi: ends the call with a trap.
/// rsi: the host's trap or null; edx: the trap code if null; rcx: [`ReleaseResults`] or null.
///
/// # Safety
/// Only import stubs jump here, with the registers as said.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn fail_import() {
    naked_asm!(
        "and rsp, -16",
        "call {impl}",
        "mov rbp, rax",
        "jmp {trap}",
        impl = sym record_import_failure,
        trap = sym super::enter::trap,
    )
}

unsafe extern "C" fn record_import_failure(
    fp: usize,
    trap: *mut (),
    code: u32,
    release: Option<ReleaseResults>,
) -> usize {
    // SAFETY: the stub passes its own frame pointer; the words at and above it, and the context below
    // it, are always there.
    let frame: *mut StubFrame =
        std::ptr::with_exposed_provenance_mut(fp.wrapping_sub(STUB_FRAME as usize));
    // SAFETY: as above.
    let (store, at) = unsafe {
        (&*(*(*frame).context).store, Position { pc: (*frame).guest_pc, fp: (*frame).guest_fp })
    };
    if release.is_some() || !trap.is_null() {
        // SAFETY: the callback has run, so the frame has the limit.
        unsafe { settle(store, (*frame).stack_limit, fp) };
    }
    if let Some(release) = release {
        // SAFETY: with a hook the whole frame is filled.
        unsafe { release(&raw mut (*frame).results) };
    }
    let reason = if trap.is_null() {
        Reason::Code(TrapCode::from_u8(code as u8).unwrap_or(TrapCode::InternalError))
    } else {
        Reason::Host(trap)
    };
    // SAFETY: the guest frame waits for this stub.
    unsafe { capture(at, reason, 0) }.fp()
}

/// Where a builtin was called from: kept before it runs host code, which may switch fibers.
pub struct Place {
    exit: usize,
    stack_limit: usize,
}

impl Place {
    pub fn of(store: &StoreContext) -> Place {
        Place { exit: store.exit.get(), stack_limit: store.stack_limit.load(Relaxed) }
    }

    /// Makes the store that of this place again: traps are raised here, and code goes on with the
    /// limit of this stack.
    ///
    /// # Safety
    /// The guest code that called the builtin waits for it on this stack.
    pub unsafe fn restore(&self, store: &StoreContext) {
        if store.exit.get() != self.exit {
            // SAFETY: promised by the caller.
            unsafe { settle(store, self.stack_limit, self.exit) };
            store.exit.set(self.exit);
        }
    }
}

/// Called when host code returns to guest code and finds that the store's exit word is not the one
/// that was there when it was called. That happens when the host has switched fibers and entries
/// into the store do not end in order: whoever was entered from this place is still suspended, and
/// must forget it before it goes on; and the stack limit may be that of another stack.
///
/// # Safety
/// Called in the store that the calling guest code runs in, on its stack.
pub unsafe extern "C" fn settle(store: *const StoreContext, stack_limit: usize, exit: usize) {
    // SAFETY: promised by the caller.
    let store = unsafe { &*store };
    if store.stack_limit.swap(stack_limit, Relaxed) != stack_limit {
        store.entry_end.store(0, Relaxed);
    }
    if store.exit.get() != exit {
        entries(store).filter(|entry| entry.exit() == exit).for_each(|entry| entry.forget_outer());
    }
}
