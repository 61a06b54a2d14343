//! What the optimizing compiler is told of the set for which it compiles a hot function.

use super::growth::Growth;
use super::slots::Slots;
use super::states::State;
use crate::abi::call_targets::LikelyTarget;
use crate::body::{Locals, Operators};
use crate::optimize::Observed;
use crate::types::{DefinedFuncIndex, FuncIndex};
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

    fn likely_target(&self, wasm_offset: u32) -> Option<LikelyTarget> {
        self.slots.likely_target(wasm_offset)
    }
}

impl Growth {
    /// The functions that a function calls by name and that wait to be optimized. If they are optimized first, they are
    /// called directly.
    pub(super) fn waiting_callees(&self, func: DefinedFuncIndex) -> Vec<DefinedFuncIndex> {
        let (module, mut locals, mut waiting) =
            (&*self.bodies.module, Locals::default(), Vec::new());
        // A body that cannot be read is reported when it is compiled.
        let operators = Operators::of_function(module, func, &mut locals).into_iter().flatten();
        for operator in operators.filter_map(Result::ok) {
            if let Operator::Call { function_index } = operator
                && let Some(callee) = module.defined(FuncIndex(function_index))
                && callee != func
                && self.states.get(callee) == State::Queued
                && !waiting.contains(&callee)
                && waiting.try_reserve(1).is_ok()
            {
                waiting.push(callee);
            }
        }
        waiting
    }
}
