//! Metered code: takes units from the store's word of fuel where the plan (`body::Plan`) says, and asks the runtime
//! when none are left. Counted code: takes from the function's budget in the same way (see `abi::budgets`).

use super::cold::ColdKind;
use super::emitter::Emitter;
use super::registers::{SCRATCH, VMCTX};
use crate::abi::budgets::{LOOP_COST, budget_offset};
use crate::abi::vmctx::{STORE_FUEL, VMCTX_CODE_TABLE, VMCTX_STORE};
use crate::asm::x64::*;
use crate::body::Charge;

impl Emitter<'_> {
    /// At the beginning of an iteration of a loop.
    pub fn count_iteration(&mut self) {
        if !self.counted {
            return;
        }
        self.asm.load(Width::B64, SCRATCH, Mem(VMCTX, VMCTX_CODE_TABLE));
        self.asm.sub_mem(Mem(SCRATCH, budget_offset(self.func.0)), LOOP_COST);
        let back = self.new_label();
        let hot = self.cold(ColdKind::Hot { back });
        self.jump_if(Condition::Less, hot);
        self.bind(back);
    }

    pub fn charge(&mut self, charge: Charge) {
        self.asm.load(Width::B64, SCRATCH, Mem(VMCTX, VMCTX_STORE));
        let amount = charge.amount.min(i32::MAX as u32) as i32;
        self.asm.sub_mem(Mem(SCRATCH, STORE_FUEL), amount);
        if charge.is_loop {
            let back = self.new_label();
            let refuel = self.cold(ColdKind::Refuel { back });
            self.jump_if(Condition::Less, refuel);
            self.bind(back);
        }
    }
}
