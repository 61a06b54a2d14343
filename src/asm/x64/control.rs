//! Jumps, calls, returns and nops.

use super::assembler::{Assembler, Label};
use super::instruction::Instruction;
use super::operand::{Mem, Reg, Width};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Condition {
    /// Unsigned.
    Below = 2,
    /// Unsigned.
    AboveOrEqual = 3,
    NotEqual = 5,
    /// Signed.
    Less = 12,
}

impl Assembler {
    pub fn jump(&mut self, label: &mut Label) {
        self.emit_jump(&[0xe9], label);
    }

    pub fn jump_if(&mut self, condition: Condition, label: &mut Label) {
        self.emit_jump(&[0x0f, 0x80 | condition as u8], label);
    }

    pub fn jump_reg(&mut self, target: Reg) {
        self.emit(Instruction::reg(Width::B32, &[0xff], 4, target.0));
    }

    pub fn jump_mem(&mut self, target: Mem) {
        self.emit(Instruction::mem(Width::B32, &[0xff], 4, target));
    }

    pub fn call(&mut self, target: Reg) {
        self.emit(Instruction::reg(Width::B32, &[0xff], 2, target.0));
    }

    pub fn call_mem(&mut self, target: Mem) {
        self.emit(Instruction::mem(Width::B32, &[0xff], 2, target));
    }

    /// Returns and pops `bytes` of arguments.
    pub fn ret(&mut self, bytes: u16) {
        self.emit(match bytes {
            0 => Instruction::plain(&[0xc3]),
            _ => Instruction::plain(&[0xc2]).then(&bytes.to_le_bytes()),
        });
    }

    /// Emits nops up to a multiple of `alignment`, a power of two.
    pub fn align(&mut self, alignment: usize) {
        let mut missing = self.len().next_multiple_of(alignment) - self.len();
        while missing > 0 {
            let nop = NOPS[missing.min(NOPS.len()) - 1];
            self.append(nop);
            missing -= nop.len();
        }
    }
}

/// No-operation instructions of 1 to 9 bytes.
const NOPS: [&[u8]; 9] = [
    &[0x90],
    &[0x66, 0x90],
    &[0x0f, 0x1f, 0x00],
    &[0x0f, 0x1f, 0x40, 0x00],
    &[0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
    &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];
