//! The pieces of a code object: ranges of addresses with the functions in them.
//!
//! Code that is complete when it is published is one piece. Code to which functions are added gets another piece
//! whenever the last one is full. Pieces are in a linked list that only grows, so that signal handlers can read it
//! at any moment. They outlive the code they describe, because traps may still ask for its positions.

use super::function_table::{FunctionSpan, FunctionTable, SiteTable};
use super::growing_table::GrowingTable;
use super::sites::{FunctionSites, SitesError};
use crate::sys::OutOfMemory;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// A range of code.
pub struct Chunk {
    range: Range<usize>,
    table: Table,
    /// Never changes.
    next: *mut Chunk,
}

enum Table {
    Whole(SiteTable),
    Growing(GrowingTable),
}

impl Chunk {
    pub(super) fn start(&self) -> usize {
        self.range.start
    }

    /// Whether `pc` is in this code, or is a return address after its last instruction.
    pub(super) fn contains(&self, pc: usize) -> bool {
        self.range.start < pc && pc <= self.range.end
    }

    /// The distance from the first address, if `pc` may be in this code or at its end.
    pub(super) fn offset(&self, pc: usize) -> Option<u32> {
        let offset = u32::try_from(pc.checked_sub(self.range.start)?).ok()?;
        (pc <= self.range.end).then_some(offset)
    }

    /// The table of code that was complete from the beginning.
    pub fn whole(&self) -> Option<&SiteTable> {
        match &self.table {
            Table::Whole(table) => Some(table),
            Table::Growing(_) => None,
        }
    }

    /// Whether another function can be added.
    pub fn has_room(&self) -> bool {
        match &self.table {
            Table::Whole(_) => false,
            Table::Growing(table) => table.has_room(),
        }
    }

    /// Adds a function behind all others.
    pub fn push(&self, span: FunctionSpan, sites: FunctionSites) -> Result<(), SitesError> {
        match &self.table {
            Table::Whole(_) => Err(SitesError::Malformed),
            Table::Growing(table) => table.push(span, sites),
        }
    }
}

impl FunctionTable for Chunk {
    fn entry(&self, code_offset: u32) -> Option<(FunctionSpan, &[u8])> {
        match &self.table {
            Table::Whole(table) => table.entry(code_offset),
            Table::Growing(table) => table.entry(code_offset),
        }
    }
}

/// The pieces of one code object, the latest first.
pub(super) struct Chunks {
    head: AtomicPtr<Chunk>,
}

impl Chunks {
    pub(super) const fn new() -> Chunks {
        Chunks { head: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Adds code that is complete.
    pub(super) fn add_whole(
        &self,
        range: Range<usize>,
        sites: SiteTable,
    ) -> Result<&Chunk, OutOfMemory> {
        self.add(range, Table::Whole(sites))
    }

    /// Adds a range for at most this many functions, none yet.
    pub(super) fn add_growing(
        &self,
        range: Range<usize>,
        functions: usize,
    ) -> Result<&Chunk, OutOfMemory> {
        self.add(range, Table::Growing(GrowingTable::new(functions)?))
    }

    fn add(&self, range: Range<usize>, table: Table) -> Result<&Chunk, OutOfMemory> {
        let head = self.head.load(Acquire);
        let chunk = Box::into_raw(Box::new(Chunk { range, table, next: head }));
        let mut head = head;
        loop {
            match self.head.compare_exchange_weak(head, chunk, AcqRel, Acquire) {
                // SAFETY: on the list, so it lives as long as this.
                Ok(_) => return Ok(unsafe { &*chunk }),
                Err(now) => {
                    head = now;
                    // SAFETY: not on the list yet, so nobody else knows it.
                    unsafe { (*chunk).next = now };
                }
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Chunk> {
        let mut next = self.head.load(Acquire);
        std::iter::from_fn(move || {
            // SAFETY: null, or a chunk on the list, which lives as long as this.
            let chunk = unsafe { next.as_ref() }?;
            next = chunk.next;
            Some(chunk)
        })
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        let mut next = *self.head.get_mut();
        while !next.is_null() {
            // SAFETY: each chunk came from a box, and nobody reads the list any more.
            next = unsafe { Box::from_raw(next) }.next;
        }
    }
}

// SAFETY: chunks on the list are only read, but for their tables, which synchronise themselves.
unsafe impl Send for Chunks {}
// SAFETY: as above.
unsafe impl Sync for Chunks {}
