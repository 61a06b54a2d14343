//! `wasm_memorytype_t`: constructors and accessors, with limits of either width.

use super::externtype::{Detail, give_type, object};
use super::guard::guard;
use super::limits64::{Limits64, from_c, give_limits, wasmrt_limits_t, widen};
use super::types::*;
use crate::error::Error;

/// Makes the type of a memory, owned by the caller. It copies the limits. NULL if they are NULL,
/// the minimum is greater than the maximum, or memory is short. A maximum above 65,536 pages is
/// allowed here, but `wasm_memory_new` refuses it.
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

/// Returns the limits in pages, borrowed: valid as long as the type. Numbers that do not fit are
/// `UINT32_MAX`. NULL for NULL.
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

/// Makes the type of a memory, owned by the caller. It copies the limits. NULL if they are NULL,
/// the minimum is greater than the maximum, a size does not fit the width of indices, a flag is
/// unknown, a shared memory has no maximum, or memory is short. Sizes that the engine cannot make
/// are allowed here, but `wasm_memory_new` refuses them.
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

/// Makes `out` the limits in pages. If `ty` is NULL, all fields are 0 and the last error is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_memorytype_limits(
    ty: *const wasm_memorytype_t,
    out: *mut wasmrt_limits_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe { give_limits(out, || memory_limits(ty)) };
}
