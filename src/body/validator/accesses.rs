//! What names a memory.

use super::entries::Entry;
use super::failure::{invalid, unknown};
use super::{Checked, Step, Validator};
use crate::body::reader::Reader;
use crate::types::PackedType;

/// In the field of the alignment: the number of a memory follows.
const HAS_MEMORY: u32 = 1 << 6;

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
        let read = read_memarg(&mut r);
        let (found, memory, offset) = read.ok_or_else(|| self.unreadable(at))?;
        if atomic && found != u32::from(align) {
            let what = "atomic instructions must always specify maximum alignment";
            return Err(invalid(what, at));
        }
        if found > u32::from(align) {
            let what = "invalid memop alignment: alignment must not be larger than natural";
            return Err(invalid(what, at));
        }
        let address = self.memory(memory, at)?;
        if address == PackedType::I32 && offset > u64::from(u32::MAX) {
            return Err(invalid("offset out of range: must be <= 2**32", at));
        }
        Ok((address, r.pos))
    }

    /// The type of the addresses of a memory.
    pub(super) fn memory(&self, memory: u32, at: usize) -> Checked<PackedType> {
        let address = self.facts.memories.get(memory as usize);
        address.copied().ok_or_else(|| unknown("memory", memory, at))
    }
}

/// Alignment, memory and offset.
pub(super) fn read_memarg(r: &mut Reader<'_>) -> Option<(u32, u32, u64)> {
    let flags = r.u32()?;
    let memory = if flags & HAS_MEMORY != 0 { r.u32()? } else { 0 };
    let align = flags & !HAS_MEMORY;
    if align >= HAS_MEMORY {
        return None;
    }
    Some((align, memory, r.u64()?))
}
