//! Pieces of a few zero pages, for the tables of instances.
//!
//! Most elements of most tables are never written, so a table should cost no page that nobody touches. The C allocator
//! zeroes memory by writing wherever its heap is not fresh from the system, and a mapping of its own for each table
//! would use up the process's mappings. So pieces are taken from larger mappings, which all engines share.
//!
//! What must stay true: a piece is zero when it is taken, and belongs to one table at a time.

use crate::code::FreeList;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::sys::lock::Lock;
use crate::sys::memory::{Mapping, page_size, round_to_pages};
use std::ptr::NonNull;
use std::sync::Once;

/// The size of the first mapping that pieces are taken from, and the most that a piece has.
const CHUNK: usize = 1 << 20;

/// Later mappings are as large as all others together, up to this size.
const LARGEST_CHUNK: usize = 16 << 20;

/// Chunks in order of their addresses.
static CHUNKS: Lock<Chunks> = Lock::new(Chunks { all: Vec::new(), recent: 0 });
static FORKS: Once = Once::new();

struct Chunks {
    all: Vec<Chunk>,
    /// The position of the chunk that the last piece came from.
    recent: usize,
}

struct Chunk {
    mapping: Mapping,
    free: FreeList,
}

/// Zero pages that this piece owns, readable and writable. They are given back when it is dropped.
pub struct ZeroPages {
    base: NonNull<u8>,
    len: usize,
    clean: bool,
}

impl ZeroPages {
    /// The most bytes that a piece can have.
    pub const MOST: usize = CHUNK;

    /// At least `len` bytes, no more than [`ZeroPages::MOST`].
    pub fn take(len: usize) -> Result<ZeroPages, OutOfMemory> {
        FORKS.call_once(|| CHUNKS.watch_forks());
        let len = round_to_pages(len).filter(|len| *len <= CHUNK).ok_or(OutOfMemory)?;
        let pages = u32::try_from(len / page_size()).map_err(|_| OutOfMemory)?;
        let base = CHUNKS.lock().take(pages)?;
        Ok(ZeroPages { base, len, clean: false })
    }

    /// The address of the first byte.
    pub fn as_ptr(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// Says that nothing was written to the piece, which saves clearing it.
    pub fn give_back_clean(mut self) {
        self.clean = true;
    }
}

impl Drop for ZeroPages {
    fn drop(&mut self) {
        CHUNKS.lock().give(self);
    }
}

impl Chunks {
    fn take(&mut self, pages: u32) -> Result<NonNull<u8>, OutOfMemory> {
        let recent = self.recent;
        let rest = (0..self.all.len()).filter(|at| *at != recent);
        for at in std::iter::once(recent).chain(rest) {
            if let Some(chunk) = self.all.get_mut(at)
                && let Some(base) = chunk.take(pages)?
            {
                self.recent = at;
                return Ok(base);
            }
        }
        self.add()?.take(pages)?.ok_or(OutOfMemory)
    }

    /// A new chunk, which becomes the recent one.
    fn add(&mut self) -> Result<&mut Chunk, OutOfMemory> {
        self.all.try_reserve(1).map_err(|_| OutOfMemory)?;
        let existing: usize = self.all.iter().map(|chunk| chunk.mapping.len()).sum();
        let size = existing.clamp(CHUNK, LARGEST_CHUNK);
        let mapping = Mapping::anonymous(size).or_else(|_| Mapping::anonymous(CHUNK));
        let mapping = mapping.map_err(|_| OutOfMemory)?;
        let units = u32::try_from(mapping.len() / page_size()).map_err(|_| OutOfMemory)?;
        let free = FreeList::new(units).map_err(|_| OutOfMemory)?;
        let at = self.all.partition_point(|chunk| chunk.mapping.as_ptr() < mapping.as_ptr());
        self.all.insert(at, Chunk { mapping, free });
        self.recent = at;
        Ok(&mut self.all[at])
    }

    fn give(&mut self, piece: &ZeroPages) {
        let after = self.all.partition_point(|chunk| chunk.mapping.as_ptr() <= piece.as_ptr());
        let Some(at) = after.checked_sub(1) else { return };
        self.all[at].give(piece);
        // One unused chunk stays: the next table may come soon.
        if self.all.len() > 1 && self.all[at].free.is_unused() {
            self.all.remove(at);
            self.recent = 0;
        }
    }
}

impl Chunk {
    fn take(&mut self, pages: u32) -> Result<Option<NonNull<u8>>, OutOfMemory> {
        let start = self.free.take(pages).map_err(|_| OutOfMemory)?;
        Ok(start.and_then(|start| {
            NonNull::new(self.mapping.as_ptr().wrapping_add(start as usize * page_size()))
        }))
    }

    /// A piece that cannot be made zero again stays taken.
    fn give(&mut self, piece: &ZeroPages) {
        let offset = piece.as_ptr().addr() - self.mapping.as_ptr().addr();
        // SAFETY: the piece was taken from here, and its owner gives it up.
        if piece.clean || unsafe { self.mapping.discard(offset, piece.len) }.is_ok() {
            let (start, pages) = (offset / page_size(), piece.len / page_size());
            self.free.give(start as u32, pages as u32, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether all bytes are zero; fills them with ones.
    fn use_up(piece: &ZeroPages) -> bool {
        // SAFETY: the piece's own bytes.
        let bytes = unsafe { std::slice::from_raw_parts_mut(piece.as_ptr(), piece.len) };
        let zero = bytes.iter().all(|byte| *byte == 0);
        bytes.fill(1);
        zero
    }

    #[test]
    fn pieces_are_zero_and_apart_also_when_used_before() {
        let mut pieces = Vec::new();
        for round in 0..2_000_usize {
            let piece = ZeroPages::take((round * 7919) % (64 << 10) + 1).unwrap();
            assert!(use_up(&piece));
            pieces.push(piece);
            if round % 3 != 0 {
                pieces.swap_remove((round * 31) % pieces.len());
            }
        }
        drop(pieces);
        ZeroPages::take(1).unwrap().give_back_clean();
        assert!(use_up(&ZeroPages::take(CHUNK).unwrap()));
        assert!(ZeroPages::take(CHUNK + 1).is_err());
    }
}
