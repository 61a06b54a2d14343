//! Tables. Function tables hold 32-byte dispatch entries that calls use without following a
//! pointer; tables of host references hold object addresses.
//!
//! Storage is zeroed: zero bytes mean null, or that the element was not written yet (`instances::lazy_table`). It
//! moves when a table grows; code therefore loads base and length from the [`VmTable`] each time, except for
//! fixed-size tables, which never grow.

use super::table_entry::trace_entry;
use super::table_storage::Storage;
use crate::abi::trap::TrapCode;
use crate::abi::vmctx::{VmFuncEntry, VmTable};
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::{Any, Gc, Header, Kind};
use crate::runtime::heap::payload::{Payload, WEIGHED_BYTES};
use crate::runtime::heap::tracer::Tracer;
use crate::types::{ExternType, Limits, RefType, TableType};
use std::cell::Cell;
use std::ptr;

/// What knows the elements of a table that were not written yet.
#[derive(Clone, Copy)]
pub(crate) struct Owner {
    pub instance: Gc<Any>,
    /// Index of the table among those that the module defines.
    pub defined: usize,
}

pub struct Table {
    pub vm: VmTable,
    pub ty: TableType,
    /// Knows the elements that were not written; if `None`, they are null.
    pub(crate) owner: Cell<Option<Owner>>,
    /// Whether elements were written when they were needed.
    pub(crate) filled: Cell<bool>,
    /// The elements; `None` only while the table is dropped.
    storage: Cell<Option<Storage>>,
}

impl Payload for Table {
    const KIND: Kind = Kind::Table;
    fn weight(&self) -> usize {
        4 + self.len() as usize * element_size(self.ty.element) / WEIGHED_BYTES
    }

    fn amounts(&self) -> Amounts {
        Amounts::new_table(self.len())
    }

    fn trace(&self, tracer: &mut Tracer) {
        if let Some(owner) = self.owner.get() {
            tracer.visit(owner.instance);
        }
        // An element that was not written is null, or a function that the owner keeps.
        if self.is_as_new() {
            return;
        }
        if self.ty.element.is_func() {
            for entry in self.entries() {
                trace_entry(&entry.get(), tracer);
            }
        } else {
            for reference in self.references() {
                // SAFETY: references in tables are null or objects of this store.
                if let Some(header) = unsafe { reference.get().as_ref() } {
                    tracer.visit_header(header);
                }
            }
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if self.is_as_new()
            && !self.filled.get()
            && let Some(storage) = self.storage.take()
        {
            storage.free_clean();
        }
    }
}

impl Table {
    /// A table of null elements.
    pub(super) fn new(ty: TableType) -> Result<Table, OutOfMemory> {
        let min = ty.limits.min;
        let storage = Storage::new(min, element_size(ty.element))?;
        let (base, length, written) = (Cell::new(storage.base()), Cell::new(min), Cell::new(0));
        let vm = VmTable { base, length, written };
        let (filled, storage) = (Cell::new(false), Cell::new(Some(storage)));
        Ok(Table { vm, ty, owner: Cell::new(None), filled, storage })
    }

    /// Whether each element is null or a function that the owner keeps; tables of host references do not know.
    fn is_as_new(&self) -> bool {
        self.ty.element.is_func() && self.vm.written.get() == 0
    }

    pub fn len(&self) -> u64 {
        self.vm.length.get()
    }

    /// The size of one element in bytes.
    pub(crate) fn element_bytes(&self) -> u64 {
        element_size(self.ty.element) as u64
    }

    /// The type with the current size as minimum.
    pub fn current_type(&self) -> ExternType {
        let limits = Limits { min: self.len(), max: self.ty.limits.max };
        ExternType::Table(TableType { limits, ..self.ty })
    }

    pub(crate) fn entries(&self) -> &[Cell<VmFuncEntry>] {
        debug_assert!(self.ty.element.is_func());
        // SAFETY: base and length describe the storage; only this thread touches it.
        unsafe { slice(self.vm.base.get().cast(), self.len()) }
    }

    pub(crate) fn references(&self) -> &[Cell<*const Header>] {
        debug_assert!(!self.ty.element.is_func());
        // SAFETY: as above.
        unsafe { slice(self.vm.base.get().cast(), self.len()) }
    }

    /// Bounds check for `len` elements from `start`.
    pub fn range(&self, start: u64, len: u64) -> Result<std::ops::Range<usize>, TrapCode> {
        match start.checked_add(len) {
            Some(end) if end <= self.len() => Ok(start as usize..end as usize),
            _ => Err(TrapCode::TableOutOfBounds),
        }
    }

    /// Stores `bits`, a guest reference of the element type, in a range that is in bounds.
    pub fn fill(&self, range: std::ops::Range<usize>, bits: u64) {
        if self.ty.element.is_func() {
            // SAFETY: a validated reference of function type.
            let entry = unsafe { VmFuncEntry::from_bits(bits) };
            self.vm.written.set(1);
            self.entries()[range].iter().for_each(|e| e.set(entry));
        } else {
            let reference = bits as *const Header;
            self.references()[range].iter().for_each(|e| e.set(reference));
        }
    }

    /// Stores an entry as it is; for function tables. The index is in bounds.
    pub(crate) fn set_entry(&self, index: usize, entry: VmFuncEntry) {
        self.vm.written.set(1);
        self.entries()[index].set(entry);
    }

    /// The current number of elements, and the number after growing by `delta`; `None` beyond the maximum.
    pub(crate) fn plan(&self, delta: u64, engine_max: u64) -> Option<(u64, u64)> {
        let old = self.len();
        let new = old.checked_add(delta)?;
        let own_max = self.ty.limits.max.unwrap_or(u64::MAX);
        let index_max = if self.ty.is_64 { u64::MAX } else { u64::from(u32::MAX) };
        (new <= own_max.min(index_max).min(engine_max)).then_some((old, new))
    }

    /// Storage for the planned growth to `new` elements.
    pub(crate) fn larger_storage(&self, new: u64) -> Result<Storage, OutOfMemory> {
        Storage::new(new, element_size(self.ty.element))
    }

    /// Grows into larger storage; the new elements hold `bits`.
    pub(crate) fn grow_into(&self, storage: Storage, bits: u64) {
        let (old, new, base) = (self.len() as usize, storage.count, storage.base());
        if old != 0 {
            let bytes = old * element_size(self.ty.element);
            // SAFETY: the larger storage is another one.
            unsafe { ptr::copy_nonoverlapping(self.vm.base.get(), base, bytes) };
        }
        self.vm.base.set(base);
        self.storage.set(Some(storage));
        self.vm.length.set(new);
        if bits != 0 {
            self.fill(old..new as usize, bits);
        }
    }
}

unsafe fn slice<'a, T>(base: *const Cell<T>, len: u64) -> &'a [Cell<T>] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the caller vouches for base and length.
    unsafe { std::slice::from_raw_parts(base, len as usize) }
}

fn element_size(ty: RefType) -> usize {
    if ty.is_func() { size_of::<VmFuncEntry>() } else { size_of::<*const Header>() }
}
