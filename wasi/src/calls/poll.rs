//! `poll_oneoff`

use crate::call::{Call, Outcome};
use crate::errno::Errno;

pub fn oneoff(_: &Call, _subscriptions: u32, _events: u32, _count: u32, _out: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

pub fn oneoff_unstable(
    _: &Call,
    _subscriptions: u32,
    _events: u32,
    _count: u32,
    _out: u32,
) -> Outcome {
    Err(Errno::NoSystemCall.into())
}
