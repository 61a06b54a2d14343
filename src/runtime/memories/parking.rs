//! Threads that wait on addresses of shared memories (spec: threads, "wait and notify").
//!
//! There is one table for the process. Its key is the native address, which identifies a memory and an address in
//! it: bases never move, and a memory is alive while anybody waits on it. The table is a fixed number of queues,
//! each behind a lock that every fork waits for.
//!
//! A waiter compares the value and enters the queue under the lock. A notifier has written the value before it
//! takes the lock, so either the comparison fails or the waiter is found. Then the waiter sleeps on a word of its
//! own: notifying takes it off the queue and sets [`NOTIFIED`]. Others, which only want the waiter to check whether
//! it must stop, set [`LOOK`] and need no lock; signal handlers may do that.
//!
//! In a forked child the threads that waited do not exist, and their stacks, which hold the words, may be reused.
//! So a queue forgets what it held before a fork.

use crate::runtime::heap::alloc::OutOfMemory;
use crate::sys::fork::generation;
use crate::sys::futex;
use crate::sys::lock::{Lock, LockGuard};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};
use std::time::Instant;

/// The word that a waiter sleeps on. Zero while there is no request.
#[derive(Default)]
pub struct WaitWord(AtomicU32);

/// The waiter was taken off its queue.
const NOTIFIED: u32 = 1;

/// The waiter must check whether it has to stop.
const LOOK: u32 = 2;

impl WaitWord {
    /// Makes the waiter check whether it must stop, if there is one. From any thread, and from signal handlers.
    pub fn nudge(&self) {
        self.0.fetch_or(LOOK, AcqRel);
        futex::wake_one(&self.0);
    }

    fn is_notified(&self) -> bool {
        self.0.load(Acquire) & NOTIFIED != 0
    }
}

/// A waiting thread. The word is alive as long as this is in a queue.
struct Waiter {
    address: usize,
    word: *const AtomicU32,
}

// SAFETY: words are reached from the queue only, under its lock.
unsafe impl Send for Waiter {}

struct Queue {
    /// In order of arrival.
    waiters: Vec<Waiter>,
    /// The fork generation at the last access.
    generation: u32,
}

const QUEUES: usize = 64;

static TABLE: [Lock<Queue>; QUEUES] =
    [const { Lock::new(Queue { waiters: Vec::new(), generation: 0 }) }; QUEUES];

/// Lets forks wait for the queues.
pub(super) fn watch_forks() {
    static DONE: AtomicBool = AtomicBool::new(false);
    if !DONE.load(Acquire) {
        TABLE.iter().for_each(Lock::watch_forks);
        DONE.store(true, Release);
    }
}

/// The queue of an address, without waiters from before a fork.
fn queue(address: usize) -> LockGuard<'static, Queue> {
    // Waits are on multiples of four; adjacent addresses should not share a queue.
    let hash = (address >> 2).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut queue = TABLE[hash >> (usize::BITS - QUEUES.trailing_zeros())].lock();
    let now = generation();
    if queue.generation != now {
        queue.generation = now;
        queue.waiters.clear();
    }
    queue
}

impl Queue {
    fn holds(&self, word: &WaitWord) -> bool {
        self.waiters.iter().any(|waiter| ptr::eq(waiter.word, &word.0))
    }

    fn enter(&mut self, address: usize, word: &WaitWord) -> Result<(), OutOfMemory> {
        self.waiters.try_reserve(1).map_err(|_| OutOfMemory)?;
        self.waiters.push(Waiter { address, word: &word.0 });
        Ok(())
    }

    fn leave(&mut self, word: &WaitWord) {
        self.waiters.retain(|waiter| !ptr::eq(waiter.word, &word.0));
    }
}

/// How a wait ended, as the instructions report it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Waited {
    Woken = 0,
    NotEqual = 1,
    TimedOut = 2,
}

/// Waits on an address until notified, at most until `end`; not at all unless `is_equal`. `look` is called before
/// each sleep and returns until when to sleep at most before it is called again, or why the wait is over. `word`
/// must not be used by another wait at the same time.
pub fn wait<E: From<OutOfMemory>>(
    address: usize,
    word: &WaitWord,
    end: Option<Instant>,
    is_equal: impl Fn() -> bool,
    look: impl Fn() -> Result<Option<Instant>, E>,
) -> Result<Waited, E> {
    word.0.swap(0, AcqRel);
    {
        let mut queue = queue(address);
        if !is_equal() {
            return Ok(Waited::NotEqual);
        }
        queue.enter(address, word)?;
    }
    let entered = Entered { address, word };
    loop {
        let alarm = look()?;
        let now = Instant::now();
        if end.is_some_and(|end| end <= now) {
            let woken = entered.leave();
            return Ok(if woken { Waited::Woken } else { Waited::TimedOut });
        }
        let first = [end, alarm].into_iter().flatten().min();
        futex::wait(&word.0, 0, first.map(|first| first.saturating_duration_since(now)));
        if word.is_notified() {
            return Ok(Waited::Woken);
        }
        word.0.fetch_and(!LOOK, AcqRel);
        entered.stay()?;
    }
}

/// An entry in a queue, removed when this is dropped.
struct Entered<'a> {
    address: usize,
    word: &'a WaitWord,
}

impl Entered<'_> {
    /// Whether the waiter was notified before it left.
    fn leave(&self) -> bool {
        queue(self.address).leave(self.word);
        self.word.is_notified()
    }

    /// Enters again if a fork, from a signal handler of this same thread, has emptied the queue.
    fn stay(&self) -> Result<(), OutOfMemory> {
        let mut queue = queue(self.address);
        if queue.holds(self.word) || self.word.is_notified() {
            return Ok(());
        }
        queue.enter(self.address, self.word)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if !self.word.is_notified() {
            self.leave();
        }
    }
}

/// Wakes up to `count` waiters of an address, in order of arrival, and returns how many.
pub fn notify(address: usize, count: u32) -> u32 {
    let mut woken = 0;
    queue(address).waiters.retain(|waiter| {
        if waiter.address != address || woken == count {
            return true;
        }
        woken += 1;
        // SAFETY: a word in a queue is alive, and the lock of the queue is held. Once it is set the waiter
        // may be gone.
        unsafe { (*waiter.word).fetch_or(NOTIFIED, AcqRel) };
        futex::wake_one(waiter.word);
        false
    });
    woken
}
