//! The text format of WebAssembly, for hosts that use libwasmrt.
//!
//! A library of its own, because few programs need it: the engine reads the binary format only. `assemble` does the
//! work with the package `wast`, `place` says where text is wrong, `capi` has the functions of `wasmrt_wat.h`, and
//! `guard` is that of libwasmrt-wasi.
//!
//! The parser allocates as it likes, and Rust ends the process when that fails. [`assemble`] therefore asks for what
//! the text may need before it begins.

mod assemble;
mod bindings;
pub mod capi;
#[path = "../../wasi/src/guard.rs"]
mod guard;
mod place;

#[cfg(test)]
extern crate wasmrt;
