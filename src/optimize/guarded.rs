//! Indirect calls whose targets are probably known: code for those behind guards, and the ordinary call.
//!
//! The guards compare the number of the function and the context, which together say which function it is: the number
//! alone would also be that of functions of other instances, and code addresses change. A function that passes has the
//! type that the call expects, so that is not checked. What follows is as for a direct call: the body is inlined if it
//! is small, or the function is called by name.
//!
//! A few targets are compared one after the other, the most frequent first: an indirect branch with several targets takes
//! longer than these branches, even if each target is called through its slot. More of them come in runs (see
//! `compile::call_targets`), so that branches are predicted: then each compare halves them, if all are inlined. Otherwise some
//! processors predict the indirect branch better.
//!
//! All ways are branches of an `if` that takes the arguments and leaves the results.

use super::error::CompileError;
use super::inlining::Heat;
use super::observed::LikelyTargets;
use super::regions::Region;
use super::translation::{Stop, Translation};
use super::translator::FuncTranslator;
use crate::abi::vmctx::{ENTRY_OWN, ENTRY_VMCTX, FUNC_OWN, FUNC_VMCTX};
use crate::body::CallForm;
use crate::types::{DefinedFuncIndex, TableIndex, TypeIndex};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use smallvec::SmallVec;
use std::ops::RangeInclusive;
use wasmparser::{BlockType, Operator};

/// So many targets are compared one after the other.
const FEW: usize = 4;

/// The most targets that are compared in one function.
const MOST_GUARDS: usize = 64;

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

/// A function that is probably called.
struct Target {
    func: DefinedFuncIndex,
    is_inlined: bool,
}

/// What the targets of a call are compared with.
#[derive(Clone, Copy)]
struct Guard {
    ty: TypeIndex,
    /// Byte offset of the call in the module.
    offset: u32,
    /// The number of the function that is called.
    number: Value,
    /// The ordinary call.
    otherwise: Block,
}

type Targets = SmallVec<[Target; FEW]>;

impl Translation<'_, '_> {
    /// Translates an indirect call at a byte offset in the module, if it is worth a guard. False if nothing was done.
    pub(super) fn call_guarded(&mut self, call: IndirectCall, offset: u32) -> Result<bool, Stop> {
        if !self.inlining.is_on() {
            return Ok(false);
        }
        let targets = self.likely_targets(call.ty(), offset);
        if targets.is_empty() {
            return Ok(false);
        }
        self.inlining.guards += targets.len();
        let callee = self.t.pop_callee(call)?;
        let guard = self.t.begin_guarded(callee, call.ty(), offset)?;
        match targets.len() {
            ..=FEW => self.call_first(guard, &targets)?,
            _ => self.call_within(guard, &targets, 0..=u32::MAX)?,
        }
        self.t.begin_else(true)?;
        match callee {
            Callee::Entry(table, entry) => {
                self.t.call_entry(call.ty(), table, entry, CallForm::Call)?;
            }
            Callee::Object(func) => self.t.call_object(call.ty(), func, CallForm::Call)?,
        }
        self.t.end(true)?;
        Ok(true)
    }

    /// The functions that an indirect call probably calls and that are worth guards: a few, the most frequent first, or
    /// more in the order of their numbers. Only those that have exactly the expected type.
    fn likely_targets(&mut self, ty: TypeIndex, offset: u32) -> Targets {
        let mut targets = Targets::new();
        let Some(observed) = self.t.observed else { return targets };
        let LikelyTargets { targets: likely, are_predictable } = observed.likely_targets(offset);
        if self.inlining.guards + likely.len() > MOST_GUARDS {
            return targets;
        }
        let left = self.inlining.left;
        for likely in likely {
            let func = DefinedFuncIndex(likely.function);
            let index = self.t.module.func_index(func);
            if self.t.module.func_type(index).0 == self.t.module.types[ty.index()].0 {
                let is_inlined = self.choose(index, Heat::Called(likely.calls)).is_some();
                targets.push(Target { func, is_inlined });
            }
        }
        let pays = match targets[..] {
            [Target { func, is_inlined }] => {
                is_inlined || self.t.calls_directly(func, CallForm::Call)
            }
            [_, _] => true,
            _ => {
                (are_predictable && targets.len() <= FEW)
                    || targets.iter().all(|target| target.is_inlined)
            }
        };
        if !pays {
            self.inlining.left = left;
            targets.clear();
        }
        if targets.len() > FEW {
            targets.sort_unstable_by_key(|target| target.func.0);
        }
        targets
    }

