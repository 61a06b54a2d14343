//! Why a function of this library failed.

use super::guard;
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
        let text = last_error::take().map(|text| text + "\0").unwrap_or_default();
        // SAFETY: valid for writes (C contract).
        unsafe { wasm_byte_vec_new(out, text.len(), text.as_ptr()) };
        Ok(())
    });
}
