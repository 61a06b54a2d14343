//! `wasm_shared_module_t`: a compiled module outside of any store.
//!
//! It keeps the code and the engine, but nothing of the store it came from, so several threads may use it
//! at the same time. Module objects made from it share the code; each has its own host info.

use super::guard::guard;
use super::handle::{Owned, give, take};
use super::module::compiled;
use super::objects::own;
use super::store::store_of;
use super::types::*;
use crate::error::Error;
use crate::runtime::module::Compiled;
use std::sync::Arc;

/// A module outside of any store, which threads can share.
#[allow(non_camel_case_types, reason = "published name")]
pub struct wasm_shared_module_t {
    compiled: Arc<Compiled>,
}

impl Owned for wasm_shared_module_t {}

const _: () = {
    const fn may_be_shared<T: Send + Sync>() {}
    may_be_shared::<wasm_shared_module_t>();
};

/// Makes a shared module from a module (borrowed): it outlives the module and its store, and any
/// thread may use it. The caller owns the result. NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_share(
    module: *const wasm_module_t,
) -> *mut wasm_shared_module_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| give(wasm_shared_module_t { compiled: unsafe { compiled(module) }? }))
}

/// Makes a module of the store from a shared module (borrowed), with the same code and without host
/// info. The caller owns the result. NULL if an argument is NULL, the store belongs to another
/// engine, or memory is short. Several threads may do this at the same time, each for its own
/// store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_obtain(
    store: *mut wasm_store_t,
    shared: *const wasm_shared_module_t,
) -> *mut wasm_module_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, shared) = unsafe { (store_of(store)?, shared.as_ref()) };
        let shared = shared.ok_or_else(|| Error::argument("the shared module is NULL"))?;
        let compiled = shared.compiled.clone();
        if !Arc::ptr_eq(compiled.engine(), &store.engine) {
            return Err(Error::argument("the module belongs to another engine"));
        }
        let _busy = store.make_room();
        Ok(own(store.new_module(compiled)?))
    })
}

/// Deletes a shared module; modules obtained from it remain. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_shared_module_delete(shared: *mut wasm_shared_module_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(shared) })));
}
