//! `wasmrt_wasi.h`: the functions that hosts call.
//!
//! Every entry point guards against panics, converts its pointers, calls one function, and hands back the result. A
//! function that fails returns false or NULL and leaves a text for `wasmrt_wasi_last_error`. Callers keep the
//! contract of the header: pointers are NULL or valid. SAFETY notes refer to it as the "(C contract)".

pub mod error;
pub mod files;
pub mod imports;
pub mod program;
pub mod sources;
pub mod stdio;
pub mod trace;
pub mod wasi;

use crate::bindings::*;
use crate::guard::catch;
use crate::last_error;
use crate::room;
use std::borrow::Cow;
use std::ffi::{CStr, c_char};

/// Why an entry point fails.
type Reason = Cow<'static, str>;

/// What an entry point returns when it fails.
trait Neutral {
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

impl<T> Neutral for Option<T> {
    fn neutral() -> Option<T> {
        None
    }
}

impl<T> Neutral for *mut T {
    fn neutral() -> *mut T {
        std::ptr::null_mut()
    }
}

/// Runs the body of an entry point: an error becomes the last error, and the neutral value its result.
fn guard<R: Neutral>(body: impl FnOnce() -> Result<R, Reason>) -> R {
    let error = match catch(body) {
        Some(Ok(result)) => return result,
        Some(Err(error)) => error,
        None => Cow::Borrowed("internal error: a panic was caught"),
    };
    last_error::set(error);
    R::neutral()
}

/// Fails unless there is room for what an entry point allocates.
fn room() -> Result<(), Reason> {
    room::check().map_err(|_| SHORT)
}

const SHORT: Reason = Cow::Borrowed("memory is short");

/// Takes the engine's last error on this thread: its kind.
fn take_engine_error() -> Option<u32> {
    let size = size_of::<wasmrt_error_info_t>();
    let mut info = wasmrt_error_info_t { struct_size: size, kind: 0, phase: 0 };
    // SAFETY: NULL or an error that is ours.
    unsafe {
        let error = wasmrt_last_error();
        wasmrt_error_info(error, &mut info);
        wasmrt_error_delete(error);
        (!error.is_null()).then_some(info.kind)
    }
}

/// # Safety
/// `text` is NULL or ends in a NUL.
unsafe fn text<'a>(text: *const c_char) -> Result<&'a CStr, Reason> {
    if text.is_null() {
        return Err("a text is NULL".into());
    }
    // SAFETY: as promised by the caller.
    Ok(unsafe { CStr::from_ptr(text) })
}
