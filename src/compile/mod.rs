//! Drives the compilation of bodies to machine code.
//!
//! A [`CompiledModule`] owns the description and up to one [`CodeSet`] per mode. A set may be complete from the
//! beginning: then there is one unit of work per function ([`units`]), done by as many threads as the engine
//! allows ([`workers`]), and finished functions go to one block of code in the order of their index ([`linker`],
//! positions by [`spread`]), where direct calls are linked and the whole is published. Or functions are compiled
//! when they are first called ([`single`]) and added to the set one by one ([`growth`]); hot ones are optimized
//! in the background ([`tier_up`]). The compilers of both tiers are behind [`tiers`]. What the engine's
//! compilations share is the [`CompileContext`]; [`counters`] say what was compiled. [`serialize`] turns a
//! module and its code into bytes and back. Nothing here knows a store.

mod all;
mod background;
mod call_targets;
mod code_set;
mod context;
mod counters;
mod events;
mod executor;
mod growth;
pub mod jobs;
mod kept;
mod linker;
mod loop_entries;
mod module;
mod observations;
mod patience;
mod place;
mod plan;
mod recall;
mod resume;
mod roles;
pub mod serialize;
mod single;
mod slots;
mod spread;
mod states;
mod threads;
mod tier_up;
mod tiers;
mod units;
mod warm_up;
mod whole;
mod workers;

pub use code_set::CodeSet;
pub use context::{CompileConfig, CompileContext, CompileSetting};
pub use counters::{Stats, TierStats};
pub use events::{Event, Listener};
pub use executor::{Executor, Task};
pub use module::{CompiledModule, validate};
pub use patience::Patience;
pub use plan::Plan;
pub use threads::ALL_PROCESSORS;
pub use workers::WORKER_STACK;

#[cfg(test)]
mod tests;
