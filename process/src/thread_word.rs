//! A thread-local word with a destructor that needs no memory to be registered.
//!
//! Rust's thread-local variables with destructors allocate a few bytes in glibc on first use in each thread, and
//! glibc ends the process if that fails. The C library's older keys keep the first 32 values in the thread itself
//! and report failure for the others.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering::*};

/// A word per thread, null at first.
pub struct ThreadWord {
    /// The key plus one; zero while there is none.
    key: AtomicU64,
    /// Receives the word of a thread that ends, unless it is null.
    at_exit: unsafe extern "C" fn(*mut c_void),
}

impl ThreadWord {
    pub const fn new(at_exit: unsafe extern "C" fn(*mut c_void)) -> ThreadWord {
        ThreadWord { key: AtomicU64::new(0), at_exit }
    }

    /// This thread's word.
    pub fn get(&self) -> *mut c_void {
        match self.key.load(Acquire) {
            0 => std::ptr::null_mut(),
            // SAFETY: a key that exists for good.
            key => unsafe { libc::pthread_getspecific((key - 1) as libc::pthread_key_t).cast() },
        }
    }

    /// Sets the word; false when the process has no key or memory left for it.
    pub fn set(&self, word: *mut c_void) -> bool {
        let Some(key) = self.key() else { return false };
        // SAFETY: as above.
        unsafe { libc::pthread_setspecific(key, word.cast()) == 0 }
    }

    /// Created on first use, without a lock that a fork could leave held.
    fn key(&self) -> Option<libc::pthread_key_t> {
        let known = self.key.load(Acquire);
        if known != 0 {
            return Some((known - 1) as libc::pthread_key_t);
        }
        let mut key = 0;
        // SAFETY: the destructor takes a pointer, and the library is never unloaded.
        let failed = unsafe { libc::pthread_key_create(&mut key, Some(self.at_exit)) != 0 };
        if failed {
            return None;
        }
        match self.key.compare_exchange(0, u64::from(key) + 1, AcqRel, Acquire) {
            Ok(_) => Some(key),
            Err(first) => {
                // SAFETY: ours, and nobody has seen it.
                unsafe { libc::pthread_key_delete(key) };
                Some((first - 1) as libc::pthread_key_t)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn each_thread_has_its_own_and_its_end_is_noticed() {
        static ENDED: AtomicUsize = AtomicUsize::new(0);
        unsafe extern "C" fn ended(word: *mut c_void) {
            ENDED.fetch_add(word as usize, Relaxed);
        }
        static WORD: ThreadWord = ThreadWord::new(ended);
        assert!(WORD.get().is_null() && WORD.set(std::ptr::without_provenance_mut(1000)));
        let threads: Vec<_> = (1..4)
            .map(|i| {
                std::thread::spawn(move || {
                    assert!(WORD.get().is_null());
                    assert!(WORD.set(std::ptr::without_provenance_mut(i)));
                    assert_eq!(WORD.get() as usize, i);
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((ENDED.load(Relaxed), WORD.get() as usize), (6, 1000));
    }
}
