//! The operands of instructions.

/// A general register, by its number in the encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reg(pub(super) u8);

pub const RAX: Reg = Reg(0);
pub const RCX: Reg = Reg(1);
pub const RDX: Reg = Reg(2);
pub const RBX: Reg = Reg(3);
pub const RSP: Reg = Reg(4);
pub const RBP: Reg = Reg(5);
pub const RSI: Reg = Reg(6);
pub const RDI: Reg = Reg(7);
pub const R8: Reg = Reg(8);
pub const R9: Reg = Reg(9);
pub const R10: Reg = Reg(10);
pub const R11: Reg = Reg(11);
pub const R12: Reg = Reg(12);
pub const R13: Reg = Reg(13);
pub const R14: Reg = Reg(14);
pub const R15: Reg = Reg(15);

impl Reg {
    /// The register with this number, of which there are 16.
    pub const fn numbered(number: u8) -> Reg {
        Reg(number & 15)
    }

    pub const fn number(self) -> u8 {
        self.0
    }
}

/// A vector register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Xmm(pub u8);

/// Operand size. Writing 32 bits clears the upper half of a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Width {
    B32,
    B64,
}

/// A memory operand: base + displacement, or base + index * scale + displacement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mem {
    pub base: Reg,
    /// Not rsp, which cannot be encoded.
    pub index: Option<Reg>,
    /// log2 of the scale, at most 3.
    pub scale: u8,
    pub displacement: i32,
}

/// base + displacement
#[allow(non_snake_case)]
pub const fn Mem(base: Reg, displacement: i32) -> Mem {
    Mem { base, index: None, scale: 0, displacement }
}

impl Mem {
    /// base + index + displacement
    pub const fn indexed(base: Reg, index: Reg, displacement: i32) -> Mem {
        Mem { base, index: Some(index), scale: 0, displacement }
    }

    /// The place so many bytes further on.
    pub const fn plus(self, bytes: i32) -> Mem {
        Mem { displacement: self.displacement + bytes, ..self }
    }
}
