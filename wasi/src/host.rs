//! Functions that a host gives to this library, with what they are called with.

use crate::bindings::finalizer_t;
use std::ffi::c_void;

/// The environment of a host's functions. Its finalizer runs when this is dropped.
///
/// A context may serve several threads; hosts are told that their functions may be called on any of them.
pub struct Env {
    data: *mut c_void,
    finalizer: finalizer_t,
}

// SAFETY: the host promises that its functions may be called, and its finalizers run, on any thread.
unsafe impl Send for Env {}
// SAFETY: as above.
unsafe impl Sync for Env {}

impl Env {
    /// # Safety
    /// `finalizer` is NULL or may be called once with `data`.
    pub unsafe fn new(data: *mut c_void, finalizer: finalizer_t) -> Env {
        Env { data, finalizer }
    }

    pub fn data(&self) -> *mut c_void {
        self.data
    }
}

impl Drop for Env {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: promised when this was made.
            unsafe { finalizer(self.data) };
        }
    }
}
