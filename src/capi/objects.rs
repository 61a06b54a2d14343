//! Reference handles: the objects behind them.
//!
//! A handle is the address of an object. Traits tie each C type to the objects that its handles may
//! stand for, so that asking a `wasm_func_t` for a table does not compile. What a C program passes may
//! still be wrong: a cast of its own, or a dead object (one whose store has been deleted). [`live`]
//! refuses both. Dead objects may only be copied, compared, cast and deleted.

use super::types::*;
use crate::error::Error;
use crate::runtime::func::Func;
use crate::runtime::global::Global;
use crate::runtime::handles::{Foreign, StoreModule};
use crate::runtime::instance::Instance;
use crate::runtime::memory::Memory;
use crate::runtime::object::{Gc, Header, Kind};
use crate::runtime::payload::Payload;
use crate::runtime::store::Store;
use crate::runtime::table::Table;
use crate::runtime::trap::Trap;
use std::ptr::NonNull;

/// A reference type of C.
pub trait Reference {
    /// Whether its handles may stand for objects of that kind.
    fn includes(kind: Kind) -> bool;
}

/// A reference type of C for one kind of object.
pub trait Handle: Reference {
    type Payload: Payload;
}

impl<T: Handle> Reference for T {
    fn includes(kind: Kind) -> bool {
        kind == T::Payload::KIND
    }
}

impl Reference for wasm_ref_t {
    fn includes(_: Kind) -> bool {
        true
    }
}

impl Reference for wasm_extern_t {
    fn includes(kind: Kind) -> bool {
        matches!(kind, Kind::Func | Kind::Global | Kind::Table | Kind::Memory | Kind::Tag)
    }
}

macro_rules! payloads {
    ($($ty:ident: $payload:ty;)*) => {$(
        impl Handle for $ty {
            type Payload = $payload;
        }
    )*};
}

payloads! {
    wasm_trap_t: Trap;
    wasm_foreign_t: Foreign;
    wasm_module_t: StoreModule;
    wasm_func_t: Func;
    wasm_global_t: Global;
    wasm_table_t: Table;
    wasm_memory_t: Memory;
    wasm_instance_t: Instance;
}

/// The header behind a handle, dead objects included.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn header<'a, T: Reference>(handle: *const T) -> Option<&'a Header> {
    // SAFETY: as promised by the caller.
    unsafe { handle.cast::<Header>().as_ref() }
}

/// The object behind a handle, with its store.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn live<'a, T: Handle>(handle: *const T) -> Result<(Gc<T::Payload>, &'a Store), Error> {
    // SAFETY: as promised by the caller.
    let (header, store) = unsafe { live_header(handle) }?;
    let object = header.downcast().ok_or_else(|| Error::argument("a handle of another kind"))?;
    Ok((object, store))
}

/// As [`live`], for any reference type; the object's kind is not checked.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn live_header<'a, T: Reference>(
    handle: *const T,
) -> Result<(&'a Header, &'a Store), Error> {
    // SAFETY: as promised by the caller.
    let header = unsafe { header(handle) }.ok_or_else(|| Error::argument("a handle is NULL"))?;
    let store = header.store().ok_or_else(|| Error::argument("the store has been deleted"))?;
    if store.is_dying() {
        return Err(Error::argument("the store is being deleted"));
    }
    Ok((header, store))
}

/// The C handle for an object whose root the caller owns.
pub fn own<T: Handle>(object: Gc<T::Payload>) -> *mut T {
    object.header_ptr().as_ptr().cast()
}

/// A handle that is lent: it counts no root.
pub fn lend<T: Handle>(object: Gc<T::Payload>) -> *mut T {
    object.header_ptr().as_ptr().cast()
}

/// A new C handle for an object.
pub fn share<T: Handle>(object: Gc<T::Payload>) -> *mut T {
    object.header().add_root();
    own(object)
}

/// A new C handle for an object that was exported.
pub fn share_extern(object: NonNull<Header>) -> *mut wasm_extern_t {
    // SAFETY: the caller got the object from a live store.
    let header = unsafe { object.as_ref() };
    debug_assert!(wasm_extern_t::includes(header.kind()));
    header.add_root();
    object.as_ptr().cast()
}

/// A second handle to the same object; NULL for NULL.
///
/// # Safety
/// `handle` is NULL or a handle that has not been deleted.
pub unsafe fn copy<T: Reference>(handle: *const T) -> *mut T {
    // SAFETY: as promised by the caller.
    if let Some(header) = unsafe { header(handle) } {
        header.add_root();
    }
    handle.cast_mut()
}

/// Gives a handle up.
///
/// # Safety
/// `handle` is NULL or an owned handle.
pub unsafe fn delete<T: Reference>(handle: *mut T) {
    if let Some(header) = NonNull::new(handle.cast::<Header>()) {
        // SAFETY: as promised by the caller.
        unsafe { Header::drop_root(header) };
    }
}
