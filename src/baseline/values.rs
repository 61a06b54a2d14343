//! The operand stack as the compiler sees it.
//!
//! An operand is a constant, a register that it owns, a local that has not changed since, the flags of the last
//! comparison, or the slot in the frame that belongs to its height. Nothing is emitted to push a constant or a
//! local. What must stay true: a register belongs to one operand; a local that is about to change is first copied
//! for the operands that are its former value; flags are only on top, and the next instruction uses them.

use super::emitter::Emitter;
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
    /// The slot of the operand at this height.
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

    pub const fn word(value: u64) -> Operand {
        Operand::constant(Kind::I64, value)
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

impl Emitter<'_> {
    pub fn push(&mut self, kind: Kind, place: Place) {
        if let Place::Local(local) = place {
            self.locals.count_alias(local, 1);
        }
        self.stack.push(Operand { kind, place });
    }

    pub fn push_reg(&mut self, kind: Kind, reg: Reg) {
        self.push(kind, Place::Reg(reg));
    }

    pub fn push_xmm(&mut self, kind: Kind, reg: Xmm) {
        self.push(kind, Place::Xmm(reg));
    }

    /// Takes the topmost operand. Its register stays reserved until it is released.
    pub fn pop(&mut self) -> Operand {
        let Some(operand) = self.stack.pop() else {
            self.fail("operand stack underflow");
            return Operand::number(0);
        };
        if let Place::Local(local) = operand.place {
            self.locals.count_alias(local, -1);
        }
        self.settled = self.settled.min(self.stack.len());
        operand
    }

    /// Takes the topmost operand and gives up its register.
    pub fn drop_operand(&mut self) {
        let operand = self.pop();
        self.release(operand);
    }

    /// Drops the operands above a height.
    pub fn drop_to(&mut self, height: usize) {
        while self.stack.len() > height {
            self.drop_operand();
        }
    }

    /// The height below the `n` topmost operands.
    pub fn below(&mut self, n: usize) -> usize {
        let Some(height) = self.stack.len().checked_sub(n) else {
            self.fail("operand stack underflow");
            return 0;
        };
        height
    }

    /// Gives up the register of an operand that was popped.
    pub fn release(&mut self, operand: Operand) {
        match operand.place {
            Place::Reg(reg) => self.registers.release(reg),
            Place::Xmm(reg) => self.registers.release_xmm(reg),
            _ => {}
        }
    }

    /// Where the value of an operand is.
    pub fn source(&self, operand: Operand) -> Source {
        match operand.place {
            Place::Const(bits) => Source::Const(bits),
            Place::Reg(reg) => Source::Reg(reg),
            Place::Xmm(reg) => Source::Xmm(reg),
            Place::Local(local) => self.locals.source(local),
            Place::Slot(height) => Source::Mem(self.slot(height)),
            Place::Flags(condition) => Source::Flags(condition),
        }
    }

    /// The slot of the operand at this height.
    pub fn slot(&self, height: u32) -> Mem {
        self.frame.slot(height)
    }

    /// Moves an operand on the stack to its slot, unless it is a constant or already there.
    pub fn spill(&mut self, at: usize) {
        let operand = self.stack[at];
        if matches!(operand.place, Place::Const(_) | Place::Slot(_)) {
            return;
        }
        self.store_operand(operand, at as u32);
        self.set_place(at, Place::Slot(at as u32));
    }

    /// Replaces the place of an operand on the stack, and gives up the former one.
    pub fn set_place(&mut self, at: usize, place: Place) {
        let operand = self.stack[at];
        if let Place::Local(local) = operand.place {
            self.locals.count_alias(local, -1);
        }
        self.release(operand);
        self.stack[at].place = place;
    }

    /// Spills all operands: what different ways through the code must agree on.
    pub fn spill_all(&mut self) {
        self.spill_below(self.stack.len());
    }

    /// Spills the operands below a height.
    pub fn spill_below(&mut self, height: usize) {
        // Those below were spilled when a block began.
        let from = self.settled.min(height);
        for at in from..height {
            self.spill(at);
        }
        self.settled = self.settled.max(height);
    }

    /// Spills the operands below a height that are in registers which calls do not preserve.
    pub fn spill_registers_below(&mut self, height: usize) {
        for at in self.settled.min(height)..height {
            if !matches!(self.stack[at].place, Place::Local(_)) {
                self.spill(at);
            }
        }
    }

    /// Copies an operand to the slot at a height.
    pub fn store_operand(&mut self, operand: Operand, height: u32) {
        let to = self.frame.use_slot(height);
        self.store_at(to, operand);
    }
}
