//! Shared chunks of code memory, for small blocks.
//!
//! A stub may cost only about a microsecond, so small blocks take units of mapped chunks from a free list. In a
//! memory file a unit is a cache line, and adjacent units are written and run independently; in anonymous pages,
//! which are protected as a whole, a unit is a page. Empty chunks are unmapped, except one. The chunks are only
//! touched under the lock that delays forks.

use super::forks::{self, Birth};
use super::free_list::FreeList;
use super::memory::{Backing, CODE_ALIGNMENT};
use crate::sys::OutOfMemory;
use crate::sys::exec::{Access, ExecError, ExecMapping};
use crate::sys::memory::page_size;
use std::cell::UnsafeCell;
use std::sync::Arc;

/// The first chunks are small, for hosts with few stubs.
const SMALL_CHUNK: usize = 256 << 10;
const LARGE_CHUNK: usize = 1 << 20;
const SMALL_CHUNKS: usize = 4;

/// Units taken from a shared chunk.
pub(super) struct Share {
    pool: Arc<Pool>,
    index: usize,
    start: u32,
    units: u32,
    unit: usize,
}

/// Where a new share is written and runs.
pub(super) struct Address {
    pub rx: *mut u8,
    pub rw: *mut u8,
    /// In a memory file, hence shared with forked children.
    pub dual: bool,
    pub birth: Birth,
}

impl Share {
    /// Takes writable units for `len` bytes.
    pub(super) fn take(pool: &Arc<Pool>, len: usize) -> Result<(Share, Address), ExecError> {
        let failed = OutOfMemory { bytes: len };
        forks::watch_forks();
        pool.with_chunks(|chunks| {
            let (index, start, units) = take_units(chunks, pool.backing, len)?;
            let chunk = chunks[index].as_ref().ok_or(failed)?;
            match chunk.open(start, units) {
                Ok(address) => {
                    let (pool, unit) = (Arc::clone(pool), chunk.unit);
                    Ok((Share { pool, index, start, units, unit }, address))
                }
                Err(error) => {
                    give_units(chunks, index, start, units, false);
                    Err(error)
                }
            }
        })
    }

    /// Frees the units after the first `len` bytes.
    pub(super) fn shrink(&mut self, len: usize) {
        let keep = units_for(len, self.unit);
        if keep < self.units {
            let (start, units) = (self.start + keep, self.units - keep);
            self.pool.with_chunks(|chunks| give_units(chunks, self.index, start, units, true));
            self.units = keep;
        }
    }

