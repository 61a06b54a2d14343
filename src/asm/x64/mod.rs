//! An assembler for x86-64: one method per instruction, and only the instructions that are used. Vector instructions
//! are a table instead, with a method for each kind of operands.
//!
//! | file | what is in it |
//! |---|---|
//! | `operand` | registers, memory operands, widths |
//! | `instruction` | how prefix, opcode, operands and constants become bytes |
//! | `assembler` | the growing code, labels |
//! | `integer`, `arithmetic`, `atomic`, `vector`, `control` | the instructions |
//! | `sse`, `vex` | the table of vector instructions, in the form with two and with three operands |
//!
//! A new instruction is a line or two in one of the last two rows, and one in `tests` or `sse_tests`, which read the
//! bytes back with a disassembler.

mod arithmetic;
mod assembler;
mod atomic;
mod control;
mod instruction;
mod integer;
mod operand;
mod sse;
#[cfg(test)]
mod sse_tests;
#[cfg(test)]
mod tests;
mod vector;
mod vex;

pub use arithmetic::{Extend, Shift, Unary};
pub use assembler::{Assembler, Label};
pub use control::Condition;
pub use integer::Alu;
pub use operand::*;
pub use sse::{LaneShift, Sse};
pub use vex::Fma;
