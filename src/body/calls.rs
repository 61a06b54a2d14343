//! What bodies call: the call at an offset, and whether a module's tail calls leave it.

use super::operators::operator_at;
use crate::binary::bodies::function_body;
use crate::module::Module;
use crate::types::{DefinedFuncIndex, FuncIndex, TableIndex, TypeIndex};
use wasmparser::Operator;

/// What a call names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallSite {
    Direct(FuncIndex),
    /// An element of a table, or a reference.
    Indirect,
}

/// What the instruction at a byte offset of a module calls, if it is a call that returns.
pub fn call_at(module: &Module, offset: u32) -> Option<CallSite> {
    match operator_at(module, offset)? {
        Operator::Call { function_index } => Some(CallSite::Direct(FuncIndex(function_index))),
        Operator::CallIndirect { .. } | Operator::CallRef { .. } => Some(CallSite::Indirect),
        _ => None,
    }
}

/// Table and type of the indirect call at a byte offset, which may be a tail call.
pub fn indirect_call_at(module: &Module, offset: u32) -> Option<(TableIndex, TypeIndex)> {
    match operator_at(module, offset)? {
        Operator::CallIndirect { type_index, table_index }
        | Operator::ReturnCallIndirect { type_index, table_index } => {
            Some((TableIndex(table_index), TypeIndex(type_index)))
        }
        _ => None,
    }
}

const RETURN_CALL: u8 = 0x12;
const RETURN_CALL_INDIRECT: u8 = 0x13;
const RETURN_CALL_REF: u8 = 0x15;

/// Whether a function may tail-call out of its instance: an import, a table's element, a reference.
pub fn tail_calls_leave(module: &Module) -> bool {
    // Most bodies without tail calls hold no byte that is such an opcode either.
    let opcodes = [RETURN_CALL, RETURN_CALL_INDIRECT, RETURN_CALL_REF];
    let suspicious = |func| module.body(func).iter().any(|byte| opcodes.contains(byte));
    let mut funcs = (0..module.bodies.len() as u32).map(DefinedFuncIndex);
    funcs.any(|func| suspicious(func) && function_leaves(module, func))
}

fn function_leaves(module: &Module, func: DefinedFuncIndex) -> bool {
    let Ok(operators) = function_body(module, func).get_operators_reader() else { return true };
    operators.into_iter().any(|operator| match operator {
        Ok(Operator::ReturnCall { function_index }) => function_index < module.imported.functions,
        Ok(Operator::ReturnCallIndirect { .. } | Operator::ReturnCallRef { .. }) | Err(_) => true,
        Ok(_) => false,
    })
}
