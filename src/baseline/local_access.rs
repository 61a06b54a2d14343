//! Reading and writing locals, and saving them around calls.

use super::emitter::Emitter;
use super::locals::{Home, Local};
use super::operand::{Operand, Place, Source};

impl Emitter<'_> {
    pub fn local_get(&mut self, local: u32) {
        let kind = self.locals.get(local).kind;
        self.push(kind, Place::Local(local));
    }

    pub fn local_set(&mut self, local: u32) {
        let value = self.pop();
        self.assign(local, value);
        self.release(value);
    }

    /// The operand becomes the local, unless it is in a register anyway.
    pub fn local_tee(&mut self, local: u32) {
        let value = self.pop();
        self.assign(local, value);
        let kind = value.kind;
        match (value.place, self.locals.get(local).home) {
            (Place::Reg(_) | Place::Xmm(_), Home::Frame) | (Place::Const(_), _) => {
                self.push(kind, value.place);
            }
            _ => {
                self.release(value);
                self.push(kind, Place::Local(local));
            }
        }
    }

    fn assign(&mut self, local: u32, value: Operand) {
        if value.place != Place::Local(local) {
            self.keep_former_value(local);
            self.write_home(local, value);
        }
        self.locals.count_write(local);
    }

    fn write_home(&mut self, local: u32, value: Operand) {
        let to = self.locals.get(local);
        match to.home {
            Home::Frame => self.store_at(to.slot(), value),
            Home::Reg(reg) => self.load_reg(reg, value),
            Home::Xmm(reg) => self.load_xmm(reg, value),
        }
    }

    /// Copies a local that is about to change for the operands that are its former value.
    pub fn keep_former_value(&mut self, local: u32) {
        while self.locals.get(local).aliases > 0 {
            let is_alias = |at: &usize| self.stack[*at].place == Place::Local(local);
            match (self.settled..self.stack.len()).find(is_alias) {
                Some(at) => {
                    let operand = self.stack[at];
                    let place = self.copy(operand);
                    self.set_place(at, place);
                }
                None if self.lasting < self.settled => self.spill_deep_locals(),
                None => return self.fail("an operand is missing"),
            }
        }
    }

    /// Whether [`Emitter::keep_former_value`] would leave the scratch registers as they are.
    pub fn may_change_now(&self, local: u32) -> bool {
        self.locals.get(local).aliases == 0 || self.lasting == self.settled
    }

    /// Saves the locals that a call would lose.
    pub fn save_locals(&mut self) {
        for i in 0..self.locals.unpreserved.len() {
            self.save_local(self.locals.unpreserved[i]);
        }
    }

    /// Saves the locals that a call would lose, also when it throws to a handler of this function.
    pub fn save_locals_from_exceptions(&mut self) {
        if self.tries.is_empty() {
            return self.save_locals();
        }
        for i in 0..self.locals.in_registers.len() {
            self.save_local(self.locals.in_registers[i]);
        }
    }

    fn save_local(&mut self, index: u32) {
        let local = self.locals.get(index);
        self.store_source(local.kind, local.slot(), self.locals.source(index));
    }

    /// Loads them after the call.
    pub fn restore_locals(&mut self) {
        for i in 0..self.locals.unpreserved.len() {
            let local = self.locals.get(self.locals.unpreserved[i]);
            self.load_home(local);
        }
    }

    /// Loads a local into its register from its slot.
    pub fn load_home(&mut self, local: Local) {
        match local.home {
            Home::Frame => {}
            Home::Reg(reg) => self.load_reg_from(reg, local.kind, Source::Mem(local.slot())),
            Home::Xmm(reg) => self.load_xmm_from(reg, local.kind, Source::Mem(local.slot())),
        }
    }
}
