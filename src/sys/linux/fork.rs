//! Fork, for a library whose host may fork at any moment and from any thread.
//!
//! A child inherits every lock that another thread held at that moment, for ever. What must work in
//! both processes therefore stands under a [`ForkLock`] that a prepare hook takes and both
//! after-hooks release, so that the data under it is whole in parent and child. Standard mutexes
//! cannot do this: their guards do not outlive a function. Hooks are registered once and never
//! taken back.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::*};

/// A lock without an owner: one hook may take it and another release it. It is a futex word: 0
/// free, 1 held, 2 held and awaited.
pub struct ForkLock {
    word: AtomicU32,
}

/// Releases the lock when dropped.
pub struct ForkGuard<'a> {
    lock: &'a ForkLock,
}

impl ForkLock {
    /// A free lock.
    pub const fn new() -> Self {
        ForkLock { word: AtomicU32::new(0) }
    }

    /// Waits for the lock.
    pub fn lock(&self) -> ForkGuard<'_> {
        self.acquire();
        ForkGuard { lock: self }
    }

    /// Takes the lock without a guard; for prepare hooks.
    pub fn acquire(&self) {
        if self.word.compare_exchange(0, 1, Acquire, Relaxed).is_ok() {
            return;
        }
        while self.word.swap(2, Acquire) != 0 {
            self.futex(libc::FUTEX_WAIT, 2);
        }
    }

    /// Releases a lock taken by `acquire`; for parent and child hooks.
    pub fn release(&self) {
        if self.word.swap(0, Release) == 2 {
            self.futex(libc::FUTEX_WAKE, 1);
        }
    }

    fn futex(&self, operation: i32, value: u32) {
        let operation = operation | libc::FUTEX_PRIVATE_FLAG;
        let no_timeout = std::ptr::null::<libc::timespec>();
        // SAFETY: the word outlives the call; a failed wait or a wake too many only makes the loop
        // above look again.
        unsafe { libc::syscall(libc::SYS_futex, self.word.as_ptr(), operation, value, no_timeout) };
    }
}

impl Default for ForkLock {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for ForkGuard<'_> {
    fn drop(&mut self) {
        self.lock.release();
    }
}

/// A set of hooks that is installed once, on first need.
pub struct ForkHooks {
    /// Runs in the parent before the fork: takes locks.
    pub prepare: unsafe extern "C" fn(),
    /// Runs in the parent after the fork: releases them.
    pub parent: unsafe extern "C" fn(),
    /// Runs in the child, whose only thread is the one that forked: releases them.
    pub child: unsafe extern "C" fn(),
    state: AtomicU8,
}

const INSTALLING: u8 = 1;
const INSTALLED: u8 = 2;

impl ForkHooks {
    /// Hooks that are not installed yet.
    pub const fn new(
        prepare: unsafe extern "C" fn(),
        parent: unsafe extern "C" fn(),
        child: unsafe extern "C" fn(),
    ) -> Self {
        ForkHooks { prepare, parent, child, state: AtomicU8::new(0) }
    }

    /// Installs the hooks unless they are; false when that was impossible, and whoever relies on
    /// them must do without.
    pub fn install(&'static self) -> bool {
        match self.state.compare_exchange(0, INSTALLING, AcqRel, Acquire) {
            Ok(_) => self.register(),
            Err(INSTALLED) => true,
            Err(_) => self.wait(),
        }
    }

    fn register(&self) -> bool {
        // SAFETY: the hooks are functions of this library, which is linked so that it is never
        // unloaded.
        let failed = unsafe {
            libc::pthread_atfork(Some(self.prepare), Some(self.parent), Some(self.child))
        } != 0;
        self.state.store(if failed { 0 } else { INSTALLED }, Release);
        !failed
    }

    /// Another thread is installing. In a child that thread may be missing, so the wait is bounded.
    fn wait(&self) -> bool {
        for _ in 0..1000 {
            if self.state.load(Acquire) == INSTALLED {
                return true;
            }
            std::thread::yield_now();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::UnsafeCell;

    struct Counter(UnsafeCell<u64>);
    // SAFETY: the test below touches the counter only under its lock.
    unsafe impl Sync for Counter {}

    #[test]
    fn the_lock_excludes_threads_from_each_other() {
        let (lock, counter) = (ForkLock::new(), Counter(UnsafeCell::new(0)));
        let (lock, counter) = (&lock, &counter);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(move || {
                    for _ in 0..20_000 {
                        let _held = lock.lock();
                        // SAFETY: the lock is held.
                        unsafe { *counter.0.get() += 1 };
                    }
                });
            }
        });
        // SAFETY: all threads have ended.
        assert_eq!(unsafe { *counter.0.get() }, 80_000);
    }
}
