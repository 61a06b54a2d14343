//! No panic leaves the library, and none is printed.
//!
//! A panic is a bug of this library. It is caught at every entry point; a process-wide hook, which would print it,
//! stays silent while the thread is inside one, and for panics in the files of this library: calls of guests are not
//! counted, because that would slow them down. Other panics go to the hook that was there before: a program in Rust may
//! share its standard library with this one.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

thread_local! {
    /// How many calls of [`catch`] are open on this thread.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// Puts the silent hook in front of the process's own, once. Called when a context is made.
pub fn silence() {
    // Nobody waits for a thread that does it: a fork might have left it behind.
    static IS_DONE: AtomicBool = AtomicBool::new(false);
    if IS_DONE.swap(true, Relaxed) {
        return;
    }
    let former = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let is_ours = info.location().is_some_and(|place| place.file().starts_with(SOURCE));
        if !is_ours && INSIDE.try_with(Cell::get).unwrap_or(0) == 0 {
            former(info);
        }
    }));
}

/// Where the files of this library are, as the compiler knows them.
const SOURCE: &str = match file!().as_bytes().split_last_chunk::<8>() {
    // This file is called `guard.rs`.
    Some((folder, b"guard.rs")) => match std::str::from_utf8(folder) {
        Ok(folder) => folder,
        Err(_) => panic!("paths are UTF-8"),
    },
    _ => panic!("this file has another name"),
};

/// Runs an entry point; `None` if it panicked.
#[inline]
pub fn catch<R>(body: impl FnOnce() -> R) -> Option<R> {
    let _inside = Inside::enter();
    catch_in_call(body)
}

/// As [`catch`], for calls of guests, which are not counted.
#[inline]
pub fn catch_in_call<R>(body: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(body)).ok()
}

struct Inside;

impl Inside {
    #[inline]
    fn enter() -> Inside {
        let _ = INSIDE.try_with(|inside| inside.set(inside.get() + 1));
        Inside
    }
}

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|inside| inside.set(inside.get() - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_of_this_library_are_silent() {
        use std::sync::atomic::AtomicU32;
        static HEARD: AtomicU32 = AtomicU32::new(0);
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            HEARD.fetch_add(1, Relaxed);
            before(info);
        }));
        silence();
        assert!(catch_in_call(|| panic!("on purpose, in this test")).is_none());
        assert_eq!(HEARD.load(Relaxed), 0);
    }
}
