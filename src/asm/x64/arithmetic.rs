//! Integer instructions of compiled code, which stubs do not need.

use super::assembler::Assembler;
use super::control::Condition;
use super::instruction::Instruction;
use super::operand::{Mem, Reg, Width};

/// How a load or move makes a register of a smaller value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extend {
    Zero8,
    Zero16,
    Zero32,
    /// Sign-extends a byte to a width.
    Sign8(Width),
    Sign16(Width),
    /// To 64 bits.
    Sign32,
}

impl Extend {
    fn encoding(self) -> (Width, &'static [u8]) {
        match self {
            Extend::Zero8 => (Width::B32, &[0x0f, 0xb6]),
            Extend::Zero16 => (Width::B32, &[0x0f, 0xb7]),
            Extend::Zero32 => (Width::B32, &[0x8b]),
            Extend::Sign8(width) => (width, &[0x0f, 0xbe]),
            Extend::Sign16(width) => (width, &[0x0f, 0xbf]),
            Extend::Sign32 => (Width::B64, &[0x63]),
        }
    }
}

/// Shifts and rotations, by their number in the encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shift {
    RotateLeft = 0,
    RotateRight = 1,
    Left = 4,
    /// Fills with zeros.
    Right = 5,
    /// Fills with the sign.
    RightSigned = 7,
}

/// Operations on one register, or on rax and rdx with one register, by their number in the encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unary {
    Not = 2,
    Negate = 3,
    /// rdx:rax = rax * operand, unsigned.
    Multiply = 4,
    /// The same, signed.
    MultiplySigned = 5,
    /// rax and rdx = quotient and remainder of rdx:rax, unsigned.
    Divide = 6,
    /// The same, signed.
    DivideSigned = 7,
}

impl Assembler {
    pub fn load_extended(&mut self, extend: Extend, to: Reg, from: Mem) {
        let (width, opcode) = extend.encoding();
        self.emit(Instruction::mem(width, opcode, to.0, from));
    }

    pub fn extend(&mut self, extend: Extend, to: Reg, from: Reg) {
        let (width, opcode) = extend.encoding();
        self.emit(Instruction::byte_reg(width, opcode, to.0, from.0));
    }

    /// Writes the low bytes of a register: 1, 2, 4 or 8.
    pub fn store_low(&mut self, bytes: u32, to: Mem, from: Reg) {
        self.emit(Instruction::sized_mem(bytes, &[0x88], &[0x89], from.0, to));
    }

    /// Writes the low bytes of a constant: 1, 2, 4, or 8, to which it is sign-extended.
    pub fn store_low_const(&mut self, bytes: u32, to: Mem, value: i32) {
        let value = &value.to_le_bytes();
        self.emit(match bytes {
            1 => Instruction::mem(Width::B32, &[0xc6], 0, to).then(&value[..1]),
            2 => Instruction::prefixed_mem(0x66, Width::B32, &[0xc7], 0, to).then(&value[..2]),
            4 => Instruction::mem(Width::B32, &[0xc7], 0, to).then(value),
            _ => Instruction::mem(Width::B64, &[0xc7], 0, to).then(value),
        });
    }

    /// A constant of 64 bits, in the shortest form that leaves the flags alone.
    pub fn set_64(&mut self, to: Reg, value: u64) {
        if let Ok(value) = u32::try_from(value) {
            self.set(to, value);
        } else if let Ok(value) = i32::try_from(value as i64) {
            let start = Instruction::reg(Width::B64, &[0xc7], 0, to.0);
            self.emit(start.then(&value.to_le_bytes()));
        } else {
            self.set_address(to, value as usize);
        }
    }

    /// The low 32 bits of an address.
    pub fn lea_32(&mut self, to: Reg, from: Mem) {
        self.emit(Instruction::mem(Width::B32, &[0x8d], to.0, from));
    }

    pub fn multiply(&mut self, width: Width, to: Reg, from: Reg) {
        self.emit(Instruction::reg(width, &[0x0f, 0xaf], to.0, from.0));
    }

    pub fn multiply_mem(&mut self, width: Width, to: Reg, from: Mem) {
        self.emit(Instruction::mem(width, &[0x0f, 0xaf], to.0, from));
    }

    /// `to = from * value`
    pub fn multiply_const(&mut self, width: Width, to: Reg, from: Reg, value: i32) {
        self.emit(match i8::try_from(value) {
            Ok(short) => Instruction::reg(width, &[0x6b], to.0, from.0).then(&short.to_le_bytes()),
            Err(_) => Instruction::reg(width, &[0x69], to.0, from.0).then(&value.to_le_bytes()),
        });
    }

