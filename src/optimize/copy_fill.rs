//! `memory.copy` and `memory.fill`.
//!
//! Most calls copy a few bytes, so that calling the runtime would cost more than the work: bounds are compared
//! here, and the C library, called directly, moves the bytes. Short blocks of known length need no call at all; all
//! bytes are loaded before the first is stored, since source and target may overlap. Where `abi::bounds` says so,
//! the runtime does everything.

use super::error::Translated;
use super::translator::FuncTranslator;
use crate::abi::Builtin;
use crate::abi::bounds::{BlockCheck, check_block};
use crate::types::MemoryIndex;
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};

/// Blocks of known length up to this are moved without a call.
const SHORT: u64 = 64;

impl FuncTranslator<'_> {
    pub fn memory_fill(&mut self, memory: u32) -> Translated {
        let ty = self.module.memories[memory as usize];
        let length = self.pop_index(ty.is_64)?;
        let byte = self.pop1()?;
        let to = self.pop_index(ty.is_64)?;
        if check_block(&ty, self.mode) == BlockCheck::Runtime {
            let memory = self.i32_const(memory as i32);
            self.call_builtin(Builtin::MemoryFill, &[memory, to, byte, length]);
            return Ok(());
        }
        let memory = MemoryIndex(memory);
        let to = self.block(memory, to, length);
        match self.as_extended_constant(length) {
            Some(length) if length <= SHORT => self.fill_short(memory, to, byte, length),
            _ => {
                self.call_builtin(Builtin::FillBytes, &[to, byte, length]);
            }
        }
        Ok(())
    }

    pub fn memory_copy(&mut self, to_memory: u32, from_memory: u32) -> Translated {
        let [to, from] = [to_memory, from_memory].map(|m| self.module.memories[m as usize]);
        if [to, from].iter().any(|ty| check_block(ty, self.mode) == BlockCheck::Runtime) {
            return self.copy(
                Builtin::MemoryCopy,
                (to_memory, to.is_64),
                (from_memory, from.is_64),
            );
        }
        let length = self.pop_index(false)?;
        let from = self.pop_index(false)?;
        let to = self.pop_index(false)?;
        let (to_memory, from_memory) = (MemoryIndex(to_memory), MemoryIndex(from_memory));
        let to = self.block(to_memory, to, length);
        let from = self.block(from_memory, from, length);
        match self.as_extended_constant(length) {
            Some(length) if length <= SHORT => {
                self.copy_short((to_memory, to), (from_memory, from), length);
            }
            _ => {
                self.call_builtin(Builtin::CopyBytes, &[to, from, length]);
            }
        }
        Ok(())
    }

    /// The address of a block after the check of [`BlockCheck::Compare32`].
    fn block(&mut self, memory: MemoryIndex, index: Value, length: Value) -> Value {
        let ty = self.module.memories[memory.index()];
        let limit = self.memory_length(memory, &ty);
        let outside = self.ends_beyond(index, length, limit);
        self.call_if_outside(outside, memory, (index, 0), length);
        let base = self.memory_base(memory, &ty);
        self.b.ins().iadd(base, index)
    }

    fn copy_short(&mut self, to: (MemoryIndex, Value), from: (MemoryIndex, Value), length: u64) {
        let flags = self.checked_flags(from.0);
        let mut values: Vec<(i32, Value)> = Vec::with_capacity(8);
        for (at, ty) in pieces(length) {
            values.push((at, self.b.ins().load(ty, flags, from.1, at)));
        }
        let flags = self.checked_flags(to.0);
        for (at, value) in values {
            self.b.ins().store(flags, value, to.1, at);
        }
    }

    fn fill_short(&mut self, memory: MemoryIndex, to: Value, byte: Value, length: u64) {
        let flags = self.checked_flags(memory);
        let byte = self.b.ins().ireduce(types::I8, byte);
        let byte = self.b.ins().uextend(types::I64, byte);
        let everywhere = self.i64_const(0x0101_0101_0101_0101);
        let word = self.b.ins().imul(byte, everywhere);
        let words = self.b.ins().splat(types::I64X2, word);
        for (at, ty) in pieces(length) {
            let value = match ty {
                types::I8X16 => words,
                types::I64 => word,
                _ => self.b.ins().ireduce(ty, word),
            };
            self.b.ins().store(flags, value, to, at);
        }
    }
}

/// Offsets and types of the accesses that cover a block.
fn pieces(length: u64) -> impl Iterator<Item = (i32, Type)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let ty = match length - at {
            0 => return None,
            16.. => types::I8X16,
            8.. => types::I64,
            4.. => types::I32,
            2.. => types::I16,
            _ => types::I8,
        };
        at += u64::from(ty.bytes());
        Some(((at - u64::from(ty.bytes())) as i32, ty))
    })
}

#[cfg(test)]
mod tests {
    use super::{SHORT, pieces};

    #[test]
    fn pieces_cover_a_block_once() {
        for length in 0..=SHORT {
            let mut covered = 0;
            for (at, ty) in pieces(length) {
                assert_eq!(at as u64, covered);
                covered += u64::from(ty.bytes());
            }
            assert_eq!(covered, length);
        }
    }
}
