//! Loads and stores of scalars: one line for each opcode.

use super::Sign::{self, Signed, Unsigned};
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
    /// Bytes in memory. If fewer than the type has, a load extends them and a store keeps the low ones.
    pub width: u32,
    /// How a load extends.
    pub sign: Sign,
}

impl Access {
    /// Describes `op`, if it is a load or store of a scalar.
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

/// The memory that an access names; none for an access to a garbage-collected array.
pub fn memory_of(memarg: &MemArg) -> Option<MemoryIndex> {
    match memarg.target {
        MemArgTarget::Memory(index) => Some(MemoryIndex(index)),
        MemArgTarget::Array(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::for_each_operator;
    use super::*;

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
