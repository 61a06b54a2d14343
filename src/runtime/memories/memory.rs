//! Linear memories.
//!
//! A 32-bit memory normally lies in a reservation of 4 GiB and a guard ([`GuardedRange`]): its base
//! never moves, growing is a change of protection, and code needs no bounds check. Where the
//! address space cannot be had, and for 64-bit memories, the memory is an ordinary mapping that may
//! move when it grows, and code checks every access. Reservations are kept by the engine
//! ([`super::pool`]) because making one costs more than instantiating a small module.

use super::image::Image;
use super::pool::{GuardedRange, MemoryPool};
use crate::abi::mode::Bounds;
use crate::abi::trap::TrapCode;
use crate::abi::vmctx::VmMemory;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::Kind;
use crate::runtime::heap::payload::{Payload, WEIGHED_BYTES};
use crate::sys;
use crate::sys::memory::Mapping;
use crate::types::{ExternType, Limits, MemoryType, PAGE_SIZE};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Memory {
    pub vm: VmMemory,
    pub ty: MemoryType,
    backing: RefCell<Backing>,
    /// Where a guarded range goes back to.
    pool: Arc<MemoryPool>,
}

/// Where the bytes lie.
pub(crate) enum Backing {
    Guarded(GuardedRange),
    /// An ordinary mapping, all of it accessible.
    Plain(Mapping),
    /// Only while the range is being given back.
    None,
}

/// What a memory weighs beside its bytes: a reservation is one of some tens of thousands that a
/// process can have, so a store that drops memories gives them back after a few.
const RESERVATION_WEIGHT: usize = 512;

impl Payload for Memory {
    const KIND: Kind = Kind::Memory;
    fn weight(&self) -> usize {
        RESERVATION_WEIGHT + self.len() as usize / WEIGHED_BYTES
    }

    fn amounts(&self) -> Amounts {
        Amounts::new_memory(self.len())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Backing::Guarded(range) = self.backing.replace(Backing::None) {
            self.pool.give_back(range);
        }
    }
}

/// The most pages that a memory of this kind can ever have.
pub fn index_space_pages(is_64: bool) -> u64 {
    if is_64 { 1 << 48 } else { 1 << 16 }
}

impl Memory {
    /// A memory of `size` bytes that lies in `backing`, which goes back to the pool.
    pub(crate) fn new(
        ty: MemoryType,
        size: usize,
        backing: Backing,
        pool: Arc<MemoryPool>,
    ) -> Result<Memory, OutOfMemory> {
        let base = match &backing {
            Backing::Guarded(range) => range.base(),
            Backing::Plain(mapping) => mapping.as_ptr(),
            Backing::None => return Err(OutOfMemory),
        };
        let vm = VmMemory { base: Cell::new(base), length: AtomicU64::new(size as u64) };
        Ok(Memory { vm, ty, backing: RefCell::new(backing), pool })
    }

    /// Current length in bytes.
    pub fn len(&self) -> u64 {
        self.vm.length.load(Ordering::Relaxed)
    }

    pub fn pages(&self) -> u64 {
        self.len() / PAGE_SIZE
    }

    /// First byte; never null, but nothing may be read from an empty memory.
    pub fn base(&self) -> *mut u8 {
        self.vm.base.get()
    }

    /// Whether code without bounds checks may use this memory. 64-bit memories are checked anyhow.
    pub fn bounds(&self) -> Bounds {
        match *self.backing.borrow() {
            Backing::Guarded(_) => Bounds::Guard,
            _ if self.ty.is_64 => Bounds::Guard,
            _ => Bounds::Explicit,
        }
    }

    /// The type with the current size as minimum.
    pub fn current_type(&self) -> ExternType {
        let limits = Limits { min: self.pages(), max: self.ty.limits.max };
        ExternType::Memory(MemoryType { limits, ..self.ty })
    }

    /// The address range of `len` bytes from `start`, checked.
    pub fn range(&self, start: u64, len: u64) -> Result<Range<usize>, TrapCode> {
        match start.checked_add(len) {
            Some(end) if end <= self.len() => Ok(start as usize..end as usize),
            _ => Err(TrapCode::MemoryOutOfBounds),
        }
    }

    /// The most pages that this memory may ever have.
    fn max_pages(&self, engine_max: u64) -> u64 {
        let own_max = self.ty.limits.max.unwrap_or(u64::MAX);
        own_max.min(index_space_pages(self.ty.is_64)).min(engine_max)
    }

    /// The size in pages, and that after growing by `delta`; `None` beyond the maximum.
    pub(crate) fn plan(&self, delta: u64, engine_max: u64) -> Option<(u64, u64)> {
        let old = self.pages();
        let new = old.checked_add(delta)?;
        (new <= self.max_pages(engine_max)).then_some((old, new))
    }

    /// Grows to `pages`, as planned.
    pub(crate) fn resize(&self, pages: u64, engine_max: u64) -> Result<(), OutOfMemory> {
        let new_bytes = pages.checked_mul(PAGE_SIZE).ok_or(OutOfMemory)?;
        let new_size = usize::try_from(new_bytes).map_err(|_| OutOfMemory)?;
        match &mut *self.backing.borrow_mut() {
            Backing::Guarded(range) => range.grow(new_size).map_err(|_| OutOfMemory)?,
            Backing::Plain(mapping) => {
                grow_plain(mapping, self.len() as usize, new_size, self.max_pages(engine_max))?;
                self.vm.base.set(mapping.as_ptr());
            }
            Backing::None => return Err(OutOfMemory),
        }
        self.vm.length.store(new_bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Undoes what an image has put here, before anybody has written anything else.
    pub(crate) fn empty(&self, image: &Image) {
        // SAFETY: the memory was made with the image and has not become shorter.
        unsafe { self.base().add(image.start()).write_bytes(0, image.bytes().len()) };
    }
}

/// A mapping of `size` bytes that holds the image, and zeros.
pub(crate) fn plain(size: usize, image: Option<&Arc<Image>>) -> Result<Mapping, OutOfMemory> {
    let mapping = Mapping::anonymous(size).map_err(|_| OutOfMemory)?;
    if let Some(image) = image {
        if image.end() > size {
            return Err(OutOfMemory);
        }
        // SAFETY: fresh and long enough.
        unsafe { image.copy_to(mapping.as_ptr()) };
    }
    Ok(mapping)
}

/// Bytes of so many pages.
pub(crate) fn bytes(pages: u64) -> u64 {
    pages.saturating_mul(PAGE_SIZE)
}

/// Makes `new` bytes accessible, with room to spare while there is room. The pages move rather than
/// being copied, so a memory can take all of the address space that is left. Copying remains for
/// mappings that the system does not move in one piece, because the host has changed a part of them.
fn grow_plain(
    mapping: &mut Mapping,
    old: usize,
    new: usize,
    limit_pages: u64,
) -> Result<(), OutOfMemory> {
    if new <= mapping.len() {
        return Ok(());
    }
    let limit = usize::try_from(limit_pages.saturating_mul(PAGE_SIZE)).unwrap_or(usize::MAX);
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
