//! Where metered code takes fuel, and how much: found by a look through a function's body before it
//! is translated.
//!
//! An instruction costs one unit, one that only gives structure nothing. Units are taken *before* the
//! instructions run, in one step for a whole *region*: the code of a function outside of its loops,
//! when it is called, and that of a loop outside of inner loops, at each iteration. Blocks that a
//! branch may skip are charged for when they begin, and so is what follows a loop. Short ones are
//! charged for with their region, whether they run or not, as long as they add little to it: the fewer
//! charges the better.
//!
//! The plan follows from the instructions alone, so a module consumes the same in every mode. What
//! must hold: code that can run for ever comes by a charge of a function or a loop again and again, so
//! every loop that something branches back to has one.
//!
//! The body need not be valid. A plan for one that is not is of no use, and is not used.

use wasmparser::{Operator, OperatorsReader};

/// Blocks up to this cost may be charged for with their region.
const SHORT: u32 = 32;

/// So much may be added to a region by its short blocks.
const SHORT_TOGETHER: u32 = 64;

/// The charges of one function.
#[derive(Default)]
pub(super) struct Plan {
    /// What a call costs.
    pub entry: u32,
    /// All others, in order. Those with an amount of zero are nothing.
    pub charges: Vec<Charge>,
    scratch: Scratch,
}

/// A charge after an instruction, where translation goes on behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Charge {
    /// The number of the instruction in the body.
    pub instruction: u32,
    pub amount: u32,
    /// At each iteration of a loop; the instruction is its beginning.
    pub is_loop: bool,
}

/// The state of the look through the body.
#[derive(Default)]
struct Scratch {
    frames: Vec<Frame>,
    regions: Vec<Region>,
    /// The instructions since the last charge: their cost, and the charge, if it is not the region's.
    cost: u32,
    charge: Option<usize>,
    /// The instruction at hand cannot be reached.
    dead: bool,
    /// Blocks that were opened in dead code.
    skipped: u32,
}

/// An open block.
struct Frame {
    kind: Kind,
    /// Something branches to its end, or to the beginning of a loop.
    branched: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Block,
    Loop,
    If,
}

struct Region {
    /// The charge of a loop; none for the function.
    charge: Option<usize>,
    /// Costs of short blocks.
    short: u32,
}

impl Plan {
    pub(super) fn clear(&mut self) {
        self.entry = 0;
        self.charges.clear();
        let state = &mut self.scratch;
        (state.cost, state.charge, state.dead, state.skipped) = (0, None, false, 0);
        state.frames.clear();
        state.regions.clear();
    }

    pub(super) fn has_loops(&self) -> bool {
        self.charges.iter().any(|charge| charge.is_loop)
    }

    /// Makes the plan for a body.
    pub(super) fn make(&mut self, mut body: OperatorsReader<'_>) {
        self.clear();
        self.scratch.frames.push(Frame { kind: Kind::Block, branched: false });
        self.scratch.regions.push(Region { charge: None, short: 0 });
        let mut number = 0;
        while !body.eof() {
            let Ok(op) = body.read() else { break };
            if self.scratch.dead {
                self.dead_instruction(&op, number);
            } else {
                self.scratch.cost += cost(&op);
                self.instruction(&op, number);
            }
            number += 1;
        }
        self.close();
        // A function without instructions costs something, too: calls of it may go on for ever.
        self.entry = self.entry.max(1);
    }

    fn instruction(&mut self, op: &Operator<'_>, number: u32) {
        match op {
            Operator::Block { .. } => self.push(Kind::Block),
            Operator::Loop { .. } => {
                self.push(Kind::Loop);
                self.begin(number, true);
                self.scratch.regions.push(Region { charge: self.scratch.charge.take(), short: 0 });
            }
            Operator::If { .. } => {
                self.push(Kind::If);
                self.begin(number, false);
            }
            Operator::Else => self.begin_else(number),
            Operator::End => self.end(number),
            Operator::Br { relative_depth } => {
                self.branch(*relative_depth);
                self.scratch.dead = true;
            }
            Operator::BrTable { targets } => {
                targets.targets().flatten().for_each(|depth| self.branch(depth));
                self.branch(targets.default());
                self.scratch.dead = true;
            }
            Operator::BrIf { relative_depth }
            | Operator::BrOnNull { relative_depth }
            | Operator::BrOnNonNull { relative_depth } => {
                self.branch(*relative_depth);
                self.begin(number, false);
            }
            Operator::Return
            | Operator::Unreachable
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::ReturnCallRef { .. } => self.scratch.dead = true,
            _ => {}
        }
    }

