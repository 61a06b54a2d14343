//! Reads the most frequent operators without making them, for scans that only count.

use super::decode::Operators;

/// What a scan may want to know of an operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frequent {
    /// Reads this local.
    Get(u32),
    /// Writes this local.
    Set(u32),
    /// Loads or stores a scalar in memory 0.
    Access,
    /// Ends a block.
    End,
    /// A constant, arithmetic of scalars, or a branch.
    Plain,
}

impl Operators<'_> {
    /// Reads the next operator if it is one of these; otherwise reads nothing.
    #[inline]
    pub fn read_frequent(&mut self) -> Option<Frequent> {
        let mut r = self.reader;
        let read = match r.u8()? {
            0x20 => Frequent::Get(r.u32()?),
            0x21 | 0x22 => Frequent::Set(r.u32()?),
            0x28..=0x3e if r.peek()? < MEMORY_INDEX_FOLLOWS => {
                r.u8()?;
                r.u64()?;
                Frequent::Access
            }
            0x0b => Frequent::End,
            0x41 => {
                r.i32()?;
                Frequent::Plain
            }
            0x42 => {
                r.i64()?;
                Frequent::Plain
            }
            0x43 => {
                r.bytes::<4>()?;
                Frequent::Plain
            }
            0x44 => {
                r.bytes::<8>()?;
                Frequent::Plain
            }
            0x0c | 0x0d => {
                r.u32()?;
                Frequent::Plain
            }
            0x01 | 0x05 | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 => Frequent::Plain,
            _ => return None,
        };
        self.reader = r;
        Some(read)
    }
}

/// The bit of an access's flags that says that a memory index follows.
const MEMORY_INDEX_FOLLOWS: u8 = 0x40;

#[cfg(test)]
mod tests {
    use super::super::accesses::{Access, memory_of};
    use super::super::decode::operators;
    use super::*;
    use crate::types::{DefinedFuncIndex, MemoryIndex};
    use wasmparser::Operator;

    #[test]
    fn frequent_operators_are_read_like_all() {
        let module = super::super::tests::module(
            "(module (memory 1) (memory 1) (func (param i32 i64) (result i32) (local f32 f64)
                (block (loop (br_if 1 (i32.eqz (local.get 0)))
                    (local.set 0 (i32.const -100000)) (i64.store offset=70000 (local.get 0) (i64.const -5))
                    (i32.store 1 (local.get 0) (i32.load8_u 1 (local.get 0)))
                    (f32.store (local.get 0) (f32.const 1.5)) (f64.store (local.get 0) (f64.const 2.5))
                    (if (local.get 0) (then nop) (else (return (i32.const 1)))) (br 0)))
                (select (local.tee 0 (i32.wrap_i64 (i64.extend32_s (local.get 1)))) (i32.const 3) (i32.const 4))))",
        );
        let mut quick = operators(&module, DefinedFuncIndex(0)).unwrap();
        let mut all = quick.clone();
        let (mut frequent, mut others) = (0, 0);
        while !all.is_at_end() {
            let op = all.read().unwrap();
            let expected = match op {
                Operator::LocalGet { local_index } => Some(Frequent::Get(local_index)),
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    Some(Frequent::Set(local_index))
                }
                Operator::End => Some(Frequent::End),
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => None,
                _ => match Access::of(&op) {
                    Some((_, memarg)) if memory_of(memarg) == Some(MemoryIndex(0)) => {
                        Some(Frequent::Access)
                    }
                    Some(_) => None,
                    None => Some(Frequent::Plain),
                },
            };
            assert_eq!(quick.read_frequent(), expected, "{op:?}");
            match expected {
                Some(_) => frequent += 1,
                None => {
                    others += 1;
                    quick.read().unwrap();
                }
            }
            assert_eq!(quick.offset(), all.offset());
        }
        assert!(frequent > 30 && others > 4, "{frequent} {others}");
    }
}
