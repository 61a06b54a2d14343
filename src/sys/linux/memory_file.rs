//! Anonymous files that live in memory.
//!
//! Mapping such a file makes the same pages appear at several addresses: code that is written at one and run at
//! another, or the initial contents of a linear memory in every instance. The system may refuse them; callers then
//! do without. Enlarging a file beyond the process's file size limit would raise SIGXFSZ, so the limit is checked
//! first.
//!
//! The host can break our descriptors: a program may close every descriptor that it does not know, and the number
//! may later be another file's. A file that is kept for long is therefore recognized before its descriptor is used
//! or closed, by a random file position at which nobody reads or writes. Asking for the position takes half the
//! time of asking for the inode.

use super::memory::Mapping;
use super::process::{limit, may_have_file_of};
use std::ffi::CStr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const MFD_NOEXEC_SEAL: u32 = 8;

/// An open memory file; closed on drop.
#[derive(Debug)]
pub struct MemoryFile {
    descriptor: i32,
}

impl MemoryFile {
    /// A file of `len` zero bytes, whole pages; `None` when the system refuses.
    pub fn new(name: &CStr, len: usize) -> Option<MemoryFile> {
        let size = libc::off_t::try_from(len).ok()?;
        may_have_file_of(len as u64).ok()?;
        let file = MemoryFile::create(name)?;
        // SAFETY: the descriptor is ours.
        (unsafe { libc::ftruncate(file.descriptor, size) } == 0).then_some(file)
    }

    /// Newer kernels warn unless told that the file will not be run by `execve`; older ones reject the flag.
    fn create(name: &CStr) -> Option<MemoryFile> {
        let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
        for flags in [flags | MFD_NOEXEC_SEAL, flags] {
            // SAFETY: the name is a string that ends in a zero byte.
            let descriptor = unsafe { libc::memfd_create(name.as_ptr(), flags) };
            if descriptor >= 0 {
                return Some(MemoryFile { descriptor });
            }
        }
        None
    }

    /// The descriptor, for `mmap`.
    pub(super) fn descriptor(&self) -> i32 {
        self.descriptor
    }

    /// Writes all bytes at an offset within the file's length; `None` if the system refuses.
    pub fn write(&self, mut at: usize, mut bytes: &[u8]) -> Option<()> {
        while !bytes.is_empty() {
            let offset = libc::off_t::try_from(at).ok()?;
            // SAFETY: the call reads the slice.
            let count = unsafe {
                libc::pwrite(self.descriptor, bytes.as_ptr().cast(), bytes.len(), offset)
            };
            let count = usize::try_from(count).ok().filter(|count| *count > 0)?;
            (at, bytes) = (at + count, bytes.get(count..)?);
        }
        Some(())
    }

    /// The file position.
    fn position(&self) -> libc::off_t {
        // SAFETY: an operation on a number, which may be anything's descriptor or none.
        unsafe { libc::lseek(self.descriptor, 0, libc::SEEK_CUR) }
    }

    /// Moves to a position where no other file is; `None` if that fails.
    fn mark(&self) -> Option<libc::off_t> {
        let mut bytes = [0; size_of::<libc::off_t>()];
        // SAFETY: the call writes within the array.
        let random =
            unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), libc::GRND_NONBLOCK) };
        // Not negative, and far from positions of other files.
        let position = (libc::off_t::from_ne_bytes(bytes) & (i64::MAX >> 1)) | (1 << 60);
        // SAFETY: an operation on our descriptor.
        let there = unsafe { libc::lseek(self.descriptor, position, libc::SEEK_SET) };
        (random == bytes.len() as isize && there == position).then_some(position)
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours and nobody else knows it.
        unsafe { libc::close(self.descriptor) };
    }
}

/// A file whose contents never change again, in this process or in one forked from it; any number of users map it
/// privately. It keeps its descriptor open.
#[derive(Debug)]
pub struct SealedFile {
    file: std::mem::ManuallyDrop<MemoryFile>,
    /// Position of the descriptor, while it is ours.
    position: libc::off_t,
    view: Mapping,
}

/// Number of sealed files in this process.
static SEALED_FILES: AtomicUsize = AtomicUsize::new(0);

