//! Metered code: takes units from the store's word of fuel where the plan (`body::Plan`) says, and asks the runtime
//! when none are left.
//!
//! The word is compared with zero where functions are entered and loop iterations begin, which all long-running
//! code passes. Every charge is written to memory at once, so that a trap, a callee or the host finds the exact
//! amount. In functions with loops it is also kept in a variable, because a short loop that loaded it would wait
//! for memory at each iteration; after calls it is loaded again. The charge for a call of the function comes before
//! the prologue (`emit`), where it is one instruction and a branch.

use super::regions::Region;
use super::translator::{FuncTranslator, TRUSTED};
use crate::abi::Builtin;
use crate::abi::budgets::{LOOP_COST, budget_offset};
use crate::abi::vmctx::{STORE_FUEL, VMCTX_CODE_TABLE, VMCTX_STORE};
use crate::body::Charge;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use hashbrown::HashSet;

impl FuncTranslator<'_> {
    /// Counts an iteration of a loop, in counted code.
    pub fn count_iteration(&mut self) {
        if !self.counted {
            return;
        }
        let budgets = self.constant_at(VMCTX_CODE_TABLE, types::I64);
        let offset = budget_offset(self.own.0);
        let before = self.b.ins().load(types::I64, TRUSTED, budgets, offset);
        let left = self.b.ins().iadd_imm_s(before, -i64::from(LOOP_COST));
        self.b.ins().store(TRUSTED, left, budgets, offset);
        let (hot, go_on) = (self.create_cold_block(), self.create_block());
        let used_up = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0);
        self.b.ins().brif(used_up, hot, &[], go_on, &[]);
        self.continue_in(hot);
        let own = self.i32_const(self.own.0 as i32);
        // No code continues a loop of this code.
        let number = self.i32_const(-1);
        self.call_builtin(Builtin::LoopIsHot, &[own, number]);
        self.b.ins().jump(go_on, &[]);
        self.continue_in(go_on);
    }

    /// Takes fuel from a variable from now on, and keeps that up to date.
    pub fn keep_fuel_in_variable(&mut self) {
        self.scratch.meter.variable = Some(self.b.declare_var(types::I64));
        self.reload_fuel();
    }

    /// Emits a charge.
    pub fn charge(&mut self, charge: Charge) {
        let left = self.take_fuel(charge.amount);
        if charge.is_loop {
            self.ask_if_below_zero(left);
        }
    }

    /// Takes what a call costs, where the callee is inlined.
    pub fn charge_for_call(&mut self, amount: u32) {
        let left = self.take_fuel(amount);
        self.ask_if_below_zero(left);
    }

    /// Loads the fuel again, after something may have changed it in memory.
    pub fn reload_fuel(&mut self) {
        if let Some(variable) = self.scratch.meter.variable {
            let left = self.load_fuel();
            self.b.def_var(variable, left);
            let load = self.b.func.dfg.value_def(left).inst();
            self.scratch.meter.loads.extend(load);
        }
    }

    fn take_fuel(&mut self, amount: u32) -> Value {
        let variable = self.scratch.meter.variable;
        let before = match variable {
            Some(variable) => self.b.use_var(variable),
            None => self.load_fuel(),
        };
        let amount = self.b.ins().iconst(types::I64, i64::from(amount));
        let left = self.b.ins().isub(before, amount);
        let store = self.constant_at(VMCTX_STORE, types::I64);
        let flags = self.in_region(TRUSTED, Region::Fuel);
        self.b.ins().store(flags, left, store, STORE_FUEL);
        if let Some(variable) = variable {
            self.b.def_var(variable, left);
        }
        left
    }

    fn load_fuel(&mut self) -> Value {
        let store = self.constant_at(VMCTX_STORE, types::I64);
        self.load_word(types::I64, Region::Fuel, store, STORE_FUEL)
    }

    fn ask_if_below_zero(&mut self, left: Value) {
        let (ask, go_on) = (self.create_cold_block(), self.create_block());
        let none_left = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0);
        self.b.ins().brif(none_left, ask, &[], go_on, &[]);
        self.continue_in(ask);
        let calls = self.calls;
        self.call_builtin(Builtin::Refuel, &[]);
        // The builtin runs in the reserve below the stack limit and preserves the registers.
        self.calls = calls;
        self.reload_fuel();
        self.b.ins().jump(go_on, &[]);
        self.continue_in(go_on);
    }

    /// The code generator keeps every load; most of those after calls are not needed.
    pub fn drop_unused_loads_of_fuel(&mut self) {
        if self.scratch.meter.loads.is_empty() {
            return;
        }
        let func = &mut *self.b.func;
        let mut unused: HashSet<Value> = HashSet::new();
        unused.extend(self.scratch.meter.loads.iter().map(|load| func.dfg.first_result(*load)));
        for block in func.layout.blocks() {
            for inst in func.layout.block_insts(block) {
                for value in func.dfg.inst_values(inst) {
                    unused.remove(&func.dfg.resolve_aliases(value));
                }
            }
        }
        for load in self.scratch.meter.loads.drain(..) {
            if unused.contains(&func.dfg.first_result(load)) {
                func.layout.remove_inst(load);
            }
        }
    }
}
