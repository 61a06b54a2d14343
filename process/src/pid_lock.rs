//! The lock of what an allocator keeps, which must work while memory is short and in a forked child.
//!
//! It holds its owner's process id, so that a child does not wait for a thread that does not exist there. It is held for
//! a moment, and waiting threads yield.

use std::sync::atomic::{AtomicU32, Ordering::*};

/// A lock that a forked child takes over from a thread that does not exist there.
pub struct PidLock {
    /// Process id of the holder, or 0.
    holder: AtomicU32,
}

impl PidLock {
    pub const fn new() -> PidLock {
        PidLock { holder: AtomicU32::new(0) }
    }

    pub fn hold(&self) -> Held<'_> {
        let me = std::process::id();
        loop {
            match self.holder.compare_exchange_weak(0, me, Acquire, Relaxed) {
                Ok(_) => break,
                Err(0) => {}
                // Another thread of this process.
                Err(holder) if holder == me => std::thread::yield_now(),
                // The fork left the holder behind; its unfinished change loses a few pieces at most.
                Err(holder) => {
                    if self.holder.compare_exchange(holder, me, Acquire, Relaxed).is_ok() {
                        break;
                    }
                }
            }
        }
        Held { lock: &self.holder }
    }
}

pub struct Held<'a> {
    lock: &'a AtomicU32,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.lock.store(0, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_a_fork_left_behind_is_taken_over() {
        let lock = PidLock::new();
        lock.holder.store(1, Relaxed);
        drop(lock.hold());
        assert_eq!(lock.holder.load(Relaxed), 0);
    }
}
