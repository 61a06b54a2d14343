//! Stopping guest code: fuel, deadlines, and `wasmrt_interrupt_t`.

use super::guard::guard;
use super::handle::{Owned, give, take, write_out};
use super::store::store_of;
use super::types::*;
use crate::error::Error;
use crate::runtime::metering::Interrupt;
use std::sync::Arc;

/// Stops the guest code of one store from anywhere. Outlives the store.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub struct wasmrt_interrupt_t {
    state: Arc<Interrupt>,
}

impl Owned for wasmrt_interrupt_t {}

/// Gives the store's guest code so many units of fuel, in the place of what it had. An instruction
/// costs about one: fuel is taken at each call of a function and each iteration of a loop for the
/// instructions ahead, bulk instructions pay by length besides, and the same code with the same input
/// always consumes the same. When not enough is left the running call ends with a trap
/// (`WASMRT_TRAP_OUT_OF_FUEL`) and nothing is left; a call that ends before its next loop iteration
/// or call is let through. May be called again at any time, also by host functions. Fuel that was
/// never set has no end.
///
/// Fuel, deadlines and interrupts need code that was made for them: one of the three must be asked
/// for before the store's first instance. False, with the last error set and no change, if it is too
/// late, or for a NULL store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_set_fuel(store: *mut wasm_store_t, units: u64) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        unsafe { store_of(store) }?.set_fuel(units)?;
        Ok(true)
    })
}

/// Writes how much fuel is left. False, with `*out` 0 and the last error set, if it was never set, or
/// for a NULL store; a NULL `out` is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_fuel(store: *const wasm_store_t, out: *mut u64) -> bool {
    // SAFETY: NULL or valid for writes (C contract).
    unsafe { write_out(out, 0) };
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let left = unsafe { store_of(store) }?.fuel();
        let left = left.ok_or_else(|| Error::argument("the store's fuel was never set"))?;
        // SAFETY: as above.
        unsafe { write_out(out, left) };
        Ok(true)
    })
}

/// From so many nanoseconds on, all calls of the store's guest code trap (`WASMRT_TRAP_DEADLINE`),
/// those that run and those that are made; 0 takes the deadline back. The time starts when guest code
/// is entered the next time, be it a start function, so compiling does not count; if some is running,
/// it starts now. The deadline replaces the former one and stays until it is replaced. Guest code notices within some tens of microseconds
/// of processor time, or when a host function or a single bulk instruction returns. May be called
/// again at any time, also by host functions; in a process that has forked, too. False, with the
/// last error set and no change, when asked for the first time after the store's first instance (see
/// `wasmrt_store_set_fuel`), or for a NULL store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_set_deadline(
    store: *mut wasm_store_t,
    nanoseconds: u64,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        unsafe { store_of(store) }?.set_deadline(nanoseconds)?;
        Ok(true)
    })
}

/// A handle by which the store's calls can be interrupted, owned by the caller. All handles of a
/// store stand for the same. NULL, with the last error set, when asked for the first time after the
/// store's first instance (see `wasmrt_store_set_fuel`), when memory is short, or for a NULL store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_interrupt_new(store: *mut wasm_store_t) -> *mut wasmrt_interrupt_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let state = unsafe { store_of(store) }?.interrupt()?;
        give(wasmrt_interrupt_t { state })
    })
}

/// Makes the call that is running in the store trap (`WASMRT_TRAP_INTERRUPTED`), the innermost if it
/// has called host functions that call back; if none is running, the next one. Several interrupts
/// before that are one. From any thread and from signal handlers, also after the store has been
/// deleted, when it does nothing. Guest code notices as with a deadline. Nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_interrupt_fire(interrupt: *const wasmrt_interrupt_t) {
    // No guard: nothing here can panic, and a signal handler must not touch thread-locals.
    // SAFETY: NULL or a handle (C contract).
    if let Some(interrupt) = unsafe { interrupt.as_ref() } {
        interrupt.state.fire();
    }
}

/// Takes an interrupt back that no call has met yet: true if there was one, false otherwise and for
/// NULL. From any thread and from signal handlers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_interrupt_clear(interrupt: *const wasmrt_interrupt_t) -> bool {
    // SAFETY: NULL or a handle (C contract).
    unsafe { interrupt.as_ref() }.is_some_and(|interrupt| interrupt.state.clear())
}

/// Deletes a handle; interrupts that it fired stay. Nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_interrupt_delete(interrupt: *mut wasmrt_interrupt_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(interrupt) })));
}
