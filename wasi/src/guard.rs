//! No panic leaves the library, and none is printed.
//!
//! A panic is a bug of this library. It is caught at every entry point; a process-wide hook, which would print it,
//! stays silent while the thread is inside one. Other panics go to the hook that was there before: a program in Rust
//! may share its standard library with this one.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// How many calls of [`catch`] are open on this thread.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// Puts the silent hook in front of the process's own, once. Called when a context is made.
pub fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if INSIDE.try_with(Cell::get).unwrap_or(0) == 0 {
                former(info);
            }
        }));
    });
}

/// Runs an entry point; `None` if it panicked.
#[inline]
pub fn catch<R>(body: impl FnOnce() -> R) -> Option<R> {
    let _inside = Inside::enter();
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
