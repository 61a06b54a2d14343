//! `wasmrt_profile_t`: where a store spends its time.

use super::bytes::{name, wasm_byte_vec_t};
use super::guard::guard;
use super::handle::{Owned, give, take, write_out};
use super::store::store_of;
use super::types::wasm_store_t;
use super::vec::CVec;
use crate::error::Error;
use crate::record::ProfileFormat;
use crate::runtime::sampler::SharedProfile;
use std::sync::Arc;
use std::time::Duration;
use wasmrt_profile_format_enum::*;

/// Samples of the guest code of one store. It may outlive the store.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub struct wasmrt_profile_t {
    shared: Arc<SharedProfile>,
}

impl Owned for wasmrt_profile_t {}

/// One of the `WASMRT_PROFILE_...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_profile_format_t = u32;

/// The formats of a profile.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_profile_format_enum {
    /// Folded stacks, from which flame graphs are drawn: for each stack a line with the names of
    /// its functions, outermost first and with `;` between, and the number of samples.
    WASMRT_PROFILE_FOLDED = 1,
    /// The JSON of the Firefox Profiler, for <https://profiler.firefox.com>: with times, tiers as
    /// categories, and files and lines where the module has debug information.
    WASMRT_PROFILE_FIREFOX = 2,
    /// A picture, as SVG: a flame graph, in which each function is a box upon the one that called
    /// it, as wide as its share of the samples, in the colour of its tier.
    WASMRT_PROFILE_SVG = 3,
}

/// The default interval.
const MILLISECOND: u64 = 1_000_000;

/// Begins to sample the guest code of a store, about every `interval` nanoseconds while it runs; 0
/// means a millisecond. The profile is owned by the caller. A store has one profile at a time: one
/// that was begun before is stopped.
///
/// Samples are taken by metered code itself, at calls and loop iterations, so no signal and no
/// thread is involved. Like fuel, the first profile must be requested before the store's first
/// instance is made, and code takes some percent longer. Host functions that are made afterwards are
/// sampled as well, when they return.
///
/// NULL, with the last error set, if it is too late, memory is short, or the store is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_profile_new(
    store: *mut wasm_store_t,
    interval: u64,
) -> *mut wasmrt_profile_t {
    guard(|| {
        let interval = if interval == 0 { MILLISECOND } else { interval };
        // A time beyond the clock's range never comes.
        let interval = Duration::from_nanos(interval).min(Duration::from_secs(1 << 30));
        // SAFETY: NULL or a handle (C contract).
        let shared = unsafe { store_of(store) }?.begin_profile(interval)?;
        give(wasmrt_profile_t { shared })
    })
}

/// Takes no more samples; those that were taken remain. May be called on any thread. Does nothing
/// for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_profile_stop(profile: *const wasmrt_profile_t) {
    // SAFETY: NULL or a handle (C contract).
    if let Some(profile) = unsafe { profile.as_ref() } {
        profile.shared.stop();
    }
}

/// Returns the number of samples that were taken so far; 0 for NULL. At most about a million are
/// kept, later ones only count here. May be called on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_profile_samples(profile: *const wasmrt_profile_t) -> u64 {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        Ok(unsafe { shared(profile) }?.count())
    })
}

/// Makes `out` the profile as text, owned by the caller. May be called at any time, as often as
/// needed, also after the store has been deleted, and on any thread.
///
/// Functions have the names that backtraces show. Where a module has debug information, functions
/// that its compiler inlined are shown like others. False, with the last error set and `out` empty,
/// if the profile is NULL, the format is unknown, or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_profile_write(
    profile: *const wasmrt_profile_t,
    format: wasmrt_profile_format_t,
    out: *mut wasm_byte_vec_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, wasm_byte_vec_t::EMPTY) };
        // SAFETY: NULL or a handle (C contract).
        let shared = unsafe { shared(profile) }?;
        let format = match format {
            _ if format == WASMRT_PROFILE_FOLDED as u32 => ProfileFormat::Folded,
            _ if format == WASMRT_PROFILE_FIREFOX as u32 => ProfileFormat::Firefox,
            _ if format == WASMRT_PROFILE_SVG as u32 => ProfileFormat::Svg,
            _ => return Err(Error::argument(format!("unknown format {format}"))),
        };
        let text = shared.write(format).ok_or_else(Error::out_of_memory)?;
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, name(&text)?) };
        Ok(true)
    })
}

/// Stops and deletes a profile. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_profile_delete(profile: *mut wasmrt_profile_t) {
    guard(|| {
        // SAFETY: NULL or an owned handle (C contract).
        if let Some(profile) = unsafe { take(profile) } {
            profile.shared.stop();
        }
        Ok(())
    });
}

unsafe fn shared<'a>(profile: *const wasmrt_profile_t) -> Result<&'a SharedProfile, Error> {
    // SAFETY: NULL or a handle (C contract).
    let profile = unsafe { profile.as_ref() }.ok_or_else(|| Error::argument("profile is NULL"))?;
    Ok(&profile.shared)
}
