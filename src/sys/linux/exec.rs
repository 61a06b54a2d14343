//! Pages for machine code, of two kinds.
//!
//! A *dual* mapping is a memory file mapped twice, once writable and once executable: no system call is needed
//! between writing code and running it, and no address is ever both writable and executable. An *anonymous* mapping
//! switches pieces between writable and executable. Either may be refused: the first where memory files are not
//! available, the second where a process must not turn data into code. Both report whether memory is short or the
//! system forbids it. The pages of a dual mapping may also be shared memory without a file.
//!
//! A dual mapping is shared with the children of a fork; `code` decides what may still be written after one.

use super::memory::{page_size, round_to_pages};
use super::memory_file::MemoryFile;
use crate::sys::OutOfMemory;
use std::fmt;
use std::io;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// The access rights of a piece of an anonymous mapping.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Readable and writable.
    Write,
    /// Readable and executable.
    Execute,
}

/// The message of a refusal.
pub const NOT_EXECUTABLE: &str = "the system does not let memory be made executable";

/// Why there are no pages for code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExecError {
    OutOfMemory(OutOfMemory),
    /// The system does not let this process execute memory that it wrote: `prctl`, a system call filter, SELinux.
    Refused,
}

impl ExecError {
    /// For a system call that has just failed.
    fn of(error: &io::Error, len: usize) -> ExecError {
        match error.raw_os_error() {
            Some(libc::EACCES | libc::EPERM) => ExecError::Refused,
            _ => ExecError::OutOfMemory(OutOfMemory { bytes: len }),
        }
    }
}

impl From<OutOfMemory> for ExecError {
    fn from(error: OutOfMemory) -> ExecError {
        ExecError::OutOfMemory(error)
    }
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExecError::OutOfMemory(error) => error.fmt(f),
            ExecError::Refused => f.write_str(NOT_EXECUTABLE),
        }
    }
}

/// Owned pages for code.
#[derive(Debug)]
pub struct ExecMapping {
    rx: NonNull<u8>,
    /// The writable alias of a dual mapping, until it is dropped.
    rw: Option<NonNull<u8>>,
    len: usize,
    dual: bool,
}

// SAFETY: address space without thread affinity.
unsafe impl Send for ExecMapping {}
// SAFETY: shared methods only read fields or are `unsafe`.
unsafe impl Sync for ExecMapping {}

impl ExecMapping {
    /// A memory file of `len` bytes, rounded up to pages, writable at one address and executable at
    /// another.
    pub fn dual(len: usize) -> Result<ExecMapping, ExecError> {
        let failed = OutOfMemory { bytes: len };
        let len = nonzero_pages(len)?;
        // The descriptor is closed once mapped: the mappings keep the file alive, and no descriptor stays in use.
        let file = MemoryFile::new(c"wasmrt-code", len).ok_or(failed)?;
        let rx = map(len, libc::PROT_READ | libc::PROT_EXEC, Source::File(&file))?;
        let mut mapping = ExecMapping { rx, rw: None, len, dual: true };
        mapping.rw = Some(map(len, libc::PROT_READ | libc::PROT_WRITE, Source::File(&file))?);
        Ok(mapping)
    }

    /// The same with shared memory that has no name. Profilers look for names of code only where they see no file.
    pub fn dual_unnamed(len: usize) -> Result<ExecMapping, ExecError> {
        let len = nonzero_pages(len)?;
        let rw = map(len, libc::PROT_READ | libc::PROT_WRITE, Source::Shared)?;
        let alias = alias_of(rw, len).inspect_err(|_| unmap(rw, len))?;
        let mapping = ExecMapping { rx: alias, rw: Some(rw), len, dual: true };
        // SAFETY: nobody else knows these pages yet.
        let result = unsafe {
            libc::mprotect(alias.as_ptr().cast(), len, libc::PROT_READ | libc::PROT_EXEC)
        };
        if result == 0 { Ok(mapping) } else { Err(ExecError::of(&io::Error::last_os_error(), len)) }
    }

    /// Private pages without any access right; [`ExecMapping::protect`] opens pieces.
    pub fn anonymous(len: usize) -> Result<ExecMapping, ExecError> {
        let len = nonzero_pages(len)?;
        Ok(ExecMapping {
            rx: map(len, libc::PROT_NONE, Source::Private)?,
            rw: None,
            len,
            dual: false,
        })
    }

    /// Whether this is a memory file, mapped twice and shared with children.
    pub fn is_dual(&self) -> bool {
        self.dual
    }

    /// The address where the code runs.
    pub fn rx(&self) -> *mut u8 {
        self.rx.as_ptr()
    }

    /// The address where the code is written: the alias, or the pages themselves when they are anonymous. `None`
    /// after `seal`.
    pub fn rw(&self) -> Option<*mut u8> {
        if self.dual { self.rw.map(NonNull::as_ptr) } else { Some(self.rx.as_ptr()) }
    }

    /// Length in bytes, whole pages.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Always false: a mapping has at least one page.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Unmaps the writable alias; pages touched through it no longer count twice.
    pub fn seal(&mut self) {
        if let Some(rw) = self.rw.take() {
            unmap(rw, self.len);
        }
    }

