//! Function objects: guest functions that are referred to, and host functions.
//!
//! A `funcref` in guest code is the address of the object's [`VmFunc`], which is why that part comes first. A guest
//! function has at most one object per instance, so identity is pointer equality.

use crate::abi::vmctx::{VmFunc, VmHostFunc};
use crate::runtime::engines::signature::Signature;
use crate::runtime::heap::environment::Environment;
use crate::runtime::heap::object::{Any, Gc, Kind, Object};
use crate::runtime::heap::payload::Payload;
use crate::runtime::heap::tracer::Tracer;
use crate::types::FuncIndex;
use std::cell::Cell;
use std::sync::Arc;

#[repr(C)]
pub struct Func {
    /// The part that code reads; must come first.
    pub vm: Cell<VmFunc>,
    pub signature: Arc<Signature>,
    pub body: FuncBody,
}

const _: () = assert!(std::mem::offset_of!(Func, vm) == 0);

pub enum FuncBody {
    Guest { instance: Gc<Any>, index: FuncIndex },
    Host(HostFunc),
}

/// How to call the host.
#[derive(Clone, Copy)]
pub enum Callback {
    Plain(usize),
    WithEnv(usize),
    /// A C function of the type's own prototype, for types that allow it.
    Native(usize),
    /// With an environment, and arrays of wide values.
    Wide(usize),
    /// None: calls trap with the text (a `String`) that the environment points to.
    Trap,
}

pub struct HostFunc {
    pub(crate) vm: VmHostFunc,
    pub callback: Callback,
    pub env: Environment,
}

impl Payload for Func {
    const KIND: Kind = Kind::Func;

    fn trace(&self, tracer: &mut Tracer) {
        if let FuncBody::Guest { instance, .. } = &self.body {
            tracer.visit(*instance);
        }
    }
}

impl Func {
    /// The object of a non-null guest `funcref`.
    ///
    /// # Safety
    /// `vm` is the address of a function object's [`VmFunc`] in a live store.
    pub unsafe fn from_vm(vm: *const VmFunc) -> Gc<Func> {
        // SAFETY: the VmFunc is the first field of the payload of an `Object<Func>`.
        unsafe { Gc::from_ref(&*vm.byte_sub(Object::<Func>::PAYLOAD_OFFSET).cast()) }
    }

    pub fn as_vm(&self) -> *const VmFunc {
        self.vm.as_ptr()
    }

    /// The current address of the code.
    pub fn code(&self) -> usize {
        // SAFETY: the slot lives as long as the instance's code set or the host function.
        unsafe { (*self.vm.get().slot).load(std::sync::atomic::Ordering::Acquire) }
    }
}
