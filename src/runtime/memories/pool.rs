//! Reservations for 32-bit memories, reused within an engine.
//!
//! Reserving and unmapping 4 GiB costs some 20 µs, mostly in page tables. A range that a memory no longer needs is
//! cleaned and keeps its pages, and its image if one is mapped: the next memory of the same module then needs no
//! system call. Memories of modules without large images share the other ranges.
//!
//! A process has a limited number of mappings, and each range takes several: inaccessible memory, accessible
//! memory, the image. A memory that the image fills takes only one until it grows ([`crate::sys::memory`] maps the
//! image's file past its end), but is counted as if it had grown. So ranges get a share of the mappings, and
//! memories beyond that have no guard where they may do without; those are mappings that the system merges. The
//! rest is left to the host, which otherwise could not even start a thread.
//!
//! What must stay true: a range is used by one memory at a time, with exactly the requested length, and holds the
//! image's bytes where it has one and zeros elsewhere, also in parts that are made accessible later.

use super::image::Image;
use crate::abi::bounds::GUARD_RESERVATION;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::sys::lock::ForkMutex;
use crate::sys::memory::{Mapping, max_mappings, page_size, round_to_pages};
use crate::sys::written_pages;
use std::ops::Range;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The number of unused reservations that an engine keeps.
const KEPT: usize = 32;

/// Bytes in pages that an unused reservation may keep.
const KEPT_BYTES: usize = 1 << 20;

/// If it is not known which pages were written, clearing all of them is faster up to this size than giving them
/// back and faulting them in again.
const CLEARED_BY_HAND: usize = 128 << 10;

/// At most this many reservations are made at a time.
const LONGEST_ROW: usize = 16;

/// Mappings of all ranges in the process.
static MAPPINGS: AtomicUsize = AtomicUsize::new(0);

/// Up to here the system's limit is not checked: no system allows fewer.
const MAPPINGS_UNASKED: usize = 8 << 10;

/// One in this many of the process's mappings is left to others.
const MAPPINGS_OF_OTHERS: usize = 8;

/// Without an image: accessible memory, and the rest.
const PLAIN_MAPPINGS: usize = 2;

/// A file mapped past its end, memory that growth puts after it, and the rest of the file. Counted from the
/// beginning, because growth must not use up the mappings that are left to others.
const PAST_END_MAPPINGS: usize = 3;

fn may_map_more() -> bool {
    let mapped = MAPPINGS.load(Relaxed);
    mapped < MAPPINGS_UNASKED || {
        let most = max_mappings();
        mapped < most - most / MAPPINGS_OF_OTHERS
    }
}

/// Address space for one memory, which never moves; the first `committed` bytes are accessible.
pub struct ReservedRange {
    mapping: Mapping,
    committed: usize,
    /// The image that is mapped here as a file.
    image: Option<Arc<Image>>,
    /// The file is the only mapping here, except where the memory has grown.
    past_end: bool,
    /// The number counted in [`MAPPINGS`].
    mappings: usize,
}

impl ReservedRange {
    fn new(reservation: Mapping) -> ReservedRange {
        let mut range = ReservedRange {
            mapping: reservation,
            committed: 0,
            image: None,
            past_end: false,
            mappings: 0,
        };
        range.count(PLAIN_MAPPINGS);
        range
    }

    /// Address space for a memory of at most `most` bytes that never moves and that code with bounds checks uses.
    pub fn unguarded(
        most: usize,
        size: usize,
        image: Option<&Arc<Image>>,
    ) -> Result<ReservedRange, OutOfMemory> {
        let mut range = ReservedRange::new(Mapping::reserve(most).map_err(|_| OutOfMemory)?);
        range.prepare(size, image)?;
        Ok(range)
    }

    /// A range that shows an image of `size` bytes, the whole memory, if one mapping can do that.
    fn showing(image: &Arc<Image>, size: usize) -> Option<ReservedRange> {
        let file = image.past_end(size)?;
        let mapping = Mapping::past_end(file, GUARD_RESERVATION as usize).ok()?;
        let image = Some(image.clone());
        let mut range =
            ReservedRange { mapping, committed: size, image, past_end: true, mappings: 0 };
        range.count(PAST_END_MAPPINGS);
        Some(range)
    }

    fn count(&mut self, mappings: usize) {
        MAPPINGS.fetch_add(mappings, Relaxed);
        self.mappings += mappings;
    }