    /// Compares the targets one after the other.
    fn call_first(&mut self, guard: Guard, targets: &[Target]) -> Result<(), Stop> {
        let [first, others @ ..] = targets else { return Ok(()) };
        if others.is_empty() {
            return self.call_if(guard, first);
        }
        let is_first = self.t.compare_number(IntCC::Equal, guard, first.func);
        self.t.begin_if_all(&[is_first], guard.block(), None)?;
        self.call_target(guard, first)?;
        self.t.begin_else(true)?;
        self.call_first(guard, others)?;
        Ok(self.t.end(true)?)
    }

    /// Finds the target by halves. The number of the function that is called is in `range`.
    fn call_within(
        &mut self,
        guard: Guard,
        targets: &[Target],
        range: RangeInclusive<u32>,
    ) -> Result<(), Stop> {
        let (low, high) = targets.split_at(targets.len() / 2);
        let Some(middle) = high.first().map(|first| first.func) else { return Ok(()) };
        if low.is_empty() {
            return match range.start() == range.end() {
                true => self.call_target(guard, &high[0]),
                false => self.call_if(guard, &high[0]),
            };
        }
        let is_low = self.t.compare_number(IntCC::UnsignedLessThan, guard, middle);
        self.t.begin_if_all(&[is_low], guard.block(), None)?;
        self.call_within(guard, low, *range.start()..=middle.0 - 1)?;
        self.t.begin_else(true)?;
        self.call_within(guard, high, middle.0..=*range.end())?;
        Ok(self.t.end(true)?)
    }

    /// Calls a target if it is called, and goes on to the ordinary call if not.
    fn call_if(&mut self, guard: Guard, target: &Target) -> Result<(), Stop> {
        let (is_it, next) =
            (self.t.compare_number(IntCC::Equal, guard, target.func), self.t.create_block());
        self.t.b.ins().brif(is_it, next, &[], guard.otherwise, &[]);
        self.t.continue_in(next);
        self.call_target(guard, target)
    }

    fn call_target(&mut self, guard: Guard, target: &Target) -> Result<(), Stop> {
        match target.is_inlined {
            true => self.inline(target.func, guard.offset)?,
            false => self.t.call(self.t.module.func_index(target.func), CallForm::Call)?,
        }
        self.t.b.set_srcloc(self.places.location(guard.offset));
        Ok(())
    }
}

impl Guard {
    /// The type of blocks that take the arguments and leave the results.
    fn block(self) -> BlockType {
        BlockType::FuncType(self.ty.0)
    }
}

