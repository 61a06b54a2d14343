//! The last error of each thread.
//!
//! Functions that fail put an error here ([`super::guard`]); success leaves it alone; taking it clears
//! it. The error of exhausted memory is static, so that reporting it needs no memory.

use super::handle::{Owned, give, take};
use crate::error::{Error, ErrorKind};
use crate::sys::thread_word::ThreadWord;
use std::ffi::c_void;
use std::ptr;

/// An error, owned by the caller who took it.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub struct wasmrt_error_t {
    pub(super) error: Error,
}

impl Owned for wasmrt_error_t {}

/// A pointer to the error, owned by the thread.
static LAST: ThreadWord = ThreadWord::new(forget);

unsafe extern "C" fn forget(error: *mut c_void) {
    // SAFETY: what `set` put there.
    unsafe { delete(error.cast()) };
}

/// The error of exhausted memory. There is one, which all who take it share.
static OUT_OF_MEMORY: wasmrt_error_t = wasmrt_error_t { error: Error::OUT_OF_MEMORY };

/// Replaces the thread's last error.
pub fn set(error: Error) {
    let out_of_memory = (&raw const OUT_OF_MEMORY).cast_mut();
    let mut new = out_of_memory;
    if error.kind() != ErrorKind::OutOfMemory {
        new = give(wasmrt_error_t { error }).unwrap_or(out_of_memory);
    }
    let former = LAST.get();
    let unwanted = if LAST.set(new.cast()) { former.cast() } else { new };
    // SAFETY: nothing refers to it any more.
    unsafe { delete(unwanted) };
}

/// Takes the thread's last error, which is then cleared; null if there is none.
pub fn take_last() -> *mut wasmrt_error_t {
    let taken = LAST.get();
    if !taken.is_null() {
        LAST.set(ptr::null_mut());
    }
    taken.cast()
}

/// Deletes an error; nothing for NULL.
///
/// # Safety
/// `error` is NULL or an owned handle.
pub unsafe fn delete(error: *mut wasmrt_error_t) {
    if !ptr::eq(error, &OUT_OF_MEMORY) {
        // SAFETY: as promised by the caller.
        drop(unsafe { take(error) });
    }
}
