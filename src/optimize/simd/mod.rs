//! Fixed-width vectors: all instructions on `v128`.
//!
//! `operands` defines the form of vectors between instructions. Each other file of this folder handles one group of
//! instructions; its result says whether an operator belonged to the group.

mod bitwise;
mod comparison;
mod conversion;
mod float;
mod integer;
mod lane;
mod memory;
mod operands;
mod relaxed;
#[cfg(test)]
mod tests;

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use wasmparser::Operator;

/// Translates a vector instruction, relaxed ones included.
pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    let claimed = memory::translate(t, op)?
        || lane::translate(t, op)?
        || integer::translate(t, op)?
        || float::translate(t, op)?
        || bitwise::translate(t, op)?
        || comparison::translate(t, op)?
        || conversion::translate(t, op)?
        || relaxed::translate(t, op)?;
    if claimed {
        Ok(())
    } else {
        Err(CompileError::internal(format!("no vector instruction: {op:?}")))
    }
}
