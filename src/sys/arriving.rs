//! Bytes that arrive in pieces and are read meanwhile.
//!
//! Readers on other threads keep references into the bytes, so these never move: address space for as many as there may
//! be is reserved at the beginning, and committed as they arrive. What was published is never written again. One
//! [`Arrivals`] appends; it is the only writer.

use super::OutOfMemory;
use super::memory::{Mapping, page_size, round_to_pages};
use std::io::{self, ErrorKind, Read};
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::*};

/// The bytes that have arrived so far.
pub struct ArrivingBytes {
    /// As reserved. Of that, only so much is still ours.
    mapping: ManuallyDrop<Mapping>,
    kept: AtomicUsize,
    len: AtomicUsize,
}

/// The right to append.
pub struct Arrivals {
    bytes: Arc<ArrivingBytes>,
    committed: usize,
}

/// The least that is committed at once.
const LEAST: usize = 64 << 10;
/// Where so much is committed at once, huge pages are worthwhile.
pub const LARGE: usize = 4 << 20;

impl ArrivingBytes {
    pub fn bytes(&self) -> &[u8] {
        let len = self.len.load(Acquire);
        // SAFETY: so many bytes were written before the length was, and nobody writes there again.
        unsafe { std::slice::from_raw_parts(self.mapping.as_ptr(), len) }
    }
}

impl Drop for ArrivingBytes {
    fn drop(&mut self) {
        // SAFETY: not used after this.
        let mut mapping = unsafe { ManuallyDrop::take(&mut self.mapping) };
        // What is behind was given back.
        std::mem::forget(mapping.split_off(*self.kept.get_mut()));
    }
}

impl Arrivals {
    /// No bytes yet, at most so many later. Where address space is short, fewer than that.
    pub fn new(most: usize) -> Result<Arrivals, OutOfMemory> {
        let mut size = most.max(1);
        let mapping = loop {
            match Mapping::reserve(size) {
                Ok(mapping) => break mapping,
                Err(error) if size <= LEAST => return Err(error),
                Err(_) => size /= 2,
            }
        };
        let kept = AtomicUsize::new(mapping.len());
        let (mapping, len) = (ManuallyDrop::new(mapping), AtomicUsize::new(0));
        let bytes = Arc::new(ArrivingBytes { mapping, kept, len });
        Ok(Arrivals { bytes, committed: 0 })
    }

    pub fn bytes(&self) -> &Arc<ArrivingBytes> {
        &self.bytes
    }

    /// Appends a piece.
    pub fn append(&mut self, piece: &[u8]) -> Result<(), OutOfMemory> {
        let failed = OutOfMemory { bytes: piece.len() };
        let len = self.bytes.len.load(Relaxed);
        let end = len.checked_add(piece.len()).ok_or(failed)?;
        self.commit(end)?;
        // SAFETY: committed, behind the bytes that readers see, and there is one writer.
        unsafe {
            let at = self.bytes.mapping.as_ptr().add(len);
            std::ptr::copy_nonoverlapping(piece.as_ptr(), at, piece.len());
        }
        self.bytes.len.store(end, Release);
        Ok(())
    }

    /// Appends at most so many bytes of a reader, until its end.
    pub fn append_from(&mut self, reader: &mut impl Read, most: usize) -> io::Result<()> {
        let no_room = || io::Error::from(ErrorKind::OutOfMemory);
        let len = self.bytes.len.load(Relaxed);
        let end = len.checked_add(most).ok_or_else(no_room)?;
        self.commit(end).map_err(|_| no_room())?;
        // SAFETY: committed, so these are bytes, behind those that readers see, and there is one writer.
        let mut rest =
            unsafe { std::slice::from_raw_parts_mut(self.bytes.mapping.as_ptr().add(len), most) };
        while !rest.is_empty() {
            match reader.read(rest) {
                Ok(0) => break,
                Ok(read) => rest = &mut rest[read..],
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                Err(error) => return Err(error),
            }
        }
        let left = rest.len();
        self.bytes.len.store(end - left, Release);
        Ok(())
    }

    /// Everything has arrived: gives the addresses behind the bytes back.
    pub fn close(self) {
        let bytes = &*self.bytes;
        let Some(kept) = round_to_pages(bytes.len.load(Relaxed)) else { return };
        // SAFETY: a copy of the mapping, of which only the part behind the bytes is dropped. Nobody writes there after
        // this, nobody has read there, and the original will not be unmapped there.
        let mut copy = ManuallyDrop::new(unsafe { std::ptr::read(&raw const *bytes.mapping) });
        let tail = copy.split_off(kept);
        bytes.kept.store(kept, Relaxed);
        drop(tail);
    }

    /// Commits a little more each time, so that the number of system calls is small.
    fn commit(&mut self, end: usize) -> Result<(), OutOfMemory> {
        if end <= self.committed {
            return Ok(());
        }
        let mapping = &self.bytes.mapping;
        let failed = OutOfMemory { bytes: end };
        let wanted = round_to_pages(end + (end / 4).max(LEAST)).ok_or(failed)?.min(mapping.len());
        if end > wanted {
            return Err(failed);
        }
        debug_assert!(self.committed.is_multiple_of(page_size()));
        let (from, len) = (self.committed, wanted - self.committed);
        mapping.commit(from, len)?;
        if len >= LARGE {
            mapping.prefer_huge_pages(from, len);
        }
        self.committed = wanted;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_where_they_are_while_more_arrive() {
        let mut arrivals = Arrivals::new(1 << 30).unwrap();
        let shared = arrivals.bytes().clone();
        arrivals.append(b"first").unwrap();
        let first = shared.bytes();
        for _ in 0..100 {
            arrivals.append(&[7; 10_000]).unwrap();
        }
        assert_eq!(first, b"first");
        assert_eq!(shared.bytes().len(), 1_000_005);
        assert!(shared.bytes()[5..].iter().all(|byte| *byte == 7));
        arrivals.close();
        assert!(shared.kept.load(Relaxed) < 1_000_005 + page_size());
        assert_eq!(shared.bytes()[1_000_004], 7);
    }

    #[test]
    fn more_than_was_announced_is_refused() {
        let mut arrivals = Arrivals::new(page_size()).unwrap();
        arrivals.append(&vec![1; page_size()]).unwrap();
        assert!(arrivals.append(&[1]).is_err());
        assert!(arrivals.append(&[]).is_ok());
        assert_eq!(arrivals.bytes().bytes().len(), page_size());
    }
}
