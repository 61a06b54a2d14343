//! Machine code made by hand, without a code generator behind it.
//!
//! [`x64`] writes instructions and knows nothing else; stubs are made with it, and the code around
//! functions that is the same whoever compiled them ([`function_entry`]). [`registers`] says which
//! registers the conventions of `abi::signature` mean.

pub mod function_entry;
pub mod registers;
pub mod x64;
