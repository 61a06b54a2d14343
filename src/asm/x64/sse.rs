//! Floats and vectors: the SSE instructions, up to SSE4.2.
//!
//! They differ only in a prefix, a table of opcodes and an opcode, so there is an enumeration of them, and a method
//! for each kind of operands. The first operand is read as well as written, unless the instruction only moves or
//! converts; [`vex`](super::vex) has the form with three operands, for processors that have it.
//!
//! Operands in memory have 16 bytes and must be aligned, except those of instructions that read less. `vector` has the
//! moves.

use super::assembler::{Assembler, Label};
use super::instruction::Instruction;
use super::operand::{Mem, Reg, Width, Xmm};

/// The prefixes that select an instruction, by their number in VEX.
const NONE: u16 = 0;
const P66: u16 = 1 << 12;
const PF3: u16 = 2 << 12;
const PF2: u16 = 3 << 12;

/// The tables of opcodes, by their number in VEX.
const M0F: u16 = 1 << 8;
const M38: u16 = 2 << 8;
const M3A: u16 = 3 << 8;

/// Opcodes of one prefix and table per block. A name is the mnemonic.
macro_rules! operations {
    ($($prefix:ident $map:ident { $($opcode:literal $name:ident,)* })*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum Sse {
            $($($name = $prefix | $map | $opcode,)*)*
        }

        #[cfg(test)]
        impl Sse {
            pub const ALL: &[Sse] = &[$($(Sse::$name,)*)*];
        }
    };
}

operations! {
    NONE M0F {
        0x28 Movaps, 0x2e Ucomiss, 0x50 Movmskps, 0x51 Sqrtps, 0x54 Andps, 0x56 Orps, 0x57 Xorps,
        0x58 Addps, 0x59 Mulps, 0x5a Cvtps2pd, 0x5b Cvtdq2ps, 0x5c Subps, 0x5d Minps, 0x5e Divps,
        0x5f Maxps, 0xc2 Cmpps, 0xc6 Shufps,
    }
    P66 M0F {
        0x2e Ucomisd, 0x50 Movmskpd, 0x51 Sqrtpd, 0x58 Addpd, 0x59 Mulpd, 0x5a Cvtpd2ps, 0x5c Subpd,
        0x5d Minpd, 0x5e Divpd, 0x5f Maxpd, 0x60 Punpcklbw, 0x61 Punpcklwd, 0x62 Punpckldq,
        0x63 Packsswb, 0x64 Pcmpgtb, 0x65 Pcmpgtw, 0x66 Pcmpgtd, 0x67 Packuswb, 0x68 Punpckhbw,
        0x69 Punpckhwd, 0x6b Packssdw, 0x6c Punpcklqdq, 0x70 Pshufd, 0x74 Pcmpeqb, 0x75 Pcmpeqw,
        0x76 Pcmpeqd, 0xc2 Cmppd, 0xc4 Pinsrw, 0xd1 Psrlw, 0xd2 Psrld, 0xd3 Psrlq, 0xd4 Paddq,
        0xd5 Pmullw, 0xd7 Pmovmskb, 0xd8 Psubusb, 0xd9 Psubusw, 0xda Pminub, 0xdb Pand,
        0xdc Paddusb, 0xdd Paddusw, 0xde Pmaxub, 0xdf Pandn, 0xe0 Pavgb, 0xe1 Psraw, 0xe2 Psrad,
        0xe3 Pavgw, 0xe4 Pmulhuw, 0xe5 Pmulhw, 0xe6 Cvttpd2dq, 0xe8 Psubsb, 0xe9 Psubsw,
        0xea Pminsw, 0xeb Por, 0xec Paddsb, 0xed Paddsw, 0xee Pmaxsw, 0xef Pxor, 0xf1 Psllw,
        0xf2 Pslld, 0xf3 Psllq, 0xf4 Pmuludq, 0xf5 Pmaddwd, 0xf8 Psubb, 0xf9 Psubw, 0xfa Psubd,
        0xfb Psubq, 0xfc Paddb, 0xfd Paddw, 0xfe Paddd,
    }
    PF3 M0F {
        0x2a Cvtsi2ss, 0x2c Cvttss2si, 0x51 Sqrtss, 0x58 Addss, 0x59 Mulss, 0x5a Cvtss2sd,
        0x5b Cvttps2dq, 0x5c Subss, 0x5d Minss, 0x5e Divss, 0x5f Maxss, 0xc2 Cmpss, 0xe6 Cvtdq2pd,
    }
    PF2 M0F {
        0x10 Movsd, 0x12 Movddup, 0x2a Cvtsi2sd, 0x2c Cvttsd2si, 0x51 Sqrtsd, 0x58 Addsd,
        0x59 Mulsd, 0x5a Cvtsd2ss, 0x5c Subsd, 0x5d Minsd, 0x5e Divsd, 0x5f Maxsd, 0x70 Pshuflw,
        0xc2 Cmpsd,
    }
    P66 M38 {
        0x00 Pshufb, 0x04 Pmaddubsw, 0x0b Pmulhrsw, 0x17 Ptest, 0x1c Pabsb, 0x1d Pabsw, 0x1e Pabsd,
        0x20 Pmovsxbw, 0x23 Pmovsxwd, 0x25 Pmovsxdq, 0x28 Pmuldq, 0x29 Pcmpeqq, 0x2b Packusdw,
        0x30 Pmovzxbw, 0x33 Pmovzxwd, 0x35 Pmovzxdq, 0x38 Pminsb, 0x39 Pminsd, 0x3a Pminuw,
        0x3b Pminud, 0x3c Pmaxsb, 0x3d Pmaxsd, 0x3e Pmaxuw, 0x3f Pmaxud, 0x40 Pmulld,
    }
    P66 M3A {
        0x08 Roundps, 0x09 Roundpd, 0x0a Roundss, 0x0b Roundsd, 0x0f Palignr, 0x14 Pextrb,
        0x15 Pextrw, 0x16 Pextrd, 0x20 Pinsrb, 0x21 Insertps, 0x22 Pinsrd,
    }
}

