//! `fd_*`, except for reading and writing, which are in [`super::transfer`].

use super::layout::{write_fdstat, write_filestat, write_filestat_unstable};
use crate::call::{Call, Outcome};
use crate::errno::Errno;
use crate::files::{Advice, Entry, FdFlags, NewTimes, TimeFlags, Whence};
use std::ops::ControlFlow;

pub fn advise(call: &Call, fd: u32, offset: u64, len: u64, advice: u32) -> Outcome {
    let advice = match advice {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        5 => Advice::NoReuse,
        _ => return Err(Errno::Invalid.into()),
    };
    Ok(call.context.files.get(fd)?.advise(offset, len, advice)?)
}

pub fn allocate(call: &Call, fd: u32, offset: u64, len: u64) -> Outcome {
    Ok(call.context.files.get(fd)?.allocate(offset, len)?)
}

pub fn close(call: &Call, fd: u32) -> Outcome {
    Ok(call.context.files.close(fd)?)
}

pub fn datasync(call: &Call, fd: u32) -> Outcome {
    Ok(call.context.files.get(fd)?.sync_data()?)
}

pub fn sync(call: &Call, fd: u32) -> Outcome {
    Ok(call.context.files.get(fd)?.sync()?)
}

pub fn fdstat_get(call: &Call, fd: u32, out: u32) -> Outcome {
    let fdstat = call.context.files.get(fd)?.fdstat();
    Ok(write_fdstat(call.memory()?, out, &fdstat)?)
}

pub fn fdstat_set_flags(call: &Call, fd: u32, flags: u32) -> Outcome {
    let flags = fd_flags(flags)?;
    Ok(call.context.files.get(fd)?.set_flags(flags)?)
}

pub fn fdstat_set_rights(call: &Call, fd: u32, base: u64, inheriting: u64) -> Outcome {
    Ok(call.context.files.get(fd)?.set_rights(base, inheriting)?)
}

pub fn filestat_get(call: &Call, fd: u32, out: u32) -> Outcome {
    let filestat = call.context.files.get(fd)?.filestat()?;
    Ok(write_filestat(call.memory()?, out, &filestat)?)
}

pub fn filestat_get_unstable(call: &Call, fd: u32, out: u32) -> Outcome {
    let filestat = call.context.files.get(fd)?.filestat()?;
    Ok(write_filestat_unstable(call.memory()?, out, &filestat)?)
}

pub fn filestat_set_size(call: &Call, fd: u32, size: u64) -> Outcome {
    Ok(call.context.files.get(fd)?.set_size(size)?)
}

pub fn filestat_set_times(
    call: &Call,
    fd: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> Outcome {
    let times = new_times(accessed, modified, flags)?;
    Ok(call.context.files.get(fd)?.set_times(&times)?)
}

/// The name of a preopened folder is its length here; C libraries ask for one number after the other until this
/// fails.
pub fn prestat_get(call: &Call, fd: u32, out: u32) -> Outcome {
    const FOLDER: u8 = 0;
    let descriptor = call.context.files.get(fd)?;
    let name = descriptor.preopen_name().ok_or(Errno::BadDescriptor)?;
    let memory = call.memory()?;
    memory.write(out.checked_add(4).ok_or(Errno::Fault)?, name.len() as u32)?;
    Ok(memory.write(out, FOLDER)?)
}

pub fn prestat_dir_name(call: &Call, fd: u32, buffer: u32, len: u32) -> Outcome {
    let descriptor = call.context.files.get(fd)?;
    let name = descriptor.preopen_name().ok_or(Errno::BadDescriptor)?;
    if name.len() > len as usize {
        return Err(Errno::NameTooLong.into());
    }
    call.memory()?.bytes(buffer, len)?.copy_from(name);
    Ok(())
}

/// Fills the buffer with entries. The last one may be cut: the guest sees by the full buffer that there is more.
pub fn readdir(call: &Call, fd: u32, buffer: u32, len: u32, cookie: u64, out: u32) -> Outcome {
    let memory = call.memory()?;
    memory.check::<u32>(out, 1)?;
    let buffer = memory.bytes(buffer, len)?;
    let mut used = 0;
    call.context.files.get(fd)?.list(cookie, |entry| {
        used += buffer.part(used, usize::MAX).copy_from(&dirent(&entry));
        used += buffer.part(used, usize::MAX).copy_from(entry.name);
        if used < buffer.len() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(memory.write(out, used as u32)?)
}

/// The head of an entry, which the name follows.
fn dirent(entry: &Entry) -> [u8; 24] {
    let mut head = [0; 24];
    head[0..8].copy_from_slice(&entry.next.to_le_bytes());
    head[8..16].copy_from_slice(&entry.inode.to_le_bytes());
    head[16..20].copy_from_slice(&(entry.name.len() as u32).to_le_bytes());
    head[20] = entry.file_type as u8;
    head
}

pub fn renumber(call: &Call, from: u32, to: u32) -> Outcome {
    Ok(call.context.files.renumber(from, to)?)
}

pub fn seek(call: &Call, fd: u32, offset: u64, whence: u32, out: u32) -> Outcome {
    seek_by(call, fd, offset, whence, [Whence::Set, Whence::Current, Whence::End], out)
}

pub fn seek_unstable(call: &Call, fd: u32, offset: u64, whence: u32, out: u32) -> Outcome {
    seek_by(call, fd, offset, whence, [Whence::Current, Whence::End, Whence::Set], out)
}

fn seek_by(
    call: &Call,
    fd: u32,
    offset: u64,
    whence: u32,
    numbers: [Whence; 3],
    out: u32,
) -> Outcome {
    let whence = *numbers.get(whence as usize).ok_or(Errno::Invalid)?;
    let memory = call.memory()?;
    memory.check::<u64>(out, 1)?;
    Ok(memory.write(out, call.context.files.get(fd)?.seek(offset as i64, whence)?)?)
}

pub fn tell(call: &Call, fd: u32, out: u32) -> Outcome {
    let position = call.context.files.get(fd)?.tell()?;
    Ok(call.memory()?.write(out, position)?)
}

pub(super) fn fd_flags(flags: u32) -> Result<FdFlags, Errno> {
    u16::try_from(flags).ok().and_then(FdFlags::from_guest).ok_or(Errno::Invalid)
}

pub(super) fn new_times(accessed: u64, modified: u64, flags: u32) -> Result<NewTimes, Errno> {
    let flags = u16::try_from(flags).ok().and_then(TimeFlags::from_guest).ok_or(Errno::Invalid)?;
    NewTimes::new(accessed, modified, flags)
}
