//! Reservations for 32-bit memories, reused within an engine.
//!
//! Reserving and unmapping 4 GiB costs some 20 µs, mostly in page tables; a small memory that is
//! taken from here again costs a `memset`. A range comes back zeroed and exactly as long as asked
//! for: bytes beyond the current length are never accessible, whatever the former owner had.

use super::object::OutOfMemory;
use crate::abi::mode::GUARD_RESERVATION;
use crate::sys::lock::ForkMutex;
use crate::sys::memory::Mapping;

/// How many unused reservations an engine keeps.
const KEPT: usize = 32;

/// Up to this size clearing beats giving the pages back and faulting them in again.
const CLEARED_BY_HAND: usize = 128 << 10;

/// More is given back to the system when a memory is returned.
const KEPT_COMMITTED: usize = 1 << 20;

/// Address space for one 32-bit memory; the first `committed` bytes are accessible.
pub struct GuardedRange {
    mapping: Mapping,
    committed: usize,
}

impl GuardedRange {
    fn reserve() -> Result<GuardedRange, OutOfMemory> {
        let mapping = Mapping::reserve(GUARD_RESERVATION as usize).map_err(|_| OutOfMemory)?;
        Ok(GuardedRange { mapping, committed: 0 })
    }

    pub fn base(&self) -> *mut u8 {
        self.mapping.as_ptr()
    }

    /// Makes the first `size` bytes accessible; new ones are zero.
    pub fn grow(&mut self, size: usize) -> Result<(), OutOfMemory> {
        if size > self.committed {
            let more = size - self.committed;
            self.mapping.commit(self.committed, more).map_err(|_| OutOfMemory)?;
            self.committed = size;
        }
        Ok(())
    }

    fn shrink(&mut self, size: usize) -> Result<(), OutOfMemory> {
        if size < self.committed {
            // SAFETY: the former memory is gone, nobody reads the range.
            unsafe { self.mapping.decommit(size, self.committed - size) }
                .map_err(|_| OutOfMemory)?;
            self.committed = size;
        }
        Ok(())
    }

    fn clear(&mut self) -> Result<(), OutOfMemory> {
        if self.committed <= CLEARED_BY_HAND {
            // SAFETY: committed bytes of our own range, nobody else reads them.
            unsafe { self.base().write_bytes(0, self.committed) };
            return Ok(());
        }
        // SAFETY: as above.
        unsafe { self.mapping.discard(0, self.committed) }.map_err(|_| OutOfMemory)
    }
}

#[derive(Default)]
pub struct MemoryPool {
    free: ForkMutex<Vec<GuardedRange>>,
}

impl MemoryPool {
    /// A range with `size` zero bytes accessible.
    pub fn take(&self, size: usize) -> Result<GuardedRange, OutOfMemory> {
        let used = self.free.lock().pop();
        let mut range = match used {
            Some(mut range) => {
                range.shrink(size)?;
                range.clear()?;
                range
            }
            None => GuardedRange::reserve()?,
        };
        range.grow(size)?;
        Ok(range)
    }

    /// Keeps a range for the next memory, or unmaps it.
    pub fn give_back(&self, mut range: GuardedRange) {
        if range.shrink(KEPT_COMMITTED).is_err() {
            return;
        }
        let mut free = self.free.lock();
        if free.len() < KEPT && free.try_reserve(1).is_ok() {
            free.push(range);
        }
    }
}
