//! What all reference handles share: `wasm_ref_t`, copying, deleting, comparing, casting.
//!
//! A handle is the address of an object. A husk (an object whose store has been deleted) may be
//! copied, compared and deleted; everything else goes through [`live`], which refuses husks.

use super::guard::guard;
use super::types::*;
use crate::error::Error;
use crate::runtime::object::{Gc, Header, Kind, Payload};
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
    let header = unsafe { header(handle) }.ok_or_else(|| Error::argument("a handle is NULL"))?;
    let store = header.store().ok_or_else(|| Error::argument("the store has been deleted"))?;
    if store.is_dying() {
        return Err(Error::argument("the store is being deleted"));
    }
    let object = header.downcast().ok_or_else(|| Error::argument("a handle of another kind"))?;
    Ok((object, store))
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

/// Copy and delete for the reference types.
macro_rules! handles {
    ($($ty:ident $copy:ident $delete:ident)*) => {$(
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
    )*};
}

handles! {
    wasm_ref_t wasm_ref_copy wasm_ref_delete
    wasm_trap_t wasm_trap_copy wasm_trap_delete
    wasm_module_t wasm_module_copy wasm_module_delete
    wasm_func_t wasm_func_copy wasm_func_delete
    wasm_global_t wasm_global_copy wasm_global_delete
    wasm_table_t wasm_table_copy wasm_table_delete
    wasm_memory_t wasm_memory_copy wasm_memory_delete
    wasm_extern_t wasm_extern_copy wasm_extern_delete
    wasm_instance_t wasm_instance_copy wasm_instance_delete
}

/// Whether two references are the same object; NULL is the same as NULL only.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_ref_same(a: *const wasm_ref_t, b: *const wasm_ref_t) -> bool {
    ptr::eq(a, b)
}

/// The function as a reference (a view, not owned).
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_as_ref(func: *mut wasm_func_t) -> *mut wasm_ref_t {
    func.cast()
}

/// The function as a reference (a view, not owned).
#[unsafe(no_mangle)]
pub extern "C" fn wasm_func_as_ref_const(func: *const wasm_func_t) -> *const wasm_ref_t {
    func.cast()
}

/// The reference as a function (a view, not owned); NULL if it is something else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_func(reference: *mut wasm_ref_t) -> *mut wasm_func_t {
    // SAFETY: NULL or a handle (C contract).
    unsafe { wasm_ref_as_func_const(reference) }.cast_mut()
}

/// The reference as a function (a view, not owned); NULL if it is something else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_func_const(
    reference: *const wasm_ref_t,
) -> *const wasm_func_t {
    // SAFETY: NULL or a handle (C contract).
    unsafe { as_kind(reference, Kind::Func) }
}

/// A view of `handle` if the object is of `kind`.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn as_kind<T, U>(handle: *const T, kind: Kind) -> *const U {
    // SAFETY: as promised by the caller.
    match unsafe { header(handle) } {
        Some(header) if header.kind() == kind => handle.cast(),
        _ => ptr::null(),
    }
}

/// The casts between an external kind and `wasm_extern_t`.
macro_rules! extern_casts {
    ($($ty:ident $kind:ident $up:ident $up_const:ident $down:ident $down_const:ident)*) => {$(
        /// The same object as an extern (a view, not owned).
        #[unsafe(no_mangle)]
        pub extern "C" fn $up(object: *mut $ty) -> *mut wasm_extern_t {
            object.cast()
        }

        /// The same object as an extern (a view, not owned).
        #[unsafe(no_mangle)]
        pub extern "C" fn $up_const(object: *const $ty) -> *const wasm_extern_t {
            object.cast()
        }

        /// The same object under its own name (a view); NULL if it is of another kind.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $down(object: *mut wasm_extern_t) -> *mut $ty {
            // SAFETY: NULL or a handle (C contract).
            unsafe { as_kind::<_, $ty>(object, Kind::$kind) }.cast_mut()
        }

        /// The same object under its own name (a view); NULL if it is of another kind.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $down_const(object: *const wasm_extern_t) -> *const $ty {
            // SAFETY: NULL or a handle (C contract).
            unsafe { as_kind(object, Kind::$kind) }
        }
    )*};
}

extern_casts! {
    wasm_func_t Func wasm_func_as_extern wasm_func_as_extern_const
        wasm_extern_as_func wasm_extern_as_func_const
    wasm_global_t Global wasm_global_as_extern wasm_global_as_extern_const
        wasm_extern_as_global wasm_extern_as_global_const
    wasm_table_t Table wasm_table_as_extern wasm_table_as_extern_const
        wasm_extern_as_table wasm_extern_as_table_const
    wasm_memory_t Memory wasm_memory_as_extern wasm_memory_as_extern_const
        wasm_extern_as_memory wasm_extern_as_memory_const
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
    let header = unsafe { header(handle) }.ok_or_else(|| Error::argument("a handle is NULL"))?;
    if header.store().is_none() {
        return Err(Error::argument("the store has been deleted"));
    }
    let object = Extern::from_header(header).ok_or_else(|| Error::argument("not an extern"))?;
    super::externtype::from_engine(&object.ty())
}
