//! Floats and vectors.

use super::assembler::Assembler;
use super::instruction::Instruction;
use super::operand::{Mem, Reg, Width, Xmm};

impl Assembler {
    pub fn load_float(&mut self, width: Width, to: Xmm, from: Mem) {
        let prefix = float_prefix(width);
        self.emit(Instruction::prefixed_mem(prefix, Width::B32, &[0x0f, 0x10], to.0, from));
    }

    pub fn store_float(&mut self, width: Width, to: Mem, from: Xmm) {
        let prefix = float_prefix(width);
        self.emit(Instruction::prefixed_mem(prefix, Width::B32, &[0x0f, 0x11], from.0, to));
    }

    /// 16 bytes, aligned or not.
    pub fn load_vector(&mut self, to: Xmm, from: Mem) {
        self.emit(Instruction::mem(Width::B32, &[0x0f, 0x10], to.0, from));
    }

    pub fn store_vector(&mut self, to: Mem, from: Xmm) {
        self.emit(Instruction::mem(Width::B32, &[0x0f, 0x11], from.0, to));
    }

    pub fn move_vector(&mut self, to: Xmm, from: Xmm) {
        self.emit(Instruction::reg(Width::B32, &[0x0f, 0x28], to.0, from.0));
    }

    /// Sets all bits to zero.
    pub fn clear_vector(&mut self, to: Xmm) {
        self.emit(Instruction::reg(Width::B32, &[0x0f, 0x57], to.0, to.0));
    }

    /// The low bits of a vector register, with zeros above.
    pub fn move_to_vector(&mut self, width: Width, to: Xmm, from: Reg) {
        self.emit(Instruction::prefixed_reg(0x66, width, &[0x0f, 0x6e], to.0, from.0));
    }

    pub fn move_from_vector(&mut self, width: Width, to: Reg, from: Xmm) {
        self.emit(Instruction::prefixed_reg(0x66, width, &[0x0f, 0x7e], from.0, to.0));
    }

    /// Adds four floats in memory to those in a register.
    pub fn add_floats(&mut self, to: Xmm, from: Mem) {
        self.emit(Instruction::mem(Width::B32, &[0x0f, 0x58], to.0, from));
    }

    /// Compares four words with those in memory: all ones where they are equal.
    pub fn cmp_lanes(&mut self, left: Xmm, right: Mem) {
        self.emit(Instruction::prefixed_mem(0x66, Width::B32, &[0x0f, 0x76], left.0, right));
    }

    /// The sign bits of four words.
    pub fn lane_signs(&mut self, to: Reg, from: Xmm) {
        self.emit(Instruction::reg(Width::B32, &[0x0f, 0x50], to.0, from.0));
    }

    /// Writes mode and flags of floating-point arithmetic.
    pub fn store_float_state(&mut self, to: Mem) {
        self.emit(Instruction::mem(Width::B32, &[0x0f, 0xae], 3, to));
    }
}

fn float_prefix(width: Width) -> u8 {
    match width {
        Width::B32 => 0xf3,
        Width::B64 => 0xf2,
    }
}
