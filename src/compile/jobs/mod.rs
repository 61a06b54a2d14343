//! Compile jobs: modules that are compiled in the background, from bytes that may still be arriving.
//!
//! A [`Pipeline`] is the way of one module from its bytes to a [`CompiledModule`](super::CompiledModule). The
//! functions that wait for their turn are in its backlog; what is done with them is its workload.

mod backlog;
mod pipeline;
mod workload;

pub use super::background::Runner;
pub use pipeline::{Finish, Order, Pipeline, Progress};
pub use workload::Modes;
