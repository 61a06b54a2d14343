//! Running programs: their start, and their exit codes.

use super::{Reason, SHORT, guard, take_engine_error};
use crate::bindings::*;
use crate::exit;
use std::ptr;

/// Whether a trap (borrowed) is the end of a guest that called `proc_exit`. If so, writes its exit code to
/// `code`, which may be NULL. Copies of the trap say the same. False for other traps, for NULL, and after
/// the store has been deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_exit_code(trap: *const wasm_trap_t, code: *mut u32) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let Some(found) = (unsafe { exit::code(trap) }) else { return Ok(false) };
        if !code.is_null() {
            // SAFETY: valid for writes (C contract).
            unsafe { code.write(found) };
        }
        Ok(true)
    })
}

/// Starts an instance (borrowed): calls what it exports as `_start` if it is a command, or as
/// `_initialize` if it is a reactor, whose other exports may be called afterwards; nothing if it exports
/// neither. A command may be started once.
///
/// NULL if the guest has ended or called `proc_exit`; its exit code, 0 in the first case, is written to
/// `code`, which may be NULL. Otherwise the trap that ended it, owned by the caller; `code` stays
/// unchanged. A trap also if the guest was not called, because the instance is NULL, its store has been
/// deleted, or memory is short; the last error has the reason.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_start(
    instance: *const wasm_instance_t,
    code: *mut u32,
) -> *mut wasm_trap_t {
    // SAFETY: NULL or valid (C contract).
    unsafe { hand_out(guard(|| run(instance).map(Some)), code) }
}

/// What the caller gets. If it is not known how the guest has ended, or whether it was called at all, that is a trap too: NULL
/// would mean success.
///
/// # Safety
/// `code` is NULL or valid for writes.
unsafe fn hand_out(end: Option<End>, code: *mut u32) -> *mut wasm_trap_t {
    match end {
        Some(End::Exit(exit)) => {
            if !code.is_null() {
                // SAFETY: as promised by the caller.
                unsafe { code.write(exit) };
            }
            ptr::null_mut()
        }
        Some(End::Trap(trap)) => trap,
        // SAFETY: calling NULL is refused with a trap, which needs no memory.
        None => unsafe { call(ptr::null()) },
    }
}

/// How a guest ends.
enum End {
    Exit(u32),
    /// The trap is owned.
    Trap(*mut wasm_trap_t),
}

/// # Safety
/// `instance` is NULL or a handle.
unsafe fn run(instance: *const wasm_instance_t) -> Result<End, Reason> {
    // SAFETY: as promised by the caller.
    unsafe {
        let Some(start) = find_start(instance)? else { return Ok(End::Exit(0)) };
        let trap = call(wasm_extern_as_func(start));
        wasm_extern_delete(start);
        if trap.is_null() {
            return Ok(End::Exit(0));
        }
        let Some(code) = exit::code(trap) else { return Ok(End::Trap(trap)) };
        wasm_trap_delete(trap);
        Ok(End::Exit(code))
    }
}

/// What starts an instance, owned by the caller; none if it exports nothing of the kind.
///
/// # Safety
/// `instance` is NULL or a handle.
unsafe fn find_start(
    instance: *const wasm_instance_t,
) -> Result<Option<*mut wasm_extern_t>, Reason> {
    for name in ["_start", "_initialize"] {
        let name = wasm_name_t { size: name.len(), data: name.as_ptr().cast_mut() };
        // SAFETY: as promised by the caller; the name is borrowed.
        let export = unsafe { wasmrt_instance_export(instance, &name) };
        if !export.is_null() {
            return Ok(Some(export));
        }
        if take_engine_error() == Some(WASMRT_ERROR_OUT_OF_MEMORY) {
            return Err(SHORT);
        }
    }
    // An instance that is not alive has no exports either; asked for all of them, the engine says why.
    let mut exports = wasm_extern_vec_t::EMPTY;
    // SAFETY: as promised by the caller.
    unsafe {
        wasm_instance_exports(instance, &mut exports);
        wasm_extern_vec_delete(&mut exports);
    }
    match take_engine_error() {
        None => Ok(None),
        Some(WASMRT_ERROR_OUT_OF_MEMORY) => Err(SHORT),
        Some(_) => Err("the instance is NULL, or its store has been deleted".into()),
    }
}

/// Calls a function without parameters and results.
///
/// # Safety
/// `func` is NULL or a handle.
unsafe fn call(func: *const wasm_func_t) -> *mut wasm_trap_t {
    // SAFETY: as promised by the caller.
    unsafe { wasm_func_call(func, &wasm_val_vec_t::EMPTY, &mut { wasm_val_vec_t::EMPTY }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_not_taken_for_a_guest_that_has_ended() {
        let mut code = 7;
        let end = guard::<Option<End>>(|| panic!("on purpose, in this test"));
        // SAFETY: the place is valid, and the trap ours.
        unsafe {
            let trap = hand_out(end, &mut code);
            assert!(!trap.is_null() && code == 7);
            wasm_trap_delete(trap);
        }
    }
}
