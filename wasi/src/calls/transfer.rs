//! `fd_read`, `fd_write` and their kin: bytes between a guest's memory and what it has open.
//!
//! For what the system has open, the system moves the bytes. A stream of the host's may run code of the host, during
//! which the guest's memory may grow and move: its bytes go through a piece of our own memory.

use crate::call::{Call, Outcome};
use crate::errno::Errno;
use crate::files::{Descriptor, Interest, Progress, Rights};
use crate::guest::{Bytes, Memory, total};
use crate::stdio::Stream;
use libc::pollfd;
use smallvec::SmallVec;
use std::os::fd::AsRawFd;

/// The most that a stream gets at once. Guests go on where a call stopped.
const PIECE: usize = 1 << 16;

type Piece = SmallVec<[u8; 512]>;

pub fn read(call: &Call, fd: u32, vectors: u32, count: u32, out: u32) -> Outcome {
    let descriptor = call.context.files.get(fd)?;
    if let Some(stream) = descriptor.stream_with(Rights::FD_READ)? {
        return read_stream(call, stream, vectors, count, out);
    }
    when_ready(call, &descriptor, Interest::Read, || {
        with_ranges(call, vectors, count, out, |memory, ranges| {
            finish(memory, out, descriptor.read(ranges)?)
        })
    })
}

pub fn write(call: &Call, fd: u32, vectors: u32, count: u32, out: u32) -> Outcome {
    let descriptor = call.context.files.get(fd)?;
    if let Some(stream) = descriptor.stream_with(Rights::FD_WRITE)? {
        return write_stream(call, stream, vectors, count, out);
    }
    when_ready(call, &descriptor, Interest::Write, || {
        with_ranges(call, vectors, count, out, |memory, ranges| {
            finish(memory, out, descriptor.write(ranges)?)
        })
    })
}

/// Tries `attempt` until the descriptor is ready for it. While this waits, code of the host may run: an attempt fetches
/// the guest's memory anew.
#[inline]
pub(super) fn when_ready<T>(
    call: &Call,
    descriptor: &Descriptor,
    interest: Interest,
    mut attempt: impl FnMut() -> Outcome<Progress<T>>,
) -> Outcome<T> {
    loop {
        match attempt()? {
            Progress::Done(result) => return Ok(result),
            Progress::NotReady => wait(call, descriptor, interest)?,
        }
    }
}

#[cold]
fn wait(call: &Call, descriptor: &Descriptor, interest: Interest) -> Outcome {
    let events = match interest {
        Interest::Read => libc::POLLIN,
        Interest::Write => libc::POLLOUT,
    };
    // What is always ready is not waited for.
    let fd = descriptor.pollable().ok_or(Errno::Again)?.as_raw_fd();
    call.wait(&mut [pollfd { fd, events, revents: 0 }], None).map(drop)
}

pub fn pread(call: &Call, fd: u32, vectors: u32, count: u32, offset: u64, out: u32) -> Outcome {
    with_ranges(call, vectors, count, out, |memory, ranges| {
        done(memory, out, call.context.files.get(fd)?.read_at(ranges, offset)?)
    })
}

pub fn pwrite(call: &Call, fd: u32, vectors: u32, count: u32, offset: u64, out: u32) -> Outcome {
    with_ranges(call, vectors, count, out, |memory, ranges| {
        done(memory, out, call.context.files.get(fd)?.write_at(ranges, offset)?)
    })
}

/// Shows `act` the guest's memory and the ranges in it. Nothing is moved before the place for the result is known to be
/// there.
#[inline]
pub(super) fn with_ranges<R>(
    call: &Call,
    vectors: u32,
    count: u32,
    out: u32,
    act: impl FnOnce(Memory, &[Bytes]) -> Outcome<R>,
) -> Outcome<R> {
    let memory = call.memory()?;
    memory.check::<u32>(out, 1)?;
    memory.with_vectors(vectors, count, |ranges| act(memory, ranges))
}

#[inline]
pub(super) fn done(memory: Memory, out: u32, moved: usize) -> Outcome {
    Ok(memory.write(out, u32::try_from(moved).map_err(|_| Errno::Overflow)?)?)
}

/// Writes the result of an attempt that came that far.
#[inline]
pub(super) fn finish(memory: Memory, out: u32, moved: Progress<usize>) -> Outcome<Progress<()>> {
    match moved {
        Progress::Done(moved) => done(memory, out, moved).map(Progress::Done),
        Progress::NotReady => Ok(Progress::NotReady),
    }
}

#[inline(never)]
fn write_stream(call: &Call, stream: &dyn Stream, vectors: u32, count: u32, out: u32) -> Outcome {
    let piece = with_ranges(call, vectors, count, out, |_, ranges| Ok(gather(ranges)?))?;
    let written = stream.write(&piece)?;
    done(call.memory()?, out, written)
}

#[inline(never)]
fn read_stream(call: &Call, stream: &dyn Stream, vectors: u32, count: u32, out: u32) -> Outcome {
    let room = with_ranges(call, vectors, count, out, |_, room| Ok(total(room)?))?;
    let mut piece = zeroed(room)?;
    let read = stream.read(&mut piece)?.min(piece.len());
    with_ranges(call, vectors, count, out, |memory, room| {
        let mut copied = 0;
        for range in room {
            copied += range.copy_from(&piece[copied..read]);
        }
        done(memory, out, copied)
    })
}

/// As many bytes, but no more than a piece.
fn zeroed(len: u32) -> Result<Piece, Errno> {
    let mut piece = Piece::new();
    let len = PIECE.min(len as usize);
    piece.try_reserve(len).map_err(|_| Errno::NoMemory)?;
    piece.resize(len, 0);
    Ok(piece)
}

/// A copy of what the ranges hold, as far as a piece goes.
fn gather(ranges: &[Bytes]) -> Result<Piece, Errno> {
    let mut piece = zeroed(total(ranges)?)?;
    let mut copied = 0;
    for range in ranges {
        copied += range.copy_to(&mut piece[copied..]);
    }
    Ok(piece)
}
