//! `wasm_foreign_t`: host objects that guest code passes around.

use super::guard::guard;
use super::objects::own;
use super::store::store_of;
use super::types::*;

/// Makes a new object, distinct from all others and owned by the caller. The host gives it a
/// meaning with host info; guest code sees it as an `externref`. NULL if the store is NULL or
/// memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_new(store: *mut wasm_store_t) -> *mut wasm_foreign_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let store = unsafe { store_of(store) }?;
        let _busy = store.make_room();
        Ok(own(store.new_foreign()?))
    })
}
