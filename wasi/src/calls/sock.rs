//! `sock_*`

use super::fd::fd_flags;
use super::transfer::{done, ranges};
use crate::call::{Call, Outcome};
use crate::errno::Errno;

pub fn accept(call: &Call, fd: u32, flags: u32, out: u32) -> Outcome {
    let memory = call.memory()?;
    memory.check::<u32>(out, 1)?;
    let files = &call.context.files;
    let connection = files.get(fd)?.accept(fd_flags(flags)?, call)?;
    Ok(memory.write(out, files.add(connection)?)?)
}

pub fn recv(
    call: &Call,
    fd: u32,
    vectors: u32,
    count: u32,
    flags: u32,
    out: u32,
    out_flags: u32,
) -> Outcome {
    const IS_CUT: u16 = 1;
    let (memory, ranges) = ranges(call, vectors, count, out)?;
    memory.check::<u16>(out_flags, 1)?;
    let flags = u16::try_from(flags).map_err(|_| Errno::Invalid)?;
    let received = call.context.files.get(fd)?.receive(&ranges, flags, call)?;
    memory.write(out_flags, if received.is_cut { IS_CUT } else { 0 })?;
    done(memory, out, received.len)
}

/// There are no flags.
pub fn send(call: &Call, fd: u32, vectors: u32, count: u32, flags: u32, out: u32) -> Outcome {
    let (memory, ranges) = ranges(call, vectors, count, out)?;
    if flags != 0 {
        return Err(Errno::Invalid.into());
    }
    done(memory, out, call.context.files.get(fd)?.send(&ranges, call)?)
}

pub fn shutdown(call: &Call, fd: u32, how: u32) -> Outcome {
    Ok(call.context.files.get(fd)?.shut_down(how)?)
}
