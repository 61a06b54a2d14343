//! Writing to a pipe that nobody reads any more without ending the host.
//!
//! The kernel answers such a write with SIGPIPE, which ends a process that does not ignore it. The host's own setting is
//! not ours to change, so the signal is blocked in this thread around the write and taken back if the write raised it.
//! Sockets need none of this: `sendmsg` has a flag.

use super::Result;
use crate::errno::Errno;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

/// Runs `write` so that a broken pipe is no more than an error.
pub fn without_signal(write: impl FnOnce() -> Result<usize>) -> Result<usize> {
    if is_ignored() {
        return write();
    }
    let before = block();
    let result = write();
    // One that was pending before is somebody else's: the thread had blocked it already.
    if result == Err(Errno::Pipe) && !has_pipe(&before) {
        take_back();
    }
    restore(&before);
    result
}

fn is_ignored() -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: only asks for the action, into memory that is large enough; all zero is a valid action.
    unsafe {
        libc::sigaction(libc::SIGPIPE, null(), action.as_mut_ptr());
        action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

fn only_pipe() -> libc::sigset_t {
    let mut set = MaybeUninit::zeroed();
    // SAFETY: `sigemptyset` initializes the set.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
        set.assume_init()
    }
}

/// Blocks the signal in this thread; returns what was blocked before.
fn block() -> libc::sigset_t {
    let mut before = MaybeUninit::zeroed();
    // SAFETY: both sets are valid; all zero is an empty set.
    unsafe {
        libc::pthread_sigmask(libc::SIG_BLOCK, &only_pipe(), before.as_mut_ptr());
        before.assume_init()
    }
}

fn restore(before: &libc::sigset_t) {
    // SAFETY: the set is valid.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, null_mut()) };
}

fn has_pipe(set: &libc::sigset_t) -> bool {
    // SAFETY: the set is valid.
    unsafe { libc::sigismember(set, libc::SIGPIPE) == 1 }
}

/// Takes the pending signal of this thread.
fn take_back() {
    let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: set and time are valid; nobody asks for information about the signal.
    unsafe { libc::sigtimedwait(&only_pipe(), null_mut(), &at_once) };
}
