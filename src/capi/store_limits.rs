//! `wasmrt_store_set_limits` and `wasmrt_store_set_limiter`: limits of a store.

use super::guard::guard;
use super::handle::read_sized;
use super::store::store_of;
use super::types::*;
use crate::runtime::environment::Environment;
use crate::runtime::limits::{Amounts, Growth, Limiter};
use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;

/// Limits of a store, for all its objects together that have not been released. `UINT64_MAX` means
/// no limit; start from `WASMRT_STORE_LIMITS_INIT`.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmrt_store_limits_t {
    /// `sizeof(wasmrt_store_limits_t)`, set by the caller. Fields beyond this size are not limited.
    pub struct_size: usize,
    /// Number of memories.
    pub memories: u64,
    /// Number of tables.
    pub tables: u64,
    /// Number of instances.
    pub instances: u64,
    /// Number of bytes in all memories.
    pub bytes: u64,
    /// Number of elements in all tables.
    pub elements: u64,
}

/// Describes a memory or table that is about to be made or to grow. Sizes are in bytes for a
/// memory, in elements for a table.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmrt_growth_t {
    /// The size of the struct in the library's version of the header.
    pub struct_size: usize,
    /// The object that grows (a view, not owned); NULL if it is being made.
    pub object: *const wasm_extern_t,
    /// `WASM_EXTERN_MEMORY` or `WASM_EXTERN_TABLE`.
    pub kind: u32,
    /// The current size; 0 if it is being made.
    pub current: u64,
    /// The requested size.
    pub desired: u64,
    /// The maximum of its type; `UINT64_MAX` if there is none.
    pub maximum: u64,
}

/// Decides whether a memory or table may be made or grow; false refuses. It runs on the thread that
/// uses the store, possibly within a call of guest code, and may use the store as a host function
/// may. If it makes the same object grow, the growth that it was asked about is refused.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_limiter_t =
    Option<unsafe extern "C" fn(env: *mut c_void, growth: *const wasmrt_growth_t) -> bool>;

/// Sets the limits of the store, replacing earlier ones. `limits` is borrowed; NULL removes all
/// limits. Existing objects are not affected. If a limit would be exceeded, an instance, memory or
/// table is not made (NULL, and a trap for an instance), growth is refused (-1 in guest code, false
/// for the host), and the last error names the limit. Released objects count until they are
/// collected; reaching a limit while neither guest code nor a finalizer runs starts a collection. If the store is
/// NULL, or `struct_size` is less than the size of that field, only the last error is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_set_limits(
    store: *mut wasm_store_t,
    limits: *const wasmrt_store_limits_t,
) {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let store = unsafe { store_of(store) }?;
        // SAFETY: NULL or valid as far as its first field says (C contract).
        store.limits.set(unsafe { read_sized(limits, UNLIMITED) }?.into());
        Ok(())
    });
}

const UNLIMITED: wasmrt_store_limits_t = wasmrt_store_limits_t {
    struct_size: 0,
    memories: u64::MAX,
    tables: u64::MAX,
    instances: u64::MAX,
    bytes: u64::MAX,
    elements: u64::MAX,
};

impl From<wasmrt_store_limits_t> for Amounts {
    fn from(limits: wasmrt_store_limits_t) -> Amounts {
        let wasmrt_store_limits_t { memories, tables, instances, bytes, elements, .. } = limits;
        Amounts { memories, tables, instances, bytes, elements }
    }
}

/// Sets a function that is asked, with `env`, before a memory or table of the store is made or
/// grows, provided that its type, the engine and the limits of the store allow it. It replaces the
/// former limiter; NULL means none.
///
/// The finalizer, which may be NULL, runs once with `env`: when another limiter has been set and
/// this one is not running, when the store is deleted, or immediately if `limiter` or the store is
/// NULL. If the store is NULL, the last error is set.
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
