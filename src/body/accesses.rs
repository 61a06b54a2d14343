//! Loads and stores of scalars: one line for each opcode.

use super::Sign::{self, Signed, Unsigned};
use super::operators::operator_at;
use super::{atomics::Atomic, vectors::VectorAccess};
use crate::module::Module;
use crate::types::{MemoryIndex, ValType};
use wasmparser::{MemArg, MemArgTarget, Operator};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Load,
    Store,
}

/// What a load or store does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    pub direction: Direction,
    /// The type on the operand stack.
    pub ty: ValType,
    /// Bytes in memory. Fewer than the type has: a load extends them, a store keeps the low ones.
    pub width: u32,
    /// How a load extends.
    pub sign: Sign,
}

impl Access {
    /// What `op` does, if it is a load or store of a scalar.
    #[inline]
    pub fn of<'o>(op: &'o Operator<'_>) -> Option<(Access, &'o MemArg)> {
        use Operator::*;
        use ValType::{F32, F64, I32, I64};
        Some(match op {
            I32Load { memarg } => (load(I32, 4, Unsigned), memarg),
            I64Load { memarg } => (load(I64, 8, Unsigned), memarg),
            F32Load { memarg } => (load(F32, 4, Unsigned), memarg),
            F64Load { memarg } => (load(F64, 8, Unsigned), memarg),
            I32Load8S { memarg } => (load(I32, 1, Signed), memarg),
            I32Load8U { memarg } => (load(I32, 1, Unsigned), memarg),
            I32Load16S { memarg } => (load(I32, 2, Signed), memarg),
            I32Load16U { memarg } => (load(I32, 2, Unsigned), memarg),
            I64Load8S { memarg } => (load(I64, 1, Signed), memarg),
            I64Load8U { memarg } => (load(I64, 1, Unsigned), memarg),
            I64Load16S { memarg } => (load(I64, 2, Signed), memarg),
            I64Load16U { memarg } => (load(I64, 2, Unsigned), memarg),
            I64Load32S { memarg } => (load(I64, 4, Signed), memarg),
            I64Load32U { memarg } => (load(I64, 4, Unsigned), memarg),
            I32Store { memarg } => (store(I32, 4), memarg),
            I64Store { memarg } => (store(I64, 8), memarg),
            F32Store { memarg } => (store(F32, 4), memarg),
            F64Store { memarg } => (store(F64, 8), memarg),
            I32Store8 { memarg } => (store(I32, 1), memarg),
            I32Store16 { memarg } => (store(I32, 2), memarg),
            I64Store8 { memarg } => (store(I64, 1), memarg),
            I64Store16 { memarg } => (store(I64, 2), memarg),
            I64Store32 { memarg } => (store(I64, 4), memarg),
            _ => return None,
        })
    }
}

const fn load(ty: ValType, width: u32, sign: Sign) -> Access {
    Access { direction: Direction::Load, ty, width, sign }
}

const fn store(ty: ValType, width: u32) -> Access {
    Access { direction: Direction::Store, ty, width, sign: Unsigned }
}

/// The memory that an access names; none for one to an array of garbage collection.
pub fn memory_of(memarg: &MemArg) -> Option<MemoryIndex> {
    match memarg.target {
        MemArgTarget::Memory(index) => Some(MemoryIndex(index)),
        MemArgTarget::Array(_) => None,
    }
}

/// Memory and width of the access at a byte offset of a module, of any kind: for messages.
pub fn access_at(module: &Module, offset: u32) -> Option<(MemoryIndex, u32)> {
    let op = operator_at(module, offset)?;
    let (width, memarg) = width(&op)?;
    Some((memory_of(memarg)?, width))
}

/// How many bytes an access reads or writes.
fn width<'o>(op: &'o Operator<'_>) -> Option<(u32, &'o MemArg)> {
    let scalar = || Access::of(op).map(|(access, memarg)| (access.width, memarg));
    let vector = || VectorAccess::of(op).map(|(access, memarg)| (access.width(), memarg));
    let atomic = || Atomic::of(op).map(|(access, memarg)| (access.width, memarg));
    scalar().or_else(vector).or_else(atomic)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{for_each_operator, module};
    use super::*;

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
            let body = module.bodies[0].clone();
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

    #[test]
    fn facts_about_scalars_are_what_their_names_say() {
        for_each_operator(|name, op, _| {
            let Some((access, _)) = Access::of(op) else { return };
            let direction = if name.contains("Load") { "Load" } else { "Store" };
            let (ty, rest) = name.split_once(direction).unwrap();
            let sign = if rest.ends_with('S') { Signed } else { Unsigned };
            let digits = rest.trim_end_matches(['S', 'U']);
            let bits = if digits.is_empty() { &ty[1..] } else { digits };
            assert_eq!(format!("{:?}", access.direction), direction, "{name}");
            assert_eq!(format!("{:?}", access.ty), ty, "{name}");
            assert_eq!(access.width, bits.parse::<u32>().unwrap() / 8, "{name}");
            assert_eq!(access.sign, sign, "{name}");
        });
    }
}
