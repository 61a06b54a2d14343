//! What all reference handles share: copying, deleting, comparing.
//!
//! A handle is the address of an object. A husk (an object whose store has been deleted) may be
//! copied, compared, cast and deleted; everything else goes through [`live`], which refuses husks.

use super::guard::guard;
use super::types::*;
use crate::error::Error;
use crate::runtime::object::{Gc, Header, Payload};
use crate::runtime::store::Store;
use std::ptr::{self, NonNull};

/// The header behind a handle of any reference type.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn header<'a, T>(handle: *const T) -> Option<&'a Header> {
    // SAFETY: as promised by the caller.
    unsafe { handle.cast::<Header>().as_ref() }
}

/// The object behind a handle, with its store.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn live<'a, P: Payload, T>(handle: *const T) -> Result<(Gc<P>, &'a Store), Error> {
    // SAFETY: as promised by the caller.
    let (header, store) = unsafe { live_header(handle) }?;
    let object = header.downcast().ok_or_else(|| Error::argument("a handle of another kind"))?;
    Ok((object, store))
}

/// As [`live`], for an object of any kind.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn live_header<'a, T>(handle: *const T) -> Result<(&'a Header, &'a Store), Error> {
    // SAFETY: as promised by the caller.
    let header = unsafe { header(handle) }.ok_or_else(|| Error::argument("a handle is NULL"))?;
    let store = header.store().ok_or_else(|| Error::argument("the store has been deleted"))?;
    if store.is_dying() {
        return Err(Error::argument("the store is being deleted"));
    }
    Ok((header, store))
}

/// A handle of C for an object whose root the caller owns.
pub fn own<P, T>(object: Gc<P>) -> *mut T {
    object.header_ptr().as_ptr().cast()
}

/// A new handle of C for an object.
pub fn share<T>(header: NonNull<Header>) -> *mut T {
    // SAFETY: the caller got the object from a live store.
    unsafe { header.as_ref() }.add_root();
    header.as_ptr().cast()
}

/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
unsafe fn copy<T>(handle: *const T) -> *mut T {
    // SAFETY: as promised by the caller.
    if let Some(header) = unsafe { header(handle) } {
        header.add_root();
    }
    handle.cast_mut()
}

/// # Safety
/// `handle` is NULL or an owned handle.
pub unsafe fn delete<T>(handle: *mut T) {
    if let Some(header) = NonNull::new(handle.cast::<Header>()) {
        // SAFETY: as promised by the caller.
        unsafe { Header::drop_root(header) };
    }
}

/// Copy, delete and compare for the reference types.
macro_rules! handles {
    ($($ty:ident $copy:ident $delete:ident $same:ident)*) => {$(
        /// Another handle to the same object; NULL for NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $copy(object: *const $ty) -> *mut $ty {
            // SAFETY: NULL or a handle (C contract).
            unsafe { copy(object) }
        }

        /// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $delete(object: *mut $ty) {
            // SAFETY: NULL or an owned handle (C contract).
            unsafe { delete(object) };
        }

        /// Whether two handles are of one object, however they were come by. NULL is the same as
        /// NULL only.
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

/// What kind of object an extern is; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_kind(object: *const wasm_extern_t) -> wasm_externkind_t {
    // SAFETY: NULL or a handle (C contract).
    unsafe { header(object) }.map_or(0, |header| header.kind() as u8)
}

/// The current type of an extern, owned by the caller; NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_type(object: *const wasm_extern_t) -> *mut wasm_externtype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| unsafe { type_of(object) })
}

/// The current type of an object that can be imported.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn type_of<T, U>(handle: *const T) -> Result<*mut U, Error> {
    use crate::runtime::link::Extern;
    // SAFETY: as promised by the caller.
    let (header, _) = unsafe { live_header(handle) }?;
    let object = Extern::from_header(header).ok_or_else(|| Error::argument("not an extern"))?;
    super::externtype::from_engine(&object.ty())
}
