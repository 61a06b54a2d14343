//! Why a function of this library failed.

use super::{guard, room};
use crate::bindings::{wasm_byte_vec_new, wasm_message_t};
use crate::last_error;

/// Makes `out` the text of the calling thread's last error in this library, ending in a NUL, and clears
/// it. The caller owns `out` and deletes it with `wasm_name_delete`. Empty if there is none or memory is
/// short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_last_error(out: *mut wasm_message_t) {
    guard(|| {
        if out.is_null() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        if let Some(text) = last_error::take().filter(|_| room().is_ok())
            && bytes.try_reserve_exact(text.len() + 1).is_ok()
        {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
        }
        // SAFETY: valid for writes (C contract).
        unsafe { wasm_byte_vec_new(out, bytes.len(), bytes.as_ptr()) };
        Ok(())
    });
}
