//! Jumps, calls, returns and nops.

use super::assembler::{Assembler, Label};
use super::instruction::Instruction;
use super::operand::{Mem, Reg, Width};

/// The flags that a jump depends on: the outcome of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Condition {
    /// Signed: the result does not fit.
    Overflow = 0,
    NotOverflow = 1,
    /// Unsigned.
    Below = 2,
    /// Unsigned.
    AboveOrEqual = 3,
    Equal = 4,
    NotEqual = 5,
    /// Unsigned.
    BelowOrEqual = 6,
    /// Unsigned.
    Above = 7,
    Negative = 8,
    NotNegative = 9,
    /// Of floats: one is not a number.
    Unordered = 10,
    Ordered = 11,
    /// Signed.
    Less = 12,
    /// Signed.
    GreaterOrEqual = 13,
    /// Signed.
    LessOrEqual = 14,
    /// Signed.
    Greater = 15,
}

impl Condition {
    /// The opposite.
    pub fn inverted(self) -> Condition {
        use Condition::*;
        match self {
            Overflow => NotOverflow,
            NotOverflow => Overflow,
            Below => AboveOrEqual,
            AboveOrEqual => Below,
            Equal => NotEqual,
            NotEqual => Equal,
            BelowOrEqual => Above,
            Above => BelowOrEqual,
            Negative => NotNegative,
            NotNegative => Negative,
            Unordered => Ordered,
            Ordered => Unordered,
            Less => GreaterOrEqual,
            GreaterOrEqual => Less,
            LessOrEqual => Greater,
            Greater => LessOrEqual,
        }
    }

    /// The condition with the sides of the comparison exchanged.
    pub fn mirrored(self) -> Condition {
        use Condition::*;
        match self {
            Below => Above,
            Above => Below,
            BelowOrEqual => AboveOrEqual,
            AboveOrEqual => BelowOrEqual,
            Less => Greater,
            Greater => Less,
            LessOrEqual => GreaterOrEqual,
            GreaterOrEqual => LessOrEqual,
            other => other,
        }
    }
}

impl Assembler {
    pub fn jump(&mut self, label: &mut Label) {
        match self.short_distance(label, 2) {
            Some(distance) => self.emit(Instruction::plain(&[0xeb, distance as u8])),
            None => self.emit_jump(&[0xe9], label),
        }
    }

    pub fn jump_if(&mut self, condition: Condition, label: &mut Label) {
        let condition = condition as u8;
        match self.short_distance(label, 2) {
            Some(distance) => {
                self.emit(Instruction::plain(&[0x70 | condition, distance as u8]));
            }
            None => self.emit_jump(&[0x0f, 0x80 | condition], label),
        }
    }

    /// The address of a label.
    pub fn lea_label(&mut self, to: Reg, label: &mut Label) {
        self.emit_jump(
            &[0x48 | (to.number() >> 3) << 2, 0x8d, 0x05 | (to.number() & 7) << 3],
            label,
        );
    }

    /// An undefined instruction.
    pub fn undefined(&mut self) {
        self.emit(Instruction::plain(&[0x0f, 0x0b]));
    }

    /// A relative call whose distance is filled in later; the offset of its field.
    pub fn call_later(&mut self) -> usize {
        self.emit(Instruction::plain(&[0xe8, 0, 0, 0, 0]));
        self.len() - 4
    }

    /// The frame's end: `mov rsp, rbp; pop rbp`.
    pub fn leave(&mut self) {
        self.emit(Instruction::plain(&[0xc9]));
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
