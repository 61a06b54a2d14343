//! A value as it crosses the C boundary: the layout of `wasm_val_t`.
//!
//! Entry and import stubs read and write arrays of these directly, so the layout is part of the
//! contract: a kind byte, seven bytes of padding, eight bytes of payload.

use super::vmctx::VmFunc;
use crate::types::ValType;
use std::mem::offset_of;

/// `wasm_val_t`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RawVal {
    /// One of the `KIND_*` numbers.
    pub kind: u8,
    /// Little-endian payload; 32-bit values in the lower half. References: an object's address.
    pub bits: u64,
}

pub const KIND_I32: u8 = 0;
pub const KIND_I64: u8 = 1;
pub const KIND_F32: u8 = 2;
pub const KIND_F64: u8 = 3;
/// Not a kind of the published header: such values cannot be held by a `wasm_val_t`.
pub const KIND_V128: u8 = 4;
pub const KIND_EXTERNREF: u8 = 128;
pub const KIND_FUNCREF: u8 = 129;

const _: () = {
    assert!(size_of::<RawVal>() == 16);
    assert!(offset_of!(RawVal, bits) == 8);
    assert!(align_of::<RawVal>() == 8);
    // A funcref in guest code is the address of a `VmFunc`: 8-aligned, never odd.
    assert!(align_of::<VmFunc>() == 8);
};

impl ValType {
    /// The kind by which `wasm.h` knows this type.
    pub fn kind(self) -> u8 {
        match self {
            ValType::I32 => KIND_I32,
            ValType::I64 => KIND_I64,
            ValType::F32 => KIND_F32,
            ValType::F64 => KIND_F64,
            ValType::V128 => KIND_V128,
            ValType::Ref(ty) if ty.is_func() => KIND_FUNCREF,
            ValType::Ref(_) => KIND_EXTERNREF,
        }
    }
}
