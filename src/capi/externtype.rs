//! `wasm_externtype_t` and its five kinds: functype, globaltype, tabletype, memorytype, tagtype.
//!
//! One struct lies behind all six names, so that casts between them keep the address and deleting
//! through any of them deletes the whole. What the accessors lend (vectors, limits, the content
//! type) is part of the struct and valid as long as it. Nothing is filled in lazily, so several threads
//! may read a type at the same time.

use super::guard::guard;
use super::handle::{Owned, give, take};
use super::limits64::Limits64;
use super::types::*;
use super::valtype::{wasm_valtype_t, wasm_valtype_vec_t};
use super::vec::{CVec, collect, delete_vec, elements, pointer_vector};
use crate::error::{Error, Phase};
use crate::types::{ExternType, FuncType, GlobalType, TableType, ValType};
use std::ptr;
use std::sync::Arc;

/// What the handles of all extern types point at.
pub struct TypeObject {
    pub detail: Detail,
}

impl Owned for TypeObject {}

pub enum Detail {
    Func(FuncDetail),
    Global {
        content: Lent,
        mutability: wasm_mutability_t,
    },
    Table {
        element: Lent,
        limits: wasm_limits_t,
        full: Limits64,
    },
    Memory {
        limits: wasm_limits_t,
        full: Limits64,
    },
    /// A function type that the tag type owns.
    Tag(*mut wasm_functype_t),
}

/// The vectors that a functype lends.
pub struct FuncDetail {
    pub params: wasm_valtype_vec_t,
    pub results: wasm_valtype_vec_t,
}

impl Drop for FuncDetail {
    fn drop(&mut self) {
        // SAFETY: the vectors are owned by the type.
        unsafe {
            delete_vec(self.params);
            delete_vec(self.results);
        }
    }
}

/// A value type inside another type, whose address accessors lend.
pub struct Lent(pub wasm_valtype_t);

/// One of the six names.
pub trait TypeName {
    /// Whether its handles may stand for types of that kind.
    fn includes(kind: wasm_externkind_t) -> bool;
}

macro_rules! type_names {
    ($($ty:ident $kind:pat,)*) => {$(
        impl TypeName for $ty {
            fn includes(kind: wasm_externkind_t) -> bool {
                matches!(kind, $kind)
            }
        }
    )*};
}

type_names! {
    wasm_externtype_t _,
    wasm_functype_t WASM_EXTERN_FUNC,
    wasm_globaltype_t WASM_EXTERN_GLOBAL,
    wasm_tabletype_t WASM_EXTERN_TABLE,
    wasm_memorytype_t WASM_EXTERN_MEMORY,
    wasm_tagtype_t WASM_EXTERN_TAG,
}

/// The object behind a handle of any of the six names; NULL is an argument error.
///
/// # Safety
/// `handle` is NULL or the handle of an extern type.
pub unsafe fn object<'a, T: TypeName>(handle: *const T) -> Result<&'a TypeObject, Error> {
    // SAFETY: as promised by the caller.
    unsafe { handle.cast::<TypeObject>().as_ref() }.ok_or_else(|| Error::argument("a type is NULL"))
}

/// Hands out a new type, under a name that fits its kind.
pub fn give_type<T: TypeName>(detail: Detail) -> Result<*mut T, Error> {
    debug_assert!(T::includes(detail.kind()));
    Ok(give(TypeObject { detail })?.cast())
}

/// A vector of value types.
fn valtypes(types: &[ValType]) -> Result<wasm_valtype_vec_t, Error> {
    collect(types.iter().map(|&ty| give(wasm_valtype_t { ty }).ok()))
}

impl FuncDetail {
    fn new(ty: &FuncType) -> Result<FuncDetail, Error> {
        let mut detail =
            FuncDetail { params: valtypes(&ty.params)?, results: wasm_valtype_vec_t::EMPTY };
        detail.results = valtypes(&ty.results)?;
        Ok(detail)
    }

    /// The function type that the vectors describe. A NULL element is refused.
    fn to_func_type(&self) -> Result<FuncType, Error> {
        Ok(FuncType { params: to_types(&self.params)?, results: to_types(&self.results)? })
    }
}

fn to_types(vec: &wasm_valtype_vec_t) -> Result<Box<[ValType]>, Error> {
    // SAFETY: the vector belongs to a live type.
    let handles = unsafe { elements(vec) }?;
    let mut types = Vec::new();
    types.try_reserve_exact(handles.len())?;
    for handle in handles {
        // SAFETY: elements are NULL or owned handles.
        let ty =
            unsafe { handle.as_ref() }.ok_or_else(|| Error::argument("a value type is NULL"))?;
        types.push(ty.ty);
    }
    Ok(types.into_boxed_slice())
}

