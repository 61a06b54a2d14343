//! The functions of a piece of code to which functions are added while it runs.
//!
//! Signal handlers and other threads read the table at any moment, without a lock. So entries never move: there is
//! room for a fixed number of them, an entry is written before it is counted, and counting it releases it. What was
//! counted is never changed.

use super::function_table::{FunctionSpan, FunctionTable};
use super::sites::{FunctionSites, SitesError};
use crate::sys::OutOfMemory;
use crate::sys::lock::Lock;
use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering::*};

struct Entry {
    span: FunctionSpan,
    sites: FunctionSites,
}

/// Functions in ascending order of their code.
pub(super) struct GrowingTable {
    entries: NonNull<Entry>,
    room: usize,
    /// How many entries were written.
    count: AtomicUsize,
    /// Held by the thread that adds one.
    adding: Lock<()>,
}

// SAFETY: entries below the count are only read; one thread at a time writes the one at the count.
unsafe impl Send for GrowingTable {}
// SAFETY: as above.
unsafe impl Sync for GrowingTable {}

impl GrowingTable {
    /// Room for this many functions, at least one. Only what is used is touched.
    pub(super) fn new(room: usize) -> Result<GrowingTable, OutOfMemory> {
        let room = room.max(1);
        let layout = Layout::array::<Entry>(room).map_err(|_| OutOfMemory { bytes: usize::MAX })?;
        // SAFETY: the layout has a size; nothing reads an entry before it was written.
        let entries = NonNull::new(unsafe { System.alloc(layout) }.cast());
        let entries = entries.ok_or(OutOfMemory { bytes: layout.size() })?;
        Ok(GrowingTable { entries, room, count: AtomicUsize::new(0), adding: Lock::new(()) })
    }

    /// Whether there is room for another function.
    pub(super) fn has_room(&self) -> bool {
        self.count.load(Relaxed) < self.room
    }

    /// Adds a function behind all others.
    pub(super) fn push(&self, span: FunctionSpan, sites: FunctionSites) -> Result<(), SitesError> {
        let _adding = self.adding.lock();
        let count = self.count.load(Relaxed);
        let last = self.entries().last().map_or(0, |last| end(&last.span));
        if count == self.room || u64::from(span.code_start) < last {
            return Err(SitesError::Malformed);
        }
        // SAFETY: there is room, and the lock keeps other writers away; readers stay below the count.
        unsafe { self.entries.add(count).write(Entry { span, sites }) };
        self.count.store(count + 1, Release);
        Ok(())
    }

    fn entries(&self) -> &[Entry] {
        // SAFETY: entries below the count were written before it, and stay.
        unsafe { std::slice::from_raw_parts(self.entries.as_ptr(), self.count.load(Acquire)) }
    }
}

fn end(span: &FunctionSpan) -> u64 {
    u64::from(span.code_start) + u64::from(span.code_len)
}

impl FunctionTable for GrowingTable {
    fn entry(&self, code_offset: u32) -> Option<(FunctionSpan, &[u8])> {
        let entries = self.entries();
        let at =
            entries.partition_point(|entry| entry.span.code_start <= code_offset).checked_sub(1)?;
        let Entry { span, sites } = &entries[at];
        (code_offset - span.code_start < span.code_len).then(|| (*span, sites.bytes()))
    }
}

impl Drop for GrowingTable {
    fn drop(&mut self) {
        let layout = Layout::array::<Entry>(self.room);
        // SAFETY: written entries are dropped once; the memory has this layout, which was valid.
        unsafe {
            NonNull::slice_from_raw_parts(self.entries, *self.count.get_mut()).drop_in_place();
            if let Ok(layout) = layout {
                System.dealloc(self.entries.as_ptr().cast(), layout);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Site;
    use std::sync::atomic::AtomicBool;

    fn span(number: u32) -> FunctionSpan {
        FunctionSpan { function: number, code_start: 48 * number + 8, code_len: 40 }
    }

    fn sites(number: u32) -> FunctionSites {
        let site = Site { code_offset: 40, wasm_offset: number, trap: None };
        FunctionSites::encode(&[site]).unwrap()
    }

    #[test]
    fn functions_are_found_while_others_are_added() {
        const N: u32 = 4000;
        let table = GrowingTable::new(N as usize).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        while !done.load(Acquire) {
                            let known = table.entries().len() as u32;
                            for number in known.saturating_sub(50)..known {
                                let span = span(number);
                                let end = span.code_start + 40;
                                assert_eq!(table.lookup_function(span.code_start), Some(span));
                                assert_eq!(table.lookup_call(end).unwrap().wasm_offset, number);
                            }
                        }
                    })
                })
                .collect();
            (0..N).for_each(|number| table.push(span(number), sites(number)).unwrap());
            done.store(true, Release);
            assert!(readers.into_iter().all(|reader| reader.join().is_ok()));
        });
        assert_eq!(table.entries().len(), N as usize);
        assert!(table.lookup_function(span(N).code_start).is_none());
        assert!(table.lookup_function(span(7).code_start + 40).is_none());
    }

    #[test]
    fn what_overlaps_or_finds_no_room_is_refused() {
        let table = GrowingTable::new(2).unwrap();
        table.push(span(3), sites(3)).unwrap();
        assert_eq!(table.push(span(3), sites(3)), Err(SitesError::Malformed));
        table.push(span(4), sites(4)).unwrap();
        assert!(!table.has_room());
        assert_eq!(table.push(span(5), sites(5)), Err(SitesError::Malformed));
    }
}
