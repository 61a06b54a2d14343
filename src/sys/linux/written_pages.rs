//! Finds the pages of a private mapping that were written.
//!
//! A memory that is to be reused is cheapest to clean where it was written, and the system knows where that is:
//! `PAGEMAP_SCAN` (Linux 6.7) lists the pages that are present or swapped out and are neither a file's nor the
//! shared zero page. Asking for present pages alone would leave stale bytes in swapped ones. Where the scan is not
//! available (older systems, no `/proc`, system call filters) callers drop all contents instead.
//!
//! The scan uses a descriptor of `/proc/self/pagemap`, which refers to the address space that opened it. A forked
//! child must not ask about its parent's: the descriptor is noted on a page that the system wipes in children,
//! however they were created.

use super::memory::{Mapping, page_size};
use crate::sys::once::OnceArc;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering::*};

/// `struct pm_scan_arg`.
#[repr(C)]
struct ScanArgument {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    regions: u64,
    regions_len: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_any_of_mask: u64,
    return_mask: u64,
}

/// `struct page_region`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct PageRegion {
    start: u64,
    end: u64,
    categories: u64,
}

/// `_IOWR('f', 16, struct pm_scan_arg)`.
const PAGEMAP_SCAN: libc::c_ulong = 0xc060_6610;
const PAGE_IS_FILE: u64 = 1 << 2;
const PAGE_IS_PRESENT: u64 = 1 << 3;
const PAGE_IS_SWAPPED: u64 = 1 << 4;
const PAGE_IS_ZERO: u64 = 1 << 5;

/// The number of page runs requested at once.
const REGIONS: usize = 32;

const _: () = assert!(size_of::<ScanArgument>() == 0x60 && size_of::<PageRegion>() == 24);

/// Calls `found` with each run of written pages, in order. False when the pages are not known, or when there are
/// more than `most`: then `found` was called for some of them, or none.
///
/// The range consists of pages of one private mapping that nobody writes to meanwhile.
pub fn each_run(range: Range<usize>, most: usize, mut found: impl FnMut(Range<usize>)) -> bool {
    let Some(descriptor) = pagemap() else { return false };
    let (mut from, mut left) = (range.start, most);
    while from < range.end {
        let mut regions = [PageRegion::default(); REGIONS];
        let rest = from..range.end;
        let Some((count, walked)) = scan(descriptor, rest, left + 1, &mut regions) else {
            return false;
        };
        for region in &regions[..count] {
            let run = region.start as usize..region.end as usize;
            let pages = run.len() / page_size();
            if pages > left {
                return false;
            }
            left -= pages;
            found(run);
        }
        if walked <= from {
            return false;
        }
        from = walked;
    }
    true
}

/// Fills `regions` from the front. Returns how many it filled and where the scan ended: before the end of the range
/// when all are filled or they have `most` pages.
fn scan(
    descriptor: i32,
    range: Range<usize>,
    most: usize,
    regions: &mut [PageRegion; REGIONS],
) -> Option<(usize, usize)> {
    let mut argument = ScanArgument {
        size: size_of::<ScanArgument>() as u64,
        flags: 0,
        start: range.start as u64,
        end: range.end as u64,
        walk_end: 0,
        regions: regions.as_mut_ptr() as u64,
        regions_len: REGIONS as u64,
        max_pages: most as u64,
        category_inverted: PAGE_IS_FILE | PAGE_IS_ZERO,
        category_mask: PAGE_IS_FILE | PAGE_IS_ZERO,
        category_any_of_mask: PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
        return_mask: PAGE_IS_PRESENT,
    };
    // SAFETY: the argument and the regions it points at outlive the call. A descriptor that has
    // become another file's does not know the request.
    let count = unsafe { libc::ioctl(descriptor, PAGEMAP_SCAN, &mut argument) };
    let Ok(count) = usize::try_from(count) else {
        refuse();
        return None;
    };
    Some((count.min(REGIONS), argument.walk_end as usize))
}

/// A page with one number, which a forked child finds zeroed: one more than the descriptor, or `REFUSED`.
struct Note(Mapping);

const REFUSED: i32 = -1;

static NOTE: OnceArc<Note> = OnceArc::new();

impl Note {
    fn new() -> Option<Note> {
        let page = Mapping::anonymous(page_size()).ok()?;
        // SAFETY: advice about a page of ours that holds nothing yet.
        let advised =
            unsafe { libc::madvise(page.as_ptr().cast(), page.len(), libc::MADV_WIPEONFORK) };
        (advised == 0).then_some(Note(page))
    }

