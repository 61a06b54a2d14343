//! Raising a trap from the runtime.
//!
//! A builtin records the trap and returns; its stub sees the pending word and continues at the entry frame. Nothing
//! unwinds here, so destructors of Rust frames always run.

use crate::abi::vmctx::StoreContext;
use crate::abi::{TrapCode, TrapReason};
use crate::stubs::walk::{caller, capture};

/// Raises a trap at the guest code that called the running builtin; the builtin must then return
/// (with any result). Does nothing when no guest code runs.
pub fn raise(store: &StoreContext, code: TrapCode) {
    raise_reason(store, TrapReason::Code(code));
}

/// As [`raise`], with a trap object of the host; the record takes ownership.
pub fn raise_host(store: &StoreContext, trap: *mut ()) {
    raise_reason(store, TrapReason::Host(trap));
}

fn raise_reason(store: &StoreContext, reason: TrapReason) {
    let Some(exit) = caller(store) else { return };
    // SAFETY: the stub has stored where its caller stands, and the caller waits for it.
    let entry = unsafe { capture(exit.position(), reason, None) };
    store.pending_trap.set(entry.fp());
}
