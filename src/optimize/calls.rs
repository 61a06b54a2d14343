//! Calls of functions and of the runtime's builtins.
//!
//! A function's first argument is its own vmctx. Defined functions are called by name (or through their slot if their
//! code may be missing or replaced), imports through the slot and context in the vmctx, table elements through the
//! code address and context in the entry, references through the slot and context in the function object. Results
//! that do not fit into registers are returned in the store's overflow buffer and are read at once.

use super::error::{CompileError, Translated};
use super::regions::Region;
use super::translator::{FuncTranslator, TRUSTED, clif_type};
use crate::abi::signature::{ResultPlace, results, stack_args_size};
use crate::abi::vmctx::{
    ENTRY_CODE, ENTRY_VMCTX, FUNC_SLOT, FUNC_VMCTX, IMPORT_SLOT, IMPORT_VMCTX,
    STORE_OVERFLOW_RESULTS, VMCTX_BUILTINS, VMCTX_CODE_TABLE, VMCTX_STORE,
};
use crate::abi::{Builtin, TrapCode};
use crate::body::CallForm;
use crate::body::fuel::builtin_takes_fuel;
use crate::types::{DefinedFuncIndex, FuncIndex, FuncType, TableIndex, TypeIndex};
use cranelift_codegen::ir::{
    AbiParam, ExtFuncData, ExternalName, FuncRef, InstBuilder, SigRef, Signature, Type,
    UserExternalName, Value, types,
};
use cranelift_codegen::isa::CallConv;
use smallvec::SmallVec;
use std::sync::Arc;
use wasmparser::Operator;

/// The target of a call.
#[derive(Clone, Copy)]
pub(super) enum Callee {
    Named(FuncRef),
    Code(Value),
}

pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match *op {
        Operator::Call { function_index } => t.call(FuncIndex(function_index), CallForm::Call),
        Operator::ReturnCall { function_index } => {
            t.call(FuncIndex(function_index), CallForm::Tail)
        }
        Operator::CallIndirect { type_index, table_index } => {
            t.call_indirect(TypeIndex(type_index), TableIndex(table_index), CallForm::Call)
        }
        Operator::ReturnCallIndirect { type_index, table_index } => {
            t.call_indirect(TypeIndex(type_index), TableIndex(table_index), CallForm::Tail)
        }
        Operator::CallRef { type_index } => t.call_ref(TypeIndex(type_index), CallForm::Call),
        Operator::ReturnCallRef { type_index } => t.call_ref(TypeIndex(type_index), CallForm::Tail),
        _ => Err(CompileError::internal(format!("not a call: {op:?}"))),
    }
}

/// The convention of a guest function's code (see `abi::signature`).
pub(super) fn guest_signature(ty: &FuncType) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params.push(AbiParam::new(types::I64));
    signature.params.extend(ty.params.iter().map(|&ty| AbiParam::new(clif_type(ty))));
    signature.returns.extend(
        results(ty)
            .filter(|(_, place)| !matches!(place, ResultPlace::Overflow(_)))
            .map(|(ty, _)| AbiParam::new(clif_type(ty))),
    );
    signature
}

fn builtin_signature(builtin: Builtin) -> Signature {
    use crate::abi::builtins::{Linkage, Word};
    let word = |word: &Word| match word {
        Word::I32 => AbiParam::new(types::I32),
        Word::I64 => AbiParam::new(types::I64),
    };
    let mut signature = Signature::new(match builtin.linkage() {
        Linkage::Throw => CallConv::Tail,
        _ if builtin.preserves_registers() => CallConv::PreserveAll,
        _ => CallConv::SystemV,
    });
    if builtin.takes_vmctx() {
        signature.params.push(AbiParam::new(types::I64));
    }
    signature.params.extend(builtin.params().iter().map(word));
    signature.returns.extend(builtin.result().iter().map(word));
    signature
}

