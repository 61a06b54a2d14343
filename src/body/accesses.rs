//! Loads and stores of scalars: one line for each opcode.

use super::Sign::{self, Signed, Unsigned};
use crate::types::MemoryIndex;
use crate::types::ValType::{self, F32, F64, I32, I64};
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

macro_rules! define {
    ($($code:literal $name:ident = $access:expr;)*) => {
        impl Access {
            /// Describes `op`, if it is a load or store of a scalar.
            #[inline]
            pub fn of<'o>(op: &'o Operator<'_>) -> Option<(Access, &'o MemArg)> {
                Some(match op {
                    $(Operator::$name { memarg } => ($access, memarg),)*
                    _ => return None,
                })
            }

            /// The same by opcode.
            pub const fn of_opcode(opcode: u8) -> Option<Access> {
                Some(match opcode {
                    $($code => $access,)*
                    _ => return None,
                })
            }
        }
    };
}

define! {
    0x28 I32Load = load(I32, 4, Unsigned);
    0x29 I64Load = load(I64, 8, Unsigned);
    0x2a F32Load = load(F32, 4, Unsigned);
    0x2b F64Load = load(F64, 8, Unsigned);
    0x2c I32Load8S = load(I32, 1, Signed);
    0x2d I32Load8U = load(I32, 1, Unsigned);
    0x2e I32Load16S = load(I32, 2, Signed);
    0x2f I32Load16U = load(I32, 2, Unsigned);
    0x30 I64Load8S = load(I64, 1, Signed);
    0x31 I64Load8U = load(I64, 1, Unsigned);
    0x32 I64Load16S = load(I64, 2, Signed);
    0x33 I64Load16U = load(I64, 2, Unsigned);
    0x34 I64Load32S = load(I64, 4, Signed);
    0x35 I64Load32U = load(I64, 4, Unsigned);
    0x36 I32Store = store(I32, 4);
    0x37 I64Store = store(I64, 8);
    0x38 F32Store = store(F32, 4);
    0x39 F64Store = store(F64, 8);
    0x3a I32Store8 = store(I32, 1);
    0x3b I32Store16 = store(I32, 2);
    0x3c I64Store8 = store(I64, 1);
    0x3d I64Store16 = store(I64, 2);
    0x3e I64Store32 = store(I64, 4);
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
    use super::super::decode::Operators;
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

    #[test]
    fn opcodes_access_what_their_operators_do() {
        for opcode in 0..=0xfa {
            let bytes = [opcode, 0, 0, 0];
            let op = Operators::new(&bytes, 0).read();
            let access = op.ok().and_then(|op| Access::of(&op).map(|(access, _)| access));
            assert_eq!(Access::of_opcode(opcode), access, "{opcode:#x}");
        }
    }
}
