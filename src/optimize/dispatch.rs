//! From an instruction to the family that translates it.
//!
//! Instructions of a later proposal go to a family as a whole where the proposal is one family; the
//! original ones are told apart by name.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use super::{
    atomics, bulk, calls, control, conversion, globals, memory, numeric, references, simd, table,
    wide,
};
use wasmparser::Operator;

/// The proposal that an instruction came from.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Proposal {
    mvp,
    sign_extension,
    gc,
    custom_descriptors,
    saturating_float_to_int,
    bulk_memory,
    reference_types,
    tail_call,
    memory_control,
    threads,
    simd,
    relaxed_simd,
    exceptions,
    legacy_exceptions,
    shared_everything_threads,
    function_references,
    stack_switching,
    wide_arithmetic,
    acquire_release_atomics,
}

macro_rules! define_proposal_of {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        fn proposal_of(op: &Operator<'_>) -> Option<Proposal> {
            match op {
                $(Operator::$op { .. } => Some(Proposal::$proposal),)*
                _ => None,
            }
        }
    };
}

wasmparser::for_each_operator!(define_proposal_of);

/// Translates one validated instruction.
pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    if !t.reachable {
        return t.skip(op);
    }
    match proposal_of(op) {
        Some(Proposal::mvp) => original(t, op),
        Some(Proposal::sign_extension) => numeric::translate(t, op),
        Some(Proposal::saturating_float_to_int) => conversion::translate(t, op),
        Some(Proposal::bulk_memory) => bulk::translate(t, op),
        Some(Proposal::tail_call) => calls::translate(t, op),
        Some(Proposal::reference_types) => reference_types(t, op),
        Some(Proposal::function_references) => function_references(t, op),
        Some(Proposal::simd | Proposal::relaxed_simd) => simd::translate(t, op),
        Some(Proposal::threads) => atomics::translate(t, op),
        Some(Proposal::wide_arithmetic) => wide::translate(t, op),
        _ => Err(CompileError::internal(format!("no translation of {op:?}"))),
    }
}

fn reference_types(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match op {
        Operator::TypedSelect { .. } => control::translate(t, op),
        Operator::TableFill { .. } => bulk::translate(t, op),
        Operator::RefNull { .. } | Operator::RefIsNull | Operator::RefFunc { .. } => {
            references::translate(t, op)
        }
        _ => table::translate(t, op),
    }
}

fn function_references(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match op {
        Operator::CallRef { .. } | Operator::ReturnCallRef { .. } => calls::translate(t, op),
        _ => references::translate(t, op),
    }
}

fn original(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    match op {
        Operator::LocalGet { local_index } => {
            let value = t.local_get(*local_index)?;
            t.push1(value);
            Ok(())
        }
        Operator::LocalSet { local_index } => {
            let value = t.pop1()?;
            t.local_set(*local_index, value)
        }
        Operator::LocalTee { local_index } => {
            let value = t.peek1()?;
            t.local_set(*local_index, value)
        }
        Operator::Nop => Ok(()),
        Operator::Drop => t.pop1().map(|_| ()),
        Operator::Unreachable => {
            t.trap(crate::abi::TrapCode::Unreachable);
            Ok(())
        }
        Operator::Else => t.begin_else(),
        Operator::End => t.end(),
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::If { .. }
        | Operator::Br { .. }
        | Operator::BrIf { .. }
        | Operator::BrTable { .. }
        | Operator::Return
        | Operator::Select => control::translate(t, op),
        Operator::Call { .. } | Operator::CallIndirect { .. } => calls::translate(t, op),
        Operator::GlobalGet { .. } | Operator::GlobalSet { .. } => globals::translate(t, op),
        op if is_memory(op) => memory::translate(t, op),
        op if is_conversion(op) => conversion::translate(t, op),
        _ => numeric::translate(t, op),
    }
}

fn is_memory(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        op,
        I32Load { .. }
            | I64Load { .. }
            | F32Load { .. }
            | F64Load { .. }
            | I32Load8S { .. }
            | I32Load8U { .. }
            | I32Load16S { .. }
            | I32Load16U { .. }
            | I64Load8S { .. }
            | I64Load8U { .. }
            | I64Load16S { .. }
            | I64Load16U { .. }
            | I64Load32S { .. }
            | I64Load32U { .. }
            | I32Store { .. }
            | I64Store { .. }
            | F32Store { .. }
            | F64Store { .. }
            | I32Store8 { .. }
            | I32Store16 { .. }
            | I64Store8 { .. }
            | I64Store16 { .. }
            | I64Store32 { .. }
            | MemorySize { .. }
            | MemoryGrow { .. }
    )
}

fn is_conversion(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        op,
        I32WrapI64
            | I64ExtendI32S
            | I64ExtendI32U
            | F32DemoteF64
            | F64PromoteF32
            | I32ReinterpretF32
            | I64ReinterpretF64
            | F32ReinterpretI32
            | F64ReinterpretI64
            | F32ConvertI32S
            | F32ConvertI32U
            | F32ConvertI64S
            | F32ConvertI64U
            | F64ConvertI32S
            | F64ConvertI32U
            | F64ConvertI64S
            | F64ConvertI64U
            | I32TruncF32S
            | I32TruncF32U
            | I32TruncF64S
            | I32TruncF64U
            | I64TruncF32S
            | I64TruncF32U
            | I64TruncF64S
            | I64TruncF64U
    )
}
