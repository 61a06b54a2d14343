//! An assembler for x86-64: one method per instruction, and only the instructions that are used.
//!
//! | file | what is in it |
//! |---|---|
//! | `operand` | registers, memory operands, widths |
//! | `instruction` | how prefix, opcode, operands and constants become bytes |
//! | `assembler` | the growing code, labels |
//! | `integer`, `arithmetic`, `vector`, `control` | the instructions |
//!
//! A new instruction is a line or two in one of the last four, and one in `tests`, which reads the bytes back with
//! a disassembler.

mod arithmetic;
mod assembler;
mod control;
mod instruction;
mod integer;
mod operand;
#[cfg(test)]
mod tests;
mod vector;

pub use arithmetic::{Extend, Shift, Unary};
pub use assembler::{Assembler, Label};
pub use control::Condition;
pub use integer::Alu;
pub use operand::*;
