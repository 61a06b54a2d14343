//! Memories as objects of a store.
//!
//! The bytes are in a memory of the store's own ([`super::unshared`]) or in one that other stores may also have
//! ([`super::shared`]). Either way a 32-bit memory normally has a reservation of 4 GiB and a guard
//! ([`super::pool::ReservedRange`]): growing changes the protection, and code needs no bounds check. The engine
//! keeps reservations ([`super::pool`]) because making one costs more than instantiating a small module. Where
//! address space is short, and for 64-bit memories and those whose pages are bytes, code checks every access.

use super::image::Image;
use super::shared::SharedMemory;
use super::unshared::UnsharedMemory;
use crate::abi::mode::Bounds;
use crate::abi::trap::TrapCode;
use crate::abi::vmctx::VmMemory;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::Kind;
use crate::runtime::heap::payload::{Payload, WEIGHED_BYTES};
use crate::types::{ExternType, Limits, MemoryType};
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

pub struct Memory {
    pub ty: MemoryType,
    contents: Contents,
}

enum Contents {
    Own(UnsharedMemory),
    Shared {
        memory: Arc<SharedMemory>,
        /// Bytes by which the memory was made or grown through this object, which count for its store.
        counted: Cell<u64>,
    },
}

/// The weight of a memory besides its bytes: a process can only have some tens of thousands of reservations, so a
/// store that drops memories collects them after a few.
const RESERVATION_WEIGHT: usize = 512;

impl Payload for Memory {
    const KIND: Kind = Kind::Memory;
    fn weight(&self) -> usize {
        RESERVATION_WEIGHT + self.counted_bytes() as usize / WEIGHED_BYTES
    }

    fn amounts(&self) -> Amounts {
        Amounts::new_memory(self.counted_bytes())
    }
}

/// The most pages that a memory of this type may ever have; `engine_max` is in pages of 64 KiB.
pub(crate) fn max_pages(ty: &MemoryType, engine_max: u64) -> u64 {
    let own_max = ty.limits.max.unwrap_or(u64::MAX);
    own_max.min(ty.index_space_pages()).min(ty.pages_in(engine_max))
}

impl Memory {
    /// A memory that only one store uses.
    pub(crate) fn unshared(ty: MemoryType, memory: UnsharedMemory) -> Memory {
        Memory { ty, contents: Contents::Own(memory) }
    }

    /// A store's object for a memory that other stores may also have. `counted` are the bytes that this store has
    /// made.
    pub(crate) fn of_shared(memory: Arc<SharedMemory>, counted: u64) -> Memory {
        let counted = Cell::new(counted);
        Memory { ty: memory.ty, contents: Contents::Shared { memory, counted } }
    }

    /// The memory as code sees it, at a fixed address.
    pub fn vm(&self) -> &VmMemory {
        match &self.contents {
            Contents::Own(own) => &own.vm,
            Contents::Shared { memory, .. } => &memory.vm,
        }
    }

    /// The shared memory, if it is one.
    pub fn shared(&self) -> Option<&Arc<SharedMemory>> {
        match &self.contents {
            Contents::Own(_) => None,
            Contents::Shared { memory, .. } => Some(memory),
        }
    }

    /// Current length in bytes. A shared memory may be longer the next moment.
    pub fn len(&self) -> u64 {
        match &self.contents {
            Contents::Own(own) => own.len(),
            Contents::Shared { memory, .. } => memory.len(),
        }
    }

    /// Bytes that count against the limits of the object's store.
    fn counted_bytes(&self) -> u64 {
        match &self.contents {
            Contents::Own(_) => self.len(),
            Contents::Shared { counted, .. } => counted.get(),
        }
    }

    pub fn pages(&self) -> u64 {
        self.len() >> self.ty.page.log2()
    }

    /// Address of the first byte; never null, but nothing may be read from an empty memory.
    pub fn base(&self) -> *mut u8 {
        self.vm().base.get()
    }

    /// Whether code of modules with guards may use this memory. Some memories are checked by all code.
    pub fn bounds(&self) -> Bounds {
        let is_guarded = match &self.contents {
            Contents::Own(own) => own.is_guarded(),
            Contents::Shared { memory, .. } => memory.is_guarded,
        };
        if is_guarded || !self.ty.may_be_guarded() { Bounds::Guard } else { Bounds::Explicit }
    }

    /// The type with the current size as minimum.
    pub fn current_type(&self) -> ExternType {
        let limits = Limits { min: self.pages(), max: self.ty.limits.max };
        ExternType::Memory(MemoryType { limits, ..self.ty })
    }

    /// The checked range of `len` bytes from `start`.
    pub fn range(&self, start: u64, len: u64) -> Result<Range<usize>, TrapCode> {
        match start.checked_add(len) {
            Some(end) if end <= self.len() => Ok(start as usize..end as usize),
            _ => Err(TrapCode::MemoryOutOfBounds),
        }
    }

    /// The current size in pages, and the size after growing by `delta`; `None` beyond the maximum.
    pub(crate) fn plan(&self, delta: u64, engine_max: u64) -> Option<(u64, u64)> {
        let old = self.pages();
        let new = old.checked_add(delta)?;
        (new <= max_pages(&self.ty, engine_max)).then_some((old, new))
    }

    /// Grows from `old` to `new` pages, as planned. False if the memory has grown meanwhile.
    pub(crate) fn resize(&self, old: u64, new: u64, engine_max: u64) -> Result<bool, OutOfMemory> {
        let (old_bytes, new_bytes) = (self.ty.bytes(old), self.ty.bytes(new));
        match &self.contents {
            Contents::Shared { memory, counted } => {
                let grown = memory.resize(old_bytes, new_bytes)?;
                counted.set(counted.get() + if grown { new_bytes - old_bytes } else { 0 });
                Ok(grown)
            }
            Contents::Own(own) if own.len() != old_bytes => Ok(false),
            Contents::Own(own) => {
                let max_bytes = self.ty.bytes(max_pages(&self.ty, engine_max));
                own.resize(new_bytes, max_bytes).map(|()| true)
            }
        }
    }

    /// Removes the contents of an image, before anything else was written.
    pub(crate) fn empty(&self, image: &Image) {
        // SAFETY: the memory was made with the image and has not become shorter.
        unsafe { self.base().add(image.start()).write_bytes(0, image.bytes().len()) };
    }
}
