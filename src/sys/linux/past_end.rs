//! Reservations that are a single mapping of a file, far past its end.
//!
//! A memory that starts as a copy of a file needs the file's pages followed by inaccessible addresses. Reserving
//! addresses and mapping the file into them takes two mappings and splits one for each memory. Mapping the file
//! once, longer than it is, takes one mapping and half the time: what lies past the file's end is never backed, and
//! touching it raises SIGBUS.
//!
//! What must stay true, because guest code relies on it instead of checking bounds: the file is sealed, so it never
//! grows, and no part of the reservation is ever left unmapped.
//!
//! The kernel would write such a mapping into a core dump in full, holes included, which takes seconds for each:
//! these mappings are excluded from core dumps. Under strict overcommit, and against a limit of the process's data,
//! the kernel counts all of it, and valgrind tracks every byte: there, and wherever the kernel refuses, callers
//! reserve as usual.

use super::memory::{Mapping, map_pages};
use super::memory_file::SealedFile;
use super::process::limit;
use super::valgrind;
use crate::sys::{OutOfMemory, pages};
use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

const ACCESSIBLE: i32 = libc::PROT_READ | libc::PROT_WRITE;
const PRIVATE: i32 = libc::MAP_PRIVATE | libc::MAP_NORESERVE;

impl Mapping {
    /// `len` bytes, whole pages, that show a file at their start. Writes stay private. The rest is inaccessible
    /// until [`Mapping::commit_past_end`] commits it. Callers first ask whether this
    /// [costs what is touched of it](costs_what_is_touched).
    pub fn past_end(file: &SealedFile, len: usize) -> Result<Mapping, OutOfMemory> {
        let failed = OutOfMemory { bytes: len };
        if file.bytes().len() > len {
            return Err(failed);
        }
        let file = file.file().ok_or(failed)?;
        let mapping = Mapping::of_file(file, len, ACCESSIBLE, PRIVATE)?;
        mapping.leave_out_of_dumps(0, len);
        Ok(mapping)
    }

    /// Turns a piece past the file's end into readable and writable zeros.
    ///
    /// # Safety
    /// The caller may overwrite the piece.
    pub unsafe fn commit_past_end(&self, offset: usize, len: usize) -> Result<(), OutOfMemory> {
        // SAFETY: as promised by the caller.
        unsafe { self.replace(offset, len, PRIVATE | libc::MAP_ANONYMOUS, -1) }
    }

    /// Undoes a commit: the piece is past the end of the file again.
    ///
    /// # Safety
    /// Nothing uses the piece.
    pub unsafe fn return_past_end(
        &self,
        offset: usize,
        len: usize,
        file: &SealedFile,
    ) -> Result<(), OutOfMemory> {
        let failed = OutOfMemory { bytes: len };
        let file = file.file().ok_or(failed)?;
        // SAFETY: as promised by the caller.
        unsafe { self.replace(offset, len, PRIVATE, file.descriptor()) }?;
        self.leave_out_of_dumps(offset, len);
        Ok(())
    }

    /// Maps something else at a piece; files at the same offset.
    ///
    /// # Safety
    /// The caller may overwrite the piece.
    unsafe fn replace(
        &self,
        offset: usize,
        len: usize,
        flags: i32,
        descriptor: i32,
    ) -> Result<(), OutOfMemory> {
        let Some(start) = self.piece(offset, len)? else { return Ok(()) };
        let from = if descriptor < 0 { 0 } else { offset };
        let flags = flags | libc::MAP_FIXED;
        // SAFETY: the piece is ours, and by contract its contents may go.
        match unsafe { map_pages(start.cast(), len, ACCESSIBLE, flags, descriptor, from) } {
            Some(_) => Ok(()),
            None => {
                plug(start, len);
                Err(OutOfMemory { bytes: len })
            }
        }
    }

