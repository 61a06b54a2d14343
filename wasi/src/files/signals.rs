//! Writing without ending the host: to a pipe that nobody reads any more, and beyond the size that the host's limit
//! allows files to have.
//!
//! The kernel answers the one with SIGPIPE and the other with SIGXFSZ, which end a process that does not ignore them. The
//! host's own setting is not ours to change, so the signal is blocked in this thread around the call and taken back if the
//! call raised it. Sockets need none of this: `sendmsg` has a flag. Files need it only if there is a limit.

use super::Result;
use crate::errno::Errno;
use libc::c_int;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

/// Runs `write` so that a broken pipe is no more than an error.
pub fn without_pipe_signal(write: impl FnOnce() -> Result<usize>) -> Result<usize> {
    without(libc::SIGPIPE, Errno::Pipe, write)
}

/// Runs what may make a file longer so that the limit for that is no more than an error.
pub fn without_size_signal<T: PartialEq>(act: impl FnOnce() -> Result<T>) -> Result<T> {
    if rustix::process::getrlimit(rustix::process::Resource::Fsize).current.is_none() {
        return act();
    }
    without(libc::SIGXFSZ, Errno::FileTooBig, act)
}

/// Runs `act` without the signal that comes with an error.
fn without<T: PartialEq>(
    signal: c_int,
    error: Errno,
    act: impl FnOnce() -> Result<T>,
) -> Result<T> {
    if is_ignored(signal) {
        return act();
    }
    let before = block(signal);
    let result = act();
    // One that was pending before is somebody else's: the thread had blocked it already.
    if result == Err(error) && !has(&before, signal) {
        take_back(signal);
    }
    restore(&before);
    result
}

fn is_ignored(signal: c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: only asks for the action, into memory that is large enough; all zero is a valid action.
    unsafe {
        libc::sigaction(signal, null(), action.as_mut_ptr());
        action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

fn only(signal: c_int) -> libc::sigset_t {
    let mut set = MaybeUninit::zeroed();
    // SAFETY: `sigemptyset` initializes the set.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        set.assume_init()
    }
}

/// Blocks the signal in this thread; returns what was blocked before.
fn block(signal: c_int) -> libc::sigset_t {
    let mut before = MaybeUninit::zeroed();
    // SAFETY: both sets are valid; all zero is an empty set.
    unsafe {
        libc::pthread_sigmask(libc::SIG_BLOCK, &only(signal), before.as_mut_ptr());
        before.assume_init()
    }
}

fn restore(before: &libc::sigset_t) {
    // SAFETY: the set is valid.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, null_mut()) };
}

fn has(set: &libc::sigset_t, signal: c_int) -> bool {
    // SAFETY: the set is valid.
    unsafe { libc::sigismember(set, signal) == 1 }
}

/// Takes the pending signal of this thread.
fn take_back(signal: c_int) {
    let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: set and time are valid; nobody asks for information about the signal.
    unsafe { libc::sigtimedwait(&only(signal), null_mut(), &at_once) };
}