/// Shifts of lanes by a constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum LaneShift {
    Psrlw = 0x7102,
    Psraw = 0x7104,
    Psllw = 0x7106,
    Psrld = 0x7202,
    Psrad = 0x7204,
    Pslld = 0x7206,
    Psrlq = 0x7302,
    Psllq = 0x7306,
}

impl Sse {
    /// The numbers of prefix and table of opcodes, and the opcode.
    pub(super) fn parts(self) -> (u8, u8, u8) {
        let code = self as u16;
        ((code >> 12) as u8, (code >> 8 & 0xf) as u8, code as u8)
    }

    /// Two registers, of either kind.
    fn reg(self, width: Width, reg: u8, rm: u8) -> Instruction {
        self.with_opcode(|prefix, opcode| match prefix {
            Some(prefix) => Instruction::prefixed_reg(prefix, width, opcode, reg, rm),
            None => Instruction::reg(width, opcode, reg, rm),
        })
    }

    fn mem(self, width: Width, reg: u8, mem: Mem) -> Instruction {
        self.with_opcode(|prefix, opcode| match prefix {
            Some(prefix) => Instruction::prefixed_mem(prefix, width, opcode, reg, mem),
            None => Instruction::mem(width, opcode, reg, mem),
        })
    }

    /// Passes on the prefix and all bytes of the opcode.
    fn with_opcode<R>(self, make: impl FnOnce(Option<u8>, &[u8]) -> R) -> R {
        let (prefix, map, opcode) = self.parts();
        let prefix = [None, Some(0x66), Some(0xf3), Some(0xf2)][usize::from(prefix & 3)];
        match map {
            2 => make(prefix, &[0x0f, 0x38, opcode]),
            3 => make(prefix, &[0x0f, 0x3a, opcode]),
            _ => make(prefix, &[0x0f, opcode]),
        }
    }
}

/// Turns register 5 as the last operand into memory at a distance that is still to be appended.
pub(super) fn relative(instruction: Instruction) -> Instruction {
    instruction.without_bits_of_last(0xc0)
}

impl Assembler {
    pub fn sse(&mut self, op: Sse, to: Xmm, from: Xmm) {
        self.emit(op.reg(Width::B32, to.0, from.0));
    }

    /// With an operand in memory: the second, or that of a store.
    pub fn sse_mem(&mut self, op: Sse, reg: Xmm, mem: Mem) {
        self.emit(op.mem(Width::B32, reg.0, mem));
    }

    /// With a constant that says how to compare, round, or select lanes.
    pub fn sse_imm(&mut self, op: Sse, to: Xmm, from: Xmm, imm: u8) {
        self.emit(op.reg(Width::B32, to.0, from.0).then(&[imm]));
    }

    /// With an operand in memory and a constant. `Pextrd` and `Pinsrd` of 64 bits are `pextrq` and `pinsrq`.
    pub fn sse_mem_imm(&mut self, op: Sse, width: Width, reg: Xmm, mem: Mem, imm: u8) {
        self.emit(op.mem(width, reg.0, mem).then(&[imm]));
    }

    /// With a constant operand that is placed where the label will be bound.
    pub fn sse_label(&mut self, op: Sse, to: Xmm, from: &mut Label) {
        let instruction = relative(op.reg(Width::B32, to.0, 5));
        let (bytes, len) = instruction.padded();
        self.emit_jump(&bytes[..len], from);
    }

    /// Converts an integer.
    pub fn sse_reg(&mut self, op: Sse, width: Width, xmm: Xmm, reg: Reg) {
        self.emit(op.reg(width, xmm.0, reg.0));
    }

    /// Inserts a general register as the lane `lane`, or extracts the lane to it.
    pub fn sse_lane(&mut self, op: Sse, width: Width, xmm: Xmm, reg: Reg, lane: u8) {
        self.emit(op.reg(width, xmm.0, reg.0).then(&[lane]));
    }

    /// Converts to an integer, or gathers the signs of lanes.
    pub fn sse_to_reg(&mut self, op: Sse, width: Width, to: Reg, from: Xmm) {
        self.emit(op.reg(width, to.0, from.0));
    }

    pub fn sse_shift(&mut self, op: LaneShift, to: Xmm, count: u8) {
        let [opcode, extension] = (op as u16).to_be_bytes();
        let start = Instruction::prefixed_reg(0x66, Width::B32, &[0x0f, opcode], extension, to.0);
        self.emit(start.then(&[count]));
    }
}
