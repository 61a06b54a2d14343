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
//! unfinished is lost to the child (see `seal`).

use super::free_list::FreeList;
use super::seal::{self, Birth};
use crate::sys::OutOfMemory;
use crate::sys::cpu::synchronize_code;
use crate::sys::exec::{Access, ExecMapping, anonymous_code_is_allowed};
use crate::sys::memory::page_size;
use std::cell::UnsafeCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::*};

/// Requests from here on get a mapping of their own.
pub const OWN_MAPPING_MIN: usize = 64 << 10;

/// Granularity in shared dual chunks: a cache line, so that writing a block never disturbs the code
/// next to it. Also what every block is aligned to at least.
pub const CODE_ALIGNMENT: usize = 64;

/// The first chunks are small, for hosts with a handful of stubs.
const SMALL_CHUNK: usize = 256 << 10;
const LARGE_CHUNK: usize = 1 << 20;
const SMALL_CHUNKS: usize = 4;

/// Blocks of this size ask for huge pages. The last one may be used in part until the block is trimmed.
const HUGE_PAGES_MIN: usize = 4 << 20;

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
            CodeError::Inherited => f.write_str("the code was begun before a fork"),
            CodeError::OutOfRange => f.write_str("the code does not fit its block"),
        }
    }
}

impl std::error::Error for CodeError {}

impl From<OutOfMemory> for CodeError {
    fn from(error: OutOfMemory) -> Self {
        CodeError::OutOfMemory(error)
    }
}

/// An engine's code memory. Clones are handles to the same one; blocks keep it alive.
#[derive(Clone)]
pub struct CodeMemory {
    pool: Arc<Pool>,
}

impl CodeMemory {
    /// Asks nothing of the system yet.
    pub fn new(backing: Backing) -> CodeMemory {
        CodeMemory { pool: Arc::new(Pool { backing, chunks: UnsafeCell::new(Vec::new()) }) }
    }

    /// A writable block of `len` bytes, aligned to [`CODE_ALIGNMENT`].
    pub fn allocate(&self, len: usize) -> Result<CodeBlock, OutOfMemory> {
        if len >= OWN_MAPPING_MIN { self.allocate_own(len) } else { self.allocate_shared(len) }
    }

    fn allocate_own(&self, len: usize) -> Result<CodeBlock, OutOfMemory> {
        let birth = Birth::now();
        let pages = own_pages(self.pool.backing, len)?;
        let rw = pages.rw().ok_or(OutOfMemory { bytes: len })?;
        let (rx, dual) = (pages.rx(), pages.is_dual());
        let used = AtomicUsize::new(0);
        Ok(CodeBlock { rx, rw, len, dual, birth, used, place: Place::Own(pages) })
    }

    fn allocate_shared(&self, len: usize) -> Result<CodeBlock, OutOfMemory> {
        let failed = OutOfMemory { bytes: len };
        seal::watch_forks();
        self.pool.with_chunks(|chunks| {
            let (index, start, units) = take_units(chunks, self.pool.backing, len)?;
            let chunk = chunks[index].as_ref().ok_or(failed)?;
            let (offset, unit) = (start as usize * chunk.unit, chunk.unit);
            let (dual, birth) = (chunk.pages.is_dual(), chunk.birth);
            let rx = chunk.pages.rx().wrapping_add(offset);
            let rw = chunk.pages.rw().ok_or(failed)?.wrapping_add(offset);
            // SAFETY: the units were free.
            let writable =
                unsafe { chunk.pages.protect(offset, units as usize * unit, Access::Write) };
            if let Err(error) = writable {
                give_units(chunks, index, start, units, false);
                return Err(error);
            }
            let share = Share { pool: Arc::clone(&self.pool), index, start, units, unit };
            Ok(CodeBlock {
                rx,
                rw,
                len,
                dual,
                birth,
                used: AtomicUsize::new(0),
                place: Place::Shared(share),
            })
        })
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
    /// Bytes handed out by `append`.
    used: AtomicUsize,
    place: Place,
}

// SAFETY: the block owns its bytes; its place is `Send` and `Sync`.
unsafe impl Send for CodeBlock {}
// SAFETY: through a shared reference bytes are written by `append`, each piece by one thread, and
// by `write_at`, whose callers promise it.
unsafe impl Sync for CodeBlock {}

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

    /// Bytes handed out by [`CodeBlock::append`], padding included.
    pub fn used(&self) -> usize {
        self.used.load(Acquire)
    }

    /// What has been written.
    pub fn bytes(&mut self) -> &[u8] {
        // SAFETY: the bytes are mapped and readable, zero where nothing was written; the exclusive
        // reference keeps writers away.
        unsafe { std::slice::from_raw_parts(self.rw, self.len) }
    }

