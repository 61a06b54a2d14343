//! What an engine records about a run for those who want to understand it, and the formats that viewers read.
//!
//! A *timeline* says when functions were compiled, and which tier the guest was in. A *profile* says in which functions
//! a store spent its time. Both are off unless somebody asks, are bounded in size, and give up silently when memory
//! is short: they must not disturb the run. They keep descriptions of modules, so that names and places in the source
//! can be looked up when the result is written.

mod firefox;
mod flames;
mod folded;
mod json;
mod lanes;
mod modules;
mod profile;
mod runner;
mod stacks;
mod svg;
mod text;
mod timeline;
mod trace_events;

pub use profile::{Profile, ProfileFormat};
pub use runner::Runner;
pub use timeline::{Timeline, TimelineFormat};

#[cfg(test)]
mod tests;
