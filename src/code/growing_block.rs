//! Memory to which code is added while other code in it runs.
//!
//! In a memory file, which is mapped twice, code follows code without gaps. Anonymous pages cannot be written while
//! code in them runs, so there every addition begins a page. After a fork a memory file belongs to the parent, which
//! may go on writing: in the child the block has no room left.

use super::memory::{CodeBlock, CodeError, CodeMemory};
use crate::sys::memory::page_size;
use std::ops::Range;

/// A block that is filled from its beginning.
pub struct GrowingBlock {
    block: CodeBlock,
    used: usize,
}

impl GrowingBlock {
    /// A block of `len` bytes.
    pub fn new(memory: &CodeMemory, len: usize) -> Result<GrowingBlock, CodeError> {
        Ok(GrowingBlock { block: memory.allocate_growing(len)?, used: 0 })
    }

    /// The addresses where its code runs.
    pub fn range(&self) -> Range<usize> {
        let start = self.block.rx() as usize;
        start..start + self.block.len()
    }

    /// The first offset at which more code may begin.
    pub fn next_start(&self) -> usize {
        if self.block.is_dual() { self.used } else { self.used.next_multiple_of(page_size()) }
    }

    /// Whether code up to this offset can be added.
    pub fn has_room(&self, end: usize) -> bool {
        end <= self.block.len() && !self.block.is_lost()
    }

    /// Adds code at `start`, which is not before [`GrowingBlock::next_start`], and returns its address. It may run
    /// from then on.
    pub fn add(&mut self, start: usize, bytes: &[u8]) -> Result<usize, CodeError> {
        if start < self.next_start() {
            return Err(CodeError::OutOfRange);
        }
        self.block.write(start, bytes)?;
        self.block.publish_part(start, bytes.len())?;
        self.used = start + bytes.len();
        Ok(self.range().start + start)
    }

    /// Code that was added; none if some of it was not.
    pub fn added(&self, part: Range<usize>) -> Option<&[u8]> {
        (part.end <= self.used).then(|| self.block.published_part(part)).flatten()
    }

    /// Gives up writing more: what the writable addresses cost is freed.
    pub fn close(&mut self) {
        self.block.close();
    }
}
