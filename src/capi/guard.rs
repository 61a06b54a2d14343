//! Runs the body of an entry point: no panic crosses the boundary, and failures set the last error.
//!
//! A panic in the library is an internal bug: it is caught here (see [`crate::panics`]), becomes the
//! thread's last error, and the function returns its neutral value.

use super::last_error;
use crate::error::{Error, ErrorKind};
use crate::panics;
use crate::runtime::builtin_table;

/// The neutral value: what a function returns when it fails.
pub trait Neutral {
    fn neutral() -> Self;
}

macro_rules! neutral {
    ($($type:ty: $value:expr),*) => {
        $(impl Neutral for $type {
            fn neutral() -> $type {
                $value
            }
        })*
    };
}

neutral! { (): (), bool: false, u8: 0, u32: 0, u64: 0, usize: 0 }

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

/// Nothing, for functions that then answer in a way of their own.
impl<T> Neutral for Option<T> {
    fn neutral() -> Option<T> {
        None
    }
}

/// Keeps panics of the library from being printed. Called when an engine is made.
pub fn silence_panics() {
    panics::silence(builtin_table::is_return_address);
}

/// Runs the body of an entry point that may fail: an error becomes the last error, and the
/// function's neutral value its result.
pub fn guard<R: Neutral>(body: impl FnOnce() -> Result<R, Error>) -> R {
    match panics::catch(body) {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => {
            if error.kind() == ErrorKind::Internal {
                crate::log::fault(&error.to_string());
            }
            fail(error)
        }
        Err(panic) => fail(panic),
    }
}

#[cold]
fn fail<R: Neutral>(error: Error) -> R {
    last_error::set(error);
    R::neutral()
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
