//! System calls that move bytes between a descriptor and a guest's memory: the only place here that hands the kernel
//! pointers.
//!
//! `rustix` takes slices, which memory shared between threads must not become; everything else in this folder goes through
//! it. A single range, the usual case, takes the plain call, which spares the kernel the import of a vector.

use super::Result;
use crate::errno::Errno;
use crate::guest::{Bytes, as_iovecs};
use std::os::fd::{AsRawFd, BorrowedFd};

/// The most ranges of one call, as in the system.
const MOST_RANGES: usize = 1024;

pub fn read(fd: BorrowedFd, ranges: &[Bytes]) -> Result<usize> {
    // SAFETY: checked ranges are writable until guest code runs, and nothing of ours lies in them.
    moved(unsafe {
        match ranges {
            [one] => libc::read(fd.as_raw_fd(), one.as_ptr().cast(), one.len()),
            _ => libc::readv(fd.as_raw_fd(), as_iovecs(ranges).as_ptr(), count(ranges)),
        }
    })
}

pub fn write(fd: BorrowedFd, ranges: &[Bytes]) -> Result<usize> {
    // SAFETY: checked ranges are readable until guest code runs.
    moved(unsafe {
        match ranges {
            [one] => libc::write(fd.as_raw_fd(), one.as_ptr().cast(), one.len()),
            _ => libc::writev(fd.as_raw_fd(), as_iovecs(ranges).as_ptr(), count(ranges)),
        }
    })
}

pub fn read_at(fd: BorrowedFd, ranges: &[Bytes], offset: i64) -> Result<usize> {
    // SAFETY: as for `read`.
    moved(unsafe {
        libc::preadv(fd.as_raw_fd(), as_iovecs(ranges).as_ptr(), count(ranges), offset)
    })
}

pub fn write_at(fd: BorrowedFd, ranges: &[Bytes], offset: i64) -> Result<usize> {
    // SAFETY: as for `write`.
    moved(unsafe {
        libc::pwritev(fd.as_raw_fd(), as_iovecs(ranges).as_ptr(), count(ranges), offset)
    })
}

/// Receives from a socket; also says whether a datagram was cut.
pub fn receive(fd: BorrowedFd, ranges: &[Bytes], flags: i32) -> Result<(usize, bool)> {
    with_message(ranges, |message| {
        // SAFETY: as for `read`; the message names nothing but the ranges.
        let received = moved(unsafe { libc::recvmsg(fd.as_raw_fd(), message, flags) })?;
        Ok((received, message.msg_flags & libc::MSG_TRUNC != 0))
    })
}

/// Sends to a socket. A peer that is gone is an error and no signal.
pub fn send(fd: BorrowedFd, ranges: &[Bytes]) -> Result<usize> {
    with_message(ranges, |message| {
        // SAFETY: as for `write`; the message names nothing but the ranges.
        moved(unsafe { libc::sendmsg(fd.as_raw_fd(), message, libc::MSG_NOSIGNAL) })
    })
}

fn with_message<T>(ranges: &[Bytes], act: impl FnOnce(&mut libc::msghdr) -> T) -> T {
    let mut vector = as_iovecs(ranges);
    // SAFETY: all zero is a message without an address, data and control data.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = vector.as_mut_ptr();
    message.msg_iovlen = vector.len() as _;
    act(&mut message)
}

fn count(ranges: &[Bytes]) -> libc::c_int {
    ranges.len().min(MOST_RANGES) as libc::c_int
}

/// The result of a call that returns how many bytes it moved.
fn moved(result: isize) -> Result<usize> {
    usize::try_from(result).map_err(|_| Errno::last())
}
