//! `libwasmrt`: a WebAssembly engine behind the standard C API (`wasm.h`).
//!
//! Bytes become a [`module::Module`] in `binary`, machine code in `compile`, and an instance in
//! `runtime`; `capi` is the only folder that knows C. See ARCHITECTURE.md for the map.

pub mod abi;
pub mod asm;
pub mod baseline;
pub mod binary;
pub mod body;
pub mod cache;
pub mod capi;
pub mod code;
pub mod compile;
pub mod dwarf;
pub mod error;
pub mod log;
pub mod module;
pub mod observe;
pub mod optimize;
pub mod panics;
pub mod quote;
pub mod record;
pub mod runtime;
pub mod stubs;
pub mod sys;
pub mod traps;
pub mod types;
