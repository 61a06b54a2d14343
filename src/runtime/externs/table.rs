//! Tables. Function tables hold 32-byte dispatch entries that calls use without following a
//! pointer; tables of host references hold object addresses.
//!
//! Storage is zeroed (zero bytes mean null, or that the element was not written yet, see `instances::lazy_table`)
//! and comes from the C allocator or, for a large new table, from the system. It moves when a table grows; code
//! therefore loads base and length from the [`VmTable`] each time, except for fixed-size tables, which never grow.

use super::table_entry::trace_entry;
use crate::abi::trap::TrapCode;
use crate::abi::vmctx::{VmFuncEntry, VmTable};
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::amounts::Amounts;
use crate::runtime::heap::object::{Any, Gc, Header, Kind};
use crate::runtime::heap::payload::{Payload, WEIGHED_BYTES};
use crate::runtime::heap::tracer::Tracer;
use crate::sys::memory::Mapping;
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
    /// The storage, if it does not come from the C allocator.
    pages: Cell<Option<Mapping>>,
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
        if self.ty.element.is_func() && self.vm.written.get() == 0 {
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
        self.free(self.vm.base.get());
    }
}

/// A new table of at least this many bytes has pages of its own: the C allocator zeroes some of its memory by
/// writing, and most elements of a large table are never written.
const MAPPED: u64 = 64 << 10;

impl Table {
    /// A table of null elements.
    pub(super) fn new(ty: TableType) -> Result<Table, OutOfMemory> {
        let min = ty.limits.min;
        let bytes = min.saturating_mul(element_size(ty.element) as u64);
        let (base, pages) = if bytes < MAPPED {
            (Storage::new(min, ty.element)?.into_base(), None)
        } else {
            let size = usize::try_from(bytes).map_err(|_| OutOfMemory)?;
            let pages = Mapping::anonymous(size).map_err(|_| OutOfMemory)?;
            (pages.as_ptr(), Some(pages))
        };
        let (base, length, written) = (Cell::new(base), Cell::new(min), Cell::new(0));
        let vm = VmTable { base, length, written };
        Ok(Table { vm, ty, owner: Cell::new(None), pages: Cell::new(pages) })
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
        Storage::new(new, self.ty.element)
    }

    /// Grows into larger storage; the new elements hold `bits`.
    pub(crate) fn grow_into(&self, storage: Storage, bits: u64) {
        let (old, new) = (self.len() as usize, storage.length);
        if old != 0 {
            let bytes = old * element_size(self.ty.element);
            // SAFETY: the larger storage is another one.
            unsafe { ptr::copy_nonoverlapping(self.vm.base.get(), storage.base, bytes) };
        }
        let former = self.vm.base.replace(storage.into_base());
        self.free(former);
        self.vm.length.set(new);
        if bits != 0 {
            self.fill(old..new as usize, bits);
        }
    }

    /// Frees the storage, whose address must no longer be in use.
    fn free(&self, base: *mut u8) {
        if self.pages.take().is_none() {
            // SAFETY: from calloc, or null.
            unsafe { libc::free(base.cast()) };
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

/// Zeroed storage for the elements of a table, from the C allocator.
pub(crate) struct Storage {
    base: *mut u8,
    length: u64,
}

impl Storage {
    fn new(length: u64, element: RefType) -> Result<Storage, OutOfMemory> {
        let count = usize::try_from(length).map_err(|_| OutOfMemory)?;
        if count == 0 {
            return Ok(Storage { base: ptr::null_mut(), length });
        }
        // SAFETY: calloc checks the product.
        let base = unsafe { libc::calloc(count, element_size(element)) }.cast::<u8>();
        if base.is_null() { Err(OutOfMemory) } else { Ok(Storage { base, length }) }
    }

    /// Its address; the caller must free it.
    fn into_base(self) -> *mut u8 {
        std::mem::ManuallyDrop::new(self).base
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        // SAFETY: from calloc, or null.
        unsafe { libc::free(self.base.cast()) };
    }
}
