//! What the instruction at a byte offset of a valid module does, for the runtime, which gets the offset from a code
//! site.

use super::accesses::{Access, memory_of};
use super::atomics::Atomic;
use super::decode::Operators;
use super::vectors::VectorAccess;
use crate::module::Module;
use crate::types::{FuncIndex, MemoryIndex, TableIndex, TypeIndex};
use wasmparser::{MemArg, Operator};

/// What a call instruction names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallSite {
    Direct(FuncIndex),
    /// An element of a table, or a reference.
    Indirect,
}

/// The target of the instruction at a byte offset of a module, if it is a call that returns.
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

/// Memory and width of any kind of access at a byte offset of a module, for messages.
pub fn access_at(module: &Module, offset: u32) -> Option<(MemoryIndex, u32)> {
    let op = operator_at(module, offset)?;
    let (width, memarg) = width(&op)?;
    Some((memory_of(memarg)?, width))
}

/// The number of bytes that an access reads or writes.
fn width<'o>(op: &'o Operator<'_>) -> Option<(u32, &'o MemArg)> {
    let scalar = || Access::of(op).map(|(access, memarg)| (access.width, memarg));
    let vector = || VectorAccess::of(op).map(|(access, memarg)| (access.width(), memarg));
    let atomic = || Atomic::of(op).map(|(access, memarg)| (access.width, memarg));
    scalar().or_else(vector).or_else(atomic)
}

/// The operator at a byte offset.
fn operator_at(module: &Module, offset: u32) -> Option<Operator<'_>> {
    Operators::new(&module.bytes, offset as usize).read().ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{for_each_operator, module};
    use super::*;
    use crate::types::DefinedFuncIndex;

    const CALLS: &str = "(module
        (type $t (func)) (import \"\" \"\" (func $i)) (table 0 funcref) (table $u 0 funcref)
        (func $f (call $f) (call $i)
            (call_indirect $u (type $t) (i32.const 0)) (call_ref $t (ref.null $t)) (nop)))";

    #[test]
    fn a_call_says_what_it_names() {
        let module = module(CALLS);
        let offsets = module.bodies.get(DefinedFuncIndex(0));
        let sites: Vec<_> = offsets.clone().filter_map(|at| call_at(&module, at)).collect();
        let direct = |func| CallSite::Direct(FuncIndex(func));
        assert_eq!(sites[..2], [direct(1), direct(0)]);
        assert_eq!(sites[2..], [CallSite::Indirect; 2]);
        let tables: Vec<_> = offsets.filter_map(|at| indirect_call_at(&module, at)).collect();
        assert_eq!(tables, [(TableIndex(1), TypeIndex(0))]);
        assert_eq!(call_at(&module, module.bytes.len() as u32), None);
    }

    #[test]
    fn accesses_have_the_width_and_memory_of_their_text() {
        let cases = [
            ("i32.load8_u 1 offset=200 (i32.const 0)", 1, 1),
            ("i64.load (i32.const 0)", 0, 8),
            ("i64.load32_s 1 (i32.const 0)", 1, 4),
            ("f64.load (i32.const 0)", 0, 8),
            ("v128.load 1 (i32.const 0)", 1, 16),
            ("v128.load32_zero (i32.const 0)", 0, 4),
            ("v128.load8x8_s (i32.const 0)", 0, 8),
            ("v128.load16_lane 0 (i32.const 0) (v128.const i64x2 0 0)", 0, 2),
            ("i64.atomic.load16_u 1 (i32.const 0)", 1, 2),
        ];
        for (text, memory, width) in cases {
            let module = module(&format!("(module (memory 1) (memory 1) (func (drop ({text}))))"));
            let body = module.bodies.get(DefinedFuncIndex(0));
            let found = body.filter_map(|offset| access_at(&module, offset));
            assert!(found.into_iter().any(|found| found == (MemoryIndex(memory), width)), "{text}");
        }
    }

    #[test]
    fn every_access_has_the_width_that_the_parser_knows() {
        let mut accesses = 0;
        for_each_operator(|name, op, text| {
            let align = text.split_once("max_align: ").map(|(_, rest)| &rest[..1]);
            let expected = align.map(|align| 1 << align.parse::<u32>().unwrap());
            assert_eq!(width(op).map(|(width, _)| width), expected, "{name}");
            accesses += usize::from(expected.is_some());
        });
        // Scalars, vectors, atomics.
        assert_eq!(accesses, 23 + 22 + 66);
    }
}
