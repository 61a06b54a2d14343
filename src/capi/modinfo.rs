//! Names and custom sections of a module.
//!
//! Both are parts of the binary, which the module keeps. Callers get copies.

use super::bytes::{c_string, copy_for, name, wasm_byte_vec_t, wasm_name_t};
use super::guard::guard;
use super::handle::write_out;
use super::module::compiled;
use super::types::*;
use super::vec::{CVec, delete_vec, output};
use crate::error::Error;
use crate::types::{FuncIndex, TagIndex};
use std::ffi::c_char;

/// Gives the module a name (a C string, copied), for backtraces: a file name, for example. It takes the
/// place of the one in the name section, in all stores that share the module, and stays as long as the
/// module. False, with the last error set, if the module was given another name before, memory is short,
/// or an argument is NULL or not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_set_name(
    module: *mut wasm_module_t,
    name: *const c_char,
) -> bool {
    guard(|| {
        // SAFETY: NULL, or a handle and a C string (C contract).
        let (module, name) = unsafe { (compiled(module)?, c_string(name)?) };
        let name = std::str::from_utf8(name);
        let name = name.map_err(|_| Error::argument("the name is not UTF-8"))?;
        let mut copied = String::new();
        copied.try_reserve_exact(name.len())?;
        copied.push_str(name);
        let given = module.module().give_name(copied.into_boxed_str());
        if given {
            Ok(true)
        } else {
            Err(Error::argument("the module has been given another name"))
        }
    })
}

/// Makes `out` the name that `wasmrt_module_set_name` gave the module, or else the one in its name
/// section; owned by the caller. Empty if there is none, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_name(module: *const wasm_module_t, out: *mut wasm_name_t) {
    // SAFETY: NULL or valid (C contract).
    unsafe { output(out, || name(&compiled(module)?.module().module_name().unwrap_or_default())) };
}

/// Makes `out` the name of a function from the module's name section, owned by the caller; `index`
/// counts imported functions. True if there is a name, which may be empty. Otherwise false, and
/// `out` is empty; if the module is NULL or has no such function, the last error says so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_func_name(
    module: *const wasm_module_t,
    index: u32,
    out: *mut wasm_name_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, wasm_name_t::EMPTY) };
        // SAFETY: NULL or a handle (C contract).
        let compiled = unsafe { compiled(module) }?;
        if index as usize >= compiled.module().functions.len() {
            return Err(Error::argument(format!("the module has no function {index}")));
        }
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_found(out, compiled.module().section_name(FuncIndex(index))) }
    })
}

/// Makes `out` the name of an exception tag from the module's name section, owned by the caller;
/// `index` counts imported tags. True if there is a name. Otherwise false, and `out` is empty; if
/// the module is NULL or has no such tag, the last error says so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_tag_name(
    module: *const wasm_module_t,
    index: u32,
    out: *mut wasm_name_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_out(out, wasm_name_t::EMPTY) };
        // SAFETY: NULL or a handle (C contract).
        let compiled = unsafe { compiled(module) }?;
        if index as usize >= compiled.module().tags.len() {
            return Err(Error::argument(format!("the module has no tag {index}")));
        }
        // SAFETY: NULL or valid for writes (C contract).
        unsafe { write_found(out, compiled.module().section_tag_name(TagIndex(index))) }
    })
}

/// Writes a copy of the name, if there is one, and returns whether there is.
///
/// # Safety
/// `out` is NULL or valid for writes.
unsafe fn write_found(out: *mut wasm_name_t, found: Option<String>) -> Result<bool, Error> {
    let Some(found) = found else { return Ok(false) };
    if !out.is_null() {
        // SAFETY: not NULL, so valid for writes.
        unsafe { out.write(name(&found)?) };
    }
    Ok(true)
}

/// Returns the number of custom sections, including the name section; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_custom_section_count(module: *const wasm_module_t) -> usize {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { compiled(module) }?.module().custom_sections.len()))
}

/// Makes `name` and `bytes` the name and contents of custom section `i`, counted from 0 in the
/// order of the binary; names need not be unique. The caller owns both; either may be NULL. False,
/// with both empty and the last error set, if the module is NULL, there is no such section, or
/// memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_module_custom_section(
    module: *const wasm_module_t,
    i: usize,
    name: *mut wasm_name_t,
    bytes: *mut wasm_byte_vec_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid for writes (C contract).
        unsafe {
            write_out(name, wasm_name_t::EMPTY);
            write_out(bytes, wasm_byte_vec_t::EMPTY);
        }
        // SAFETY: NULL or a handle (C contract).
        let compiled = unsafe { compiled(module) }?;
        let section = compiled.module().custom_section(i);
        let (its_name, content) =
            section.ok_or_else(|| Error::argument(format!("the module has no section {i}")))?;
        let name_copy = copy_for(name, its_name)?;
        let bytes_copy = copy_for(bytes, content).inspect_err(|_| {
            // SAFETY: just made, and nobody else's.
            unsafe { delete_vec(name_copy) };
        })?;
        // SAFETY: NULL or valid for writes (C contract).
        unsafe {
            write_out(name, name_copy);
            write_out(bytes, bytes_copy);
        }
        Ok(true)
    })
}
