//! The functions of `wasm.h` that this library calls, and the types in them. A test compares them with the header.

#![allow(non_camel_case_types, reason = "the names of the header")]

#[repr(C)]
pub struct wasm_byte_vec_t {
    pub size: usize,
    pub data: *mut u8,
}

impl wasm_byte_vec_t {
    pub const EMPTY: wasm_byte_vec_t = wasm_byte_vec_t { size: 0, data: std::ptr::null_mut() };
}

pub type wasm_message_t = wasm_byte_vec_t;

unsafe extern "C" {
    pub fn wasm_byte_vec_new(out: *mut wasm_byte_vec_t, size: usize, data: *const u8);
}
