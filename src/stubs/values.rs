//! Arrays of values as stubs see them: `wasm_val_t`, or the wider `wasmrt_val_t`.
//!
//! A stub is made for one of the two. They differ only in where values are, and in that the wider one holds a v128.

use crate::abi::value::Values;
use crate::asm::registers::FREE_XMM;
use crate::asm::x64::{Assembler, Mem, Reg, Width, Xmm};
use crate::types::ValType;

impl Values {
    /// The kind of the n-th value, with its padding.
    pub fn kind(self, base: Reg, n: usize) -> Mem {
        Mem(base, self.stride() * n as i32)
    }

    /// The payload of the n-th value.
    pub fn payload(self, base: Reg, n: usize) -> Mem {
        Mem(base, self.stride() * n as i32 + 8)
    }
}

/// The operand width for a value of this type.
pub fn width(ty: ValType) -> Width {
    match ty {
        ValType::I32 | ValType::F32 => Width::B32,
        _ => Width::B64,
    }
}

/// Loads a float or vector.
pub fn load_xmm(asm: &mut Assembler, ty: ValType, to: Xmm, from: Mem) {
    match ty {
        ValType::V128 => asm.load_vector(to, from),
        _ => asm.load_float(width(ty), to, from),
    }
}

/// Writes a float or vector as a payload.
pub fn store_xmm(asm: &mut Assembler, ty: ValType, to: Mem, from: Xmm) {
    match ty {
        ValType::V128 => asm.store_vector(to, from),
        _ => store_float(asm, ty, to, from),
    }
}

/// Moves a value of any type from memory to memory, 8 bytes or 16; `via` is overwritten.
pub fn copy(asm: &mut Assembler, ty: ValType, to: Mem, from: Mem, via: Reg) {
    if ty == ValType::V128 {
        asm.load_vector(FREE_XMM, from);
        asm.store_vector(to, FREE_XMM);
    } else {
        asm.load(width(ty), via, from);
        asm.store(to, via);
    }
}

/// Writes a zero.
pub fn clear(asm: &mut Assembler, values: Values, payload: Mem) {
    let Mem { base, displacement: at, .. } = payload;
    asm.store_const(Width::B64, Mem(base, at), 0);
    if values == Values::Wide {
        asm.store_const(Width::B64, Mem(base, at + 8), 0);
    }
}

/// Writes a float as a payload, upper half zero.
pub fn store_float(asm: &mut Assembler, ty: ValType, to: Mem, from: Xmm) {
    asm.store_float(width(ty), to, from);
    if width(ty) == Width::B32 {
        asm.store_const(Width::B32, to.plus(4), 0);
    }
}