    /// Makes the units executable that `len` bytes from `offset` touch.
    pub(super) fn publish(&self, offset: usize, len: usize) -> Result<(), ExecError> {
        let (first, end) = (offset / self.unit, (offset + len).div_ceil(self.unit));
        let end = end.min(self.units as usize);
        let start = (self.start as usize + first) * self.unit;
        let len = end.saturating_sub(first) * self.unit;
        self.pool.with_chunks(|chunks| match &chunks[self.index] {
            // SAFETY: the units are this block's, which nobody writes any more.
            Some(chunk) => unsafe { chunk.pages.protect(start, len, Access::Execute) },
            None => Ok(()),
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let unused = self
            .pool
            .with_chunks(|chunks| give_units(chunks, self.index, self.start, self.units, false));
        drop(unused); // unmapped after the lock is released
    }
}

/// The chunks of an engine.
pub(super) struct Pool {
    pub(super) backing: Backing,
    chunks: UnsafeCell<Chunks>,
}

type Chunks = Vec<Option<Chunk>>;

// SAFETY: `chunks` is reached through `with_chunks` only, which holds the lock.
unsafe impl Sync for Pool {}
// SAFETY: chunks have no thread affinity.
unsafe impl Send for Pool {}

impl Pool {
    pub(super) fn new(backing: Backing) -> Pool {
        // Done early, because whoever takes the first share may hold a lock that forks wait for.
        forks::watch_forks();
        Pool { backing, chunks: UnsafeCell::new(Vec::new()) }
    }

    fn with_chunks<R>(&self, f: impl FnOnce(&mut Chunks) -> R) -> R {
        let _held = forks::lock();
        // SAFETY: the lock excludes every other use, and `f` cannot come back here: no caller
        // passes something that does.
        f(unsafe { &mut *self.chunks.get() })
    }
}

struct Chunk {
    pages: ExecMapping,
    free: FreeList,
    unit: usize,
    birth: Birth,
}

impl Chunk {
    fn new(backing: Backing, len: usize) -> Result<Chunk, ExecError> {
        let birth = Birth::now();
        let pages = chunk_pages(backing, len)?;
        let unit = if pages.is_dual() { CODE_ALIGNMENT } else { page_size() };
        let free = FreeList::new((pages.len() / unit) as u32)?;
        Ok(Chunk { pages, free, unit, birth })
    }

    /// Makes units writable that were just taken.
    fn open(&self, start: u32, units: u32) -> Result<Address, ExecError> {
        let (offset, len) = (start as usize * self.unit, units as usize * self.unit);
        // SAFETY: the units were free, so nothing runs in them.
        unsafe { self.pages.protect(offset, len, Access::Write)? };
        let rw = self.pages.rw().ok_or(OutOfMemory { bytes: len })?.wrapping_add(offset);
        let rx = self.pages.rx().wrapping_add(offset);
        Ok(Address { rx, rw, dual: self.pages.is_dual(), birth: self.birth })
    }

    /// In a memory file that another process may also map.
    fn is_sealed(&self) -> bool {
        self.pages.is_dual() && self.birth.is_shared()
    }

    fn take(&mut self, len: usize) -> Result<Option<(u32, u32)>, OutOfMemory> {
        if self.is_sealed() {
            return Ok(None);
        }
        let units = units_for(len, self.unit);
        Ok(self.free.take(units)?.map(|start| (start, units)))
    }
}

/// Units for a small block, with one byte after it that belongs to no block: the return address of a call at the
/// block's end is then not the start of another block.
fn units_for(len: usize, unit: usize) -> u32 {
    (len / unit + 1) as u32
}

/// Chunk, first unit and number of units for a small block. The newest chunk is tried first, because it has most
/// room.
fn take_units(
    chunks: &mut Chunks,
    backing: Backing,
    len: usize,
) -> Result<(usize, u32, u32), ExecError> {
    for (index, chunk) in chunks.iter_mut().enumerate().rev() {
        let taken = chunk.as_mut().map_or(Ok(None), |chunk| chunk.take(len))?;
        if let Some((start, units)) = taken {
            return Ok((index, start, units));
        }
    }
    let index = new_chunk(chunks, backing, len)?;
    let taken = chunks[index].as_mut().map_or(Ok(None), |chunk| chunk.take(len))?;
    let (start, units) = taken.ok_or(OutOfMemory { bytes: len })?;
    Ok((index, start, units))
}

fn new_chunk(chunks: &mut Chunks, backing: Backing, len: usize) -> Result<usize, ExecError> {
    chunks.try_reserve(1).map_err(OutOfMemory::from)?;
    let wanted = if chunks.len() < SMALL_CHUNKS { SMALL_CHUNK } else { LARGE_CHUNK };
    // When address space is short, a chunk for this block alone may still succeed.
    let chunk = Chunk::new(backing, wanted).or_else(|_| Chunk::new(backing, len + 1))?;
    match chunks.iter().position(Option::is_none) {
        Some(index) => {
            chunks[index] = Some(chunk);
            Ok(index)
        }
        None => {
            chunks.push(Some(chunk));
            Ok(chunks.len() - 1)
        }
    }
}

/// Frees units. Returns their chunk, to be unmapped, when it is empty and the next request will be served by
/// another one or by none.
fn give_units(
    chunks: &mut Chunks,
    index: usize,
    start: u32,
    units: u32,
    tail: bool,
) -> Option<Chunk> {
    let chunk = chunks.get_mut(index)?.as_mut()?;
    chunk.free.give(start, units, tail);
    let is_last = || chunks.iter().flatten().count() == 1;
    let chunk = chunks[index].as_ref()?;
    if !chunk.free.is_unused() || (!chunk.is_sealed() && is_last()) {
        return None;
    }
    chunks[index].take()
}

/// Pages for a chunk of small blocks.
pub(super) fn chunk_pages(backing: Backing, len: usize) -> Result<ExecMapping, ExecError> {
    match backing {
        Backing::Anonymous => ExecMapping::anonymous(len),
        Backing::Memfd => dual_pages(backing, len),
        Backing::Auto | Backing::Unnamed => {
            dual_pages(backing, len).or_else(|_| ExecMapping::anonymous(len))
        }
    }
}

/// Shared pages must not be used while forks would go unnoticed.
pub(super) fn dual_pages(backing: Backing, len: usize) -> Result<ExecMapping, ExecError> {
    match backing {
        _ if !forks::watch_forks() => Err(OutOfMemory { bytes: len }.into()),
        Backing::Unnamed => ExecMapping::dual_unnamed(len),
        _ => ExecMapping::dual(len),
    }
}
