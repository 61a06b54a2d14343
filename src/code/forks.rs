//! Counts forks, for code memory.
//!
//! Code in a memory file is shared between parent and child: what one writes, the other runs. Each region remembers
//! the counts at its creation. Once the first count has changed, nothing of the region is reused or partly freed
//! again, in either process: it is sealed. The second count changes only in the child; there even blocks that were
//! being written at the fork are lost, because the parent still writes to them. The lock guards every structure
//! that must be consistent in both processes.

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

/// Whether forks are counted. Until they are, memory files must not be used.
pub(super) fn watch_forks() -> bool {
    HOOKS.install()
}

/// Delays forks.
pub fn lock() -> ForkGuard<'static> {
    LOCK.lock()
}

/// The counts when an object was created.
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

    /// Created by an ancestor of this process.
    pub(super) fn is_inherited(self) -> bool {
        fork::generation() != self.generation
    }
}
