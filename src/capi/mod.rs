//! The C boundary: `wasm.h` and `wasmrt.h`, one file per object.
//!
//! Every entry point has four beats: guard the panic ([`guard`]), convert the pointers, call one
//! safe function of the runtime, hand back. What a neutral answer means (NULL, false, 0, an empty
//! vector) is said in the last error ([`error`]). C functions promise what `wasm.h` asks: pointers
//! are NULL or valid, owned handles are given up once, a store is used by one thread at a time.
//! Those promises are the "(C contract)" of the SAFETY notes.

#![allow(
    clippy::missing_safety_doc,
    clippy::not_unsafe_ptr_arg_deref,
    reason = "the contract of every exported function is that of the header, stated above"
)]

mod call;
pub mod casts;
pub mod config;
pub mod engine;
pub mod error;
pub mod externtype;
pub mod foreign;
pub mod func;
pub mod functype;
pub mod global;
mod guard;
mod handle;
pub mod host_info;
pub mod importtype;
pub mod instance;
pub mod limits;
pub mod limits64;
pub mod limittypes;
pub mod log;
pub mod memory;
pub mod metering;
pub mod modinfo;
pub mod module;
pub mod native;
mod objects;
pub mod reference;
pub mod shared_module;
pub mod table;
pub mod trap;
pub mod types;
pub mod val;
pub mod valtype;
pub mod vec;
pub mod version;
pub mod wasmrt_val;
