//! Recording the targets of indirect calls, in counted code (see `abi::call_targets`).
//!
//! A call of the function that is recorded costs two loads, a compare and an addition, none of which the call waits for.

use super::blocks::LabelId;
use super::cold::ColdKind;
use super::emitter::Emitter;
use super::registers::{SCRATCH, VMCTX};
use crate::abi::Builtin;
use crate::abi::call_targets::{
    FOREIGN, RECORD_CALLS, RECORD_PASSED, RECORD_TARGET, record_number, record_offset,
};
use crate::abi::vmctx::{ENTRY_OWN, ENTRY_VMCTX, VMCTX_CALLEE, VMCTX_CODE_TABLE};
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
        self.asm.alu_mem_const(Alu::Add, Width::B32, record.plus(RECORD_CALLS), 1);
        self.bind(back);
    }

    /// The same where it is not the recorded function.
    pub fn record_other_target(&mut self, callee: Reg, target: Reg, back: LabelId) {
        let (record, own) = (self.record(), self.new_label());
        self.asm.alu_mem_const(Alu::Sub, Width::B32, record.plus(RECORD_PASSED), 1);
        self.jump_if(Condition::GreaterOrEqual, back);
        self.asm.store(Mem(VMCTX, VMCTX_CALLEE), target);
        self.asm.alu_mem(Alu::Cmp, Width::B64, VMCTX, Mem(callee, ENTRY_VMCTX));
        self.jump_if(Condition::Equal, own);
        self.asm.store_const(Width::B64, Mem(VMCTX, VMCTX_CALLEE), FOREIGN);
        self.bind(own);
        self.call_preserving(Builtin::OtherTarget, &[self.record_number()]);
        self.jump(back);
    }

    /// The record of this instruction, where the scratch register has the address of the slots.
    fn record(&self) -> Mem {
        Mem(SCRATCH, record_offset(self.module.bodies.len(), self.record_number()))
    }

    fn record_number(&self) -> u32 {
        record_number(self.module.bodies.len(), self.at)
    }
}
