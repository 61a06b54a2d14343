//! One pass over a body: passes each operator to its family, emits the charges of the fuel plan, and stops
//! functions that take too much memory or are too costly. Calls that are inlined begin another such pass.

use super::budget::Budget;
use super::callees::MOST_BYTES;
use super::dispatch;
use super::error::CompileError;
use super::guarded::IndirectCall;
use super::inlining::{Heat, Inlining};
use super::places::Places;
use super::translator::FuncTranslator;
use crate::binary::Validation;
use crate::body::{Flow, Handler, Plan, Position};
use crate::module::hints::{BranchHints, is_likely};
use crate::types::{DefinedFuncIndex, FuncIndex, TagIndex};
use std::sync::Arc;
use wasmparser::{Catch, Operator};

pub(super) struct Translation<'t, 'b> {
    pub t: FuncTranslator<'t>,
    /// That of the current body, in metered code.
    pub plan: Option<Plan>,
    pub places: Places,
    /// Of the whole module.
    pub hints: Option<Arc<BranchHints>>,
    pub inlining: &'b mut Inlining,
    pub validation: &'b Validation,
    pub budget: &'b mut Budget,
    /// Bytes of all bodies.
    pub size: usize,
    /// The number of values that the validator keeps of the function's own body.
    pub operands: u32,
    /// Instructions that the ends of `try_table` may still become.
    pub catching: u64,
}

/// Why a translation stops early.
pub(super) enum Stop {
    TooCostly,
    Failed(CompileError),
}

impl<E: Into<CompileError>> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop::Failed(error.into())
    }
}

impl<'a> Handler<'a> for Translation<'_, '_> {
    type Error = Stop;

    #[inline]
    fn check(&mut self, operands: u32) -> Result<(), Stop> {
        if self.t.inlined_block.is_none() {
            self.operands = operands;
        }
        if self.t.is_too_costly() {
            return Err(Stop::TooCostly);
        }
        Ok(self.budget.check(&self.t, self.size, self.operands, 0)?)
    }

    fn operator(&mut self, op: &Operator<'a>, at: Position, flow: &Flow) -> Result<(), Stop> {
        let t = &mut self.t;
        t.effort.instructions += 1;
        t.b.set_srcloc(self.places.location(at.offset as u32));
        if let Operator::Call { function_index } = *op
            && let Some(callee) = self.choose(FuncIndex(function_index), Heat::Unknown)
        {
            return self.inline(callee, at.offset as u32);
        }
        if let Some(call) = IndirectCall::of(op)
            && self.call_guarded(call, at.offset as u32)?
        {
            return Ok(());
        }
        self.t.hint = self.hint(op, at);
        let t = &mut self.t;
        if let Operator::BrTable { targets } = op {
            t.effort.branch_table_entries += u64::from(targets.len());
            if t.effort.branches_too_much() {
                return Err(Stop::TooCostly);
            }
            let ahead = instructions_of_branch_table(t, targets.len());
            self.budget.check(t, self.size, self.operands, ahead)?;
        }
        t.effort.clauses += clauses(op);
        if let Operator::TryTable { try_table } = op {
            self.catching += instructions_of_catches(t, &try_table.catches);
            self.budget.check(t, self.size, self.operands, self.catching)?;
        }
        Ok(dispatch::translate(t, op, flow.is_live())?)
    }

    #[inline]
    fn passed(&mut self, at: Position, flow: &Flow) {
        let charge = self.plan.as_mut().and_then(|plan| plan.charge_after(at.number));
        if let Some(charge) = charge
            && flow.is_live()
        {
            self.t.charge(charge);
        }
    }
}

impl Translation<'_, '_> {
    /// Whether the condition of a branch probably holds, if there is a hint.
    fn hint(&self, op: &Operator<'_>, at: Position) -> Option<bool> {
        let hints = self.hints.as_ref()?;
        let is_branch = matches!(op, Operator::If { .. } | Operator::BrIf { .. });
        if is_branch { is_likely(hints, at.offset as u32) } else { None }
    }

    /// The function that is called, if it is to be inlined here.
    pub(super) fn choose(&mut self, func: FuncIndex, heat: Heat) -> Option<DefinedFuncIndex> {
        if !self.places.have_room(MOST_BYTES) {
            return None;
        }
        self.inlining.choose(&self.t, func, heat, self.validation)
    }
}

/// The number of clauses that an operator begins.
fn clauses(op: &Operator<'_>) -> u64 {
    match op {
        Operator::TryTable { try_table } => try_table.catches.len() as u64,
        Operator::Catch { .. } | Operator::CatchAll | Operator::Delegate { .. } => 1,
        _ => 0,
    }
}

/// How many instructions the catch clauses of a `try_table` may become at its end.
fn instructions_of_catches(t: &FuncTranslator<'_>, catches: &[Catch]) -> u64 {
    let carried = |catch: &Catch| match catch {
        Catch::One { tag, .. } | Catch::OneRef { tag, .. } => {
            t.module.tag_type(TagIndex(*tag)).params.len()
        }
        Catch::All { .. } | Catch::AllRef { .. } => 0,
    };
    catches.iter().map(|catch| 16 + 2 * carried(catch) as u64).sum()
}

/// The number of instructions of a branch table, beyond the few of every operator.
fn instructions_of_branch_table(t: &FuncTranslator<'_>, targets: u32) -> u64 {
    let labels = (targets as usize + 1).min(t.scratch.control.len()) as u64;
    labels * 4
}
