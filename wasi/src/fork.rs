//! Locks that every fork waits for.
//!
//! The host may fork at any moment. A child would inherit a lock that another thread held then, held for ever. So a hook
//! takes all locks of this library before a fork, and parent and child release them afterwards: the child finds them free,
//! and what they guard whole. They are locks of the C library, because those of Rust cannot be released by another
//! function than the one that took them.
//!
//! A lock is held briefly: never while a call waits, and never while code of the host runs. Whoever holds one takes no
//! other, and makes and drops none.

use libc::{PTHREAD_MUTEX_INITIALIZER, pthread_mutex_lock, pthread_mutex_t, pthread_mutex_unlock};
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU8, Ordering::*};

struct Mutex(UnsafeCell<pthread_mutex_t>);

impl Mutex {
    const fn new() -> Mutex {
        Mutex(UnsafeCell::new(PTHREAD_MUTEX_INITIALIZER))
    }

    fn acquire(&self) {
        // SAFETY: a mutex that does not move while it is used.
        unsafe { pthread_mutex_lock(self.0.get()) };
    }

    /// # Safety
    /// This thread, or in a child of a fork the one that it was made of, has acquired it.
    unsafe fn release(&self) {
        // SAFETY: as promised by the caller.
        unsafe { pthread_mutex_unlock(self.0.get()) };
    }
}

/// Data that one thread uses at a time.
pub struct Lock<T> {
    /// Boxed because the hooks know its address.
    inner: Box<Inner<T>>,
}

struct Inner<T> {
    mutex: Mutex,
    data: UnsafeCell<T>,
}

// SAFETY: the data is reached under the lock only.
unsafe impl<T: Send> Send for Lock<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    /// A free lock. Should memory be short, forks do not wait for it.
    pub fn new(data: T) -> Lock<T> {
        let inner = Box::new(Inner { mutex: Mutex::new(), data: UnsafeCell::new(data) });
        register();
        WATCHED.with(|locks| {
            if locks.try_reserve(1).is_ok() {
                locks.push(&raw const inner.mutex);
            }
        });
        Lock { inner }
    }

    /// The data of a lock that nobody else has.
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.data.get_mut()
    }

    /// Waits for the lock.
    pub fn lock(&self) -> Guard<'_, T> {
        self.inner.mutex.acquire();
        Guard { held: &self.inner }
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Lock::new(T::default())
    }
}

impl<T> Drop for Lock<T> {
    fn drop(&mut self) {
        let ours = &raw const self.inner.mutex;
        WATCHED.with(|locks| {
            // The youngest are the first to go, as a rule.
            if let Some(place) = locks.iter().rposition(|lock| *lock == ours) {
                locks.swap_remove(place);
            }
        });
    }
}

/// Releases the lock when dropped.
pub struct Guard<'a, T> {
    held: &'a Inner<T>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.held.data.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held.
        unsafe { &mut *self.held.data.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: acquired when this was made.
        unsafe { self.held.mutex.release() };
    }
}

/// All locks there are, behind one more.
struct Watched {
    mutex: Mutex,
    locks: UnsafeCell<Vec<*const Mutex>>,
}

// SAFETY: the list is touched under its lock only.
unsafe impl Sync for Watched {}

static WATCHED: Watched = Watched { mutex: Mutex::new(), locks: UnsafeCell::new(Vec::new()) };

impl Watched {
    fn with(&self, act: impl FnOnce(&mut Vec<*const Mutex>)) {
        self.mutex.acquire();
        // SAFETY: the lock is held, and no caller comes back here; it was acquired above.
        unsafe {
            act(&mut *self.locks.get());
            self.mutex.release();
        }
    }
}

unsafe extern "C" fn before() {
    WATCHED.mutex.acquire();
    // SAFETY: the list's lock is held, and what is on the list is alive.
    unsafe { (*WATCHED.locks.get()).iter().for_each(|lock| (**lock).acquire()) };
}

unsafe extern "C" fn after() {
    // SAFETY: all were acquired by `before`, and nobody has changed the list since.
    unsafe {
        (*WATCHED.locks.get()).iter().for_each(|lock| (**lock).release());
        WATCHED.mutex.release();
    }
}

/// Registers the hooks once. A thread that comes while another one does it goes on without: it must not wait for one that
/// a fork may have left behind.
fn register() {
    const NOT_YET: u8 = 0;
    const DONE: u8 = 1;
    static STATE: AtomicU8 = AtomicU8::new(NOT_YET);
    if STATE.load(Relaxed) == NOT_YET && STATE.swap(DONE, Relaxed) == NOT_YET {
        // SAFETY: the hooks are functions of this library, which is linked so that it is never unloaded.
        if unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after)) } != 0 {
            STATE.store(NOT_YET, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_child_finds_every_lock_free_and_its_data_whole() {
        let pair = Lock::new((0u64, 0u64));
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
