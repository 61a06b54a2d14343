//! `wasmrt_shared_memory_t`: a shared memory outside of any store.
//!
//! It keeps the memory and the engine, nothing of the store it came from. What is obtained from it is
//! an object of the store, with host info of its own; the bytes are the same for all.

use super::guard::guard;
use super::handle::{Owned, give, take};
use super::objects::{live, own};
use super::store::store_of;
use super::types::*;
use crate::error::Error;
use crate::runtime::engine::Engine;
use crate::runtime::shared::SharedMemory;
use std::sync::Arc;

/// A shared memory outside of any store, which threads can share.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub struct wasmrt_shared_memory_t {
    memory: Arc<SharedMemory>,
    engine: Arc<Engine>,
}

impl Owned for wasmrt_shared_memory_t {}

const _: () = {
    const fn may_be_shared<T: Send + Sync>() {}
    may_be_shared::<wasmrt_shared_memory_t>();
};

/// The memory in a form that outlives it and its store and that any thread may use. NULL, with the last
/// error set, for a memory whose type does not say that it is shared (`WASMRT_LIMITS_SHARED`), for
/// NULL, and when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memory_share(
    memory: *const wasm_memory_t,
) -> *mut wasmrt_shared_memory_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let (memory, store) = unsafe { live(memory) }?;
        let memory = memory.shared().ok_or_else(|| Error::argument("the memory is not shared"))?;
        give(wasmrt_shared_memory_t { memory: memory.clone(), engine: store.engine.clone() })
    })
}

/// A memory of the store that has the shared bytes, without host info: what one store's code writes
/// the others' reads, and all see it grow. It counts as one of the store's memories; its bytes count
/// in the stores that made it and that let it grow. NULL, with the last error set, if an argument is
/// NULL, when the store is of another engine or its limits refuse, and when memory is short. The shared
/// memory stays the caller's; several threads may obtain from it at once, each into a store of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memory_obtain(
    store: *mut wasm_store_t,
    shared: *const wasmrt_shared_memory_t,
) -> *mut wasm_memory_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, shared) = unsafe { (store_of(store)?, shared.as_ref()) };
        let shared = shared.ok_or_else(|| Error::argument("the shared memory is NULL"))?;
        if !Arc::ptr_eq(&shared.engine, &store.engine) {
            return Err(Error::argument("the memory belongs to another engine"));
        }
        let _busy = store.make_room();
        Ok(own(store.obtain_memory(shared.memory.clone())?))
    })
}

/// Deletes a shared memory; memories obtained from it stay. Nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_shared_memory_delete(shared: *mut wasmrt_shared_memory_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(shared) })));
}
