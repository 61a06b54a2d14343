//! What the optimizing compiler is told of the set for which it compiles a hot function.

use super::growth::Growth;
use super::slots::Slots;
use super::states::State;
use crate::abi::call_targets::LikelyTarget;
use crate::body::{Locals, Operators};
use crate::optimize::{LikelyTargets, Observed};
use crate::types::{DefinedFuncIndex, FuncIndex};
use smallvec::SmallVec;
use wasmparser::Operator;

/// A set that gets better code while it runs.
#[derive(Clone, Copy)]
pub(super) struct Observations<'a> {
    pub growth: &'a Growth,
    pub slots: &'a Slots,
    /// Final code may be called directly. Not if some was too far away.
    pub direct_calls: bool,
}

impl Observed for Observations<'_> {
    fn is_final(&self, func: DefinedFuncIndex) -> bool {
        self.direct_calls && self.growth.states.get(func) == State::Optimized
    }

    fn is_unused(&self, func: DefinedFuncIndex) -> bool {
        self.growth.states.get(func) == State::Lazy
    }

    fn likely_targets(&self, wasm_offset: u32) -> LikelyTargets {
        self.growth.call_targets.likely(self.slots, self.slots.record_number(wasm_offset))
    }
}

impl Observations<'_> {
    /// The functions that a function calls, by name or probably, and that are hot or soon will be. If they are optimized
    /// first, they can be called directly.
    pub(super) fn hot_callees(&self, func: DefinedFuncIndex) -> Vec<DefinedFuncIndex> {
        let mut callees = Vec::new();
        self.each_operator(func, |operator, offset| {
            for callee in self.callees(operator, offset) {
                if callee != func
                    && self.is_hot(callee)
                    && !callees.contains(&callee)
                    && callees.try_reserve(1).is_ok()
                {
                    callees.push(callee);
                }
            }
        });
        callees
    }

    /// Whether a function calls others or itself.
    pub(super) fn has_calls(&self, func: DefinedFuncIndex) -> bool {
        let mut has_calls = false;
        self.each_operator(func, |operator, _| {
            has_calls |= matches!(
                operator,
                Operator::Call { .. }
                    | Operator::CallIndirect { .. }
                    | Operator::CallRef { .. }
                    | Operator::ReturnCall { .. }
                    | Operator::ReturnCallIndirect { .. }
                    | Operator::ReturnCallRef { .. }
            );
        });
        has_calls
    }

    /// What is known about the indirect calls of a function: byte offsets in the module and likely targets, of each call
    /// the least frequent first.
    pub(super) fn targets_within(&self, func: DefinedFuncIndex) -> Vec<(u32, LikelyTarget)> {
        let mut targets = Vec::new();
        self.each_operator(func, |operator, offset| {
            if let Operator::CallIndirect { .. } | Operator::CallRef { .. } = operator {
                let likely = self.likely_targets(offset).targets;
                if targets.try_reserve(likely.len()).is_ok() {
                    targets.extend(likely.into_iter().rev().map(|target| (offset, target)));
                }
            }
        });
        targets
    }

    /// Calls `each` with the operators of a function and their byte offsets in the module. A body that cannot be read ends
    /// early: that is reported when it is compiled.
    fn each_operator(&self, func: DefinedFuncIndex, mut each: impl FnMut(&Operator<'_>, u32)) {
        let (module, mut locals) = (&*self.growth.bodies.module, Locals::default());
        let Ok(mut operators) = Operators::of_function(module, func, &mut locals) else { return };
        loop {
            let offset = operators.offset() as u32;
            let Some(Ok(operator)) = operators.next() else { return };
            each(&operator, offset);
        }
    }

    fn callees(&self, operator: &Operator<'_>, offset: u32) -> SmallVec<[DefinedFuncIndex; 4]> {
        match *operator {
            Operator::Call { function_index } => {
                self.growth.bodies.module.defined(FuncIndex(function_index)).into_iter().collect()
            }
            Operator::CallIndirect { .. } | Operator::CallRef { .. } => {
                let targets = self.likely_targets(offset).targets.into_iter();
                targets.map(|target| DefinedFuncIndex(target.function)).collect()
            }
            _ => SmallVec::new(),
        }
    }

    /// Whether a function waits to be optimized, or has used up half of its budget.
    fn is_hot(&self, func: DefinedFuncIndex) -> bool {
        let Growth { states, context, bodies, .. } = self.growth;
        match states.get(func) {
            State::Queued => true,
            State::Baseline => {
                let all = context.patience().budget(&bodies.module, func);
                self.slots.budget(func).is_some_and(|left| left < all / 2)
            }
            _ => false,
        }
    }
}
