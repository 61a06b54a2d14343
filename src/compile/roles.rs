//! What code that was made before is to the set that gets it: which function's, of which tier, how hot.

use super::states::State;
use crate::abi::Tier;
use crate::abi::call_targets::LikelyTarget;
use crate::code::PublishedCode;
use crate::code::function_table::SiteTable;
use crate::error::Error;
use crate::observe::CodeKind;
use crate::types::DefinedFuncIndex;

/// What a part is to its function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The code that calls reach, and the function's state: [`State::Baseline`], [`State::Final`] or
    /// [`State::Optimized`].
    Function(State),
    /// Continues the loop with this number.
    Loop(u32),
}

impl Role {
    const BASELINE: u32 = 0;
    const FINAL: u32 = 1;
    const OPTIMIZED: u32 = 2;
    const FIRST_LOOP: u32 = 3;

    pub fn number(self) -> Result<u32, Error> {
        match self {
            Role::Function(State::Final) => Ok(Role::FINAL),
            Role::Function(State::Optimized) => Ok(Role::OPTIMIZED),
            Role::Function(_) => Ok(Role::BASELINE),
            Role::Loop(number) => {
                let number = number.checked_add(Role::FIRST_LOOP);
                number.ok_or_else(|| Error::internal("a loop with a number that is too large"))
            }
        }
    }

    pub fn of(number: u32) -> Role {
        match number {
            Role::BASELINE => Role::Function(State::Baseline),
            Role::FINAL => Role::Function(State::Final),
            Role::OPTIMIZED => Role::Function(State::Optimized),
            number => Role::Loop(number - Role::FIRST_LOOP),
        }
    }

    /// As tools show it.
    pub fn kind(self) -> CodeKind {
        match self {
            Role::Function(state) => CodeKind::Function(state.tier().unwrap_or(Tier::Baseline)),
            Role::Loop(_) => CodeKind::LoopEntry,
        }
    }

    /// How much a part counts when it is asked which of two sets has more code.
    pub fn amount(self) -> u32 {
        match self {
            Role::Function(state) => state.amount(),
            Role::Loop(_) => 1,
        }
    }

    /// The position among the parts of one function: the function, then its loops.
    pub fn order(self) -> u64 {
        match self {
            Role::Function(_) => 0,
            Role::Loop(number) => 1 + u64::from(number),
        }
    }
}

/// How hot a function is that may still be optimized.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Warmth {
    /// How often it used up its budget.
    pub heat: u32,
    /// What is left of its budget.
    pub budget: i64,
}

/// What kind of set code belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// All functions, with direct calls.
    Final,
    /// Functions that may get code later.
    Growing {
        /// Baseline code counts what it executes, and is optimized when it is hot.
        tiers_up: bool,
    },
}

/// A piece of code that was placed.
pub struct PlacedPart {
    pub func: DefinedFuncIndex,
    pub role: Role,
    pub warmth: Warmth,
    /// Its distance from the start of the code.
    pub start: u32,
}

/// Code of a set that was placed, in ascending order of functions, each before its loops.
pub struct PlacedParts {
    pub code: PublishedCode,
    pub sites: SiteTable,
    pub parts: Vec<PlacedPart>,
    /// Targets of indirect calls, by the numbers of their records.
    pub targets: Vec<(u32, LikelyTarget)>,
}
