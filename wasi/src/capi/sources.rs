//! Clocks and random numbers of the host's own.

use super::wasi::{set, wasmrt_wasi_t};
use crate::bindings::finalizer_t;
use crate::clock::Clock;
use crate::host::Env;
use crate::random::Random;
use std::ffi::c_void;

/// Reads a clock: 0 is the time of day, since 1970; 1 never goes back; 2 and 3 are the processor time of
/// the process and of the thread. Writes nanoseconds and returns true, or returns false if there is no such
/// clock.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_wasi_clock_t =
    Option<unsafe extern "C" fn(env: *mut c_void, clock: u32, nanoseconds: *mut u64) -> bool>;

/// Fills `size` bytes with random numbers; false if it cannot.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_wasi_random_t =
    Option<unsafe extern "C" fn(env: *mut c_void, data: *mut u8, size: usize) -> bool>;

/// Makes guests read their clocks from a function, which is called with `env`, on the threads of the
/// guests, possibly on several at the same time. NULL means the system's clocks. Sleeping always takes
/// real time.
///
/// The finalizer, which may be NULL, runs once with `env`: when another clock replaces this one, or when
/// neither the context nor a guest needs it any more. It runs immediately if `clock` is NULL, and if this
/// fails. False, with the reason as last error, if a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_set_clock(
    wasi: *mut wasmrt_wasi_t,
    clock: wasmrt_wasi_clock_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> bool {
    // SAFETY: promised by the caller (C contract).
    let env = unsafe { Env::new(env, finalizer as finalizer_t) };
    let clock = clock.map_or(Clock::System, |clock| Clock::Host(clock, env));
    // SAFETY: NULL or a context (C contract).
    unsafe { set(wasi, |config| Ok(std::mem::replace(&mut config.clock, clock))) }
}

/// Makes guests get their random numbers from a function, which is called with `env`, on the threads of
/// the guests, possibly on several at the same time. NULL means the system's random numbers. Otherwise as
/// `wasmrt_wasi_set_clock`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_set_random(
    wasi: *mut wasmrt_wasi_t,
    random: wasmrt_wasi_random_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> bool {
    // SAFETY: promised by the caller (C contract).
    let env = unsafe { Env::new(env, finalizer as finalizer_t) };
    let random = random.map_or(Random::System, |random| Random::Host(random, env));
    // SAFETY: NULL or a context (C contract).
    unsafe { set(wasi, |config| Ok(std::mem::replace(&mut config.random, random))) }
}
