//! What names a memory.

use super::entries::Entry;
use super::failure::invalid;
use super::{Checked, Step, Validator};
use crate::body::accesses::memory_of;
use crate::body::decode::memarg;
use crate::body::reader::Reader;
use crate::types::PackedType;

impl<'a> Validator<'a, '_> {
    #[inline(always)]
    pub(super) fn load(&mut self, pos: usize, entry: &Entry, at: usize) -> Step {
        let (address, after) = self.memarg(pos, entry.align, at)?;
        let entry = Entry { top: address, mask: 0, pops: 1, pushes: 1, ..*entry };
        self.operands.exchange(&entry, at)?;
        Ok(after)
    }

    #[inline(always)]
    pub(super) fn store(&mut self, pos: usize, entry: &Entry, at: usize) -> Step {
        let (address, after) = self.memarg(pos, entry.align, at)?;
        let entry = Entry { second: address, mask: u32::MAX, pops: 2, pushes: 0, ..*entry };
        self.operands.exchange(&entry, at)?;
        Ok(after)
    }

    /// Reads alignment, memory and static offset of an access; returns the type of its address, and the position
    /// after them.
    #[inline(always)]
    fn memarg(&self, pos: usize, align: u8, at: usize) -> Checked<(PackedType, usize)> {
        let mut r = Reader { bytes: self.bytes, pos };
        if r.u8().is_some_and(|flags| flags <= align)
            && r.u64().is_some_and(|offset| offset < self.offsets)
        {
            return Ok((self.address, r.pos));
        }
        self.any_memarg(pos, align, false, at)
    }

    /// The same for every memory and for errors. Atomic accesses are always aligned.
    #[inline(never)]
    pub(super) fn any_memarg(
        &self,
        pos: usize,
        align: u8,
        atomic: bool,
        at: usize,
    ) -> Checked<(PackedType, usize)> {
        let mut r = Reader { bytes: self.bytes, pos };
        let memarg = memarg(&mut r, align).ok_or_else(|| self.unreadable(at))?;
        if atomic && memarg.align != align {
            let what = "atomic instructions must always specify maximum alignment";
            return Err(invalid(what, at));
        }
        if memarg.align > align {
            let what = "invalid memop alignment: alignment must not be larger than natural";
            return Err(invalid(what, at));
        }
        let memory = memory_of(&memarg).ok_or_else(|| self.unreadable(at))?;
        let address = self.memory(memory.0, at)?;
        if address == PackedType::I32 && memarg.offset > u64::from(u32::MAX) {
            return Err(invalid("offset out of range: must be <= 2**32", at));
        }
        Ok((address, r.pos))
    }

    /// The type of the addresses of a memory.
    pub(super) fn memory(&self, memory: u32, at: usize) -> Checked<PackedType> {
        let address = self.facts.memories.get(memory as usize);
        address.copied().ok_or_else(|| invalid(format!("unknown memory {memory}"), at))
    }
}
