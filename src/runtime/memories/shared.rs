//! Shared memories: one memory that several stores, and so several threads, use at once.
//!
//! The memory itself belongs to no store. It is counted, and each store that has it holds an object
//! that counts it once ([`super::memory::Memory`]), so collecting one store's objects never looks at
//! another's. Code of all stores points at the one [`VmMemory`] in here.
//!
//! Other threads use the base at any moment, so it must never move, in no mode. Where there are no
//! guard pages the maximum is reserved when the memory is made, and is refused if it cannot be had.
//! Growing happens under a lock that every fork waits for. The new length is written last, with
//! release ordering: whoever reads it finds the pages behind it accessible.
//!
//! A forked child has a copy of the memory, as it has of all others.

use super::image::Image;
use super::parking;
use super::pool::{GuardedRange, MemoryPool};
use crate::abi::vmctx::VmMemory;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::sys::lock::ForkMutex;
use crate::types::{MemoryType, PAGE_SIZE};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct SharedMemory {
    pub(super) vm: VmMemory,
    pub ty: MemoryType,
    /// Whether code without bounds checks may use it.
    pub(super) is_guarded: bool,
    /// `None` only while the memory is being dropped.
    range: ForkMutex<Option<GuardedRange>>,
    /// Where a guarded range goes back to.
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
        range: GuardedRange,
        pool: Arc<MemoryPool>,
    ) -> Arc<SharedMemory> {
        SharedMemory::new(ty, size, range, true, pool)
    }

    /// A memory of `size` bytes with address space for `most` pages.
    pub(crate) fn reserved(
        ty: MemoryType,
        size: usize,
        most: u64,
        image: Option<&Arc<Image>>,
        pool: Arc<MemoryPool>,
    ) -> Result<Arc<SharedMemory>, OutOfMemory> {
        let most = most.checked_mul(PAGE_SIZE).and_then(|bytes| usize::try_from(bytes).ok());
        let range = GuardedRange::unguarded(most.ok_or(OutOfMemory)?, size, image)?;
        Ok(SharedMemory::new(ty, size, range, false, pool))
    }

    fn new(
        ty: MemoryType,
        size: usize,
        range: GuardedRange,
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

    /// Grows from `old` to `new` pages; false if it does not have `old` pages any more.
    pub(super) fn resize(&self, old: u64, new: u64) -> Result<bool, OutOfMemory> {
        let new_bytes = new.checked_mul(PAGE_SIZE).ok_or(OutOfMemory)?;
        let new_size = usize::try_from(new_bytes).map_err(|_| OutOfMemory)?;
        let mut range = self.range.lock();
        if self.len() != old * PAGE_SIZE {
            return Ok(false);
        }
        range.as_mut().ok_or(OutOfMemory)?.grow(new_size)?;
        self.vm.length.store(new_bytes, Ordering::Release);
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
