//! Objects: one layout behind every reference handle, collected by tracing.
//!
//! A new kind of object (an exception, a tag) is a payload in the room it belongs to; nothing here
//! names it.

pub mod alloc;
pub mod environment;
pub mod object;
pub mod tracer;
