//! Element and data segments: `table.init` and `memory.init`, and the same for active segments at instantiation.
//!
//! The whole range is checked before anything is written.

use super::const_expr::evaluate;
use super::instance::Instance;
use crate::abi::trap::TrapCode;
use crate::module::ElementItems;
use crate::runtime::heap::alloc::OutOfMemory;
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

impl From<SegmentError> for TrapCode {
    fn from(error: SegmentError) -> TrapCode {
        match error {
            SegmentError::Trap(code) => code,
            SegmentError::OutOfMemory => TrapCode::OutOfMemory,
        }
    }
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
                table.fill(index..index + 1, evaluate(instance, &item.ops)? as u64);
            }
        }
    }
    Ok(())
}
