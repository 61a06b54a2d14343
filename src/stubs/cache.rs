//! The stubs of an engine, one of each sort per canonical type.
//!
//! A stub is found by two loads: its type's number selects a row of addresses in segments that
//! double in size and never move. Making one takes a lock. Stubs live as long as the engine, like
//! the types they belong to.

use super::leave::ReleaseResults;
use super::{entry, import, native};
use crate::abi::signature::MAX_RESULTS;
use crate::abi::value::Values;
use crate::code::{CodeError, CodeMemory, PublishedCode};
use crate::sys::lock::ForkMutex;
use crate::types::{FuncType, SigId};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*};

/// Guest functions have no more parameters; a host function type may, and then has no stubs.
pub const MAX_PARAMS: usize = 1000;

/// How an import stub calls the host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ImportKind {
    /// `trap* callback(args, results)`, both `wasm_val_vec_t*`.
    Plain = 0,
    /// `trap* callback(env, args, results)`.
    WithEnv = 1,
    /// `trap* callback(context, args, results)`: the runtime's own function, with the
    /// `VmHostContext` and two arrays of values, in which references are what guest code holds. It
    /// must itself see to the kinds of the results, and release what it does not return.
    Converted = 2,
    /// `R callback(env, trap**, P...)`, a C function of the type's own prototype: numbers only, at
    /// most one result.
    Native = 3,
    /// As `Converted`, with two arrays of wide values.
    Wide = 4,
}

impl ImportKind {
    /// What the arrays hold.
    pub fn values(self) -> Values {
        if self == ImportKind::Wide { Values::Wide } else { Values::Narrow }
    }

    /// Whether the stub calls the runtime rather than the host.
    pub fn is_converted(self) -> bool {
        matches!(self, ImportKind::Converted | ImportKind::Wide)
    }
}

/// Why there is no stub.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StubError {
    OutOfMemory,
    /// A value that `wasm_val_t` cannot hold, or more values than a guest function may have.
    Unsupported,
}

/// Addresses of the stubs of one type: entries, then imports by kind. Zero: not made yet.
type Row = [AtomicUsize; 8];
const ENTRY: usize = 0;
const NATIVE_ENTRY: usize = 1;
const WIDE_ENTRY: usize = 2;
const IMPORTS: usize = 3;

const FIRST_SEGMENT: usize = 64;
const SEGMENTS: usize = 26;

pub struct StubCache {
    memory: CodeMemory,
    release: ReleaseResults,
    segments: [AtomicPtr<Row>; SEGMENTS],
    /// Held while a stub is made.
    made: ForkMutex<Vec<PublishedCode>>,
}

impl StubCache {
    /// `release` is called with the results that a failed callback leaves behind.
    pub fn new(memory: CodeMemory, release: ReleaseResults) -> StubCache {
        StubCache {
            memory,
            release,
            segments: [const { AtomicPtr::new(std::ptr::null_mut()) }; SEGMENTS],
            made: ForkMutex::default(),
        }
    }

    /// The entry stub of a type.
    pub fn entry(&self, sig: SigId, ty: &FuncType) -> Result<usize, StubError> {
        self.get(sig, ENTRY, || {
            check_size(ty, Values::Narrow)?;
            entry::emit(ty, Values::Narrow)
        })
    }

    /// The entry stub of a type, for arrays of wide values.
    pub fn wide_entry(&self, sig: SigId, ty: &FuncType) -> Result<usize, StubError> {
        self.get(sig, WIDE_ENTRY, || {
            check_size(ty, Values::Wide)?;
            entry::emit(ty, Values::Wide)
        })
    }

    /// The native entry stub of a type: a C function of its prototype.
    pub fn native_entry(&self, sig: SigId, ty: &FuncType) -> Result<usize, StubError> {
        self.get(sig, NATIVE_ENTRY, || {
            check_size(ty, Values::Narrow)?;
            native::emit_entry(ty)
        })
    }

