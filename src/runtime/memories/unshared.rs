//! Memories that one store uses alone.
//!
//! With a guard the base never moves. Without one the memory is an ordinary mapping, which may move when it grows:
//! code then reloads its base.

use super::image::Image;
use super::pool::{MemoryPool, ReservedRange};
use crate::abi::vmctx::VmMemory;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::sys;
use crate::sys::memory::Mapping;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A memory that only one store uses.
pub(crate) struct UnsharedMemory {
    pub vm: VmMemory,
    backing: RefCell<Backing>,
    /// The pool that a guarded range is returned to.
    pool: Arc<MemoryPool>,
}

enum Backing {
    Guarded(ReservedRange),
    /// The number of accessible bytes from the start of the mapping.
    Plain(Mapping),
    /// Only while the range is being given back.
    None,
}

impl Drop for UnsharedMemory {
    fn drop(&mut self) {
        if let Backing::Guarded(range) = self.backing.replace(Backing::None) {
            self.pool.give_back(range);
        }
    }
}

impl UnsharedMemory {
    /// A memory with the contents of the range, of which `size` bytes are accessible.
    pub fn guarded(range: ReservedRange, size: usize, pool: Arc<MemoryPool>) -> UnsharedMemory {
        UnsharedMemory::new(range.base(), size, Backing::Guarded(range), pool)
    }

    /// A mapping of `size` bytes that holds the image, and zeros.
    pub fn plain(
        size: usize,
        image: Option<&Arc<Image>>,
        pool: Arc<MemoryPool>,
    ) -> Result<UnsharedMemory, OutOfMemory> {
        let mapping = plain(size, image)?;
        Ok(UnsharedMemory::new(mapping.as_ptr(), size, Backing::Plain(mapping), pool))
    }

    fn new(base: *mut u8, size: usize, backing: Backing, pool: Arc<MemoryPool>) -> UnsharedMemory {
        let vm = VmMemory { base: Cell::new(base), length: AtomicU64::new(size as u64) };
        UnsharedMemory { vm, backing: RefCell::new(backing), pool }
    }

    pub fn len(&self) -> u64 {
        self.vm.length.load(Relaxed)
    }

    pub fn is_guarded(&self) -> bool {
        matches!(*self.backing.borrow(), Backing::Guarded(_))
    }

    /// Grows to `new_bytes` of at most `max_bytes`.
    pub fn resize(&self, new_bytes: u64, max_bytes: u64) -> Result<(), OutOfMemory> {
        let new_size = usize::try_from(new_bytes).map_err(|_| OutOfMemory)?;
        match &mut *self.backing.borrow_mut() {
            Backing::Guarded(range) => range.grow(new_size).map_err(|_| OutOfMemory)?,
            Backing::Plain(mapping) => {
                grow_plain(mapping, self.len() as usize, new_size, max_bytes)?;
                self.vm.base.set(mapping.as_ptr());
            }
            Backing::None => return Err(OutOfMemory),
        }
        self.vm.length.store(new_bytes, Relaxed);
        Ok(())
    }
}

/// A mapping of `size` bytes that holds the image, and zeros.
fn plain(size: usize, image: Option<&Arc<Image>>) -> Result<Mapping, OutOfMemory> {
    let mapping = Mapping::anonymous(size).map_err(|_| OutOfMemory)?;
    if let Some(image) = image {
        // An image consists of whole pages of the system, and so does a mapping.
        if image.end() > mapping.len() {
            return Err(OutOfMemory);
        }
        // SAFETY: fresh and long enough.
        unsafe { image.copy_to(mapping.as_ptr()) };
    }
    Ok(mapping)
}

/// Makes `new` bytes accessible, plus spare capacity while there is space. Pages are moved rather than copied, so a
/// memory can use all the remaining address space. Copying remains for mappings that the system cannot move in one
/// piece, because the host has changed a part of them.
fn grow_plain(
    mapping: &mut Mapping,
    old: usize,
    new: usize,
    max_bytes: u64,
) -> Result<(), OutOfMemory> {
    if new <= mapping.len() {
        return Ok(());
    }
    let limit = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    let roomy = old.saturating_add(old / 4).min(limit).max(new);
    mapping
        .grow(roomy)
        .or_else(|_| mapping.grow(new))
        .or_else(|_| move_by_copy(mapping, old, new))
        .map_err(|_| OutOfMemory)
}

fn move_by_copy(mapping: &mut Mapping, old: usize, new: usize) -> Result<(), sys::OutOfMemory> {
    let fresh = Mapping::anonymous(new)?;
    // SAFETY: both mappings have at least `old` bytes, and are distinct.
    unsafe { std::ptr::copy_nonoverlapping(mapping.as_ptr(), fresh.as_ptr(), old) };
    *mapping = fresh;
    Ok(())
}
