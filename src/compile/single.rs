//! Compiling one function of a set, while its module runs.
//!
//! Nobody waits for another thread: two threads may compile the same function, one of them publishes its code, and
//! the other's is freed. Functions are called deep in recursion, on small threads and on fibers, so compiling moves to
//! a stack of ours unless there is room.

use super::code_set::CodeSet;
use super::growth::Growth;
use super::tiers::{Compilers, Tiers};
use super::workers::WORKER_STACK;
use crate::abi::{FunctionCode, Tier};
use crate::error::Error;
use crate::panics;
use crate::sys::{reserve, stack};
use crate::types::DefinedFuncIndex;
use std::sync::atomic::{AtomicU8, Ordering::*};

/// What code a function has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
enum State {
    /// None: its slot holds the address of a stub.
    Lazy = 0,
    Baseline = 1,
    Optimized = 2,
}

impl State {
    fn of(state: &AtomicU8) -> State {
        match state.load(Acquire) {
            0 => State::Lazy,
            1 => State::Baseline,
            _ => State::Optimized,
        }
    }

    fn with(tier: Tier) -> State {
        match tier {
            Tier::Baseline => State::Baseline,
            Tier::Optimized => State::Optimized,
        }
    }
}

impl CodeSet {
    /// The address of a function's code, compiled now if there is none.
    pub fn compiled(&self, func: DefinedFuncIndex) -> Result<usize, Error> {
        if let Some((growth, _)) = self.growth()
            && State::of(&growth.states[func.index()]) == State::Lazy
        {
            self.compile_function(func, Tier::Baseline)?;
        }
        Ok(self.slots()[func.index()].load(Acquire))
    }

    /// Compiles a function in a tier, unless it has such code or better.
    fn compile_function(&self, func: DefinedFuncIndex, tier: Tier) -> Result<(), Error> {
        let Some((growth, _)) = self.growth() else { return Ok(()) };
        let work = || -> Result<(), Error> {
            reserve::suffices()?;
            let code = growth.compile(func, tier)?;
            self.publish(func, tier, code)?;
            Ok(reserve::checkpoint()?)
        };
        stack::with_room(WORKER_STACK, || panics::catch(work))??
    }

    /// Makes code of a function reachable, unless other code was faster.
    fn publish(&self, func: DefinedFuncIndex, tier: Tier, code: FunctionCode) -> Result<(), Error> {
        let Some((growth, object)) = self.growth() else { return Ok(()) };
        let _growing = growth.context.growing().lock();
        let state = &growth.states[func.index()];
        if State::of(state) < State::with(tier) {
            let address = growth.place(object, func, code)?;
            self.slots()[func.index()].store(address, Release);
            state.store(State::with(tier) as u8, Release);
        }
        Ok(())
    }
}

impl Growth {
    fn compile(&self, func: DefinedFuncIndex, tier: Tier) -> Result<FunctionCode, Error> {
        let tiers = Tiers::new(&self.context)?;
        self.bodies.compile(&tiers, func, (self.variant, tier), &mut Compilers::default())
    }
}
