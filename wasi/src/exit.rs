//! The trap with which `proc_exit` ends a guest, and how a host recognizes it.
//!
//! The exit code is in the trap's host info, a word that only code of the host can set and that copies of the trap
//! have as well. The upper half of the word is a mark: no address of the machine has these bits, so no other
//! library's pointer is taken for a code.

use crate::bindings::*;
use crate::call::Call;
use std::io::Write as _;
use std::ptr;

const MARK: u64 = 0x57a5_1e17_0000_0000;

/// A trap that carries an exit code, or one that says that memory is short.
pub fn trap(call: &Call, code: u32) -> *mut wasm_trap_t {
    // Not on the heap: a guest may end because memory is short.
    let mut text = [0; 64];
    let mut rest = &mut text[..];
    let _ = write!(rest, "the guest ended with exit code {code}");
    let len = 64 - rest.len();
    let trap = call.trap(str::from_utf8(&text[..len]).unwrap_or_default());
    // SAFETY: NULL or our own handle.
    unsafe {
        // Without memory this is a trap that the store shares out.
        if wasmrt_trap_code(trap) == WASMRT_TRAP_NONE {
            let info = ptr::without_provenance_mut((MARK | u64::from(code)) as usize);
            wasm_trap_set_host_info(trap, info);
        }
    }
    trap
}

/// The exit code that a trap carries.
///
/// # Safety
/// `trap` is NULL or a handle.
pub unsafe fn code(trap: *const wasm_trap_t) -> Option<u32> {
    if trap.is_null() {
        return None;
    }
    // SAFETY: as promised by the caller.
    let info = unsafe { wasm_trap_get_host_info(trap) }.addr() as u64;
    (info & !u64::from(u32::MAX) == MARK).then_some(info as u32)
}