    /// The import stub of a type.
    pub fn import(&self, sig: SigId, ty: &FuncType, kind: ImportKind) -> Result<usize, StubError> {
        self.get(sig, IMPORTS + kind as usize, || {
            check_size(ty, kind.values())?;
            match kind {
                ImportKind::Native => native::emit_import(ty),
                _ => import::emit(ty, kind, self.release),
            }
        })
    }

    fn get(
        &self,
        sig: SigId,
        column: usize,
        emit: impl FnOnce() -> Result<Vec<u8>, StubError>,
    ) -> Result<usize, StubError> {
        let (segment, index) = place(sig);
        let rows = self.segments.get(segment).ok_or(StubError::OutOfMemory)?;
        let mut base = rows.load(Acquire);
        if !base.is_null() {
            // SAFETY: a segment has `segment_size` rows and lives as long as the cache.
            match unsafe { &(*base.add(index))[column] }.load(Acquire) {
                0 => {}
                stub => return Ok(stub),
            }
        }
        let mut made = self.made.lock();
        base = rows.load(Acquire);
        if base.is_null() {
            base = new_segment(segment).ok_or(StubError::OutOfMemory)?;
            rows.store(base, Release);
        }
        // SAFETY: as above.
        let slot = unsafe { &(*base.add(index))[column] };
        if slot.load(Acquire) == 0 {
            made.try_reserve(1).map_err(|_| StubError::OutOfMemory)?;
            let code = self.publish(&emit()?)?;
            slot.store(code.rx() as usize, Release);
            made.push(code);
        }
        Ok(slot.load(Acquire))
    }

    fn publish(&self, bytes: &[u8]) -> Result<PublishedCode, StubError> {
        match self.try_publish(bytes) {
            // A fork came between: the second block is this process's own.
            Err(CodeError::Inherited) => self.try_publish(bytes),
            other => other,
        }
        .map_err(|_| StubError::OutOfMemory)
    }

    fn try_publish(&self, bytes: &[u8]) -> Result<PublishedCode, CodeError> {
        let mut block = self.memory.allocate(bytes.len())?;
        block.write(0, bytes)?;
        block.publish()
    }
}

impl Drop for StubCache {
    fn drop(&mut self) {
        for (n, segment) in self.segments.iter_mut().enumerate() {
            let base = *segment.get_mut();
            if let (false, Ok(layout)) = (base.is_null(), segment_layout(n)) {
                // SAFETY: allocated by `new_segment` with this layout.
                unsafe { System.dealloc(base.cast(), layout) };
            }
        }
    }
}

/// Refuses what no guest function has, and what the values cannot hold.
fn check_size(ty: &FuncType, values: Values) -> Result<(), StubError> {
    let fits = ty.params.len() <= MAX_PARAMS
        && ty.results.len() <= MAX_RESULTS
        && ty.params.iter().chain(&ty.results).all(|ty| values.hold(*ty));
    if fits { Ok(()) } else { Err(StubError::Unsupported) }
}

fn segment_size(segment: usize) -> usize {
    FIRST_SEGMENT << segment
}

/// Segment, and row in it, of a type.
fn place(sig: SigId) -> (usize, usize) {
    let n = sig.as_u32() as usize - 1 + FIRST_SEGMENT;
    let segment = (n / FIRST_SEGMENT).ilog2() as usize;
    (segment, n - segment_size(segment))
}

fn segment_layout(segment: usize) -> Result<Layout, std::alloc::LayoutError> {
    Layout::array::<Row>(segment_size(segment))
}

fn new_segment(segment: usize) -> Option<*mut Row> {
    let layout = segment_layout(segment).ok()?;
    // SAFETY: the layout has a size; zero bytes are rows in which nothing is made.
    let base = unsafe { System.alloc_zeroed(layout) }.cast::<Row>();
    (!base.is_null()).then_some(base)
}
