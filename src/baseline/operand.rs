//! Operands: their types, and where they are.

use crate::asm::x64::{Condition, Mem, Reg, Xmm};
use crate::types::ValType;

/// The type of a value, as far as code is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    I32,
    /// Also every reference.
    I64,
    F32,
    F64,
    V128,
}

impl Kind {
    pub fn of(ty: ValType) -> Kind {
        match ty {
            ValType::I32 => Kind::I32,
            ValType::I64 | ValType::Ref(_) => Kind::I64,
            ValType::F32 => Kind::F32,
            ValType::F64 => Kind::F64,
            ValType::V128 => Kind::V128,
        }
    }

    /// Whether values are in general registers.
    pub fn is_int(self) -> bool {
        matches!(self, Kind::I32 | Kind::I64)
    }

    /// Bytes of a value.
    pub fn size(self) -> u32 {
        match self {
            Kind::I32 | Kind::F32 => 4,
            Kind::I64 | Kind::F64 => 8,
            Kind::V128 => 16,
        }
    }
}

/// Where an operand is. An i32 in a register has zeros above it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// The bits of a number.
    Const(u64),
    Reg(Reg),
    Xmm(Xmm),
    /// The current value of this local.
    Local(u32),
    /// The slot with this number.
    Slot(u32),
    /// 1 if this condition holds, else 0.
    Flags(Condition),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Operand {
    pub kind: Kind,
    pub place: Place,
}

impl Operand {
    pub const fn constant(kind: Kind, bits: u64) -> Operand {
        Operand { kind, place: Place::Const(bits) }
    }

    /// A word for a builtin.
    pub const fn number(value: u32) -> Operand {
        Operand::constant(Kind::I32, value as u64)
    }

    pub fn as_constant(self) -> Option<u64> {
        match self.place {
            Place::Const(bits) => Some(bits),
            _ => None,
        }
    }
}

/// Where an instruction reads a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Source {
    Reg(Reg),
    Xmm(Xmm),
    Mem(Mem),
    Const(u64),
    Flags(Condition),
}
