//! Ctrl-C, while there is something to tidy up first.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// While this lives, an interrupt does not end the process but is noted. One that was ignored stays so.
pub struct Interrupts {
    before: libc::sigaction,
}

static CAME: AtomicBool = AtomicBool::new(false);

extern "C" fn note(_: libc::c_int) {
    CAME.store(true, Relaxed);
}

impl Interrupts {
    pub fn watch() -> Interrupts {
        let mut before = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: all zero is an action; the handler does nothing but store.
        unsafe {
            libc::sigaction(libc::SIGINT, ptr::null(), before.as_mut_ptr());
            let before = before.assume_init();
            if before.sa_sigaction != libc::SIG_IGN {
                let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
                action.sa_sigaction = note as *const () as usize;
                action.sa_flags = libc::SA_RESTART;
                libc::sigaction(libc::SIGINT, &action, ptr::null_mut());
            }
            Interrupts { before }
        }
    }

    pub fn came(&self) -> bool {
        CAME.load(Relaxed)
    }

    /// Ends the process as the interrupt would have done.
    pub fn end(self) {
        drop(self);
        // SAFETY: a signal to this thread.
        unsafe { libc::raise(libc::SIGINT) };
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        // SAFETY: the action that was there before.
        unsafe { libc::sigaction(libc::SIGINT, &self.before, ptr::null_mut()) };
    }
}
