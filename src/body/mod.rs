//! Function bodies: the part of compiling that comes before code generation, shared by all compilers.
//!
//! A compiler reads the [`Locals`] of a body, asks for a fuel [`Plan`] if its code is metered, and lets [`drive`]
//! pass it one operator after the other: validated or trusted, with its offset, and only if it can be reached. What
//! opcodes do is data here, each opcode listed once, so that compilers match on facts and only emit.
//!
//! ```text
//! operators    the loop over the operators of a body, which drives a handler
//! validated    a body that is validated on the way
//! watch        looking at a body while it is validated
//! validator    validation, one operator after the other
//! decode       operators from bytes
//! frequent     the most frequent operators, for scans that only count
//! reader       integers in the code
//! opcodes      operators as data: opcodes, operands, results
//! flow         which operators can be reached
//! locals       parameters and declared locals
//! limits       which functions are refused for their size
//! validate     a body validated without compiling it
//! fuel         what instructions cost, in units of fuel
//! fuel_plan    where metered code takes units, and how many
//! accesses     loads and stores: width, sign, type
//! vectors      loads and stores of vectors
//! atomics      atomic accesses
//! block_types  what blocks take and give
//! catches      the clauses of `try_table`
//! conversions  conversions between number types, and which floats fit into integers
//! loops        which loops are around a loop
//! tail_calls   whether a module's tail calls leave it
//! error        why a function was not compiled
//! at_offset    what the instruction at a byte offset calls or accesses
//! ```

#[macro_use]
mod opcodes;

pub mod accesses;
pub mod at_offset;
pub mod atomics;
mod block_types;
pub mod catches;
pub mod conversions;
pub mod decode;
pub mod error;
mod flow;
mod frequent;
pub mod fuel;
mod fuel_plan;
pub mod limits;
mod locals;
mod loops;
mod operators;
mod reader;
pub mod tail_calls;
#[cfg(test)]
mod tests;
mod validate;
mod validated;
mod validator;
pub mod vectors;
mod watch;

pub use block_types::{block_params, block_results, plain_block_type};
pub use decode::{Operators, plain};
pub use flow::{BlockKind, Flow};
pub use frequent::Frequent;
pub use fuel_plan::{Charge, Plan};
pub use locals::{Locals, val_type};
pub use loops::loops_around;
pub use operators::{Handler, Position, drive};
pub use reader::Reader;
pub use validate::{ValidationBuffers, is_valid, validate_body, watch_body};
pub use validated::Validated;
pub use validator::Stacks;
pub use watch::Watch;

/// Whether the caller's frame stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallForm {
    Call,
    Tail,
}

/// Whether an integer is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    Signed,
    Unsigned,
}
