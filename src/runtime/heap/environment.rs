//! What an embedder attaches to an object: a pointer, and a finalizer that is called with it once.
//!
//! Host functions have one as their environment, and every object has a slot for one as its host info. The two are
//! separate, so that neither can replace the other. The finalizer runs when the environment is dropped, on the
//! thread that drops it.

use std::ffi::c_void;
use std::ptr;

/// Called with the pointer that it belongs to.
pub type Finalizer = Option<unsafe extern "C" fn(*mut c_void)>;

/// The embedder's pointer, with the finalizer that runs when this is dropped.
pub struct Environment {
    data: *mut c_void,
    finalizer: Finalizer,
}

impl Environment {
    pub fn new(data: *mut c_void, finalizer: Finalizer) -> Environment {
        Environment { data, finalizer }
    }

    /// No pointer, and nothing to run.
    pub const fn none() -> Environment {
        Environment { data: ptr::null_mut(), finalizer: None }
    }

    /// The embedder's pointer. A method, so that closures capture the whole.
    pub fn data(&self) -> *mut c_void {
        self.data
    }

    /// Whether something runs when this is dropped.
    pub fn has_finalizer(&self) -> bool {
        self.finalizer.is_some()
    }

    /// Forgets the finalizer, because something else is now responsible for the pointer.
    pub fn disarm(&mut self) {
        self.finalizer = None;
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer.take() {
            // SAFETY: the embedder's finalizer for its own data, called once.
            unsafe { finalizer(self.data) };
        }
    }
}
