//! The code of a set as a list of parts that can be written, and placed again at other addresses.
//!
//! A set whose code is final is one block, in which functions call each other directly. Its parts keep their distances.
//! In other sets a part is the best code that a function has now, or code that continues one of its loops. Such a part
//! may lie anywhere; it keeps its place within a cache line. Its direct calls of others are linked again. Replaced code
//! is left out.
//!
//! A set may get more code while it is written. So the list is made once, each function under the lock that additions
//! take, and names addresses: published code stays until the set goes. A function may be optimized after the list was
//! past it, and be called directly by one that the list has: then the call leads to the older code, or if there is none,
//! the caller is left out, too.

use super::refused;
use crate::abi::call_targets::LikelyTarget;
use crate::abi::function_code::LINE;
use crate::abi::{CallRelocation, Tier};
use crate::code::sites::moving_calls;
use crate::compile::CodeSet;
use crate::compile::growth::Growth;
use crate::compile::roles::{Form, Role, Warmth};
use crate::compile::states::State;
use crate::error::Error;
use crate::types::DefinedFuncIndex;
use std::sync::Arc;

/// A piece of code to be written.
pub(super) struct Part {
    pub func: DefinedFuncIndex,
    pub role: Role,
    pub warmth: Warmth,
    /// Where it lies now.
    pub address: usize,
    /// Where it lies in the written code.
    pub start: u32,
    pub len: u32,
    pub site_len: u32,
}

/// A set and its parts, by function, each function's code before that of its loops.
pub struct SetParts {
    pub(super) set: Arc<CodeSet>,
    pub(super) form: Form,
    pub(super) parts: Vec<Part>,
    /// Targets of indirect calls, by the numbers of their records.
    pub(super) targets: Vec<(u32, LikelyTarget)>,
}

impl SetParts {
    /// The code that exists now.
    pub(in crate::compile) fn of(set: Arc<CodeSet>) -> Result<SetParts, Error> {
        match set.growth() {
            Some((growth, _)) => SetParts::growing(&set, growth),
            None => SetParts::complete(&set),
        }
    }

    fn complete(set: &Arc<CodeSet>) -> Result<SetParts, Error> {
        let (form, parts, targets) = (Form::Final, Vec::new(), Vec::new());
        let mut list = SetParts { set: set.clone(), form, parts, targets };
        let Some((code, sites)) = set.parts() else { return Ok(list) };
        list.parts.try_reserve_exact(set.slots().len())?;
        let state = State::with(if set.is_optimized() { Tier::Optimized } else { Tier::Baseline });
        list.parts.extend(sites.encoded().map(|(span, sites)| Part {
            func: DefinedFuncIndex(span.function),
            role: Role::Function(state),
            warmth: Warmth::default(),
            address: code.as_ptr() as usize + span.code_start as usize,
            start: span.code_start,
            len: span.code_len,
            site_len: sites.len() as u32,
        }));
        Ok(list)
    }

    fn growing(set: &Arc<CodeSet>, growth: &Growth) -> Result<SetParts, Error> {
        let form = Form::Growing { tiers_up: growth.tiers_up };
        let (parts, targets) = (Vec::new(), growth.call_targets.all(set.all_slots())?);
        let mut list = SetParts { set: set.clone(), form, parts, targets };
        let mut loops = growth.loop_entries.finished()?;
        loops.sort_unstable_by_key(|(func, number, _)| (func.0, *number));
        let mut loops = loops.into_iter().peekable();
        for number in 0..set.slots().len() as u32 {
            let func = DefinedFuncIndex(number);
            let Some((state, address)) = set.code_now(func) else { continue };
            let warmth = match state.tier() {
                Some(Tier::Baseline) => set.warmth(func),
                _ => Warmth { budget: 0, ..set.warmth(func) },
            };
            list.add(func, Role::Function(state), warmth, address)?;
            while let Some((_, number, address)) = loops.next_if(|(of, ..)| *of == func) {
                list.add(func, Role::Loop(number), Warmth::default(), address)?;
            }
        }
        list.leave_out_callers_of_nothing();
        Ok(list)
    }

    /// Leaves out what calls code directly that the list lacks. Hardly ever is there any.
    fn leave_out_callers_of_nothing(&mut self) {
        while let Some(at) = self.parts.iter().position(|part| !self.has_callees_of(part)) {
            self.parts.remove(at);
        }
    }

    fn has_callees_of(&self, part: &Part) -> bool {
        self.moving_calls(part).all(|call| start_of(&self.parts, call.target).is_some())
    }

    /// The direct calls of a part that must be linked again.
    fn moving_calls(&self, part: &Part) -> impl Iterator<Item = CallRelocation> {
        let found = self.set.code_from(part.address);
        found.into_iter().flat_map(|(_, sites)| moving_calls(sites))
    }

    /// Links the direct calls in a copy of a part's code.
    pub(super) fn link(&self, part: &Part, code: &mut [u8]) -> Result<(), Error> {
        if self.form == Form::Final {
            return Ok(());
        }
        for call in self.moving_calls(part) {
            let target = start_of(&self.parts, call.target);
            let distance = target.and_then(|to| call.distance(part.start as usize, to as usize));
            let at = call.offset as usize;
            let (Some(field), Some(distance)) = (code.get_mut(at..at + 4), distance) else {
                return Err(refused("code that cannot be linked"));
            };
            field.copy_from_slice(&distance);
        }
        Ok(())
    }

    fn add(
        &mut self,
        func: DefinedFuncIndex,
        role: Role,
        warmth: Warmth,
        address: usize,
    ) -> Result<(), Error> {
        let Some((span, sites)) = self.set.code_from(address) else {
            return Err(Error::internal("code without a place"));
        };
        let line = LINE as usize;
        let end = self.code_len();
        let start = end + address.wrapping_sub(end) % line;
        let start = u32::try_from(start).map_err(|_| refused("more than 4 GiB of code"))?;
        let (len, site_len) = (span.code_len, sites.len() as u32);
        self.parts.try_reserve(1)?;
        self.parts.push(Part { func, role, warmth, address, start, len, site_len });
        Ok(())
    }

    /// Bytes of the written code.
    pub(super) fn code_len(&self) -> usize {
        self.parts.last().map_or(0, |last| last.start as usize + last.len as usize)
    }

    pub(super) fn sites_len(&self) -> usize {
        self.parts.iter().map(|part| part.site_len as usize).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// Where the code of a function lies among parts, if it is there.
fn start_of(parts: &[Part], func: DefinedFuncIndex) -> Option<u32> {
    let first = parts.get(parts.partition_point(|part| part.func.0 < func.0))?;
    let is_it = first.func == func && matches!(first.role, Role::Function(_));
    is_it.then_some(first.start)
}
