//! Pages from the system: for memory that is rarely needed, and giving any back.

use crate::OutOfMemory;
use std::ptr::{self, NonNull};

/// Zeroed memory of `len` bytes, which costs nothing until it is touched, not even commit charge.
pub fn map(len: usize) -> Result<NonNull<u8>, OutOfMemory> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: no address is given, so no existing mapping is touched.
    let at = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, -1, 0) };
    let at = if at == libc::MAP_FAILED { None } else { NonNull::new(at.cast()) };
    at.ok_or(OutOfMemory { bytes: len })
}

/// Where the system has merged adjacent mappings, unmapping may need one mapping more than there was. If that fails, the
/// memory is given back all the same and only the addresses stay reserved.
///
/// # Safety
/// They are whole pages that nobody uses any more.
pub unsafe fn unmap(at: NonNull<u8>, len: usize) {
    // SAFETY: as promised by the caller.
    unsafe {
        if libc::munmap(at.as_ptr().cast(), len) != 0 {
            libc::madvise(at.as_ptr().cast(), len, libc::MADV_DONTNEED);
        }
    }
}
