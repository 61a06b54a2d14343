//! Compiling one function of a set, while its module runs: at its first call, and again when it is hot.
//!
//! Nobody waits for another thread: two threads may compile the same function, one of them publishes its code, and
//! the other's is freed. Functions are called deep in recursion, on small threads and on fibers, so compiling moves to
//! a stack of ours unless there is room.
//!
//! A hot function is optimized in the background, or by the thread that found out if the engine has no workers. What
//! fails for lack of memory is tried again after a while; a function that cannot be optimized keeps its code.

use super::code_set::CodeSet;
use super::events::Event;
use super::growth::Growth;
use super::loop_entries::LoopCode;
use super::observations::Observations;
use super::states::State;
use super::tier_up::HotFunctions;
use super::tiers::{Compilers, Tiers};
use super::workers::WORKER_STACK;
use crate::abi::budgets::{FINAL, REPLACED};
use crate::abi::{DirectCalls, FunctionCode, Tier, Variant};
use crate::error::{Error, ErrorKind};
use crate::observe::CodeKind;
use crate::panics;
use crate::sys::{reserve, stack};
use crate::types::DefinedFuncIndex;
use std::sync::atomic::Ordering::*;
use std::sync::{Arc, Weak};
use std::time::Instant;

/// The budget of code that goes on while better code is being made, or until that is tried again.
const MEANWHILE: i64 = 1 << 24;

/// The budget of old code in which a loop goes on: so much, and up to twice as much. It is small, because calls that
/// arrive there should go on to the new code.
const IN_OLD_CODE: i64 = 1 << 12;

/// The budget of code whose loop should ask for its continuation in the next iteration.
const NOTHING: i64 = -1;

/// While functions are being optimized, code is written to the cache again when it has grown by so many percent.
const GROWN: u32 = 12;

/// The budget of old code in which a loop goes on that has used up budgets so often. Each differs from the one before:
/// calls go on to the new code only if one of them finds the budget used up, and with equal budgets of calls with equally
/// many iterations, all might end in the loop.
fn in_old_code(times: u32) -> i64 {
    // Multiplied by the golden ratio, numbers in a row are spread evenly.
    let spread = i64::from(times.wrapping_mul(0x9e37_79b9));
    IN_OLD_CODE + ((spread * IN_OLD_CODE) >> 32)
}

impl CodeSet {
    /// The address at which a call goes on that arrived at the function's present address: at code which is compiled now
    /// if there is none, or at the same code if that has used up its budget and has to go on.
    pub fn current_code(self: &Arc<Self>, func: DefinedFuncIndex) -> Result<usize, Error> {
        if let Some((growth, _)) = self.growth() {
            match growth.states.get(func) {
                State::Lazy => self.compile_function(func, Tier::Baseline)?,
                State::Optimized => self.used_up(func),
                _ => {
                    growth.loop_entries.called(func);
                    self.used_up(func);
                }
            }
        }
        Ok(self.slots()[func.index()].load(Acquire))
    }

    /// A function has used up its budget.
    pub fn used_up(self: &Arc<Self>, func: DefinedFuncIndex) {
        let Some((growth, _)) = self.growth().filter(|(growth, _)| growth.tiers_up) else { return };
        let states = &growth.states;
        states.add_heat(func);
        let budget = match states.get(func) {
            State::Optimized => in_old_code(states.heat(func)),
            State::Final => FINAL,
            _ => MEANWHILE,
        };
        self.set_budget(func, budget);
        if states.change(func, State::Baseline, State::Queued) {
            if !self.find_worker(func) {
                states.change(func, State::Queued, State::Baseline);
            }
        } else if states.get(func) == State::Queued && growth.context.workers() > 0 {
            growth.context.tier_up().work_on();
        }
    }

    /// A function has used up its budget in a loop. The address of code that continues the loop, if there is some.
    pub fn used_up_in_loop(self: &Arc<Self>, func: DefinedFuncIndex, number: u32) -> Option<usize> {
        let (growth, _) = self.growth()?;
        // Without memory nothing is noted; there will be other occasions.
        let (_, is_new) = growth.loop_entries.ask(func, number).ok()?;
        if is_new {
            self.used_up(func);
        }
        let is_waiting = growth.states.get(func) == State::Queued;
        match growth.loop_entries.probe(func, number).filter(|_| is_waiting) {
            Some(budget) => self.set_budget(func, budget),
            None if !is_new => self.used_up(func),
            None => {}
        }
        if is_new && growth.states.get(func) == State::Optimized && !self.find_worker(func) {
            growth.loop_entries.answer(func, number, LoopCode::Refused);
        }
        let (code, _) = growth.loop_entries.ask(func, number).ok()?;
        let LoopCode::At(address) = code else { return None };
        if growth.states.get(func) == State::Optimized {
            // The old code is left. What calls itself from a loop would come back to it otherwise.
            self.set_budget(func, REPLACED);
        }
        Some(address)
    }

