//! Owned ranges of address space: reserved without backing, committed piece by piece, unmapped on drop.
//!
//! Linear memories, tables and stacks reserve far more than they use, so a reservation is `PROT_NONE` and
//! uncommitted (it costs neither memory nor commit charge). Pieces are committed by changing protection. A piece
//! that is decommitted reads as zero when it is committed again. Offsets and lengths must be multiples of the page
//! size; anything else, and anything outside the range, is refused, never rounded.

use super::memory_file::{MemoryFile, SealedFile};
use crate::sys::{OutOfMemory, pages};
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's page size, at least 4096 and a power of two.
pub fn page_size() -> usize {
    static SIZE: AtomicUsize = AtomicUsize::new(0);
    match SIZE.load(Relaxed) {
        0 => {
            // SAFETY: only asks for a number.
            let size = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) });
            let size = size.unwrap_or(4096).max(4096);
            SIZE.store(size, Relaxed);
            size
        }
        size => size,
    }
}

/// The number of mappings that the system allows a process; the usual default if it cannot be read.
pub fn max_mappings() -> usize {
    const DEFAULT: usize = 65_530;
    static MOST: AtomicUsize = AtomicUsize::new(0);
    if MOST.load(Relaxed) == 0 {
        let told = std::fs::read("/proc/sys/vm/max_map_count").ok();
        let number = told.as_deref().map(str::from_utf8).and_then(Result::ok);
        let most = number.and_then(|number| number.trim().parse().ok()).unwrap_or(DEFAULT);
        MOST.store(most.max(1), Relaxed);
    }
    MOST.load(Relaxed)
}

/// `len` rounded up to whole pages, `None` when that overflows.
pub fn round_to_pages(len: usize) -> Option<usize> {
    len.checked_next_multiple_of(page_size())
}

/// An owned range of address space.
#[derive(Debug)]
pub struct Mapping {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: a mapping is plain address space without thread affinity; what lies in it is the owner's
// business.
unsafe impl Send for Mapping {}
// SAFETY: as above; the methods that change protection or contents are atomic system calls or
// `unsafe`.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Address space that must not be touched until it is committed. `len` is rounded up to pages.
    pub fn reserve(len: usize) -> Result<Mapping, OutOfMemory> {
        Self::map(len, libc::PROT_NONE, libc::MAP_NORESERVE)
    }

    /// `count` adjacent reservations of `len` bytes each, whole pages. They cost as much as one while nothing in
    /// them is committed.
    pub fn reserve_row(len: usize, count: usize) -> Result<Vec<Mapping>, OutOfMemory> {
        let failed = OutOfMemory { bytes: len };
        let mut row = Vec::new();
        row.try_reserve_exact(count).map_err(|_| failed)?;
        if round_to_pages(len) != Some(len) || len == 0 {
            return Err(failed);
        }
        let mut whole = Self::reserve(len.checked_mul(count).ok_or(failed)?)?;
        let base = whole.as_ptr();
        whole.let_go();
        row.extend((0..count).filter_map(|i| {
            NonNull::new(base.wrapping_add(i * len)).map(|base| Mapping { base, len })
        }));
        Ok(row)
    }

    /// Zeroed, readable and writable memory. `len` is rounded up to pages.
    pub fn anonymous(len: usize) -> Result<Mapping, OutOfMemory> {
        Self::map(len, libc::PROT_READ | libc::PROT_WRITE, 0)
    }

    /// The first `len` bytes of a file, read-only. Private: before Linux 6.7 a sealed file could not be mapped
    /// otherwise.
    pub(super) fn reading(file: &MemoryFile, len: usize) -> Result<Mapping, OutOfMemory> {
        Self::of_file(file, len, libc::PROT_READ, libc::MAP_PRIVATE)
    }

    pub(super) fn of_file(
        file: &MemoryFile,
        len: usize,
        protection: i32,
        flags: i32,
    ) -> Result<Mapping, OutOfMemory> {
        // SAFETY: no address is given, so no existing mapping is touched.
        let base =
            unsafe { map_pages(ptr::null_mut(), len, protection, flags, file.descriptor(), 0) };
        Ok(Mapping { base: base.ok_or(OutOfMemory { bytes: len })?, len })
    }

    fn map(len: usize, protection: i32, flags: i32) -> Result<Mapping, OutOfMemory> {
        let failed = OutOfMemory { bytes: len };
        let len = round_to_pages(len).ok_or(failed)?;
        if len == 0 {
            // No pages, but a page-aligned address.
            let base = NonNull::new(ptr::without_provenance_mut(page_size())).ok_or(failed)?;
            return Ok(Mapping { base, len });
        }
        let flags = flags | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: no address is given, so no existing mapping is touched.
        let base = unsafe { map_pages(ptr::null_mut(), len, protection, flags, -1, 0) };
        Ok(Mapping { base: base.ok_or(failed)?, len })
    }

