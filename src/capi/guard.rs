//! The first beat of every entry point: no panic crosses the boundary, and failures get words.
//!
//! A panic in the library is an internal bug: it is caught here, becomes the thread's last error,
//! and the function answers with its neutral value. The process's panic hook would print, so ours
//! stays silent while a thread is inside the library (the engines' logs hear of it, see
//! [`crate::log`]) and forwards to the former hook otherwise.

use super::error::set_last_error;
use crate::error::{Error, ErrorKind};
use crate::sys::thread::is_worker;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// What a function returns when it has nothing to return.
pub trait Neutral {
    fn neutral() -> Self;
}

impl Neutral for () {
    fn neutral() {}
}
impl Neutral for bool {
    fn neutral() -> bool {
        false
    }
}
impl<T> Neutral for *mut T {
    fn neutral() -> *mut T {
        std::ptr::null_mut()
    }
}
impl<T> Neutral for *const T {
    fn neutral() -> *const T {
        std::ptr::null()
    }
}
impl Neutral for u8 {
    fn neutral() -> u8 {
        0
    }
}
impl Neutral for u32 {
    fn neutral() -> u32 {
        0
    }
}
impl Neutral for u64 {
    fn neutral() -> u64 {
        0
    }
}
impl Neutral for usize {
    fn neutral() -> usize {
        0
    }
}

thread_local! {
    /// How many guards of this thread are open.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
    /// The hook has told of a panic that is now being caught. A host may have put its own hook in
    /// front of ours, or in its place.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

static HOOKED: AtomicBool = AtomicBool::new(false);

/// Puts the silent hook in front of the process's own. Called when an engine is made.
pub fn silence_panics() {
    if HOOKED.swap(true, Relaxed) {
        return;
    }
    let former = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if INSIDE.try_with(Cell::get).unwrap_or(0) == 0 && !is_worker() {
            former(info);
        } else {
            crate::log::fault(&info.to_string().replace('\n', " "));
            let _ = TOLD.try_with(|told| told.set(true));
        }
    }));
}

/// Runs the body of an entry point that may fail: an error becomes the last error, and the
/// function's neutral value its result.
pub fn guard<R: Neutral>(body: impl FnOnce() -> Result<R, Error>) -> R {
    let _inside = Inside::enter();
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => {
            if error.kind() == ErrorKind::Internal {
                crate::log::fault(&error.to_string());
            }
            fail(error)
        }
        Err(panic) => fail(panicked(&*panic)),
    }
}

#[cold]
fn fail<R: Neutral>(error: Error) -> R {
    set_last_error(error);
    R::neutral()
}

#[cold]
fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let error = Error::internal(panic_text(panic));
    if !TOLD.try_with(|told| told.replace(false)).unwrap_or(true) {
        crate::log::fault(&error.to_string());
    }
    error
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = (panic.downcast_ref::<&str>().copied())
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("no message"))
}

struct Inside;

impl Inside {
    fn enter() -> Inside {
        let _ = INSIDE.try_with(|inside| inside.set(inside.get() + 1));
        Inside
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|inside| inside.set(inside.get() - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Level, Log};
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_panic_becomes_a_neutral_answer_and_is_told_once() {
        silence_panics();
        let told = Arc::new(Mutex::new(Vec::new()));
        let into = told.clone();
        let sink = move |_, text: &std::ffi::CStr| into.lock().unwrap().push(text.to_owned());
        let log = Log::new(Level::Error, Box::new(sink));
        log.listen_for_faults();
        assert_eq!(guard::<u32>(|| panic!("on purpose, in this test")), 0);
        let told = told.lock().unwrap();
        let ours = told.iter().filter_map(|text| text.to_str().ok());
        let ours: Vec<_> = ours.filter(|text| text.contains("on purpose, in this test")).collect();
        assert_eq!(ours.len(), 1);
        assert!(ours[0].contains("guard.rs"), "the place is said: {ours:?}");
    }
}
