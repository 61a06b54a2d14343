//! The operators whose effect is plain data, each opcode once: what they take from the operand stack and what they
//! give. Decoder and validator make their tables from these lists.
//!
//! A line is `[takes] => [gives]: opcode Name, ...`, the topmost operand last. Accesses to memory have the binary
//! logarithm of their natural alignment in front, and take an address below the operands of the line.

#[macro_use]
mod atomic;
#[macro_use]
mod scalar;
#[macro_use]
mod vector;
