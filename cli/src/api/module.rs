//! Modules: validated, compiled, serialized and examined.

use super::error::Error;
use super::names::{borrowed, lend, taken, taken_text};
use super::owner;
use super::store::Store;
use super::types::ExternType;
use std::ptr;
use wasmrt::capi::importtype::*;
use wasmrt::capi::modinfo::*;
use wasmrt::capi::module::*;
use wasmrt::capi::reference::wasm_module_delete;
use wasmrt::capi::types::*;

owner! {
    /// A compiled module.
    Module of wasm_module_t, deleted by wasm_module_delete
}

pub struct Import {
    pub module: String,
    pub name: String,
    pub ty: ExternType,
}

pub struct Export {
    pub name: String,
    pub ty: ExternType,
}

impl Module {
    pub fn compile(store: &Store, bytes: &[u8]) -> Result<Module, Error> {
        // SAFETY: a valid handle; the bytes are borrowed.
        let module = unsafe { wasm_module_new(store.handle(), &lend(bytes)) };
        Module::new(module).ok_or_else(Error::last)
    }

    pub fn validate(store: &Store, bytes: &[u8]) -> Result<(), Error> {
        // SAFETY: a valid handle; the bytes are borrowed.
        let valid = unsafe { wasm_module_validate(store.handle(), &lend(bytes)) };
        if valid { Ok(()) } else { Err(Error::last()) }
    }

    pub fn deserialize(store: &Store, bytes: &[u8]) -> Result<Module, Error> {
        // SAFETY: a valid handle; the bytes are borrowed.
        let module = unsafe { wasm_module_deserialize(store.handle(), &lend(bytes)) };
        Module::new(module).ok_or_else(Error::last)
    }

    pub fn serialize(&self, contents: wasmrt_serialize_enum) -> Result<Vec<u8>, Error> {
        // SAFETY: a valid handle, and room for the result.
        let bytes = taken(|out| unsafe {
            wasmrt_module_serialize(self.handle(), contents as u32, out);
        });
        if bytes.is_empty() { Err(Error::last()) } else { Ok(bytes) }
    }

    /// Writes its code into the cache now.
    pub fn keep(&self) -> Result<(), Error> {
        // SAFETY: a valid handle.
        if unsafe { wasmrt_module_keep(self.handle()) } { Ok(()) } else { Err(Error::last()) }
    }

    /// From the name section; empty if there is none.
    pub fn name(&self) -> String {
        // SAFETY: a valid handle, and room for the result.
        taken_text(|out| unsafe { wasmrt_module_name(self.handle(), out) })
    }

    /// From the name section; empty if there is none.
    pub fn func_name(&self, index: u32) -> String {
        // SAFETY: a valid handle, and room for the result.
        taken_text(|out| unsafe {
            wasmrt_module_func_name(self.handle(), index, out);
        })
    }

    pub fn imports(&self) -> Vec<Import> {
        let mut vec = wasm_importtype_vec_t { size: 0, data: ptr::null_mut() };
        // SAFETY: a valid handle and room for the result, which has so many elements.
        unsafe {
            wasm_module_imports(self.handle(), &mut vec);
            let imports = (0..vec.size).map(|i| Import::of(*vec.data.add(i))).collect();
            wasm_importtype_vec_delete(&mut vec);
            imports
        }
    }

    pub fn exports(&self) -> Vec<Export> {
        let mut vec = wasm_exporttype_vec_t { size: 0, data: ptr::null_mut() };
        // SAFETY: a valid handle and room for the result, which has so many elements.
        unsafe {
            wasm_module_exports(self.handle(), &mut vec);
            let exports = (0..vec.size).map(|i| Export::of(*vec.data.add(i))).collect();
            wasm_exporttype_vec_delete(&mut vec);
            exports
        }
    }
}

/// # Safety
/// NULL or a valid name.
unsafe fn text(name: *const wasmrt::capi::bytes::wasm_name_t) -> String {
    // SAFETY: as promised by the caller.
    let bytes = unsafe { name.as_ref() }.map_or(&[][..], borrowed);
    String::from_utf8_lossy(bytes).into_owned()
}

impl Import {
    /// # Safety
    /// A valid handle.
    unsafe fn of(ty: *const wasm_importtype_t) -> Import {
        // SAFETY: as promised by the caller.
        unsafe {
            Import {
                module: text(wasm_importtype_module(ty)),
                name: text(wasm_importtype_name(ty)),
                ty: ExternType::of(wasm_importtype_type(ty)),
            }
        }
    }
}

impl Export {
    /// # Safety
    /// A valid handle.
    unsafe fn of(ty: *const wasm_exporttype_t) -> Export {
        // SAFETY: as promised by the caller.
        unsafe {
            Export {
                name: text(wasm_exporttype_name(ty)),
                ty: ExternType::of(wasm_exporttype_type(ty)),
            }
        }
    }
}
