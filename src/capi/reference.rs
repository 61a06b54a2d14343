//! What all reference types offer: copying, deleting, comparing; and the kind and type of an extern.

use super::externtype::{TypeName, from_engine};
use super::guard::guard;
use super::objects::{Reference, copy, delete, header, live_header};
use super::types::*;
use super::vec::pointer_vector;
use crate::error::Error;
use crate::runtime::link::Extern;
use std::ptr;

/// Copy, delete and compare for the reference types.
macro_rules! handles {
    ($($ty:ident $copy:ident $delete:ident $same:ident)*) => {$(
        /// Returns a new handle to the same object, owned by the caller; NULL for NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $copy(object: *const $ty) -> *mut $ty {
            // SAFETY: NULL or a handle (C contract).
            unsafe { copy(object) }
        }

        /// Deletes a handle; the object lives as long as something refers to it. Does nothing for
        /// NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $delete(object: *mut $ty) {
            // SAFETY: NULL or an owned handle (C contract).
            unsafe { delete(object) };
        }

        /// Returns whether two handles refer to the same object, wherever they came from. NULL is
        /// the same as NULL only.
        #[unsafe(no_mangle)]
        pub extern "C" fn $same(a: *const $ty, b: *const $ty) -> bool {
            ptr::eq(a, b)
        }
    )*};
}

handles! {
    wasm_ref_t wasm_ref_copy wasm_ref_delete wasm_ref_same
    wasm_trap_t wasm_trap_copy wasm_trap_delete wasm_trap_same
    wasm_foreign_t wasm_foreign_copy wasm_foreign_delete wasm_foreign_same
    wasm_module_t wasm_module_copy wasm_module_delete wasm_module_same
    wasm_func_t wasm_func_copy wasm_func_delete wasm_func_same
    wasm_global_t wasm_global_copy wasm_global_delete wasm_global_same
    wasm_table_t wasm_table_copy wasm_table_delete wasm_table_same
    wasm_memory_t wasm_memory_copy wasm_memory_delete wasm_memory_same
    wasm_extern_t wasm_extern_copy wasm_extern_delete wasm_extern_same
    wasm_instance_t wasm_instance_copy wasm_instance_delete wasm_instance_same
}

pointer_vector! {
    wasm_extern_t: wasm_extern_copy wasm_extern_delete;
    wasm_extern_vec_t: wasm_extern_vec_new_empty wasm_extern_vec_new_uninitialized wasm_extern_vec_new
    wasm_extern_vec_copy wasm_extern_vec_delete
}

/// Returns what kind of object an extern is; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_kind(object: *const wasm_extern_t) -> wasm_externkind_t {
    // SAFETY: NULL or a handle (C contract).
    unsafe { header(object) }.map_or(0, |header| header.kind() as u8)
}

/// Returns the current type of an extern, owned by the caller. NULL for NULL or when memory is
/// short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_type(object: *const wasm_extern_t) -> *mut wasm_externtype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| unsafe { type_of(object) })
}

/// A reference type whose objects can be imported, so that they have a type.
pub trait Typed: Reference {
    /// The C type of that type.
    type Type: TypeName;
}

macro_rules! types {
    ($($ty:ident: $type:ident;)*) => {$(
        impl Typed for $ty {
            type Type = $type;
        }
    )*};
}

types! {
    wasm_extern_t: wasm_externtype_t;
    wasm_func_t: wasm_functype_t;
    wasm_global_t: wasm_globaltype_t;
    wasm_table_t: wasm_tabletype_t;
    wasm_memory_t: wasm_memorytype_t;
}

/// The current type of an object.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn type_of<T: Typed>(handle: *const T) -> Result<*mut T::Type, Error> {
    // SAFETY: as promised by the caller.
    let (header, _) = unsafe { live_header(handle) }?;
    let object = Extern::from_header(header).filter(|_| T::includes(header.kind()));
    from_engine(&object.ok_or_else(|| Error::argument("a handle of another kind"))?.ty())
}
