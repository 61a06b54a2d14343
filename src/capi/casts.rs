//! Casts between the reference types.
//!
//! All handles of an object are its address, so a cast never changes it; C++ code relies on that.
//! Upward casts always succeed. Downward casts check the kind of the object.

use super::objects::{Reference, header};
use super::types::*;
use std::ptr;

/// The same handle as a `U`, if the object is of a kind that a `U` can be.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
unsafe fn downcast<T: Reference, U: Reference>(handle: *const T) -> *const U {
    // SAFETY: as promised by the caller.
    match unsafe { header(handle) } {
        Some(header) if U::includes(header.kind()) => handle.cast(),
        _ => ptr::null(),
    }
}

/// The casts between one type and a more general one.
macro_rules! casts {
    ($($ty:ident $base:ident $up:ident $up_const:ident $down:ident $down_const:ident)*) => {$(
        /// Returns the same object under the more general name: a view, not owned. NULL for NULL.
        #[unsafe(no_mangle)]
        pub extern "C" fn $up(object: *mut $ty) -> *mut $base {
            object.cast()
        }

        /// Returns the same object under the more general name: a view, not owned. NULL for NULL.
        #[unsafe(no_mangle)]
        pub extern "C" fn $up_const(object: *const $ty) -> *const $base {
            object.cast()
        }

        /// Returns the same object under the more specific name: a view, not owned. NULL for NULL
        /// or an object of another kind.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $down(object: *mut $base) -> *mut $ty {
            // SAFETY: NULL or a handle (C contract).
            unsafe { downcast::<_, $ty>(object) }.cast_mut()
        }

        /// Returns the same object under the more specific name: a view, not owned. NULL for NULL
        /// or an object of another kind.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $down_const(object: *const $base) -> *const $ty {
            // SAFETY: NULL or a handle (C contract).
            unsafe { downcast(object) }
        }
    )*};
}

casts! {
    wasm_trap_t wasm_ref_t wasm_trap_as_ref wasm_trap_as_ref_const
        wasm_ref_as_trap wasm_ref_as_trap_const
    wasm_foreign_t wasm_ref_t wasm_foreign_as_ref wasm_foreign_as_ref_const
        wasm_ref_as_foreign wasm_ref_as_foreign_const
    wasm_module_t wasm_ref_t wasm_module_as_ref wasm_module_as_ref_const
        wasm_ref_as_module wasm_ref_as_module_const
    wasm_func_t wasm_ref_t wasm_func_as_ref wasm_func_as_ref_const
        wasm_ref_as_func wasm_ref_as_func_const
    wasm_global_t wasm_ref_t wasm_global_as_ref wasm_global_as_ref_const
        wasm_ref_as_global wasm_ref_as_global_const
    wasm_table_t wasm_ref_t wasm_table_as_ref wasm_table_as_ref_const
        wasm_ref_as_table wasm_ref_as_table_const
    wasm_memory_t wasm_ref_t wasm_memory_as_ref wasm_memory_as_ref_const
        wasm_ref_as_memory wasm_ref_as_memory_const
    wasm_extern_t wasm_ref_t wasm_extern_as_ref wasm_extern_as_ref_const
        wasm_ref_as_extern wasm_ref_as_extern_const
    wasm_instance_t wasm_ref_t wasm_instance_as_ref wasm_instance_as_ref_const
        wasm_ref_as_instance wasm_ref_as_instance_const
    wasm_func_t wasm_extern_t wasm_func_as_extern wasm_func_as_extern_const
        wasm_extern_as_func wasm_extern_as_func_const
    wasm_global_t wasm_extern_t wasm_global_as_extern wasm_global_as_extern_const
        wasm_extern_as_global wasm_extern_as_global_const
    wasm_table_t wasm_extern_t wasm_table_as_extern wasm_table_as_extern_const
        wasm_extern_as_table wasm_extern_as_table_const
    wasm_memory_t wasm_extern_t wasm_memory_as_extern wasm_memory_as_extern_const
        wasm_extern_as_memory wasm_extern_as_memory_const
}
