//! What stores share, usable from any thread: the engine and its settings, what calls of each function type need,
//! and compiled modules.
//!
//! What decides which code a module runs next (call counts, a queue of functions to optimize) belongs here, with
//! the module.

pub mod config;
pub mod engine;
pub mod exports;
pub mod job;
pub mod module;
pub mod signature;
