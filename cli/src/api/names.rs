//! Names, messages and other vectors of bytes.

use std::ptr;
use wasmrt::capi::bytes::{wasm_byte_vec_delete, wasm_byte_vec_t};

/// Bytes lent to the engine for one call.
pub fn lend(bytes: &[u8]) -> wasm_byte_vec_t {
    wasm_byte_vec_t { size: bytes.len(), data: bytes.as_ptr().cast_mut().cast() }
}

/// What a function writes to a vector that it leaves to its caller.
pub fn taken(write: impl FnOnce(*mut wasm_byte_vec_t)) -> Vec<u8> {
    let mut vec = wasm_byte_vec_t { size: 0, data: ptr::null_mut() };
    write(&mut vec);
    let bytes = borrowed(&vec).to_vec();
    // SAFETY: our own vector, copied above.
    unsafe { wasm_byte_vec_delete(&mut vec) };
    bytes
}

/// As [`taken`], for text, without the NUL at the end of messages.
pub fn taken_text(write: impl FnOnce(*mut wasm_byte_vec_t)) -> String {
    let mut bytes = taken(write);
    if bytes.last() == Some(&0) {
        bytes.pop();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The bytes of a vector that somebody else owns.
pub fn borrowed(vec: &wasm_byte_vec_t) -> &[u8] {
    if vec.data.is_null() {
        return &[];
    }
    // SAFETY: a vector has as many bytes as it says.
    unsafe { std::slice::from_raw_parts(vec.data.cast(), vec.size) }
}
