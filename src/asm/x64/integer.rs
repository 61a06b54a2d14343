//! Moves, the stack, and arithmetic on general registers.

use super::assembler::Assembler;
use super::instruction::Instruction;
use super::operand::{Mem, Reg, Width};

/// Instructions that share one pattern of opcodes, by number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alu {
    Add = 0,
    Or = 1,
    /// With the carry of the last addition.
    AddCarry = 2,
    /// With the borrow of the last subtraction.
    SubBorrow = 3,
    And = 4,
    Sub = 5,
    Xor = 6,
    Cmp = 7,
}

/// The opcode of [`Alu`] instructions with a 32-bit constant and a sign-extended 8-bit one.
const ALU_I32: &[u8] = &[0x81];
const ALU_I8: &[u8] = &[0x83];
/// With a constant of 8 bits, on 8 bits.
const ALU_BYTE: &[u8] = &[0x80];

impl Assembler {
    pub fn push(&mut self, reg: Reg) {
        self.emit(Instruction::short(Width::B32, 0x50, reg));
    }

    pub fn pop(&mut self, reg: Reg) {
        self.emit(Instruction::short(Width::B32, 0x58, reg));
    }

    /// Pushes a sign-extended constant.
    pub fn push_const(&mut self, value: i8) {
        self.emit(Instruction::plain(&[0x6a]).then(&value.to_le_bytes()));
    }

    pub fn push_mem(&mut self, from: Mem) {
        self.emit(Instruction::mem(Width::B32, &[0xff], 6, from));
    }

    pub fn mov(&mut self, width: Width, to: Reg, from: Reg) {
        self.emit(Instruction::reg(width, &[0x89], from.0, to.0));
    }

    pub fn load(&mut self, width: Width, to: Reg, from: Mem) {
        self.emit(Instruction::mem(width, &[0x8b], to.0, from));
    }

    pub fn store(&mut self, to: Mem, from: Reg) {
        self.emit(Instruction::mem(Width::B64, &[0x89], from.0, to));
    }

    /// Writes a sign-extended constant.
    pub fn store_const(&mut self, width: Width, to: Mem, value: i32) {
        self.emit(Instruction::mem(width, &[0xc7], 0, to).then(&value.to_le_bytes()));
    }

    /// A zero-extended constant.
    pub fn set(&mut self, to: Reg, value: u32) {
        self.emit(Instruction::short(Width::B32, 0xb8, to).then(&value.to_le_bytes()));
    }

    pub fn set_address(&mut self, to: Reg, value: usize) {
        let value = value as u64;
        self.emit(Instruction::short(Width::B64, 0xb8, to).then(&value.to_le_bytes()));
    }

    pub fn lea(&mut self, to: Reg, from: Mem) {
        self.emit(Instruction::mem(Width::B64, &[0x8d], to.0, from));
    }

    /// Sets a register to zero.
    pub fn clear(&mut self, reg: Reg) {
        self.alu(Alu::Xor, Width::B32, reg, reg);
    }

    pub fn add(&mut self, to: Reg, value: i32) {
        self.alu_const(Alu::Add, Width::B64, to, value);
    }

    pub fn sub(&mut self, to: Reg, value: i32) {
        self.alu_const(Alu::Sub, Width::B64, to, value);
    }

    /// Takes a constant from 64 bits in memory.
    pub fn sub_mem(&mut self, to: Mem, value: i32) {
        self.alu_mem_const(Alu::Sub, Width::B64, to, value);
    }

    /// Keeps the bits of a sign-extended constant.
    pub fn and_const(&mut self, to: Reg, mask: i8) {
        let and = Instruction::reg(Width::B32, ALU_I8, Alu::And as u8, to.0);
        self.emit(and.then(&mask.to_le_bytes()));
    }

    pub fn cmp(&mut self, left: Reg, right: Mem) {
        let opcode = (Alu::Cmp as u8) << 3 | 3;
        self.emit(Instruction::mem(Width::B64, &[opcode], left.0, right));
    }

    pub fn cmp_regs(&mut self, left: Reg, right: Reg) {
        self.alu(Alu::Cmp, Width::B64, left, right);
    }

    /// Compares 32 bits of a register with a constant.
    pub fn cmp_const(&mut self, left: Reg, right: i32) {
        self.alu_const(Alu::Cmp, Width::B32, left, right);
    }

    /// Compares 32 bits in memory with a constant.
    pub fn cmp_mem_const(&mut self, left: Mem, right: i32) {
        self.alu_mem_const(Alu::Cmp, Width::B32, left, right);
    }

    /// Compares 64 bits in memory with a sign-extended constant.
    pub fn cmp_word(&mut self, left: Mem, right: i8) {
        let cmp = Instruction::mem(Width::B64, ALU_I8, Alu::Cmp as u8, left);
        self.emit(cmp.then(&right.to_le_bytes()));
    }

    /// Compares a byte in memory with a constant.
    pub fn cmp_byte(&mut self, left: Mem, right: u8) {
        let cmp = Instruction::mem(Width::B32, ALU_BYTE, Alu::Cmp as u8, left);
        self.emit(cmp.then(&[right]));
    }

    /// Compares a register with zero.
    pub fn test(&mut self, reg: Reg) {
        self.emit(Instruction::reg(Width::B64, &[0x85], reg.0, reg.0));
    }

    /// `to = to op from`; a comparison only sets flags.
    #[inline]
    pub fn alu(&mut self, op: Alu, width: Width, to: Reg, from: Reg) {
        let opcode = (op as u8) << 3 | 1;
        self.emit(Instruction::reg(width, &[opcode], from.0, to.0));
    }

    /// The same with a sign-extended constant.
    #[inline]
    pub fn alu_const(&mut self, op: Alu, width: Width, to: Reg, value: i32) {
        self.emit(match i8::try_from(value) {
            Ok(short) => Instruction::reg(width, ALU_I8, op as u8, to.0).then(&short.to_le_bytes()),
            Err(_) => Instruction::reg(width, ALU_I32, op as u8, to.0).then(&value.to_le_bytes()),
        });
    }

    /// The same with a value in memory.
    #[inline]
    pub fn alu_mem(&mut self, op: Alu, width: Width, to: Reg, from: Mem) {
        let opcode = (op as u8) << 3 | 3;
        self.emit(Instruction::mem(width, &[opcode], to.0, from));
    }

    /// The same on a value in memory.
    pub fn alu_mem_const(&mut self, op: Alu, width: Width, to: Mem, value: i32) {
        self.emit(match i8::try_from(value) {
            Ok(short) => Instruction::mem(width, ALU_I8, op as u8, to).then(&short.to_le_bytes()),
            Err(_) => Instruction::mem(width, ALU_I32, op as u8, to).then(&value.to_le_bytes()),
        });
    }
}
