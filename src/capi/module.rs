//! `wasm_module_t`.

use super::bytes::{ByteBuffer, bytes, c_string, wasm_byte_vec_t};
use super::externtype::from_engine;
use super::guard::guard;
use super::importtype::{export, import, wasm_exporttype_vec_t, wasm_importtype_vec_t};
use super::objects::{live, own};
use super::store::store_of;
use super::types::*;
use super::vec::{collect, output};
use crate::abi::Tier;
use crate::error::Error;
use crate::runtime::module::Compiled;
use crate::runtime::store::Store;
use crate::sys::file_bytes::FileBytes;
use std::ffi::{OsStr, c_char};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// Validates a module, and compiles it as the engine is set (`WASMRT_OPTION_COMPILE`). The bytes are
/// borrowed. The caller owns the result. NULL on failure, with the reason as last error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_new(
    store: *mut wasm_store_t,
    binary: *const wasm_byte_vec_t,
) -> *mut wasm_module_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, bytes) = unsafe { (store_of(store)?, bytes(binary)?) };
        let _busy = store.make_room();
        let compiled = Compiled::new(&store.engine, bytes, store.code_mode())?;
        Ok(own(store.new_module(compiled)?))
    })
}

/// Returns whether the bytes (borrowed) are a valid module; if not, the last error gives the
/// reason.
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

/// Makes `out` the imports of the module, in order; owned by the caller. Empty for NULL or when
/// memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_imports(
    module: *const wasm_module_t,
    out: *mut wasm_importtype_vec_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        output(out, || {
            let (module, _) = live(module)?;
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

/// Makes `out` the exports of the module, in order; owned by the caller. Empty for NULL or when
/// memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_exports(
    module: *const wasm_module_t,
    out: *mut wasm_exporttype_vec_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        output(out, || {
            let (module, _) = live(module)?;
            let module = module.compiled.module();
            collect(module.exports.iter().map(|e| {
                let ty = module.extern_type(e.kind, e.index);
                from_engine(&ty).and_then(|ty| export(e.name(module), ty)).ok()
            }))
        });
    }
}

/// Makes `out` bytes from which `wasm_module_deserialize` makes the module again, also in a later
/// process: the original binary, and optimized machine code for all functions. What is not optimized
/// yet is compiled now. They can be loaded by the same build of the library, on processors that have
/// what the code uses.
///
/// The bytes contain machine code, and their checksum detects only damage: whoever can change the
/// bytes can run code in the process that loads them. If others can write to the place where they
/// are stored, set a key with `wasmrt_config_set_serialize_key`.
///
/// The caller owns `out`. On failure (the module is NULL, its store has been deleted, or memory is
/// short) it is empty and the last error is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_serialize(
    module: *const wasm_module_t,
    out: *mut wasm_byte_vec_t,
) {
    // SAFETY: as this function's (C contract).
    unsafe { wasmrt_module_serialize(module, WASMRT_SERIALIZE_OPTIMIZED as u32, out) }
}

/// One of the `WASMRT_SERIALIZE_...` numbers.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
pub type wasmrt_serialize_t = u32;

/// Which machine code the bytes of a serialized module contain. Each function has one kind of code in
/// them, the best that there is.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_serialize_enum {
    /// What exists now; nothing is compiled.
    WASMRT_SERIALIZE_EXISTING = 1,
    /// What exists now. Functions without code are compiled first, fast and with little optimization.
    WASMRT_SERIALIZE_BASELINE = 2,
    /// Optimized code. What is not optimized yet is compiled first.
    WASMRT_SERIALIZE_OPTIMIZED = 3,
}

use wasmrt_serialize_enum::*;

