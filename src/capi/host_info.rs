//! Host info: a pointer of the embedder on any object, with an optional finalizer.
//!
//! It belongs to the object, not to the handle: every handle of the object sees it, and it is released with
//! the object. A call that fails has no effect, so its finalizer never runs.

use super::guard::guard;
use super::objects::{Reference, live_header};
use super::types::*;
use crate::error::Error;
use crate::runtime::environment::Environment;
use std::ffi::c_void;

/// # Safety
/// `object` is NULL or a handle that has not been deleted.
unsafe fn get<T: Reference>(object: *const T) -> Result<*mut c_void, Error> {
    // SAFETY: as promised by the caller.
    Ok(unsafe { live_header(object) }?.0.host_info())
}

/// # Safety
/// `object` is NULL or a handle that has not been deleted.
unsafe fn set<T: Reference>(
    object: *mut T,
    info: *mut c_void,
    finalizer: Finalizer,
) -> Result<(), Error> {
    // SAFETY: as promised by the caller.
    let (header, _) = unsafe { live_header(object) }?;
    // The finalizer of the former info runs here, last: it may delete the object, and even the store.
    drop(header.replace_host_info(Environment::new(info, finalizer)));
    Ok(())
}

/// The three functions of every reference type.
macro_rules! host_info {
    ($($ty:ident $get:ident $set:ident $set_with_finalizer:ident)*) => {$(
        /// Returns the pointer that was last attached to the object, through any of its handles.
        /// NULL if there is none, and for NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $get(object: *const $ty) -> *mut c_void {
            // SAFETY: NULL or a handle (C contract).
            guard(|| unsafe { get(object) })
        }

        /// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
        /// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
        /// the object is NULL or its store has been deleted, nothing changes and the last error is
        /// set.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $set(object: *mut $ty, info: *mut c_void) {
            // SAFETY: NULL or a handle (C contract).
            guard(|| unsafe { set(object, info, None) });
        }

        /// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
        /// NULL, runs once with the pointer: when another pointer is attached, or when the object
        /// is destroyed, which happens after nothing refers to it any more, and no later than the
        /// deletion of the store. It may delete handles, but not otherwise use a store that is
        /// being deleted. If the object is NULL or its store has been deleted, nothing changes and
        /// the finalizer never runs.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $set_with_finalizer(
            object: *mut $ty,
            info: *mut c_void,
            finalizer: Option<unsafe extern "C" fn(info: *mut c_void)>,
        ) {
            // SAFETY: NULL or a handle (C contract).
            guard(|| unsafe { set(object, info, finalizer) });
        }
    )*};
}

host_info! {
    wasm_ref_t wasm_ref_get_host_info wasm_ref_set_host_info wasm_ref_set_host_info_with_finalizer
    wasm_trap_t wasm_trap_get_host_info
        wasm_trap_set_host_info wasm_trap_set_host_info_with_finalizer
    wasm_foreign_t wasm_foreign_get_host_info
        wasm_foreign_set_host_info wasm_foreign_set_host_info_with_finalizer
    wasm_module_t wasm_module_get_host_info
        wasm_module_set_host_info wasm_module_set_host_info_with_finalizer
    wasm_func_t wasm_func_get_host_info
        wasm_func_set_host_info wasm_func_set_host_info_with_finalizer
    wasm_global_t wasm_global_get_host_info
        wasm_global_set_host_info wasm_global_set_host_info_with_finalizer
    wasm_table_t wasm_table_get_host_info
        wasm_table_set_host_info wasm_table_set_host_info_with_finalizer
    wasm_memory_t wasm_memory_get_host_info
        wasm_memory_set_host_info wasm_memory_set_host_info_with_finalizer
    wasm_extern_t wasm_extern_get_host_info
        wasm_extern_set_host_info wasm_extern_set_host_info_with_finalizer
    wasm_instance_t wasm_instance_get_host_info
        wasm_instance_set_host_info wasm_instance_set_host_info_with_finalizer
}
