//! Exception tags. `wasm.h` has their types only, so an object is a `wasm_extern_t` of the kind
//! `WASM_EXTERN_TAG`.

use super::bytes::{name, wasm_name_t};
use super::externtype::{Detail, check_count, from_engine, func_type, object};
use super::guard::guard;
use super::objects::live_header;
use super::store::store_of;
use super::types::*;
use super::vec::output;
use crate::error::Error;
use crate::runtime::tag::Tag;
use crate::types::ExternType;

/// Makes an exception tag of the given type, which is borrowed. The result is an extern of kind
/// `WASM_EXTERN_TAG`, owned by the caller. Two tags are different even if their types are equal:
/// an exception is caught by the very tag that it was thrown with. NULL if an argument is NULL, the
/// function type has results or too many parameters, or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_tag_new(
    store: *mut wasm_store_t,
    ty: *const wasm_tagtype_t,
) -> *mut wasm_extern_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let store = unsafe { store_of(store) }?;
        // SAFETY: NULL or valid (C contract).
        let ty = match unsafe { &object(ty)?.detail } {
            // SAFETY: a tag type owns its function type.
            Detail::Tag(functype) => unsafe { func_type(*functype) }?,
            _ => return Err(Error::argument("not a tag type")),
        };
        if !ty.results.is_empty() {
            return Err(Error::argument("the type of a tag has results"));
        }
        let _busy = store.make_room();
        let engine = &store.engine;
        check_count("parameters", ty.params.len(), engine.config.limits.params as usize)?;
        engine.forget_types_if_crowded();
        let (id, ty) = engine.types.intern(&ty).ok_or_else(Error::out_of_memory)?;
        let tag = store.new_tag(id, ty, None)?;
        Ok(tag.header_ptr().as_ptr().cast())
    })
}

/// Returns the type of an exception tag, owned by the caller. NULL if the extern is NULL or not a
/// tag, or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_tag_type(tag: *const wasm_extern_t) -> *mut wasm_tagtype_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let (header, _) = unsafe { live_header(tag) }?;
        let tag = header.downcast::<Tag>().ok_or_else(|| Error::argument("not a tag"))?;
        from_engine(&ExternType::Tag(tag.id, tag.ty.clone()))
    })
}

/// Makes `out` the name of an exception tag in the module that defines it: from the name section, or
/// else from an export; owned by the caller. Empty if there is neither, if the host made the tag,
/// for NULL and for what is not a tag. The name may contain any character.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_tag_name(tag: *const wasm_extern_t, out: *mut wasm_name_t) {
    let find = || {
        // SAFETY: NULL or a handle (C contract).
        let (header, _) = unsafe { live_header(tag) }?;
        let tag = header.downcast::<Tag>().ok_or_else(|| Error::argument("not a tag"))?;
        name(&tag.name().unwrap_or_default())
    };
    // SAFETY: NULL or valid (C contract).
    unsafe { output(out, find) };
}
