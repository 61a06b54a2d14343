//! How the code of a set is made: function by function at the first calls, or all of it in one block.

use super::code_set::CodeSet;
use super::context::{CompileContext, CompileSetting};
use super::linker::Placed;
use super::units::ModuleBodies;
use crate::abi::{CodeMode, DirectCalls, Tier, Variant};
use crate::error::Error;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plan {
    /// A function is compiled at its first call, by the baseline compiler, and optimized when it is hot if it `tiers_up`.
    Lazy { tiers_up: bool },
    /// All functions, which call each other directly.
    Whole(Tier),
    /// All functions in baseline code that counts what it executes; hot functions are optimized.
    Counted,
}

impl Plan {
    /// What an engine's setting says.
    pub fn of(setting: CompileSetting) -> Plan {
        match setting {
            CompileSetting::Tiered => Plan::Lazy { tiers_up: true },
            CompileSetting::LazyBaseline => Plan::Lazy { tiers_up: false },
            CompileSetting::Baseline => Plan::Whole(Tier::Baseline),
            CompileSetting::Optimized => Plan::Whole(Tier::Optimized),
            CompileSetting::Both => Plan::Counted,
        }
    }

    /// The same where all functions are to have code of this tier at once.
    pub fn with(self, tier: Tier) -> Plan {
        match (self, tier) {
            (Plan::Lazy { tiers_up: true } | Plan::Counted, Tier::Baseline) => Plan::Counted,
            _ => Plan::Whole(tier),
        }
    }

    /// How a block of all functions is compiled, if there is one.
    pub fn kind(self, mode: CodeMode) -> Option<(Variant, Tier)> {
        let variant = |direct_calls, counted| Variant { mode, direct_calls, counted };
        match self {
            Plan::Lazy { .. } => None,
            Plan::Whole(tier) => Some((variant(DirectCalls::All, false), tier)),
            Plan::Counted => Some((variant(DirectCalls::Own, true), Tier::Baseline)),
        }
    }

    /// The set, with the block if there is one.
    pub fn code_set(
        self,
        context: &Arc<CompileContext>,
        bodies: ModuleBodies,
        mode: CodeMode,
        placed: Option<Placed>,
    ) -> Result<CodeSet, Error> {
        match (self, placed) {
            (Plan::Lazy { tiers_up }, _) => CodeSet::lazy(context, bodies, mode, tiers_up),
            (Plan::Whole(tier), Some(placed)) => CodeSet::new(&bodies.module, mode, placed, tier),
            (Plan::Counted, Some(placed)) => CodeSet::counted(context, bodies, mode, placed),
            (_, None) => Err(Error::internal("a code set without its code")),
        }
    }
}
