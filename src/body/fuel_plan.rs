//! Where metered code takes fuel, and how much: computed in a pass over a function's body before it is translated.
//!
//! An instruction costs one unit; one that only gives structure is free. Units are taken *before* the instructions
//! run, in one step for a whole *region*: the code of a function outside its loops, at each call, and the code of a
//! loop outside inner loops, at each iteration. Blocks that a branch may skip are charged when they begin, and so
//! is the code after a loop. Short blocks are charged with their region, whether they run or not, as long as they
//! add little to it, so that there are fewer charges.
//!
//! The plan depends on the instructions alone, so a module consumes the same in every mode. What must stay true:
//! code that can run for ever must pass the charge of a function or a loop again and again, so every loop with a
//! branch back to it has one.
//!
//! The body need not be valid. The plan of an invalid body is meaningless, and is not used.

use super::decode::Operators;
use super::flow::{BlockKind, Flow};
use super::fuel::{LEAST_PER_CALL, cost};
use super::operators::{Handler, Position, drive};
use crate::error::Error;
use wasmparser::Operator;

/// Blocks up to this cost may be charged with their region.
const SHORT: u32 = 32;

/// The most that short blocks may add to a region.
const SHORT_TOGETHER: u32 = 64;

/// The charges of one function.
#[derive(Default)]
pub struct Plan {
    /// The cost of a call.
    pub entry: u32,
    /// All other charges, in order. Those with an amount of zero are ignored.
    charges: Vec<Charge>,
    /// The number of charges already asked for.
    asked: usize,
    regions: Vec<FuelRegion>,
    /// The cost of the instructions since the last charge, and that charge if it is not the region's.
    cost: u32,
    charge: Option<usize>,
}

/// A charge after an instruction, where translation continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The number of the instruction in the body.
    instruction: u32,
    pub amount: u32,
    /// Taken at each iteration of a loop; the instruction is its beginning.
    pub is_loop: bool,
}

struct FuelRegion {
    /// The charge of a loop; none for the function.
    charge: Option<usize>,
    /// The cost of short blocks.
    short: u32,
}

impl Plan {
    /// Computes the plan for a body.
    pub fn make(&mut self, body: Operators<'_>, flow: &mut Flow) {
        self.clear();
        self.regions.push(FuelRegion { charge: None, short: 0 });
        // A body that cannot be read is refused when it is compiled.
        let _ = drive(body, flow, self);
        self.close();
        self.entry = self.entry.max(LEAST_PER_CALL);
    }

    fn clear(&mut self) {
        (self.entry, self.asked, self.cost, self.charge) = (0, 0, 0, None);
        self.charges.clear();
        self.regions.clear();
    }

    pub fn has_loops(&self) -> bool {
        self.charges.iter().any(|charge| charge.is_loop)
    }

    /// The charge after an instruction. Must be called for each handled instruction, in order.
    pub fn charge_after(&mut self, instruction: u32) -> Option<Charge> {
        let charge = *self.charges.get(self.asked)?;
        if charge.instruction != instruction {
            return None;
        }
        self.asked += 1;
        (charge.amount != 0).then_some(charge)
    }

    fn end(&mut self, number: u32, flow: &Flow) {
        let Some(block) = flow.innermost() else { return };
        let is_loop = block.kind == BlockKind::Loop;
        if is_loop {
            self.close();
            let charge = self.regions.pop().and_then(|region| region.charge);
            if let Some(charge) = charge.and_then(|charge| self.charges.get_mut(charge)) {
                charge.amount = charge.amount.max(block.branched.into());
            }
        }
        if block.arrives() || is_loop && flow.is_live() {
            self.begin(number, false);
        }
    }

    /// Begins a charge.
    fn begin(&mut self, instruction: u32, is_loop: bool) {
        self.close();
        self.charge = Some(self.charges.len());
        self.charges.push(Charge { instruction, amount: 0, is_loop });
    }

    /// Decides which charge includes the instructions since the last one.
    fn close(&mut self) {
        let cost = std::mem::take(&mut self.cost);
        let charge = self.charge.take();
        let Some(region) = self.regions.last_mut() else { return };
        let payer = match charge {
            Some(_) if cost <= SHORT && region.short + cost <= SHORT_TOGETHER => {
                region.short += cost;
                region.charge
            }
            Some(own) => Some(own),
            None => region.charge,
        };
        match payer.and_then(|payer| self.charges.get_mut(payer)) {
            Some(charge) => charge.amount += cost,
            None => self.entry += cost,
        }
    }
}

impl<'a> Handler<'a> for Plan {
    type Error = Error;