    fn number(&self) -> &AtomicI32 {
        // SAFETY: the page lives as long as `self`, is aligned, and is only used atomically.
        unsafe { &*self.0.as_ptr().cast() }
    }
}

fn note() -> Option<Arc<Note>> {
    NOTE.get().or_else(|| Some(NOTE.get_or_offer(Arc::new(Note::new()?))))
}

/// The descriptor for this process, which stays open.
fn pagemap() -> Option<i32> {
    let note = note()?;
    match note.number().load(Acquire) {
        REFUSED => None,
        0 => open(note.number()),
        known => Some(known - 1),
    }
}

fn open(number: &AtomicI32) -> Option<i32> {
    let flags = libc::O_RDONLY | libc::O_CLOEXEC;
    // SAFETY: the path is a constant string.
    let descriptor = unsafe { libc::open(c"/proc/self/pagemap".as_ptr(), flags) };
    if descriptor < 0 {
        number.store(REFUSED, Release);
        return None;
    }
    match number.compare_exchange(0, descriptor + 1, AcqRel, Acquire) {
        Ok(_) => Some(descriptor),
        Err(other) => {
            // SAFETY: just opened, known to nobody else.
            unsafe { libc::close(descriptor) };
            (other != REFUSED).then(|| other - 1)
        }
    }
}

/// Makes this process not ask again. An open descriptor stays open: the number may be another file's by now.
fn refuse() {
    if let Some(note) = note() {
        note.number().store(REFUSED, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Write};

    fn runs(mapping: &Mapping, most: usize) -> Option<Vec<Range<usize>>> {
        let (mut runs, base) = (Vec::new(), mapping.range().start);
        let page = page_size();
        let known = each_run(mapping.range(), most, |run| {
            runs.push((run.start - base) / page..(run.end - base) / page)
        });
        known.then_some(runs)
    }

    /// On older systems, which is said past what the test harness captures.
    fn is_missing(mapping: &Mapping) -> bool {
        let missing = runs(mapping, 9).is_none();
        if missing {
            let _ = writeln!(io::stderr(), "skipped: the system does not list written pages");
        }
        missing
    }

    fn write(mapping: &Mapping, page: usize) {
        // SAFETY: within the mapping of the test.
        unsafe { mapping.as_ptr().add(page * page_size()).write(1) };
    }

    #[test]
    fn written_pages_are_found_and_no_others() {
        let mapping = Mapping::anonymous(1000 * page_size()).unwrap();
        if is_missing(&mapping) {
            return;
        }
        // SAFETY: reading maps the page of zeros, which is nobody's own.
        unsafe { mapping.as_ptr().add(77 * page_size()).read_volatile() };
        [3, 4, 500, 999].iter().for_each(|page| write(&mapping, *page));
        assert_eq!(runs(&mapping, 4).unwrap(), [3..5, 500..501, 999..1000]);
        assert_eq!(runs(&mapping, 3), None);
    }

    #[test]
    fn the_search_goes_on_when_the_buffer_is_full() {
        let mapping = Mapping::anonymous(1000 * page_size()).unwrap();
        if is_missing(&mapping) {
            return;
        }
        let pages: Vec<usize> = (0..500).map(|i| 2 * i).collect();
        pages.iter().for_each(|page| write(&mapping, *page));
        let expected: Vec<_> = pages.iter().map(|page| *page..page + 1).collect();
        assert_eq!(runs(&mapping, 500).unwrap(), expected);
    }

    #[test]
    fn a_child_asks_about_its_own_pages() {
        let mapping = Mapping::anonymous(16 * page_size()).unwrap();
        if is_missing(&mapping) {
            return;
        }
        write(&mapping, 3);
        // A child that `pthread_atfork` hooks do not see.
        // SAFETY: the child looks at pages of its own and ends.
        let child = unsafe { libc::syscall(libc::SYS_fork) } as libc::pid_t;
        if child == 0 {
            write(&mapping, 7);
            // Must not allocate: another thread may have held the allocator's lock.
            let mut pages = 0;
            let known = each_run(mapping.range(), 9, |run| pages += run.len() / page_size());
            // SAFETY: ends the child.
            unsafe { libc::_exit(i32::from(!known || pages != 2)) };
        }
        let mut status = -1;
        // SAFETY: waits for our child.
        unsafe { libc::waitpid(child, &mut status, 0) };
        assert_eq!(status, 0);
        assert_eq!(runs(&mapping, 9).unwrap(), vec![Range { start: 3, end: 4 }]);
    }
}
