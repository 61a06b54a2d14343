//! Which calls are inlined.
//!
//! Little is known of how often code runs, and compilers of guests have inlined what they found worthwhile. So a
//! callee may be heavier than its call only where the call is in a loop, or is indirect and was seen to happen often, and
//! what a function may gain by that is limited. A small function that calls itself is inlined into itself to a fixed
//! depth, the same at all its calls: that saves most of the calls of a recursion that branches.
//!
//! The choice among direct calls depends on the module alone, never on what other threads have compiled. What was
//! measured is in `docs/design/inlining.md`.

use super::callees::{Callee, Callees, weight_of_call};
use super::inlined::BodyBuffers;
use super::translator::FuncTranslator;
use crate::binary::Validation;
use crate::types::{DefinedFuncIndex, FuncIndex};
use smallvec::SmallVec;

/// The weight that a callee may have beyond that of its call, in a loop and in a loop within a loop.
const IN_LOOP: u32 = 12;
const IN_INNER_LOOP: u32 = 40;

/// So many calls are as telling as an inner loop.
const OFTEN: u32 = 200;

/// How often a call happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Heat {
    Unknown,
    /// So often while the function had code that counts.
    Called(u32),
}

/// The most weight that a function may gain, and by calls that were seen to happen often.
const MOST_GAIN: u32 = 40;
const MOST_GAIN_BY_OFTEN: u32 = 160;

/// How deep functions are inlined in inlined ones.
pub(super) const DEEPEST: usize = 4;

/// How deep a function is inlined in itself, and the weight of all those copies.
const MOST_LEVELS: usize = 3;
const SELF_WEIGHT: u32 = 160;

/// The weight that may still be inlined.
#[derive(Clone, Copy, Default)]
pub(super) struct Left {
    anywhere: u32,
    by_often: u32,
}

/// The state of inlining in one function.
#[derive(Default)]
pub(super) struct Inlining {
    callees: Callees,
    /// The functions being translated: the one that is compiled, and those inlined at this place.
    chain: SmallVec<[DefinedFuncIndex; DEEPEST + 1]>,
    is_on: bool,
    /// The function may be inlined in itself. Not where one of its loops is entered, because it may have loops, and those
    /// are counted.
    in_itself: bool,
    pub left: Left,
    /// The number of bodies that were inlined.
    pub bodies: u32,
    /// The number of targets of indirect calls that have a guard.
    pub guards: usize,
    pub spare: Vec<BodyBuffers>,
}

impl Inlining {
    /// Begins a function.
    pub(super) fn begin(&mut self, func: DefinedFuncIndex, is_on: bool, in_itself: bool) {
        self.chain.clear();
        self.chain.push(func);
        (self.is_on, self.in_itself) = (is_on, in_itself);
        self.left = Left { anywhere: MOST_GAIN, by_often: MOST_GAIN_BY_OFTEN };
        (self.bodies, self.guards) = (0, 0);
    }

    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Whether anything was inlined or guarded.
    pub(super) fn changed_anything(&self) -> bool {
        self.bodies > 0 || self.guards > 0
    }

    /// The function that is called, if it is to be inlined here.
    pub(super) fn choose(
        &mut self,
        t: &FuncTranslator<'_>,
        func: FuncIndex,
        heat: Heat,
        validation: &Validation,
    ) -> Option<DefinedFuncIndex> {
        if !self.is_on || self.chain.len() > DEEPEST {
            return None;
        }
        let callee = t.module.defined(func)?;
        let facts = self.callees.get(t.module, callee)?;
        if self.chain.first() == Some(&callee) {
            let wanted = self.is_wanted_in_itself(callee, facts)
                && self.callees.is_valid(t.module, callee, validation);
            return wanted.then_some(callee);
        }
        let is_often = matches!(heat, Heat::Called(OFTEN..));
        if self.chain.contains(&callee) || (facts.self_calls > 0 && !is_often) {
            return None;
        }
        let most = match t.effort.loops {
            _ if is_often => IN_INNER_LOOP,
            0 => 0,
            1 => IN_LOOP,
            _ => IN_INNER_LOOP,
        };
        let weight = facts.weight.saturating_sub(weight_of_call(t.module, func)?);
        if facts.has_loops || weight > most {
            return None;
        }
        let mut left = self.left;
        let part = if is_often { &mut left.by_often } else { &mut left.anywhere };
        *part = part.checked_sub(weight)?;
        if !self.callees.is_valid(t.module, callee, validation) {
            return None;
        }
        self.left = left;
        Some(callee)
    }

    /// Whether the function that is compiled is inlined in itself here.
    fn is_wanted_in_itself(&self, func: DefinedFuncIndex, facts: Callee) -> bool {
        self.in_itself
            && self.chain.iter().all(|&outer| outer == func)
            && self.chain.len() <= levels(facts)
    }

    pub(super) fn enter(&mut self, func: DefinedFuncIndex) {
        self.chain.push(func);
        self.bodies += 1;
    }

    pub(super) fn leave(&mut self) {
        self.chain.pop();
    }
}

/// How deep a function is inlined in itself.
fn levels(callee: Callee) -> usize {
    let (mut levels, mut copies, mut weight) = (0, 1, 0);
    while levels < MOST_LEVELS {
        copies *= callee.self_calls;
        weight += copies * callee.weight;
        if weight > SELF_WEIGHT {
            break;
        }
        levels += 1;
    }
    levels
}
