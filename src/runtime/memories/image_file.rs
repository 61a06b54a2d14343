//! Writes the data of a memory to a file.
//!
//! Most segments of real modules are small, a hundred thousand of 40 bytes each, and not always in order. A system call
//! for each would take longer than all else, and writing through a mapping costs a page fault per page. So the file is
//! written in blocks, each of which is put together in a buffer. Most segments lie in the same block as the one
//! before, so few runs of segments have to be sorted by block. Blocks that hold one segment alone are written from the
//! module's bytes, successive ones at once: most bytes are in few large segments.
//!
//! What must stay true: where segments overlap, the later one wins. Each block gets its segments in their order.

use crate::module::{Module, PlacedData};
use crate::runtime::heap::alloc::OutOfMemory;
use crate::sys::memory_file::MemoryFile;
use crate::types::DataIndex;
use std::ops::Range;

/// Small, so that the buffer lies in the processor's cache and needs few pages.
const BLOCK: usize = 32 << 10;

/// The data of one memory that a module defines.
#[derive(Clone, Copy)]
pub struct Data<'a> {
    pub module: &'a Module,
    pub memory: usize,
}

/// The segments of a memory.
#[derive(Default)]
pub struct Runs(Vec<Run>);

/// Successive segments, of which those of the memory lie in one block, perhaps in part.
struct Run {
    block: usize,
    segments: Range<u32>,
}

impl Run {
    /// The segment, if it is the only one.
    fn single(&self) -> Option<u32> {
        (self.segments.len() == 1).then_some(self.segments.start)
    }
}

impl Runs {
    /// Adds the next segment, with its place in the memory.
    pub fn add(&mut self, index: u32, range: &Range<usize>) -> Result<(), OutOfMemory> {
        for block in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            match self.0.last_mut().filter(|last| last.block == block) {
                Some(last) => last.segments.end = index + 1,
                None => {
                    self.0.try_reserve(1).map_err(|_| OutOfMemory)?;
                    self.0.push(Run { block, segments: index..index + 1 });
                }
            }
        }
        Ok(())
    }

    /// Must be called after the last one was added: by block, and those of one block in order.
    pub fn sort(&mut self) {
        self.0.sort_unstable_by_key(|run| (run.block, run.segments.start));
    }
}

impl<'a> Data<'a> {
    /// The memory's segments among these, in order.
    fn among(self, indices: Range<u32>) -> impl Iterator<Item = (u32, PlacedData<'a>)> {
        let placed =
            indices.filter_map(move |index| Some((index, self.module.placed(DataIndex(index))?)));
        placed.filter(move |(_, data)| data.memory == self.memory && !data.range.is_empty())
    }

    /// All segments of the memory, in order.
    pub fn segments(self) -> impl Iterator<Item = PlacedData<'a>> {
        self.among(0..self.module.data.len() as u32).map(|(_, data)| data)
    }

    /// Writes the bytes of the memory, whose segments these are, from `origin` on to a file of zeros. `None` if that fails.
    pub fn write(self, runs: &Runs, origin: usize, file: &MemoryFile) -> Option<()> {
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(BLOCK).ok()?;
        let mut blocks = runs.0.chunk_by(|a, b| a.block == b.block).peekable();
        while let Some(first) = blocks.next() {
            let Some(segment) = alone(first) else {
                let bytes = self.put_together(first, &mut buffer);
                file.write(first[0].block * BLOCK + bytes.start - origin, &buffer[bytes])?;
                continue;
            };
            let mut last = first;
            while let Some(next) = blocks.next_if(|next| alone(next) == Some(segment)) {
                last = next;
            }
            let data = self.module.placed(DataIndex(segment))?;
            let bytes = first[0].block * BLOCK..(last[0].block + 1) * BLOCK;
            let (at, bytes) = data.piece(&bytes);
            file.write(at - origin, bytes)?;
        }
        Some(())
    }

    /// Fills the buffer with the bytes of a block. Returns the part in which its segments are.
    fn put_together(self, runs: &[Run], buffer: &mut Vec<u8>) -> Range<usize> {
        let block = runs[0].block * BLOCK..(runs[0].block + 1) * BLOCK;
        let (mut begin, mut end) = (BLOCK, 0);
        buffer.clear();
        buffer.resize(BLOCK, 0);
        for (_, data) in runs.iter().flat_map(|run| self.among(run.segments.clone())) {
            let (at, bytes) = data.piece(&block);
            let target = at - block.start..at - block.start + bytes.len();
            begin = begin.min(target.start);
            end = end.max(target.end);
            buffer[target].copy_from_slice(bytes);
        }
        begin..end
    }
}

/// The only segment of a block, if there is one.
fn alone(block: &[Run]) -> Option<u32> {
    let [run] = block else { return None };
    run.single()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{Limits, decode};
    use crate::sys::memory_file::SealedFile;
    use crate::types::TypeRegistry;
    use std::fmt::Write;

    const SIZE: usize = 4 << 16;

    /// Whether a file has the bytes that copying segments of these offsets and lengths one by one gives.
    fn are_kept(segments: &[(usize, usize)]) -> bool {
        let mut expected = vec![0; SIZE];
        let mut text = String::from("(module (memory 1) (memory 4)");
        for (i, (at, len)) in segments.iter().enumerate() {
            expected[*at..][..*len].fill(i as u8 | 1);
            let _ = write!(text, "(data (memory 1) (i32.const {at}) \"");
            (0..*len).for_each(|_| text.push_str(&format!("\\{:02x}", i as u8 | 1)));
            text.push_str("\") (data \"passive\") (data (memory 0) (i32.const 7) \"other\")");
        }
        let bytes = wat::parse_str(text + ")").unwrap();
        let decoded = decode(&bytes, &TypeRegistry::default(), &Limits::default()).unwrap();
        let data = Data { module: &decoded.module, memory: 1 };
        let mut runs = Runs::default();
        for (index, data) in data.among(0..decoded.module.data.len() as u32) {
            runs.add(index, &data.range).unwrap();
        }
        runs.sort();
        let fill = |file: &MemoryFile| data.write(&runs, 0, file);
        SealedFile::new(c"wasmrt-test", SIZE, fill).unwrap().bytes() == expected
    }

    #[test]
    fn small_segments_in_any_order_with_gaps_and_overlaps_are_kept() {
        let ascending: Vec<_> = (0..2000).map(|i| (i * 60, i % 60)).collect();
        assert!(are_kept(&ascending));
        assert!(are_kept(&ascending.iter().rev().copied().collect::<Vec<_>>()));
        let interleaved: Vec<_> = (0..2000).map(|i| (i % 4 * 30_000 + i * 10, i % 14)).collect();
        assert!(are_kept(&interleaved));
        let overlapping: Vec<_> = (0..900).map(|i| (i * 7919 % (SIZE - 400), i % 400)).collect();
        assert!(are_kept(&overlapping));
    }

    #[test]
    fn segments_around_the_size_of_a_block_are_kept() {
        for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK] {
            assert!(are_kept(&[(0, len), (BLOCK - 1, len), (5, 3), (SIZE - len, len)]));
            assert!(are_kept(&[(2 * BLOCK, len), (BLOCK, 1), (2 * BLOCK + 1, len / 2)]));
        }
        assert!(are_kept(&[]));
    }
}