/// As `wasm_module_serialize`, with the code that `contents` says, one of the `WASMRT_SERIALIZE_...`
/// numbers; any other is refused. A module that is made of the bytes compiles other functions at
/// their first call. If the engine that wrote the bytes optimizes hot functions, so does the one that
/// loads them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_serialize(
    module: *const wasm_module_t,
    contents: wasmrt_serialize_t,
    out: *mut wasm_byte_vec_t,
) {
    // SAFETY: NULL or valid (C contract).
    unsafe {
        output(out, || {
            let tier = match contents {
                _ if contents == WASMRT_SERIALIZE_EXISTING as u32 => None,
                _ if contents == WASMRT_SERIALIZE_BASELINE as u32 => Some(Tier::Baseline),
                _ if contents == WASMRT_SERIALIZE_OPTIMIZED as u32 => Some(Tier::Optimized),
                _ => return Err(Error::argument(format!("unknown contents {contents}"))),
            };
            let (module, _) = live(module)?;
            Ok(module.compiled.serialize(tier, ByteBuffer::zeroed)?.into_vec())
        });
    }
}

/// Writes the code of a module into the engine's cache folder now (`wasmrt_config_set_cache`), if it has
/// got more since it was written. The library does so by itself when the module is deleted, and
/// when functions have been optimized and no others follow; a process that may end at any moment can do it
/// earlier. Nothing is written for modules that were deserialized, or are so small that looking for
/// their code would take longer than compiling them. False, with the last error set, if the module is
/// NULL, its store has been deleted, the engine has no cache folder, or the folder cannot be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_keep(module: *const wasm_module_t) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        unsafe { compiled(module) }?.keep()?;
        Ok(true)
    })
}

/// Makes a module from bytes that `wasm_module_serialize` wrote, which are borrowed. The caller
/// owns the result. Nothing is compiled, and the bodies of functions are not validated again: that
/// was done before the code was made. Code that the bytes lack is compiled when it is needed: metered
/// code when an instance needs it, single functions at their first call.
///
/// NULL on failure, with the reason as last error. Its kind is `WASMRT_ERROR_SERIALIZED` if the
/// bytes are not a serialized module, or damaged, truncated, written by another build, for another
/// processor, or not sealed with the engine's key; it is another one if a limit of this engine or a
/// lack of memory prevents the module. The machine code is trusted: load only bytes from places
/// where only trusted programs can write, or use a key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_deserialize(
    store: *mut wasm_store_t,
    binary: *const wasm_byte_vec_t,
) -> *mut wasm_module_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, bytes) = unsafe { (store_of(store)?, bytes(binary)?) };
        deserialize(store, bytes)
    })
}

/// As `wasm_module_deserialize`, with the contents of a regular file. The whole file is read before
/// its contents are examined, so it may change or shrink meanwhile. NULL, with the reason as last
/// error, also if the path is NULL or the file cannot be read (`WASMRT_ERROR_SYSTEM`).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_deserialize_file(
    store: *mut wasm_store_t,
    path: *const c_char,
) -> *mut wasm_module_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (store, path) = unsafe { (store_of(store)?, c_string(path)?) };
        deserialize(store, &read_file(OsStr::from_bytes(path))?)
    })
}

fn deserialize(store: &Store, bytes: &[u8]) -> Result<*mut wasm_module_t, Error> {
    let _busy = store.make_room();
    let compiled = Compiled::deserialize(&store.engine, bytes)?;
    Ok(own(store.new_module(compiled)?))
}

/// The bytes that a regular file had when it was opened.
fn read_file(path: &OsStr) -> Result<FileBytes, Error> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::OutOfMemory => Error::out_of_memory(),
        _ => Error::system(format!("{}: {error}", path.display())),
    };
    // A pipe is not even opened: that could block for ever.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::system(format!("{}: not a regular file", path.display())));
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let len = file.metadata().map_err(failed)?.len();
    let bytes = FileBytes::read(file, len).map_err(failed)?;
    if (bytes.len() as u64) < len {
        return Err(failed(ErrorKind::UnexpectedEof.into()));
    }
    Ok(bytes)
}

/// The compiled module behind a handle.
///
/// # Safety
/// `module` is NULL or a handle that has not been deleted.
pub unsafe fn compiled(module: *const wasm_module_t) -> Result<Arc<Compiled>, Error> {
    // SAFETY: as promised by the caller.
    let (module, _) = unsafe { live(module) }?;
    Ok(module.compiled.clone())
}