impl Detail {
    fn kind(&self) -> wasm_externkind_t {
        match self {
            Detail::Func(_) => WASM_EXTERN_FUNC,
            Detail::Global { .. } => WASM_EXTERN_GLOBAL,
            Detail::Table { .. } => WASM_EXTERN_TABLE,
            Detail::Memory { .. } => WASM_EXTERN_MEMORY,
            Detail::Tag(_) => WASM_EXTERN_TAG,
        }
    }

    /// The detail for a type of the engine.
    fn from_engine(ty: &ExternType) -> Result<Detail, Error> {
        let lent = |ty: ValType| Lent(wasm_valtype_t { ty });
        Ok(match ty {
            ExternType::Func(_, ty) => Detail::Func(FuncDetail::new(ty)?),
            ExternType::Global(GlobalType { content, mutable }) => {
                Detail::Global { content: lent(*content), mutability: u8::from(*mutable) }
            }
            ExternType::Table(TableType { element, limits, is_64 }) => {
                let full = Limits64::of_table(*limits, *is_64);
                let element = lent(ValType::Ref(*element));
                Detail::Table { element, limits: full.narrow(), full }
            }
            ExternType::Memory(ty) => {
                let full = Limits64::from(*ty);
                Detail::Memory { limits: full.narrow(), full }
            }
            ExternType::Tag(_, ty) => Detail::Tag(give_type(Detail::Func(FuncDetail::new(ty)?))?),
        })
    }

    fn copy(&self) -> Result<Detail, Error> {
        Ok(match self {
            Detail::Func(detail) => Detail::Func(FuncDetail::new(&detail.to_func_type()?)?),
            Detail::Global { content, mutability } => {
                Detail::Global { content: content.copy(), mutability: *mutability }
            }
            Detail::Table { element, limits, full } => {
                Detail::Table { element: element.copy(), limits: *limits, full: *full }
            }
            Detail::Memory { limits, full } => Detail::Memory { limits: *limits, full: *full },
            Detail::Tag(functype) => {
                // SAFETY: the tag type owns its functype.
                let copy = unsafe { copy_type(*functype) }?;
                Detail::Tag(copy)
            }
        })
    }
}

impl Lent {
    fn copy(&self) -> Lent {
        Lent(wasm_valtype_t { ty: self.0.ty })
    }
}

impl Drop for TypeObject {
    fn drop(&mut self) {
        if let Detail::Tag(functype) = self.detail {
            // SAFETY: the tag type owns its functype.
            unsafe { delete_type(functype) };
        }
    }
}

/// A deep copy under the same name; an error for NULL or when memory is short.
///
/// # Safety
/// `handle` is NULL or the handle of an extern type.
pub unsafe fn copy_type<T: TypeName>(handle: *const T) -> Result<*mut T, Error> {
    // SAFETY: as promised by the caller.
    give_type(unsafe { object(handle) }?.detail.copy()?)
}

/// Deletes a type of any of the six names; nothing for NULL.
///
/// # Safety
/// `handle` is NULL or an owned handle of an extern type.
pub unsafe fn delete_type<T: TypeName>(handle: *mut T) {
    // SAFETY: as promised by the caller.
    drop(unsafe { take(handle.cast::<TypeObject>()) });
}

/// A new handle for a type of the engine.
pub fn from_engine<T: TypeName>(ty: &ExternType) -> Result<*mut T, Error> {
    give_type(Detail::from_engine(ty)?)
}

/// Refuses a function type with too many parameters or results.
pub fn check_count(what: &str, count: usize, most: usize) -> Result<(), Error> {
    if count <= most {
        return Ok(());
    }
    Err(Error::limit(Phase::Other, format!("{count} {what}, allowed are {most}")))
}

/// The function type behind a functype handle.
///
/// # Safety
/// `handle` is NULL or a functype.
pub unsafe fn func_type(handle: *const wasm_functype_t) -> Result<Arc<FuncType>, Error> {
    // SAFETY: as promised by the caller.
    match unsafe { &object(handle)?.detail } {
        Detail::Func(detail) => Ok(Arc::new(detail.to_func_type()?)),
        _ => Err(Error::argument("not a function type")),
    }
}

/// Returns the kind of the type; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_kind(ty: *const wasm_externtype_t) -> wasm_externkind_t {
    // SAFETY: NULL or a handle (C contract).
    unsafe { object(ty) }.map_or(0, |object| object.detail.kind())
}

/// Copy and delete, which every name has.
macro_rules! copy_and_delete {
    ($($ty:ident $copy:ident $delete:ident)*) => {$(
        /// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $copy(ty: *const $ty) -> *mut $ty {
            if ty.is_null() {
                return ptr::null_mut();
            }
            // SAFETY: a handle (C contract).
            guard(|| unsafe { copy_type(ty) })
        }

        /// Deletes a type. Does nothing for NULL.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $delete(ty: *mut $ty) {
            // SAFETY: NULL or an owned handle (C contract).
            unsafe { delete_type(ty) };
        }
    )*};
}

