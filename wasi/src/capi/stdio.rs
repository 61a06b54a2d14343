//! What guests have as standard input, output and error.

use super::wasi::{set, wasmrt_wasi_t};
use crate::stdio::Stdio;

/// The streams that every program has.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
pub enum wasmrt_wasi_stream_enum {
    /// Standard input.
    WASMRT_WASI_STDIN = 0,
    /// Standard output.
    WASMRT_WASI_STDOUT = 1,
    /// Standard error.
    WASMRT_WASI_STDERR = 2,
}

/// One of the `WASMRT_WASI_STD...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_wasi_stream_t = u32;

/// Makes the standard input, output and error of the host's process those of guests. False, with the
/// reason as last error, if the context is NULL or a module was bound to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_inherit_stdio(wasi: *mut wasmrt_wasi_t) -> bool {
    // SAFETY: NULL or a context (C contract).
    unsafe {
        set(wasi, |config| {
            config.stdio = [const { Stdio::Inherited }; 3];
            Ok(())
        })
    }
}
