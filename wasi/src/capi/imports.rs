//! Binding modules to a context: host functions for what they import.

use super::wasi::{live, wasmrt_wasi_t};
use super::{Reason, SHORT, guard, room, take_engine_error};
use crate::bindings::*;
use crate::call::Binding;
use crate::table::{Function, MODULES, PREVIEW1, Param, find};
use std::ffi::{CString, c_void};
use std::ptr;
use std::rc::Rc;

/// Makes `out` the imports of a module, for `wasm_instance_new` in the same store: one element for each
/// import, in order. Functions that the module imports from `wasi_snapshot_preview1` or `wasi_unstable`
/// are made; all other elements are NULL, and the host fills them. The caller owns `out` and deletes it
/// with `wasm_extern_vec_delete`. Context, store and module are borrowed; the context can no longer be set
/// up. The functions use the memory of the instance that calls them (see
/// `wasmrt_store_caller_memory`).
///
/// False, with `out` empty and the reason as last error, if an argument is NULL, memory is short, or the
/// process has no descriptors left for the streams.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_imports(
    wasi: *mut wasmrt_wasi_t,
    store: *mut wasm_store_t,
    module: *const wasm_module_t,
    out: *mut wasm_extern_vec_t,
) -> bool {
    guard(|| {
        if out.is_null() {
            return Err("there is no room for the imports".into());
        }
        // SAFETY: valid for writes (C contract).
        unsafe { out.write(wasm_extern_vec_t::EMPTY) };
        // SAFETY: NULL or valid (C contract).
        let wasi = unsafe { live(wasi) }?;
        if store.is_null() || module.is_null() {
            return Err("the store or the module is NULL".into());
        }
        room()?;
        let binding = Rc::new(Binding { context: wasi.context()?, store });
        // SAFETY: as above.
        unsafe { fill(&binding, module, out) }.map(|()| true)
    })
}

/// Makes one function of WASI by the names with which modules import it, both borrowed. The caller owns
/// the result. NULL, with the reason as last error, if there is no such function, an argument is NULL, or
/// memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_func(
    wasi: *mut wasmrt_wasi_t,
    store: *mut wasm_store_t,
    module: *const wasm_name_t,
    name: *const wasm_name_t,
) -> *mut wasm_func_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let (wasi, module, name) = unsafe { (live(wasi)?, module.as_ref(), name.as_ref()) };
        let (Some(module), Some(name), false) = (module, name, store.is_null()) else {
            return Err("an argument is NULL".into());
        };
        // SAFETY: as above.
        let found = unsafe { find(module.as_slice(), name.as_slice()) };
        let function = found.ok_or("WASI has no function of that name")?;
        room()?;
        let binding = Rc::new(Binding { context: wasi.context()?, store });
        new_function(&binding, function)
    })
}

/// Defines all functions of WASI in a linker (borrowed) of the store, under both names of their module.
/// False, with the reason as last error, if an argument is NULL, the linker refuses a function (its reason
/// is `wasmrt_last_error`), or memory is short; what was defined until then stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_wasi_define(
    wasi: *mut wasmrt_wasi_t,
    store: *mut wasm_store_t,
    linker: *mut wasmrt_linker_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let wasi = unsafe { live(wasi) }?;
        if store.is_null() || linker.is_null() {
            return Err("the store or the linker is NULL".into());
        }
        room()?;
        let binding = Rc::new(Binding { context: wasi.context()?, store });
        for (module, name) in MODULES.iter().flat_map(|m| PREVIEW1.iter().map(|f| (*m, f.name))) {
            // SAFETY: as above.
            unsafe { define(&binding, linker, module, name) }?;
        }
        Ok(true)
    })
}

/// # Safety
/// The linker is valid.
unsafe fn define(
    binding: &Rc<Binding>,
    linker: *mut wasmrt_linker_t,
    module: &str,
    name: &str,
) -> Result<(), Reason> {
    let Some(function) = find(module.as_bytes(), name.as_bytes()) else { return Ok(()) };
    let (module, name) = (c_string(module)?, c_string(name)?);
    let func = new_function(binding, function)?;
    // SAFETY: the function is ours until it is deleted.
    unsafe {
        let object = wasm_func_as_extern(func);
        let done = wasmrt_linker_define(linker, module.as_ptr(), name.as_ptr(), object);
        wasm_extern_delete(object);
        if done { Ok(()) } else { Err(format!("the linker refuses {name:?}").into()) }
    }
}

fn c_string(text: &str) -> Result<CString, Reason> {
    CString::new(text).map_err(|error| error.to_string().into())
}

