//! Forks, counted.
//!
//! Code in a memory file is shared between parent and child: what one writes, the other runs. Each
//! region remembers the counts of its birth, and compares. Once the first count has moved, nothing
//! of the region is reused or freed piecewise again, in either process: it is sealed. The second
//! count moves only in the child; there even blocks that were being written at the fork are lost,
//! because the parent still fills them. The lock stands over every structure that must be whole in
//! both processes.

use crate::sys::fork::{self, ForkGuard, ForkHooks, ForkLock};
use std::sync::atomic::{AtomicU32, Ordering::*};

static LOCK: ForkLock = ForkLock::new();
static FORKS: AtomicU32 = AtomicU32::new(0);
static HOOKS: ForkHooks = ForkHooks { prepare: before, parent: in_parent, child: in_child };

unsafe extern "C" fn before() {
    LOCK.acquire();
}

unsafe extern "C" fn in_parent() {
    FORKS.fetch_add(1, Relaxed);
    LOCK.release();
}

unsafe extern "C" fn in_child() {
    FORKS.fetch_add(1, Relaxed);
    LOCK.release();
}

/// Whether forks are noticed. Until they are, memory files must not be used.
pub(super) fn watch_forks() -> bool {
    HOOKS.install()
}

/// Holds forks off.
pub(super) fn lock() -> ForkGuard<'static> {
    LOCK.lock()
}

/// The counts when something was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Birth {
    forks: u32,
    generation: u32,
}

impl Birth {
    pub(super) fn now() -> Birth {
        Birth { forks: FORKS.load(Relaxed), generation: fork::generation() }
    }

    /// Another process may map the same file.
    pub(super) fn is_shared(self) -> bool {
        FORKS.load(Relaxed) != self.forks
    }

    /// Made by an ancestor of this process.
    pub(super) fn is_inherited(self) -> bool {
        fork::generation() != self.generation
    }
}
