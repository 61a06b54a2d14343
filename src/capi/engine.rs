//! `wasm_engine_t` and `wasm_store_t`.

use super::guard::{guard, silence_panics};
use super::handle::{Owned, give, take};
use super::types::*;
use crate::error::Error;
use crate::runtime::config::Config;
use crate::runtime::engine::Engine;
use crate::runtime::store::Store;
use std::ptr::NonNull;
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
        Ok(give(wasm_engine_t { engine: Engine::new(config)? }))
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

/// A store of the engine; NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_store_new(engine: *mut wasm_engine_t) -> *mut wasm_store_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let engine = unsafe { engine.as_ref() }.ok_or_else(|| Error::argument("engine is NULL"))?;
        let store = Store::new(engine.engine.clone())?;
        Ok(store.as_ptr().cast())
    })
}

/// Deletes a store with all its objects and runs their finalizers. Handles that remain may only be
/// copied, cast, compared and deleted. From within a call of the store, or from a finalizer that
/// runs while the store is at work (making an object, for instance), it takes effect when the
/// outermost call or operation has returned; until then the store goes on. Nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_store_delete(store: *mut wasm_store_t) {
    guard(|| {
        if let Some(store) = NonNull::new(store.cast::<Store>()) {
            // SAFETY: an owned handle (C contract).
            unsafe { Store::delete(store) };
        }
        Ok(())
    });
}

/// Names the native stack on which the store is about to be entered, for stacks that the engine
/// cannot know (fibers): `size` bytes from `low`, its lowest address. It holds until the next such
/// call; a NULL `low` means the thread's own stack again. Nothing, with the last error set, for a NULL
/// store.
///
/// On stacks that were not named guest code goes as deep as the engine's option says, counted from
/// where the host entered it; fibers that take turns inside of calls of one store must be named, each
/// before it enters the store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_set_stack(
    store: *mut wasm_store_t,
    low: *mut std::ffi::c_void,
    size: usize,
) {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let store = unsafe { store_of(store) }?;
        store.declare_stack((!low.is_null()).then_some((low as usize, size)));
        Ok(())
    });
}

/// The store behind a handle. Refuses NULL, and a store whose finalizers are running.
///
/// # Safety
/// `handle` is NULL or a store that has not been deleted.
pub unsafe fn store_of<'a>(handle: *const wasm_store_t) -> Result<&'a Store, Error> {
    // SAFETY: as promised by the caller.
    let store = unsafe { handle.cast::<Store>().as_ref() };
    let store = store.ok_or_else(|| Error::argument("store is NULL"))?;
    if store.is_dying() {
        return Err(Error::argument("the store is being deleted"));
    }
    Ok(store)
}