    fn dead_instruction(&mut self, op: &Operator<'_>, number: u32) {
        let skipped = &mut self.scratch.skipped;
        match op {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => *skipped += 1,
            Operator::Else if *skipped == 0 => self.begin_else(number),
            Operator::End if *skipped == 0 => self.end(number),
            Operator::End => *skipped -= 1,
            _ => {}
        }
    }

    fn push(&mut self, kind: Kind) {
        self.scratch.frames.push(Frame { kind, branched: false });
    }

    fn branch(&mut self, depth: u32) {
        let frames = &mut self.scratch.frames;
        let target = frames.len().checked_sub(1 + depth as usize);
        if let Some(frame) = target.and_then(|target| frames.get_mut(target)) {
            frame.branched = true;
        }
    }

    fn begin_else(&mut self, number: u32) {
        if let Some(frame) = self.scratch.frames.last_mut() {
            frame.branched |= !self.scratch.dead;
            frame.kind = Kind::Block;
        }
        self.scratch.dead = false;
        self.begin(number, false);
    }

    fn end(&mut self, number: u32) {
        let Some(Frame { kind, branched }) = self.scratch.frames.pop() else { return };
        // An `if` without `else` goes on behind it when its condition fails; the label of a loop is
        // at its beginning.
        let arrives = branched && kind != Kind::Loop || kind == Kind::If;
        if kind == Kind::Loop {
            self.close();
            let charge = self.scratch.regions.pop().and_then(|region| region.charge);
            if let Some(charge) = charge.and_then(|charge| self.charges.get_mut(charge)) {
                charge.amount = charge.amount.max(branched.into());
            }
        }
        self.scratch.dead = self.scratch.dead && !arrives;
        if !self.scratch.dead && (arrives || kind == Kind::Loop) {
            self.begin(number, false);
        }
    }

    /// Begins a charge.
    fn begin(&mut self, instruction: u32, is_loop: bool) {
        self.close();
        self.scratch.charge = Some(self.charges.len());
        self.charges.push(Charge { instruction, amount: 0, is_loop });
    }

    /// Decides who pays for the instructions since the last charge.
    fn close(&mut self) {
        let cost = std::mem::take(&mut self.scratch.cost);
        let charge = self.scratch.charge.take();
        let Some(region) = self.scratch.regions.last_mut() else { return };
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

fn cost(op: &Operator<'_>) -> u32 {
    use Operator::*;
    match op {
        Nop | Drop | Block { .. } | Loop { .. } | Else | End => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::{Parser, Payload};

    /// The plan of the only function of a module, as (instruction, amount, is_loop).
    fn plan(body: &str) -> (u32, Vec<(u32, u32, bool)>) {
        let wasm = wat::parse_str(format!("(module (func $f (param i32) {body}))")).unwrap();
        let mut plan = Plan::default();
        for payload in Parser::new(0).parse_all(&wasm) {
            if let Payload::CodeSectionEntry(body) = payload.unwrap() {
                plan.make(body.get_operators_reader().unwrap());
            }
        }
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
        // After the branch that leaves the block.
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
    fn code_that_cannot_be_reached_costs_nothing() {
        assert_eq!(plan("return (local.set 0 (local.get 0))"), (1, vec![]));
        assert_eq!(plan("(loop (br 0) (loop (br 0)))").1, [(0, 1, true)]);
        let after = format!("(block (br 0) (block) {}) {}", long(10), long(50));
        assert_eq!(plan(&after), (1, vec![(14, 50, false)]));
    }
}
