//! Element and data segments: applying them, at instantiation and by `table.init`/`memory.init`.
//!
//! The specification runs all active element segments, then all active data segments, in order;
//! each checks its whole range before it writes, and what earlier ones wrote stays when a later
//! one traps.

use super::const_expr::evaluate;
use super::instance::Instance;
use crate::abi::trap::TrapCode;
use crate::module::ElementItems;
use crate::runtime::heap::object::{Gc, OutOfMemory};
use crate::runtime::linking::instantiate::{Failure, active, data_indices, element_indices};
use crate::runtime::memories::image::Images;
use crate::runtime::stores::store::Store;
use crate::types::{DataIndex, ElemIndex, MemoryIndex, TableIndex};

/// Why a segment was not applied.
pub enum SegmentError {
    Trap(TrapCode),
    OutOfMemory,
}

impl From<TrapCode> for SegmentError {
    fn from(code: TrapCode) -> Self {
        SegmentError::Trap(code)
    }
}

impl From<OutOfMemory> for SegmentError {
    fn from(_: OutOfMemory) -> Self {
        SegmentError::OutOfMemory
    }
}

/// Applies all active segments and drops what cannot be used again. With `images` the memories hold
/// their data already.
pub(crate) fn initialize(
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

/// An element segment has trapped, so no data segment is applied; functions in others' tables may see
/// the memories all the same.
fn take_back(instance: Gc<Instance>, images: &Images) {
    let module = instance.module();
    let own = module.imported.memories..module.memories.len() as u32;
    for (i, index) in own.enumerate() {
        if let Some(image) = images.get(i) {
            instance.memory(MemoryIndex(index)).empty(image);
        }
    }
}

/// Those that the tables do not write themselves when they need them.
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

/// `memory.init`.
pub(crate) fn init_memory(
    instance: &Instance,
    memory: MemoryIndex,
    segment: DataIndex,
    to: u64,
    from: u64,
    len: u64,
) -> Result<(), TrapCode> {
    let bytes: &[u8] = match instance.is_data_dropped(segment) {
        true => &[],
        false => instance.module().data_bytes(segment),
    };
    let target = instance.memory_range(memory, to, len)?;
    let source = slice(bytes, from, len).ok_or_else(|| {
        instance.explain_data(segment, from, len, bytes.len());
        TrapCode::MemoryOutOfBounds
    })?;
    let memory = instance.memory(memory);
    // SAFETY: the target range is within the memory; module bytes never lie in one.
    unsafe {
        std::ptr::copy_nonoverlapping(
            source.as_ptr(),
            memory.base().add(target.start),
            source.len(),
        );
    }
    Ok(())
}

fn slice<T>(items: &[T], from: u64, len: u64) -> Option<&[T]> {
    let end = usize::try_from(from.checked_add(len)?).ok()?;
    items.get(from as usize..end)
}

/// `table.init`.
pub(crate) fn init_table(
    instance: &Instance,
    table: TableIndex,
    segment: ElemIndex,
    to: u64,
    from: u64,
    len: u64,
) -> Result<(), SegmentError> {
    let range = instance.table_range(table, to, len)?;
    let table = instance.table(table);
    let items = &instance.module().element(segment).items;
    let dropped = instance.is_element_dropped(segment);
    let out_of_bounds = || {
        let size = if dropped { 0 } else { items.len() };
        instance.explain_elements(segment, from, len, size);
        SegmentError::Trap(TrapCode::TableOutOfBounds)
    };
    if dropped {
        return if from == 0 && len == 0 { Ok(()) } else { Err(out_of_bounds()) };
    }
    match items {
        ElementItems::Functions(funcs) => {
            let funcs = slice(funcs, from, len).ok_or_else(out_of_bounds)?;
            for (index, func) in range.zip(funcs) {
                table.set_entry(index, instance.entry(*func));
            }
        }
        ElementItems::Expressions(items) => {
            let items = slice(items, from, len).ok_or_else(out_of_bounds)?;
            for (index, item) in range.zip(items) {
                table.fill(index..index + 1, evaluate(instance, item)? as u64);
            }
        }
    }
    Ok(())
}
