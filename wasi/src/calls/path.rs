//! `path_*`

use super::fd::{fd_flags, new_times};
use super::layout::{write_filestat, write_filestat_unstable};
use crate::call::{Call, Outcome};
use crate::errno::Errno;
use crate::files::{Filestat, LookupFlags, OpenFlags, OpenHow};
use crate::room;

/// The longest path, as in the system. Checked before it is copied.
const LONGEST: u32 = 4096;

/// A path: any bytes, since the names of files are that on the systems that hosts run on.
fn path(call: &Call, address: u32, len: u32) -> Result<Vec<u8>, Errno> {
    if len > LONGEST {
        return Err(Errno::NameTooLong);
    }
    room::check()?;
    call.memory()?.copy(address, len)
}

fn lookup(flags: u32) -> Result<LookupFlags, Errno> {
    LookupFlags::from_guest(flags).ok_or(Errno::Invalid)
}

pub fn create_directory(call: &Call, fd: u32, name: u32, len: u32) -> Outcome {
    let name = path(call, name, len)?;
    Ok(call.context.files.get(fd)?.create_folder(&name)?)
}

pub fn remove_directory(call: &Call, fd: u32, name: u32, len: u32) -> Outcome {
    let name = path(call, name, len)?;
    Ok(call.context.files.get(fd)?.remove_folder(&name)?)
}

pub fn unlink_file(call: &Call, fd: u32, name: u32, len: u32) -> Outcome {
    let name = path(call, name, len)?;
    Ok(call.context.files.get(fd)?.remove_file(&name)?)
}

pub fn filestat_get(call: &Call, fd: u32, flags: u32, name: u32, len: u32, out: u32) -> Outcome {
    let filestat = filestat(call, fd, flags, name, len)?;
    Ok(write_filestat(call.memory()?, out, &filestat)?)
}

pub fn filestat_get_unstable(
    call: &Call,
    fd: u32,
    flags: u32,
    name: u32,
    len: u32,
    out: u32,
) -> Outcome {
    let filestat = filestat(call, fd, flags, name, len)?;
    Ok(write_filestat_unstable(call.memory()?, out, &filestat)?)
}

fn filestat(call: &Call, fd: u32, flags: u32, name: u32, len: u32) -> Result<Filestat, Errno> {
    let name = path(call, name, len)?;
    call.context.files.get(fd)?.path_filestat(lookup(flags)?, &name)
}

#[expect(clippy::too_many_arguments, reason = "as guests call it")]
pub fn filestat_set_times(
    call: &Call,
    fd: u32,
    flags: u32,
    name: u32,
    len: u32,
    accessed: u64,
    modified: u64,
    times: u32,
) -> Outcome {
    let name = path(call, name, len)?;
    let times = new_times(accessed, modified, times)?;
    Ok(call.context.files.get(fd)?.path_set_times(lookup(flags)?, &name, &times)?)
}

#[expect(clippy::too_many_arguments, reason = "as guests call it")]
pub fn link(
    call: &Call,
    old_fd: u32,
    flags: u32,
    old: u32,
    old_len: u32,
    new_fd: u32,
    new: u32,
    new_len: u32,
) -> Outcome {
    let (old, new) = (path(call, old, old_len)?, path(call, new, new_len)?);
    let files = &call.context.files;
    Ok(files.get(old_fd)?.link(lookup(flags)?, &old, &*files.get(new_fd)?, &new)?)
}

#[expect(clippy::too_many_arguments, reason = "as guests call it")]
pub fn open(
    call: &Call,
    fd: u32,
    flags: u32,
    name: u32,
    len: u32,
    how: u32,
    base: u64,
    inheriting: u64,
    fd_flags_wanted: u32,
    out: u32,
) -> Outcome {
    let memory = call.memory()?;
    memory.check::<u32>(out, 1)?;
    let name = path(call, name, len)?;
    let how = OpenHow {
        lookup: lookup(flags)?,
        open: u16::try_from(how).ok().and_then(OpenFlags::from_guest).ok_or(Errno::Invalid)?,
        flags: fd_flags(fd_flags_wanted)?,
        base,
        inheriting,
    };
    let files = &call.context.files;
    let folder = files.get(fd)?;
    let number = files.reserve()?;
    let opened = folder.open(&name, how)?;
    Ok(memory.write(out, number.fill(opened)?)?)
}

/// A link that is longer than the buffer is cut, without a word.
pub fn readlink(
    call: &Call,
    fd: u32,
    name: u32,
    len: u32,
    buffer: u32,
    room: u32,
    out: u32,
) -> Outcome {
    let name = path(call, name, len)?;
    let memory = call.memory()?;
    memory.check::<u32>(out, 1)?;
    let buffer = memory.bytes(buffer, room)?;
    let leads_to = call.context.files.get(fd)?.read_link(&name)?;
    Ok(memory.write(out, buffer.copy_from(&leads_to) as u32)?)
}

pub fn rename(
    call: &Call,
    old_fd: u32,
    old: u32,
    old_len: u32,
    new_fd: u32,
    new: u32,
    new_len: u32,
) -> Outcome {
    let (old, new) = (path(call, old, old_len)?, path(call, new, new_len)?);
    let files = &call.context.files;
    Ok(files.get(old_fd)?.rename(&old, &*files.get(new_fd)?, &new)?)
}

pub fn symlink(
    call: &Call,
    leads_to: u32,
    leads_to_len: u32,
    fd: u32,
    name: u32,
    len: u32,
) -> Outcome {
    let (leads_to, name) = (path(call, leads_to, leads_to_len)?, path(call, name, len)?);
    Ok(call.context.files.get(fd)?.symlink(&leads_to, &name)?)
}
