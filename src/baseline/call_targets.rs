//! Recording the targets of indirect calls, in counted code (see `abi::call_targets`).
//!
//! A call of the function that is recorded costs two loads, a compare and an addition, none of which the call waits for.

use super::cold::ColdKind;
use super::emitter::Emitter;
use super::registers::{SCRATCH, VMCTX};
use crate::abi::call_targets::{MISS, RECORD_MISSES, RECORD_SCORE, RECORD_TARGET, record_offset};
use crate::abi::vmctx::{ENTRY_OWN, ENTRY_VMCTX, VMCTX_CODE_TABLE};
use crate::asm::x64::*;

impl Emitter<'_> {
    /// Records that the function in a table element or object is called. Changes the other register.
    pub fn record_target(&mut self, callee: Reg, target: Reg) {
        if !self.counted {
            return;
        }
        let back = self.new_label();
        let other = self.cold(ColdKind::OtherTarget { callee, target, back });
        self.asm.load(Width::B32, target, Mem(callee, ENTRY_OWN));
        self.asm.load(Width::B64, SCRATCH, Mem(VMCTX, VMCTX_CODE_TABLE));
        let record = self.record();
        self.asm.alu_mem(Alu::Cmp, Width::B32, target, record.plus(RECORD_TARGET));
        self.jump_if(Condition::NotEqual, other);
        self.asm.alu_mem_const(Alu::Add, Width::B32, record.plus(RECORD_SCORE), 1);
        self.bind(back);
    }

    /// The same where it is not the recorded function. That may be any of another instance, whose numbers mean other
    /// functions.
    pub fn record_other_target(&mut self, callee: Reg, target: Reg) {
        let (record, stays) = (self.record(), self.new_label());
        self.asm.alu_mem_const(Alu::Add, Width::B32, record.plus(RECORD_MISSES), 1);
        self.asm.alu_mem(Alu::Cmp, Width::B64, VMCTX, Mem(callee, ENTRY_VMCTX));
        self.jump_if(Condition::NotEqual, stays);
        self.asm.alu_mem_const(Alu::Sub, Width::B32, record.plus(RECORD_SCORE), MISS);
        self.jump_if(Condition::GreaterOrEqual, stays);
        self.asm.store_low(4, record.plus(RECORD_TARGET), target);
        self.asm.store_const(Width::B32, record.plus(RECORD_SCORE), 0);
        self.bind(stays);
    }

    /// The record of this instruction, where the scratch register has the address of the slots.
    fn record(&self) -> Mem {
        Mem(SCRATCH, record_offset(self.module.bodies.len(), self.at))
    }
}
