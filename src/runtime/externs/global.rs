//! Globals: a 16-byte cell, in the defining instance or in the object itself.
//!
//! Every instance that imports a global points to the same cell, so a change is visible everywhere at once.
//! References are stored as guest references.

use super::func::Func;
use crate::abi::value::WideVal;
use crate::abi::vmctx::{VmFunc, VmGlobal};
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::{Any, Gc, Header, Kind};
use crate::runtime::heap::payload::Payload;
use crate::runtime::heap::tracer::Tracer;
use crate::runtime::stores::store::Store;
use crate::types::{GlobalType, ValType};
use std::cell::Cell;

pub struct Global {
    pub ty: GlobalType,
    location: Location,
}

/// The location of the cell.
enum Location {
    /// In the vmctx of the instance that defines the global.
    Instance {
        instance: Gc<Any>,
        cell: *const VmGlobal,
    },
    Own(VmGlobal),
}

impl Payload for Global {
    const KIND: Kind = Kind::Global;

    fn trace(&self, tracer: &mut Tracer) {
        match &self.location {
            Location::Instance { instance, .. } => tracer.visit(*instance),
            Location::Own(cell) => trace_cell(cell, self.ty.content, tracer),
        }
    }
}

/// Reports the object in a cell of the given type.
pub(crate) fn trace_cell(cell: &VmGlobal, ty: ValType, tracer: &mut Tracer) {
    if let Some(header) = reference(cell.read(), ty) {
        // SAFETY: references in cells point at objects of this store.
        tracer.visit_header(unsafe { &*header });
    }
}

/// The object behind a guest reference; `None` for null and for numbers.
pub(crate) fn reference(bits: u64, ty: ValType) -> Option<*const Header> {
    match ty {
        ValType::Ref(ty) if bits != 0 => Some(if ty.is_func() {
            // SAFETY: a non-null funcref of guest code is the address of a VmFunc.
            unsafe { Func::from_vm(bits as *const VmFunc) }.header_ptr().as_ptr()
        } else {
            bits as *const Header
        }),
        _ => None,
    }
}

impl VmGlobal {
    pub fn new(bytes: [u8; 16]) -> VmGlobal {
        VmGlobal { bytes: Cell::new(bytes) }
    }

    /// The lower 8 bytes: any value but a v128.
    pub fn read(&self) -> u64 {
        u128::from_le_bytes(self.bytes.get()) as u64
    }

    /// All 16 bytes; only a v128 uses the upper half.
    pub fn read_wide(&self) -> u128 {
        u128::from_le_bytes(self.bytes.get())
    }

    pub fn write(&self, bits: u128) {
        self.bytes.set(bits.to_le_bytes());
    }
}

impl Global {
    pub fn cell(&self) -> &VmGlobal {
        match &self.location {
            // SAFETY: the instance is traced from here, and the cell lies within it.
            Location::Instance { cell, .. } => unsafe { &**cell },
            Location::Own(cell) => cell,
        }
    }

    /// The value. References are guest references.
    pub fn get(&self) -> WideVal {
        WideVal::new(self.ty.content.kind(), self.cell().read_wide())
    }
}

impl Store {
    /// Makes a global for the host. `bits` is the value in guest form.
    pub fn new_global(&self, ty: GlobalType, bits: u128) -> Result<Gc<Global>, OutOfMemory> {
        let cell = VmGlobal::new(bits.to_le_bytes());
        self.heap.allocate(Global { ty, location: Location::Own(cell) }, 0)
    }

    /// The object for a global whose cell is in an instance.
    pub(crate) fn new_instance_global(
        &self,
        ty: GlobalType,
        instance: Gc<Any>,
        cell: *const VmGlobal,
    ) -> Result<Gc<Global>, OutOfMemory> {
        self.heap.allocate(Global { ty, location: Location::Instance { instance, cell } }, 0)
    }
}
