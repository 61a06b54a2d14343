//! `wasm_memory_t`.

use super::bytes::wasm_byte_t;
use super::guard::guard;
use super::memorytype::memory_limits;
use super::objects::{live, own};
use super::reference::type_of;
use super::store::store_of;
use super::types::*;
use crate::error::Error;
use crate::runtime::root::Root;

/// Makes a memory of the given type (borrowed), filled with zeros. The caller owns the result. NULL
/// if an argument is NULL, the memory is larger than the engine or the store allows, its maximum is
/// above 65,536 pages of 64 KiB (281,474,976,710,656 for 64-bit memories), or address space or memory
/// is short.
/// A shared memory without guard pages needs address space for its maximum, or for what the engine
/// allows (`WASMRT_OPTION_MAX_MEMORY_PAGES`) if that is less.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_new(
    store: *mut wasm_store_t,
    ty: *const wasm_memorytype_t,
) -> *mut wasm_memory_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let store = unsafe { store_of(store) }?;
        // SAFETY: NULL or valid (C contract).
        let ty = unsafe { memory_limits(ty) }?.memory_type()?;
        let _busy = store.make_room();
        Ok(own(store.new_memory(ty, None)?))
    })
}

/// Returns the type of the memory with its current size as the minimum, owned by the caller. NULL
/// for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_type(memory: *const wasm_memory_t) -> *mut wasm_memorytype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| unsafe { type_of(memory) })
}

/// Returns the address of the first byte, valid until the memory grows or is destroyed. It is not
/// NULL even if the memory is empty. A shared memory grows where it is: its address stays valid until
/// no store and no `wasmrt_shared_memory_t` has the memory any more. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_data(memory: *mut wasm_memory_t) -> *mut wasm_byte_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { live(memory) }?.0.base().cast()))
}

/// Returns the length in bytes; 0 for NULL. A shared memory may be grown by other threads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_data_size(memory: *const wasm_memory_t) -> usize {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { live(memory) }?.0.len() as usize))
}

/// Returns the length in pages; 0 for NULL. Numbers that do not fit are `UINT32_MAX`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_size(memory: *const wasm_memory_t) -> wasm_memory_pages_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let pages = unsafe { live(memory) }?.0.pages();
        Ok(u32::try_from(pages).unwrap_or(u32::MAX))
    })
}

/// Adds `delta` pages of zeros. False, with the last error set and no change, beyond the maximum,
/// if the limits or the limiter of the store refuse, if memory is short, or if the memory is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_grow(
    memory: *mut wasm_memory_t,
    delta: wasm_memory_pages_t,
) -> bool {
    // SAFETY: NULL or a handle (C contract).
    guard(|| unsafe { grow(memory, delta.into()) })
}

/// Grows a memory, or says why not.
///
/// # Safety
/// `memory` is NULL or a handle.
pub(super) unsafe fn grow(memory: *mut wasm_memory_t, delta: u64) -> Result<bool, Error> {
    // SAFETY: as promised by the caller.
    let (memory, store) = unsafe { live(memory) }?;
    let _kept = Root::new(memory.header());
    let _busy = store.busy();
    store.grow_memory(memory, delta)?;
    Ok(true)
}

/// Returns the length of a memory in pages; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memory_size(memory: *const wasm_memory_t) -> u64 {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { live(memory) }?.0.pages()))
}

/// Adds `delta` pages of zeros to a memory. False, with the last error set and no change, beyond
/// the maximum, if the limits or the limiter of the store refuse, if memory is short, or if the
/// memory is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memory_grow(memory: *mut wasm_memory_t, delta: u64) -> bool {
    // SAFETY: NULL or a handle (C contract).
    guard(|| unsafe { grow(memory, delta) })
}
