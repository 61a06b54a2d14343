//! WASI preview 1 for hosts that use libwasmrt: what a module imports from `wasi_snapshot_preview1` and `wasi_unstable`.
//!
//! This library is a client of `wasm.h` and `wasmrt.h` like any other program in C; it sees nothing else of the
//! engine. The path of a call:
//!
//! - The guest calls an import. `table` has the C function behind it, which guards against panics and gives a `call`
//!   to one function in `calls`: the context, and access to the guest that calls.
//! - `calls` decodes what the guest passes. Guest pointers are checked in `guest` and nowhere else.
//! - `context`, `stdio`, `clock`, `random`, `files` and the like do the work and know no guest. Their locks are
//!   those that forks wait for.
//! - `capi` has the functions that hosts call.
//!
//! What must stay true: a guest reaches only what its context has; whatever it passes, it gets an error number and no
//! more; the host's process is never ended, and nothing is printed.

mod bindings;
mod call;
mod calls;
pub mod capi;
mod clock;
mod context;
mod errno;
mod exit;
mod files;
mod guard;
mod guest;
mod host;
mod last_error;
mod random;
mod room;
mod stdio;
mod table;
mod trace;
mod wait;

#[cfg(test)]
extern crate wasmrt;
