//! Objects: one layout behind every reference handle, collected by tracing.
//!
//! A new kind of object (an exception, a tag) is a payload in the folder it belongs to, and a row in the table of
//! `wiring.rs`; nothing here names it.

pub mod alloc;
pub mod amounts;
pub mod environment;
pub mod list;
pub mod object;
pub mod payload;
pub mod root;
pub mod tracer;
