//! System calls that move bytes between a descriptor and a guest's memory: the only place here that hands the kernel
//! pointers.
//!
//! `rustix` takes slices, which memory shared between threads must not become; everything else in this folder goes through
//! it. A single range, the usual case, takes the plain call, which spares the kernel the import of a vector. The calls
//! are made without the functions of the C library: those are places where a thread can be cancelled, which would unwind
//! through our frames, and they pay for it. They are inline, because the kernel forgets on some processors where calls
//! return to, so that each return after a system call is a wrong guess.

use super::Result;
use crate::errno::Errno;
use crate::guest::Bytes;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// The most ranges of one call, as in the system.
const MOST_RANGES: usize = 1024;

#[inline]
pub fn read(fd: BorrowedFd, ranges: &[Bytes]) -> Result<usize> {
    match ranges {
        [one] => call(libc::SYS_read, fd, one.as_ptr(), one.len(), 0),
        _ => call_with_vector(libc::SYS_readv, fd, ranges, 0),
    }
}

#[inline]
pub fn write(fd: BorrowedFd, ranges: &[Bytes]) -> Result<usize> {
    match ranges {
        [one] => call(libc::SYS_write, fd, one.as_ptr(), one.len(), 0),
        _ => call_with_vector(libc::SYS_writev, fd, ranges, 0),
    }
}

pub fn read_at(fd: BorrowedFd, ranges: &[Bytes], offset: i64) -> Result<usize> {
    match ranges {
        [one] => call(libc::SYS_pread64, fd, one.as_ptr(), one.len(), offset),
        _ => call_with_vector(libc::SYS_preadv, fd, ranges, offset),
    }
}

pub fn write_at(fd: BorrowedFd, ranges: &[Bytes], offset: i64) -> Result<usize> {
    match ranges {
        [one] => call(libc::SYS_pwrite64, fd, one.as_ptr(), one.len(), offset),
        _ => call_with_vector(libc::SYS_pwritev, fd, ranges, offset),
    }
}

fn call_with_vector(
    number: libc::c_long,
    fd: BorrowedFd,
    ranges: &[Bytes],
    offset: i64,
) -> Result<usize> {
    call(number, fd, ranges.as_ptr().cast_mut().cast(), ranges.len().min(MOST_RANGES), offset)
}

/// Makes one of the system calls above.
#[inline]
fn call(
    number: libc::c_long,
    fd: BorrowedFd,
    start: *mut u8,
    len: usize,
    offset: i64,
) -> Result<usize> {
    // SAFETY: the range, or each range of the vector, was checked and is readable and writable until guest code runs, and
    // nothing of ours lies in it. Calls without an offset ignore it.
    let result = unsafe { system_call(number, fd.as_raw_fd(), start, len, offset) };
    if result < 0 {
        return Err(refused(result));
    }
    Ok(result as usize)
}

/// The system answers with the negative number of an error.
#[cold]
fn refused(result: isize) -> Errno {
    Errno::from_system(-result as i32)
}

/// # Safety
/// The system call has these arguments, and does no harm.
#[cfg(target_arch = "x86_64")]
#[inline]
unsafe fn system_call(
    number: libc::c_long,
    fd: RawFd,
    start: *mut u8,
    len: usize,
    offset: i64,
) -> isize {
    let result;
    // SAFETY: as promised by the caller; the system changes these registers and the flags only. The last argument is the
    // upper half of the offset, which has none.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") fd as isize,
            in("rsi") start,
            in("rdx") len,
            in("r10") offset,
            in("r8") 0,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack)
        );
    }
    result
}

/// # Safety
/// The system call has these arguments, and does no harm.
#[cfg(not(target_arch = "x86_64"))]
unsafe fn system_call(
    number: libc::c_long,
    fd: RawFd,
    start: *mut u8,
    len: usize,
    offset: i64,
) -> isize {
    // SAFETY: as promised by the caller.
    let result = unsafe { libc::syscall(number, fd, start, len, offset, 0) };
    let error = || std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
    if result >= 0 { result as isize } else { -error() as isize }
}

/// Receives from a socket, without waiting even if the host wants it to; also says whether a datagram was cut.
pub fn receive(fd: BorrowedFd, ranges: &[Bytes], flags: i32) -> Result<(usize, bool)> {
    with_message(ranges, |message| {
        // SAFETY: as for `read`; the message names nothing but the ranges.
        let received =
            moved(unsafe { libc::recvmsg(fd.as_raw_fd(), message, flags | libc::MSG_DONTWAIT) })?;
        Ok((received, message.msg_flags & libc::MSG_TRUNC != 0))
    })
}

/// Sends to a socket what it takes without waiting. A peer that is gone is an error and no signal.
pub fn send(fd: BorrowedFd, ranges: &[Bytes]) -> Result<usize> {
    with_message(ranges, |message| {
        // SAFETY: as for `write`; the message names nothing but the ranges.
        moved(unsafe {
            libc::sendmsg(fd.as_raw_fd(), message, libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT)
        })
    })
}

fn with_message<T>(ranges: &[Bytes], act: impl FnOnce(&mut libc::msghdr) -> T) -> T {
    // SAFETY: all zero is a message without an address, data and control data.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = ranges.as_ptr().cast_mut().cast();
    message.msg_iovlen = ranges.len() as _;
    act(&mut message)
}

/// The result of a call that returns how many bytes it moved.
#[inline]
fn moved(result: isize) -> Result<usize> {
    usize::try_from(result).map_err(|_| Errno::last())
}
