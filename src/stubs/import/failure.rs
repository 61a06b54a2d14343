//! A call of a host function that ends with a trap: it continues at the entry frame, or where the exception
//! that the trap carries is caught.

use super::ReleaseResults;
use crate::abi::frames::{IMPORT_FRAME, ImportWords};
use crate::abi::{TrapCode, TrapReason};
use crate::stubs::saved_state::restore_state;
use crate::stubs::throw::{LANDING_SIZE, Landing, land, search};
use crate::stubs::walk::{Position, capture};
use std::arch::naked_asm;

/// Jumped to by an import stub with its frame's address in rdi: ends the call with a trap. rsi: the host's trap or
/// null; edx: the trap code if null; rcx: [`ReleaseResults`] or null.
///
/// # Safety
/// Only import stubs jump here, with these registers.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn fail_import() {
    naked_asm!(
        "and rsp, -16",
        "sub rsp, {landing}",
        "mov r8, rsp",
        "call {impl}",
        "jmp {land}",
        landing = const LANDING_SIZE,
        impl = sym record_import_failure,
        land = sym land,
    )
}

unsafe extern "C" fn record_import_failure(
    fp: usize,
    trap: *mut (),
    code: u32,
    release: Option<ReleaseResults>,
    landing: *mut Landing,
) -> usize {
    // SAFETY: the stub passes its own frame pointer; the words at and above it, and the context below
    // it, are always there.
    let frame: *mut ImportWords =
        std::ptr::with_exposed_provenance_mut(fp.wrapping_sub(IMPORT_FRAME as usize));
    // SAFETY: as above.
    let (store, at) = unsafe {
        (&*(*(*frame).context).store, Position { pc: (*frame).guest_pc, fp: (*frame).guest_fp })
    };
    if release.is_some() || !trap.is_null() {
        // SAFETY: the callback has run, so the frame has the limit.
        unsafe { restore_state(store, (*frame).stack_limit, fp) };
    }
    if let Some(release) = release {
        // SAFETY: with a hook the whole frame is filled.
        unsafe { release(&raw mut (*frame).results) };
    }
    if !trap.is_null() {
        // SAFETY: the trap is the host's, and the guest frame waits for this stub.
        unsafe {
            let thrown = (store.hooks.thrown)(store, trap);
            if !thrown.tag.is_null() {
                return search(store.trap_record, thrown, at, landing);
            }
        }
    }
    let reason = if trap.is_null() {
        TrapReason::Code(TrapCode::from_u8(code as u8).unwrap_or(TrapCode::InternalError))
    } else {
        TrapReason::Host(trap)
    };
    // SAFETY: the guest frame waits for this stub.
    unsafe { capture(at, reason, None) }.fp()
}
