//! The timeline of an engine.

use super::bytes::{name, wasm_byte_vec_t};
use super::engine::wasm_engine_t;
use super::guard::guard;
use super::handle::write_out;
use super::vec::CVec;
use crate::error::Error;
use crate::record::TimelineFormat;
use wasmrt_timeline_format_enum::*;

/// One of the `WASMRT_TIMELINE_...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_timeline_format_t = u32;

/// The formats of a timeline.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_timeline_format_enum {
    /// Trace events in JSON, for <https://ui.perfetto.dev> and `chrome://tracing`.
    WASMRT_TIMELINE_TRACE_EVENTS = 1,
    /// A picture, as SVG.
    WASMRT_TIMELINE_SVG = 2,
}

/// Makes `out` the timeline of an engine with `WASMRT_OPTION_TIMELINE` as text, owned by the caller:
/// which functions were compiled since the engine was made, when, in how long and in which tier. If a
/// profile was taken (`wasmrt_profile_new`), it also shows how much of the time guest code ran in
/// which tier. May be called at any time, and on any thread. At most about a million compilations,
/// and as many samples, are kept; the engine keeps the descriptions of all modules that occur.
///
/// False, with the last error set and `out` empty, if the engine is NULL or has no timeline, the
/// format is unknown, or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_engine_timeline(
    engine: *const wasm_engine_t,
    format: wasmrt_timeline_format_t,
    out: *mut wasm_byte_vec_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, wasm_byte_vec_t::EMPTY) };
        // SAFETY: NULL or a handle (C contract).
        let engine = unsafe { engine.as_ref() }.ok_or_else(|| Error::argument("engine is NULL"))?;
        let format = match format {
            _ if format == WASMRT_TIMELINE_TRACE_EVENTS as u32 => TimelineFormat::TraceEvents,
            _ if format == WASMRT_TIMELINE_SVG as u32 => TimelineFormat::Svg,
            _ => return Err(Error::argument(format!("unknown format {format}"))),
        };
        let timeline = engine.engine.compile.timeline();
        let timeline = timeline
            .ok_or_else(|| Error::argument("the engine was made without WASMRT_OPTION_TIMELINE"))?;
        let text = timeline.write(format).ok_or_else(Error::out_of_memory)?;
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, name(&text)?) };
        Ok(true)
    })
}
