//! The imports of instances.
//!
//! Some modules import hundreds of functions, and hosts make many instances of a module with the same objects. These
//! instances share one list: nothing is checked a second time, an instance has only what code reads of its imports, and
//! a collection visits the objects once. The store knows the list of its last instance.
//!
//! What must stay true: a list holds objects that were checked for its module, and keeps them. What made them fit never
//! changes: types are fixed, and memories and tables only grow.

use crate::abi::vmctx::{NOT_DEFINED, Slot, VmContext, VmImport};
use crate::runtime::engines::module::Compiled;
use crate::runtime::externs::func::Func;
use crate::runtime::externs::global::Global;
use crate::runtime::externs::table::Table;
use crate::runtime::externs::tag::Tag;
use crate::runtime::heap::object::{Gc, Header, Kind};
use crate::runtime::heap::payload::{Payload, WEIGHED_BYTES};
use crate::runtime::heap::tracer::Tracer;
use crate::runtime::memories::memory::Memory;
use crate::runtime::stores::store::Store;
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// What instances of a module import: all objects as the host gave them, and by kind.
pub struct Imports {
    pub compiled: Arc<Compiled>,
    pub objects: Vec<NonNull<Header>>,
    pub funcs: Vec<ImportedFunc>,
    pub globals: Vec<Gc<Global>>,
    pub tables: Vec<Gc<Table>>,
    pub memories: Vec<Gc<Memory>>,
    pub tags: Vec<Gc<Tag>>,
}

impl Payload for Imports {
    const KIND: Kind = Kind::Imports;

    fn weight(&self) -> usize {
        1 + self.funcs.len() * size_of::<ImportedFunc>() / WEIGHED_BYTES
    }

    fn trace(&self, tracer: &mut Tracer) {
        for object in &self.objects {
            // SAFETY: objects of the store, which live as long as they are traced.
            tracer.visit_header(unsafe { object.as_ref() });
        }
    }
}

impl Imports {
    /// Whether these objects are the imports of a module.
    pub fn are(&self, compiled: &Arc<Compiled>, provided: &[Option<&Header>]) -> bool {
        let same = |(own, given): (&NonNull<Header>, &Option<&Header>)| {
            given.is_some_and(|given| ptr::eq(own.as_ptr(), given))
        };
        Arc::ptr_eq(&self.compiled, compiled)
            && provided.len() >= self.objects.len()
            && self.objects.iter().zip(provided).all(same)
    }
}

/// What calls of an imported function need, beside each other rather than in many objects.
pub struct ImportedFunc {
    pub func: Gc<Func>,
    slot: *const Slot,
    /// Null for a function of the host.
    vmctx: *mut VmContext,
}

impl ImportedFunc {
    pub fn new(func: Gc<Func>) -> ImportedFunc {
        let vm = func.vm.get();
        let is_host = vm.own == NOT_DEFINED;
        let vmctx = if is_host { ptr::null_mut() } else { vm.vmctx };
        ImportedFunc { func, slot: vm.slot, vmctx }
    }

    /// Writes this import of an instance object to its place.
    ///
    /// # Safety
    /// The place is in the vmctx of the instance, which belongs to the store.
    pub unsafe fn write(&self, place: *mut VmImport, store: &Store, instance: *const ()) {
        let vmctx = if self.vmctx.is_null() { place.cast() } else { self.vmctx };
        // SAFETY: as promised by the caller.
        unsafe {
            place.write(VmImport { store: &store.context, slot: self.slot, vmctx, instance })
        };
    }
}
