//! `wasm_engine_t`.

use super::config::wasm_config_t;
use super::guard::{guard, silence_panics};
use super::handle::{Owned, give, take};
use crate::runtime::config::Config;
use crate::runtime::engine::Engine;
use std::sync::Arc;

/// An engine. Any number may exist, on any thread.
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

/// An engine with the default settings; NULL when the system refuses something.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_engine_new() -> *mut wasm_engine_t {
    new_engine(Config::default())
}

/// An engine with the given settings, which it takes over; NULL means the defaults. NULL when the
/// system refuses something.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_engine_new_with_config(
    config: *mut wasm_config_t,
) -> *mut wasm_engine_t {
    // SAFETY: NULL or an owned handle (C contract).
    new_engine(unsafe { take(config) }.map_or_else(Config::default, |c| c.config))
}

/// Deletes an engine handle; the engine lives on until its last store has gone. Nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_engine_delete(engine: *mut wasm_engine_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(engine) })));
}
