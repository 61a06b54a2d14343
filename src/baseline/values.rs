//! The operand stack as the compiler sees it.
//!
//! An operand is a constant, a register that it owns, a local that has not changed since, the flags of the last
//! comparison, or a slot in the frame (see `slots`). Nothing is emitted to push a constant or a local. What must stay
//! true: a register belongs to one operand; a local that is about to change is first copied for the operands that are
//! its former value; flags are only on top, and the next instruction uses them.
//!
//! Constants, and locals that no instruction writes from here on, are *lasting*: they stay what they are even where
//! ways join, so that any number of them takes no room in the frame.

use super::emitter::Emitter;
use super::operand::{Kind, Operand, Place, Source};
use super::slots::DENSE;
use crate::asm::x64::{Mem, Reg, Xmm};

/// At most this many operands that are not settled remain before an instruction.
const DEEP: usize = 64;

impl Emitter<'_> {
    #[inline]
    pub fn push(&mut self, kind: Kind, place: Place) {
        if let Place::Local(local) = place {
            self.locals.count_alias(local, 1);
        }
        if self.stack.len() >= DENSE {
            self.number_high(place);
        }
        self.stack.push(Operand { kind, place });
    }

    pub fn push_reg(&mut self, kind: Kind, reg: Reg) {
        self.push(kind, Place::Reg(reg));
    }

    pub fn push_xmm(&mut self, kind: Kind, reg: Xmm) {
        self.push(kind, Place::Xmm(reg));
    }

    /// Copies a value to the slot of the next operand, and pushes that.
    pub fn push_in_slot(&mut self, kind: Kind, from: Source) {
        let slot = self.slot_of(self.stack.len());
        let to = self.frame.use_slot(slot);
        self.store_source(kind, to, from);
        self.push(kind, Place::Slot(slot));
    }

    /// Takes the topmost operand. Its register stays reserved until it is released.
    #[inline]
    pub fn pop(&mut self) -> Operand {
        let Some(operand) = self.stack.pop() else {
            self.fail("operand stack underflow");
            return Operand::number(0);
        };
        if let Place::Local(local) = operand.place {
            self.locals.count_alias(local, -1);
        }
        if self.stack.len() < self.settled {
            // No fewer than there are.
            self.settled = self.stack.len();
            self.lasting = self.lasting.min(self.settled);
            self.in_slots = self.in_slots.min(self.settled);
        }
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
    #[inline]
    pub fn release(&mut self, operand: Operand) {
        match operand.place {
            Place::Reg(reg) => self.registers.release(reg),
            Place::Xmm(reg) => self.registers.release_xmm(reg),
            _ => {}
        }
    }

    /// Where the value of an operand is.
    #[inline]
    pub fn source(&self, operand: Operand) -> Source {
        match operand.place {
            Place::Const(bits) => Source::Const(bits),
            Place::Reg(reg) => Source::Reg(reg),
            Place::Xmm(reg) => Source::Xmm(reg),
            Place::Local(local) => self.locals.source(local),
            Place::Slot(slot) => Source::Mem(self.slot(slot)),
            Place::Flags(condition) => Source::Flags(condition),
        }
    }

    /// The slot with this number.
    pub fn slot(&self, number: u32) -> Mem {
        self.frame.slot(number)
    }

    /// Moves an operand on the stack to its slot, unless it is a constant or already there.
    pub fn spill(&mut self, at: usize) {
        if !matches!(self.stack[at].place, Place::Const(_)) {
            self.spill_any(at);
        }
    }

    /// The same, also of a constant. If it is lasting, it must have a slot of its own.
    pub fn spill_any(&mut self, at: usize) {
        let operand = self.stack[at];
        if !matches!(operand.place, Place::Slot(_)) {
            let slot = self.slot_of(at);
            self.store_operand(operand, slot);
            self.set_place(at, Place::Slot(slot));
        }
    }

    /// Whether an operand may stay where it is as long as it lives.
    #[inline]
    pub fn is_lasting(&self, operand: Operand) -> bool {
        match operand.place {
            Place::Const(_) => true,
            Place::Local(local) => self.locals.get(local).writes == 0,
            _ => false,
        }
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

    /// Spills all operands that are not lasting: what different ways through the code must agree on.
    pub fn spill_all(&mut self) {
        let height = self.stack.len();
        // Those below were spilled when a block began.
        self.spill_unless_lasting(self.lasting, height);
        (self.settled, self.lasting) = (height, height);
        if self.counted && self.has_loops {
            // Code that continues a hot loop finds all operands in slots. Whatever way leads to a loop, they were
            // written when the blocks around it began.
            let end = height.min(DENSE);
            for at in self.in_slots..end {
                self.spill_any(at);
            }
            self.in_slots = end;
        }
    }

    fn spill_unless_lasting(&mut self, from: usize, to: usize) {
        for at in from..to {
            if !self.is_lasting(self.stack[at]) {
                self.spill(at);
            }
        }
    }

    /// Bounds what searches for operands look at, before an instruction.
    #[inline]
    pub fn spill_deep(&mut self) {
        let height = self.stack.len();
        if height > self.settled + DEEP || height > DENSE {
            self.spill_high(height);
        }
    }

    #[cold]
    fn spill_high(&mut self, height: usize) {
        if height > DENSE {
            return self.spill_all();
        }
        let to = height - DEEP / 2;
        self.spill_registers_below(to);
        self.settled = to;
    }

    /// Spills the operands below `settled` that are locals which are still written.
    pub fn spill_deep_locals(&mut self) {
        self.spill_unless_lasting(self.lasting, self.settled);
        self.lasting = self.settled;
    }

    /// Spills the operands below a height that are in registers which calls do not preserve.
    pub fn spill_registers_below(&mut self, height: usize) {
        for at in self.settled.min(height)..height {
            if !matches!(self.stack[at].place, Place::Local(_)) {
                self.spill(at);
            }
        }
    }

    /// Copies an operand to the slot with this number.
    pub fn store_operand(&mut self, operand: Operand, slot: u32) {
        let to = self.frame.use_slot(slot);
        self.store_at(to, operand);
    }
}
