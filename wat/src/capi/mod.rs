//! `wasmrt_wat.h`: the functions that hosts call.
//!
//! Callers keep the contract of the header: pointers are NULL or valid. SAFETY notes refer to it as the "(C contract)".

pub mod wat;