    /// Takes over a range that `let_go` released.
    ///
    /// # Safety
    /// The range came from `let_go`, and nobody else takes it over.
    pub(super) unsafe fn from_raw(base: *mut u8, len: usize) -> Option<Mapping> {
        NonNull::new(base).map(|base| Mapping { base, len })
    }

    /// Leaves an empty mapping here; the range stays mapped until another mapping takes it over.
    pub(super) fn let_go(&mut self) {
        self.len = 0;
    }

    /// The address of the first byte.
    pub fn as_ptr(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// Length in bytes, whole pages.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no pages at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The address range.
    pub fn range(&self) -> Range<usize> {
        let start = self.base.as_ptr() as usize;
        start..start + self.len
    }

    /// Makes a piece readable and writable. Pages committed for the first time, or after a decommit, are zero.
    pub fn commit(&self, offset: usize, len: usize) -> Result<(), OutOfMemory> {
        let Some(start) = self.piece(offset, len)? else {
            return Ok(());
        };
        // SAFETY: the piece lies in a mapping that we own; gaining access rights invalidates no
        // reference.
        let result = unsafe { region::protect(start, len, region::Protection::READ_WRITE) };
        result.map_err(|_| OutOfMemory { bytes: len })
    }

    /// Asks for huge pages in a piece that will be filled, which make the first write several times cheaper.
    pub fn prefer_huge_pages(&self, offset: usize, len: usize) {
        if let Ok(Some(start)) = self.piece(offset, len) {
            // SAFETY: the piece is ours, and the advice changes no contents.
            unsafe { libc::madvise(start.cast(), len, libc::MADV_HUGEPAGE) };
        }
    }

    /// Replaces a piece by the contents of a file, readable and writable. Writes stay private; discarded pages show
    /// the file again.
    ///
    /// # Safety
    /// The caller may overwrite the piece.
    pub unsafe fn show(&self, offset: usize, file: &SealedFile) -> Result<(), OutOfMemory> {
        let len = file.bytes().len();
        let failed = OutOfMemory { bytes: len };
        let start = self.piece(offset, len)?.ok_or(failed)?;
        let descriptor = file.file().ok_or(failed)?.descriptor();
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_FIXED | libc::MAP_NORESERVE;
        // SAFETY: the piece is ours, and by contract its contents may go.
        unsafe { map_pages(start.cast(), len, protection, flags, descriptor, 0) }
            .map(|_| ())
            .ok_or(failed)
    }

    /// Drops a piece's contents and forbids access to it.
    ///
    /// # Safety
    /// Nothing reads or writes the piece, now or before it is committed again.
    pub unsafe fn decommit(&self, offset: usize, len: usize) -> Result<(), OutOfMemory> {
        let Some(start) = self.piece(offset, len)? else {
            return Ok(());
        };
        // SAFETY: the piece is ours and, by contract, unused. Protection goes first: a late access
        // then faults instead of reviving pages.
        let result = unsafe { region::protect(start, len, region::Protection::NONE) };
        result.map_err(|_| OutOfMemory { bytes: len })?;
        Self::drop_contents(start, len)
    }

    /// Zeroes a committed piece and gives its pages back; access rights stay.
    ///
    /// # Safety
    /// The caller may overwrite the piece.
    pub unsafe fn discard(&self, offset: usize, len: usize) -> Result<(), OutOfMemory> {
        match self.piece(offset, len)? {
            Some(start) => Self::drop_contents(start, len),
            None => Ok(()),
        }
    }

    /// Extends an [`anonymous`](Mapping::anonymous) mapping by zeroed pages. It may move, but is not copied: the
    /// system counts only the new length, not both.
    pub fn grow(&mut self, len: usize) -> Result<(), OutOfMemory> {
        let failed = OutOfMemory { bytes: len };
        let len = round_to_pages(len).ok_or(failed)?;
        if self.is_empty() {
            *self = Mapping::anonymous(len)?;
            return Ok(());
        }
        // SAFETY: the range is ours; with `&mut self` nobody else uses it, wherever it goes.
        let base =
            unsafe { libc::mremap(self.base.as_ptr().cast(), self.len, len, libc::MREMAP_MAYMOVE) };
        if base == libc::MAP_FAILED {
            return Err(failed);
        }
        self.base = NonNull::new(base.cast()).ok_or(failed)?;
        self.len = len;
        Ok(())
    }

    /// Divides the mapping after the first `len` bytes, whole pages, and returns what is behind them.
    pub fn split_off(&mut self, len: usize) -> Option<Mapping> {
        if len > self.len || !len.is_multiple_of(page_size()) {
            return None;
        }
        let base = NonNull::new(self.base.as_ptr().wrapping_add(len))?;
        let tail = Mapping { base, len: self.len - len };
        self.len = len;
        Some(tail)
    }

    fn drop_contents(start: *mut u8, len: usize) -> Result<(), OutOfMemory> {
        // SAFETY: both callers checked that the piece is ours and have their caller's word that its
        // contents may go.
        match unsafe { libc::madvise(start.cast(), len, libc::MADV_DONTNEED) } {
            0 => Ok(()),
            _ => Err(OutOfMemory { bytes: len }),
        }
    }

    /// Address of a piece of the mapping on page boundaries; `None` for an empty one.
    pub(super) fn piece(&self, offset: usize, len: usize) -> Result<Option<*mut u8>, OutOfMemory> {
        let inside = offset.checked_add(len).is_some_and(|end| end <= self.len);
        if !inside || !(offset | len).is_multiple_of(page_size()) {
            return Err(OutOfMemory { bytes: len });
        }
        Ok((len > 0).then(|| self.base.as_ptr().wrapping_add(offset)))
    }
}

/// # Safety
/// With `MAP_FIXED`, the caller may replace the pages at `address`.
pub(super) unsafe fn map_pages(
    address: *mut libc::c_void,
    len: usize,
    protection: i32,
    flags: i32,
    descriptor: i32,
    offset: usize,
) -> Option<NonNull<u8>> {
    let offset = libc::off_t::try_from(offset).ok()?;
    // SAFETY: as promised by the caller.
    let base = unsafe { libc::mmap(address, len, protection, flags, descriptor, offset) };
    if base == libc::MAP_FAILED { None } else { NonNull::new(base.cast()) }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: the range is ours and whoever had a pointer into it promised not to outlive us.
            unsafe { pages::unmap(self.base, self.len) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decommitted_pages_are_zero_when_committed_again() {
        let page = page_size();
        let mapping = Mapping::reserve(16 * page).unwrap();
        mapping.commit(4 * page, 2 * page).unwrap();
        let byte = mapping.as_ptr().wrapping_add(5 * page);
        // SAFETY: the byte is committed whenever it is touched below, and only this test knows it.
        unsafe {
            byte.write(7);
            mapping.decommit(4 * page, 2 * page).unwrap();
            mapping.commit(4 * page, 2 * page).unwrap();
            assert_eq!(byte.read(), 0);
            byte.write(8);
            mapping.discard(5 * page, page).unwrap();
            assert_eq!(byte.read(), 0);
            byte.write(9);
            assert_eq!(byte.read(), 9);
        }
    }

    #[test]
    fn a_terabyte_is_reserved_without_being_backed_and_too_much_is_refused() {
        assert_eq!(Mapping::reserve(1 << 40).unwrap().len(), 1 << 40);
        assert!(Mapping::reserve(1 << 60).is_err());
        assert!(Mapping::reserve(usize::MAX).is_err());
    }

    #[test]
    fn a_mapping_that_grows_keeps_its_bytes_and_gets_zeros() {
        let page = page_size();
        let mut mapping = Mapping::anonymous(0).unwrap();
        mapping.grow(2 * page).unwrap();
        // SAFETY: within the mapping, which only this test knows.
        unsafe {
            mapping.as_ptr().add(page).write(7);
            mapping.grow(64 * page).unwrap();
            assert_eq!(mapping.len(), 64 * page);
            assert_eq!(mapping.as_ptr().add(page).read(), 7);
            assert_eq!(mapping.as_ptr().add(63 * page).read(), 0);
        }
        assert!(mapping.grow(1 << 60).is_err());
        assert_eq!(mapping.len(), 64 * page);
    }

    #[test]
    fn reservations_in_a_row_come_and_go_one_by_one() {
        let page = page_size();
        let mut row = Mapping::reserve_row(2 * page, 3).unwrap();
        assert_eq!(row[0].range().end, row[1].range().start);
        row.remove(1);
        for mapping in &row {
            mapping.commit(0, page).unwrap();
            // SAFETY: committed, and only this test knows it.
            unsafe { mapping.as_ptr().write(1) };
        }
        assert!(Mapping::reserve_row(page + 1, 2).is_err());
        assert!(Mapping::reserve_row(1 << 46, 1 << 20).is_err());
    }

    #[test]
    fn pieces_outside_or_off_page_boundaries_are_refused() {
        let page = page_size();
        let mapping = Mapping::reserve(4 * page).unwrap();
        assert!(mapping.commit(page, 4 * page).is_err());
        assert!(mapping.commit(usize::MAX - page + 1, page).is_err());
        assert!(mapping.commit(1, page).is_err());
        assert!(mapping.commit(0, 0).is_ok());
        assert!(Mapping::anonymous(0).unwrap().is_empty());
    }
}
