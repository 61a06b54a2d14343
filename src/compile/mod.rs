//! Drives the compilation of bodies to machine code.
//!
//! A [`CompiledModule`] owns the description and up to one [`CodeSet`] per mode. A set is made of one unit of work
//! per function ([`units`]), done by as many threads as the engine allows ([`workers`]). Finished functions go to
//! one block of code in the order of their index ([`linker`], positions by [`spread`]), where direct calls are
//! linked and the whole is published. What the engine's compilations share is the [`CompileContext`]. [`serialize`]
//! turns a module and its code into bytes and back. Nothing here knows a store.

mod code_set;
mod context;
mod linker;
mod module;
mod optimizer;
pub mod serialize;
mod spread;
mod units;
mod workers;

pub use code_set::CodeSet;
pub use context::{ALL_PROCESSORS, CompileConfig, CompileContext};
pub use module::{CompiledModule, validate};
pub use workers::WORKER_STACK;

#[cfg(test)]
mod tests;