    /// Only a hint: without it, dumps take longer.
    fn leave_out_of_dumps(&self, offset: usize, len: usize) {
        if let Ok(Some(start)) = self.piece(offset, len) {
            // SAFETY: changes no contents.
            unsafe { libc::madvise(start.cast(), len, libc::MADV_DONTDUMP) };
        }
    }
}

/// Mapping over a piece can fail after the kernel has unmapped it. The addresses must not become available to
/// others.
fn plug(start: *mut u8, len: usize) {
    let flags = PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: replaces nothing.
    unsafe { map_pages(start.cast(), len, libc::PROT_NONE, flags, -1, 0) };
}

/// Whether a large writable mapping costs no more than what is touched of it. The answer takes a system call.
pub fn costs_what_is_touched() -> bool {
    !(counts_all_bytes() || is_data_limited() || valgrind::is_running())
}

/// Whether the process may have only so many bytes of private writable mappings, touched or not.
fn is_data_limited() -> bool {
    limit(libc::RLIMIT_DATA) != Some(libc::RLIM_INFINITY)
}

/// Whether the system grants no more memory than it has (strict overcommit), so that every writable byte counts.
fn counts_all_bytes() -> bool {
    const UNKNOWN: u8 = 2;
    static STRICT: AtomicU8 = AtomicU8::new(UNKNOWN);
    if STRICT.load(Relaxed) == UNKNOWN {
        let strict = is_said_to_be_strict().unwrap_or_else(refuses_too_much);
        STRICT.store(strict.into(), Relaxed);
    }
    STRICT.load(Relaxed) == 1
}

/// What `/proc` says, if it can be read.
fn is_said_to_be_strict() -> Option<bool> {
    const STRICT: u8 = b'2';
    let mut mode = [0];
    File::open("/proc/sys/vm/overcommit_memory").ok()?.read_exact(&mut mode).ok()?;
    Some(mode[0] == STRICT)
}

/// Under strict overcommit the system refuses more than any machine has. To try takes 40 µs where other threads run,
/// mostly to unmap it again.
fn refuses_too_much() -> bool {
    const TOO_MUCH: usize = 1 << 45;
    // SAFETY: nobody else knows the pages.
    pages::map(TOO_MUCH).map(|at| unsafe { pages::unmap(at, TOO_MUCH) }).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::memory::page_size;

    #[test]
    fn what_was_committed_past_the_end_is_zero_and_can_be_returned() {
        let page = page_size();
        let file =
            SealedFile::new(c"wasmrt-test", page, |file| file.write(page - 1, &[7])).unwrap();
        let len = 64 * page;
        let mapping = Mapping::past_end(&file, len).unwrap();
        let byte = |offset: usize| mapping.as_ptr().wrapping_add(offset);
        // SAFETY: pages of the file and committed ones, which only this test knows.
        unsafe {
            assert_eq!(byte(page - 1).read(), 7);
            for _ in 0..2 {
                mapping.commit_past_end(page, 2 * page).unwrap();
                assert_eq!(byte(3 * page - 1).read(), 0);
                byte(3 * page - 1).write(1);
                mapping.return_past_end(page, 2 * page, &file).unwrap();
            }
            assert!(mapping.commit_past_end(len, page).is_err());
        }
        assert!(Mapping::past_end(&file, 0).is_err());
    }

    #[test]
    fn both_ways_to_ask_how_memory_is_counted_agree() {
        if let Some(strict) = is_said_to_be_strict().filter(|_| !valgrind::is_running()) {
            assert_eq!(strict, refuses_too_much());
        }
    }

    #[test]
    fn a_plug_replaces_nothing() {
        let page = page_size();
        let mapping = Mapping::anonymous(page).unwrap();
        // SAFETY: within the mapping, which only this test knows.
        unsafe { mapping.as_ptr().write(7) };
        plug(mapping.as_ptr(), page);
        // SAFETY: as above.
        assert_eq!(unsafe { mapping.as_ptr().read() }, 7);
    }
}