    /// An indirect call does not call the function that its record names, but this one, or one of another instance.
    pub fn other_target(&self, record: u32, function: Option<u32>) {
        if let Some((growth, _)) = self.growth() {
            growth.call_targets.tell(self.all_slots(), record, function);
        }
    }

    /// Optimizes a function, or what is missing of it, in the background if there are workers.
    fn find_worker(self: &Arc<Self>, func: DefinedFuncIndex) -> bool {
        let Some((growth, _)) = self.growth() else { return false };
        if growth.context.workers() == 0 {
            self.first(func).into_iter().chain([func]).for_each(|func| self.optimize(func));
            return true;
        }
        let functions: Weak<dyn HotFunctions> = Arc::<CodeSet>::downgrade(self);
        growth.context.tier_up().add(functions, func)
    }

    /// Compiles the code that continues a loop, and publishes it.
    fn compile_loop(&self, func: DefinedFuncIndex, number: u32) -> Result<LoopCode, Error> {
        let Some((growth, object)) = self.growth() else { return Ok(LoopCode::Refused) };
        let target = (object, self.slots());
        let work = || -> Result<LoopCode, Error> {
            reserve::begin()?;
            for direct_calls in [true, false] {
                let observed = Observations { growth, slots: self.all_slots(), direct_calls };
                let Some(code) = growth.compile_loop(func, number, observed)? else { break };
                let _growing = growth.context.growing();
                if let Some(address) = growth.place(target, func, CodeKind::LoopEntry, code)? {
                    reserve::checkpoint()?;
                    return Ok(LoopCode::At(address));
                }
            }
            Ok(LoopCode::Refused)
        };
        stack::with_room(WORKER_STACK, || panics::catch(work))??
    }

    /// Compiles the code for a loop that runs for long, if that may come before the function's, and lets the loop enter it.
    fn compile_running_loop(&self, func: DefinedFuncIndex) {
        let Some((growth, _)) = self.growth() else { return };
        let Some(number) = growth.loop_entries.running(func) else { return };
        let observed = Observations { growth, slots: self.all_slots(), direct_calls: true };
        if observed.has_calls(func) {
            return;
        }
        match self.compile_loop(func, number) {
            // It is tried again after the function.
            Err(error) if error.kind() == ErrorKind::OutOfMemory => {}
            code => {
                growth.loop_entries.answer(func, number, code.unwrap_or(LoopCode::Refused));
                self.set_budget(func, NOTHING);
            }
        }
    }

    /// Compiles the code for all loops that asked for it.
    fn compile_loops(&self, func: DefinedFuncIndex) {
        let Some((growth, _)) = self.growth() else { return };
        while let Some(number) = growth.loop_entries.wanted(func) {
            let code = self.compile_loop(func, number).unwrap_or(LoopCode::Refused);
            growth.loop_entries.answer(func, number, code);
        }
    }

    /// Compiles a function in a tier, and publishes the code unless there is such code or better by then.
    pub(super) fn compile_function(&self, func: DefinedFuncIndex, tier: Tier) -> Result<(), Error> {
        let work = || -> Result<(), Error> {
            reserve::begin()?;
            let Some((growth, _)) = self.growth() else { return Ok(()) };
            if tier == Tier::Baseline {
                self.recall();
            }
            // Most functions are small: making the buffers anew would be a large part of the work.
            let spare = growth.context.spare();
            let mut compilers = Compilers::default();
            compilers.baseline = spare.take().unwrap_or_default();
            let improved = self.improve(func, tier, &mut compilers);
            spare.give(compilers.baseline);
            improved?;
            Ok(reserve::checkpoint()?)
        };
        stack::with_room(WORKER_STACK, || panics::catch(work))??
    }

    /// The same with the thread's compilers, if the function has no such code. Needs the stack of a worker.
    pub(super) fn improve(
        &self,
        func: DefinedFuncIndex,
        tier: Tier,
        compilers: &mut Compilers,
    ) -> Result<(), Error> {
        match self.growth() {
            Some((growth, _)) if growth.states.get(func).tier() < Some(tier) => {
                let done = self.compile_and_publish(growth, func, tier, compilers);
                growth.tell(func, tier, done)
            }
            _ => Ok(()),
        }
    }

