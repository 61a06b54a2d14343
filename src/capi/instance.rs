//! `wasm_instance_t`.

use super::bytes::{bytes, c_string, wasm_name_t};
use super::guard::guard;
use super::handle::write_out;
use super::last_error;
use super::module::compiled;
use super::objects::{Handle, delete, header, lend, live, own, share, share_extern};
use super::reference::wasm_extern_vec_t;
use super::store::store_of;
use super::types::*;
use super::vec::{collect, elements, output};
use crate::abi::TrapCode;
use crate::error::{Error, ErrorKind, Phase};
use crate::quote::quoted;
use crate::runtime::failure::Failure;
use crate::runtime::instance::Instance;
use crate::runtime::object::{Gc, Header};
use crate::runtime::store::Store;
use crate::runtime::trap::{Message, Trap};
use smallvec::SmallVec;
use std::ffi::c_char;
use std::ptr::{self, NonNull};

/// Instantiates a module, which may be of another store of the same engine. `imports` are objects
/// of `store`, in the order of the module's imports; additional ones are ignored. Module and
/// imports are borrowed. On success the caller owns the result, and `*trap` is NULL. On failure the
/// result is NULL, and `*trap` is a trap owned by the caller: that of the start function or a
/// segment, or one whose message lists every import that is missing or does not fit (as does the
/// last error). `trap` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_new(
    store: *mut wasm_store_t,
    module: *const wasm_module_t,
    imports: *const wasm_extern_vec_t,
    trap: *mut *mut wasm_trap_t,
) -> *mut wasm_instance_t {
    // SAFETY: NULL or valid for writes (C contract).
    unsafe { write_out(trap, ptr::null_mut()) };
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let store = unsafe { store_of(store) }?;
        let _busy = store.busy();
        // SAFETY: NULL or valid (C contract).
        let made = unsafe { instantiate(store, module, imports) };
        // SAFETY: NULL or valid (C contract).
        Ok(unsafe { hand_out(store, made, trap) })
    })
}

/// The instance that was made, or NULL, with the reason in `*trap` unless that is NULL.
///
/// # Safety
/// `trap` is NULL or valid for writes.
pub(super) unsafe fn hand_out(
    store: &Store,
    made: Result<Gc<Instance>, Failure>,
    trap: *mut *mut wasm_trap_t,
) -> *mut wasm_instance_t {
    match made {
        Ok(instance) => own(instance),
        Err(failure) => {
            let failed: *mut wasm_trap_t = own(into_trap(store, failure));
            if trap.is_null() {
                // SAFETY: our own handle.
                unsafe { delete(failed) };
            } else {
                // SAFETY: as promised by the caller.
                unsafe { trap.write(failed) };
            }
            ptr::null_mut()
        }
    }
}

unsafe fn instantiate(
    store: &Store,
    module: *const wasm_module_t,
    imports: *const wasm_extern_vec_t,
) -> Result<Gc<Instance>, Failure> {
    // SAFETY: NULL or valid (C contract).
    let (module, handles) = unsafe { (compiled(module)?, elements(imports)?) };
    let mut provided = SmallVec::<[_; 16]>::new();
    provided.try_reserve(handles.len()).map_err(|_| Error::out_of_memory())?;
    // SAFETY: elements are NULL or handles (C contract).
    provided.extend(handles.iter().map(|h| unsafe { header(*h) }));
    store.instantiate(&module, &provided)
}

/// The trap that the caller gets; errors become the last error as well.
fn into_trap(store: &Store, failure: Failure) -> Gc<Trap> {
    match failure {
        Failure::Trap(trap) => trap,
        Failure::Error(error) => {
            let error = error.during(Phase::Instantiate);
            let code = match error.kind() {
                ErrorKind::OutOfMemory => TrapCode::OutOfMemory,
                ErrorKind::Internal => TrapCode::InternalError,
                _ => TrapCode::Refused,
            };
            let text = match error.kind() {
                ErrorKind::Link => error.message().to_owned(),
                _ => error.to_string(),
            };
            last_error::set(error);
            store.trap_or_emergency(Message::detailed(code, text))
        }
    }
}

