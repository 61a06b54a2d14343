//! Host functions: made from a callback, with the stub through which guest code calls it, or to trap.

use super::host::{converted_call, wide_call};
use super::native_call::can_call;
use crate::abi::vmctx::{NOT_DEFINED, VmFunc, VmHostFunc};
use crate::error::Error;
use crate::runtime::engines::signature::Signature;
use crate::runtime::externs::func::{Callback, Func, FuncBody, HostFunc};
use crate::runtime::heap::alloc::{OutOfMemory, try_box};
use crate::runtime::heap::environment::Environment;
use crate::runtime::heap::object::Gc;
use crate::runtime::stores::store::Store;
use crate::stubs::ImportKind;
use crate::types::{FuncType, SigId};
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

impl Store {
    /// A host function. The environment is dropped when the object dies, or now if this fails.
    pub fn new_host_func(
        &self,
        signature: Arc<Signature>,
        callback: Callback,
        env: Environment,
    ) -> Result<Gc<Func>, Error> {
        let (kind, target) = stub_target(&signature, callback, self.samples_host());
        if signature.overflows {
            self.need_overflow_results()?;
        }
        let stub = signature.import_stub(&self.engine.stubs, kind)?;
        let vm = VmHostFunc::new(&self.context, stub, target, env.data().cast());
        let host = HostFunc { vm, callback, env };
        let (sig, own) = (signature.id.as_u32(), NOT_DEFINED);
        let vm = VmFunc { sig, own, slot: ptr::null(), vmctx: ptr::null_mut() };
        let body = FuncBody::Host(host);
        let func = self.heap.allocate(Func { vm: Cell::new(vm), signature, body }, 0)?;
        if let FuncBody::Host(host) = &func.body {
            if kind.is_converted() {
                host.vm.env.set(func.as_ptr().cast_mut().cast());
            }
            host.vm.set_place();
            func.vm.set(VmFunc { sig, own, slot: &host.vm.slot, vmctx: host.vm.vmctx() });
        }
        Ok(func)
    }

    /// A function that traps with the text when it is called.
    pub(crate) fn new_trapping_func(
        &self,
        id: SigId,
        ty: &Arc<FuncType>,
        text: String,
    ) -> Result<Gc<Func>, Error> {
        let signature = self.engine.signatures.get(id, ty)?;
        let text = Box::into_raw(try_box(text).ok_or(OutOfMemory)?);
        let env = Environment::new(text.cast(), Some(drop_text));
        self.new_host_func(signature, Callback::Trap, env)
    }
}

unsafe extern "C" fn drop_text(text: *mut c_void) {
    // SAFETY: the environment's text, given up once.
    drop(unsafe { Box::from_raw(text.cast::<String>()) });
}

/// The kind of stub that a host function needs, and what that stub calls. A converted call finds the function
/// object in place of the environment.
fn stub_target(signature: &Signature, callback: Callback, is_sampled: bool) -> (ImportKind, usize) {
    let is_sampled = is_sampled
        && match callback {
            Callback::Native(_) => can_call(&signature.ty),
            _ => !signature.has_v128,
        };
    match callback {
        Callback::Wide(_) | Callback::Trap => (ImportKind::Wide, wide_call as *const () as usize),
        _ if signature.has_refs || is_sampled => {
            (ImportKind::Converted, converted_call as *const () as usize)
        }
        Callback::Plain(code) => (ImportKind::Plain, code),
        Callback::WithEnv(code) => (ImportKind::WithEnv, code),
        Callback::Native(code) => (ImportKind::Native, code),
    }
}
