//! The AVX form of vector instructions: the result goes to a third register, and operands in memory need no
//! alignment.
//!
//! ```text
//! c5     !R, !left, 0, prefix                            opcode  ModRM  SIB  displacement  constant
//! c4     !R, !X, !B, map    W, !left, 0, prefix          opcode  ...
//! ```
//! R, X and B are the fourth bits of the operands, as in REX. The short form has no X, B and W, and only the first
//! table of opcodes. All instructions clear the upper half of a 256-bit register, which nothing uses.

use super::assembler::{Assembler, Label};
use super::instruction::Instruction;
use super::operand::{Mem, Reg, Width, Xmm};
use super::sse::{Sse, relative};

/// Multiplies and adds without rounding in between: `to = left * to + right`, or `right - left * to`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Fma {
    Vfmadd213ps,
    Vfmadd213pd,
    Vfnmadd213ps,
    Vfnmadd213pd,
}

/// Everything in front of the operands.
struct Opcode {
    wide: bool,
    prefix: u8,
    map: u8,
    opcode: u8,
}

impl Opcode {
    fn of_sse(op: Sse) -> Opcode {
        let (prefix, map, opcode) = op.parts();
        Opcode { wide: false, prefix, map, opcode }
    }

    fn of_fma(op: Fma) -> Opcode {
        let (wide, opcode) = match op {
            Fma::Vfmadd213ps => (false, 0xa8),
            Fma::Vfmadd213pd => (true, 0xa8),
            Fma::Vfnmadd213ps => (false, 0xac),
            Fma::Vfnmadd213pd => (true, 0xac),
        };
        Opcode { wide, prefix: 1, map: 2, opcode }
    }

    /// All but the operands; the last one is a register or an address with the registers `rm` and `index`.
    fn start(self, reg: u8, left: u8, index: u8, rm: u8) -> Instruction {
        let last = !left << 3 & 0x78 | self.prefix;
        let reg_bit = !reg << 4 & 0x80;
        if self.map == 1 && !self.wide && index < 8 && rm < 8 {
            return Instruction::plain(&[0xc5, reg_bit | last, self.opcode]);
        }
        let rm_bits = !index << 3 & 0x40 | !rm << 2 & 0x20;
        let wide = u8::from(self.wide) << 7;
        Instruction::plain(&[0xc4, reg_bit | rm_bits | self.map, wide | last, self.opcode])
    }

    fn reg(self, to: Xmm, left: Xmm, right: Xmm) -> Instruction {
        let modrm = 0xc0 | (to.0 & 7) << 3 | (right.0 & 7);
        self.start(to.0, left.0, 0, right.0).then(&[modrm])
    }

    fn mem(self, to: Xmm, left: Xmm, right: Mem) -> Instruction {
        let index = right.index.map_or(0, Reg::number);
        let start = self.start(to.0, left.0, index, right.base.number());
        // The fourth bits are in front.
        let low = |reg: Reg| Reg::numbered(reg.number() & 7);
        let right = Mem { base: low(right.base), index: right.index.map(low), ..right };
        start.then_rest(Instruction::mem(Width::B32, &[], to.0 & 7, right))
    }
}

/// For operations with two operands only.
impl Assembler {
    pub fn vex(&mut self, op: Sse, to: Xmm, left: Xmm, right: Xmm) {
        self.emit(Opcode::of_sse(op).reg(to, left, right));
    }

    pub fn vex_mem(&mut self, op: Sse, to: Xmm, left: Xmm, right: Mem) {
        self.emit(Opcode::of_sse(op).mem(to, left, right));
    }

    pub fn vex_imm(&mut self, op: Sse, to: Xmm, left: Xmm, right: Xmm, imm: u8) {
        self.emit(Opcode::of_sse(op).reg(to, left, right).then(&[imm]));
    }

    /// With a constant operand that is placed where the label will be bound.
    pub fn vex_label(&mut self, op: Sse, to: Xmm, left: Xmm, right: &mut Label) {
        let instruction = relative(Opcode::of_sse(op).reg(to, left, Xmm(5)));
        let (bytes, len) = instruction.padded();
        self.emit_jump(&bytes[..len], right);
    }

    pub fn fma(&mut self, op: Fma, to: Xmm, left: Xmm, right: Xmm) {
        self.emit(Opcode::of_fma(op).reg(to, left, right));
    }
}
