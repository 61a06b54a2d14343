//! Where machine code lives.
//!
//! Small requests (stubs, single functions) share chunks of memory files that are mapped twice (see
//! `sys::exec`): written through one address, run at another, so that publishing costs no system
//! call. A large request, a module whose size is estimated generously and then trimmed, gets
//! anonymous pages of its own that turn from writable to executable once: touching them costs half
//! of what a memory file's two mappings cost, and a ninth with huge pages. Where the system refuses
//! one kind, the other stands in.
//!
//! What must stay true: no address is ever writable and executable. A block is written by its owner
//! only, before it is published. After a fork nothing in an old memory file is reused, and what was
//! unfinished is lost to the child (see `forks`).

use super::forks::Birth;
use super::pool::{Pool, Share, dual_pages};
use crate::log::{Level, Log};
use crate::sys::OutOfMemory;
use crate::sys::cpu::synchronize_code;
use crate::sys::exec::{Access, ExecError, ExecMapping, anonymous_code_is_allowed};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Requests from here on get a mapping of their own.
pub const OWN_MAPPING_MIN: usize = 64 << 10;

/// Granularity in shared dual chunks: a cache line, so that writing a block never disturbs the code
/// next to it. Also what every block is aligned to at least.
pub const CODE_ALIGNMENT: usize = 64;

/// Blocks of this size ask for huge pages; of the last one a part may lie idle until the trim.
const HUGE_PAGES_MIN: usize = 4 << 20;

/// Behind every block a byte belongs to nobody (see `pool::units_for`).
const GAP: usize = 1;

/// How code pages are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Backing {
    /// What suits the size best of what the system gives; decided at each mapping.
    #[default]
    Auto,
    /// Memory files or nothing.
    Memfd,
    /// Anonymous pages that change protection.
    Anonymous,
}

/// Why code could not be placed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeError {
    /// The system gave no memory.
    OutOfMemory(OutOfMemory),
    /// The system does not let memory be made executable.
    Refused,
    /// The block was begun before a fork, by the parent, who may still be writing it: begin again
    /// with a new one.
    Inherited,
    /// More bytes than the block has left.
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

/// An engine's code memory. Clones are handles to the same one; blocks keep it alive.
#[derive(Clone)]
pub struct CodeMemory {
    pool: Arc<Pool>,
    log: Log,
}

impl CodeMemory {
    /// Asks nothing of the system yet.
    pub fn new(backing: Backing) -> CodeMemory {
        CodeMemory { pool: Arc::new(Pool::new(backing)), log: Log::default() }
    }

    /// The same memory, telling what the system refused.
    pub fn with_log(self, log: Log) -> CodeMemory {
        CodeMemory { log, ..self }
    }

    /// A writable block of `len` bytes, aligned to [`CODE_ALIGNMENT`].
    pub fn allocate(&self, len: usize) -> Result<CodeBlock, CodeError> {
        if len >= OWN_MAPPING_MIN { self.allocate_own(len) } else { self.allocate_shared(len) }
    }

    fn allocate_own(&self, len: usize) -> Result<CodeBlock, CodeError> {
        let birth = Birth::now();
        let pages = own_pages(self.pool.backing, len.saturating_add(GAP), &self.log)?;
        let rw = pages.rw().ok_or(CodeError::OutOfMemory(OutOfMemory { bytes: len }))?;
        let (rx, dual) = (pages.rx(), pages.is_dual());
        Ok(CodeBlock { rx, rw, len, dual, birth, place: Storage::Own(pages) })
    }

    fn allocate_shared(&self, len: usize) -> Result<CodeBlock, CodeError> {
        let (share, at) = Share::take(&self.pool, len)?;
        let (rx, rw, dual, birth) = (at.rx, at.rw, at.dual, at.birth);
        Ok(CodeBlock { rx, rw, len, dual, birth, place: Storage::Shared(share) })
    }
}

/// Code that is being written. Nothing runs it yet.
pub struct CodeBlock {
    rx: *mut u8,
    rw: *mut u8,
    len: usize,
    /// In a memory file, hence shared with a child.
    dual: bool,
    birth: Birth,
    place: Storage,
}

// SAFETY: the block owns its bytes; its place is `Send` and `Sync`.
unsafe impl Send for CodeBlock {}

impl CodeBlock {
    /// Where the code will run.
    pub fn rx(&self) -> *const u8 {
        self.rx
    }

    /// Bytes of the block.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What has been written.
    pub fn bytes(&mut self) -> &[u8] {
        // SAFETY: the bytes are mapped and readable, zero where nothing was written; the exclusive
        // reference keeps writers away.
        unsafe { std::slice::from_raw_parts(self.rw, self.len) }
    }

    /// Writes a piece.
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

    /// Gives back what lies behind the first `len` bytes, as far as granularity allows.
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

    /// Makes the code executable, and for this handle no longer writable.
    pub fn publish(mut self) -> Result<PublishedCode, CodeError> {
        if self.is_lost() {
            return Err(CodeError::Inherited);
        }
        match &mut self.place {
            Storage::Own(pages) => {
                // SAFETY: pages lose the right to be written; the block is consumed.
                match unsafe { pages.protect(0, pages.len(), Access::Execute) } {
                    // The rules have become stricter since the pages were made.
                    Err(ExecError::Refused) if !self.dual => return self.move_to_file()?.publish(),
                    result => result?,
                }
                pages.seal();
            }
            Storage::Shared(share) => share.publish()?,
        }
        synchronize_code(self.rx, self.len);
        Ok(PublishedCode { rx: self.rx, len: self.len, _place: self.place })
    }

    /// The same code in a memory file.
    fn move_to_file(mut self) -> Result<CodeBlock, CodeError> {
        let birth = Birth::now();
        let pages = dual_pages(self.len.saturating_add(GAP))?;
        let rw = pages.rw().ok_or(CodeError::Refused)?;
        let (rx, len) = (pages.rx(), self.len);
        let mut moved = CodeBlock { rx, rw, len, dual: true, birth, place: Storage::Own(pages) };
        moved.write(0, self.bytes())?;
        Ok(moved)
    }

    fn is_lost(&self) -> bool {
        self.dual && self.birth.is_inherited()
    }
}

/// Code that may run. Dropping it frees its memory: nothing may run it any more, and no frame
/// return into it.
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
    /// First byte.
    pub fn rx(&self) -> *const u8 {
        self.rx
    }

    /// Bytes of code.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Addresses of the code.
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

/// What a block gives back when it goes.
enum Storage {
    Own(ExecMapping),
    Shared(Share),
}

/// Writable pages for one large block.
fn own_pages(backing: Backing, len: usize, log: &Log) -> Result<ExecMapping, ExecError> {
    match backing {
        Backing::Anonymous => writable_pages(len),
        Backing::Memfd => dual_pages(len),
        Backing::Auto if !anonymous_code_is_allowed() => dual_pages(len),
        Backing::Auto => writable_pages(len).or_else(|_| {
            log.say(Level::Warning, || {
                format!("no anonymous pages for {len} bytes of code: trying a memory file")
            });
            dual_pages(len)
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
