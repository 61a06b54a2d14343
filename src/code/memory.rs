//! Memory for machine code.
//!
//! Small requests (stubs, single functions) share chunks of memory files that are mapped twice (see `sys::exec`):
//! written at one address, run at another, so that publishing needs no system call. A large request, for a module
//! whose size is overestimated and then trimmed, gets anonymous pages of its own that change once from writable to
//! executable: touching them costs half as much as a memory file's two mappings, and a ninth with huge pages. Where
//! the system refuses one kind, the other is used.
//!
//! What must stay true: no address is ever both writable and executable. A block is written only by its owner,
//! before it is published. After a fork nothing in an old memory file is reused, and unfinished blocks are lost to
//! the child (see `forks`).

use super::forks::Birth;
use super::pool::{Pool, Share, chunk_pages, dual_pages};
use crate::log::{Level, Log};
use crate::sys::OutOfMemory;
use crate::sys::cpu::synchronize_code;
use crate::sys::exec::{Access, ExecError, ExecMapping, anonymous_code_is_allowed};
use crate::sys::memory::page_size;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Requests of at least this size get a mapping of their own.
pub const OWN_MAPPING_MIN: usize = 64 << 10;

/// Granularity in shared dual chunks: a cache line, so that writing a block never disturbs the code next to it.
/// Also the minimum alignment of blocks.
pub const CODE_ALIGNMENT: usize = 64;

/// Blocks of at least this size ask for huge pages; part of the last one may be unused until the trim.
const HUGE_PAGES_MIN: usize = 4 << 20;

/// After every block one byte belongs to no block (see `pool::units_for`).
const GAP: usize = 1;

/// How code pages are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Backing {
    /// The best for the size that the system allows; decided at each mapping.
    #[default]
    Auto,
    /// The same, with shared memory that has no name in place of memory files.
    Unnamed,
    /// Memory files only.
    Memfd,
    /// Anonymous pages only, which change protection.
    Anonymous,
}

/// Why there is no memory for code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeError {
    /// The system is out of memory.
    OutOfMemory(OutOfMemory),
    /// The system does not allow memory to become executable.
    Refused,
    /// The parent began the block before a fork and may still be writing to it: begin again with a new one.
    Inherited,
    /// The block has no room for these bytes.
    OutOfRange,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodeError::OutOfMemory(error) => error.fmt(f),
            CodeError::Refused => ExecError::Refused.fmt(f),
            CodeError::Inherited => f.write_str("the code was begun before a fork"),
            CodeError::OutOfRange => f.write_str("the code does not fit its block"),
        }
    }
}

impl std::error::Error for CodeError {}

impl From<ExecError> for CodeError {
    fn from(error: ExecError) -> Self {
        match error {
            ExecError::OutOfMemory(error) => CodeError::OutOfMemory(error),
            ExecError::Refused => CodeError::Refused,
        }
    }
}

/// The code memory of an engine. Clones share it; blocks keep it alive.
#[derive(Clone)]
pub struct CodeMemory {
    pool: Arc<Pool>,
    log: Log,
}

impl CodeMemory {
    /// Does not ask the system for anything yet.
    pub fn new(backing: Backing) -> CodeMemory {
        CodeMemory { pool: Arc::new(Pool::new(backing)), log: Log::default() }
    }

    /// The same memory, logging what the system refuses.
    pub fn with_log(self, log: Log) -> CodeMemory {
        CodeMemory { log, ..self }
    }

    /// A writable block of `len` bytes, aligned to [`CODE_ALIGNMENT`].
    pub fn allocate(&self, len: usize) -> Result<CodeBlock, CodeError> {
        if len >= OWN_MAPPING_MIN { self.allocate_own(len) } else { self.allocate_shared(len) }
    }