    /// Writes a piece.
    pub fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<(), CodeError> {
        // SAFETY: the exclusive reference keeps others away.
        unsafe { self.write_at(offset, bytes) }
    }

    /// Writes a piece while other threads write other pieces.
    ///
    /// # Safety
    /// No other thread writes this piece at the same time.
    pub unsafe fn write_at(&self, offset: usize, bytes: &[u8]) -> Result<(), CodeError> {
        if self.is_lost() {
            return Err(CodeError::Inherited);
        }
        if offset.checked_add(bytes.len()).is_none_or(|end| end > self.len) {
            return Err(CodeError::OutOfRange);
        }
        // SAFETY: the piece lies in the block, which is mapped writable until published; the caller
        // keeps other writers away.
        unsafe { self.rw.add(offset).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        Ok(())
    }

    /// Writes `bytes` behind everything appended so far, at a multiple of `align` (a power of two),
    /// and returns their offset. Any number of threads may append at once.
    pub fn append(&self, bytes: &[u8], align: usize) -> Result<usize, CodeError> {
        let place = |used: usize| used.checked_next_multiple_of(align.max(1));
        let end = |used| place(used)?.checked_add(bytes.len()).filter(|end| *end <= self.len);
        let before = self.used.fetch_update(AcqRel, Acquire, end);
        let offset = before.ok().and_then(place).ok_or(CodeError::OutOfRange)?;
        // SAFETY: the exchange above gave this piece to this call alone.
        unsafe { self.write_at(offset, bytes)? };
        Ok(offset)
    }

    /// Gives back what lies behind the first `len` bytes, as far as granularity allows.
    pub fn shrink(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        self.len = len;
        let used = self.used.get_mut();
        *used = len.min(*used);
        match &mut self.place {
            // SAFETY: nothing runs here yet, and the block no longer reaches into the tail.
            Place::Own(pages) => unsafe { pages.trim(len, !self.birth.is_shared()) },
            Place::Shared(share) => share.shrink(len),
        }
    }

    /// Makes the code executable, and for this handle no longer writable.
    pub fn publish(mut self) -> Result<PublishedCode, CodeError> {
        if self.is_lost() {
            return Err(CodeError::Inherited);
        }
        match &mut self.place {
            Place::Own(pages) => {
                // SAFETY: pages lose the right to be written; the block is consumed.
                unsafe { pages.protect(0, pages.len(), Access::Execute)? };
                pages.seal();
            }
            Place::Shared(share) => share.publish()?,
        }
        synchronize_code(self.rx, self.len);
        Ok(PublishedCode { rx: self.rx, len: self.len, _place: self.place })
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
    _place: Place,
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
enum Place {
    Own(ExecMapping),
    Shared(Share),
}

/// Units of a shared chunk.
struct Share {
    pool: Arc<Pool>,
    index: usize,
    start: u32,
    units: u32,
    unit: usize,
}

impl Share {
    fn shrink(&mut self, len: usize) {
        let keep = len.max(1).div_ceil(self.unit) as u32;
        if keep < self.units {
            let (start, units) = (self.start + keep, self.units - keep);
            self.pool.with_chunks(|chunks| give_units(chunks, self.index, start, units, true));
            self.units = keep;
        }
    }

    fn publish(&self) -> Result<(), OutOfMemory> {
        let (offset, len) = (self.start as usize * self.unit, self.units as usize * self.unit);
        self.pool.with_chunks(|chunks| match &chunks[self.index] {
            // SAFETY: the units are this block's, which is consumed.
            Some(chunk) => unsafe { chunk.pages.protect(offset, len, Access::Execute) },
            None => Ok(()),
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let unused = self
            .pool
            .with_chunks(|chunks| give_units(chunks, self.index, self.start, self.units, false));
        drop(unused); // unmapped after the lock is released
    }
}

/// The chunks of an engine, touched only under the lock that holds forks off.
struct Pool {
    backing: Backing,
    chunks: UnsafeCell<Chunks>,
}

type Chunks = Vec<Option<Chunk>>;

// SAFETY: `chunks` is reached through `with_chunks` only, which holds the lock.
unsafe impl Sync for Pool {}
// SAFETY: chunks have no thread affinity.
unsafe impl Send for Pool {}

impl Pool {
    fn with_chunks<R>(&self, f: impl FnOnce(&mut Chunks) -> R) -> R {
        let _held = seal::lock();
        // SAFETY: the lock excludes every other use, and `f` cannot come back here: no caller
        // passes something that does.
        f(unsafe { &mut *self.chunks.get() })
    }
}

struct Chunk {
    pages: ExecMapping,
    free: FreeList,
    unit: usize,
    birth: Birth,
}

impl Chunk {
    fn new(backing: Backing, len: usize) -> Result<Chunk, OutOfMemory> {
        let birth = Birth::now();
        let pages = chunk_pages(backing, len)?;
        let unit = if pages.is_dual() { CODE_ALIGNMENT } else { page_size() };
        let free = FreeList::new((pages.len() / unit) as u32)?;
        Ok(Chunk { pages, free, unit, birth })
    }

    /// In a memory file that another process may map.
    fn is_sealed(&self) -> bool {
        self.pages.is_dual() && self.birth.is_shared()
    }

    fn take(&mut self, len: usize) -> Result<Option<(u32, u32)>, OutOfMemory> {
        if self.is_sealed() {
            return Ok(None);
        }
        let units = len.max(1).div_ceil(self.unit) as u32;
        Ok(self.free.take(units)?.map(|start| (start, units)))
    }
}

/// Chunk, first unit and number of units for a small block; the newest chunk first, because it has
/// most room.
fn take_units(
    chunks: &mut Chunks,
    backing: Backing,
    len: usize,
) -> Result<(usize, u32, u32), OutOfMemory> {
    for (index, chunk) in chunks.iter_mut().enumerate().rev() {
        let taken = chunk.as_mut().map_or(Ok(None), |chunk| chunk.take(len))?;
        if let Some((start, units)) = taken {
            return Ok((index, start, units));
        }
    }
    let index = new_chunk(chunks, backing, len)?;
    let taken = chunks[index].as_mut().map_or(Ok(None), |chunk| chunk.take(len))?;
    let (start, units) = taken.ok_or(OutOfMemory { bytes: len })?;
    Ok((index, start, units))
}

fn new_chunk(chunks: &mut Chunks, backing: Backing, len: usize) -> Result<usize, OutOfMemory> {
    chunks.try_reserve(1)?;
    let wanted = if chunks.len() < SMALL_CHUNKS { SMALL_CHUNK } else { LARGE_CHUNK };
    // When address space is short, a chunk for this block alone may still be had.
    let chunk = Chunk::new(backing, wanted).or_else(|_| Chunk::new(backing, len))?;
    match chunks.iter().position(Option::is_none) {
        Some(index) => {
            chunks[index] = Some(chunk);
            Ok(index)
        }
        None => {
            chunks.push(Some(chunk));
            Ok(chunks.len() - 1)
        }
    }
}

/// Frees units, and hands out their chunk to be unmapped when it is empty and another one, or none,
/// will serve the next request.
fn give_units(
    chunks: &mut Chunks,
    index: usize,
    start: u32,
    units: u32,
    tail: bool,
) -> Option<Chunk> {
    let chunk = chunks.get_mut(index)?.as_mut()?;
    chunk.free.give(start, units, tail);
    let is_last = || chunks.iter().flatten().count() == 1;
    let chunk = chunks[index].as_ref()?;
    if !chunk.free.is_unused() || (!chunk.is_sealed() && is_last()) {
        return None;
    }
    chunks[index].take()
}

/// Pages for a chunk of small blocks.
fn chunk_pages(backing: Backing, len: usize) -> Result<ExecMapping, OutOfMemory> {
    match backing {
        Backing::Anonymous => ExecMapping::anonymous(len),
        Backing::Memfd => dual_pages(len),
        Backing::Auto => dual_pages(len).or_else(|_| ExecMapping::anonymous(len)),
    }
}

/// Writable pages for one large block.
fn own_pages(backing: Backing, len: usize) -> Result<ExecMapping, OutOfMemory> {
    match backing {
        Backing::Anonymous => writable_pages(len),
        Backing::Memfd => dual_pages(len),
        Backing::Auto if !anonymous_code_is_allowed() => dual_pages(len),
        Backing::Auto => writable_pages(len).or_else(|_| dual_pages(len)),
    }
}

fn writable_pages(len: usize) -> Result<ExecMapping, OutOfMemory> {
    let pages = ExecMapping::anonymous(len)?;
    // SAFETY: nobody else knows these pages yet.
    unsafe { pages.protect(0, pages.len(), Access::Write)? };
    if len >= HUGE_PAGES_MIN {
        pages.prefer_huge_pages();
    }
    Ok(pages)
}

/// Memory files are out of the question while a fork would go unnoticed.
fn dual_pages(len: usize) -> Result<ExecMapping, OutOfMemory> {
    if seal::watch_forks() { ExecMapping::dual(len) } else { Err(OutOfMemory { bytes: len }) }
}
