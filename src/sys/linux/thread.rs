//! Worker threads that stay out of the host's way.
//!
//! The host's signals are meant for the host's threads: a worker must not be the one that a timer
//! or a terminal signal happens to pick. Every signal is blocked before the thread exists, so there
//! is no moment at which one could slip in. Only the signals that a faulty instruction raises in
//! its own thread stay open: blocked, they would end the process without the host's crash reporter
//! having seen anything.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Signals that a thread raises by its own instructions.
const FAULTS: [i32; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGSYS];

/// Starts a thread that takes none of the host's signals. An empty name, or one that the system
/// cannot show, leaves it unnamed.
pub fn spawn_worker<F, T>(name: &str, stack_size: usize, f: F) -> io::Result<JoinHandle<T>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let mut builder = Builder::new().stack_size(stack_size);
    if !name.is_empty() && !name.contains('\0') {
        builder = builder.name(name.to_owned());
    }
    let _restored_on_drop = BlockedSignals::new()?;
    builder.spawn(f)
}

/// Signals of this thread are blocked as long as it lives.
struct BlockedSignals {
    before: libc::sigset_t,
}

impl BlockedSignals {
    fn new() -> io::Result<Self> {
        // SAFETY: a signal set is plain data, filled by `sigfillset` before use; `before` is
        // written by a successful call.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut all);
            for fault in FAULTS {
                libc::sigdelset(&mut all, fault);
            }
            match libc::pthread_sigmask(libc::SIG_BLOCK, &all, &mut before) {
                0 => Ok(BlockedSignals { before }),
                error => Err(io::Error::from_raw_os_error(error)),
            }
        }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // SAFETY: the set is the one that this thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, std::ptr::null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_blocked(signal: i32) -> bool {
        // SAFETY: only asks for this thread's mask.
        unsafe {
            let mut mask: libc::sigset_t = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut mask);
            libc::sigismember(&mask, signal) == 1
        }
    }

    #[test]
    fn a_worker_blocks_the_signals_of_the_host_and_the_starter_does_not() {
        let worker = spawn_worker("test", 64 << 10, || {
            (is_blocked(libc::SIGINT), is_blocked(libc::SIGALRM), is_blocked(libc::SIGSEGV))
        });
        assert_eq!(worker.unwrap().join().unwrap(), (true, true, false));
        assert!(!is_blocked(libc::SIGINT));
    }

    #[test]
    fn a_thread_that_the_system_refuses_is_an_error() {
        assert!(spawn_worker("test", 1 << 60, || ()).is_err());
        assert!(spawn_worker("a\0b", 64 << 10, || ()).unwrap().join().is_ok());
    }
}
