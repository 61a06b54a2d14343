//! The encoding of instructions.
//!
//! ```text
//! prefix   REX   opcode   ModRM   SIB   displacement   constant
//! ```
//! REX is always present, even where it has no effect, so that there is one form per instruction. Displacements
//! take 8 bits where that suffices, and are never omitted, so that rbp and r13 are bases like any other.

use super::operand::{Mem, RSP, Reg, Width};

/// The longest instruction.
const MAX: usize = 15;

/// The bytes of one instruction.
#[derive(Clone, Copy)]
pub(super) struct Instruction {
    bytes: [u8; MAX],
    len: usize,
}

impl Instruction {
    /// An instruction without operands.
    pub fn plain(bytes: &[u8]) -> Instruction {
        Instruction { bytes: [0; MAX], len: 0 }.then(bytes)
    }

    /// The register is part of the opcode.
    pub fn short(width: Width, opcode: u8, reg: Reg) -> Instruction {
        Instruction::plain(&[rex(width, 0, reg.0), opcode | (reg.0 & 7)])
    }

    /// Two registers, or one register and a part of the opcode in place of the first.
    pub fn reg(width: Width, opcode: &[u8], reg: u8, rm: u8) -> Instruction {
        let modrm = 0xc0 | (reg & 7) << 3 | (rm & 7);
        Instruction::plain(&[rex(width, reg, rm)]).then(opcode).then(&[modrm])
    }

    /// A register, or a part of the opcode, and memory.
    pub fn mem(width: Width, opcode: &[u8], reg: u8, mem: Mem) -> Instruction {
        Instruction::plain(&[]).then_mem(width, opcode, reg, mem)
    }

    /// The same, with a prefix that is part of the opcode.
    pub fn prefixed_mem(prefix: u8, width: Width, opcode: &[u8], reg: u8, mem: Mem) -> Instruction {
        Instruction::plain(&[prefix]).then_mem(width, opcode, reg, mem)
    }

    fn then_mem(self, width: Width, opcode: &[u8], reg: u8, mem: Mem) -> Instruction {
        let Mem(Reg(base), displacement) = mem;
        let short = i8::try_from(displacement);
        let size = if short.is_ok() { 0x40 } else { 0x80 };
        let modrm = size | (reg & 7) << 3 | (base & 7);
        // Bases with this number need a SIB byte, which says that there is no index.
        let sib: &[u8] = if base & 7 == RSP.0 { &[0x24] } else { &[] };
        let start = self.then(&[rex(width, reg, base)]).then(opcode).then(&[modrm]).then(sib);
        match short {
            Ok(short) => start.then(&short.to_le_bytes()),
            Err(_) => start.then(&displacement.to_le_bytes()),
        }
    }

    /// And these bytes: a constant.
    pub fn then(mut self, bytes: &[u8]) -> Instruction {
        let end = self.len + bytes.len();
        self.bytes[self.len..end].copy_from_slice(bytes);
        self.len = end;
        self
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

fn rex(width: Width, reg: u8, rm: u8) -> u8 {
    let wide = u8::from(width == Width::B64) << 3;
    0x40 | wide | (reg >> 3) << 2 | rm >> 3
}