/// # Safety
/// The module is valid, and `out` an empty vector.
unsafe fn fill(
    binding: &Rc<Binding>,
    module: *const wasm_module_t,
    out: *mut wasm_extern_vec_t,
) -> Result<(), Reason> {
    // SAFETY: as promised by the caller; a vector of types is as long as it says.
    unsafe {
        let mut types = imports_of(module)?;
        wasm_extern_vec_new_uninitialized(out, types.size);
        let filled = if (*out).size == types.size {
            (0..types.size).try_for_each(|i| {
                let ty = types.data.add(i).read();
                let found = find_import(ty).map(|function| new_function(binding, function));
                let func = found.transpose()?.unwrap_or(ptr::null_mut());
                (*out).data.add(i).write(wasm_func_as_extern(func));
                Ok(())
            })
        } else {
            Err(SHORT)
        };
        wasm_importtype_vec_delete(&mut types);
        if filled.is_err() {
            wasm_extern_vec_delete(out);
            out.write(wasm_extern_vec_t::EMPTY);
        }
        filled
    }
}

/// The imports of a module, owned by the caller. The engine gives none also if it fails, and then has an error.
///
/// # Safety
/// The module is valid.
unsafe fn imports_of(module: *const wasm_module_t) -> Result<wasm_importtype_vec_t, Reason> {
    let mut types = wasm_importtype_vec_t::EMPTY;
    // SAFETY: as promised by the caller.
    unsafe {
        wasm_module_imports(module, &mut types);
        if types.size > 0 {
            return Ok(types);
        }
        // Once more, without the error of an older failure.
        take_engine_error();
        wasm_module_imports(module, &mut types);
    }
    match take_engine_error() {
        None => Ok(types),
        Some(WASMRT_ERROR_OUT_OF_MEMORY) => Err(SHORT),
        Some(_) => Err("the module cannot be used: its store has been deleted".into()),
    }
}

/// # Safety
/// The type is valid.
unsafe fn find_import(ty: *const wasm_importtype_t) -> Option<&'static Function> {
    // SAFETY: as promised by the caller.
    unsafe {
        if wasm_externtype_kind(wasm_importtype_type(ty)) != WASM_EXTERN_FUNC {
            return None;
        }
        find((*wasm_importtype_module(ty)).as_slice(), (*wasm_importtype_name(ty)).as_slice())
    }
}

fn new_function(binding: &Rc<Binding>, function: &Function) -> Result<*mut wasm_func_t, Reason> {
    room()?;
    let ty = new_type(function).ok_or(SHORT)?;
    let env = Rc::into_raw(binding.clone()).cast_mut().cast();
    // SAFETY: the engine calls the finalizer once, with the environment, also if this fails; the code has the
    // native prototype of the type.
    let func = unsafe {
        let func =
            wasmrt_func_new_native(binding.store, ty, Some(function.code), env, Some(unbind));
        wasm_functype_delete(ty);
        func
    };
    if func.is_null() { Err(SHORT) } else { Ok(func) }
}

unsafe extern "C" fn unbind(env: *mut c_void) {
    guard(|| {
        // SAFETY: it was made of an `Rc` in `new_function`.
        drop(unsafe { Rc::from_raw(env.cast_const().cast::<Binding>()) });
        Ok(())
    });
}

/// The type of a function; none if memory is short.
fn new_type(function: &Function) -> Option<*mut wasm_functype_t> {
    let kind = |param: &Param| match param {
        Param::I32 => WASM_I32,
        Param::I64 => WASM_I64,
    };
    let results: &[u8] = if function.has_result { &[WASM_I32] } else { &[] };
    let mut params = new_types(function.params.iter().map(kind))?;
    let results = new_types(results.iter().copied());
    // SAFETY: the vectors are given to the type, or deleted.
    unsafe {
        let Some(mut results) = results else {
            wasm_valtype_vec_delete(&mut params);
            return None;
        };
        let ty = wasm_functype_new(&mut params, &mut results);
        (!ty.is_null()).then_some(ty)
    }
}

/// A vector of types; none if memory is short.
fn new_types(kinds: impl ExactSizeIterator<Item = u8>) -> Option<wasm_valtype_vec_t> {
    let (mut vec, count) = (wasm_valtype_vec_t::EMPTY, kinds.len());
    // SAFETY: the vector is as long as it says, and takes the types.
    unsafe {
        wasm_valtype_vec_new_uninitialized(&mut vec, count);
        let mut is_whole = vec.size == count;
        for (i, kind) in kinds.enumerate().take(vec.size) {
            let ty = wasm_valtype_new(kind);
            is_whole &= !ty.is_null();
            vec.data.add(i).write(ty);
        }
        if !is_whole {
            wasm_valtype_vec_delete(&mut vec);
        }
        is_whole.then_some(vec)
    }
}
