//! Fork, for a library whose host may fork at any time and from any thread.
//!
//! A child inherits every lock that another thread held at the fork, held for ever. Data that must work in both
//! processes is therefore guarded by a [`ForkLock`], which a prepare hook takes and both after-hooks release, so
//! that the data is consistent in parent and child. Standard mutexes cannot do this: their guards do not outlive a
//! function.
//!
//! The process has one set of hooks, registered once and never removed. Before a fork it takes the lock of the list
//! below, then every lock in the list, and last what the *inner* hooks take (the lock of code memory, which may be
//! wanted by a thread that holds a lock of the list). So the inner lock may be taken while a lock of the list is
//! held, but not the other way round.

use crate::futex;
use std::cell::UnsafeCell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, Ordering::*};

/// A lock without an owner: one hook may take it and another release it. It is a futex word: 0 free, 1 held, 2 held
/// and waited for.
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
    #[inline]
    pub fn acquire(&self) {
        if self.word.compare_exchange(0, 1, Acquire, Relaxed).is_err() {
            self.wait();
        }
    }

    #[cold]
    fn wait(&self) {
        while self.word.swap(2, Acquire) != 0 {
            futex::wait(&self.word, 2, None);
        }
    }

    /// Releases a lock taken by `acquire`; for parent and child hooks.
    #[inline]
    pub fn release(&self) {
        if self.word.swap(0, Release) == 2 {
            futex::wake_one(&self.word);
        }
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

/// The locks that forks wait for.
struct Watched {
    lock: ForkLock,
    locks: UnsafeCell<Vec<*const ForkLock>>,
}

// SAFETY: the list is touched under its lock only.
unsafe impl Sync for Watched {}

static WATCHED: Watched = Watched { lock: ForkLock::new(), locks: UnsafeCell::new(Vec::new()) };

impl Watched {
    fn with<R>(&self, f: impl FnOnce(&mut Vec<*const ForkLock>) -> R) -> R {
        let _held = self.lock.lock();
        // SAFETY: the lock is held, and no caller comes back here.
        f(unsafe { &mut *self.locks.get() })
    }

    /// # Safety
    /// The list's lock is held.
    unsafe fn each(&self, f: impl Fn(&ForkLock)) {
        // SAFETY: as promised; what is on the list is alive, because `forget` takes it off first.
        unsafe { (*self.locks.get()).iter().for_each(|lock| f(&**lock)) };
    }
}

/// Makes forks wait for a lock until [`forget`]; its address must not change. Without hooks or memory they do not.
pub(crate) fn watch(lock: &ForkLock) {
    if register() {
        WATCHED.with(|locks| add(locks, lock));
    }
}

/// As [`watch`], for a lock that may be on the list already.
pub(crate) fn watch_once(lock: &ForkLock) {
    if register() {
        WATCHED.with(|locks| {
            if !locks.contains(&ptr::from_ref(lock)) {
                add(locks, lock);
            }
        });
    }
}

fn add(locks: &mut Vec<*const ForkLock>, lock: &ForkLock) {
    if locks.try_reserve(1).is_ok() {
        locks.push(lock);
    }
}

/// Undoes [`watch`]. The youngest are the first to go, as a rule.
pub(crate) fn forget(lock: &ForkLock) {
    WATCHED.with(|locks| {
        if let Some(place) = locks.iter().rposition(|other| ptr::eq(*other, lock)) {
            locks.swap_remove(place);
        }
    });
}

/// Hooks that run inside those of the list.
pub struct ForkHooks {
    /// Runs in the parent before the fork: takes locks.
    pub prepare: unsafe extern "C" fn(),
    /// Runs in the parent after the fork: releases them.
    pub parent: unsafe extern "C" fn(),
    /// Runs in the child, whose only thread is the one that forked: releases them.
    pub child: unsafe extern "C" fn(),
}

/// Changed only under the lock of the list, hence never between the hooks of one fork.
static INNER: AtomicPtr<ForkHooks> = AtomicPtr::new(ptr::null_mut());

impl ForkHooks {
    /// Makes these the inner hooks, of which the process has one set. False when that is impossible; then the
    /// caller must do without.
    pub fn install(&'static self) -> bool {
        if !INNER.load(Acquire).is_null() {
            return true;
        }
        let registered = register();
        if registered {
            let hooks = ptr::from_ref(self).cast_mut();
            WATCHED.with(|_| INNER.store(hooks, Release));
        }
        registered
    }
}

fn inner(f: impl Fn(&ForkHooks)) {
    // SAFETY: null or what `install` stored, which lives for ever.
    if let Some(hooks) = unsafe { INNER.load(Acquire).as_ref() } {
        f(hooks);
    }
}

unsafe extern "C" fn before() {
    WATCHED.lock.acquire();
    // SAFETY: the list's lock is held; the hooks are called in their turn.
    unsafe {
        WATCHED.each(ForkLock::acquire);
        inner(|hooks| (hooks.prepare)());
    }
}

unsafe extern "C" fn in_parent() {
    // SAFETY: as taken by `before`.
    unsafe {
        inner(|hooks| (hooks.parent)());
        WATCHED.each(ForkLock::release);
    }
    WATCHED.lock.release();
}

unsafe extern "C" fn in_child() {
    GENERATION.fetch_add(1, Relaxed);
    // SAFETY: as taken by `before`.
    unsafe {
        inner(|hooks| (hooks.child)());
        WATCHED.each(ForkLock::release);
    }
    WATCHED.lock.release();
}

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The number of forks between the process that registered the hooks and this one. It only counts after
/// registration, which the first lock does.
#[inline]
pub fn generation() -> u32 {
    GENERATION.load(Relaxed)
}

static STATE: AtomicU8 = AtomicU8::new(0);
const REGISTERING: u8 = 1;
const REGISTERED: u8 = 2;

/// Registers the hooks unless they are registered; false when that fails.
fn register() -> bool {
    match STATE.compare_exchange(0, REGISTERING, AcqRel, Acquire) {
        Ok(_) => {
            // SAFETY: the hooks are functions of this library, which is linked so that it is never
            // unloaded.
            let failed =
                unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) } != 0;
            STATE.store(if failed { 0 } else { REGISTERED }, Release);
            !failed
        }
        Err(REGISTERED) => true,
        Err(_) => wait_for_registration(),
    }
}

/// Another thread is registering. In a forked child that thread may be missing, so the wait is bounded.
fn wait_for_registration() -> bool {
    for _ in 0..1000 {
        if STATE.load(Acquire) == REGISTERED {
            return true;
        }
        std::thread::yield_now();
    }
    false
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
