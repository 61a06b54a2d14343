//! `fd_*`

use crate::call::{Call, Outcome};
use crate::errno::Errno;
use crate::guest::as_iovecs;
use crate::stdio::Stdio;
use std::os::fd::AsRawFd;

// Open.
pub fn advise(_: &Call, _: u32, _: u64, _: u64, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn allocate(_: &Call, _: u32, _: u64, _: u64) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn close(_: &Call, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn datasync(_: &Call, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn fdstat_get(_: &Call, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn fdstat_set_flags(_: &Call, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn fdstat_set_rights(_: &Call, _: u32, _: u64, _: u64) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn filestat_get(_: &Call, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn filestat_set_size(_: &Call, _: u32, _: u64) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn filestat_set_times(_: &Call, _: u32, _: u64, _: u64, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn pread(_: &Call, _: u32, _: u32, _: u32, _: u64, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn prestat_get(_: &Call, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn prestat_dir_name(_: &Call, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn pwrite(_: &Call, _: u32, _: u32, _: u32, _: u64, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn read(_: &Call, _: u32, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn readdir(_: &Call, _: u32, _: u32, _: u32, _: u64, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn renumber(_: &Call, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn seek(_: &Call, _: u32, _: u64, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn sync(_: &Call, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn tell(_: &Call, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn filestat_get_unstable(_: &Call, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn seek_unstable(_: &Call, _: u32, _: u64, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

pub fn write(call: &Call, fd: u32, vectors: u32, count: u32, out: u32) -> Outcome {
    let memory = call.memory()?;
    let vectors = memory.vectors(vectors, count)?;
    let stdio = call.context.stdio.get(fd as usize).ok_or(Errno::BadDescriptor)?;
    let system = match stdio {
        Stdio::Inherited => fd as i32,
        Stdio::File(file) => file.as_raw_fd(),
        _ => return Err(Errno::NoSystemCall.into()),
    };
    let iovecs = as_iovecs(&vectors);
    // SAFETY: the vectors lie within the guest's memory.
    let n = unsafe { libc::writev(system, iovecs.as_ptr(), iovecs.len() as i32) };
    Ok(memory.write(out, u32::try_from(n).map_err(|_| Errno::last())?)?)
}
