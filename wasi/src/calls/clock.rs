//! `clock_*`

use crate::call::{Call, Outcome};
use crate::clock::ClockId;

pub fn res_get(call: &Call, clock: u32, out: u32) -> Outcome {
    let resolution = call.context.clock.resolution(ClockId::new(clock)?)?;
    Ok(call.memory()?.write(out, resolution)?)
}

/// The precision is a hint.
pub fn time_get(call: &Call, clock: u32, _precision: u64, out: u32) -> Outcome {
    let now = call.context.clock.now(ClockId::new(clock)?)?;
    Ok(call.memory()?.write(out, now)?)
}
