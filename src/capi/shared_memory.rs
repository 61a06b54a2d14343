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

/// A shared memory apart from any store. Any number of threads may use it at the same time.
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

/// Returns a handle to the bytes of a memory (borrowed), for other stores of the engine; owned by the
/// caller. It may be used on any thread, also after the memory and its store have been deleted. NULL,
/// with the last error set, if the memory is NULL, its type is not shared (`WASMRT_LIMITS_SHARED`), or
/// memory is short.
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

/// Makes a memory of the store that has the bytes of a shared memory (borrowed), owned by the caller.
/// All stores see what the others write, and see the memory grow. The new memory has no host info. It
/// counts towards the store's limit of memories; its bytes count only in the store that made the shared
/// memory, and what it grew by in the stores that made it grow. NULL, with the last error set, if an
/// argument is NULL, the store is of another engine, its limits do not allow it, or memory is short.
///
/// Several threads may call this with the same shared memory at the same time, each with its own store.
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
        let memory = shared.memory.clone();
        let _busy = store.make_room();
        Ok(own(store.obtain_memory(memory)?))
    })
}

/// Deletes a handle; memories that were obtained with it remain. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_shared_memory_delete(shared: *mut wasmrt_shared_memory_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(shared) })));
}
