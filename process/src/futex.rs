//! Sleeping until a word changes.

use std::ptr;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Sleeps as long as the word is `value`, at most for `timeout`. May return early for no reason.
pub fn wait(word: &AtomicU32, value: u32, timeout: Option<Duration>) {
    let timeout = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the word outlives the call; whatever it returns, the caller looks again.
    unsafe { call(word.as_ptr(), libc::FUTEX_WAIT, value, timeout) };
}

/// Wakes one of those who sleep on the word at an address. The word may be gone: nobody reads it, and
/// whoever sleeps on another one there wakes up for no reason. In signal handlers, too.
pub fn wake_one(word: *const AtomicU32) {
    // SAFETY: the system only compares the address.
    unsafe { call(word.cast_mut().cast(), libc::FUTEX_WAKE, 1, ptr::null()) };
}

/// Wakes all who sleep on the word. Otherwise as [`wake_one`].
pub fn wake_all(word: *const AtomicU32) {
    // SAFETY: the system only compares the address.
    unsafe { call(word.cast_mut().cast(), libc::FUTEX_WAKE, i32::MAX as u32, ptr::null()) };
}

/// # Safety
/// The word may be read, if the operation reads it.
unsafe fn call(word: *mut u32, operation: i32, value: u32, timeout: *const libc::timespec) {
    let operation = operation | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: as promised; the timeout is null or valid.
    unsafe { libc::syscall(libc::SYS_futex, word, operation, value, timeout) };
}
