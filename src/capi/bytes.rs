//! `wasm_byte_vec_t`: bytes, names and messages.

use super::vec::{CVec, Element, collect, elements, vector};
use crate::error::Error;
use std::ffi::{CStr, c_char};

/// A byte: plain `char`, as in the published header.
#[allow(non_camel_case_types, reason = "published name")]
pub type wasm_byte_t = c_char;
/// UTF-8 text with a length. In every non-empty byte vector that the library makes, a NUL follows
/// the last byte; `size` does not count it.
#[allow(non_camel_case_types, reason = "published name")]
pub type wasm_name_t = wasm_byte_vec_t;
/// Text that ends in a NUL, which `size` counts.
#[allow(non_camel_case_types, reason = "published name")]
pub type wasm_message_t = wasm_name_t;

impl Element for wasm_byte_t {
    const NEUTRAL: wasm_byte_t = 0;
    /// A NUL, for programs that read a name as a C string.
    const SPARE: usize = 1;
    fn copy(&self) -> Option<wasm_byte_t> {
        Some(*self)
    }
    fn delete(self) {}
}

vector! {
    wasm_byte_vec_t of wasm_byte_t:
    wasm_byte_vec_new_empty wasm_byte_vec_new_uninitialized wasm_byte_vec_new
    wasm_byte_vec_copy wasm_byte_vec_delete
}

/// The bytes of a vector that the caller passed.
///
/// # Safety
/// `vec` is NULL or points at an initialised vector, whose data is valid for its size.
pub unsafe fn bytes<'a>(vec: *const wasm_byte_vec_t) -> Result<&'a [u8], Error> {
    // SAFETY: NULL or a valid vector (C contract).
    let bytes = unsafe { elements(vec) }?;
    // SAFETY: `char` and `u8` have one layout.
    Ok(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) })
}

/// The bytes of a C string, without its NUL.
///
/// # Safety
/// `text` is NULL or ends in a NUL.
pub unsafe fn c_string<'a>(text: *const c_char) -> Result<&'a [u8], Error> {
    if text.is_null() {
        return Err(Error::argument("a string is NULL"));
    }
    // SAFETY: as promised by the caller.
    Ok(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// A name vector with the bytes of `text`.
pub fn name(text: &str) -> Result<wasm_name_t, Error> {
    collect(text.bytes().map(|b| Some(b as wasm_byte_t)))
}

/// A copy of `text`, unless `out` is NULL.
pub fn copy_for(out: *mut wasm_byte_vec_t, text: &[u8]) -> Result<wasm_byte_vec_t, Error> {
    if out.is_null() {
        return Ok(wasm_byte_vec_t::EMPTY);
    }
    collect(text.iter().map(|b| Some(*b as wasm_byte_t)))
}

/// A name that an object lends: even an empty one can be read as a C string.
pub fn lent_name(text: &[u8]) -> Result<wasm_name_t, Error> {
    let mut buffer = ByteBuffer::zeroed(text.len())?;
    buffer.as_mut().copy_from_slice(text);
    Ok(buffer.into_vec())
}

/// A message: the bytes and one NUL.
pub fn message(text: &[u8]) -> Result<wasm_message_t, Error> {
    collect((0..text.len() + 1).map(|i| Some(text.get(i).map_or(0, |b| *b as wasm_byte_t))))
}

/// A buffer for a byte vector, zeroed and followed by a NUL even if it is empty. Dropping it frees it.
pub struct ByteBuffer {
    size: usize,
    data: *mut wasm_byte_t,
}

impl ByteBuffer {
    pub fn zeroed(size: usize) -> Result<ByteBuffer, Error> {
        // SAFETY: plain allocation.
        let data = unsafe { libc::calloc(size.saturating_add(1), 1) }.cast::<wasm_byte_t>();
        if data.is_null() { Err(Error::out_of_memory()) } else { Ok(ByteBuffer { size, data }) }
    }

    pub fn into_vec(self) -> wasm_byte_vec_t {
        let buffer = std::mem::ManuallyDrop::new(self);
        wasm_byte_vec_t { size: buffer.size, data: buffer.data }
    }
}

impl AsMut<[u8]> for ByteBuffer {
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: `size` initialised bytes that the buffer owns; `char` and `u8` have one layout.
        unsafe { std::slice::from_raw_parts_mut(self.data.cast(), self.size) }
    }
}

impl Drop for ByteBuffer {
    fn drop(&mut self) {
        // SAFETY: came from `calloc` and was given to nobody.
        unsafe { libc::free(self.data.cast()) };
    }
}