    /// A block whose code is published in parts: in a memory file, if the system allows one.
    pub(super) fn allocate_growing(&self, len: usize) -> Result<CodeBlock, CodeError> {
        if len < OWN_MAPPING_MIN {
            return self.allocate_shared(len);
        }
        let birth = Birth::now();
        let pages = chunk_pages(self.pool.backing, len.saturating_add(GAP))?;
        if !pages.is_dual() {
            // SAFETY: nobody else knows these pages yet.
            unsafe { pages.protect(0, pages.len(), Access::Write)? };
        }
        own_block(pages, len, birth)
    }

    fn allocate_own(&self, len: usize) -> Result<CodeBlock, CodeError> {
        let birth = Birth::now();
        let pages = own_pages(self.pool.backing, len.saturating_add(GAP), &self.log)?;
        own_block(pages, len, birth)
    }

    fn allocate_shared(&self, len: usize) -> Result<CodeBlock, CodeError> {
        let (share, at) = Share::take(&self.pool, len)?;
        let (rx, rw, dual, birth) = (at.rx, at.rw, at.dual, at.birth);
        Ok(CodeBlock { rx, rw, len, dual, birth, place: Storage::Shared(share) })
    }
}

/// Code that is being written and does not run yet.
pub struct CodeBlock {
    rx: *mut u8,
    rw: *mut u8,
    len: usize,
    /// In a memory file, hence shared with forked children.
    dual: bool,
    birth: Birth,
    place: Storage,
}

// SAFETY: the block owns its bytes; its place is `Send` and `Sync`.
unsafe impl Send for CodeBlock {}

impl CodeBlock {
    /// The address where the code will run.
    pub fn rx(&self) -> *const u8 {
        self.rx
    }

    /// The block's length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the length is zero.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What was written.
    pub fn bytes(&mut self) -> &[u8] {
        // SAFETY: the bytes are mapped and readable, zero where nothing was written; the exclusive
        // reference keeps writers away.
        unsafe { std::slice::from_raw_parts(self.rw, self.len) }
    }

    /// Writes bytes at an offset.
    pub fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<(), CodeError> {
        if self.is_lost() {
            return Err(CodeError::Inherited);
        }
        if offset.checked_add(bytes.len()).is_none_or(|end| end > self.len) {
            return Err(CodeError::OutOfRange);
        }
        // SAFETY: the piece lies in the block, which is mapped writable until published; the
        // exclusive reference keeps others away.
        unsafe { self.rw.add(offset).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        Ok(())
    }

    /// Gives back what follows the first `len` bytes, as far as granularity allows.
    pub fn shrink(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        self.len = len;
        match &mut self.place {
            // SAFETY: nothing runs here yet, and the block no longer reaches into the tail.
            Storage::Own(pages) => unsafe { pages.trim(len + GAP, !self.birth.is_shared()) },
            Storage::Shared(share) => share.shrink(len),
        }
    }

    /// Makes the code executable and no longer writable.
    pub fn publish(mut self) -> Result<PublishedCode, CodeError> {
        if self.is_lost() {
            return Err(CodeError::Inherited);
        }
        match &mut self.place {
            Storage::Own(pages) => {
                // SAFETY: pages lose the right to be written; the block is consumed.
                match unsafe { pages.protect(0, pages.len(), Access::Execute) } {
                    // The rules became stricter after the pages were created.
                    Err(ExecError::Refused) if !self.dual => return self.move_to_file()?.publish(),
                    result => result?,
                }
                pages.seal();
            }
            Storage::Shared(share) => share.publish(0, self.len)?,
        }
        synchronize_code(self.rx, self.len);
        Ok(PublishedCode { rx: self.rx, len: self.len, _place: self.place })
    }

    /// Copies the code to a memory file.
    fn move_to_file(mut self) -> Result<CodeBlock, CodeError> {
        let birth = Birth::now();
        let pages = dual_pages(Backing::Memfd, self.len.saturating_add(GAP))?;
        let rw = pages.rw().ok_or(CodeError::Refused)?;
        let (rx, len) = (pages.rx(), self.len);
        let mut moved = CodeBlock { rx, rw, len, dual: true, birth, place: Storage::Own(pages) };
        moved.write(0, self.bytes())?;
        Ok(moved)
    }

    /// Makes a part executable: in anonymous pages, all pages that it touches.
    pub(super) fn publish_part(&mut self, offset: usize, len: usize) -> Result<(), CodeError> {
        if self.is_lost() {
            return Err(CodeError::Inherited);
        }
        let page = page_size();
        let first = offset / page * page;
        let pages = (offset + len).next_multiple_of(page) - first;
        match &self.place {
            // SAFETY: the part is written, and belongs to this block.
            Storage::Own(own) => unsafe { own.protect(first, pages, Access::Execute)? },
            Storage::Shared(share) => share.publish(first, pages)?,
        }
        synchronize_code(self.rx.wrapping_add(offset), len);
        Ok(())
    }

    /// A part that was published; none beyond the end.
    pub(super) fn published_part(&self, part: Range<usize>) -> Option<&[u8]> {
        let len = part.end.checked_sub(part.start).filter(|_| part.end <= self.len)?;
        // SAFETY: the part lies in the block, whose executable addresses are readable where something was
        // published; nothing writes that again.
        Some(unsafe { std::slice::from_raw_parts(self.rx.add(part.start), len) })
    }

    /// Unmaps the writable addresses of a block that has a mapping of its own.
    pub(super) fn close(&mut self) {
        if let Storage::Own(pages) = &mut self.place {
            pages.seal();
        }
    }

    /// In a memory file, so that a part can be written while others run.
    pub(super) fn is_dual(&self) -> bool {
        self.dual
    }

    /// Begun by the parent of this process, which may still write to it.
    pub(super) fn is_lost(&self) -> bool {
        self.dual && self.birth.is_inherited()
    }
}

/// Code that may run. Dropping it frees its memory: by then no thread may run it, and no frame may return into it.
pub struct PublishedCode {
    rx: *mut u8,
    len: usize,
    _place: Storage,
}

// SAFETY: published code is only read and executed.
unsafe impl Send for PublishedCode {}
// SAFETY: as above.
unsafe impl Sync for PublishedCode {}

impl PublishedCode {
    /// The address of the first byte.
    pub fn rx(&self) -> *const u8 {
        self.rx
    }