    pub fn unary(&mut self, op: Unary, width: Width, operand: Reg) {
        self.emit(Instruction::reg(width, &[0xf7], op as u8, operand.0));
    }

    /// rdx = the sign of rax.
    pub fn sign_to_rdx(&mut self, width: Width) {
        self.emit(match width {
            Width::B32 => Instruction::plain(&[0x99]),
            Width::B64 => Instruction::plain(&[0x48, 0x99]),
        });
    }

    pub fn shift_const(&mut self, op: Shift, width: Width, to: Reg, count: u8) {
        self.emit(Instruction::reg(width, &[0xc1], op as u8, to.0).then(&[count]));
    }

    /// By the number in cl.
    pub fn shift_by_cl(&mut self, op: Shift, width: Width, to: Reg) {
        self.emit(Instruction::reg(width, &[0xd3], op as u8, to.0));
    }

    /// `to = from shifted by count`, without flags. Needs BMI2; not for rotations.
    pub fn shift_by(&mut self, op: Shift, width: Width, to: Reg, from: Reg, count: Reg) {
        let prefix = match op {
            Shift::Left => 1,
            Shift::RightSigned => 2,
            _ => 3,
        };
        let wide = u8::from(width == Width::B64) << 7;
        let second = (!to.0 & 8) << 4 | 0x40 | (!from.0 & 8) << 2 | 2;
        let third = wide | (!count.0 & 15) << 3 | prefix;
        let modrm = 0xc0 | (to.0 & 7) << 3 | (from.0 & 7);
        self.emit(Instruction::plain(&[0xc4, second, third, 0xf7, modrm]));
    }

    /// Sets a byte to whether a condition holds.
    pub fn set_if(&mut self, condition: Condition, to: Reg) {
        self.emit(Instruction::byte_reg(Width::B32, &[0x0f, 0x90 | condition as u8], 0, to.0));
    }

    pub fn move_if(&mut self, condition: Condition, width: Width, to: Reg, from: Reg) {
        self.emit(Instruction::reg(width, &[0x0f, 0x40 | condition as u8], to.0, from.0));
    }

    pub fn exchange(&mut self, one: Reg, other: Reg) {
        self.emit(Instruction::reg(Width::B64, &[0x87], one.0, other.0));
    }

    /// Sets flags by the bits that two registers have in common.
    pub fn test_regs(&mut self, width: Width, left: Reg, right: Reg) {
        self.emit(Instruction::reg(width, &[0x85], right.0, left.0));
    }

    /// Sets flags by the bits that a register and a sign-extended constant have in common.
    pub fn test_const(&mut self, width: Width, left: Reg, right: i32) {
        let start = Instruction::reg(width, &[0xf7], 0, left.0);
        self.emit(start.then(&right.to_le_bytes()));
    }

    /// Writes rax to rcx words from rdi on.
    pub fn fill_words(&mut self) {
        self.emit(Instruction::plain(&[0xf3, 0x48, 0xab]));
    }

    /// Needs LZCNT.
    pub fn leading_zeros(&mut self, width: Width, to: Reg, from: Reg) {
        self.emit(Instruction::prefixed_reg(0xf3, width, &[0x0f, 0xbd], to.0, from.0));
    }

    /// Needs BMI1.
    pub fn trailing_zeros(&mut self, width: Width, to: Reg, from: Reg) {
        self.emit(Instruction::prefixed_reg(0xf3, width, &[0x0f, 0xbc], to.0, from.0));
    }

    /// Needs POPCNT.
    pub fn ones(&mut self, width: Width, to: Reg, from: Reg) {
        self.emit(Instruction::prefixed_reg(0xf3, width, &[0x0f, 0xb8], to.0, from.0));
    }

    /// The number of the highest bit that is set; if none is, the zero flag, and `to` is unchanged.
    pub fn highest_bit(&mut self, width: Width, to: Reg, from: Reg) {
        self.emit(Instruction::reg(width, &[0x0f, 0xbd], to.0, from.0));
    }

    /// The number of the lowest bit that is set; if none is, the zero flag, and `to` is unchanged.
    pub fn lowest_bit(&mut self, width: Width, to: Reg, from: Reg) {
        self.emit(Instruction::reg(width, &[0x0f, 0xbc], to.0, from.0));
    }
}
