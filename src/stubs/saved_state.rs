//! The saved state of a store: the words that describe the guest code which called the host, and how they are
//! restored after the host has used the store meanwhile.

use super::walk::entries;
use crate::abi::vmctx::StoreContext;
use std::sync::atomic::Ordering::Relaxed;

/// The state at the call of a builtin, saved before it runs host code, which may switch fibers.
pub struct SavedState {
    exit: usize,
    stack_limit: usize,
}

impl SavedState {
    pub fn of(store: &StoreContext) -> SavedState {
        SavedState { exit: store.exit.get(), stack_limit: store.stack_limit.load(Relaxed) }
    }

    /// Restores the state: traps are raised at the call of the builtin, and code continues with the limit of this
    /// stack.
    ///
    /// # Safety
    /// The guest code that called the builtin waits for it on this stack.
    pub unsafe fn restore(&self, store: &StoreContext) {
        if store.exit.get() != self.exit {
            // SAFETY: as promised by the caller.
            unsafe { restore_state(store, self.stack_limit, self.exit) };
            store.exit.set(self.exit);
        }
    }
}

/// Called when host code returns to guest code and the store's exit word has changed since the call. That happens
/// when the host has switched fibers and entries into the store do not end in order: an entry made from here may
/// still be suspended, and must not refer to this frame once it continues; and the stack limit may be that of
/// another stack.
///
/// # Safety
/// Called in the store that the calling guest code runs in, on its stack.
pub unsafe extern "C" fn restore_state(
    store: *const StoreContext,
    stack_limit: usize,
    exit: usize,
) {
    // SAFETY: as promised by the caller.
    let store = unsafe { &*store };
    if store.stack_limit.swap(stack_limit, Relaxed) != stack_limit {
        store.entry_end.store(0, Relaxed);
    }
    if store.exit.get() != exit {
        entries(store).filter(|entry| entry.exit() == exit).for_each(|entry| entry.forget_outer());
    }
}
