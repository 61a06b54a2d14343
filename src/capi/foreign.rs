//! `wasm_foreign_t`: objects of the embedder that guest code carries around.

use super::guard::guard;
use super::objects::own;
use super::store::store_of;
use super::types::*;

/// A new object that is the same as no other. What it stands for is the caller's host info; as a
/// reference it is an `externref` value. NULL if the store is NULL or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_new(store: *mut wasm_store_t) -> *mut wasm_foreign_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let store = unsafe { store_of(store) }?;
        let _busy = store.make_room();
        Ok(own(store.new_foreign()?))
    })
}
