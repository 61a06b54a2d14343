//! No panic leaves a library, and none is printed.
//!
//! A panic is a bug of the library. It is caught at every entry point ([`catch`]); a process-wide hook, which would print
//! it, stays silent while the thread is inside one, and for panics that the library recognizes: calls of guests are not
//! counted, because that would slow them down. Other panics go to the hook that was there before: a program in Rust may
//! share its standard library with this one.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

thread_local! {
    /// How many calls of [`catch`] are open on this thread.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// What a panic was thrown with.
pub type Payload = Box<dyn Any + Send>;

/// Puts a silent hook in front of the process's own, unless the library has `begun` before. It recognizes panics outside
/// of [`catch`], and `tell` learns of all that are silenced.
pub fn silence(
    begun: &AtomicBool,
    is_ours: impl Fn(&PanicHookInfo) -> bool + Send + Sync + 'static,
    tell: impl Fn(&PanicHookInfo) + Send + Sync + 'static,
) {
    // Nobody waits for a thread that does it: a fork might have left it behind.
    if begun.swap(true, Relaxed) {
        return;
    }
    let former = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if INSIDE.try_with(Cell::get).unwrap_or(0) > 0 || is_ours(info) {
            tell(info);
        } else {
            former(info);
        }
    }));
}

/// Runs an entry point.
#[inline]
pub fn catch<R>(body: impl FnOnce() -> R) -> Result<R, Payload> {
    let _inside = Inside::enter();
    catch_uncounted(body)
}

/// As [`catch`], for code that guests call: not counted.
#[inline]
pub fn catch_uncounted<R>(body: impl FnOnce() -> R) -> Result<R, Payload> {
    catch_unwind(AssertUnwindSafe(body))
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
    use std::sync::atomic::AtomicU32;

    #[test]
    fn panics_of_a_library_are_silent_and_others_are_not() {
        static HEARD: AtomicU32 = AtomicU32::new(0);
        static TOLD: AtomicU32 = AtomicU32::new(0);
        static BEGUN: AtomicBool = AtomicBool::new(false);
        std::panic::set_hook(Box::new(|_| _ = HEARD.fetch_add(1, Relaxed)));
        for _ in 0..2 {
            let is_ours = |info: &PanicHookInfo| info.payload_as_str() == Some("ours");
            silence(&BEGUN, is_ours, |_| _ = TOLD.fetch_add(1, Relaxed));
        }
        assert!(catch(|| panic!("whatever")).is_err());
        assert!(catch_uncounted(|| panic!("ours")).is_err());
        assert_eq!((HEARD.load(Relaxed), TOLD.load(Relaxed)), (0, 2));
        assert!(catch_uncounted(|| panic!("not ours")).is_err());
        assert_eq!((HEARD.load(Relaxed), TOLD.load(Relaxed)), (1, 2));
        let _ = std::panic::take_hook();
    }
}