    fn compile_and_publish(
        &self,
        growth: &Growth,
        func: DefinedFuncIndex,
        tier: Tier,
        compilers: &mut Compilers,
    ) -> Result<(), Error> {
        for direct_calls in [true, false] {
            let observed = Observations { growth, slots: self.all_slots(), direct_calls };
            let code = growth.compile(func, tier, compilers, observed)?;
            if self.publish(func, tier, code)? {
                return Ok(());
            }
        }
        Err(Error::internal("code without direct calls is too far away"))
    }

    /// Makes code of a function reachable, unless other code was faster. False if it calls code directly that is too far
    /// away.
    fn publish(
        &self,
        func: DefinedFuncIndex,
        tier: Tier,
        code: FunctionCode,
    ) -> Result<bool, Error> {
        let Some((growth, object)) = self.growth() else { return Ok(true) };
        let _growing = growth.context.growing();
        let former = growth.states.get(func).tier();
        if former < Some(tier) {
            let target = (object, self.slots());
            let kind = CodeKind::Function(tier);
            let Some(address) = growth.place(target, func, kind, code)? else { return Ok(false) };
            self.slots()[func.index()].store(address, Release);
            growth.states.set(func, State::with(tier));
            if former.is_some() {
                self.set_budget(func, REPLACED);
            }
        }
        Ok(true)
    }
}

impl HotFunctions for CodeSet {
    fn heat(&self, func: DefinedFuncIndex) -> u32 {
        self.growth().map_or(0, |(growth, _)| growth.states.heat(func))
    }

    fn first(&self, func: DefinedFuncIndex) -> Vec<DefinedFuncIndex> {
        let Some((growth, _)) = self.growth() else { return Vec::new() };
        if growth.states.get(func) == State::Optimized {
            return Vec::new();
        }
        let observed = Observations { growth, slots: self.all_slots(), direct_calls: true };
        let callees = observed.hot_callees(func);
        for callee in &callees {
            growth.states.change(*callee, State::Baseline, State::Queued);
        }
        callees
    }

    fn optimize(&self, func: DefinedFuncIndex) {
        let Some((growth, _)) = self.growth() else { return };
        if growth.states.get(func) == State::Optimized {
            return self.compile_loops(func);
        }
        self.compile_running_loop(func);
        match self.compile_function(func, Tier::Optimized) {
            Ok(()) => self.compile_loops(func),
            Err(error) if error.kind() == ErrorKind::OutOfMemory => {
                growth.states.change(func, State::Queued, State::Baseline);
            }
            Err(_) => {
                growth.states.change(func, State::Queued, State::Final);
                self.set_budget(func, FINAL);
            }
        }
    }

    fn settled(self: Arc<Self>) {
        self.keep_soon(GROWN);
    }
}

impl Growth {
    /// Tells what became of a function.
    fn tell(
        &self,
        func: DefinedFuncIndex,
        tier: Tier,
        done: Result<(), Error>,
    ) -> Result<(), Error> {
        let events = &self.bodies.counters.events;
        let index = self.bodies.module.func_index(func);
        match &done {
            Err(error) => events.tell(|| Some(Event::Failed(index, tier, error.clone()))),
            Ok(()) => {
                if tier == Tier::Optimized {
                    events.tell(|| Some(Event::Optimized(index)));
                }
                events.tell(|| self.states.have_code().then_some(Event::Compiled));
            }
        }
        done
    }

    fn compile(
        &self,
        func: DefinedFuncIndex,
        tier: Tier,
        compilers: &mut Compilers,
        observed: Observations<'_>,
    ) -> Result<FunctionCode, Error> {
        let (tiers, kind) = (Tiers(self.context.clone()), (self.variant(tier), tier));
        self.bodies.compile_observed(&tiers, func, kind, compilers, Some(&observed))
    }

    fn compile_loop(
        &self,
        func: DefinedFuncIndex,
        number: u32,
        observed: Observations<'_>,
    ) -> Result<Option<FunctionCode>, Error> {
        let tiers = Tiers(self.context.clone());
        let variant = Variant { direct_calls: DirectCalls::None, ..self.variant(Tier::Optimized) };
        let (bodies, begin) = (&self.bodies, Instant::now());
        let code = tiers.compile_loop(bodies, func, variant, number, Some(&observed))?;
        let len = code.as_ref().map_or(0, |code| code.bytes.len());
        bodies.counters.compiled_loop(len, begin.elapsed());
        if let (Some(timeline), Some(code)) = (bodies.counters.timeline(), &code) {
            timeline.compiled(&bodies.module, func, CodeKind::LoopEntry, code.bytes.len(), begin);
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests;
