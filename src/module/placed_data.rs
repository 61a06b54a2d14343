//! The positions of active data segments, as far as they are known before instantiation.
//!
//! A module whose segments all have constant offsets within its own memories cannot trap while they are applied,
//! and they leave the same bytes in every instance. Nearly all compilers make such modules; modules that import
//! their memory, or compute offsets from imported globals, are different.

use super::{Module, Offset, SegmentMode};
use crate::types::{DataIndex, MemoryIndex};
use std::ops::Range;

/// Bytes of a memory, by offset, and their range in the module.
pub struct PlacedData<'a> {
    /// Index among the memories that the module defines.
    pub memory: usize,
    pub range: Range<usize>,
    pub bytes: &'a [u8],
}

impl<'a> PlacedData<'a> {
    /// Offset and bytes of what lies within a part of the memory, which the data overlaps.
    pub fn piece(&self, part: &Range<usize>) -> (usize, &'a [u8]) {
        let piece = self.range.start.max(part.start)..self.range.end.min(part.end);
        (piece.start, &self.bytes[piece.start - self.range.start..piece.end - self.range.start])
    }
}

impl Module {
    /// The position of a segment; `None` unless it is active and can neither trap nor depend on the instance.
    #[inline]
    pub fn placed(&self, segment: DataIndex) -> Option<PlacedData<'_>> {
        let mode = &self.data[segment.index()].mode;
        let SegmentMode::Active { target, offset: Offset::Constant(start) } = *mode else {
            return None;
        };
        let bytes = self.data_bytes(segment);
        let end = start.checked_add(bytes.len() as u64)?;
        let memory = self.defined_memory(target)?;
        let least = self.memories[target.index()].minimum_bytes();
        let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
        (end <= least).then_some(PlacedData { memory, range, bytes })
    }

    /// The index of a memory among those that the module defines.
    fn defined_memory(&self, memory: MemoryIndex) -> Option<usize> {
        memory.0.checked_sub(self.imported.memories).map(|memory| memory as usize)
    }
}
