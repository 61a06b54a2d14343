//! The baseline compiler: from a valid body to machine code for x86-64 in one pass, as fast as it can be done.
//!
//! It follows the same conventions as the optimizing compiler: calls, frames, checks, traps, metering and sites are
//! those of [`crate::abi`] and [`crate::body`], so that a function compiled here and one compiled there can call
//! each other and replace each other. Functions with an instruction that is not supported are left to the other.
//!
//! ```text
//! compiler        one function, from body to code
//! scan            what must be known of a body in advance
//! emitter         the state that all instructions use; loads and stores of values
//! values          the operand stack
//! registers       which registers are free
//! locals          where locals live
//! frame           the layout of the frame
//! function_start  the beginning and end of a function
//! control         blocks and branches
//! cold            code that rarely runs, after the function
//! moves           moves that happen at once
//! calls, tail_calls
//! metering        charges of fuel
//! dispatch        selects among the instructions:
//! integers, division, conversions, memory, globals, tables, bulk
//! ```

mod bulk;
mod calls;
mod cold;
mod compiler;
mod control;
mod conversions;
mod dispatch;
mod division;
mod emitter;
mod frame;
mod function_start;
mod globals;
mod integers;
mod locals;
mod memory;
mod metering;
mod moves;
mod registers;
mod scan;
mod tables;
mod tail_calls;
#[cfg(test)]
mod tests;
mod values;

pub use compiler::{FunctionCompiler, Task};
