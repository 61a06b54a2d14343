//! A descriptor that becomes readable when somebody wants the attention of a thread that waits for descriptors.
//!
//! It is made at first use. A forked child has one of its own under the same number: with the parent's, each of the
//! two processes could take the other's signal.

use crate::sys::fork::generation;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering::*};

pub struct Wakeup {
    /// -1 before the first use.
    fd: AtomicI32,
    /// The fork generation in which it was made.
    generation: AtomicU32,
}

impl Default for Wakeup {
    fn default() -> Self {
        Wakeup { fd: AtomicI32::new(-1), generation: AtomicU32::new(0) }
    }
}

impl Wakeup {
    /// The descriptor, if the system gives one. By one thread at a time.
    pub fn descriptor(&self) -> Option<i32> {
        let (fd, now) = (self.fd.load(Acquire), generation());
        if fd >= 0 && self.generation.load(Relaxed) == now {
            return Some(fd);
        }
        // SAFETY: makes a descriptor.
        let made = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if made < 0 {
            return None;
        }
        if fd < 0 {
            self.fd.store(made, SeqCst);
        } else {
            // SAFETY: both are ours; the number stays valid for whoever writes to it at this moment.
            let moved = unsafe { libc::dup3(made, fd, libc::O_CLOEXEC) };
            // SAFETY: ours, and under no other name.
            unsafe { libc::close(made) };
            if moved < 0 {
                return None;
            }
        }
        self.generation.store(now, Relaxed);
        Some(self.fd.load(Relaxed))
    }

    /// Makes the descriptor readable, if there is one. From any thread, and from signal handlers.
    pub fn signal(&self) {
        let fd = self.fd.load(SeqCst);
        if fd >= 0 {
            // SAFETY: eight bytes are written; it does not matter if the counter is full.
            unsafe { libc::write(fd, (&raw const ONE).cast(), 8) };
        }
    }

    /// Makes the descriptor unreadable again. What made it readable must be looked at afterwards.
    pub fn reset(&self) {
        let fd = self.fd.load(Relaxed);
        if fd >= 0 {
            let mut count = 0u64;
            // SAFETY: room for eight bytes; without a signal it is not readable.
            unsafe { libc::read(fd, (&raw mut count).cast(), 8) };
        }
    }
}

static ONE: u64 = 1;

impl Drop for Wakeup {
    fn drop(&mut self) {
        let fd = *self.fd.get_mut();
        if fd >= 0 {
            // SAFETY: ours.
            unsafe { libc::close(fd) };
        }
    }
}
