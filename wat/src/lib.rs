//! The text format of WebAssembly, for hosts that use libwasmrt.
//!
//! A library of its own, because few programs need it: the engine reads the binary format only. `assemble` does the
//! work with the package `wast`, `place` says where text is wrong, and `capi` has the functions of `wasmrt_wat.h`.
//!
//! The parser allocates as it likes, and Rust ends the process when that fails. [`assemble`] therefore claims what the
//! text may need before it begins (see `wasmrt_process`).

mod assemble;
mod bindings;
pub mod capi;
mod place;

#[cfg(test)]
extern crate wasmrt;
