//! `environ_*`

use super::strings;
use crate::call::{Call, Outcome};

pub fn get(call: &Call, environ: u32, texts: u32) -> Outcome {
    strings::get(call, &call.context.env, environ, texts)
}

pub fn sizes_get(call: &Call, count: u32, size: u32) -> Outcome {
    strings::sizes(call, &call.context.env, count, size)
}
