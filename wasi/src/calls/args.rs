//! `args_*`

use super::strings;
use crate::call::{Call, Outcome};

pub fn get(call: &Call, argv: u32, texts: u32) -> Outcome {
    strings::get(call, &call.context.args, argv, texts)
}

pub fn sizes_get(call: &Call, count: u32, size: u32) -> Outcome {
    strings::sizes(call, &call.context.args, count, size)
}
