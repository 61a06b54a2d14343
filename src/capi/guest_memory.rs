//! Access to the bytes of guest memories, for hosts.
//!
//! Offsets and lengths come from guests, so their sum may overflow and lie anywhere: [`within`] is the one comparison.
//! What is copied is copied completely or not at all.

use super::bytes::{ByteBuffer, wasm_byte_t, wasm_name_t};
use super::guard::guard;
use super::handle::write_out;
use super::objects::live;
use super::store::store_of;
use super::types::*;
use super::vec::CVec;
use crate::error::Error;
use crate::runtime::memory::Memory;
use crate::runtime::object::Gc;
use crate::runtime::store::Store;
use std::ffi::c_void;
use std::ptr;

/// `WASMRT_STRING_NUL` of the header.
const STRING_NUL: u64 = u64::MAX;

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
    // SAFETY: NULL or a handle (C contract).
    let found = unsafe { usual_memory(store).or_else(|| guard(|| caller_memory(store).map(Some))) };
    // The size first: a shared memory may grow in between, and does not shrink.
    let place = found.map(|memory| (memory.len() as usize, memory.base()));
    let (len, base) = place.unwrap_or((0, ptr::null_mut()));
    // SAFETY: NULL or valid for writes (C contract).
    unsafe {
        write_out(data, base.cast());
        write_out(size, len);
    }
    found.is_some()
}

/// Returns the address of `size` bytes from `offset` in the memory of the caller, as
/// `wasmrt_store_caller_memory` gives it; never NULL if they are within the memory, even for a size of
/// 0. Valid until the memory grows. NULL, with the last error set, if they are out of bounds or there is
/// no such memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_caller_bytes(
    store: *const wasm_store_t,
    offset: u64,
    size: u64,
) -> *mut wasm_byte_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| within(unsafe { caller_memory(store) }?, offset, size))
}

/// Returns the address of `size` bytes from `offset` in a memory (borrowed); never NULL if they are
/// within the memory, even for a size of 0. Valid until the memory grows or is destroyed. NULL, with the
/// last error set, if they are out of bounds, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memory_bytes(
    memory: *const wasm_memory_t,
    offset: u64,
    size: u64,
) -> *mut wasm_byte_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| within(unsafe { live(memory) }?.0, offset, size))
}

/// Copies `size` bytes from `offset` in a memory (borrowed) to `data`. False, with nothing written and
/// the last error set, if they are out of bounds, or `memory` or `data` is NULL; `data` may be NULL for
/// a size of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memory_read(
    memory: *const wasm_memory_t,
    offset: u64,
    data: *mut c_void,
    size: usize,
) -> bool {
    // SAFETY: NULL, or a handle and a place for the bytes (C contract).
    guard(|| unsafe {
        let bytes = within(live(memory)?.0, offset, size as u64)?;
        copy(bytes.cast(), data.cast(), size)
    })
}

/// Copies `size` bytes from `data` (borrowed) to `offset` in a memory. False, with nothing written and
/// the last error set, if they are out of bounds, or `memory` or `data` is NULL; `data` may be NULL for
/// a size of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memory_write(
    memory: *mut wasm_memory_t,
    offset: u64,
    data: *const c_void,
    size: usize,
) -> bool {
    // SAFETY: NULL, or a handle and the bytes (C contract).
    guard(|| unsafe {
        let bytes = within(live(memory)?.0, offset, size as u64)?;
        copy(data.cast(), bytes.cast(), size)
    })
}

/// Makes `out` a copy of the text at `offset` in a memory (borrowed), owned by the caller. The text is
/// `size` bytes long, or ends before the first NUL if `size` is `WASMRT_STRING_NUL`. A NUL follows it in
/// `out`, even if it is empty. It is not checked whether the bytes are UTF-8. False, with `out` empty
/// and the last error set, if the text is out of bounds, memory is short, or an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memory_string(
    memory: *const wasm_memory_t,
    offset: u64,
    size: u64,
    out: *mut wasm_name_t,
) -> bool {
    // SAFETY: NULL or valid for writes (C contract).
    unsafe { write_out(out, wasm_name_t::EMPTY) };
    guard(|| {
        if out.is_null() {
            return Err(Error::argument("out is NULL"));
        }
        // SAFETY: NULL or a handle (C contract).
        let memory = unsafe { live(memory) }?.0;
        let size = if size == STRING_NUL { length_of_text(memory, offset)? } else { size };
        let text = within(memory, offset, size)?;
        let mut copied = ByteBuffer::zeroed(size as usize)?;
        // SAFETY: `size` bytes of the memory, and as many of the buffer.
        unsafe { copy(text.cast(), copied.as_mut().as_mut_ptr(), size as usize) }?;
        // SAFETY: not NULL, so valid for writes (C contract).
        unsafe { out.write(copied.into_vec()) };
        Ok(true)
    })
}

/// The memory of the running host function's caller.
///
/// # Safety
/// `store` is NULL or a store that has not been deleted.
unsafe fn caller_memory(store: *const wasm_store_t) -> Result<Gc<Memory>, Error> {
    // SAFETY: as promised by the caller.
    let caller = unsafe { store_of(store) }?.caller();
    let caller = caller
        .ok_or_else(|| Error::argument("no guest code is calling a host function of the store"))?;
    caller.main_memory().ok_or_else(|| Error::argument("the caller has no memory"))
}

/// The same in the usual case: an import was called, by an instance with one memory. Many host functions need it at each
/// call, so it does without the guard; nothing in it can panic.
///
/// # Safety
/// As for [`caller_memory`].
#[inline]
unsafe fn usual_memory(store: *const wasm_store_t) -> Option<Gc<Memory>> {
    // SAFETY: as promised by the caller.
    let store = unsafe { store.cast::<Store>().as_ref() }.filter(|store| !store.is_dying())?;
    store.caller_of_import()?.only_memory()
}

/// The address of `size` bytes from `offset`, if they are within the memory.
fn within(memory: Gc<Memory>, offset: u64, size: u64) -> Result<*mut wasm_byte_t, Error> {
    let range = memory.range(offset, size).map_err(|_| out_of_bounds(memory, offset, size))?;
    // SAFETY: at most the end of the memory.
    Ok(unsafe { memory.base().add(range.start) }.cast())
}

#[cold]
fn out_of_bounds(memory: Gc<Memory>, offset: u64, size: u64) -> Error {
    let len = memory.len();
    Error::argument(format!(
        "{size} bytes at {offset} are out of bounds of a memory of {len} bytes"
    ))
}

/// The number of bytes from `offset` to the next NUL.
fn length_of_text(memory: Gc<Memory>, offset: u64) -> Result<u64, Error> {
    let rest = memory.len().checked_sub(offset).ok_or_else(|| out_of_bounds(memory, offset, 0))?;
    let start = within(memory, offset, rest)?;
    // SAFETY: `rest` bytes of the memory.
    let length = unsafe { libc::strnlen(start, rest as usize) } as u64;
    let no_end = || Error::argument(format!("the text at {offset} has no NUL within the memory"));
    if length < rest { Ok(length) } else { Err(no_end()) }
}

/// Copies between guest and host.
///
/// # Safety
/// Both pointers are NULL or good for `size` bytes.
unsafe fn copy(from: *const u8, to: *mut u8, size: usize) -> Result<bool, Error> {
    if size != 0 && (from.is_null() || to.is_null()) {
        return Err(Error::argument("data is NULL"));
    }
    if size != 0 {
        // SAFETY: as promised by the caller. The host may name bytes of the guest, so they may overlap.
        unsafe { ptr::copy(from, to, size) };
    }
    Ok(true)
}
