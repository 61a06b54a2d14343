//! Callbacks of the embedder that any thread may call, several at the same time.

use crate::runtime::environment::Environment;

/// A function of the embedder, with the environment that it gets first.
pub struct SharedCallback<F> {
    pub code: F,
    pub env: Environment,
}

// SAFETY: functions that are kept like this, and their finalizers, may be called on any thread (C contract of the
// functions that take them).
unsafe impl<F: Send> Send for SharedCallback<F> {}
// SAFETY: as above, and on several threads at the same time.
unsafe impl<F: Sync> Sync for SharedCallback<F> {}
