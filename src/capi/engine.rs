//! `wasm_engine_t`.

use super::config::wasm_config_t;
use super::guard::{guard, silence_panics};
use super::handle::{Owned, give, take};
use crate::runtime::config::Config;
use crate::runtime::engine::Engine;
use std::sync::Arc;

/// An engine. A process may have any number of them, on any threads.
#[allow(non_camel_case_types, reason = "published name")]
pub struct wasm_engine_t {
    pub(super) engine: Arc<Engine>,
}

impl Owned for wasm_engine_t {}

fn new_engine(config: Config) -> *mut wasm_engine_t {
    guard(|| {
        silence_panics();
        give(wasm_engine_t { engine: Engine::new(config)? })
    })
}

/// Makes an engine with the default settings, owned by the caller. NULL on failure, with the reason
/// as last error.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_engine_new() -> *mut wasm_engine_t {
    new_engine(Config::default())
}

/// Makes an engine with the given settings, which it takes ownership of; NULL means the defaults.
/// The caller owns the result. NULL on failure, with the reason as last error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_engine_new_with_config(
    config: *mut wasm_config_t,
) -> *mut wasm_engine_t {
    // SAFETY: NULL or an owned handle (C contract).
    new_engine(unsafe { take(config) }.map_or_else(Config::default, |c| c.config))
}

/// Deletes an engine handle. The engine itself lives as long as stores or shared modules use it.
/// Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_engine_delete(engine: *mut wasm_engine_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(engine) })));
}
