//! Whether tail calls may leave a module.

use super::decode::operators;
use crate::module::Module;
use crate::types::DefinedFuncIndex;
use wasmparser::Operator;

const RETURN_CALL: u8 = 0x12;
const RETURN_CALL_INDIRECT: u8 = 0x13;
const RETURN_CALL_REF: u8 = 0x15;

/// Whether a function may tail-call out of its instance: to an import, a table element or a reference.
pub fn tail_calls_leave(module: &Module) -> bool {
    // Most bodies without tail calls do not even contain a byte with the value of such an opcode.
    let opcodes = [RETURN_CALL, RETURN_CALL_INDIRECT, RETURN_CALL_REF];
    let suspicious = |func| module.body(func).iter().any(|byte| opcodes.contains(byte));
    let mut funcs = (0..module.bodies.len() as u32).map(DefinedFuncIndex);
    funcs.any(|func| suspicious(func) && function_leaves(module, func))
}

fn function_leaves(module: &Module, func: DefinedFuncIndex) -> bool {
    let Ok(mut operators) = operators(module, func) else { return true };
    operators.any(|operator| match operator {
        Ok(Operator::ReturnCall { function_index }) => function_index < module.imported.functions,
        Ok(Operator::ReturnCallIndirect { .. } | Operator::ReturnCallRef { .. }) | Err(_) => true,
        Ok(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::module;
    use super::*;

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
