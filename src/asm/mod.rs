//! Machine code written by hand, without a code generator.
//!
//! [`x64`] only encodes instructions. It is used for stubs, and for the code around functions that is the same for
//! all compilers ([`function_entry`]). [`registers`] maps the conventions of `abi::signature` to registers.

pub mod function_entry;
pub mod registers;
pub mod x64;
