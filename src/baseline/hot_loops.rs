//! Counting iterations of loops, and continuing a hot one in better code.
//!
//! At the beginning of a loop all operands are in their slots, constants too. When the budget is used up there, the
//! runtime is asked for code that continues the loop. If it has some, the locals in registers are written to their
//! slots as well, and that code is called with the address of the frame. It returns in place of this function: its
//! results are where this function's belong.

use super::blocks::LabelId;
use super::cold::ColdKind;
use super::emitter::Emitter;
use super::registers::{SCRATCH, VMCTX};
use crate::abi::Builtin;
use crate::abi::budgets::{LOOP_COST, budget_offset};
use crate::abi::vmctx::{VMCTX_CALLEE, VMCTX_CODE_TABLE};
use crate::asm::registers::INT_ARG_REGS;
use crate::asm::x64::*;

impl Emitter<'_> {
    /// Counts an iteration, at the beginning of a loop.
    pub fn count_iteration(&mut self) {
        let back = self.new_label();
        let hot = self.cold(ColdKind::HotLoop { number: self.loops, back });
        self.asm.load(Width::B64, SCRATCH, Mem(VMCTX, VMCTX_CODE_TABLE));
        self.asm.sub_mem(Mem(SCRATCH, budget_offset(self.func.0)), LOOP_COST);
        self.jump_if(Condition::Less, hot);
        self.bind(back);
    }

    /// Emits the way from a hot loop into better code, or back.
    pub fn continue_hot_loop(&mut self, number: u32, back: LabelId) {
        self.call_preserving(Builtin::LoopIsHot, &[self.func.0, number]);
        self.asm.alu_mem_const(Alu::Cmp, Width::B64, Mem(VMCTX, VMCTX_CALLEE), 0);
        self.jump_if(Condition::Equal, back);
        for i in 0..self.locals.in_registers.len() {
            let index = self.locals.in_registers[i];
            let (local, source) = (self.locals.get(index), self.locals.source(index));
            self.store_source(local.kind, local.slot(), source);
        }
        self.has_calls = true;
        self.asm.mov(Width::B64, INT_ARG_REGS[0], VMCTX);
        self.asm.mov(Width::B64, INT_ARG_REGS[1], RBP);
        self.asm.call_mem(Mem(VMCTX, VMCTX_CALLEE));
        self.hidden.push(self.asm.len() as u32);
        self.return_site();
        self.jump(self.exit);
    }
}
