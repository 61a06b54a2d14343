//! `wasm_store_t`.

use super::engine::wasm_engine_t;
use super::guard::guard;
use super::types::wasm_store_t;
use crate::error::Error;
use crate::runtime::environment::Environment;
use crate::runtime::store::Store;
use std::ffi::c_void;
use std::ptr::NonNull;

/// Makes a store of the engine (borrowed), which the store keeps alive. The caller owns the result.
/// NULL for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_store_new(engine: *mut wasm_engine_t) -> *mut wasm_store_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let engine = unsafe { engine.as_ref() }.ok_or_else(|| Error::argument("engine is NULL"))?;
        let store = Store::new(engine.engine.clone())?;
        Ok(store.as_ptr().cast())
    })
}

/// Deletes a store with all its objects, and runs their finalizers. Handles that remain may only be
/// copied, cast, compared and deleted. If it is called from within a call of the store, or from a
/// finalizer that runs while the store is working (making an object, for example), it takes effect
/// when the outermost call or operation has returned; until then the store keeps working. Does
/// nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_store_delete(store: *mut wasm_store_t) {
    guard(|| {
        if let Some(store) = NonNull::new(store.cast::<Store>()) {
            // SAFETY: an owned handle (C contract).
            unsafe { Store::delete(store) };
        }
        Ok(())
    });
}

/// Declares the stack on which the store is about to be entered, if it is one whose bounds the
/// engine cannot know (a fiber): `size` bytes from `low`, its lowest address. The declaration holds
/// until the next one; a NULL `low` means the thread's own stack again. If the stack lies within the
/// stack of a thread (an array of a function that is being executed), that must be the calling
/// thread. If the store is NULL, only the last error is set.
///
/// On a stack that was not declared, guest code may use as much as `WASMRT_OPTION_MAX_WASM_STACK`
/// says, counted from the point of entry. Fibers that switch within calls of one store must be
/// declared, each before it enters the store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_set_stack(
    store: *mut wasm_store_t,
    low: *mut c_void,
    size: usize,
) {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let store = unsafe { store_of(store) }?;
        store.declare_stack((!low.is_null()).then_some((low as usize, size)));
        Ok(())
    });
}

/// Attaches a pointer to the store, replacing the former one, whose finalizer then runs; if both
/// pointers are equal, it does not. The finalizer, which may be NULL, runs once with the pointer: when
/// another pointer is attached, or when the store is deleted, after those of its objects. If the store
/// is NULL, nothing changes, the last error is set and the finalizer never runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_set_data(
    store: *mut wasm_store_t,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(data: *mut c_void)>,
) {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let store = unsafe { store_of(store) }?;
        let _busy = store.busy();
        drop(store.data.replace(Environment::new(data, finalizer)));
        Ok(())
    });
}

/// Returns the pointer that was last attached to the store; NULL if there is none, while the store is
/// being deleted, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmrt_store_data(store: *const wasm_store_t) -> *mut c_void {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(unsafe { store_of(store) }?.data.data()))
}

/// The store behind a handle. Refuses NULL, and a store whose finalizers are running.
///
/// # Safety
/// `handle` is NULL or a store that has not been deleted.
pub unsafe fn store_of<'a>(handle: *const wasm_store_t) -> Result<&'a Store, Error> {
    // SAFETY: as promised by the caller.
    let store = unsafe { handle.cast::<Store>().as_ref() };
    let store = store.ok_or_else(|| Error::argument("store is NULL"))?;
    if store.is_dying() {
        return Err(Error::argument("the store is being deleted"));
    }
    Ok(store)
}
