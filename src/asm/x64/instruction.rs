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

/// The bytes of one instruction, collected in a register: the lowest comes first.
#[derive(Clone, Copy)]
pub(super) struct Instruction {
    bits: u128,
    len: usize,
}

impl Instruction {
    /// An instruction without operands.
    #[inline(always)]
    pub fn plain(bytes: &[u8]) -> Instruction {
        Instruction { bits: 0, len: 0 }.then(bytes)
    }

    /// The register is part of the opcode.
    #[inline]
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
    fn byte_mem(opcode: &[u8], reg: u8, mem: Mem) -> Instruction {
        Instruction::plain(&[]).then_mem(Width::B32, opcode, reg, mem, true)
    }

    /// The low 1, 2, 4 or 8 bytes of a register, and memory. The opcode for a byte is another.
    #[inline]
    pub fn sized_mem(bytes: u32, on_byte: &[u8], opcode: &[u8], reg: u8, mem: Mem) -> Instruction {
        match bytes {
            1 => Instruction::byte_mem(on_byte, reg, mem),
            2 => Instruction::prefixed_mem(0x66, Width::B32, opcode, reg, mem),
            4 => Instruction::mem(Width::B32, opcode, reg, mem),
            _ => Instruction::mem(Width::B64, opcode, reg, mem),
        }
    }

    /// The same, with a prefix that is part of the opcode.
    #[inline]
    pub fn prefixed_mem(prefix: u8, width: Width, opcode: &[u8], reg: u8, mem: Mem) -> Instruction {
        Instruction::plain(&[prefix]).then_mem(width, opcode, reg, mem, false)
    }

    #[inline(always)]
    fn then_reg(self, width: Width, opcode: &[u8], reg: u8, rm: u8, has_byte: bool) -> Instruction {
        let mut head = Head::after(self);
        head.rex(rex(width, reg, 0, rm), has_byte);
        head.opcode(opcode);
        head.byte(0xc0 | (reg & 7) << 3 | (rm & 7));
        head.instruction()
    }

    #[inline(always)]
    fn then_mem(
        self,
        width: Width,
        opcode: &[u8],
        reg: u8,
        mem: Mem,
        has_byte: bool,
    ) -> Instruction {
        let base = mem.base.0;
        let short = i8::try_from(mem.displacement).is_ok();
        let modrm = if short { 0x40 } else { 0x80 } | (reg & 7) << 3;
        let mut head = Head::after(self);
        match mem.index {
            Some(index) => {
                head.rex(rex(width, reg, index.0, base), has_byte);
                head.opcode(opcode);
                head.byte(modrm | RSP.0);
                head.byte(mem.scale << 6 | (index.0 & 7) << 3 | (base & 7));
            }
            None => {
                head.rex(rex(width, reg, 0, base), has_byte);
                head.opcode(opcode);
                head.byte(modrm | (base & 7));
                if base & 7 == RSP.0 {
                    // Such bases need a SIB byte, which says that there is no index.
                    head.byte(mem.scale << 6 | RSP.0 << 3 | (base & 7));
                }
            }
        }
        let displacement = mem.displacement as u32;
        if short {
            head.displacement(displacement & 0xff, 1)
        } else {
            head.displacement(displacement, 4)
        }
    }

    #[inline]
    fn then_rex(self, rex: u8, needed: bool) -> Instruction {
        if rex != 0x40 || needed { self.then(&[rex]) } else { self }
    }

    /// And these bytes: a constant. Their number is known where this is compiled.
    #[inline(always)]
    pub fn then(mut self, bytes: &[u8]) -> Instruction {
        let mut all = 0;
        for byte in bytes.iter().rev() {
            all = all << 8 | u128::from(*byte);
        }
        self.bits |= all << (8 * self.len);
        self.len += bytes.len();
        self
    }

    /// The same with some bits of the last byte set to zero.
    pub fn without_bits_of_last(self, bits: u8) -> Instruction {
        let last = 8 * (self.len.max(1) - 1);
        Instruction { bits: self.bits & !(u128::from(bits) << last), ..self }
    }

    /// And those of another, which lack what comes before.
    #[inline]
    pub fn then_rest(mut self, rest: Instruction) -> Instruction {
        self.bits |= rest.bits << (8 * self.len);
        self.len += rest.len;
        self
    }

    /// The bytes with zeros after them, and their number.
    #[inline]
    pub fn padded(&self) -> ([u8; MAX + 1], usize) {
        (self.bits.to_le_bytes(), self.len)
    }
}

/// What comes before the displacement, at most seven bytes: a number that is faster to extend.
struct Head {
    bits: u64,
    len: usize,
}

impl Head {
    /// After a prefix, if there is one.
    #[inline(always)]
    fn after(prefix: Instruction) -> Head {
        Head { bits: prefix.bits as u64, len: prefix.len }
    }

    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.bits |= u64::from(byte) << (8 * self.len);
        self.len += 1;
    }

    #[inline(always)]
    fn rex(&mut self, rex: u8, needed: bool) {
        if rex != 0x40 || needed {
            self.byte(rex);
        }
    }

    #[inline(always)]
    fn opcode(&mut self, opcode: &[u8]) {
        opcode.iter().for_each(|byte| self.byte(*byte));
    }

    #[inline(always)]
    fn instruction(self) -> Instruction {
        Instruction { bits: self.bits.into(), len: self.len }
    }

    /// The instruction with the low `len` bytes of a number.
    #[inline(always)]
    fn displacement(self, number: u32, len: usize) -> Instruction {
        let bits = u128::from(self.bits) | u128::from(number) << (8 * self.len);
        Instruction { bits, len: self.len + len }
    }
}

#[inline]
fn rex(width: Width, reg: u8, index: u8, rm: u8) -> u8 {
    let wide = u8::from(width == Width::B64) << 3;
    0x40 | wide | (reg >> 3) << 2 | (index >> 3) << 1 | rm >> 3
}
