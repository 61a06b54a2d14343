//! Values at the C boundary: the layouts of `wasm_val_t` and `wasmrt_val_t`.
//!
//! Entry and import stubs read and write arrays of these directly, so the layout is part of the contract: a kind
//! byte, seven bytes of padding, then the payload, which has eight bytes in the narrow value and sixteen in the
//! wide one, for a v128.

use crate::types::ValType;
use std::mem::{MaybeUninit, offset_of};
use std::ptr;

/// `wasm_val_t`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RawVal {
    /// One of the `KIND_*` numbers.
    pub kind: u8,
    /// Little-endian payload; 32-bit values in the lower half. For references, an object's address.
    pub bits: u64,
}

/// `wasmrt_val_t`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct WideVal {
    /// One of the `KIND_*` numbers.
    pub kind: u8,
    /// As in [`RawVal`]; the lower half of a v128.
    pub bits: u64,
    /// The upper half of a v128. C leaves it uninitialized in other values.
    high: MaybeUninit<u64>,
}

impl WideVal {
    pub fn new(kind: u8, bits: u128) -> WideVal {
        WideVal { kind, bits: bits as u64, high: MaybeUninit::new((bits >> 64) as u64) }
    }

    /// The whole payload.
    ///
    /// # Safety
    /// The value is a v128, or came from [`WideVal::new`].
    pub unsafe fn wide_bits(&self) -> u128 {
        // SAFETY: as promised by the caller.
        u128::from(unsafe { self.high.assume_init() }) << 64 | u128::from(self.bits)
    }
}

/// `wasm_val_vec_t`.
#[repr(C)]
pub struct RawValVec {
    pub size: usize,
    pub data: *mut RawVal,
}

impl RawValVec {
    pub const EMPTY: RawValVec = RawValVec { size: 0, data: ptr::null_mut() };
}

/// Arrays of values that are lent to host functions begin at this distance after a multiple of 16. The C allocator
/// aligns blocks for values to 16, so no array that a vector owns begins there, and the address alone distinguishes
/// the two: on every stack and thread, and in every copy of the vector.
pub const LENT_OFFSET: usize = 8;

/// Whether an array of values is lent by the library, so that it must not be freed.
pub fn is_lent<V>(values: *const V) -> bool {
    values.addr() % 16 == LENT_OFFSET
}

/// The values in an array.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Values {
    /// [`RawVal`]
    Narrow,
    /// [`WideVal`]
    Wide,
}

impl Values {
    /// The distance in bytes between values.
    pub fn stride(self) -> i32 {
        match self {
            Values::Narrow => size_of::<RawVal>() as i32,
            Values::Wide => size_of::<WideVal>() as i32,
        }
    }

    /// Whether values of the type fit.
    pub fn hold(self, ty: ValType) -> bool {
        self == Values::Wide || ty != ValType::V128
    }
}

/// What both value types have in common.
pub trait Value: Copy {
    const VALUES: Values;
    const ZERO: Self;
    fn kind(&self) -> u8;
    /// The payload of any value but a v128.
    fn bits(&self) -> u64;
    /// Sets kind and payload; the upper half of a wide value is not changed.
    fn set(&mut self, kind: u8, bits: u64);
    /// The payload of any value, as a global's cell holds it.
    ///
    /// # Safety
    /// The value was initialized by C according to its kind.
    unsafe fn cell_bits(&self) -> u128;
}

impl Value for RawVal {
    const VALUES: Values = Values::Narrow;
    const ZERO: RawVal = RawVal { kind: 0, bits: 0 };
    fn kind(&self) -> u8 {
        self.kind
    }
    fn bits(&self) -> u64 {
        self.bits
    }
    fn set(&mut self, kind: u8, bits: u64) {
        *self = RawVal { kind, bits };
    }
    unsafe fn cell_bits(&self) -> u128 {
        self.bits.into()
    }
}

impl Value for WideVal {
    const VALUES: Values = Values::Wide;
    const ZERO: WideVal = WideVal { kind: 0, bits: 0, high: MaybeUninit::new(0) };
    fn kind(&self) -> u8 {
        self.kind
    }
    fn bits(&self) -> u64 {
        self.bits
    }
    fn set(&mut self, kind: u8, bits: u64) {
        (self.kind, self.bits) = (kind, bits);
    }
    unsafe fn cell_bits(&self) -> u128 {
        match self.kind {
            // SAFETY: a v128 is initialised as a whole.
            KIND_V128 => unsafe { self.wide_bits() },
            _ => self.bits.into(),
        }
    }
}

pub const KIND_I32: u8 = 0;
pub const KIND_I64: u8 = 1;
pub const KIND_F32: u8 = 2;
pub const KIND_F64: u8 = 3;
/// Not a kind of the published header: a `wasm_val_t` cannot hold such values.
pub const KIND_V128: u8 = 4;
pub const KIND_EXTERNREF: u8 = 128;
pub const KIND_FUNCREF: u8 = 129;

/// The name of a kind in the text format.
pub fn kind_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        KIND_I32 => "i32",
        KIND_I64 => "i64",
        KIND_F32 => "f32",
        KIND_F64 => "f64",
        KIND_V128 => "v128",
        KIND_EXTERNREF => "externref",
        KIND_FUNCREF => "funcref",
        _ => return None,
    })
}

const _: () = {
    assert!(size_of::<RawVal>() == 16);
    assert!(offset_of!(RawVal, bits) == 8);
    assert!(align_of::<RawVal>() == 8);
    assert!(size_of::<RawValVec>() == 16 && offset_of!(RawValVec, data) == 8);
    assert!(size_of::<WideVal>() == 24 && align_of::<WideVal>() == 8);
    assert!(offset_of!(WideVal, bits) == 8 && offset_of!(WideVal, high) == 16);
};

impl ValType {
    /// The kind of this type in `wasm.h`.
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
