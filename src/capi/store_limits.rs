//! `wasmrt_store_set_limits` and `wasmrt_store_set_limiter`: how much a store may have.

use super::guard::guard;
use super::store::store_of;
use super::types::*;
use crate::error::Error;
use crate::runtime::environment::Environment;
use crate::runtime::limits::{Amounts, Growth, Limiter};
use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr;
use std::rc::Rc;

/// How much a store may have, all objects together that have not been released. `UINT64_MAX` means
/// no limit; start from `WASMRT_STORE_LIMITS_INIT`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmrt_store_limits_t {
    /// `sizeof(wasmrt_store_limits_t)`, set by the caller. What lies beyond it is not limited.
    pub struct_size: usize,
    /// Memories.
    pub memories: u64,
    /// Tables.
    pub tables: u64,
    /// Instances.
    pub instances: u64,
    /// Bytes in all memories.
    pub bytes: u64,
    /// Elements in all tables.
    pub elements: u64,
}

/// A memory or table is about to be made or to grow. Sizes are in bytes for a memory, in elements
/// for a table.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmrt_growth_t {
    /// The size of the struct as the library knows it.
    pub struct_size: usize,
    /// What grows (a view, not owned); NULL when it is being made.
    pub object: *const wasm_extern_t,
    /// `WASM_EXTERN_MEMORY` or `WASM_EXTERN_TABLE`.
    pub kind: u32,
    /// The size now; 0 when it is being made.
    pub current: u64,
    /// The size wanted.
    pub desired: u64,
    /// The maximum of its type, or `UINT64_MAX` when it has none.
    pub maximum: u64,
}

/// Decides whether something may be made or grow: false refuses. It runs on the thread that uses the
/// store, perhaps within a call of guest code, and may use the store, as a host function may; when
/// it makes the very object grow, the growth that it was asked about is refused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_limiter_t =
    Option<unsafe extern "C" fn(env: *mut c_void, growth: *const wasmrt_growth_t) -> bool>;

/// Sets how much the store may have from now on, in the place of former limits; NULL removes them.
/// What there is already stays. Instances, memories and tables beyond a limit are not made (NULL,
/// and for an instance a trap), growth beyond it is refused (-1 in guest code, false for the host),
/// and the last error names the limit. What is released counts no more once it has been collected;
/// a limit that is hit while no guest code is running collects. Nothing, with the last error set,
/// for a NULL store or a `struct_size` below that of the first field.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_set_limits(
    store: *mut wasm_store_t,
    limits: *const wasmrt_store_limits_t,
) {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let store = unsafe { store_of(store) }?;
        // SAFETY: NULL or valid as far as its first field says (C contract).
        store.limits.set(unsafe { read_limits(limits) }?);
        Ok(())
    });
}

/// # Safety
/// `limits` is NULL or points at as many bytes as its first field says.
unsafe fn read_limits(limits: *const wasmrt_store_limits_t) -> Result<Amounts, Error> {
    if limits.is_null() {
        return Ok(Amounts::UNLIMITED);
    }
    // SAFETY: as promised by the caller.
    let size = unsafe { (&raw const (*limits).struct_size).read() };
    if size < size_of::<usize>() {
        return Err(Error::argument("struct_size of the limits is not set"));
    }
    let field = |offset: usize| {
        if offset + size_of::<u64>() > size {
            return u64::MAX;
        }
        // SAFETY: within the size that the caller has given.
        unsafe { limits.byte_add(offset).cast::<u64>().read() }
    };
    Ok(Amounts {
        memories: field(offset_of!(wasmrt_store_limits_t, memories)),
        tables: field(offset_of!(wasmrt_store_limits_t, tables)),
        instances: field(offset_of!(wasmrt_store_limits_t, instances)),
        bytes: field(offset_of!(wasmrt_store_limits_t, bytes)),
        elements: field(offset_of!(wasmrt_store_limits_t, elements)),
    })
}

/// From now on `limiter` is asked, with `env`, before a memory or table of the store is made or
/// grows, if its type, the engine and the store's limits allow it. It replaces the former one; NULL
/// asks nobody. The finalizer, if any, runs with `env` once: when another limiter is set and this
/// one is not running, when the store is deleted, or at once if nothing is set because the store is
/// NULL (then the last error is set) or the limiter is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_set_limiter(
    store: *mut wasm_store_t,
    limiter: wasmrt_limiter_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) {
    let env = Environment::new(env, finalizer);
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let store = unsafe { store_of(store) }?;
        let _busy = store.busy();
        store.limits.set_limiter(limiter.map(|limiter| -> Limiter {
            Rc::new(move |growth| {
                // SAFETY: the embedder's function of the declared prototype, with its own environment.
                unsafe { limiter(env.data(), &describe(growth)) }
            })
        }));
        Ok(())
    });
}

fn describe(growth: &Growth<'_>) -> wasmrt_growth_t {
    wasmrt_growth_t {
        struct_size: size_of::<wasmrt_growth_t>(),
        object: growth.object.map_or(ptr::null(), |header| ptr::from_ref(header).cast()),
        kind: growth.kind as u32,
        current: growth.current,
        desired: growth.desired,
        maximum: growth.maximum.unwrap_or(u64::MAX),
    }
}
