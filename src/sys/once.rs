//! A shared value that is made once, without a lock that could disturb forks or race detectors.
//!
//! A thread that needs the value and finds none makes one and offers it. Of several offered at once, one stays and
//! the others are dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// Empty, or a value that stays.
pub struct OnceArc<T> {
    value: AtomicPtr<T>,
    _owned: std::marker::PhantomData<Arc<T>>,
}

impl<T> OnceArc<T> {
    /// No value yet.
    pub const fn new() -> Self {
        OnceArc { value: AtomicPtr::new(std::ptr::null_mut()), _owned: std::marker::PhantomData }
    }

    /// The value, if there is one.
    pub fn get(&self) -> Option<Arc<T>> {
        let value = self.value.load(Acquire).cast_const();
        // SAFETY: a pointer in the cell came from an `Arc` that the cell holds until it is dropped.
        (!value.is_null()).then(|| unsafe {
            Arc::increment_strong_count(value);
            Arc::from_raw(value)
        })
    }

    /// The value that stays: this one, or the one that was offered first.
    pub fn get_or_offer(&self, value: Arc<T>) -> Arc<T> {
        let offered = Arc::into_raw(value.clone()).cast_mut();
        match self.value.compare_exchange(std::ptr::null_mut(), offered, AcqRel, Acquire) {
            Ok(_) => value,
            Err(_) => {
                // SAFETY: the exchange failed, so the pointer made above is still ours.
                drop(unsafe { Arc::from_raw(offered.cast_const()) });
                self.get().unwrap_or(value)
            }
        }
    }
}

impl<T> Default for OnceArc<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for OnceArc<T> {
    fn drop(&mut self) {
        let value = *self.value.get_mut();
        if !value.is_null() {
            // SAFETY: the count that the cell took over.
            drop(unsafe { Arc::from_raw(value.cast_const()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_stays_and_all_are_dropped() {
        let (first, second) = (Arc::new(1), Arc::new(2));
        {
            let cell = OnceArc::new();
            assert_eq!(cell.get(), None);
            assert_eq!(*cell.get_or_offer(first.clone()), 1);
            assert_eq!(*cell.get_or_offer(second.clone()), 1);
            assert_eq!(cell.get().as_deref(), Some(&1));
        }
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (1, 1));
    }
}
