//! Panics are bugs in the library: they are caught at every entry point, reported to the logs, and never printed.
//!
//! A panic is seen twice. The first is the process's panic hook, which would print: ours stays silent while a
//! thread is inside the library, and otherwise forwards to the previous hook. The second is the code that catches
//! the panic and makes an error or a trap of it.
//!
//! Entry points count themselves in a thread-local ([`catch`]). Builtins that guest code calls do not, because it
//! would slow them down: the hook, where speed does not matter, finds those by walking the stack.

use crate::error::Error;
use crate::sys::{backtrace, thread};
use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

thread_local! {
    /// How many calls of [`catch`] are open.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
    /// The hook has reported the panic that is being caught. A host may have put its own hook in front of ours, or
    /// replaced ours.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

static HOOKED: AtomicBool = AtomicBool::new(false);

/// Puts the silent hook in front of the process's own, once. `is_builtin` recognizes return addresses in builtins.
pub fn silence(is_builtin: fn(usize) -> bool) {
    if HOOKED.swap(true, Relaxed) {
        return;
    }
    let former = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if INSIDE.try_with(Cell::get).unwrap_or(0) == 0
            && !thread::is_worker()
            && !backtrace::is_called_from(is_builtin)
        {
            former(info);
        } else {
            crate::log::fault(&info.to_string().replace('\n', " "));
            let _ = TOLD.try_with(|told| told.set(true));
        }
    }));
}

/// Runs an entry point of the library. A panic comes back as an error and is reported to the logs.
#[inline]
pub fn catch<R>(body: impl FnOnce() -> R) -> Result<R, Error> {
    let _inside = Inside::enter();
    catch_in_builtin(body)
}

/// As [`catch`], for builtins, which are not counted.
#[inline]
pub fn catch_in_builtin<R>(body: impl FnOnce() -> R) -> Result<R, Error> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| caught(&*panic))
}

/// Reports a panic to the logs, unless the hook did.
#[cold]
fn caught(panic: &(dyn Any + Send)) -> Error {
    let text = (panic.downcast_ref::<&str>().copied())
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = format!("panic: {}", text.unwrap_or("no message"));
    if !TOLD.try_with(|told| told.replace(false)).unwrap_or(true) {
        crate::log::fault(&text);
    }
    Error::internal(text)
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
