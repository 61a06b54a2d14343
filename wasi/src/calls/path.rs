//! `path_*`

use crate::call::{Call, Outcome};
use crate::errno::Errno;

// Open.
pub fn create_directory(_: &Call, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn filestat_get(_: &Call, _: u32, _: u32, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn filestat_set_times(
    _: &Call,
    _: u32,
    _: u32,
    _: u32,
    _: u32,
    _: u64,
    _: u64,
    _: u32,
) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn link(_: &Call, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn open(
    _: &Call,
    _: u32,
    _: u32,
    _: u32,
    _: u32,
    _: u32,
    _: u64,
    _: u64,
    _: u32,
    _: u32,
) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn readlink(_: &Call, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn remove_directory(_: &Call, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn rename(_: &Call, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn symlink(_: &Call, _: u32, _: u32, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn unlink_file(_: &Call, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn filestat_get_unstable(_: &Call, _: u32, _: u32, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}
