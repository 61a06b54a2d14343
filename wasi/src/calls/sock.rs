//! `sock_*`

use super::fd::fd_flags;
use super::transfer::{done, finish, when_ready, with_ranges};
use crate::call::{Call, Outcome, Stop};
use crate::errno::Errno;
use crate::files::{Interest, Progress, Received};
use crate::guest::{Bytes, Vectors, total};
use crate::room;

pub fn accept(call: &Call, fd: u32, flags: u32, out: u32) -> Outcome {
    call.memory()?.check::<u32>(out, 1)?;
    let flags = fd_flags(flags)?;
    let files = &call.context.files;
    let listener = files.get(fd)?;
    room::check()?;
    let number = files.reserve()?;
    let connection = when_ready(call, &listener, Interest::Read, || Ok(listener.accept(flags)?))?;
    Ok(call.memory()?.write(out, number.fill(connection)?)?)
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
    const PEEK: u32 = 1;
    const WAIT_ALL: u32 = 2;
    const IS_CUT: u16 = 1;
    if flags & !(PEEK | WAIT_ALL) != 0 {
        return Err(Errno::Invalid.into());
    }
    call.memory()?.check::<u16>(out_flags, 1)?;
    let peek = flags & PEEK != 0;
    let received = receive(call, fd, (vectors, count, out), peek, flags & WAIT_ALL != 0 && !peek)?;
    let memory = call.memory()?;
    memory.write(out_flags, if received.is_cut { IS_CUT } else { 0 })?;
    done(memory, out, received.len)
}

/// Receives once, or until there is no room left. Sockets do not block here, so the system does not wait for all by
/// itself.
fn receive(
    call: &Call,
    fd: u32,
    (vectors, count, out): (u32, u32, u32),
    peek: bool,
    all: bool,
) -> Result<Received, Stop> {
    let socket = call.context.files.get(fd)?;
    let mut so_far = 0;
    loop {
        let mut is_full = true;
        let received = when_ready(call, &socket, Interest::Read, || {
            with_ranges(call, vectors, count, out, |_, ranges| {
                let rest = beyond(ranges, so_far)?;
                let progress = socket.receive(&rest, peek)?;
                is_full =
                    matches!(progress, Progress::Done(done) if done.len == total(&rest)? as usize);
                Ok(progress)
            })
        });
        match received {
            Err(Stop::Errno(_)) if so_far > 0 => {
                return Ok(Received { len: so_far, is_cut: false });
            }
            Ok(Received { len, .. }) if all && len > 0 && !is_full => so_far += len,
            Ok(Received { len, is_cut }) => return Ok(Received { len: so_far + len, is_cut }),
            Err(stop) => return Err(stop),
        }
    }
}

/// The ranges without their first `taken` bytes.
fn beyond(ranges: &[Bytes], mut taken: usize) -> Result<Vectors, Errno> {
    let mut rest = Vectors::new();
    rest.try_reserve(ranges.len()).map_err(|_| Errno::NoMemory)?;
    for range in ranges {
        rest.push(range.part(taken, usize::MAX));
        taken = taken.saturating_sub(range.len());
    }
    Ok(rest)
}

/// There are no flags.
pub fn send(call: &Call, fd: u32, vectors: u32, count: u32, flags: u32, out: u32) -> Outcome {
    if flags != 0 {
        return Err(Errno::Invalid.into());
    }
    let socket = call.context.files.get(fd)?;
    when_ready(call, &socket, Interest::Write, || {
        with_ranges(call, vectors, count, out, |memory, ranges| {
            finish(memory, out, socket.send(ranges)?)
        })
    })
}

pub fn shutdown(call: &Call, fd: u32, how: u32) -> Outcome {
    Ok(call.context.files.get(fd)?.shut_down(how)?)
}
