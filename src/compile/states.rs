//! What code each function of a set has, and how hot it is.

use crate::abi::Tier;
use crate::error::Error;
use crate::types::DefinedFuncIndex;
use std::sync::atomic::{AtomicU32, Ordering::*};

/// What code a function has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum State {
    /// None: its slot holds the address of a stub.
    Lazy = 0,
    Baseline = 1,
    /// Baseline code, and it waits to be optimized.
    Queued = 2,
    /// Baseline code, because it cannot be optimized.
    Final = 3,
    Optimized = 4,
}

impl State {
    fn of(word: u32) -> State {
        match word & STATE {
            0 => State::Lazy,
            1 => State::Baseline,
            2 => State::Queued,
            3 => State::Final,
            _ => State::Optimized,
        }
    }

    /// Of a function that has just been compiled in this tier.
    pub fn with(tier: Tier) -> State {
        match tier {
            Tier::Baseline => State::Baseline,
            Tier::Optimized => State::Optimized,
        }
    }

    /// How much such a function counts when it is asked which of two sets has more code.
    pub fn amount(self) -> u32 {
        match self.tier() {
            None => 0,
            Some(Tier::Baseline) => 1,
            Some(Tier::Optimized) => 2,
        }
    }

    /// The tier of the code.
    pub fn tier(self) -> Option<Tier> {
        match self {
            State::Lazy => None,
            State::Baseline | State::Queued | State::Final => Some(Tier::Baseline),
            State::Optimized => Some(Tier::Optimized),
        }
    }
}

/// The bits of a state; those above count how often the function used up its budget.
const STATE: u32 = 0xff;
const HEAT: u32 = 1 << 8;

/// Heat in the upper bits of a word. It ends at the largest that fits.
fn heat_bits(heat: u32) -> u32 {
    heat.min(u32::MAX / HEAT) * HEAT
}

/// The states of a set's functions.
pub struct States {
    words: Box<[AtomicU32]>,
    /// So many functions from the first on have code, at least.
    with_code: AtomicU32,
}

impl States {
    pub fn new(functions: usize, state: State) -> Result<States, Error> {
        let mut states = Vec::new();
        states.try_reserve_exact(functions)?;
        states.resize_with(functions, || AtomicU32::new(state as u32));
        Ok(States { words: states.into_boxed_slice(), with_code: AtomicU32::new(0) })
    }

    pub fn get(&self, func: DefinedFuncIndex) -> State {
        State::of(self.words[func.index()].load(Acquire))
    }

    /// Sets a state; the heat stays.
    pub fn set(&self, func: DefinedFuncIndex, state: State) {
        let set = |word| Some((word & !STATE) | state as u32);
        let _ = self.words[func.index()].fetch_update(AcqRel, Acquire, set);
    }

    /// Sets a state with the heat from before.
    pub fn restore(&self, func: DefinedFuncIndex, state: State, heat: u32) {
        self.words[func.index()].store(heat_bits(heat) | state as u32, Release);
    }

    /// Sets the heat; the state stays.
    pub fn warm(&self, func: DefinedFuncIndex, heat: u32) {
        let warm = |word| Some((word & STATE) | heat_bits(heat));
        let _ = self.words[func.index()].fetch_update(Relaxed, Relaxed, warm);
    }

    /// Changes a state, unless it is another one by now.
    pub fn change(&self, func: DefinedFuncIndex, from: State, to: State) -> bool {
        let change = |word| (State::of(word) == from).then_some((word & !STATE) | to as u32);
        self.words[func.index()].fetch_update(AcqRel, Acquire, change).is_ok()
    }

    /// Whether all functions have code. Looks at each function that has some only once.
    pub fn have_code(&self) -> bool {
        let begin = self.with_code.load(Relaxed) as usize;
        let has_code = |word: &&AtomicU32| State::of(word.load(Acquire)) != State::Lazy;
        let end = begin + self.words[begin..].iter().take_while(has_code).count();
        self.with_code.fetch_max(end as u32, Relaxed);
        end == self.words.len()
    }

    /// Counts that a function has used up its budget.
    pub fn add_heat(&self, func: DefinedFuncIndex) {
        let _ =
            self.words[func.index()].fetch_update(Relaxed, Relaxed, |word| word.checked_add(HEAT));
    }

    /// Whether all functions have code of this tier or better.
    pub fn all_have(&self, tier: Tier) -> bool {
        self.words.iter().all(|word| State::of(word.load(Relaxed)).tier() >= Some(tier))
    }

    /// The sum of what the functions count.
    pub fn amount(&self) -> u32 {
        self.words.iter().map(|word| State::of(word.load(Relaxed)).amount()).sum()
    }

    /// How many functions are in a state.
    pub fn count(&self, state: State) -> usize {
        self.words.iter().filter(|word| State::of(word.load(Relaxed)) == state).count()
    }

    pub fn heat(&self, func: DefinedFuncIndex) -> u32 {
        self.words[func.index()].load(Relaxed) / HEAT
    }
}
