//! Waiting in calls that may block.

use crate::call::{Call, Stop};
use crate::errno::Errno;
use crate::files::{Interest, Wait};
use std::os::fd::{AsRawFd, BorrowedFd};

/// If the guest has to stop, the error is not seen by it: the call ends with the trap.
impl Wait for Call<'_> {
    fn wait(&self, fd: BorrowedFd<'_>, interest: Interest) -> Result<(), Errno> {
        let events = match interest {
            Interest::Read => libc::POLLIN,
            Interest::Write => libc::POLLOUT,
        };
        let mut fds = [libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 }];
        match Call::wait(self, &mut fds, None) {
            Ok(_) => Ok(()),
            Err(Stop::Errno(errno)) => Err(errno),
            Err(Stop::Trap(trap)) => {
                self.stopped.set(trap);
                Err(Errno::Interrupted)
            }
        }
    }
}
