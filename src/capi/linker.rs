//! `wasmrt_linker_t`: imports by name.

use super::bytes::c_string;
use super::func::{host_func, wasm_func_callback_with_env_t};
use super::guard::guard;
use super::handle::{Owned, give, take, write_out};
use super::instance::hand_out;
use super::module::compiled;
use super::native::wasmrt_native_t;
use super::objects::{header, live, share_extern};
use super::store::store_of;
use super::types::*;
use super::wasmrt_val::wasmrt_func_callback_t;
use crate::error::Error;
use crate::quote::quoted;
use crate::runtime::environment::Environment;
use crate::runtime::func::Callback;
use crate::runtime::linker::Linker;
use crate::runtime::object::give_up_root;
use crate::runtime::store::Store;
use std::ffi::{c_char, c_void};
use std::ptr::{self, NonNull};
use std::rc::Rc;

/// What modules may import, by module and name, in one store. A linker keeps what is defined in it; it is
/// used by the thread that uses the store.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub struct wasmrt_linker_t {
    /// Counted, because a finalizer or host function may delete the linker that is in use.
    linker: Rc<Linker>,
}

impl Owned for wasmrt_linker_t {}

/// Makes a linker for a store, in which nothing is defined; owned by the caller. When the store has been
/// deleted, the linker can only be deleted. NULL, with the last error set, if the store is NULL or memory
/// is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_new(store: *mut wasm_store_t) -> *mut wasmrt_linker_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let store = unsafe { store_of(store) }?;
        let _busy = store.make_room();
        give(wasmrt_linker_t { linker: Rc::new(Linker::new(store)?) })
    })
}

/// Says whether a name may be defined again, which replaces what was defined before. By default it is
/// refused. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_allow_shadowing(linker: *mut wasmrt_linker_t, allow: bool) {
    // SAFETY: NULL or a handle (C contract).
    if let Some(linker) = unsafe { linker.as_ref() } {
        linker.linker.allow_shadowing(allow);
    }
}

/// Defines an object of the store for imports of `name` from `module` (both C strings, copied). The
/// object is borrowed; the linker keeps it. False, with the last error set and no change, if the name is
/// defined already and shadowing is not allowed, the object is of another store, memory is short, or an
/// argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_define(
    linker: *mut wasmrt_linker_t,
    module: *const c_char,
    name: *const c_char,
    object: *const wasm_extern_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (linker, _) = unsafe { linker_of(linker) }?;
        // SAFETY: NULL or valid (C contract).
        let (module, name) = unsafe { (c_string(module)?, c_string(name)?) };
        // SAFETY: NULL or valid (C contract).
        let object = unsafe { header(object) };
        linker.define(module, name, object.ok_or_else(|| Error::argument("a handle is NULL"))?)?;
        Ok(true)
    })
}

/// Defines a host function as `wasmrt_func_new` makes it. The type is borrowed. The finalizer, which may
/// be NULL, runs once with `env`: when the function is destroyed, no later than the store, or immediately
/// if the result is false. False, with the last error set, for the reasons of `wasmrt_linker_define` and
/// of `wasmrt_func_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_define_func(
    linker: *mut wasmrt_linker_t,
    module: *const c_char,
    name: *const c_char,
    ty: *const wasm_functype_t,
    callback: wasmrt_func_callback_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> bool {
    let callback = callback.map(|code| Callback::Wide(code as usize));
    let env = Environment::new(env, finalizer);
    // SAFETY: NULL or valid (C contract).
    unsafe { define_host(linker, module, name, ty, callback, env) }
}

/// Defines a host function as `wasm_func_new_with_env` makes it; otherwise as
/// `wasmrt_linker_define_func`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_define_callback(
    linker: *mut wasmrt_linker_t,
    module: *const c_char,
    name: *const c_char,
    ty: *const wasm_functype_t,
    callback: wasm_func_callback_with_env_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> bool {
    let callback = callback.map(|code| Callback::WithEnv(code as usize));
    let env = Environment::new(env, finalizer);
    // SAFETY: NULL or valid (C contract).
    unsafe { define_host(linker, module, name, ty, callback, env) }
}

/// Defines a host function as `wasmrt_func_new_native` makes it; otherwise as
/// `wasmrt_linker_define_func`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_define_native(
    linker: *mut wasmrt_linker_t,
    module: *const c_char,
    name: *const c_char,
    ty: *const wasm_functype_t,
    code: wasmrt_native_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
) -> bool {
    let callback = code.map(|code| Callback::Native(code as usize));
    let env = Environment::new(env, finalizer);
    // SAFETY: NULL or valid (C contract).
    unsafe { define_host(linker, module, name, ty, callback, env) }
}

