//! Modules from the text format.

use super::names::{taken, taken_text};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use wasmrt::capi::bytes::wasm_byte_vec_t;
use wasmrt_wat::capi::wat::*;

/// The binary of a text; otherwise what is wrong: `LINE:COLUMN: WHAT`, and a drawing of the line below.
pub fn assemble(text: &[u8]) -> Result<Vec<u8>, String> {
    result(|out, error| {
        // SAFETY: a text of so many bytes, and room for the results.
        unsafe { wasmrt_wat2wasm(text.as_ptr().cast(), text.len(), out.cast(), error.cast()) }
    })
}

/// As [`assemble`], from a file, whose lines backtraces will name. Messages begin with the path.
pub fn assemble_file(path: &OsStr) -> Result<Vec<u8>, String> {
    let path = CString::new(path.as_bytes()).map_err(|_| "a path contains a NUL".to_owned())?;
    result(|out, error| {
        // SAFETY: a path, and room for the results. Both libraries lay out vectors as `wasm.h` does.
        unsafe { wasmrt_wat2wasm_file(path.as_ptr(), out.cast(), error.cast()) }
    })
}

fn result(
    make: impl FnOnce(*mut wasm_byte_vec_t, *mut wasm_byte_vec_t) -> bool,
) -> Result<Vec<u8>, String> {
    let (mut binary, mut made) = (Vec::new(), false);
    let error = taken_text(|error| binary = taken(|out| made = make(out, error)));
    if made { Ok(binary) } else { Err(error) }
}
