//! Access to the bytes of guest memories, for hosts.

use super::bytes::wasm_byte_t;
use super::guard::guard;
use super::handle::write_out;
use super::store::store_of;
use super::types::*;
use crate::error::Error;
use std::ptr;

/// Gives the memory of the instance whose code called the running host function (see
/// `wasmrt_store_caller`): makes `*data` the address of its first byte and `*size` its length. It is
/// the instance's only memory, defined or imported; of several the one that it exports as "memory", or
/// else the first. Both are valid until the memory grows: ask again after calling guest code.
///
/// False, with `*data` NULL, `*size` 0 and the last error set, if no caller is known, the caller has
/// no memory, or the store is NULL. A shared memory may be changed, and grown, by other threads at any
/// time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_caller_memory(
    store: *const wasm_store_t,
    data: *mut *mut wasm_byte_t,
    size: *mut usize,
) -> bool {
    let found = guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let caller = unsafe { store_of(store) }?.caller();
        let caller = caller.ok_or_else(|| Error::argument("no caller is known"))?;
        let memory = caller.main_memory();
        let memory = memory.ok_or_else(|| Error::argument("the caller has no memory"))?;
        // The size first: a shared memory may grow in between, and does not shrink.
        Ok(Some((memory.len() as usize, memory.base())))
    });
    let (len, base) = found.unwrap_or((0, ptr::null_mut()));
    // SAFETY: NULL or valid for writes (C contract).
    unsafe {
        write_out(data, base.cast());
        write_out(size, len);
    }
    found.is_some()
}