impl FuncTranslator<'_> {
    pub(super) fn call(&mut self, func: FuncIndex, form: CallForm) -> Translated {
        let module = self.module;
        let type_index = module.functions[func.index()];
        let ty = &module.types[type_index.index()].1;
        let signature = self.signature_of(type_index);
        let Some(defined) = module.defined(func) else {
            let import = module.layout.imported_function(func);
            let vmctx = self.constant_at(import + IMPORT_VMCTX, types::I64);
            let slot = self.constant_at(import + IMPORT_SLOT, types::I64);
            let code = self.load_word(types::I64, Region::Slots, slot, 0);
            return self.emit_call(form, Callee::Code(code), signature, vmctx, ty);
        };
        self.note_call(defined);
        let vmctx = self.vmctx;
        let callee = if self.calls_directly(defined, form) {
            Callee::Named(self.function_named(defined.0, signature))
        } else {
            let table = self.constant_at(VMCTX_CODE_TABLE, types::I64);
            // Cannot overflow: validation allows 1,000,000 functions.
            Callee::Code(self.load_word(types::I64, Region::Slots, table, defined.0 as i32 * 8))
        };
        self.emit_call(form, callee, signature, vmctx, ty)
    }

    /// Whether a function of the module is called without its slot. A tail call of another function's code would leave
    /// no site that tells where it goes.
    pub(super) fn calls_directly(&self, func: DefinedFuncIndex, form: CallForm) -> bool {
        self.direct_calls.reach(func == self.own)
            || form == CallForm::Call && self.observed.is_some_and(|set| set.is_final(func))
    }

    fn call_indirect(&mut self, ty: TypeIndex, table: TableIndex, form: CallForm) -> Translated {
        let entry = self.entry_to_call(table)?;
        self.call_entry(ty, table, entry, form)
    }

    /// Calls what the entry at an address and offset holds.
    pub(super) fn call_entry(
        &mut self,
        ty: TypeIndex,
        table: TableIndex,
        entry: (Value, Value),
        form: CallForm,
    ) -> Translated {
        let signature = self.signature_of(ty);
        self.check_entry(ty, table, entry);
        let region = Region::table(self.module, table);
        let code = self.load_word(types::I64, region, entry.0, ENTRY_CODE);
        let vmctx = self.load_word(types::I64, region, entry.0, ENTRY_VMCTX);
        let module = self.module;
        self.emit_call(form, Callee::Code(code), signature, vmctx, &module.types[ty.index()].1)
    }

    fn call_ref(&mut self, ty: TypeIndex, form: CallForm) -> Translated {
        let func = self.pop_callable()?;
        self.call_object(ty, func, form)
    }

    /// Pops a function reference, which must not be null.
    pub(super) fn pop_callable(&mut self) -> Result<Value, CompileError> {
        let func = self.pop1()?;
        self.trap_unless(func, TrapCode::NullFunctionReference);
        Ok(func)
    }

    /// Calls a function object.
    pub(super) fn call_object(&mut self, ty: TypeIndex, func: Value, form: CallForm) -> Translated {
        let signature = self.signature_of(ty);
        let slot = self.load_word(types::I64, Region::Functions, func, FUNC_SLOT);
        let code = self.load_word(types::I64, Region::Slots, slot, 0);
        let vmctx = self.load_word(types::I64, Region::Functions, func, FUNC_VMCTX);
        let module = self.module;
        self.emit_call(form, Callee::Code(code), signature, vmctx, &module.types[ty.index()].1)
    }

    fn emit_call(
        &mut self,
        form: CallForm,
        callee: Callee,
        signature: SigRef,
        vmctx: Value,
        ty: &Arc<FuncType>,
    ) -> Translated {
        self.calls = true;
        let below = self.height_below(ty.params.len())?;
        let mut args = std::mem::take(&mut self.scratch.values);
        args.clear();
        args.push(vmctx);
        self.peek_into(ty.params.len(), &mut args)?;
        self.drop_to(below);
        self.effort.moved += args.len() as u64;
        match form {
            CallForm::Call => {
                let results = self.call_or_try(callee, signature, &args);
                self.scratch.values = args;
                self.reload_fuel();
                self.push_results(&results, ty);
            }
            CallForm::Tail => {
                match callee {
                    Callee::Named(name) => self.b.ins().return_call(name, &args),
                    Callee::Code(code) => self.b.ins().return_call_indirect(signature, code, &args),
                };
                self.scratch.values = args;
                self.tail_args = self.tail_args.max(stack_args_size(ty));
            }
        }
        Ok(())
    }

    /// Emits a call within the innermost `try_table`, if there is one; its results.
    pub(super) fn call_or_try(
        &mut self,
        callee: Callee,
        signature: SigRef,
        args: &[Value],
    ) -> SmallVec<[Value; 8]> {
        if let Some(pad) = self.landing_pad() {
            return self.try_call(callee, signature, args, pad);
        }
        let call = match callee {
            Callee::Named(name) => self.b.ins().call(name, args),
            Callee::Code(code) => self.b.ins().call_indirect(signature, code, args),
        };
        SmallVec::from_slice(self.b.inst_results(call))
    }

    fn push_results(&mut self, registers: &[Value], ty: &FuncType) {
        if registers.len() == ty.results.len() {
            registers.iter().for_each(|&value| self.push1(value));
            return;
        }
        let mut registers = registers.iter().copied();
        let buffer = self.overflow_buffer();
        for (ty, place) in results(ty) {
            match place {
                ResultPlace::Overflow(slot) => self.push_from_buffer(buffer, slot, clif_type(ty)),
                _ => registers.next().into_iter().for_each(|value| self.push1(value)),
            }
        }
    }

    /// Pushes the value in a slot of the overflow buffer.
    pub(super) fn push_from_buffer(&mut self, buffer: Value, slot: u32, ty: Type) {
        let flags = self.in_region(TRUSTED, Region::OverflowResults);
        let value = self.b.ins().load(ty, flags, buffer, 16 * slot as i32);
        self.push1(value);
        self.effort.moved += 1;
    }

    /// Returns from the function with the topmost operands.
    pub fn return_operands(&mut self) -> Translated {
        let ty = self.function_type;
        let below = self.height_below(ty.results.len())?;
        let mut registers = SmallVec::<[Value; 16]>::new();
        let mut buffer = None;
        for (at, (_, place)) in (below..).zip(results(ty)) {
            let ResultPlace::Overflow(slot) = place else {
                registers.push(self.operand(at));
                continue;
            };
            let buffer = match buffer {
                Some(buffer) => buffer,
                None => *buffer.insert(self.overflow_buffer()),
            };
            self.write_to_buffer(at, buffer, slot);
        }
        self.b.ins().return_(&registers);
        Ok(())
    }

    /// Writes the operand at height `at` into a slot of the overflow buffer.
    pub(super) fn write_to_buffer(&mut self, at: usize, buffer: Value, slot: u32) {
        let flags = self.in_region(TRUSTED, Region::OverflowResults);
        let value = self.operand(at);
        self.b.ins().store(flags, value, buffer, 16 * slot as i32);
        self.effort.moved += 1;
    }

    pub(super) fn overflow_buffer(&mut self) -> Value {
        let store = self.constant_at(VMCTX_STORE, types::I64);
        self.load_word(types::I64, Region::OverflowResults, store, STORE_OVERFLOW_RESULTS)
    }

    fn signature_of(&mut self, ty: TypeIndex) -> SigRef {
        if let Some(&signature) = self.scratch.signatures.get(&ty.0) {
            return signature;
        }
        let signature = guest_signature(&self.module.types[ty.index()].1);
        let signature = self.b.import_signature(signature);
        self.scratch.signatures.insert(ty.0, signature);
        signature
    }

    fn function_named(&mut self, defined: u32, signature: SigRef) -> FuncRef {
        if let Some(&name) = self.scratch.functions.get(&defined) {
            return name;
        }
        let name = UserExternalName { namespace: 0, index: defined };
        let name = ExternalName::user(self.b.func.declare_imported_user_function(name));
        let name = self.b.import_function(ExtFuncData {
            name,
            signature,
            colocated: true,
            patchable: false,
        });
        self.scratch.functions.insert(defined, name);
        name
    }

    /// Calls a builtin and returns its result, if it has one.
    pub fn call_builtin(&mut self, builtin: Builtin, args: &[Value]) -> Option<Value> {
        let (address, signature) = self.builtin_code(builtin);
        let mut all = std::mem::take(&mut self.scratch.values);
        all.clear();
        if builtin.takes_vmctx() {
            all.push(self.vmctx);
        }
        all.extend_from_slice(args);
        let call = self.b.ins().call_indirect(signature, address, &all);
        self.scratch.values = all;
        let result = self.b.inst_results(call).first().copied();
        if builtin_takes_fuel(builtin) {
            self.reload_fuel();
        }
        result
    }

    /// Address and signature of a builtin that is about to be called.
    pub(super) fn builtin_code(&mut self, builtin: Builtin) -> (Value, SigRef) {
        self.calls = true;
        let signature = match self.builtin_signatures[builtin as usize] {
            Some(signature) => signature,
            None => {
                let signature = self.b.import_signature(builtin_signature(builtin));
                self.builtin_signatures[builtin as usize] = Some(signature);
                signature
            }
        };
        (self.builtin_address(builtin), signature)
    }

    /// Loaded in place where code is cold: as a constant it would be loaded before the loops around, and keep a register
    /// in them.
    fn builtin_address(&mut self, builtin: Builtin) -> Value {
        let is_cold = self.b.current_block().is_some_and(|block| self.b.func.layout.is_cold(block));
        if !is_cold {
            return self.constant_behind(VMCTX_BUILTINS, builtin.offset(), types::I64);
        }
        let builtins = self.load_word(types::I64, Region::Constant, self.vmctx, VMCTX_BUILTINS);
        self.load_word(types::I64, Region::Constant, builtins, builtin.offset())
    }

    /// Calls a builtin that has a result.
    pub fn call_builtin_for(
        &mut self,
        builtin: Builtin,
        args: &[Value],
    ) -> Result<Value, CompileError> {
        let result = self.call_builtin(builtin, args);
        result.ok_or_else(|| CompileError::internal(format!("{builtin:?} has no result")))
    }
}
