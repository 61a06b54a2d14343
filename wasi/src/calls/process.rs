//! `proc_*` and `sched_yield`

use crate::call::{Call, Outcome, Stop};
use crate::errno::Errno;
use crate::exit;

/// Ends the guest, not the host.
pub fn exit(call: &Call, code: u32) -> Outcome {
    Err(Stop::Trap(exit::trap(call, code)))
}

/// Signals do not exist here; guests may use `proc_exit`.
pub fn raise(_: &Call, _signal: u32) -> Outcome {
    Err(Errno::NoSystemCall.into())
}

pub fn sched_yield(_: &Call) -> Outcome {
    std::thread::yield_now();
    Ok(())
}
