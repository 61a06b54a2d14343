//! The encoding of instructions.
//!
//! ```text
//! prefix   REX   opcode   ModRM   SIB   displacement   constant
//! ```
//! REX is omitted where it has no effect. Displacements take 8 bits where that suffices, and are never omitted, so
//! that rbp and r13 are bases like any other.

use super::operand::{Mem, RSP, Reg, Width};

/// The longest instruction.
pub(super) const MAX: usize = 15;

/// The bytes of one instruction.
#[derive(Clone, Copy)]
pub(super) struct Instruction {
    bytes: [u8; MAX + 1],
    len: usize,
}

impl Instruction {
    /// An instruction without operands.
    pub fn plain(bytes: &[u8]) -> Instruction {
        Instruction { bytes: [0; MAX + 1], len: 0 }.then(bytes)
    }

    /// The register is part of the opcode.
    pub fn short(width: Width, opcode: u8, reg: Reg) -> Instruction {
        let start = Instruction::plain(&[]).then_rex(rex(width, 0, 0, reg.0), false);
        start.then(&[opcode | (reg.0 & 7)])
    }

    /// Two registers, or one register and a part of the opcode in place of the first.
    #[inline]
    pub fn reg(width: Width, opcode: &[u8], reg: u8, rm: u8) -> Instruction {
        Instruction::plain(&[]).then_reg(width, opcode, reg, rm, false)
    }

    /// The same with bytes of registers, of which some have their names only with REX.
    #[inline]
    pub fn byte_reg(width: Width, opcode: &[u8], reg: u8, rm: u8) -> Instruction {
        Instruction::plain(&[]).then_reg(width, opcode, reg, rm, true)
    }

    /// The same, with a prefix that is part of the opcode.
    #[inline]
    pub fn prefixed_reg(prefix: u8, width: Width, opcode: &[u8], reg: u8, rm: u8) -> Instruction {
        Instruction::plain(&[prefix]).then_reg(width, opcode, reg, rm, false)
    }

    /// A register, or a part of the opcode, and memory.
    #[inline]
    pub fn mem(width: Width, opcode: &[u8], reg: u8, mem: Mem) -> Instruction {
        Instruction::plain(&[]).then_mem(width, opcode, reg, mem, false)
    }

    /// The same with the low byte of a register.
    #[inline]
    pub fn byte_mem(opcode: &[u8], reg: u8, mem: Mem) -> Instruction {
        Instruction::plain(&[]).then_mem(Width::B32, opcode, reg, mem, true)
    }

    /// The same, with a prefix that is part of the opcode.
    #[inline]
    pub fn prefixed_mem(prefix: u8, width: Width, opcode: &[u8], reg: u8, mem: Mem) -> Instruction {
        Instruction::plain(&[prefix]).then_mem(width, opcode, reg, mem, false)
    }

    #[inline]
    fn then_reg(self, width: Width, opcode: &[u8], reg: u8, rm: u8, has_byte: bool) -> Instruction {
        let modrm = 0xc0 | (reg & 7) << 3 | (rm & 7);
        self.then_rex(rex(width, reg, 0, rm), has_byte).then(opcode).then(&[modrm])
    }

    #[inline]
    fn then_mem(
        self,
        width: Width,
        opcode: &[u8],
        reg: u8,
        mem: Mem,
        has_byte: bool,
    ) -> Instruction {
        let base = mem.base.0;
        let short = i8::try_from(mem.displacement);
        let size = if short.is_ok() { 0x40 } else { 0x80 };
        let index = mem.index.map_or(0, |index| index.0);
        let start = self.then_rex(rex(width, reg, index, base), has_byte).then(opcode);
        // Bases with the number of rsp need a SIB byte, which says that there is no index.
        let start = if mem.index.is_some() || base & 7 == RSP.0 {
            let index = mem.index.map_or(RSP.0, |index| index.0 & 7);
            let sib = mem.scale << 6 | index << 3 | (base & 7);
            start.then(&[size | (reg & 7) << 3 | RSP.0, sib])
        } else {
            start.then(&[size | (reg & 7) << 3 | (base & 7)])
        };
        match short {
            Ok(short) => start.then(&short.to_le_bytes()),
            Err(_) => start.then(&mem.displacement.to_le_bytes()),
        }
    }

    #[inline]
    fn then_rex(self, rex: u8, needed: bool) -> Instruction {
        if rex != 0x40 || needed { self.then(&[rex]) } else { self }
    }

    /// And these bytes: a constant.
    #[inline]
    pub fn then(mut self, bytes: &[u8]) -> Instruction {
        let end = self.len + bytes.len();
        self.bytes[self.len..end].copy_from_slice(bytes);
        self.len = end;
        self
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// The bytes with what follows them, and their number.
    #[inline]
    pub fn padded(&self) -> (&[u8; MAX + 1], usize) {
        (&self.bytes, self.len)
    }
}

fn rex(width: Width, reg: u8, index: u8, rm: u8) -> u8 {
    let wide = u8::from(width == Width::B64) << 3;
    0x40 | wide | (reg >> 3) << 2 | (index >> 3) << 1 | rm >> 3
}
