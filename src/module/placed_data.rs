//! The positions of active data segments, as far as they are known before instantiation.
//!
//! A module whose segments all have constant offsets within its own memories cannot trap while they are applied,
//! and they leave the same bytes in every instance. Nearly all compilers make such modules; modules that import
//! their memory, or compute offsets from imported globals, are different.

use super::{DataSegment, Module, SegmentMode};
use crate::types::{DataIndex, MemoryIndex};
use std::ops::Range;

/// Bytes of a memory, by offset, and their range in the module.
pub struct PlacedData<'a> {
    /// Index among the memories that the module defines.
    pub memory: usize,
    pub range: Range<usize>,
    pub bytes: &'a [u8],
}

impl Module {
    /// All active segments in order, ending with `None` if the next one may trap or depends on the instance.
    pub fn placed_data(&self) -> impl Iterator<Item = Option<PlacedData<'_>>> {
        let indices = (0..self.data.len() as u32).map(DataIndex);
        indices
            .map(|index| (&self.data[index.index()], self.data_bytes(index)))
            .filter(|(segment, _)| matches!(segment.mode, SegmentMode::Active { .. }))
            .map(|(segment, bytes)| self.place(segment, bytes))
    }

    fn place<'a>(&self, segment: &DataSegment, bytes: &'a [u8]) -> Option<PlacedData<'a>> {
        let SegmentMode::Active { target, offset } = &segment.mode else { return None };
        let start = offset.as_offset()?;
        let end = start.checked_add(bytes.len() as u64)?;
        let memory = self.defined_memory(*target)?;
        let least = self.memories[target.index()].minimum_bytes();
        let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
        (end <= least).then_some(PlacedData { memory, range, bytes })
    }

    /// The index of a memory among those that the module defines.
    fn defined_memory(&self, memory: MemoryIndex) -> Option<usize> {
        memory.0.checked_sub(self.imported.memories).map(|memory| memory as usize)
    }
}
