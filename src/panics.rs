//! Panics are bugs in the library: they are caught at every entry point, reported to the logs, and never printed.
//!
//! A panic is seen twice. The first is the process's panic hook, which would print: ours stays silent while a
//! thread is inside the library, and otherwise forwards to the previous hook. The second is the code that catches
//! the panic and makes an error or a trap of it.
//!
//! Entry points count themselves ([`catch`]). Builtins that guest code calls do not, because it
//! would slow them down: the hook, where speed does not matter, finds those by walking the stack.

use crate::error::Error;
use crate::sys::{backtrace, thread};
use std::any::Any;
use std::cell::Cell;
use std::panic::PanicHookInfo;
use std::sync::atomic::AtomicBool;
use wasmrt_process::panics;

thread_local! {
    /// The hook has reported the panic that is being caught. A host may have put its own hook in front of ours, or
    /// replaced ours.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

/// Puts the silent hook in front of the process's own, once. `is_builtin` recognizes return addresses in builtins.
pub fn silence(is_builtin: fn(usize) -> bool) {
    static BEGUN: AtomicBool = AtomicBool::new(false);
    let is_ours =
        move |_: &PanicHookInfo| thread::is_worker() || backtrace::is_called_from(is_builtin);
    panics::silence(&BEGUN, is_ours, |info| {
        crate::log::fault(&info.to_string().replace('\n', " "));
        let _ = TOLD.try_with(|told| told.set(true));
    });
}

/// Runs an entry point of the library. A panic comes back as an error and is reported to the logs.
#[inline]
pub fn catch<R>(body: impl FnOnce() -> R) -> Result<R, Error> {
    panics::catch(body).map_err(|panic| caught(&*panic))
}

/// As [`catch`], for builtins, which are not counted.
#[inline]
pub fn catch_in_builtin<R>(body: impl FnOnce() -> R) -> Result<R, Error> {
    panics::catch_uncounted(body).map_err(|panic| caught(&*panic))
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