impl FuncTranslator<'_> {
    fn pop_callee(&mut self, call: IndirectCall) -> Result<Callee, CompileError> {
        Ok(match call {
            IndirectCall::Table(_, table) => Callee::Entry(table, self.entry_to_call(table)?),
            IndirectCall::Reference(_) => Callee::Object(self.pop_callable()?),
        })
    }

    /// Begins what is done if a function of this instance is called.
    fn begin_guarded(
        &mut self,
        callee: Callee,
        ty: TypeIndex,
        offset: u32,
    ) -> Result<Guard, CompileError> {
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
        let is_own = self.b.ins().icmp(IntCC::Equal, vmctx, self.vmctx);
        let otherwise = self.begin_if_all(&[is_own], BlockType::FuncType(ty.0), Some(true))?;
        Ok(Guard { ty, offset, number, otherwise })
    }

    fn compare_number(&mut self, how: IntCC, guard: Guard, func: DefinedFuncIndex) -> Value {
        self.b.ins().icmp_imm_u(how, guard.number, i64::from(func.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::observed::Observed;
    use super::super::tests::{PLAIN, VERIFYING, text};
    use super::super::{FunctionCompiler, Request};
    use super::*;
    use crate::abi::call_targets::LikelyTarget;
    use crate::abi::{DirectCalls, FunctionCode, Variant};

    /// Says that all indirect calls are of these functions.
    struct Targets<'a> {
        numbers: &'a [u32],
        is_final: bool,
        are_predictable: bool,
    }

    impl Observed for Targets<'_> {
        fn is_final(&self, _: DefinedFuncIndex) -> bool {
            self.is_final
        }

        fn is_unused(&self, _: DefinedFuncIndex) -> bool {
            false
        }

        fn likely_targets(&self, _: u32) -> LikelyTargets {
            let target = |number: &u32| LikelyTarget { function: *number, calls: 1000 };
            let targets = self.numbers.iter().map(target).collect();
            LikelyTargets { targets, are_predictable: self.are_predictable }
        }
    }

    /// The code of the last function of a module.
    fn compile(observed: Option<&dyn Observed>) -> FunctionCode {
        let nops = "(global.set $g (local.get 0))".repeat(50);
        let more = format!("(func (type $t) {nops} (local.get 0))").repeat(13);
        let module = text(&format!(
            "(module (type $t (func (param i32) (result i32))) (table 4 funcref)
               (global $g (mut i32) (i32.const 0))
               (func $small (type $t) (i32.add (local.get 0) (i32.const 1)))
               (func $large (type $t) {nops} (local.get 0))
               (func $other (param i64))
               {more}
               (func (type $t) (i32.sub (local.get 0) (i32.const 1)))
               (func (type $t) (i32.xor (local.get 0) (i32.const 1)))
               (func (type $t) (i32.or (local.get 0) (i32.const 1)))
               (func $itself (type $t)
                 (if (local.get 0) (then (return (call $itself (i32.const 0))))) (i32.const 1))
               (func (param i32) (result i32)
                 (call_indirect (type $t) (local.get 0) (local.get 0))))"
        ));
        let variant = Variant { mode: PLAIN, direct_calls: DirectCalls::Own, counted: false };
        let (func, validation) = (DefinedFuncIndex(20), &module.validation);
        let request = Request { module: &module.module, variant, func, validation, observed };
        FunctionCompiler::new().compile(&VERIFYING, request).unwrap().unwrap()
    }

    fn compile_for(numbers: &[u32], is_final: bool) -> FunctionCode {
        compile(Some(&Targets { numbers, is_final, are_predictable: true }))
    }

    /// The functions that code calls directly.
    fn called(code: &FunctionCode) -> Vec<u32> {
        let mut called: Vec<_> =
            code.details.iter().filter_map(|(_, details)| details.target).collect();
        called.sort_unstable();
        called
    }

    #[test]
    fn likely_targets_are_inlined_or_called_directly() {
        let small = compile_for(&[0], false);
        assert!(small.calls.is_empty() && small.bytes != compile(None).bytes);
        assert_eq!(called(&compile_for(&[1], true)), [1]);
        assert_eq!(called(&compile_for(&[4, 0, 1], true)), [1, 4]);
    }

    #[test]
    fn many_targets_are_compared_only_if_all_are_inlined() {
        let plain = compile(None).bytes;
        assert!(compile_for(&[1, 3, 4, 5, 6], true).bytes == plain);
        assert!(compile_for(&[0, 3, 16, 17, 18], true).bytes == plain);
        assert_eq!(called(&compile_for(&[18, 0, 17, 19, 16], true)), [19]);
    }

    #[test]
    fn a_target_that_calls_itself_is_inlined_once() {
        assert_eq!(called(&compile_for(&[19], true)), [19]);
        assert!(compile_for(&[19], true).bytes.len() > compile_for(&[1], true).bytes.len());
    }

    #[test]
    fn targets_in_any_order_are_compared_if_there_are_two_or_all_are_inlined() {
        let compile =
            |numbers| compile(Some(&Targets { numbers, is_final: true, are_predictable: false }));
        assert_eq!(called(&compile(&[4, 1])), [1, 4]);
        assert_eq!(called(&compile(&[4, 1, 3])), []);
        assert_eq!(called(&compile(&[0, 1, 3])), []);
        assert!(compile(&[0, 16, 17]).bytes != compile(&[0, 1, 3]).bytes);
    }

    #[test]
    fn guards_that_save_nothing_are_left_out() {
        let plain = compile(None).bytes;
        assert!(compile_for(&[1], false).bytes == plain, "called through a slot all the same");
        assert!(compile_for(&[2], true).bytes == plain, "of another type");
        assert!(compile_for(&[1, 4], false).bytes != plain, "each through its own slot");
    }
}
