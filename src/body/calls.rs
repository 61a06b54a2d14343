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

#[cfg(test)]
mod tests {
    use super::super::tests::module;
    use super::*;

    const CALLS: &str = "(module
        (type $t (func)) (import \"\" \"\" (func $i)) (table 0 funcref) (table $u 0 funcref)
        (func $f (call $f) (call $i)
            (call_indirect $u (type $t) (i32.const 0)) (call_ref $t (ref.null $t)) (nop)))";

    #[test]
    fn a_call_says_what_it_names() {
        let module = module(CALLS);
        let offsets = module.bodies[0].clone();
        let sites: Vec<_> = offsets.clone().filter_map(|at| call_at(&module, at)).collect();
        let direct = |func| CallSite::Direct(FuncIndex(func));
        assert_eq!(sites[..2], [direct(1), direct(0)]);
        assert_eq!(sites[2..], [CallSite::Indirect; 2]);
        let tables: Vec<_> = offsets.filter_map(|at| indirect_call_at(&module, at)).collect();
        assert_eq!(tables, [(TableIndex(1), TypeIndex(0))]);
        assert_eq!(call_at(&module, module.bytes.len() as u32), None);
    }

    #[test]
    fn tail_calls_of_imports_tables_and_references_leave() {
        let leaves = |body: &str| {
            tail_calls_leave(&module(&format!(
                "(module (type $t (func)) (import \"\" \"\" (func $i)) (table 1 funcref)
                    (func $f {body}))"
            )))
        };
        assert!(leaves("(return_call $i)"));
        assert!(leaves("(return_call_indirect (type $t) (i32.const 0))"));
        assert!(leaves("(return_call_ref $t (ref.null $t))"));
        assert!(!leaves("(return_call $f)"));
        // Constants that look like such opcodes.
        assert!(!leaves("(drop (i32.const 0x12)) (drop (i32.const 0x13)) (call $i)"));
    }
}
