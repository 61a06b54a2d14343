//! `wasmrt_module_set_event`: what happens to a module's code, told to the host.

use super::callback::SharedCallback;
use super::guard::guard;
use super::last_error::wasmrt_error_t;
use super::module::compiled;
use super::stats::{number_of, wasmrt_tier_t};
use super::types::*;
use crate::compile::{Event, Listener};
use crate::runtime::environment::Environment;
use std::ffi::c_void;
use wasmrt_event_kind_enum::*;

/// What has happened. Numbers are never reused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_event_kind_enum {
    /// All functions of the module have code now. Told once.
    WASMRT_EVENT_COMPILED = 1,
    /// A function was optimized. The next calls use that code.
    WASMRT_EVENT_OPTIMIZED = 2,
    /// A function could not be compiled. It keeps the code it has; if it has none, its calls trap.
    WASMRT_EVENT_FAILED = 3,
}

/// What has happened, valid during the call.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
pub struct wasmrt_event_info_t {
    /// The size of this structure in the library's version, which may be larger than in the caller's.
    pub struct_size: usize,
    /// One of the `WASMRT_EVENT_...` numbers.
    pub kind: u32,
    /// One of the `WASMRT_TIER_...` numbers, in which the function was to be compiled; 0 if no function is meant.
    pub tier: wasmrt_tier_t,
    /// Function index; `UINT32_MAX` if no function is meant.
    pub function: u32,
    /// Why it could not be compiled (borrowed); NULL for other events.
    pub error: *const wasmrt_error_t,
}

/// Receives an event. It runs on the thread where that happened: one of the engine's, one of the executor, or
/// one that calls a function of the module, possibly on several threads at the same time. It may use the module's
/// statistics and other engines, but no store that the calling thread is using, and should return soon.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_event_t =
    Option<unsafe extern "C" fn(env: *mut c_void, info: *const wasmrt_event_info_t)>;

type Callback = SharedCallback<unsafe extern "C" fn(*mut c_void, *const wasmrt_event_info_t)>;

impl Callback {
    fn call(&self, event: &Event) {
        let (kind, tier, function, error) = match event {
            Event::Compiled => (WASMRT_EVENT_COMPILED, 0, u32::MAX, None),
            Event::Optimized(func) => {
                (WASMRT_EVENT_OPTIMIZED, number_of(crate::abi::Tier::Optimized), func.0, None)
            }
            Event::Failed(func, tier, error) => {
                let error = wasmrt_error_t { error: error.clone() };
                (WASMRT_EVENT_FAILED, number_of(*tier), func.0, Some(error))
            }
        };
        let error = error.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let struct_size = size_of::<wasmrt_event_info_t>();
        let info = wasmrt_event_info_t { struct_size, kind: kind as u32, tier, function, error };
        // SAFETY: the embedder's function of the declared prototype.
        unsafe { (self.code)(self.env.data(), &info) };
    }
}

/// Sets who is told what happens to the code of a module (borrowed), in all stores that share it. If all functions
/// have code already, that is told at once. By default, and if `event` is NULL, nobody is told.
///
/// The finalizer, which may be NULL, runs once with `env`, on any thread: when another callback replaces this one or the
/// module no longer exists, and no call is running. It runs immediately if `event` is NULL and, with the last error
/// set, if the module is NULL or its store has been deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_set_event(
    module: *mut wasm_module_t,
    event: wasmrt_event_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) {
    let env = Environment::new(env, finalizer);
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let compiled = unsafe { compiled(module) }?;
        compiled.listen(event.map(|code| {
            let callback = Callback { code, env };
            Listener::new(move |event| callback.call(event))
        }));
        Ok(())
    });
}
