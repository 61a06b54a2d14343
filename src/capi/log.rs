//! `wasmrt_config_set_log`: messages of the library, passed to a callback.

use super::callback::SharedCallback;
use super::config::{config_of, wasm_config_t};
use super::guard::guard;
use crate::error::Error;
use crate::log::{Level, Log};
use crate::runtime::environment::Environment;
use std::ffi::{CStr, c_char, c_void};

/// The importance of a message. Numbers are never reused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_level_enum {
    /// An internal error of the library, such as a caught panic. The logs of all engines receive
    /// it.
    WASMRT_LEVEL_ERROR = 1,
    /// Something works, but not as well as intended: a memory has no guard pages because address
    /// space is short, for example.
    WASMRT_LEVEL_WARNING = 2,
    /// What was chosen, such as the settings of an engine.
    WASMRT_LEVEL_INFO = 3,
    /// What was done and how long it took, such as compiling a module.
    WASMRT_LEVEL_DEBUG = 4,
}

/// One of the `WASMRT_LEVEL_...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_level_t = u32;

/// Receives a message: its level, and a text that ends in a NUL and is valid during the call. It
/// runs on the thread where the event occurred, which may be a compile thread, possibly on several
/// threads at the same time. It may use other engines, but nothing that the calling thread is
/// using, and should return soon.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_log_t =
    Option<unsafe extern "C" fn(env: *mut c_void, level: wasmrt_level_t, text: *const c_char)>;

use wasmrt_level_enum::*;

const LEVELS: [(wasmrt_level_enum, Level); 4] = [
    (WASMRT_LEVEL_ERROR, Level::Error),
    (WASMRT_LEVEL_WARNING, Level::Warning),
    (WASMRT_LEVEL_INFO, Level::Info),
    (WASMRT_LEVEL_DEBUG, Level::Debug),
];

type Callback = SharedCallback<unsafe extern "C" fn(*mut c_void, wasmrt_level_t, *const c_char)>;

impl Callback {
    fn call(&self, level: Level, text: &CStr) {
        let number = LEVELS.iter().find(|(_, known)| *known == level).map_or(0, |l| l.0 as u32);
        // SAFETY: the embedder's function of the declared prototype.
        unsafe { (self.code)(self.env.data(), number, text.as_ptr()) };
    }
}

/// Sets the log of the engine that will be made with this configuration: `log` receives messages of
/// `level` and of more important levels. By default, and if `log` is NULL, there is no log; the
/// library never prints anything.
///
/// The finalizer, which may be NULL, runs once with `env`: when another log replaces this one, when
/// the configuration is deleted, or when the engine no longer exists. It runs immediately if `log`
/// is NULL, and, with the last error set, if `config` is NULL or the level is unknown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_config_set_log(
    config: *mut wasm_config_t,
    level: wasmrt_level_t,
    log: wasmrt_log_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) {
    let env = Environment::new(env, finalizer);
    guard(|| {
        // SAFETY: NULL or a handle that only the caller uses (C contract).
        let config = unsafe { config_of(config) }?;
        let known = LEVELS.iter().find(|(known, _)| *known as u32 == level);
        let (_, most) = known.ok_or_else(|| Error::argument(format!("unknown level {level}")))?;
        let log = match log {
            None => Log::default(),
            Some(code) => {
                let callback = Callback { code, env };
                Log::new(*most, Box::new(move |level, text| callback.call(level, text)))
            }
        };
        // The former log is dropped after the new one is set: its finalizer may call this function.
        drop(std::mem::replace(&mut config.log, log));
        Ok(())
    });
}