/// Makes `out` the exports of the instance, in the order of the module's exports; owned by the
/// caller. Empty for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_exports(
    instance: *const wasm_instance_t,
    out: *mut wasm_extern_vec_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        output(out, || {
            let (instance, _) = live(instance)?;
            collect(
                instance.module().exports.iter().map(|export| {
                    instance.export(export.kind, export.index).ok().map(share_extern)
                }),
            )
        });
    }
}

/// Returns the export with the given name (borrowed), owned by the caller. NULL, with the last
/// error set, if the instance has none of that name, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_instance_export(
    instance: *const wasm_instance_t,
    name: *const wasm_name_t,
) -> *mut wasm_extern_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let ((instance, _), name) = unsafe { (live(instance)?, bytes(name)?) };
        Ok(share_extern(exported(instance, name)?))
    })
}

/// Returns the function that the instance exports under a name, a C string; owned by the caller. NULL,
/// with the last error set, if it exports nothing of that name or no function, and if an argument is
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_instance_func(
    instance: *const wasm_instance_t,
    name: *const c_char,
) -> *mut wasm_func_t {
    // SAFETY: NULL or valid (C contract).
    unsafe { export(instance, name) }
}

/// Returns the global that the instance exports under a name; otherwise as `wasmrt_instance_func`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_instance_global(
    instance: *const wasm_instance_t,
    name: *const c_char,
) -> *mut wasm_global_t {
    // SAFETY: NULL or valid (C contract).
    unsafe { export(instance, name) }
}

/// Returns the table that the instance exports under a name; otherwise as `wasmrt_instance_func`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_instance_table(
    instance: *const wasm_instance_t,
    name: *const c_char,
) -> *mut wasm_table_t {
    // SAFETY: NULL or valid (C contract).
    unsafe { export(instance, name) }
}

/// Returns the memory that the instance exports under a name; otherwise as `wasmrt_instance_func`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_instance_memory(
    instance: *const wasm_instance_t,
    name: *const c_char,
) -> *mut wasm_memory_t {
    // SAFETY: NULL or valid (C contract).
    unsafe { export(instance, name) }
}

/// The export of that name, if it is of the kind that is asked for.
///
/// # Safety
/// Both are NULL, or a handle and a C string.
unsafe fn export<T: Handle>(instance: *const wasm_instance_t, name: *const c_char) -> *mut T {
    guard(|| {
        // SAFETY: as promised by the caller.
        let ((instance, _), name) = unsafe { (live(instance)?, c_string(name)?) };
        let object = exported(instance, name)?;
        // SAFETY: an object of a live store.
        let object = unsafe { object.as_ref() }.downcast::<T::Payload>();
        Ok(share(object.ok_or_else(|| of_another_kind(instance, name))?))
    })
}

/// The object that is exported under a name.
fn exported(instance: Gc<Instance>, name: &[u8]) -> Result<NonNull<Header>, Error> {
    let export = instance.compiled().export(name);
    let none = || Error::argument(format!("no export is called {}", quoted(name)));
    let export = export.ok_or_else(none)?;
    Ok(instance.export(export.kind, export.index)?)
}

fn of_another_kind(instance: Gc<Instance>, name: &[u8]) -> Error {
    let found = match instance.compiled().export(name) {
        Some(export) => instance.module().extern_type(export.kind, export.index).to_string(),
        None => "nothing".to_owned(),
    };
    Error::argument(format!("the export {} is of another kind: {found}", quoted(name)))
}

/// Returns the instance whose code called the running host function; borrowed, valid while the host
/// function is running. NULL outside of host functions, and in host functions that the host itself
/// called.
///
/// A host function that was called through a table or a reference, not as an import, sometimes
/// cannot know its caller: if the store has several instances of the module (and the caller was
/// itself called like that, or is more than 256 frames deep), or a module with tail calls that
/// leave their instance. Then the result is NULL, too. Ask before the host function switches
/// fibers: afterwards the answer may be about a call that was made on another fiber in the
/// meantime.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_caller(store: *const wasm_store_t) -> *mut wasm_instance_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let store = unsafe { store_of(store) }?;
        let caller = store.caller();
        Ok(caller.map_or(ptr::null_mut(), lend))
    })
}
