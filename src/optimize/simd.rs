//! Fixed-width and relaxed vector instructions.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use wasmparser::Operator;

pub(super) fn translate(_t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    Err(CompileError::internal(format!("no translation of {op:?}")))
}
