//! Selects the instruction family that translates an instruction.
//!
//! Instructions of a later proposal go to one family where the proposal is one family. Of the original
//! instructions, accesses and conversions are recognized by the facts about their opcodes (see [`crate::body`]),
//! the others by name.

use super::error::{CompileError, Translated};
use super::translator::FuncTranslator;
use super::{
    atomics, bulk, calls, control, conversion, exceptions, globals, legacy_exceptions, memory,
    numeric, references, simd, table, wide,
};
use crate::body::accesses::Access;
use crate::body::conversions::Conversion;
use crate::types::MemoryIndex;
use wasmparser::Operator;

/// The proposal that introduced an instruction.
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

/// Translates one validated instruction; `live` unless the code before it is dead and it ends a part of its block.
pub(super) fn translate(t: &mut FuncTranslator<'_>, op: &Operator<'_>, live: bool) -> Translated {
    match proposal_of(op) {
        Some(Proposal::mvp) => original(t, op, live),
        Some(Proposal::sign_extension | Proposal::saturating_float_to_int) => by_fact(t, op),
        Some(Proposal::bulk_memory) => bulk::translate(t, op),
        Some(Proposal::tail_call) => calls::translate(t, op),
        Some(Proposal::reference_types) => reference_types(t, op),
        Some(Proposal::function_references) => function_references(t, op),
        Some(Proposal::simd | Proposal::relaxed_simd) => simd::translate(t, op),
        Some(Proposal::threads) => atomics::translate(t, op),
        Some(Proposal::wide_arithmetic) => wide::translate(t, op),
        Some(Proposal::exceptions) => exceptions::translate(t, op),
        Some(Proposal::legacy_exceptions) => legacy_exceptions::translate(t, op, live),
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

fn original(t: &mut FuncTranslator<'_>, op: &Operator<'_>, live: bool) -> Translated {
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
        Operator::Else => t.begin_else(live),
        Operator::End => t.end(live),
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
        Operator::MemorySize { mem } => t.memory_size(MemoryIndex(*mem)),
        Operator::MemoryGrow { mem } => t.memory_grow(MemoryIndex(*mem)),
        _ => by_fact(t, op),
    }
}

/// Accesses, conversions and arithmetic.
fn by_fact(t: &mut FuncTranslator<'_>, op: &Operator<'_>) -> Translated {
    if let Some((access, memarg)) = Access::of(op) {
        memory::translate(t, access, memarg)
    } else if let Some(conversion) = Conversion::of(op) {
        conversion::translate(t, conversion)
    } else {
        numeric::translate(t, op)
    }
}