    /// Bytes of code.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the length is zero.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The address range of the code.
    pub fn range(&self) -> Range<usize> {
        self.rx as usize..self.rx as usize + self.len
    }

    /// The code as bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the range is mapped readable as long as `self` lives, and nothing writes
        // published code.
        unsafe { std::slice::from_raw_parts(self.rx, self.len) }
    }
}

/// The memory that a block gives back when it is dropped.
enum Storage {
    Own(ExecMapping),
    Shared(Share),
}

fn own_block(pages: ExecMapping, len: usize, birth: Birth) -> Result<CodeBlock, CodeError> {
    let rw = pages.rw().ok_or(CodeError::OutOfMemory(OutOfMemory { bytes: len }))?;
    let (rx, dual) = (pages.rx(), pages.is_dual());
    Ok(CodeBlock { rx, rw, len, dual, birth, place: Storage::Own(pages) })
}

/// Writable pages for one large block.
fn own_pages(backing: Backing, len: usize, log: &Log) -> Result<ExecMapping, ExecError> {
    match backing {
        Backing::Anonymous => writable_pages(len),
        Backing::Memfd => dual_pages(backing, len),
        _ if !anonymous_code_is_allowed() => dual_pages(backing, len),
        Backing::Auto | Backing::Unnamed => writable_pages(len).or_else(|_| {
            log.say(Level::Warning, || {
                format!("no anonymous pages for {len} bytes of code: trying a memory file")
            });
            dual_pages(backing, len)
        }),
    }
}

fn writable_pages(len: usize) -> Result<ExecMapping, ExecError> {
    let pages = ExecMapping::anonymous(len)?;
    // SAFETY: nobody else knows these pages yet.
    unsafe { pages.protect(0, pages.len(), Access::Write)? };
    if len >= HUGE_PAGES_MIN {
        pages.prefer_huge_pages();
    }
    Ok(pages)
}
