//! Memories of a store: made and grown within its limits.

use crate::log::Level;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::{Gc, Kind};
use crate::runtime::memories::image::Image;
use crate::runtime::memories::memory::{Backing, Memory, bytes, index_space_pages, plain};
use crate::runtime::stores::limits::{Growth, Refusal};
use crate::runtime::stores::store::Store;
use crate::types::{MemoryType, PAGE_SIZE};
use std::sync::Arc;

impl Store {
    /// A memory that holds the image, and zeros. An ordinary mapping takes the place of a guarded one
    /// when address space is short, where the engine's settings allow it.
    pub fn new_memory(
        &self,
        ty: MemoryType,
        image: Option<&Arc<Image>>,
    ) -> Result<Gc<Memory>, Refusal> {
        let min = ty.limits.min;
        let limit = self.engine.config.limits.memory_pages.min(index_space_pages(ty.is_64));
        if min > limit {
            return Err(Refusal::Maximum);
        }
        let desired = bytes(min);
        let maximum = ty.limits.max.map(bytes);
        let growth = Growth { kind: Kind::Memory, object: None, current: 0, desired, maximum };
        self.allow_growth(Amounts::new_memory(desired), &growth)?;
        Ok(self.make_memory(ty, desired, image)?)
    }

    fn make_memory(
        &self,
        ty: MemoryType,
        bytes: u64,
        image: Option<&Arc<Image>>,
    ) -> Result<Gc<Memory>, OutOfMemory> {
        let size = usize::try_from(bytes).map_err(|_| OutOfMemory)?;
        let backing = self.back_memory(&ty, size, image).or_else(|error| {
            // Perhaps unreachable memories hold what is missing.
            self.collect();
            self.back_memory(&ty, size, image).map_err(|_| error)
        })?;
        let memory = Memory::new(ty, size, backing, self.engine.memories.clone())?;
        self.heap.allocate(memory, 0)
    }

    fn back_memory(
        &self,
        ty: &MemoryType,
        size: usize,
        image: Option<&Arc<Image>>,
    ) -> Result<Backing, OutOfMemory> {
        let guarded = !ty.is_64 && self.engine.config.wants_guard();
        let sparing = self.engine.config.may_fall_back();
        if guarded && let Ok(range) = self.engine.memories.take(size, image, sparing) {
            return Ok(Backing::Guarded(range));
        }
        if guarded && !sparing {
            return Err(OutOfMemory);
        }
        if guarded {
            self.engine.config.log.say(Level::Warning, || {
                let pages = size as u64 / PAGE_SIZE;
                format!("no room for guard pages: checks for a memory of {pages} pages")
            });
        }
        plain(size, image).map(Backing::Plain)
    }

    /// Grows a memory by `delta` pages; the former size in pages.
    pub fn grow_memory(&self, memory: Gc<Memory>, delta: u64) -> Result<u64, Refusal> {
        let engine_max = self.engine.config.limits.memory_pages;
        let (old, new) = memory.plan(delta, engine_max).ok_or(Refusal::Maximum)?;
        if new > old {
            let growth = Growth {
                kind: Kind::Memory,
                object: Some(memory.header()),
                current: memory.len(),
                desired: bytes(new),
                maximum: memory.ty.limits.max.map(bytes),
            };
            let more = Amounts::bytes(growth.desired - growth.current);
            self.allow_growth(more, &growth)?;
            if memory.pages() != old {
                return Err(Refusal::Changed);
            }
            memory.resize(new, engine_max)?;
            self.heap.count_growth(more, more.bytes);
        }
        Ok(old)
    }
}
