//! A value that is kept for whoever needs it next.
//!
//! Giving and taking are one atomic exchange each, which no fork can split, so no lock is needed.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// Empty, or one value.
pub struct Spare<T> {
    value: AtomicPtr<T>,
}

// SAFETY: the value is handed from thread to thread, and never shared.
unsafe impl<T: Send> Sync for Spare<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Spare<T> {}

impl<T> Spare<T> {
    pub const fn new() -> Spare<T> {
        Spare { value: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The value, if there is one; nobody else gets it.
    pub fn take(&self) -> Option<Box<T>> {
        let value = self.value.swap(ptr::null_mut(), Acquire);
        // SAFETY: null, or from a box that was given up to this cell.
        (!value.is_null()).then(|| unsafe { Box::from_raw(value) })
    }

    /// Keeps the value, unless there is one already.
    pub fn give(&self, value: Box<T>) {
        let value = Box::into_raw(value);
        if self.value.compare_exchange(ptr::null_mut(), value, Release, Relaxed).is_err() {
            // SAFETY: the exchange failed, so the pointer made above is still ours.
            drop(unsafe { Box::from_raw(value) });
        }
    }
}

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Spare::new()
    }
}

impl<T> Drop for Spare<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn one_value_is_kept_and_none_is_lost() {
        let value = Arc::new(());
        let spare = Spare::new();
        assert!(spare.take().is_none());
        spare.give(Box::new(value.clone()));
        spare.give(Box::new(value.clone()));
        assert_eq!(Arc::strong_count(&value), 2);
        assert!(spare.take().is_some() && spare.take().is_none());
        spare.give(Box::new(value.clone()));
        drop(spare);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
