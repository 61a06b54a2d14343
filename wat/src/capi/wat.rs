//! Modules from text.

use crate::assemble::assemble;
use crate::bindings::*;
use std::ffi::{CStr, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::AtomicBool;
use wasmrt_process::panics::{catch, silence};

/// Makes `out` the binary of a module from its text (`size` bytes, borrowed; no NUL is needed), for
/// `wasm_module_new`. A binary, which begins with "\0asm", is copied. It is not validated. True on success,
/// with `error` empty; the caller owns `out` and deletes it with `wasm_byte_vec_delete`.
///
/// False on failure, with `out` empty: `error`, which may be NULL, becomes a message, owned by the caller,
/// that ends in a NUL, or stays empty if memory is short even for that. It begins with line and column,
/// both counted from 1, and shows the line:
///
///     3:14: unknown local: failed to find name `$x`
///         local.get $x
///                   ^
///
/// May be called on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wat2wasm(
    text: *const c_char,
    size: usize,
    out: *mut wasm_byte_vec_t,
    error: *mut wasm_message_t,
) -> bool {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        respond(out, error, || {
            if text.is_null() && size != 0 {
                return Err("the text is NULL".to_owned());
            }
            let text = if size == 0 { &[] } else { std::slice::from_raw_parts(text.cast(), size) };
            assemble(text, None)
        })
    }
}

/// As `wasmrt_wat2wasm`, with the contents of a file; `path` is borrowed. Messages begin with the path.
/// The module gets debug information, so that backtraces name file and line (see `wasmrt_frame_source`).
/// False also if the file cannot be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wat2wasm_file(
    path: *const c_char,
    out: *mut wasm_byte_vec_t,
    error: *mut wasm_message_t,
) -> bool {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        respond(out, error, || {
            if path.is_null() {
                return Err("the path is NULL".to_owned());
            }
            let path = OsStr::from_bytes(CStr::from_ptr(path).to_bytes());
            let name = path.to_string_lossy();
            let text = std::fs::read(path).map_err(|error| format!("{name}: {error}"))?;
            assemble(&text, Some(&name))
        })
    }
}

/// Hands out a binary, or the message that says why there is none.
///
/// # Safety
/// Both places are NULL or valid for writes.
unsafe fn respond(
    out: *mut wasm_byte_vec_t,
    error: *mut wasm_message_t,
    make: impl FnOnce() -> Result<Vec<u8>, String>,
) -> bool {
    static BEGUN: AtomicBool = AtomicBool::new(false);
    silence(&BEGUN, |_| false, |_| ());
    let made = catch(make).unwrap_or_else(|_| Err("internal error: a panic was caught".to_owned()));
    let (binary, message) = match made {
        _ if out.is_null() => (None, Some("there is no room for the binary".to_owned())),
        Ok(binary) => (Some(binary), None),
        Err(message) => (None, Some(message)),
    };
    // SAFETY: as promised by the caller.
    let has_binary = unsafe { write(out, binary) };
    let message = match (has_binary, &message) {
        (false, None) => Some("out of memory".to_owned()),
        _ => message,
    };
    // SAFETY: as promised by the caller.
    unsafe { write(error, message.map(|text| (text + "\0").into_bytes())) };
    has_binary
}

/// Writes a vector with the bytes, or an empty one; whether the bytes are there.
///
/// # Safety
/// `out` is NULL or valid for writes.
unsafe fn write(out: *mut wasm_byte_vec_t, bytes: Option<Vec<u8>>) -> bool {
    if out.is_null() {
        return false;
    }
    // SAFETY: not NULL, so valid for writes; the bytes are copied.
    unsafe {
        out.write(wasm_byte_vec_t::EMPTY);
        if let Some(bytes) = &bytes {
            wasm_byte_vec_new(out, bytes.len(), bytes.as_ptr());
        }
        bytes.is_some_and(|bytes| (*out).size == bytes.len())
    }
}
