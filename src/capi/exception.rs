//! Exceptions at the boundary: traps that carry a tag and values.

use super::global::lower;
use super::guard::guard;
use super::handle::write_out;
use super::objects::{live, live_header, own, share_extern};
use super::store::store_of;
use super::types::*;
use super::wasmrt_val::wasmrt_val_t;
use crate::abi::value::WideVal;
use crate::error::Error;
use crate::runtime::references::lift_reference;
use crate::runtime::tag::Tag;
use std::ptr;

/// Makes an exception with a tag and `n` values, one for each parameter of the tag, all borrowed. The
/// result is a trap, owned by the caller: a host function that returns it throws the exception in the
/// guest code that called. NULL if an argument is NULL, the tag is not one of the store, the values do not fit, or
/// memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_exception_new(
    store: *mut wasm_store_t,
    tag: *const wasm_extern_t,
    payload: *const wasmrt_val_t,
    n: usize,
) -> *mut wasm_trap_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, (header, _)) = unsafe { (store_of(store)?, live_header(tag)?) };
        let tag = header.downcast::<Tag>().ok_or_else(|| Error::argument("not a tag"))?;
        if !store.owns(header) {
            return Err(Error::argument("the tag belongs to another store"));
        }
        let params = &tag.ty.params;
        if n != params.len() || (payload.is_null() && n > 0) {
            let text = format!("{n} values for a tag with {} parameters", params.len());
            return Err(Error::argument(text));
        }
        let mut cells = Vec::new();
        cells.try_reserve_exact(n)?;
        for (i, ty) in params.iter().enumerate() {
            // SAFETY: the array has `n` values (C contract); a `wasmrt_val_t` is a `WideVal`.
            cells.push(unsafe { lower::<WideVal>(store, *ty, payload.add(i).cast()) }?);
        }
        let _busy = store.make_room();
        let exception = store.new_exception(tag, cells.into_boxed_slice())?;
        let trap = store.exception_trap(exception);
        crate::runtime::object::give_up_root(exception.header_ptr());
        Ok(own(trap))
    })
}

/// Returns whether the trap carries an exception. If so, makes `tag` its tag, owned by the caller,
/// unless that is NULL, and writes the first `capacity` of the values to `payload`; references in them are
/// owned by the caller. If not, `tag` becomes NULL and nothing else is written. The type of the tag says how
/// many values there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_trap_exception(
    trap: *const wasm_trap_t,
    tag: *mut *mut wasm_extern_t,
    payload: *mut wasmrt_val_t,
    capacity: usize,
) -> bool {
    // SAFETY: NULL or valid for writes (C contract).
    unsafe { write_out(tag, ptr::null_mut()) };
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let (trap, _) = unsafe { live(trap) }?;
        let Some(exception) = trap.exception() else { return Ok(false) };
        if !tag.is_null() {
            // SAFETY: NULL or valid for writes (C contract).
            unsafe { write_out(tag, share_extern(exception.tag.header_ptr())) };
        }
        let capacity = if payload.is_null() { 0 } else { capacity };
        for (i, (ty, mut value)) in exception.values().enumerate().take(capacity) {
            if ty.is_ref() {
                value.bits = lift_reference(ty, value.bits);
            }
            // SAFETY: room for `capacity` values (C contract); a `wasmrt_val_t` is a `WideVal`.
            unsafe { payload.cast::<WideVal>().add(i).write(value) };
        }
        Ok(true)
    })
}
