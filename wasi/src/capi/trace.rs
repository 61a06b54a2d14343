//! Watching the calls of guests.

use super::wasi::{set, wasmrt_wasi_t};
use crate::bindings::finalizer_t;
use crate::context::Config;
use crate::host::Env;
use crate::trace::Trace;
use std::ffi::{c_char, c_void};

/// Learns of a call that a guest has made: the name of the function, such as `fd_write`, its `n_args`
/// arguments, which are valid during the call, and its result: 0 or an error number of WASI, and -1 if the
/// guest has been stopped instead, by `proc_exit` for example.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_wasi_trace_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        name: *const c_char,
        args: *const u64,
        n_args: usize,
        result: i32,
    ),
>;

/// Makes a function learn of every call of guests to WASI, after the call. It is called with `env`, on the
/// threads of the guests, possibly on several at the same time; `wasmrt_store_caller_bytes` gives it the
/// memory that arguments point at. NULL means none.
///
/// The finalizer, which may be NULL, runs once with `env`: when another function replaces this one, or when
/// neither the context nor a guest needs it any more. It runs immediately if `trace` is NULL, and if this
/// fails. False, with the reason as last error, if a module was bound to the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_set_trace(
    wasi: *mut wasmrt_wasi_t,
    trace: wasmrt_wasi_trace_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> bool {
    // SAFETY: promised by the caller (C contract).
    let env = unsafe { Env::new(env, finalizer as finalizer_t) };
    let trace = trace.map(|tell| Trace::new(tell, env));
    let change = |config: &mut Config| Ok(std::mem::replace(&mut config.trace, trace));
    // SAFETY: NULL or a context (C contract).
    unsafe { set(wasi, change) }
}
