//! What an embedder attaches to an object: a pointer, and a finalizer that is called with it once.
//!
//! Host functions have one as their environment, and every object and every store has a slot for one ([`Attached`]).
//! They are separate, so that none can replace another. The finalizer runs when the environment is dropped, on the
//! thread that drops it.

use std::cell::Cell;
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
    fn disarm(&mut self) {
        self.finalizer = None;
    }
}

/// A slot for an environment that can be replaced. It is taken out and put back for each access, so that a finalizer
/// may access it again.
pub struct Attached(Cell<Environment>);

impl Attached {
    pub const fn none() -> Attached {
        Attached(Cell::new(Environment::none()))
    }

    fn ask<T>(&self, question: impl FnOnce(&Environment) -> T) -> T {
        let environment = self.take();
        let answer = question(&environment);
        self.0.set(environment);
        answer
    }

    /// The pointer that the embedder attached, or null.
    pub fn data(&self) -> *mut c_void {
        self.ask(Environment::data)
    }

    /// Whether the embedder's code runs when the environment is dropped.
    pub fn has_finalizer(&self) -> bool {
        self.ask(Environment::has_finalizer)
    }

    /// Attaches another environment and returns the former, whose finalizer runs when it is dropped. If the pointers
    /// are equal, it is the same data, now owned by the new one, and nothing runs.
    #[must_use = "the finalizer may delete what the slot is in: nothing may use it any more"]
    pub fn replace(&self, environment: Environment) -> Environment {
        let data = environment.data();
        let mut former = self.0.replace(environment);
        if former.data() == data {
            former.disarm();
        }
        former
    }

    /// Removes the environment.
    #[must_use = "as for `replace`"]
    pub fn take(&self) -> Environment {
        self.0.replace(Environment::none())
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
