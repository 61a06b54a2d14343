//! No panic leaves the library, and none is printed (see [`panics`]).

use std::sync::atomic::AtomicBool;
use wasmrt_process::panics;

/// Keeps panics of this library from being printed. Called when a context is made.
pub fn silence() {
    static BEGUN: AtomicBool = AtomicBool::new(false);
    let is_ours = |place: &str| place.starts_with(SOURCE);
    panics::silence(
        &BEGUN,
        move |info| info.location().is_some_and(|at| is_ours(at.file())),
        |_| (),
    );
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
pub fn catch<R>(body: impl FnOnce() -> R) -> Option<R> {
    panics::catch(body).ok()
}

/// As [`catch`], for calls of guests, which are not counted.
#[inline]
pub fn catch_in_call<R>(body: impl FnOnce() -> R) -> Option<R> {
    panics::catch_uncounted(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    #[test]
    fn panics_of_this_library_are_silent() {
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
