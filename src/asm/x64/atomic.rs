//! Atomic instructions, on 1, 2, 4 or 8 bytes in memory.
//!
//! A register that receives less than 4 bytes keeps its other bits.

use super::assembler::Assembler;
use super::instruction::Instruction;
use super::operand::{Mem, Reg};

impl Assembler {
    /// Writes a register, which becomes the former value. Always atomic.
    pub fn exchange_mem(&mut self, bytes: u32, place: Mem, value: Reg) {
        self.emit(Instruction::sized_mem(bytes, &[0x86], &[0x87], value.0, place));
    }

    /// Adds a register, which becomes the former value.
    pub fn locked_add(&mut self, bytes: u32, place: Mem, value: Reg) {
        self.emit_locked(bytes, &[0x0f, 0xc0], &[0x0f, 0xc1], place, value);
    }

    /// Writes a register if the former value is that of rax. Else rax becomes the former value, and the condition is
    /// [`NotEqual`](super::Condition::NotEqual).
    pub fn locked_compare_exchange(&mut self, bytes: u32, place: Mem, value: Reg) {
        self.emit_locked(bytes, &[0x0f, 0xb0], &[0x0f, 0xb1], place, value);
    }

    /// Orders all loads and stores before it and after it.
    pub fn fence(&mut self) {
        self.emit(Instruction::plain(&[0x0f, 0xae, 0xf0]));
    }

    fn emit_locked(&mut self, bytes: u32, on_byte: &[u8], opcode: &[u8], place: Mem, value: Reg) {
        const LOCK: u8 = 0xf0;
        self.emit(Instruction::plain(&[LOCK]));
        self.emit(Instruction::sized_mem(bytes, on_byte, opcode, value.0, place));
    }
}
