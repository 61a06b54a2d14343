//! Function objects: guest functions that somebody refers to, and host functions.
//!
//! A `funcref` in guest code is the address of the object's [`VmFunc`], which is why that part comes
//! first. A guest function has at most one object per instance, so identity is pointer equality.

use crate::abi::vmctx::{Slot, VmContext, VmFunc, VmHostContext};
use crate::error::Error;
use crate::runtime::engines::signature::Signature;
use crate::runtime::heap::environment::Environment;
use crate::runtime::heap::object::{Gc, Kind, Object, OutOfMemory, Payload};
use crate::runtime::heap::tracer::{Trace, Tracer};
use crate::runtime::instances::instance::Instance;
use crate::runtime::stores::store::Store;
use crate::stubs::ImportKind;
use crate::types::FuncIndex;
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

#[repr(C)]
pub struct Func {
    /// What code reads; first.
    pub vm: Cell<VmFunc>,
    pub signature: Arc<Signature>,
    pub body: FuncBody,
}

const _: () = assert!(std::mem::offset_of!(Func, vm) == 0);

pub enum FuncBody {
    Guest { instance: Gc<Instance>, index: FuncIndex },
    Host(HostFunc),
}

/// How to reach the host's code.
#[derive(Clone, Copy)]
pub enum Callback {
    Plain(usize),
    WithEnv(usize),
    /// A C function of the type's own prototype, for types that allow it.
    Native(usize),
    /// With an environment, and arrays of wide values.
    Wide(usize),
}

pub struct HostFunc {
    context: VmHostContext,
    pub callback: Callback,
    pub env: Environment,
}

impl Payload for Func {
    const KIND: Kind = Kind::Func;
}

impl Trace for Func {
    fn trace(&self, tracer: &mut Tracer) {
        if let FuncBody::Guest { instance, .. } = &self.body {
            tracer.visit(*instance);
        }
    }
}

impl Func {
    /// The object that a non-null `funcref` of guest code stands for.
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

    /// What a host function's stub is called with, unless through an import.
    pub(crate) fn host_context(&self) -> Option<&VmHostContext> {
        match &self.body {
            FuncBody::Host(host) => Some(&host.context),
            FuncBody::Guest { .. } => None,
        }
    }

    /// The address to call right now.
    pub fn code(&self) -> usize {
        // SAFETY: the slot lives as long as the instance's code set or the host function.
        unsafe { (*self.vm.get().slot).load(std::sync::atomic::Ordering::Acquire) }
    }
}

impl Store {
    /// The object for a function that `instance` defines.
    pub(crate) fn new_guest_func(
        &self,
        instance: Gc<Instance>,
        index: FuncIndex,
        slot: *const Slot,
    ) -> Result<Gc<Func>, OutOfMemory> {
        let (id, ty) = instance.module().func_type(index);
        let signature = self.engine.signatures.get(id, ty)?;
        let vm = VmFunc { sig: id.as_u32().into(), slot, vmctx: instance.vmctx() };
        let body = FuncBody::Guest { instance, index };
        self.allocate(Func { vm: Cell::new(vm), signature, body }, 0)
    }

    /// A host function. The environment is dropped when the object dies, or now if none is made.
    pub fn new_host_func(
        &self,
        signature: Arc<Signature>,
        callback: Callback,
        env: Environment,
    ) -> Result<Gc<Func>, Error> {
        let (kind, target) = stub_target(&signature, callback);
        let context = VmHostContext {
            store: &self.context,
            slot: Slot::new(0),
            callback: target,
            instance: ptr::null(),
            env: Cell::new(env.data().cast()),
        };
        let host = HostFunc { context, callback, env };
        if signature.overflows {
            self.need_overflow_results()?;
        }
        let stub = signature.import_stub(&self.engine.stubs, kind)?;
        let sig = signature.id.as_u32().into();
        let vm = VmFunc { sig, slot: ptr::null(), vmctx: ptr::null_mut() };
        let body = FuncBody::Host(host);
        let func = self.allocate(Func { vm: Cell::new(vm), signature, body }, 0)?;
        if let FuncBody::Host(host) = &func.body {
            if kind.is_converted() {
                host.context.env.set(func.as_ptr().cast_mut().cast());
            }
            host.context.slot.store(stub, std::sync::atomic::Ordering::Release);
            let context: *const VmHostContext = &host.context;
            let vmctx = context.cast_mut().cast::<VmContext>();
            func.vm.set(VmFunc { sig, slot: &host.context.slot, vmctx });
        }
        Ok(func)
    }
}

/// Which stub a host function needs, and what that stub calls. A converted call finds the function
/// object in the place of the environment.
fn stub_target(signature: &Signature, callback: Callback) -> (ImportKind, usize) {
    match callback {
        Callback::Wide(_) => {
            (ImportKind::Wide, crate::runtime::calls::host::wide_call as *const () as usize)
        }
        _ if signature.has_refs => (
            ImportKind::Converted,
            crate::runtime::calls::host::converted_call as *const () as usize,
        ),
        Callback::Plain(code) => (ImportKind::Plain, code),
        Callback::WithEnv(code) => (ImportKind::WithEnv, code),
        Callback::Native(code) => (ImportKind::Native, code),
    }
}
