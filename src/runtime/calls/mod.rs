//! Calls between host and guest, and from guest code into the runtime.
//!
//! Everything that machine code calls is here: the builtins and the hooks of the stubs. A builtin that throws an
//! exception, waits on a shared memory or asks for better code belongs here.

pub mod builtin_table;
pub mod builtins;
pub mod call;
pub mod entry;
pub mod host;
pub mod host_func;
mod native_call;
pub mod references;
pub mod results;
mod waiting;
