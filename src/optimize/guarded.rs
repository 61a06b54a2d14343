//! Indirect calls whose target is probably known: code for that function behind a guard, and the ordinary call.
//!
//! The guard compares the number of the function and the context, which together say which function it is: the number
//! alone would also be that of functions of other instances, and code addresses change. A function that passes has the
//! type that the call expects, so that is not checked. What follows is as for a direct call: the body is inlined if it
//! is small, or the function is called by name.
//!
//! Both ways are the branches of an `if` that takes the arguments and leaves the results.

use super::calls::Form;
use super::error::{CompileError, Translated};
use super::inlining::Heat;
use super::regions::Region;
use super::translation::{Stop, Translation};
use super::translator::FuncTranslator;
use crate::abi::call_targets::LikelyTarget;
use crate::abi::vmctx::{ENTRY_OWN, ENTRY_VMCTX, FUNC_OWN, FUNC_VMCTX};
use crate::types::{DefinedFuncIndex, TableIndex, TypeIndex};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use wasmparser::{BlockType, Operator};

/// A call that goes on in this body.
#[derive(Clone, Copy)]
pub(super) enum IndirectCall {
    Table(TypeIndex, TableIndex),
    Reference(TypeIndex),
}

/// What is called: address and offset of a table entry, or a function object.
#[derive(Clone, Copy)]
enum Callee {
    Entry(TableIndex, (Value, Value)),
    Object(Value),
}

impl IndirectCall {
    pub(super) fn of(op: &Operator<'_>) -> Option<IndirectCall> {
        match *op {
            Operator::CallIndirect { type_index, table_index } => {
                Some(IndirectCall::Table(TypeIndex(type_index), TableIndex(table_index)))
            }
            Operator::CallRef { type_index } => {
                Some(IndirectCall::Reference(TypeIndex(type_index)))
            }
            _ => None,
        }
    }

    fn ty(self) -> TypeIndex {
        match self {
            IndirectCall::Table(ty, _) | IndirectCall::Reference(ty) => ty,
        }
    }
}

impl Translation<'_, '_> {
    /// Translates an indirect call at a byte offset in the module, if it is worth a guard. False if nothing was done.
    pub(super) fn call_guarded(&mut self, call: IndirectCall, offset: u32) -> Result<bool, Stop> {
        if !self.inlining.is_on() {
            return Ok(false);
        }
        let Some((likely, func)) = self.t.likely_target(call.ty(), offset) else {
            return Ok(false);
        };
        let inlined = self.choose(self.t.module.func_index(func), Heat::Called(likely.calls));
        if inlined.is_none() && !self.t.calls_directly(func, Form::Call) {
            return Ok(false);
        }
        self.inlining.guards += 1;
        let callee = self.t.pop_callee(call)?;
        self.t.begin_guarded(callee, call.ty(), func)?;
        match inlined {
            Some(func) => self.inline(func, offset)?,
            None => self.t.call(self.t.module.func_index(func), Form::Call)?,
        }
        self.t.begin_else(true)?;
        self.t.b.set_srcloc(self.places.location(offset));
        match callee {
            Callee::Entry(table, entry) => {
                self.t.call_entry(call.ty(), table, entry, Form::Call)?;
            }
            Callee::Object(func) => self.t.call_object(call.ty(), func, Form::Call)?,
        }
        self.t.end(true)?;
        Ok(true)
    }
}

impl FuncTranslator<'_> {
    /// The function that an indirect call probably calls. Only one that has exactly the expected type.
    fn likely_target(
        &self,
        ty: TypeIndex,
        offset: u32,
    ) -> Option<(LikelyTarget, DefinedFuncIndex)> {
        let likely = self.observed?.likely_target(offset)?;
        let func = DefinedFuncIndex(likely.function);
        let (found, _) = self.module.func_type(self.module.func_index(func));
        (found == self.module.types[ty.index()].0).then_some((likely, func))
    }

    fn pop_callee(&mut self, call: IndirectCall) -> Result<Callee, CompileError> {
        Ok(match call {
            IndirectCall::Table(_, table) => Callee::Entry(table, self.entry_to_call(table)?),
            IndirectCall::Reference(_) => Callee::Object(self.pop_callable()?),
        })
    }

    /// Begins what is done if `func` is called.
    fn begin_guarded(
        &mut self,
        callee: Callee,
        ty: TypeIndex,
        func: DefinedFuncIndex,
    ) -> Translated {
        let (number, vmctx) = match callee {
            Callee::Entry(table, (entry, _)) => {
                let region = Region::table(self.module, table);
                let number = self.load_word(types::I32, region, entry, ENTRY_OWN);
                (number, self.load_word(types::I64, region, entry, ENTRY_VMCTX))
            }
            Callee::Object(func) => {
                let number = self.load_word(types::I32, Region::Functions, func, FUNC_OWN);
                (number, self.load_word(types::I64, Region::Functions, func, FUNC_VMCTX))
            }
        };
        let is_number = self.b.ins().icmp_imm_s(IntCC::Equal, number, i64::from(func.0));
        let is_own = self.b.ins().icmp(IntCC::Equal, vmctx, self.vmctx);
        self.begin_if_all(&[is_number, is_own], BlockType::FuncType(ty.0), Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::super::observed::Observed;
    use super::super::tests::{PLAIN, VERIFYING, text};
    use super::super::{FunctionCompiler, Request};
    use super::*;
    use crate::abi::{DirectCalls, FunctionCode, Variant};

    /// Says that all indirect calls are of one function.
    struct Target {
        number: u32,
        is_final: bool,
    }

    impl Observed for Target {
        fn is_final(&self, _: DefinedFuncIndex) -> bool {
            self.is_final
        }

        fn likely_target(&self, _: u32) -> Option<LikelyTarget> {
            Some(LikelyTarget { function: self.number, calls: 1000 })
        }
    }

    /// The code of the last function of a module.
    fn compile(observed: Option<&dyn Observed>) -> FunctionCode {
        let nops = "(global.set $g (local.get 0))".repeat(50);
        let module = text(&format!(
            "(module (type $t (func (param i32) (result i32))) (table 4 funcref)
               (global $g (mut i32) (i32.const 0))
               (func $small (type $t) (i32.add (local.get 0) (i32.const 1)))
               (func $large (type $t) {nops} (local.get 0))
               (func $other (param i64))
               (func (param i32) (result i32)
                 (call_indirect (type $t) (local.get 0) (local.get 0))))"
        ));
        let variant = Variant { mode: PLAIN, direct_calls: DirectCalls::Own, counted: false };
        let (func, validation) = (DefinedFuncIndex(3), &module.validation);
        let request = Request { module: &module.module, variant, func, validation, observed };
        FunctionCompiler::new().compile(&VERIFYING, request).unwrap().unwrap()
    }

    fn compile_for(number: u32, is_final: bool) -> FunctionCode {
        compile(Some(&Target { number, is_final }))
    }

    #[test]
    fn likely_targets_are_inlined_or_called_directly() {
        let small = compile_for(0, false);
        assert!(small.calls.is_empty() && small.bytes != compile(None).bytes);
        let large = compile_for(1, true);
        let targets: Vec<_> = large.details.iter().map(|(_, details)| details.target).collect();
        assert!(large.calls.len() == 1 && targets == [Some(1)]);
    }

    #[test]
    fn guards_that_save_nothing_are_left_out() {
        let plain = compile(None).bytes;
        assert!(compile_for(1, false).bytes == plain, "called through a slot all the same");
        assert!(compile_for(2, true).bytes == plain, "of another type");
    }
}
