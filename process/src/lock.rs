//! Data behind a lock, across threads and forks.
//!
//! A [`Lock`] is a futex word beside the data. It is used instead of the standard mutex for two reasons: no fork
//! hook can take a standard one, and race detectors do not see its waits, because the standard library is not
//! instrumented. A [`ForkMutex`] is a lock that every fork waits for: the child finds the data consistent and the
//! lock free, whatever other threads were doing. It is held only briefly, never while host code runs, and while one
//! is held no other is taken, created or dropped.

use crate::fork::{ForkLock, forget, watch, watch_once};
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

/// Data that one thread uses at a time. A panic while it is held does not poison it.
pub struct Lock<T> {
    lock: ForkLock,
    data: UnsafeCell<T>,
}

// SAFETY: the data is reached under the lock only.
unsafe impl<T: Send> Send for Lock<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    /// A free lock.
    pub const fn new(data: T) -> Self {
        Lock { lock: ForkLock::new(), data: UnsafeCell::new(data) }
    }

    /// Waits for the lock.
    pub fn lock(&self) -> LockGuard<'_, T> {
        self.lock.acquire();
        LockGuard { held: self }
    }

    /// The data, once nobody shares it any more.
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }

    /// Makes every later fork wait for this lock, which is never dropped.
    pub fn watch_forks(&'static self) {
        watch_once(&self.lock);
    }
}

/// Releases the lock when dropped.
pub struct LockGuard<'a, T> {
    held: &'a Lock<T>,
}

impl<T> Deref for LockGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.held.data.get() }
    }
}

impl<T> DerefMut for LockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held.
        unsafe { &mut *self.held.data.get() }
    }
}

impl<T> Drop for LockGuard<'_, T> {
    fn drop(&mut self) {
        self.held.lock.release();
    }
}

/// A lock that forks wait for.
pub struct ForkMutex<T> {
    /// Boxed because the hooks know its address.
    inner: Box<Lock<T>>,
}

impl<T> ForkMutex<T> {
    /// A free lock. When the hooks are not available, it is an ordinary one.
    pub fn new(data: T) -> Self {
        let inner = Box::new(Lock::new(data));
        watch(&inner.lock);
        ForkMutex { inner }
    }

    /// Waits for the lock.
    pub fn lock(&self) -> LockGuard<'_, T> {
        self.inner.lock()
    }

    /// The data of a lock that nobody else has.
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.data.get_mut()
    }
}

impl<T: Default> Default for ForkMutex<T> {
    fn default() -> Self {
        ForkMutex::new(T::default())
    }
}

impl<T> Drop for ForkMutex<T> {
    fn drop(&mut self) {
        forget(&self.inner.lock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering::*};

    #[test]
    fn a_child_finds_every_lock_free_and_its_data_whole() {
        let pair = ForkMutex::new((0u64, 0u64));
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    let mut pair = pair.lock();
                    pair.0 += 1;
                    std::thread::yield_now();
                    pair.1 += 1;
                }
            });
            for _ in 0..200 {
                // SAFETY: the child only looks at the lock and ends.
                let child = unsafe { libc::fork() };
                if child == 0 {
                    // SAFETY: ends the child should it wait for ever.
                    unsafe { libc::alarm(20) };
                    let whole = { *pair.lock() };
                    // SAFETY: ends the child.
                    unsafe { libc::_exit(i32::from(whole.0 != whole.1)) };
                }
                let mut status = -1;
                // SAFETY: waits for our child.
                unsafe { libc::waitpid(child, &mut status, 0) };
                assert_eq!(status, 0);
            }
            done.store(true, Relaxed);
        });
    }
}
