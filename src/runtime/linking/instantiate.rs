//! The instance builder (spec: "Instantiation").
//!
//! Imports are checked first, then everything is made that may fail for lack of memory, then the instance is
//! filled: its state is consistent at every step, because other instances' tables may refer to it from the first
//! element segment on, and still do when a later step traps.

use super::failure::Failure;
use super::fill::{fill, init_globals, init_tables, set_lazy_owners};
use super::initialize::initialize;
use crate::abi::mode::{Bounds, CodeMode};
use crate::abi::value::RawVal;
use crate::error::{Error, Phase};
use crate::module::Module;
use crate::runtime::calls::call::call_converted;
use crate::runtime::engines::module::Compiled;
use crate::runtime::externs::table::Table;
use crate::runtime::externs::tag::Tag;
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::{Gc, Header, give_up_root};
use crate::runtime::instances::imports::Imports;
use crate::runtime::instances::instance::Instance;
use crate::runtime::memories::image::Images;
use crate::runtime::memories::memory::Memory;
use crate::runtime::stores::limits::Refusal;
use crate::runtime::stores::store::Store;
use crate::sys::reserve;
use crate::types::TagIndex;
use std::sync::Arc;

impl Store {
    /// Makes an instance (with one root, for the caller).
    pub fn instantiate(
        &self,
        compiled: &Arc<Compiled>,
        provided: &[Option<&Header>],
    ) -> Result<Gc<Instance>, Failure> {
        if !Arc::ptr_eq(compiled.engine(), &self.engine) {
            let text = "the module belongs to another engine";
            return Err(Error::argument(text).during(Phase::Instantiate).into());
        }
        reserve::begin().map_err(|_| OutOfMemory)?;
        self.collect_if_due();
        let imports = self.link(compiled, provided)?;
        self.allow(Amounts::ONE_INSTANCE)?;
        let images = compiled.images();
        let images = images.as_deref();
        let instance = self.build(compiled, imports.as_ref().map(|(list, _root)| *list), images)?;
        let result = initialize(self, instance, images)
            .and_then(|()| Ok(reserve::checkpoint().map_err(|_| OutOfMemory)?))
            .and_then(|()| self.start(instance));
        match result {
            Ok(()) => Ok(instance),
            Err(failure) => {
                give_up_root(instance.header_ptr());
                Err(failure)
            }
        }
    }

    /// An instance with everything but its segments; `images` are in its memories.
    fn build(
        &self,
        compiled: &Arc<Compiled>,
        imports: Option<Gc<Imports>>,
        images: Option<&Images>,
    ) -> Result<Gc<Instance>, Failure> {
        let module = compiled.module();
        if compiled.overflows {
            self.need_overflow_results()?;
        }
        let all = imports.as_deref();
        let mut memories = with_room(all.map(|all| &all.memories[..]), module.memories.len())?;
        let mut tables = with_room(all.map(|all| &all.tables[..]), module.tables.len())?;
        let mut tags = with_room(all.map(|all| &all.tags[..]), module.tags.len())?;
        let made = self.make_memories(module, &mut memories, images);
        let made = made.and_then(|()| self.make_tables(module, &mut tables));
        let made = made.and_then(|()| Ok(self.make_tags(compiled, &mut tags)?));
        let result = made.map_err(Failure::from).and_then(|()| {
            let bounds = self.bounds_for(&memories);
            let code = compiled.code_set(CodeMode { bounds, ..self.code_mode() })?;
            self.metering.begin();
            let payload = Instance::new(compiled.clone(), code, imports);
            // The limiter, asked about the memories and tables, may have made instances itself.
            self.has_room(Amounts::ONE_INSTANCE)?;
            self.code_users.make_room()?;
            let vmctx_size = payload.vmctx_size();
            let instance = self.heap.allocate(payload, vmctx_size)?;
            instance.set_place(instance);
            if let Some(code) = instance.code.object() {
                self.code_users.add(code, compiled, instance.any());
            }
            Ok(instance)
        });
        // From here on the instance (or nothing) keeps what was made for it.
        let own_memories =
            memories[module.imported.memories as usize..].iter().map(|m| m.header_ptr());
        let own_tables = tables[module.imported.tables as usize..].iter().map(|t| t.header_ptr());
        let own_tags = tags[module.imported.tags as usize..].iter().map(|t| t.header_ptr());
        own_memories.chain(own_tables).chain(own_tags).for_each(give_up_root);
        let instance = result?;
        instance.memories.replace(memories);
        instance.tables.replace(tables);
        instance.tags.replace(tags);
        set_lazy_owners(instance);
        fill(self, instance);
        init_globals(instance)
            .and_then(|()| init_tables(instance))
            .inspect_err(|_| give_up_root(instance.header_ptr()))?;
        Ok(instance)
    }

    fn make_memories(
        &self,
        module: &Module,
        memories: &mut Vec<Gc<Memory>>,
        images: Option<&Images>,
    ) -> Result<(), Refusal> {
        for (i, ty) in module.memories[module.imported.memories as usize..].iter().enumerate() {
            let image = images.and_then(|images| images.get(i));
            memories.push(self.new_memory(*ty, image)?);
        }
        Ok(())
    }

    fn make_tables(&self, module: &Module, tables: &mut Vec<Gc<Table>>) -> Result<(), Refusal> {
        for table in &module.tables[module.imported.tables as usize..] {
            tables.push(self.new_table(table.ty)?);
        }
        Ok(())
    }

    fn make_tags(
        &self,
        compiled: &Arc<Compiled>,
        tags: &mut Vec<Gc<Tag>>,
    ) -> Result<(), OutOfMemory> {
        let module = compiled.module();
        for (i, ty) in module.tags.iter().enumerate().skip(module.imported.tags as usize) {
            let (id, ty) = &module.types[ty.index()];
            let origin = Some((compiled.clone(), TagIndex(i as u32)));
            tags.push(self.new_tag(*id, ty.clone(), origin)?);
        }
        Ok(())
    }

    /// Code without bounds checks may only be used if every memory has its guard.
    fn bounds_for(&self, memories: &[Gc<Memory>]) -> Bounds {
        let all_guarded = memories.iter().all(|m| m.bounds() == Bounds::Guard);
        if all_guarded { self.engine.config.default_mode().bounds } else { Bounds::Explicit }
    }

    fn start(&self, instance: Gc<Instance>) -> Result<(), Failure> {
        let Some(start) = instance.module().start else { return Ok(()) };
        let func = instance.func(start)?;
        call_converted::<RawVal>(func, &mut [], &mut []).map_err(Failure::Trap)
    }
}

/// The imported objects of one kind, with room for those that the module defines.
fn with_room<T: Copy>(imported: Option<&[T]>, count: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut list = Vec::new();
    list.try_reserve_exact(count).map_err(|_| OutOfMemory)?;
    list.extend_from_slice(imported.unwrap_or_default());
    Ok(list)
}
