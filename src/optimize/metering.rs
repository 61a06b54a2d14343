//! Metered code: takes units from the store's word of fuel as the plan (`fuel_plan`) says, and asks
//! the runtime when none are left.
//!
//! The word is compared with zero where functions are entered and loops begin an iteration; whatever
//! runs for long comes by there. Every charge goes to memory at once, so that a trap, a callee or the
//! host finds the true amount. In functions with loops it lives in a variable as well, because a short
//! loop that took it from memory would wait for it at each iteration; after calls it is loaded again.
//! The charge for a call of the function lies in front of the prologue (`emit`), where it is one
//! instruction and a branch.

use super::locals::LocalsPlace;
use super::regions::Region;
use super::translator::{FuncTranslator, TRUSTED};
use crate::abi::vmctx::{STORE_FUEL, VMCTX_STORE};
use crate::abi::{Builtin, Metering};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use hashbrown::HashSet;
use wasmparser::OperatorsReader;

/// Whether a builtin may change the store's fuel.
pub(super) fn consumes_fuel(builtin: Builtin) -> bool {
    use Builtin::*;
    matches!(
        builtin,
        MemoryGrow
            | MemoryFill
            | MemoryCopy
            | MemoryInit
            | TableGrow
            | TableFill
            | TableCopy
            | TableInit
    )
}

impl FuncTranslator<'_> {
    pub fn is_metered(&self) -> bool {
        self.mode.metering == Metering::On
    }

    /// Prepares the charges of a function with this body, whose locals are in `place`.
    pub fn begin_metering(&mut self, place: LocalsPlace, body: OperatorsReader<'_>) {
        if !self.is_metered() {
            return;
        }
        self.scratch.meter.plan.make(body);
        if place == LocalsPlace::Variables && self.scratch.meter.plan.has_loops() {
            self.scratch.meter.variable = Some(self.b.declare_var(types::I64));
            self.reload_fuel();
        }
    }

    /// Ends the charges: what a call of the function costs, in metered code.
    pub fn finish_metering(&mut self) -> Option<u32> {
        if !self.is_metered() {
            return None;
        }
        self.drop_unused_loads();
        Some(self.scratch.meter.plan.entry)
    }

    /// Emits the charge that the plan has behind an instruction, if any.
    pub fn charge_after(&mut self, instruction: u32) {
        if !self.is_metered() {
            return;
        }
        let meter = &mut self.scratch.meter;
        let Some(&charge) = meter.plan.charges.get(meter.next) else { return };
        if charge.instruction != instruction {
            return;
        }
        meter.next += 1;
        if !self.reachable || charge.amount == 0 {
            return;
        }
        let left = self.take_fuel(charge.amount);
        if charge.is_loop {
            self.ask_if_below_zero(left);
        }
    }

    /// Something may have changed the amount in memory.
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
        // It runs in the reserve below the stack limit and preserves the registers.
        self.calls = calls;
        self.reload_fuel();
        self.b.ins().jump(go_on, &[]);
        self.continue_in(go_on);
    }

    /// The code generator keeps every load; most of those after calls are for nothing.
    fn drop_unused_loads(&mut self) {
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
