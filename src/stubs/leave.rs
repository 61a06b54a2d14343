//! What import stubs and thunks need when a call out of guest code did not end plainly: continuing
//! at the entry frame, and putting the store right after the host has used it for something else
//! meanwhile.

use crate::abi::TrapCode;
use crate::abi::value::RawVal;
use crate::abi::vmctx::StoreContext;
use crate::traps::Reason;
use crate::traps::unwind::{Position, capture, entries};
use std::arch::naked_asm;
use std::sync::atomic::Ordering::Relaxed;

/// The part of an import stub's frame that is known here, by its frame pointer: saved words above,
/// and below it what the stub stored (see `import`).
#[repr(C)]
pub struct StubFrame {
    pub results_size: usize,
    pub results: *mut RawVal,
    pub args_size: usize,
    pub args: *const RawVal,
    pub stack_limit: usize,
    pub store: *const StoreContext,
    /// Here points the frame pointer.
    pub guest_fp: usize,
    pub guest_pc: usize,
}

/// Bytes of [`StubFrame`] below the frame pointer.
pub const STUB_FRAME: i32 = 48;
pub const STUB_STORE: i32 = -8;
pub const STUB_STACK_LIMIT: i32 = -16;
pub const STUB_ARGS: i32 = -32;
pub const STUB_RESULTS: i32 = -48;

const _: () = {
    use std::mem::offset_of;
    assert!(offset_of!(StubFrame, guest_fp) as i32 == STUB_FRAME);
    assert!(offset_of!(StubFrame, store) as i32 == STUB_FRAME + STUB_STORE);
    assert!(offset_of!(StubFrame, stack_limit) as i32 == STUB_FRAME + STUB_STACK_LIMIT);
    assert!(offset_of!(StubFrame, args_size) as i32 == STUB_FRAME + STUB_ARGS);
    assert!(offset_of!(StubFrame, results_size) as i32 == STUB_FRAME + STUB_RESULTS);
};

/// Releases what a callback wrote into its results before it failed.
pub type ReleaseResults = unsafe extern "C" fn(results: *mut RawVal, count: usize);

/// Jumped to by an import stub with its frame pointer in rdi: ends the call with a trap.
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
        "jmp wasmrt_enter_trap",
        impl = sym record_import_failure,
    )
}

unsafe extern "C" fn record_import_failure(
    fp: usize,
    trap: *mut (),
    code: u32,
    release: Option<ReleaseResults>,
) -> usize {
    // SAFETY: the stub passes its own frame pointer; the words at and above it, and the store below
    // it, are always there.
    let frame: *const StubFrame =
        std::ptr::with_exposed_provenance(fp.wrapping_sub(STUB_FRAME as usize));
    // SAFETY: as above.
    let (store, at) =
        unsafe { (&*(*frame).store, Position { pc: (*frame).guest_pc, fp: (*frame).guest_fp }) };
    if release.is_some() || !trap.is_null() {
        // SAFETY: the callback has run, so the frame has the limit.
        unsafe { settle(store, (*frame).stack_limit, at.fp) };
    }
    if let Some(release) = release {
        // SAFETY: with a hook the whole frame is filled.
        unsafe { release((*frame).results, (*frame).results_size) };
    }
    let reason = if trap.is_null() {
        Reason::Code(TrapCode::from_u8(code as u8).unwrap_or(TrapCode::InternalError))
    } else {
        Reason::Host(trap)
    };
    // SAFETY: the guest frame waits for this stub.
    unsafe { capture(at, reason, 0) }.fp()
}

/// Called when host code has returned to guest code and finds the store changed: another stack
/// limit, or exit words that do not name the guest frame at `guest_fp`. The latter happens when the
/// host has switched fibers and entries into the store do not end in order: whoever was entered from
/// this guest frame is still suspended, and must forget it before it goes on.
///
/// # Safety
/// Called in the store that guest code at `guest_fp` runs in, on its stack.
pub unsafe extern "C" fn settle(store: *const StoreContext, stack_limit: usize, guest_fp: usize) {
    // SAFETY: promised by the caller.
    let store = unsafe { &*store };
    restore_stack_limit(store, stack_limit);
    if store.exit_fp.get() != guest_fp {
        entries(store)
            .filter(|entry| entry.outer().is_some_and(|outer| outer.fp == guest_fp))
            .for_each(|entry| entry.forget_outer());
    }
}

/// An interrupt puts the maximum into the limit at any time, and must not be lost.
fn restore_stack_limit(store: &StoreContext, limit: usize) {
    let mut now = store.stack_limit.load(Relaxed);
    while now != usize::MAX && now != limit {
        match store.stack_limit.compare_exchange(now, limit, Relaxed, Relaxed) {
            Ok(_) => return,
            Err(changed) => now = changed,
        }
    }
}
