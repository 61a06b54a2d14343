//! The C boundary: `wasm.h` and `wasmrt.h`, one file per object.
//!
//! Every entry point does four things: guard against panics ([`guard`]), convert the pointers, call one
//! safe function of the runtime, return the result. A function that fails returns its neutral value
//! (NULL, false, 0, an empty vector) and sets the last error ([`last_error`]). Callers keep the contract
//! of `wasm.h`: pointers are NULL or valid, owned handles are given up once, a store is used by one thread
//! at a time. SAFETY notes refer to it as the "(C contract)".

#![allow(
    clippy::missing_safety_doc,
    clippy::not_unsafe_ptr_arg_deref,
    reason = "the contract of every exported function is that of the header, stated above"
)]

pub mod bytes;
mod call;
mod callback;
pub mod casts;
pub mod config;
pub mod engine;
pub mod error;
pub mod event;
pub mod exception;
pub mod executor;
pub mod externtype;
pub mod foreign;
pub mod frame;
pub mod func;
pub mod functype;
pub mod global;
pub mod globaltype;
mod guard;
pub mod guest_memory;
mod handle;
pub mod host_info;
pub mod importtype;
pub mod instance;
pub mod job;
pub mod last_error;
pub mod limits64;
pub mod linker;
pub mod log;
pub mod memory;
pub mod memorytype;
pub mod metering;
pub mod modinfo;
pub mod module;
pub mod native;
mod objects;
pub mod profile;
pub mod profiler;
pub mod reference;
pub mod shared_memory;
pub mod shared_module;
pub mod stats;
pub mod store;
pub mod store_limits;
pub mod table;
pub mod tabletype;
pub mod tag;
pub mod timeline;
pub mod trap;
pub mod types;
pub mod val;
pub mod valtype;
pub mod vec;
pub mod version;
pub mod wasmrt_val;
