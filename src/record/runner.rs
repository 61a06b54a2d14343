//! What ran when a sample was taken.

use crate::abi::Tier;
use crate::observe::CodeKind;

/// What a sampled function is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Runner {
    /// Code of a tier.
    Guest(Tier),
    /// An import that is a function of the host.
    Host,
}

impl Runner {
    /// In the order in which pictures show them.
    pub const ALL: [Runner; 3] =
        [Runner::Guest(Tier::Baseline), Runner::Guest(Tier::Optimized), Runner::Host];

    pub fn name(self) -> &'static str {
        match self {
            Runner::Guest(tier) => CodeKind::Function(tier).name(),
            Runner::Host => "host",
        }
    }

    /// Its position in [`Runner::ALL`].
    pub fn number(self) -> usize {
        match self {
            Runner::Guest(Tier::Baseline) => 0,
            Runner::Guest(Tier::Optimized) => 1,
            Runner::Host => 2,
        }
    }
}
