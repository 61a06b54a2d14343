//! Elements of function tables: the dispatch entries that indirect calls use.

use super::func::Func;
use crate::abi::vmctx::{ENTRY_NULL, VmContext, VmFunc, VmFuncEntry};
use crate::runtime::heap::object::Header;
use crate::runtime::heap::tracer::Tracer;
use std::ptr;
use std::sync::atomic::Ordering;

/// Reports the function of an entry, or the instance that can make its object.
pub(super) fn trace_entry(entry: &VmFuncEntry, tracer: &mut Tracer) {
    if !entry.func.is_null() {
        // SAFETY: a function object of this store.
        tracer.visit(unsafe { Func::from_vm(entry.func) });
    } else if !entry.vmctx.is_null() {
        // SAFETY: without an object the entry is of a guest function, so the context is that of its
        // instance, whose address the builder has stored there.
        tracer.visit_header(unsafe { &*(*entry.vmctx).instance.cast::<Header>() });
    }
}

impl VmFuncEntry {
    /// Known to be null.
    pub const NULL: VmFuncEntry = VmFuncEntry {
        sig: 0,
        own: (ENTRY_NULL >> 32) as u32,
        code: 0,
        vmctx: ptr::null_mut::<VmContext>(),
        func: ptr::null(),
    };

    /// The entry for a guest `funcref` (zero: null).
    ///
    /// # Safety
    /// `bits` is zero or the address of a function object's [`VmFunc`].
    pub unsafe fn from_bits(bits: u64) -> VmFuncEntry {
        let func = bits as *const VmFunc;
        // SAFETY: as promised by the caller.
        match unsafe { func.as_ref() } {
            None => VmFuncEntry::NULL,
            Some(vm) => {
                // SAFETY: the slot lives as long as the function.
                let code = unsafe { (*vm.slot).load(Ordering::Acquire) };
                VmFuncEntry { sig: vm.sig, own: vm.own, code, vmctx: vm.vmctx, func }
            }
        }
    }

    /// Whether the element was not written yet.
    pub(crate) fn is_unwritten(&self) -> bool {
        self.sig == 0 && self.own == 0
    }
}
