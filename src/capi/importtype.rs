//! `wasm_importtype_t` and `wasm_exporttype_t`: names with a type.
//!
//! An export type is an import type without a module name, so one struct serves both.

use super::bytes::{bytes, lent_name, wasm_name_t};
use super::externtype::{copy_type, delete_type, object};
use super::guard::guard;
use super::handle::{Owned, give, take};
use super::types::*;
use super::vec::{CVec, delete_vec, pointer_vector, take_vec};
use crate::error::Error;
use std::ptr;

/// What import and export types point at.
struct Named {
    module: wasm_name_t,
    name: wasm_name_t,
    ty: *mut wasm_externtype_t,
}

impl Owned for Named {}

impl Drop for Named {
    fn drop(&mut self) {
        // SAFETY: names and type are owned by this struct.
        unsafe {
            delete_vec(self.module);
            delete_vec(self.name);
            delete_type(self.ty);
        }
    }
}

fn copy_name(source: &wasm_name_t) -> Result<wasm_name_t, Error> {
    // SAFETY: the name belongs to a live struct.
    lent_name(unsafe { bytes(source) }?)
}

impl Named {
    /// Hands itself out; refuses a NULL type.
    fn give<T>(self) -> Result<*mut T, Error> {
        // SAFETY: NULL or an owned handle.
        unsafe { object(self.ty) }?;
        Ok(give(self)?.cast())
    }

    fn copy(&self) -> Result<Named, Error> {
        let mut copy =
            Named { module: wasm_name_t::EMPTY, name: wasm_name_t::EMPTY, ty: ptr::null_mut() };
        copy.module = copy_name(&self.module)?;
        copy.name = copy_name(&self.name)?;
        // SAFETY: the type is owned by this struct.
        copy.ty = unsafe { copy_type(self.ty) }?;
        Ok(copy)
    }
}

/// An import type from texts, for module reflection.
pub fn import(
    module: &str,
    field: &str,
    ty: *mut wasm_externtype_t,
) -> Result<*mut wasm_importtype_t, Error> {
    let mut named = Named { module: wasm_name_t::EMPTY, name: wasm_name_t::EMPTY, ty };
    named.module = lent_name(module.as_bytes())?;
    named.name = lent_name(field.as_bytes())?;
    named.give()
}

/// An export type from text, for module reflection.
pub fn export(field: &str, ty: *mut wasm_externtype_t) -> Result<*mut wasm_exporttype_t, Error> {
    import("", field, ty).map(|handle| handle.cast())
}

unsafe fn named<'a, T>(handle: *const T) -> Result<&'a Named, Error> {
    // SAFETY: NULL or a handle (C contract).
    unsafe { handle.cast::<Named>().as_ref() }
        .ok_or_else(|| Error::argument("an import or export type is NULL"))
}

/// Makes an import type, owned by the caller. It takes ownership of both names, leaving the
/// caller's structs empty, and of the type. A NULL name counts as empty. NULL if the type is NULL
/// or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_new(
    module: *mut wasm_name_t,
    name: *mut wasm_name_t,
    ty: *mut wasm_externtype_t,
) -> *mut wasm_importtype_t {
    // SAFETY: NULL or owned (C contract).
    guard(|| unsafe { Named { module: take_vec(module), name: take_vec(name), ty } }.give())
}

/// Returns the module name, borrowed: valid as long as the import type. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_module(
    ty: *const wasm_importtype_t,
) -> *const wasm_name_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(&raw const unsafe { named(ty) }?.module))
}

/// Returns the name in the module, borrowed: valid as long as the import type. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_name(ty: *const wasm_importtype_t) -> *const wasm_name_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(&raw const unsafe { named(ty) }?.name))
}

/// Returns the type of the import, borrowed: valid as long as the import type. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_type(
    ty: *const wasm_importtype_t,
) -> *const wasm_externtype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { named(ty) }?.ty.cast_const()))
}

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_copy(
    ty: *const wasm_importtype_t,
) -> *mut wasm_importtype_t {
    if ty.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: a handle (C contract).
    guard(|| unsafe { named(ty) }?.copy()?.give())
}

/// Deletes an import type. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_delete(ty: *mut wasm_importtype_t) {
    // SAFETY: NULL or an owned handle (C contract).
    drop(unsafe { take(ty.cast::<Named>()) });
}

/// Makes an export type, owned by the caller. It takes ownership of the name, leaving the caller's
/// struct empty, and of the type. A NULL name counts as empty. NULL if the type is NULL or memory
/// is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_new(
    name: *mut wasm_name_t,
    ty: *mut wasm_externtype_t,
) -> *mut wasm_exporttype_t {
    // SAFETY: NULL or owned (C contract).
    guard(|| unsafe { Named { module: wasm_name_t::EMPTY, name: take_vec(name), ty } }.give())
}

/// Returns the name of the export, borrowed: valid as long as the export type. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_name(ty: *const wasm_exporttype_t) -> *const wasm_name_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(&raw const unsafe { named(ty) }?.name))
}

/// Returns the type of the export, borrowed: valid as long as the export type. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_type(
    ty: *const wasm_exporttype_t,
) -> *const wasm_externtype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { named(ty) }?.ty.cast_const()))
}

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_copy(
    ty: *const wasm_exporttype_t,
) -> *mut wasm_exporttype_t {
    if ty.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: a handle (C contract).
    guard(|| unsafe { named(ty) }?.copy()?.give())
}

/// Deletes an export type. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_delete(ty: *mut wasm_exporttype_t) {
    // SAFETY: NULL or an owned handle (C contract).
    drop(unsafe { take(ty.cast::<Named>()) });
}

pointer_vector! {
    wasm_importtype_t: wasm_importtype_copy wasm_importtype_delete;
    wasm_importtype_vec_t: wasm_importtype_vec_new_empty wasm_importtype_vec_new_uninitialized wasm_importtype_vec_new
    wasm_importtype_vec_copy wasm_importtype_vec_delete
}

pointer_vector! {
    wasm_exporttype_t: wasm_exporttype_copy wasm_exporttype_delete;
    wasm_exporttype_vec_t: wasm_exporttype_vec_new_empty wasm_exporttype_vec_new_uninitialized wasm_exporttype_vec_new
    wasm_exporttype_vec_copy wasm_exporttype_vec_delete
}