    pub fn base(&self) -> *mut u8 {
        self.mapping.as_ptr()
    }

    /// Makes the first `size` bytes accessible, and the rest of the last page; new ones are zero.
    pub fn grow(&mut self, size: usize) -> Result<(), OutOfMemory> {
        let size = round_to_pages(size).ok_or(OutOfMemory)?;
        if size > self.committed {
            let more = size - self.committed;
            let grown = if self.past_end {
                // SAFETY: nothing can be behind what is accessible.
                unsafe { self.mapping.commit_past_end(self.committed, more) }
            } else {
                self.mapping.commit(self.committed, more)
            };
            grown.map_err(|_| OutOfMemory)?;
            self.committed = size;
        }
        Ok(())
    }

    fn shrink(&mut self, size: usize) -> Result<(), OutOfMemory> {
        if size < self.committed {
            if self.past_end {
                self.shrink_past_end(size)?;
            } else {
                // SAFETY: the former memory is gone, nobody reads the range.
                unsafe { self.mapping.decommit(size, self.committed - size) }
                    .map_err(|_| OutOfMemory)?;
            }
            self.committed = size;
        }
        Ok(())
    }

    /// Only to the size of the image: no other memory gets such a range.
    fn shrink_past_end(&mut self, size: usize) -> Result<(), OutOfMemory> {
        let file = self.image.as_ref().and_then(|image| image.past_end(size)).ok_or(OutOfMemory)?;
        // SAFETY: the former memory is gone, nobody reads the range.
        unsafe { self.mapping.return_past_end(size, self.committed - size, file) }
            .map_err(|_| OutOfMemory)
    }

    /// Gives a clean range the size and contents of a new memory.
    fn prepare(&mut self, size: usize, image: Option<&Arc<Image>>) -> Result<(), OutOfMemory> {
        self.shrink(size)?;
        let image = image.filter(|image| !self.shows(image));
        if let Some(image) = image.filter(|image| image.fills(size))
            && self.map(image)
        {
            self.committed = size;
            return Ok(());
        }
        self.grow(size)?;
        image.map_or(Ok(()), |image| self.put(image))
    }

    fn shows(&self, image: &Arc<Image>) -> bool {
        self.image.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, image))
    }

    /// Maps an image, or copies it, over zeros.
    fn put(&mut self, image: &Arc<Image>) -> Result<(), OutOfMemory> {
        if image.end() > self.committed {
            return Err(OutOfMemory);
        }
        if !self.map(image) {
            // SAFETY: accessible bytes of our own range, which nobody has seen yet.
            unsafe { image.copy_to(self.base()) };
        }
        Ok(())
    }

    /// Maps an image, if it is a file that can be mapped.
    fn map(&mut self, image: &Arc<Image>) -> bool {
        let Some((file, start)) = image.file() else { return false };
        // SAFETY: bytes of our own range, which nobody has seen yet.
        let mapped = unsafe { self.mapping.show(start, file) }.is_ok();
        if mapped {
            self.count(mappings_of(image));
            self.image = Some(image.clone());
        }
        mapped
    }

    /// Undoes all writes. A few written pages stay, with the contents of a new memory.
    fn clean(&mut self) -> Result<(), OutOfMemory> {
        let start = self.mapping.range().start;
        let accessible = start..start + self.committed;
        let image = self.image.clone();
        let restore = |run: Range<usize>| {
            // SAFETY: written pages, therefore accessible ones, of a memory that is gone.
            unsafe { restore(self.base(), run.start - start..run.end - start, image.as_deref()) };
        };
        if written_pages::each_run(accessible, KEPT_BYTES / page_size(), restore) {
            return Ok(());
        }
        if self.committed <= CLEARED_BY_HAND && self.image.is_none() {
            // SAFETY: accessible bytes of a memory that is gone.
            unsafe { self.base().write_bytes(0, self.committed) };
            return Ok(());
        }
        // SAFETY: as above.
        unsafe { self.mapping.discard(0, self.committed) }.map_err(|_| OutOfMemory)
    }
}

impl Drop for ReservedRange {
    fn drop(&mut self) {
        MAPPINGS.fetch_sub(self.mappings, Relaxed);
    }
}

