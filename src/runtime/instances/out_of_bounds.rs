//! Messages for out-of-bounds accesses: which address, of which memory, and the memory's size.
//!
//! Instructions that the runtime executes know all of this. For an instruction that faulted, the processor reports
//! the address, from which the memory's base is subtracted; the instruction in the module says which memory and how
//! many bytes. Machine code that compares bounds passes on what it knows, unless the check ends in a faulting
//! instruction: then the trap code's phrase is the whole message.

use super::instance::Instance;
use crate::abi::TrapCode;
use crate::abi::bounds::{GUARD_RESERVATION, GUARD_SIZE};
use crate::body::at_offset::access_at;
use crate::types::{DataIndex, ElemIndex, MemoryIndex, TableIndex};
use std::fmt::{self, Display, Formatter};
use std::ops::Range;

type Checked = Result<Range<usize>, TrapCode>;

impl Instance {
    /// The checked range of bytes of a memory that an instruction names.
    pub(crate) fn memory_range(&self, index: MemoryIndex, start: u64, len: u64) -> Checked {
        let memory = self.memory(index);
        memory.range(start, len).inspect_err(|_| self.explain_access(index, start, 0, len))
    }

    /// Says that a range of bytes is not in the memory.
    pub(crate) fn explain_access(&self, memory: MemoryIndex, index: u64, offset: u64, len: u64) {
        if let Some(store) = self.store() {
            let start = u128::from(index) + u128::from(offset);
            store.explain_trap(at_address(len, start, memory, self.memory(memory).len()));
        }
    }

    /// The checked range of elements of a table that an instruction names.
    pub(crate) fn table_range(&self, index: TableIndex, start: u64, len: u64) -> Checked {
        let table = self.table(index);
        table.range(start, len).inspect_err(|_| {
            if let Some(store) = table.header().store() {
                let place = format!("table {}", index.0);
                store.explain_trap(elements(start, len, place, table.len()));
            }
        })
    }

    /// Says that a range of bytes is not in the data segment.
    pub(crate) fn explain_data(&self, index: DataIndex, start: u64, len: u64, size: usize) {
        if let Some(store) = self.store() {
            let place = format!("data segment {}", index.0);
            store.explain_trap(format!(
                "{} at {start:#x} of {place}, which has {size:#x}",
                bytes(len)
            ));
        }
    }

    /// Says that a range of elements is not in the element segment.
    pub(crate) fn explain_elements(&self, index: ElemIndex, start: u64, len: u64, size: usize) {
        if let Some(store) = self.store() {
            let place = format!("element segment {}", index.0);
            store.explain_trap(elements(start, len, place, size as u64));
        }
    }
}

/// An access that faulted.
#[derive(Clone, Copy)]
pub struct Fault {
    memory: MemoryIndex,
    /// The size of the memory in bytes, and the width of the access.
    size: u64,
    width: u64,
    /// The faulting address, relative to the memory's base.
    address: u64,
}

impl Fault {
    /// The fault of the instruction at `wasm_offset`, if the address belongs to a guarded memory.
    pub(crate) fn new(instance: &Instance, wasm_offset: u32, address: usize) -> Option<Fault> {
        let (index, width) = access_at(instance.module(), wasm_offset)?;
        let memory = instance.memory(index);
        let address = address.checked_sub(memory.base().addr())? as u64;
        let (size, width) = (memory.len(), width.into());
        let is_near = address < GUARD_RESERVATION + GUARD_SIZE;
        is_near.then_some(Fault { memory: index, size, width, address })
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Fault { memory, size, width, address } = *self;
        write!(f, "{}: ", TrapCode::MemoryOutOfBounds.phrase())?;
        if address > size || width == 1 {
            return f.write_str(&at_address(width, address.into(), memory, size));
        }
        // The access may have begun within the memory.
        let (bytes, memory) = (bytes(width), memory_text(memory, size));
        write!(f, "{bytes} that reach address {address:#x} of {memory}")
    }
}

fn at_address(len: u64, start: u128, memory: MemoryIndex, size: u64) -> String {
    format!("{} at address {start:#x} of {}", bytes(len), memory_text(memory, size))
}

fn memory_text(memory: MemoryIndex, size: u64) -> String {
    format!("memory {}, which has {size:#x}", memory.0)
}

fn bytes(count: u64) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}

fn elements(start: u64, len: u64, place: impl Display, size: u64) -> String {
    match len {
        1 => format!("element {start} of {place}, which has {size}"),
        _ => format!("{len} elements from {start} on of {place}, which has {size}"),
    }
}
