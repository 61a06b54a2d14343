//! References: null is zero, everything else is an address that code only passes on.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use crate::abi::{Builtin, TrapCode};
use cranelift_codegen::ir::InstBuilder;
use cranelift_codegen::ir::condcodes::IntCC;
use wasmparser::Operator;

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match *op {
        Operator::RefNull { .. } => {
            let null = t.i64_const(0);
            t.push1(null);
            Ok(())
        }
        Operator::RefIsNull => {
            let value = t.pop1()?;
            let is_null = t.b.ins().icmp_imm_u(IntCC::Equal, value, 0);
            t.push_bool(is_null);
            Ok(())
        }
        Operator::RefFunc { function_index } => {
            let number = t.i32_const(function_index as i32);
            let func = t.call_builtin_for(Builtin::RefFunc, &[number])?;
            t.push1(func);
            Ok(())
        }
        Operator::RefAsNonNull => {
            let value = t.peek1()?;
            t.trap_unless(value, TrapCode::NullReference);
            Ok(())
        }
        Operator::BrOnNull { relative_depth } => t.br_on_null(relative_depth),
        Operator::BrOnNonNull { relative_depth } => t.br_on_non_null(relative_depth),
        _ => Err(CompileError::internal(format!("not a reference instruction: {op:?}"))),
    }
}

impl FuncTranslator<'_> {
    /// The reference stays on the stack when it is not null; the branch drops it.
    fn br_on_null(&mut self, depth: u32) -> Translated {
        let value = self.pop1()?;
        let is_null = self.b.ins().icmp_imm_u(IntCC::Equal, value, 0);
        self.branch_if(is_null, depth)?;
        self.push1(value);
        Ok(())
    }

    /// The branch takes the reference along; it is dropped when it is null.
    fn br_on_non_null(&mut self, depth: u32) -> Translated {
        let value = self.peek1()?;
        self.branch_if(value, depth)?;
        self.pop1()?;
        Ok(())
    }
}
