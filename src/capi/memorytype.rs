//! `wasm_memorytype_t`: constructors and accessors, with limits of either width.

use super::externtype::{Detail, give_type, object};
use super::guard::guard;
use super::limits64::{Limits64, from_c, give_limits, wasmrt_limits_t, widen};
use super::types::*;
use crate::error::Error;

/// The type of a memory. Copies the limits; NULL if they are NULL or the minimum is greater than the
/// maximum. There are types with a maximum above 65,536 pages, but no memories of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_new(
    limits: *const wasm_limits_t,
) -> *mut wasm_memorytype_t {
    // SAFETY: NULL or valid (C contract).
    guard(|| new_memory_type(unsafe { widen(limits) }?))
}

/// The type of a memory with such limits.
fn new_memory_type(full: Limits64) -> Result<*mut wasm_memorytype_t, Error> {
    give_type(Detail::Memory { limits: full.narrow(), full })
}

/// The full limits of a memory type.
///
/// # Safety
/// `ty` is NULL or a handle.
pub(super) unsafe fn memory_limits(ty: *const wasm_memorytype_t) -> Result<Limits64, Error> {
    // SAFETY: as promised by the caller.
    match unsafe { &object(ty)?.detail } {
        Detail::Memory { full, .. } => Ok(*full),
        _ => Err(Error::argument("not a memory type")),
    }
}

/// The limits in pages, lent; `UINT32_MAX` stands for more. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_limits(
    ty: *const wasm_memorytype_t,
) -> *const wasm_limits_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| match unsafe { &object(ty)?.detail } {
        Detail::Memory { limits, .. } => Ok(&raw const *limits),
        _ => Err(Error::argument("not a memory type")),
    })
}

/// The type of a memory. Copies the limits; NULL if they are NULL, the minimum is greater than the
/// maximum, a size needs more bits than indices have, a flag is unknown, or a shared memory has no
/// maximum. Sizes beyond what the engine can make are types as well.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memorytype_new(
    limits: *const wasmrt_limits_t,
) -> *mut wasm_memorytype_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let limits = unsafe { from_c(limits) }?;
        if limits.shared && limits.limits.max.is_none() {
            return Err(Error::argument("a shared memory needs a maximum"));
        }
        new_memory_type(limits)
    })
}

/// Makes `out` the limits in pages. All zero, with the last error set, for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memorytype_limits(
    ty: *const wasm_memorytype_t,
    out: *mut wasmrt_limits_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe { give_limits(out, || memory_limits(ty)) };
}
