//! Stopping guest code: fuel, deadlines, and `wasmrt_interrupt_t`.

use super::guard::guard;
use super::handle::{Owned, give, take, write_out};
use super::objects::own;
use super::store::store_of;
use super::types::*;
use crate::error::Error;
use crate::runtime::metering::Interrupt;
use crate::runtime::trap::Message;
use std::ptr;
use std::sync::Arc;
use std::time::Instant;

/// A handle that stops the guest code of one store, from any thread. It may outlive the store.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub struct wasmrt_interrupt_t {
    state: Arc<Interrupt>,
}

impl Owned for wasmrt_interrupt_t {}

/// Sets the fuel of the store, replacing what it had. An instruction costs about one unit. Fuel is
/// taken at each call of a function and each iteration of a loop, for the instructions that follow;
/// bulk instructions also pay by length. The same code with the same input always consumes the same
/// amount. If too little is left, the running call traps (`WASMRT_TRAP_OUT_OF_FUEL`) and nothing is
/// left; a call that ends before its next loop iteration or function call may still complete. Fuel
/// may be set at any time, also by host functions. As long as it was never set, it is unlimited.
///
/// Fuel, deadlines, interrupts and profiles need metered code: one of them must be requested before the
/// store's first instance is made. False, with the last error set and no change, if it is too late
/// for that or the store is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_set_fuel(store: *mut wasm_store_t, units: u64) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        unsafe { store_of(store) }?.set_fuel(units)?;
        Ok(true)
    })
}

/// Writes the remaining fuel to `out`, which may be NULL. False, with `*out` 0 and the last error
/// set, if the fuel was never set or the store is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_fuel(store: *const wasm_store_t, out: *mut u64) -> bool {
    // SAFETY: NULL or valid for writes (C contract).
    unsafe { write_out(out, 0) };
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let left = unsafe { store_of(store) }?.fuel();
        let left = left.ok_or_else(|| {
            Error::argument("the store has no fuel: wasmrt_store_set_fuel was never called")
        })?;
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, left) };
        Ok(true)
    })
}

/// Sets a deadline, replacing the former one: after so many nanoseconds, all calls of the store's
/// guest code trap (`WASMRT_TRAP_DEADLINE`), running ones and new ones, until the deadline is
/// replaced. 0 removes the deadline. The time starts when guest code is next entered (including
/// start functions), so compiling does not count; if guest code is running, it starts now. Guest
/// code stops within some tens of microseconds of processor time, or when a host function or a
/// single bulk instruction returns. A deadline may be set at any time, also by host functions, and
/// in a process that has forked. False, with the last error set and no change, if this is the first
/// request and the store already has an instance (see `wasmrt_store_set_fuel`) or the store is
/// NULL.
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

/// For host functions that wait, in `poll` for example: tells them when the guest that called has to stop.
/// If it has to stop now, returns the trap (`WASMRT_TRAP_INTERRUPTED` or `WASMRT_TRAP_DEADLINE`), owned by
/// the caller, which the host function returns; an interrupt is thereby consumed. Otherwise returns NULL,
/// and the host function may wait: at most for `*nanoseconds` (`UINT64_MAX`: without limit), and only
/// until `*fd`, which belongs to the engine, becomes readable (-1: there is no need to look). If it has then
/// not got what it waits for, it asks again. Nothing must be read from `*fd`. It is valid as long as the
/// store.
///
/// NULL, with -1, `UINT64_MAX` and the last error set, if the store is NULL. `fd` and `nanoseconds` may be
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_pending(
    store: *mut wasm_store_t,
    fd: *mut i32,
    nanoseconds: *mut u64,
) -> *mut wasm_trap_t {
    let (mut descriptor, mut left) = (-1, u64::MAX);
    let trap = guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let store = unsafe { store_of(store) }?;
        match store.watch() {
            Ok((alarm, found)) => {
                descriptor = found.unwrap_or(-1);
                left = alarm.map_or(u64::MAX, nanoseconds_until);
                Ok(ptr::null_mut())
            }
            Err(code) => Ok(own(store.trap_or_emergency(Message::Code(code)))),
        }
    });
    // SAFETY: NULL or valid for writes (C contract).
    unsafe {
        write_out(fd, descriptor);
        write_out(nanoseconds, left);
    }
    trap
}

fn nanoseconds_until(end: Instant) -> u64 {
    let left = end.saturating_duration_since(Instant::now());
    u64::try_from(left.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns a handle with which calls of the store can be interrupted, owned by the caller. All
/// handles of a store are equivalent. NULL, with the last error set, if this is the first request
/// and the store already has an instance (see `wasmrt_store_set_fuel`), memory is short, or the
/// store is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_interrupt_new(store: *mut wasm_store_t) -> *mut wasmrt_interrupt_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let state = unsafe { store_of(store) }?.interrupt()?;
        give(wasmrt_interrupt_t { state })
    })
}

/// Makes the running call of the store trap (`WASMRT_TRAP_INTERRUPTED`), the innermost one if host
/// functions have called back. If no call is running, the next one traps. Several interrupts before
/// that count as one. Guest code stops as fast as with a deadline. May be called on any thread and
/// in signal handlers. Does nothing after the store has been deleted, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_interrupt_fire(interrupt: *const wasmrt_interrupt_t) {
    // No guard: nothing here can panic, and a signal handler must not touch thread-locals.
    // SAFETY: NULL or a handle (C contract).
    if let Some(interrupt) = unsafe { interrupt.as_ref() } {
        // Whoever is woken may delete the handle and the store before this is over.
        interrupt.state.clone().fire();
    }
}

/// Withdraws an interrupt that has not stopped a call yet. True if there was one; false otherwise
/// and for NULL. May be called on any thread and in signal handlers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_interrupt_clear(interrupt: *const wasmrt_interrupt_t) -> bool {
    // SAFETY: NULL or a handle (C contract).
    unsafe { interrupt.as_ref() }.is_some_and(|interrupt| interrupt.state.clear())
}

/// Deletes a handle; interrupts that were fired with it remain. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_interrupt_delete(interrupt: *mut wasmrt_interrupt_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(interrupt) })));
}
