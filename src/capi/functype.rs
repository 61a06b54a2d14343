//! `wasm_functype_t` and `wasm_tagtype_t`: constructors and accessors.

use super::externtype::{Detail, FuncDetail, give_type, object};
use super::guard::guard;
use super::types::*;
use super::valtype::wasm_valtype_vec_t;
use super::vec::{elements, take_vec};
use crate::error::Error;
use std::ptr;

/// Makes a function type, owned by the caller. It takes ownership of both vectors and leaves the
/// caller's structs empty. A NULL vector counts as empty. NULL if an element is NULL or memory is
/// short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_new(
    params: *mut wasm_valtype_vec_t,
    results: *mut wasm_valtype_vec_t,
) -> *mut wasm_functype_t {
    guard(|| {
        // SAFETY: NULL or owned vectors (C contract).
        let detail = unsafe { FuncDetail { params: take_vec(params), results: take_vec(results) } };
        for vec in [&detail.params, &detail.results] {
            // SAFETY: the vectors were valid when they were taken (C contract).
            if unsafe { elements(vec) }?.iter().any(|ty| ty.is_null()) {
                return Err(Error::argument("a value type is NULL"));
            }
        }
        give_type(Detail::Func(detail))
    })
}

unsafe fn func_detail<'a>(ty: *const wasm_functype_t) -> Result<&'a FuncDetail, Error> {
    // SAFETY: as promised by the caller.
    match unsafe { &object(ty)?.detail } {
        Detail::Func(detail) => Ok(detail),
        _ => Err(Error::argument("not a function type")),
    }
}

/// Returns the parameter types, borrowed: valid as long as the type. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_params(
    ty: *const wasm_functype_t,
) -> *const wasm_valtype_vec_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(&raw const unsafe { func_detail(ty) }?.params))
}

/// Returns the result types, borrowed: valid as long as the type. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_results(
    ty: *const wasm_functype_t,
) -> *const wasm_valtype_vec_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(&raw const unsafe { func_detail(ty) }?.results))
}

/// Makes the type of a tag whose exceptions carry the parameters of the function type, which it
/// takes ownership of. The caller owns the result. NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_new(functype: *mut wasm_functype_t) -> *mut wasm_tagtype_t {
    guard(|| {
        // SAFETY: NULL or an owned handle (C contract).
        unsafe { func_detail(functype) }?;
        // On failure the detail is dropped, and the function type with it.
        give_type(Detail::Tag(functype))
    })
}

/// Returns the function type, borrowed: valid as long as the type. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_functype(
    ty: *const wasm_tagtype_t,
) -> *const wasm_functype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| match unsafe { &object(ty)?.detail } {
        Detail::Tag(functype) => Ok(functype.cast_const()),
        _ => Ok(ptr::null()),
    })
}
