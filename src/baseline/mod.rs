//! The baseline compiler: from a valid body to machine code for x86-64 in one pass, as fast as it can be done.
//!
//! It follows the same conventions as the optimizing compiler: calls, frames, checks, traps, metering and sites are
//! those of [`crate::abi`] and [`crate::body`], so that a function compiled here and one compiled there can call
//! each other and replace each other. Functions with an instruction that is not supported are left to the other.
//! Design and measurements: `docs/design/baseline.md`.
//!
//! ```text
//! compiler        one function, from body to code
//! claimed         the memory that this takes
//! scan            what must be known of a body in advance
//! operand         types and places of operands
//! registers, allocation       which registers are free
//! locals, local_access        where locals live
//! frame, function_start       the layout of the frame; the beginning and end of a function
//! emitter         the state that all instructions use; loads and stores of values
//! values, slots   the operand stack, and its slots in the frame
//! blocks, control, branch_tables      blocks and branches
//! cold, traps     code that rarely runs, after the function
//! moves           moves that happen at once
//! calls, tail_calls, exceptions, legacy_exceptions
//! hot_loops       leaves running loops for better code
//! metering        charges of fuel
//! masks           checks that hold for what the processor executes ahead
//! direct, dispatch            select among the instructions:
//! integers, wide, division, conversions, memory, atomics, globals, tables, bulk
//! vectors         operands and results in vector registers
//! constants       constants in memory, after the function; constant_access reads them
//! floats, float_conversions, simd
//! ```

mod allocation;
mod atomics;
mod blocks;
mod branch_tables;
mod bulk;
mod call_targets;
mod calls;
mod claimed;
mod cold;
mod compiler;
mod constant_access;
mod constants;
mod control;
mod conversions;
mod direct;
mod dispatch;
mod division;
mod emitter;
mod exceptions;
mod float_conversions;
mod floats;
mod frame;
mod function_start;
mod globals;
mod hot_loops;
mod integers;
mod legacy_exceptions;
mod local_access;
mod locals;
mod masks;
mod memory;
mod metering;
mod moves;
mod operand;
mod registers;
mod scan;
mod simd;
mod slots;
mod tables;
mod tail_calls;
#[cfg(test)]
mod tests;
mod traps;
mod values;
mod vectors;
mod wide;

pub use compiler::{FunctionCompiler, Task};
