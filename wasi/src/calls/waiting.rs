//! Waiting in calls that may block.

use crate::call::Call;
use crate::errno::Errno;
use crate::files::{Interest, Wait};
use rustix::event::{PollFd, PollFlags, poll};
use std::os::fd::BorrowedFd;

impl Wait for Call<'_> {
    fn wait(&self, fd: BorrowedFd<'_>, interest: Interest) -> Result<(), Errno> {
        let events = match interest {
            Interest::Read => PollFlags::IN,
            Interest::Write => PollFlags::OUT,
        };
        poll(&mut [PollFd::new(&fd, events)], None)?;
        Ok(())
    }
}