copy_and_delete! {
    wasm_externtype_t wasm_externtype_copy wasm_externtype_delete
    wasm_functype_t wasm_functype_copy wasm_functype_delete
    wasm_globaltype_t wasm_globaltype_copy wasm_globaltype_delete
    wasm_tabletype_t wasm_tabletype_copy wasm_tabletype_delete
    wasm_memorytype_t wasm_memorytype_copy wasm_memorytype_delete
    wasm_tagtype_t wasm_tagtype_copy wasm_tagtype_delete
}

pointer_vector! {
    wasm_externtype_t: wasm_externtype_copy wasm_externtype_delete;
    wasm_externtype_vec_t: wasm_externtype_vec_new_empty wasm_externtype_vec_new_uninitialized wasm_externtype_vec_new
    wasm_externtype_vec_copy wasm_externtype_vec_delete
}

pointer_vector! {
    wasm_functype_t: wasm_functype_copy wasm_functype_delete;
    wasm_functype_vec_t: wasm_functype_vec_new_empty wasm_functype_vec_new_uninitialized wasm_functype_vec_new
    wasm_functype_vec_copy wasm_functype_vec_delete
}

pointer_vector! {
    wasm_globaltype_t: wasm_globaltype_copy wasm_globaltype_delete;
    wasm_globaltype_vec_t: wasm_globaltype_vec_new_empty wasm_globaltype_vec_new_uninitialized wasm_globaltype_vec_new
    wasm_globaltype_vec_copy wasm_globaltype_vec_delete
}

pointer_vector! {
    wasm_tabletype_t: wasm_tabletype_copy wasm_tabletype_delete;
    wasm_tabletype_vec_t: wasm_tabletype_vec_new_empty wasm_tabletype_vec_new_uninitialized wasm_tabletype_vec_new
    wasm_tabletype_vec_copy wasm_tabletype_vec_delete
}

pointer_vector! {
    wasm_memorytype_t: wasm_memorytype_copy wasm_memorytype_delete;
    wasm_memorytype_vec_t: wasm_memorytype_vec_new_empty wasm_memorytype_vec_new_uninitialized wasm_memorytype_vec_new
    wasm_memorytype_vec_copy wasm_memorytype_vec_delete
}

pointer_vector! {
    wasm_tagtype_t: wasm_tagtype_copy wasm_tagtype_delete;
    wasm_tagtype_vec_t: wasm_tagtype_vec_new_empty wasm_tagtype_vec_new_uninitialized wasm_tagtype_vec_new
    wasm_tagtype_vec_copy wasm_tagtype_vec_delete
}

/// The casts between one kind and `wasm_externtype_t`.
macro_rules! casts {
    ($($ty:ident $up:ident $up_const:ident $down:ident $down_const:ident)*) => {$(
        /// Returns the same type as an extern type: a view, not owned. NULL for NULL.
        #[unsafe(no_mangle)]
        pub extern "C" fn $up(ty: *mut $ty) -> *mut wasm_externtype_t {
            ty.cast()
        }

        /// Returns the same type as an extern type: a view, not owned. NULL for NULL.
        #[unsafe(no_mangle)]
        pub extern "C" fn $up_const(ty: *const $ty) -> *const wasm_externtype_t {
            ty.cast()
        }

        /// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
        /// type of another kind.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $down(ty: *mut wasm_externtype_t) -> *mut $ty {
            // SAFETY: NULL or a handle (C contract).
            unsafe { $down_const(ty) }.cast_mut()
        }

        /// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
        /// type of another kind.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $down_const(ty: *const wasm_externtype_t) -> *const $ty {
            // SAFETY: NULL or a handle (C contract).
            match unsafe { object(ty) } {
                Ok(object) if $ty::includes(object.detail.kind()) => ty.cast(),
                _ => ptr::null(),
            }
        }
    )*};
}

casts! {
    wasm_functype_t wasm_functype_as_externtype wasm_functype_as_externtype_const
        wasm_externtype_as_functype wasm_externtype_as_functype_const
    wasm_globaltype_t wasm_globaltype_as_externtype wasm_globaltype_as_externtype_const
        wasm_externtype_as_globaltype wasm_externtype_as_globaltype_const
    wasm_tabletype_t wasm_tabletype_as_externtype wasm_tabletype_as_externtype_const
        wasm_externtype_as_tabletype wasm_externtype_as_tabletype_const
    wasm_memorytype_t wasm_memorytype_as_externtype wasm_memorytype_as_externtype_const
        wasm_externtype_as_memorytype wasm_externtype_as_memorytype_const
    wasm_tagtype_t wasm_tagtype_as_externtype wasm_tagtype_as_externtype_const
        wasm_externtype_as_tagtype wasm_externtype_as_tagtype_const
}