    /// Changes the access rights of whole pages of an anonymous mapping; does nothing in a dual one.
    ///
    /// # Safety
    /// No code of the piece runs, and no reference into it is alive, when it becomes writable.
    pub unsafe fn protect(
        &self,
        offset: usize,
        len: usize,
        access: Access,
    ) -> Result<(), ExecError> {
        if self.dual {
            return Ok(());
        }
        if offset.checked_add(len).is_none_or(|end| end > self.len)
            || !(offset | len).is_multiple_of(page_size())
        {
            return Err(OutOfMemory { bytes: len }.into());
        }
        let protection = match access {
            Access::Write => region::Protection::READ_WRITE,
            Access::Execute => region::Protection::READ_EXECUTE,
        };
        // SAFETY: the piece lies in our mapping; the caller answers for its use.
        let result =
            unsafe { region::protect(self.rx.as_ptr().wrapping_add(offset), len, protection) };
        result.map_err(|error| {
            let region::Error::SystemCall(error) = error else {
                return OutOfMemory { bytes: len }.into();
            };
            let error = ExecError::of(&error, len);
            if error == ExecError::Refused {
                // The rules may have become stricter while the process runs.
                ANONYMOUS.store(REFUSED, Relaxed);
            }
            error
        })
    }

    /// Asks for huge pages, which make writing a large anonymous mapping several times cheaper.
    pub fn prefer_huge_pages(&self) {
        if !self.dual {
            // SAFETY: the range is ours, and the advice changes no contents.
            unsafe { libc::madvise(self.rx.as_ptr().cast(), self.len, libc::MADV_HUGEPAGE) };
        }
    }

    /// Gives back the pages after the first `len` bytes. `private` says that no other process maps the file, so
    /// that the tail's memory can be freed as well.
    ///
    /// # Safety
    /// Nothing uses the tail.
    pub unsafe fn trim(&mut self, len: usize, private: bool) {
        let Some(keep) = round_to_pages(len.max(1)).filter(|keep| *keep < self.len) else {
            return;
        };
        let tail = self.len - keep;
        let (rx, rw) = (tail_of(self.rx, keep), self.rw.and_then(|rw| tail_of(rw, keep)));
        if let (Some(rw), true) = (rw, private) {
            // SAFETY: the tail is ours and unused; a refusal only leaves its pages in the file
            // until that goes.
            unsafe { libc::madvise(rw.as_ptr().cast(), tail, libc::MADV_REMOVE) };
        }
        for part in [rx, rw].into_iter().flatten() {
            unmap(part, tail);
        }
        self.len = keep;
    }
}

impl Drop for ExecMapping {
    fn drop(&mut self) {
        self.seal();
        unmap(self.rx, self.len);
    }
}

/// What is known about this process's permission.
static ANONYMOUS: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = 0;
const ALLOWED: u8 = 1;
const REFUSED: u8 = 2;

/// Whether written pages may become executable; some services and hardened systems refuse it. Tried once, and again
/// if it later fails for another reason.
pub fn anonymous_code_is_allowed() -> bool {
    match ANONYMOUS.load(Relaxed) {
        UNKNOWN => {
            let allowed = try_anonymous_code().is_ok();
            if allowed {
                ANONYMOUS.store(ALLOWED, Relaxed);
            }
            allowed
        }
        known => known == ALLOWED,
    }
}

fn try_anonymous_code() -> Result<(), ExecError> {
    let page = ExecMapping::anonymous(1)?;
    // SAFETY: nobody else knows the page.
    unsafe {
        page.protect(0, page.len(), Access::Write)?;
        page.rx().write(0xc3);
        page.protect(0, page.len(), Access::Execute)
    }
}

fn nonzero_pages(len: usize) -> Result<usize, OutOfMemory> {
    round_to_pages(len.max(1)).ok_or(OutOfMemory { bytes: len })
}

fn tail_of(base: NonNull<u8>, keep: usize) -> Option<NonNull<u8>> {
    NonNull::new(base.as_ptr().wrapping_add(keep))
}

fn unmap(base: NonNull<u8>, len: usize) {
    // SAFETY: callers pass ranges of their own mapping that they give up.
    unsafe { libc::munmap(base.as_ptr().cast(), len) };
}

/// Another address of shared pages.
fn alias_of(pages: NonNull<u8>, len: usize) -> Result<NonNull<u8>, ExecError> {
    // SAFETY: an old length of zero leaves the pages where they are.
    let alias = unsafe { libc::mremap(pages.as_ptr().cast(), 0, len, libc::MREMAP_MAYMOVE) };
    if alias == libc::MAP_FAILED {
        return Err(ExecError::of(&io::Error::last_os_error(), len));
    }
    Ok(NonNull::new(alias.cast()).ok_or(OutOfMemory { bytes: len })?)
}

/// What is mapped.
enum Source<'a> {
    /// Pages of this process.
    Private,
    /// Pages that children share.
    Shared,
    File(&'a MemoryFile),
}

fn map(len: usize, protection: i32, source: Source<'_>) -> Result<NonNull<u8>, ExecError> {
    let (flags, fd) = match source {
        Source::Private => (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1),
        Source::Shared => (libc::MAP_SHARED | libc::MAP_ANONYMOUS, -1),
        Source::File(file) => (libc::MAP_SHARED, file.descriptor()),
    };
    // SAFETY: no address is given, so no existing mapping is touched.
    let base =
        unsafe { libc::mmap(ptr::null_mut(), len, protection, flags | libc::MAP_NORESERVE, fd, 0) };
    if base == libc::MAP_FAILED {
        return Err(ExecError::of(&io::Error::last_os_error(), len));
    }
    Ok(NonNull::new(base.cast()).ok_or(OutOfMemory { bytes: len })?)
}
