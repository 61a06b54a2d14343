//! `wasm_module_t`.

use super::engine::store_of;
use super::externtype::from_engine;
use super::guard::guard;
use super::importtype::{export, import};
use super::reference::{live, own};
use super::types::*;
use super::vec::{collect, elements, output};
use crate::error::Error;
use crate::runtime::module::{Compiled, StoreModule};
use std::sync::Arc;

unsafe fn bytes<'a>(binary: *const wasm_byte_vec_t) -> Result<&'a [u8], Error> {
    // SAFETY: NULL or a valid vector (C contract).
    let bytes = unsafe { elements(binary) }?;
    // SAFETY: `char` and `u8` have one layout.
    Ok(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) })
}

/// Validates and compiles a module; the bytes are borrowed for the call. NULL for a bad module,
/// with the reason as last error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_new(
    store: *mut wasm_store_t,
    binary: *const wasm_byte_vec_t,
) -> *mut wasm_module_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, bytes) = unsafe { (store_of(store)?, bytes(binary)?) };
        let _busy = store.busy();
        store.collect_if_due();
        let compiled = Compiled::new(&store.engine, bytes)?;
        Ok(own(store.new_module(compiled).map_err(|_| Error::out_of_memory())?))
    })
}

/// Whether the bytes are a valid module; if not, the last error says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_validate(
    store: *mut wasm_store_t,
    binary: *const wasm_byte_vec_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, bytes) = unsafe { (store_of(store)?, bytes(binary)?) };
        store.engine.validate(bytes)?;
        Ok(true)
    })
}

/// Makes `out` the types of the module's imports, in order. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_imports(
    module: *const wasm_module_t,
    out: *mut wasm_importtype_vec_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        output(out, || {
            let (module, _) = live::<StoreModule, _>(module)?;
            collect(
                module
                    .compiled
                    .module()
                    .imports
                    .iter()
                    .map(|i| from_engine(&i.ty).and_then(|ty| import(&i.module, &i.name, ty)).ok()),
            )
        });
    }
}

/// Makes `out` the types of the module's exports, in order. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_exports(
    module: *const wasm_module_t,
    out: *mut wasm_exporttype_vec_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        output(out, || {
            let (module, _) = live::<StoreModule, _>(module)?;
            let module = module.compiled.module();
            collect(module.exports.iter().map(|e| {
                let ty = module.extern_type(e.kind, e.index);
                from_engine(&ty).and_then(|ty| export(&e.name, ty)).ok()
            }))
        });
    }
}

/// The compiled module behind a handle.
///
/// # Safety
/// `module` is NULL or a handle that has not been deleted.
pub unsafe fn compiled(module: *const wasm_module_t) -> Result<Arc<Compiled>, Error> {
    // SAFETY: as promised by the caller.
    let (module, _) = unsafe { live::<StoreModule, _>(module) }?;
    Ok(module.compiled.clone())
}
