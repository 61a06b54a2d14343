//! Shared memories: one memory that several stores, and so several threads, use at once.
//!
//! The memory itself belongs to no store. It is reference counted, and each store that has it holds an object that
//! counts once ([`super::memory::Memory`]), so collecting one store's objects never looks at another's. Code of all
//! stores points to the one [`VmMemory`] in here.
//!
//! Other threads may use the base at any moment, so it must never move, in any mode. Where there are no guard pages
//! the maximum is reserved when the memory is made, which fails if there is no space. Growing happens under a lock
//! that every fork waits for. The new length is written last, with release ordering: a thread that reads it finds
//! the new pages accessible.
//!
//! A forked child has its own copy of the memory, as of all others.

use super::image::Image;
use super::parking;
use super::pool::{MemoryPool, ReservedRange};
use crate::abi::vmctx::VmMemory;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::sys::lock::ForkMutex;
use crate::types::MemoryType;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct SharedMemory {
    pub(super) vm: VmMemory,
    pub ty: MemoryType,
    /// Whether code without bounds checks may use it.
    pub(super) is_guarded: bool,
    /// `None` only while the memory is being dropped.
    range: ForkMutex<Option<ReservedRange>>,
    /// The pool that a guarded range is returned to.
    pool: Arc<MemoryPool>,
}

// SAFETY: the base is never written again, the length is atomic, and the rest is locked or constant.
unsafe impl Send for SharedMemory {}
// SAFETY: as above.
unsafe impl Sync for SharedMemory {}

impl SharedMemory {
    /// A memory of the first `size` bytes of the range, which are accessible.
    pub(crate) fn guarded(
        ty: MemoryType,
        size: usize,
        range: ReservedRange,
        pool: Arc<MemoryPool>,
    ) -> Arc<SharedMemory> {
        SharedMemory::new(ty, size, range, true, pool)
    }

    /// A memory of `size` bytes with address space for `most`.
    pub(crate) fn reserved(
        ty: MemoryType,
        size: usize,
        most: u64,
        image: Option<&Arc<Image>>,
        pool: Arc<MemoryPool>,
    ) -> Result<Arc<SharedMemory>, OutOfMemory> {
        let most = usize::try_from(most).map_err(|_| OutOfMemory)?;
        let range = ReservedRange::unguarded(most, size, image)?;
        Ok(SharedMemory::new(ty, size, range, false, pool))
    }

    fn new(
        ty: MemoryType,
        size: usize,
        range: ReservedRange,
        is_guarded: bool,
        pool: Arc<MemoryPool>,
    ) -> Arc<SharedMemory> {
        parking::watch_forks();
        let vm = VmMemory { base: Cell::new(range.base()), length: AtomicU64::new(size as u64) };
        Arc::new(SharedMemory { vm, ty, is_guarded, range: ForkMutex::new(Some(range)), pool })
    }

    /// Current length in bytes.
    pub fn len(&self) -> u64 {
        self.vm.length.load(Ordering::Acquire)
    }

    /// Grows from `old` to `new` bytes; false if the size is no longer `old`.
    pub(super) fn resize(&self, old: u64, new: u64) -> Result<bool, OutOfMemory> {
        let new_size = usize::try_from(new).map_err(|_| OutOfMemory)?;
        let mut range = self.range.lock();
        if self.len() != old {
            return Ok(false);
        }
        range.as_mut().ok_or(OutOfMemory)?.grow(new_size)?;
        self.vm.length.store(new, Ordering::Release);
        Ok(true)
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        let range = self.range.lock().take();
        if let Some(range) = range.filter(|_| self.is_guarded) {
            self.pool.give_back(range);
        }
    }
}
