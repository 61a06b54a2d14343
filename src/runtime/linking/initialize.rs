//! Active segments (spec: "Instantiation"): all element segments, then all data segments, in order. The effects of
//! earlier ones stay when a later one traps.

use super::failure::Failure;
use crate::module::{Module, Offset, SegmentMode};
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::Gc;
use crate::runtime::instances::const_expr::evaluate;
use crate::runtime::instances::instance::Instance;
use crate::runtime::instances::segments::{SegmentError, init_memory, init_table};
use crate::runtime::memories::image::Images;
use crate::runtime::stores::store::Store;
use crate::types::{DataIndex, ElemIndex, MemoryIndex, TableIndex};

/// Applies all active segments and drops those that cannot be used again. With `images` the memories already hold
/// their data.
pub(super) fn initialize(
    store: &Store,
    instance: Gc<Instance>,
    images: Option<&Images>,
) -> Result<(), Failure> {
    let elements = initialize_elements(instance);
    let result = match images {
        Some(images) => elements.inspect_err(|_| take_back(instance, images)),
        None => elements.and_then(|()| initialize_data(instance)),
    };
    let result = result.map(|()| instance.set_applied_data(instance.module().data.len()));
    result.map_err(|error| match error {
        SegmentError::Trap(code) => store.trap_failure(code),
        SegmentError::OutOfMemory => OutOfMemory.into(),
    })
}

/// An element segment has trapped, so no data segment is applied; but functions in other instances' tables may
/// already see the memories.
fn take_back(instance: Gc<Instance>, images: &Images) {
    let module = instance.module();
    let own = module.imported.memories..module.memories.len() as u32;
    for (i, index) in own.enumerate() {
        if let Some(image) = images.get(i) {
            instance.memory(MemoryIndex(index)).empty(image);
        }
    }
}

/// The segments that are not written lazily.
fn initialize_elements(instance: Gc<Instance>) -> Result<(), SegmentError> {
    let module = instance.module();
    let lazy = module.lazy_tables.segments();
    instance.set_applied_elements(lazy);
    for index in element_indices(module).skip(lazy) {
        let segment = module.element(index);
        let is_64 = |t: TableIndex| module.tables[t.index()].ty.is_64;
        if let Some((table, offset)) = active(&instance, &segment.mode, is_64)? {
            init_table(&instance, table, index, offset, 0, segment.items.len() as u64)?;
        }
        instance.set_applied_elements(index.index() + 1);
    }
    Ok(())
}

fn initialize_data(instance: Gc<Instance>) -> Result<(), SegmentError> {
    let module = instance.module();
    for index in data_indices(module) {
        let mode = &module.data[index.index()].mode;
        let is_64 = |m: MemoryIndex| module.memories[m.index()].is_64;
        if let Some((memory, offset)) = active(&instance, mode, is_64)? {
            let len = module.data_bytes(index).len() as u64;
            init_memory(&instance, memory, index, offset, 0, len)?;
        }
        instance.set_applied_data(index.index() + 1);
    }
    Ok(())
}

/// The target of an active segment, `None` for others.
fn active<T: Copy>(
    instance: &Instance,
    mode: &SegmentMode<T>,
    is_64: impl Fn(T) -> bool,
) -> Result<Option<(T, u64)>, OutOfMemory> {
    let SegmentMode::Active { target, offset } = mode else { return Ok(None) };
    let offset = match offset {
        Offset::Constant(offset) => *offset,
        Offset::Computed(ops) => evaluate(instance, ops)? as u64,
    };
    let offset = if is_64(*target) { offset } else { u64::from(offset as u32) };
    Ok(Some((*target, offset)))
}

/// The numbers of a module's segments.
fn element_indices(module: &Module) -> impl Iterator<Item = ElemIndex> {
    (0..module.elements.len() as u32).map(ElemIndex)
}

fn data_indices(module: &Module) -> impl Iterator<Item = DataIndex> {
    (0..module.data.len() as u32).map(DataIndex)
}
