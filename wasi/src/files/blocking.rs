//! Calls that would block their thread: they say so instead, so that whoever waits can heed deadlines and interrupts,
//! and fetch the guest's memory anew afterwards.
//!
//! An open file that is ours alone never blocks, so a call is simply tried. One that is shared with the host keeps the
//! host's setting, so a pipe or terminal of the host's is opened once more, which makes it ours. Where that is impossible
//! it is asked first whether it is ready. Should another reader then be quicker, the call blocks after all.

use super::descriptor::Descriptor;
use super::{FdFlags, Result};
use crate::errno::Errno;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// What a call needs the descriptor to be ready for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interest {
    Read,
    Write,
}

/// How far a call came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress<T> {
    Done(T),
    /// Nothing has happened: to be tried again when the descriptor is ready.
    NotReady,
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
    /// Runs `act` if that does not block.
    pub(super) fn if_ready<T>(
        &self,
        interest: Interest,
        act: impl Fn(BorrowedFd<'_>) -> Result<T>,
    ) -> Result<Progress<T>> {
        let fd = self.file()?.as_fd();
        if self.blocking == Blocking::Never {
            return act(fd).map(Progress::Done);
        }
        if self.blocking == Blocking::Shared && !is_ready(fd, interest)? {
            return self.not_ready();
        }
        loop {
            match act(fd) {
                Err(Errno::Again) => return self.not_ready(),
                Err(Errno::Interrupted) => (),
                result => return result.map(Progress::Done),
            }
        }
    }

    /// A guest may want to hear of it instead of waiting.
    fn not_ready<T>(&self) -> Result<Progress<T>> {
        if self.flags().contains(FdFlags::NONBLOCK) {
            return Err(Errno::Again);
        }
        Ok(Progress::NotReady)
    }
}

/// A pipe or terminal, opened once more in the same way, so that it does not block here and stays for the host as it is.
/// None for everything else, of which another open file might be another thing, and if the system does not let us.
pub(super) fn opened_again(stream: BorrowedFd) -> Option<File> {
    let stat = rustix::fs::fstat(stream).ok()?;
    let again = match FileType::from_raw_mode(stat.st_mode) {
        FileType::Fifo => true,
        FileType::CharacterDevice => is_terminal(stat.st_rdev),
        _ => false,
    };
    if !again {
        return None;
    }
    let access = rustix::fs::fcntl_getfl(stream).ok()? & (OFlags::RWMODE | OFlags::DIRECT);
    let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let name = format!("/proc/self/fd/{}", stream.as_raw_fd());
    let mut file = rustix::fs::open(name, flags, Mode::empty()).ok()?;
    if file.as_raw_fd() < 3 {
        // A stream that the host has closed; the number shall stay free for it.
        file = rustix::io::fcntl_dupfd_cloexec(&file, 3).ok()?;
    }
    let opened = rustix::fs::fstat(&file).ok()?;
    ((opened.st_dev, opened.st_ino) == (stat.st_dev, stat.st_ino)).then_some(File::from(file))
}

/// Consoles, serial lines, and the side of a pseudoterminal that programs use. Opening the other side would make a new
/// pair.
fn is_terminal(device: rustix::fs::Dev) -> bool {
    matches!(rustix::fs::major(device), 4 | 136..=143)
}

fn is_ready(fd: BorrowedFd<'_>, interest: Interest) -> Result<bool> {
    let events = match interest {
        Interest::Read => PollFlags::IN,
        Interest::Write => PollFlags::OUT,
    };
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    Ok(poll(&mut [PollFd::new(&fd, events)], Some(&at_once))? != 0)
}
