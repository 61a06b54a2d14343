//! Memories of a store: made and grown within its limits.

use crate::log::Level;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::{Gc, Kind};
use crate::runtime::memories::image::Image;
use crate::runtime::memories::memory::{Memory, max_pages};
use crate::runtime::memories::pool::ReservedRange;
use crate::runtime::memories::shared::SharedMemory;
use crate::runtime::memories::unshared::UnsharedMemory;
use crate::runtime::stores::limits::{Growth, Refusal};
use crate::runtime::stores::store::Store;
use crate::types::{MemoryType, PAGE_SIZE};
use std::sync::Arc;

impl Store {
    /// A memory that holds the image, and zeros elsewhere. If address space is short and the engine's settings
    /// allow it, an ordinary mapping replaces a guarded one.
    pub fn new_memory(
        &self,
        ty: MemoryType,
        image: Option<&Arc<Image>>,
    ) -> Result<Gc<Memory>, Refusal> {
        let min = ty.limits.min;
        let limit = ty.pages_in(self.engine.config.limits.memory_pages);
        if min > limit.min(ty.index_space_pages()) {
            return Err(Refusal::Maximum);
        }
        let desired = ty.minimum_bytes();
        let maximum = ty.limits.max.map(|max| ty.bytes(max));
        let growth = Growth { kind: Kind::Memory, object: None, current: 0, desired, maximum };
        self.allow_growth(Amounts::new_memory(desired), &growth)?;
        self.make_memory(ty, desired, image)
    }

    /// This store's object for a memory that other stores may also have. It counts as one of the store's memories,
    /// without bytes.
    pub fn obtain_memory(&self, memory: Arc<SharedMemory>) -> Result<Gc<Memory>, Refusal> {
        self.allow(Amounts::new_memory(0))?;
        Ok(self.heap.allocate(Memory::of_shared(memory, 0), 0)?)
    }

    fn make_memory(
        &self,
        ty: MemoryType,
        bytes: u64,
        image: Option<&Arc<Image>>,
    ) -> Result<Gc<Memory>, Refusal> {
        let size = usize::try_from(bytes).map_err(|_| OutOfMemory)?;
        let memory = self.place_memory(ty, size, image).or_else(|error| {
            // Unreachable memories may hold what is missing.
            self.collect();
            self.place_memory(ty, size, image).map_err(|_| error)
        })?;
        Ok(self.heap.allocate(memory, 0)?)
    }

    fn place_memory(
        &self,
        ty: MemoryType,
        size: usize,
        image: Option<&Arc<Image>>,
    ) -> Result<Memory, Refusal> {
        let guarded = self.guarded_range(&ty, size, image)?;
        let pool = self.engine.memories.clone();
        if !ty.shared {
            let memory = match guarded {
                Some(range) => UnsharedMemory::guarded(range, size, pool),
                None => UnsharedMemory::plain(size, image, pool)?,
            };
            return Ok(Memory::unshared(ty, memory));
        }
        let memory = match guarded {
            Some(range) => SharedMemory::guarded(ty, size, range, pool),
            None => {
                let most = max_pages(&ty, self.engine.config.limits.memory_pages);
                SharedMemory::reserved(ty, size, ty.bytes(most), image, pool)
                    .map_err(|_| Refusal::Reservation { pages: most })?
            }
        };
        Ok(Memory::of_shared(memory, size as u64))
    }

    /// A guarded range, unless the memory needs none or may do without one that cannot be had.
    fn guarded_range(
        &self,
        ty: &MemoryType,
        size: usize,
        image: Option<&Arc<Image>>,
    ) -> Result<Option<ReservedRange>, Refusal> {
        if !ty.may_be_guarded() || !self.engine.config.wants_guard() {
            return Ok(None);
        }
        let sparing = self.engine.config.may_fall_back();
        let range = self.engine.memories.take(size, image, sparing).ok();
        if range.is_some() {
            return Ok(range);
        }
        if !sparing {
            return Err(Refusal::Guard);
        }
        self.engine.config.log.say(Level::Warning, || {
            let pages = size as u64 / PAGE_SIZE;
            format!("no room for guard pages: checks for a memory of {pages} pages")
        });
        Ok(None)
    }

    /// Grows a memory by `delta` pages and returns the former size in pages. Another thread may be growing a shared
    /// memory: then all checks are repeated with the new sizes.
    pub fn grow_memory(&self, memory: Gc<Memory>, delta: u64) -> Result<u64, Refusal> {
        let engine_max = self.engine.config.limits.memory_pages;
        loop {
            let (old, new) = memory.plan(delta, engine_max).ok_or(Refusal::Maximum)?;
            if new == old {
                return Ok(old);
            }
            let growth = Growth {
                kind: Kind::Memory,
                object: Some(memory.header()),
                current: memory.ty.bytes(old),
                desired: memory.ty.bytes(new),
                maximum: memory.ty.limits.max.map(|max| memory.ty.bytes(max)),
            };
            let more = Amounts::bytes(growth.desired - growth.current);
            self.allow_growth(more, &growth)?;
            if memory.resize(old, new, engine_max)? {
                self.heap.count_growth(more, more.bytes);
                return Ok(old);
            }
            if !memory.ty.shared {
                return Err(Refusal::Changed);
            }
        }
    }
}
