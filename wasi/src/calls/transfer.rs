//! `fd_read`, `fd_write` and their kin: bytes between a guest's memory and what it has open.
//!
//! For what the system has open, the system moves the bytes. A stream of the host's may run code of the host, during
//! which the guest's memory may grow and move: its bytes go through a piece of our own memory.

use crate::call::{Call, Outcome};
use crate::errno::Errno;
use crate::files::Rights;
use crate::guest::{Memory, Vectors, total};
use crate::stdio::Stream;
use smallvec::SmallVec;

/// The most that a stream gets at once. Guests go on where a call stopped.
const PIECE: usize = 1 << 16;

type Piece = SmallVec<[u8; 512]>;

pub fn read(call: &Call, fd: u32, vectors: u32, count: u32, out: u32) -> Outcome {
    let (memory, ranges) = ranges(call, vectors, count, out)?;
    let descriptor = call.context.files.get(fd)?;
    match descriptor.stream_with(Rights::FD_READ)? {
        None => done(memory, out, descriptor.read(&ranges, call)?),
        Some(stream) => read_stream(call, stream, vectors, count, out),
    }
}

pub fn write(call: &Call, fd: u32, vectors: u32, count: u32, out: u32) -> Outcome {
    let (memory, ranges) = ranges(call, vectors, count, out)?;
    let descriptor = call.context.files.get(fd)?;
    match descriptor.stream_with(Rights::FD_WRITE)? {
        None => done(memory, out, descriptor.write(&ranges, call)?),
        Some(stream) => {
            let written = stream.write(&gather(&ranges)?)?;
            done(call.memory()?, out, written)
        }
    }
}

pub fn pread(call: &Call, fd: u32, vectors: u32, count: u32, offset: u64, out: u32) -> Outcome {
    let (memory, ranges) = ranges(call, vectors, count, out)?;
    done(memory, out, call.context.files.get(fd)?.read_at(&ranges, offset)?)
}

pub fn pwrite(call: &Call, fd: u32, vectors: u32, count: u32, offset: u64, out: u32) -> Outcome {
    let (memory, ranges) = ranges(call, vectors, count, out)?;
    done(memory, out, call.context.files.get(fd)?.write_at(&ranges, offset)?)
}

/// The guest's memory and the ranges in it. Nothing is moved before the place for the result is known to be there.
pub(super) fn ranges(
    call: &Call,
    vectors: u32,
    count: u32,
    out: u32,
) -> Result<(Memory, Vectors), Errno> {
    let memory = call.memory()?;
    memory.check::<u32>(out, 1)?;
    Ok((memory, memory.vectors(vectors, count)?))
}

pub(super) fn done(memory: Memory, out: u32, moved: usize) -> Outcome {
    Ok(memory.write(out, u32::try_from(moved).map_err(|_| Errno::Overflow)?)?)
}

fn read_stream(call: &Call, stream: &dyn Stream, vectors: u32, count: u32, out: u32) -> Outcome {
    let (_, room) = ranges(call, vectors, count, out)?;
    let mut piece = Piece::new();
    let len = PIECE.min(total(&room)? as usize);
    piece.try_reserve(len).map_err(|_| Errno::NoMemory)?;
    piece.resize(len, 0);
    let read = stream.read(&mut piece)?.min(len);
    let (memory, room) = ranges(call, vectors, count, out)?;
    let mut copied = 0;
    for range in &room {
        copied += range.copy_from(&piece[copied..read]);
    }
    done(memory, out, copied)
}

/// A copy of what the ranges hold, as far as a piece goes.
fn gather(ranges: &Vectors) -> Result<Piece, Errno> {
    let mut piece = Piece::new();
    let len = PIECE.min(total(ranges)? as usize);
    piece.try_reserve(len).map_err(|_| Errno::NoMemory)?;
    piece.resize(len, 0);
    let mut copied = 0;
    for range in ranges {
        copied += range.copy_to(&mut piece[copied..]);
    }
    Ok(piece)
}
