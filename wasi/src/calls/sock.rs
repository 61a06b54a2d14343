//! `sock_*`

use crate::call::{Call, Outcome};
use crate::errno::Errno;

// Open.
pub fn accept(_: &Call, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn recv(_: &Call, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn send(_: &Call, _: u32, _: u32, _: u32, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

// Open.
pub fn shutdown(_: &Call, _: u32, _: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}
