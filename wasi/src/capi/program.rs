//! Running programs: their start, and their exit codes.

use super::guard;
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
/// unchanged. A trap also if the instance is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_start(
    instance: *const wasm_instance_t,
    code: *mut u32,
) -> *mut wasm_trap_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        unsafe {
            let trap = call_start(instance);
            let ended = if trap.is_null() { Some(0) } else { exit::code(trap) };
            let Some(ended) = ended else { return Ok(trap) };
            wasm_trap_delete(trap);
            if !code.is_null() {
                code.write(ended);
            }
            Ok(ptr::null_mut())
        }
    })
}

/// # Safety
/// `instance` is NULL or a handle.
unsafe fn call_start(instance: *const wasm_instance_t) -> *mut wasm_trap_t {
    for name in ["_start", "_initialize"] {
        let name = wasm_name_t { size: name.len(), data: name.as_ptr().cast_mut() };
        // SAFETY: as promised by the caller; the name is borrowed.
        unsafe {
            let export = wasmrt_instance_export(instance, &name);
            if export.is_null() {
                continue;
            }
            let func = wasm_extern_as_func(export);
            let trap = wasm_func_call(func, &wasm_val_vec_t::EMPTY, &mut { wasm_val_vec_t::EMPTY });
            wasm_extern_delete(export);
            return trap;
        }
    }
    if instance.is_null() {
        // SAFETY: NULL is refused with a trap.
        return unsafe {
            wasm_func_call(ptr::null(), &wasm_val_vec_t::EMPTY, &mut { wasm_val_vec_t::EMPTY })
        };
    }
    ptr::null_mut()
}
