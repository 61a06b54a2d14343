//! Elements of function tables that are written when first needed.
//!
//! A table whose elements an instance left zero (`module::lazy_tables`) knows the instance. Whatever needs the
//! value of such an element writes it first: indirect calls when the signature does not match, `table.get`,
//! `table.copy`, and the C functions. Code that only overwrites elements need not.
//!
//! An element that turns out to be null is marked, so that it is not looked up twice.

use super::instance::{Instance, from_vmctx};
use crate::abi::TrapCode;
use crate::abi::vmctx::{ENTRY_SIZE, VmFunc, VmFuncEntry};
use crate::body::at_offset::indirect_call_at;
use crate::code;
use crate::runtime::externs::func::Func;
use crate::runtime::externs::table::{Owner, Table};
use crate::runtime::heap::alloc::OutOfMemory;
use crate::runtime::heap::object::Gc;
use crate::runtime::stores::store::Store;
use crate::stubs::walk;
use crate::types::{DefinedFuncIndex, TableIndex, TypeIndex};
use std::ptr::{self, NonNull};

impl Owner {
    /// The owner of a table that an instance defines, if some of its elements are not written at once.
    pub fn of(instance: Gc<Instance>, table: TableIndex) -> Option<Owner> {
        let module = instance.module();
        let defined = table.index().checked_sub(module.imported.tables as usize)?;
        module.lazy_tables.is_lazy(defined).then_some(Owner { instance: instance.any(), defined })
    }

    fn entry(self, index: usize) -> VmFuncEntry {
        let Some(instance) = self.instance.downcast::<Instance>() else { return VmFuncEntry::NULL };
        let func = instance.module().lazy_tables.element(self.defined, index);
        func.map_or(VmFuncEntry::NULL, |func| instance.entry(func))
    }
}

impl Table {
    /// The entry of a function table, written first if it was not yet. The index is in bounds.
    pub(crate) fn entry(&self, index: usize) -> VmFuncEntry {
        let entry = self.entries()[index].get();
        if !entry.is_unwritten() {
            return entry;
        }
        let entry = self.owner.get().map_or(VmFuncEntry::NULL, |owner| owner.entry(index));
        self.entries()[index].set(entry);
        self.filled.set(true);
        entry
    }

    /// The element as a guest reference. The index is in bounds.
    pub fn get(&self, index: usize) -> Result<u64, OutOfMemory> {
        if !self.ty.element.is_func() {
            return Ok(self.references()[index].get() as u64);
        }
        let entry = self.entry(index);
        if entry.sig == 0 || !entry.func.is_null() {
            return Ok(entry.func as u64);
        }
        // SAFETY: an entry without an object is of a guest function of this store.
        let instance = unsafe { from_vmctx(entry.vmctx) };
        let func = instance.defined_func(DefinedFuncIndex(entry.own))?;
        self.entries()[index].set(VmFuncEntry { func: func.as_vm(), ..entry });
        Ok(func.as_vm() as u64)
    }

    /// Copies between tables of one element type, ranges in bounds, which may overlap.
    pub fn copy(&self, to: usize, from: &Table, range: std::ops::Range<usize>) {
        if from.ty.element.is_func() {
            self.vm.written.set(1);
            // Zero would mean something else in another place.
            for index in range.clone() {
                from.entry(index);
            }
        }
        let size = self.element_bytes() as usize;
        // SAFETY: both ranges are in bounds, `copy` allows overlap.
        unsafe {
            let source = from.vm.base.get().add(range.start * size);
            let target = self.vm.base.get().add(to * size);
            if !range.is_empty() {
                ptr::copy(source, target, range.len() * size);
            }
        }
    }
}

impl Instance {
    /// Writes the element of the running indirect call (`Builtin::CheckCallee`) if it was not written yet, and
    /// compares signatures again. The trap that may follow says what is wrong.
    pub(crate) fn check_callee(&self, store: &Store) -> Result<(), TrapCode> {
        let (table, ty) = self.indirect_call(store).ok_or(TrapCode::InternalError)?;
        let object = self.table(table);
        // SAFETY: the head of a live context.
        let offset = unsafe { (*self.vmctx()).callee.get() };
        let index = offset / ENTRY_SIZE as usize;
        let (id, expected) = &self.module().types[ty.index()];
        let found = object.entry(index).sig;
        if found == id.as_u32() {
            return Ok(());
        }
        let func = object.get(index)? as *const VmFunc;
        let found = match NonNull::new(func.cast_mut()) {
            None => "null".into(),
            // SAFETY: a reference in a table of functions is a function of this store.
            Some(func) => unsafe { Func::from_vm(func.as_ptr()) }.signature.ty.to_string(),
        };
        let text = format!("element {index} of table {} is {found}, expected {expected}", table.0);
        store.explain_trap(text);
        Err(if func.is_null() {
            TrapCode::UninitializedElement
        } else {
            TrapCode::IndirectCallTypeMismatch
        })
    }

    /// Tells the running code where its loop continues; zero: where it is.
    pub(crate) fn continue_loop_at(&self, code: usize) {
        // SAFETY: the head of a live context.
        unsafe { (*self.vmctx()).callee.set(code) };
    }

    /// The number of the function whose call the running code tells of; none if it is one of another instance.
    pub(crate) fn called_target(&self) -> Option<u32> {
        // SAFETY: the head of a live context.
        u32::try_from(unsafe { (*self.vmctx()).callee.get() }).ok()
    }

    /// Table and type of the indirect call that called the running builtin.
    fn indirect_call(&self, store: &Store) -> Option<(TableIndex, TypeIndex)> {
        let pc = walk::caller(&store.context)?.position().pc;
        // SAFETY: the code has a frame on the stack.
        let code = unsafe { code::find_caller(pc)?.as_ref() };
        indirect_call_at(self.module(), code.call_at(pc)?.wasm_offset)
    }
}