    fn operator(&mut self, op: &Operator<'a>, at: Position, flow: &Flow) -> Result<(), Error> {
        self.cost += cost(op);
        match op {
            Operator::Loop { .. } => {
                self.begin(at.number, true);
                self.regions.push(FuelRegion { charge: self.charge.take(), short: 0 });
            }
            Operator::If { .. }
            | Operator::Else
            | Operator::Catch { .. }
            | Operator::CatchAll
            | Operator::BrIf { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. } => self.begin(at.number, false),
            Operator::End | Operator::Delegate { .. } => self.end(at.number, flow),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::operators;
    use super::*;
    use crate::types::DefinedFuncIndex;

    /// The plan of the only function of a module, as (instruction, amount, is_loop).
    fn plan(body: &str) -> (u32, Vec<(u32, u32, bool)>) {
        let module = super::super::tests::module(&format!("(module (func $f (param i32) {body}))"));
        let mut plan = Plan::default();
        plan.make(operators(&module, DefinedFuncIndex(0)).unwrap(), &mut Flow::default());
        let charges = plan.charges.iter().map(|c| (c.instruction, c.amount, c.is_loop));
        (plan.entry, charges.filter(|c| c.1 != 0).collect())
    }

    fn long(instructions: u32) -> String {
        "(local.set 0 (local.get 0))".repeat(instructions as usize / 2)
    }

    #[test]
    fn straight_code_is_charged_for_at_the_entry() {
        assert_eq!(plan(""), (1, vec![]));
        assert_eq!(plan("nop nop"), (1, vec![]));
        assert_eq!(plan(&long(100)), (100, vec![]));
    }

    #[test]
    fn short_blocks_are_charged_for_with_what_precedes_them() {
        let both = "(if (local.get 0) (then (local.set 0 (local.get 0))) (else nop))";
        assert_eq!(plan(both), (4, vec![]));
    }

    #[test]
    fn long_blocks_are_charged_for_when_they_begin() {
        let arms = format!("(if (local.get 0) (then {}) (else {}))", long(40), long(60));
        let (entry, charges) = plan(&arms);
        assert_eq!(entry, 2);
        assert_eq!(charges, [(1, 40, false), (42, 60, false)]);
        // After the branch out of the block.
        let (entry, charges) = plan(&format!("(block (br_if 0 (local.get 0)) {})", long(50)));
        assert_eq!((entry, charges), (2, vec![(2, 50, false)]));
    }

    #[test]
    fn short_blocks_do_not_add_up_without_end() {
        let arm = format!("(if (local.get 0) (then {}))", long(30));
        let (entry, charges) = plan(&arm.repeat(10));
        let total: u32 = entry + charges.iter().map(|c| c.1).sum::<u32>();
        assert_eq!(total, 320);
        assert!(entry <= 2 + SHORT_TOGETHER);
    }

    #[test]
    fn loops_are_charged_for_at_each_iteration() {
        let (entry, charges) = plan("(loop (local.set 0 (local.get 0)) (br_if 0 (local.get 0)))");
        assert_eq!((entry, charges), (1, vec![(0, 4, true)]));
        let nested = format!("(loop {} (loop {} (br_if 0 (local.get 0))))", long(10), long(20));
        let (_, charges) = plan(&nested);
        assert_eq!(charges, [(0, 10, true), (11, 22, true)]);
    }

    #[test]
    fn every_loop_that_is_branched_back_to_has_a_charge() {
        let empty_first = format!("(loop (loop) {} (br 0))", long(60));
        assert!(plan(&empty_first).1.contains(&(0, 1, true)));
        let out_of_a_block = format!("(loop (loop (block)) {} (br_if 0 (local.get 0)))", long(60));
        assert!(plan(&out_of_a_block).1.contains(&(0, 1, true)));
        assert_eq!(plan("(loop (loop))"), (1, vec![]));
    }

    #[test]
    fn long_clauses_are_charged_for_when_they_begin() {
        let body = format!("try {} catch_all {} end {}", long(10), long(40), long(50));
        assert_eq!(plan(&body), (10, vec![(11, 40, false), (52, 50, false)]));
        // Nothing else arrives at the end of a `try` that delegates.
        let delegated = format!("try {} delegate 0 {}", long(40), long(50));
        assert_eq!(plan(&delegated), (90, vec![]));
        assert_eq!(plan("try catch_all rethrow 0 end"), (1, vec![]));
    }

    #[test]
    fn code_that_cannot_be_reached_costs_nothing() {
        assert_eq!(plan("return (local.set 0 (local.get 0))"), (1, vec![]));
        assert_eq!(plan("(loop (br 0) (loop (br 0)))").1, [(0, 1, true)]);
        let after = format!("(block (br 0) (block) {}) {}", long(10), long(50));
        assert_eq!(plan(&after), (1, vec![(14, 50, false)]));
    }
}
