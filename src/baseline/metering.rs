//! Metered code: takes units from the store's word of fuel where the plan (`body::Plan`) says, and asks the runtime
//! when none are left.

use super::cold::ColdKind;
use super::emitter::Emitter;
use super::registers::{SCRATCH, VMCTX};
use crate::abi::vmctx::{STORE_FUEL, VMCTX_STORE};
use crate::asm::x64::*;
use crate::body::Charge;

impl Emitter<'_> {
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
