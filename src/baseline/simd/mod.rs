//! Fixed-width vectors: all instructions on `v128`.
//!
//! Most are one machine instruction (`pairs`). The others are short sequences that work on the register of the first
//! operand with the two scratch registers; their constants are in memory. Each file handles one group of
//! instructions, and its `emit` says whether an operator belongs to it.

mod bitwise;
mod comparison;
mod conversion;
mod float;
mod integer;
mod lane;
mod memory;
mod operands;
mod pairs;
mod relaxed;
mod shift;

use super::emitter::Emitter;
use wasmparser::Operator;

/// Emits a vector instruction, relaxed ones included; whether it is one.
pub(super) fn emit(e: &mut Emitter<'_>, op: &Operator<'_>) -> bool {
    pairs::emit(e, op)
        || memory::emit(e, op)
        || lane::emit(e, op)
        || integer::emit(e, op)
        || shift::emit(e, op)
        || float::emit(e, op)
        || bitwise::emit(e, op)
        || comparison::emit(e, op)
        || conversion::emit(e, op)
        || relaxed::emit(e, op)
}
