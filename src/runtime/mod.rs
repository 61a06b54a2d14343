//! Running: engines, stores and their objects, instances, and the way between host and guest.
//!
//! Knows modules and code only through what `compile` hands over; never sees a parser. Nothing here
//! knows C beyond the layout of a value.

mod alloc;
mod builtins;
pub mod call;
mod callers;
pub mod config;
mod const_expr;
pub mod engine;
pub mod entry;
pub mod environment;
mod exports;
pub mod foreign;
pub mod func;
pub mod global;
mod host;
pub mod instance;
pub mod instantiate;
mod lazy_table;
pub mod limits;
pub mod link;
pub mod memory;
mod memory_image;
mod memory_pool;
pub mod metering;
pub mod module;
pub mod object;
mod out_of_bounds;
mod results;
mod segments;
pub mod signature;
mod stack_limit;
pub mod store;
pub mod storeless;
pub mod table;
pub(crate) mod thunks;
mod tracer;
pub mod trap;