/// Sealed files may use one in this many of the process's descriptors.
const SHARE_OF_DESCRIPTORS: libc::rlim_t = 8;

impl SealedFile {
    /// A file of `len` bytes, whole pages, of zeros that `fill` overwrites. `None` when the system refuses, or when sealed
    /// files have used their share of the process's descriptors.
    pub fn new(
        name: &CStr,
        len: usize,
        fill: impl FnOnce(&MemoryFile) -> Option<()>,
    ) -> Option<SealedFile> {
        let most = limit(libc::RLIMIT_NOFILE)? / SHARE_OF_DESCRIPTORS;
        let seat = Seat::take(usize::try_from(most).unwrap_or(usize::MAX))?;
        let file = MemoryFile::new(name, len)?;
        fill(&file)?;
        let seals =
            libc::F_SEAL_WRITE | libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL;
        // SAFETY: an operation on our descriptor.
        if unsafe { libc::fcntl(file.descriptor, libc::F_ADD_SEALS, seals) } != 0 {
            return None;
        }
        let view = Mapping::reading(&file, len).ok()?;
        let position = file.mark()?;
        std::mem::forget(seat);
        Some(SealedFile { file: std::mem::ManuallyDrop::new(file), position, view })
    }

    /// The contents.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: mapped as long as `self`, and sealed.
        unsafe { std::slice::from_raw_parts(self.view.as_ptr(), self.view.len()) }
    }

    /// The file, unless the host has closed its descriptor.
    pub(super) fn file(&self) -> Option<&MemoryFile> {
        (self.file.position() == self.position).then_some(&*self.file)
    }
}

impl Drop for SealedFile {
    fn drop(&mut self) {
        if self.file().is_some() {
            // SAFETY: dropped once, here.
            unsafe { std::mem::ManuallyDrop::drop(&mut self.file) };
        }
        drop(Seat);
    }
}

/// A share of the descriptors that sealed files may use.
struct Seat;

impl Seat {
    fn take(most: usize) -> Option<Seat> {
        let more = |taken| (taken < most).then_some(taken + 1);
        SEALED_FILES.fetch_update(Relaxed, Relaxed, more).ok().map(|_| Seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        SEALED_FILES.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::memory::page_size;

    fn sealed() -> SealedFile {
        SealedFile::new(c"wasmrt-test", page_size(), |file| file.write(0, &[7; 4096])).unwrap()
    }

    #[test]
    fn a_sealed_file_shows_the_same_bytes_everywhere_and_cannot_be_written() {
        let file = sealed();
        assert!(file.bytes()[..4096].iter().all(|byte| *byte == 7));
        let page = page_size();
        let private = Mapping::anonymous(2 * page).unwrap();
        // SAFETY: within the mapping, which only this test knows.
        unsafe {
            private.show(page, &file).unwrap();
            assert_eq!(private.as_ptr().add(page).read(), 7);
            private.as_ptr().add(page).write(8);
        }
        assert_eq!(file.bytes()[0], 7);
        assert!(file.file().unwrap().write(0, &[8]).is_none());
        let accessible = libc::PROT_READ | libc::PROT_WRITE;
        let file = file.file().unwrap();
        assert!(Mapping::of_file(file, page, accessible, libc::MAP_SHARED).is_err());
    }

    #[test]
    fn a_descriptor_that_the_host_has_closed_or_given_to_another_file_is_not_used() {
        let (file, other) = (sealed(), sealed());
        let descriptor = file.file.descriptor;
        // SAFETY: does to our descriptor what a host may do.
        unsafe { libc::dup2(other.file.descriptor, descriptor) };
        assert!(file.file().is_none());
        let private = Mapping::anonymous(page_size()).unwrap();
        // SAFETY: nobody reads the mapping.
        assert!(unsafe { private.show(0, &file) }.is_err());
        drop(file);
        // SAFETY: asks whether the descriptor is open: it was not ours to close.
        assert!(unsafe { libc::fcntl(descriptor, libc::F_GETFD) } >= 0);
        // SAFETY: closes what this test has opened.
        unsafe { libc::close(descriptor) };
    }
}