/// The mappings of the image, and of the memory before it.
fn mappings_of(image: &Image) -> usize {
    if image.file().is_some_and(|(_, start)| start == 0) { 1 } else { 2 }
}

/// Writes the initial contents of a new memory at `range`.
///
/// # Safety
/// The range is accessible from `base` and nobody else uses it.
unsafe fn restore(base: *mut u8, range: Range<usize>, image: Option<&Image>) {
    let shown = image.map_or(0..0, |image| image.start()..image.end());
    let from = range.start.max(shown.start).min(range.end);
    let to = range.end.min(shown.end).max(from);
    // SAFETY: `range` consists of the three parts, in this order; the middle one, if there is one,
    // lies within the image.
    unsafe {
        base.add(range.start).write_bytes(0, from - range.start);
        if let Some(image) = image.filter(|_| from < to) {
            let source = image.bytes().as_ptr().add(from - shown.start);
            ptr::copy_nonoverlapping(source, base.add(from), to - from);
        }
        base.add(to).write_bytes(0, range.end - to);
    }
}

/// Clean ranges, the most recent at the end, and unused reservations.
#[derive(Default)]
pub struct MemoryPool {
    free: ForkMutex<Vec<ReservedRange>>,
    reservations: ForkMutex<Reservations>,
}

/// A reservation is one system call, and so is a row of them: the more an engine has needed, the longer the next
/// row.
#[derive(Default)]
struct Reservations {
    unused: Vec<Mapping>,
    made: usize,
}

impl Reservations {
    fn take(&mut self) -> Result<Mapping, OutOfMemory> {
        if let Some(mapping) = self.unused.pop() {
            return Ok(mapping);
        }
        let len = GUARD_RESERVATION as usize;
        let count = self.made.clamp(1, LONGEST_ROW);
        let row = Mapping::reserve_row(len, count).or_else(|_| Mapping::reserve_row(len, 1));
        self.unused = row.map_err(|_| OutOfMemory)?;
        self.made += self.unused.len();
        self.unused.pop().ok_or(OutOfMemory)
    }
}

impl MemoryPool {
    /// A range with `size` accessible bytes, which hold the image and zeros. With `sparing`, it is refused when
    /// ranges have used their share of the process's mappings.
    pub fn take(
        &self,
        size: usize,
        image: Option<&Arc<Image>>,
        sparing: bool,
    ) -> Result<ReservedRange, OutOfMemory> {
        if let Some(mut range) = self.take_used(image)
            && range.prepare(size, image).is_ok()
        {
            return Ok(range);
        }
        if sparing && !may_map_more() {
            return Err(OutOfMemory);
        }
        let mut range = self.make(size, image)?;
        range.prepare(size, image)?;
        Ok(range)
    }

    fn make(&self, size: usize, image: Option<&Arc<Image>>) -> Result<ReservedRange, OutOfMemory> {
        if let Some(range) = image.and_then(|image| ReservedRange::showing(image, size)) {
            return Ok(range);
        }
        self.reservations.lock().take().map(ReservedRange::new)
    }

    /// A range that shows the image, or one that shows none. If all show others, the oldest is unmapped to make
    /// room.
    fn take_used(&self, image: Option<&Arc<Image>>) -> Option<ReservedRange> {
        let mut free = self.free.lock();
        let same = image.and_then(|image| free.iter().rposition(|range| range.shows(image)));
        let found = same.or_else(|| free.iter().rposition(|range| range.image.is_none()));
        if let Some(at) = found {
            return Some(free.remove(at));
        }
        let oldest = (free.len() == KEPT).then(|| free.remove(0));
        drop(free);
        drop(oldest);
        None
    }

    /// Keeps a range for the next memory, or unmaps it.
    pub fn give_back(&self, mut range: ReservedRange) {
        if self.free.lock().len() >= KEPT || range.clean().is_err() {
            return;
        }
        let mut free = self.free.lock();
        let retired = range.image.as_ref().is_some_and(|image| image.is_retired());
        if !retired && free.len() < KEPT && free.try_reserve(1).is_ok() {
            free.push(range);
        }
    }

    /// Unmaps the ranges that show a retired image.
    pub fn forget(&self, image: &Arc<Image>) {
        loop {
            let mut free = self.free.lock();
            let Some(at) = free.iter().position(|range| range.shows(image)) else { return };
            let range = free.remove(at);
            drop(free);
            drop(range);
        }
    }
}
