//! Waiting: for time to pass, for descriptors, and always for the engine, which may want the guest to stop.

use crate::bindings::wasmrt_store_pending;
use crate::call::{Call, Outcome, Stop};
use crate::errno::Errno;
use libc::{pollfd, timespec};
use smallvec::SmallVec;
use std::ptr;
use std::time::{Duration, Instant};

impl Call<'_> {
    /// Waits until one of the descriptors is ready, which its `revents` say, or until `end`. True if one is ready.
    /// Whatever was checked in the guest's memory before must be checked again.
    pub fn wait(&self, fds: &mut [pollfd], end: Option<Instant>) -> Outcome<bool> {
        let mut all: SmallVec<[pollfd; 8]> = SmallVec::new();
        all.try_reserve(fds.len() + 1).map_err(|_| Errno::NoMemory)?;
        all.extend_from_slice(fds);
        all.push(pollfd { fd: -1, events: libc::POLLIN, revents: 0 });
        loop {
            let (wakeup, alarm) = self.pending()?;
            all[fds.len()].fd = wakeup;
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let n = poll(&mut all, [left, alarm].into_iter().flatten().min())?;
            if n > 0 && all[..fds.len()].iter().any(|fd| fd.revents != 0) {
                fds.copy_from_slice(&all[..fds.len()]);
                return Ok(true);
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(false);
            }
        }
    }

    /// Ends the call if the guest has to stop; for calls that take long without waiting.
    pub fn check(&self) -> Outcome {
        self.pending().map(drop)
    }

    /// A descriptor that becomes readable when this must be asked again, or -1, and how long one may wait at most.
    fn pending(&self) -> Outcome<(i32, Option<Duration>)> {
        let (mut wakeup, mut nanoseconds) = (-1, u64::MAX);
        // SAFETY: the store is alive, and this is its thread.
        let trap = unsafe { wasmrt_store_pending(self.store, &mut wakeup, &mut nanoseconds) };
        if !trap.is_null() {
            return Err(Stop::Trap(trap));
        }
        Ok((wakeup, (nanoseconds != u64::MAX).then(|| Duration::from_nanos(nanoseconds))))
    }
}

/// How many descriptors are ready; 0 also after a signal.
fn poll(fds: &mut [pollfd], timeout: Option<Duration>) -> Result<usize, Errno> {
    let timeout = timeout.map(|timeout| timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: as many descriptors as said; no signal mask.
    let n = unsafe { libc::ppoll(fds.as_mut_ptr(), fds.len() as u64, timeout, ptr::null()) };
    match usize::try_from(n).map_err(|_| Errno::last()) {
        Err(Errno::Interrupted) => {
            fds.iter_mut().for_each(|fd| fd.revents = 0);
            Ok(0)
        }
        result => result,
    }
}
