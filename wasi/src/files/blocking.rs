//! Calls that may block their thread, and what keeps a guest that waits for a silent terminal stoppable.
//!
//! Whoever waits knows deadlines and interrupts ([`Wait`]); no lock is held meanwhile. An open file that is ours alone
//! never blocks, so a call is tried first and waits only if there is nothing to do. One that is shared with the host keeps
//! the host's setting: such calls wait first. Should another reader then be quicker, the call blocks after all.

use super::descriptor::Descriptor;
use super::{FdFlags, Result};
use crate::errno::Errno;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::{AsFd, BorrowedFd};

/// What a call waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interest {
    Read,
    Write,
}

/// Who waits.
pub trait Wait {
    /// Returns when `fd` is ready, or with an error if the guest has to stop or if waiting failed.
    fn wait(&self, fd: BorrowedFd<'_>, interest: Interest) -> Result<()>;
}

/// Whether a read or write may block the thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Blocking {
    /// Files on disks, and devices that always answer.
    Never,
    /// The open file is ours and does not block: the system says EAGAIN.
    Refuses,
    /// The open file is shared with the host, which may want it to block.
    Shared,
}

impl Descriptor {
    /// Runs `act` when there is something to do, and again while the system says that there is not.
    pub(super) fn when_ready<T>(
        &self,
        interest: Interest,
        wait: &dyn Wait,
        act: impl Fn(BorrowedFd<'_>) -> Result<T>,
    ) -> Result<T> {
        let fd = self.file()?.as_fd();
        if self.blocking == Blocking::Never {
            return act(fd);
        }
        let may_wait = !self.flags().contains(FdFlags::NONBLOCK);
        loop {
            if self.blocking == Blocking::Shared {
                if may_wait {
                    wait.wait(fd, interest)?;
                } else if !is_ready(fd, interest)? {
                    return Err(Errno::Again);
                }
            }
            match act(fd) {
                Err(Errno::Again) if may_wait => wait.wait(fd, interest)?,
                Err(Errno::Interrupted) => (),
                result => return result,
            }
        }
    }
}

fn is_ready(fd: BorrowedFd<'_>, interest: Interest) -> Result<bool> {
    let events = match interest {
        Interest::Read => PollFlags::IN,
        Interest::Write => PollFlags::OUT,
    };
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    Ok(poll(&mut [PollFd::new(&fd, events)], Some(&at_once))? != 0)
}
