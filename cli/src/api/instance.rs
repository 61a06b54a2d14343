//! Instances, what they import, and calls.

use super::error::Error;
use super::module::Module;
use super::names::lend;
use super::owner;
use super::store::Store;
use super::trap::Trap;
use super::types::FuncType;
use super::value::{Kind, Value};
use std::ffi::c_void;
use std::ptr;
use wasmrt::capi::casts::*;
use wasmrt::capi::externtype::wasm_functype_delete;
use wasmrt::capi::func::*;
use wasmrt::capi::functype::*;
use wasmrt::capi::instance::*;
use wasmrt::capi::reference::*;
use wasmrt::capi::trap::wasm_trap_new;
use wasmrt::capi::types::*;
use wasmrt::capi::valtype::*;
use wasmrt::capi::wasmrt_val::*;

owner! {
    /// An instance.
    Instance of wasm_instance_t, deleted by wasm_instance_delete
}

owner! {
    /// An import or export.
    Extern of wasm_extern_t, deleted by wasm_extern_delete
}

/// Why there is no instance, or a call has no results.
pub enum Failure {
    Error(Error),
    Trap(Trap),
}

impl Instance {
    /// With the imports in the order of the module.
    pub fn with(store: &Store, module: &Module, imports: &[Extern]) -> Result<Instance, Failure> {
        let handles: Vec<_> = imports.iter().map(Extern::handle).collect();
        let imports = wasm_extern_vec_t { size: handles.len(), data: handles.as_ptr().cast_mut() };
        let mut trap = ptr::null_mut();
        // SAFETY: valid handles, the imports borrowed; room for the trap.
        let instance =
            unsafe { wasm_instance_new(store.handle(), module.handle(), &imports, &mut trap) };
        Instance::new(instance).ok_or_else(|| match Trap::new(trap) {
            Some(trap) => Failure::Trap(trap),
            None => Failure::Error(Error::last()),
        })
    }

    /// The export of that name.
    pub fn export(&self, name: &str) -> Option<Extern> {
        // SAFETY: a valid handle; the name is borrowed.
        let export = unsafe { wasmrt_instance_export(self.handle(), &lend(name.as_bytes())) };
        Extern::new(export)
    }
}

impl Extern {
    /// A function in the place of a missing one: it traps when it is called, after `tell` has learned of the call.
    pub fn missing(
        store: &Store,
        ty: &FuncType,
        name: String,
        tell: Option<TellMissing>,
    ) -> Result<Extern, Error> {
        let ty = functype(ty);
        let env = Box::into_raw(Box::new(Missing { store: store.handle(), name, tell }));
        // SAFETY: valid handles; the function owns its environment from now on, whether or not it is made.
        let func = unsafe {
            let func = wasmrt_func_new(
                store.handle(),
                ty,
                Some(missing),
                env.cast(),
                Some(delete_missing),
            );
            wasm_functype_delete(ty);
            func
        };
        Extern::new(wasm_func_as_extern(func)).ok_or_else(Error::last)
    }

    /// Its type, if it is a function.
    pub fn func_type(&self) -> Option<FuncType> {
        // SAFETY: valid handles; the type is our own.
        unsafe {
            let func = wasm_extern_as_func(self.handle());
            let ty = wasm_func_type(func.as_ref()?);
            let types = FuncType::of(ty.as_ref()?);
            wasm_functype_delete(ty);
            Some(types)
        }
    }

    /// Calls a function, whose arguments must be of its type.
    pub fn call(&self, ty: &FuncType, args: &[Value]) -> Result<Vec<Value>, Trap> {
        let args: Vec<wasmrt_val_t> = args.iter().map(Value::raw).collect();
        let mut results: Vec<wasmrt_val_t> = ty.results.iter().map(|kind| kind.zero()).collect();
        // SAFETY: a valid handle, or NULL, for which there is a trap; arrays of these lengths.
        let trap = unsafe {
            let func = wasm_extern_as_func(self.handle());
            let (args, results) = (args.as_slice(), results.as_mut_slice());
            wasmrt_func_call(func, args.as_ptr(), args.len(), results.as_mut_ptr(), results.len())
        };
        match Trap::new(trap) {
            Some(trap) => Err(trap),
            // SAFETY: the library has written them. References in them stay until the process ends.
            None => Ok(results.iter().map(|value| unsafe { Value::of(value) }).collect()),
        }
    }
}

/// The type in the library's form.
fn functype(ty: &FuncType) -> *mut wasm_functype_t {
    let vector = |kinds: &[Kind]| {
        let handles: Vec<_> = kinds.iter().map(|kind| kind.valtype()).collect();
        let mut vec = wasm_valtype_vec_t { size: 0, data: ptr::null_mut() };
        // SAFETY: room for the result, which owns the types from now on.
        unsafe { wasm_valtype_vec_new(&mut vec, handles.len(), handles.as_ptr()) };
        vec
    };
    let (mut params, mut results) = (vector(&ty.params), vector(&ty.results));
    // SAFETY: the vectors become the type's.
    unsafe { wasm_functype_new(&mut params, &mut results) }
}

/// The environment of a function that stands for a missing import.
struct Missing {
    store: *mut wasm_store_t,
    name: String,
    tell: Option<TellMissing>,
}

/// Learns that a missing function is called: its name, and the arguments.
pub type TellMissing = fn(&str, &[Value]);

unsafe extern "C" fn missing(
    env: *mut c_void,
    args: *const wasmrt_val_t,
    n_args: usize,
    _: *mut wasmrt_val_t,
    _: usize,
) -> *mut wasm_trap_t {
    // SAFETY: the environment of the function.
    let Missing { store, name, tell } = unsafe { &*env.cast::<Missing>() };
    if let Some(tell) = tell {
        // SAFETY: as many arguments as said, which are values.
        let args: Vec<Value> = (0..n_args).map(|i| unsafe { Value::of(&*args.add(i)) }).collect();
        tell(name, &args);
    }
    let message = format!("missing import {name} was called");
    // SAFETY: the store is running the function; the text is borrowed.
    unsafe { wasm_trap_new(*store, &lend(message.as_bytes())) }
}

unsafe extern "C" fn delete_missing(env: *mut c_void) {
    // SAFETY: made from a box, and used no more.
    drop(unsafe { Box::from_raw(env.cast::<Missing>()) });
}