/// Defines every export of an instance (borrowed) of the store, under the export's name and the module
/// name `module`, which is a C string and copied. False, with the last error set and no change, if one
/// of the names is defined already and shadowing is not allowed, the instance is of another store, memory
/// is short, or an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_define_instance(
    linker: *mut wasmrt_linker_t,
    module: *const c_char,
    instance: *const wasm_instance_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let ((linker, store), name) = unsafe { (linker_of(linker)?, c_string(module)?) };
        // SAFETY: NULL or valid (C contract).
        let (instance, _) = unsafe { live(instance) }?;
        let _busy = store.make_room();
        linker.define_instance(name, instance)?;
        Ok(true)
    })
}

/// Defines each function that a module (borrowed) imports and that is not defined yet, as a function
/// that traps when it is called; the message says which import was missing. Imports of other kinds stay
/// undefined. False, with the last error set, if the module is of another engine, memory is short, or an
/// argument is NULL; what was defined until then stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_define_traps(
    linker: *mut wasmrt_linker_t,
    module: *const wasm_module_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let ((linker, store), module) = unsafe { (linker_of(linker)?, compiled(module)?) };
        let _busy = store.make_room();
        linker.define_traps(&module)?;
        Ok(true)
    })
}

/// Returns what is defined for imports of `name` from `module` (both C strings), owned by the caller.
/// NULL, with the last error set, if nothing is, and if an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_get(
    linker: *const wasmrt_linker_t,
    module: *const c_char,
    name: *const c_char,
) -> *mut wasm_extern_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (linker, _) = unsafe { linker_of(linker) }?;
        // SAFETY: NULL or valid (C contract).
        let (module, name) = unsafe { (c_string(module)?, c_string(name)?) };
        let found = linker.get(module, name).ok_or_else(|| {
            let (module, name) = (quoted(module), quoted(name));
            Error::argument(format!("no extern is defined with the name {module} {name}"))
        })?;
        Ok(share_extern(NonNull::from(found.header())))
    })
}

/// Instantiates a module (borrowed), which may be of another store of the same engine, with what is
/// defined for its imports. Otherwise as `wasm_instance_new`: on failure the result is NULL, and `*trap`
/// is a trap whose message lists every import that is not defined or does not fit. NULL, with `*trap` NULL
/// and the last error set, if the linker is NULL or its store has been deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_instantiate(
    linker: *const wasmrt_linker_t,
    module: *const wasm_module_t,
    trap: *mut *mut wasm_trap_t,
) -> *mut wasm_instance_t {
    // SAFETY: NULL or valid for writes (C contract).
    unsafe { write_out(trap, ptr::null_mut()) };
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let (linker, store) = unsafe { linker_of(linker) }?;
        let _busy = store.busy();
        // SAFETY: NULL or valid (C contract).
        let module = unsafe { compiled(module) };
        let made = module.map_err(Into::into).and_then(|module| linker.instantiate(&module));
        // SAFETY: NULL or valid for writes (C contract).
        Ok(unsafe { hand_out(store, made, trap) })
    })
}

/// Deletes a linker; what was made with it remains. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_linker_delete(linker: *mut wasmrt_linker_t) {
    // SAFETY: NULL or an owned handle (C contract).
    guard(|| Ok(drop(unsafe { take(linker) })));
}

/// The linker behind a handle, with its store.
///
/// # Safety
/// `handle` is NULL or a linker that has not been deleted.
unsafe fn linker_of<'a>(handle: *const wasmrt_linker_t) -> Result<(Rc<Linker>, &'a Store), Error> {
    // SAFETY: as promised by the caller.
    let handle = unsafe { handle.as_ref() }.ok_or_else(|| Error::argument("linker is NULL"))?;
    Ok((handle.linker.clone(), handle.linker.store()?))
}

/// Makes and defines a host function. Nothing is made for a name that may not be defined, so that the
/// finalizer runs at once.
///
/// # Safety
/// The contract of the C functions.
unsafe fn define_host(
    linker: *mut wasmrt_linker_t,
    module: *const c_char,
    name: *const c_char,
    ty: *const wasm_functype_t,
    callback: Option<Callback>,
    env: Environment,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (linker, store) = unsafe { linker_of(linker) }?;
        // SAFETY: NULL or valid (C contract).
        let (module, name) = unsafe { (c_string(module)?, c_string(name)?) };
        linker.check_free(module, name)?;
        let _busy = store.busy();
        // SAFETY: NULL or valid (C contract).
        let func = unsafe { host_func(store, ty, callback, env) }?;
        let defined = linker.define(module, name, func.header());
        give_up_root(func.header_ptr());
        defined.map(|()| true)
    })
}
