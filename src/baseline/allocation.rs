//! Finding a register for an operand.

use super::emitter::Emitter;
use super::operand::{Operand, Place};
use crate::asm::x64::*;

impl Emitter<'_> {
    /// A register for an operand. If none is free, the lowest operand in one is spilled.
    pub fn take(&mut self) -> Reg {
        if let Some(reg) = self.registers.take() {
            return reg;
        }
        let in_register = |at: &usize| matches!(self.stack[*at].place, Place::Reg(_));
        if let Some(at) = (self.settled..self.stack.len()).find(in_register) {
            self.spill(at);
        }
        self.registers.take().unwrap_or_else(|| {
            self.fail("no register is free");
            RAX
        })
    }

    pub fn take_xmm(&mut self) -> Xmm {
        if let Some(xmm) = self.registers.take_xmm() {
            return xmm;
        }
        let in_register = |at: &usize| matches!(self.stack[*at].place, Place::Xmm(_));
        if let Some(at) = (self.settled..self.stack.len()).find(in_register) {
            self.spill(at);
        }
        self.registers.take_xmm().unwrap_or_else(|| {
            self.fail("no vector register is free");
            Xmm(0)
        })
    }

    /// Makes a register free of operands on the stack, and reserves it. Operands that were popped must not be in it.
    pub fn take_this(&mut self, reg: Reg) {
        self.vacate(reg);
        self.registers.reserve(reg);
    }

    /// Reserves rax for the operand below the topmost, which may stay there.
    pub fn take_rax_for_second(&mut self) {
        let second = self.stack.len().checked_sub(2);
        if !second.is_some_and(|at| self.stack[at].place == Place::Reg(RAX)) {
            self.take_this(RAX);
        }
    }

    /// Loads that operand, which was popped, into rax.
    pub fn load_rax(&mut self, operand: Operand) {
        self.load_reg(RAX, operand);
        if operand.place != Place::Reg(RAX) {
            self.release(operand);
        }
    }

    /// Makes a register free of operands on the stack: moves the one that is in it.
    pub fn vacate(&mut self, reg: Reg) {
        if self.registers.is_free(reg) {
            return;
        }
        let holds = |at: &usize| self.stack[*at].place == Place::Reg(reg);
        let Some(at) = (self.settled..self.stack.len()).rev().find(holds) else { return };
        match self.registers.take() {
            Some(other) => {
                self.asm.mov(Width::B64, other, reg);
                self.set_place(at, Place::Reg(other));
            }
            None => self.spill(at),
        }
    }

    pub fn release_reg(&mut self, reg: Reg) {
        self.registers.release(reg);
    }
}
