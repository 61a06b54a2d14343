//! `wasm_table_t`.

use super::externtype::{Detail, object};
use super::guard::guard;
use super::objects::{header, live, own};
use super::reference::type_of;
use super::store::store_of;
use super::types::*;
use crate::error::Error;
use crate::runtime::references::lift_reference;
use crate::runtime::root::Root;
use crate::runtime::store::Store;
use crate::runtime::table::Table;
use crate::types::{TableType, ValType};

/// The bits of a reference handle in an element.
fn lower(store: &Store, ty: &TableType, reference: *const wasm_ref_t) -> Result<u64, Error> {
    store.lower_reference(ValType::Ref(ty.element), reference as u64).map_err(Error::argument)
}

/// Makes a table of the given type (borrowed), with all elements `init` (borrowed; NULL for null).
/// The caller owns the result. NULL if store or type is NULL, the elements of the type are not
/// references, `init` does not fit them, the table is larger than the engine or the store allows,
/// or memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_new(
    store: *mut wasm_store_t,
    ty: *const wasm_tabletype_t,
    init: *mut wasm_ref_t,
) -> *mut wasm_table_t {
    guard(|| {
        // SAFETY: NULL or valid (C contract).
        let store = unsafe { store_of(store) }?;
        // SAFETY: NULL or valid (C contract).
        let Detail::Table { element, full, .. } = (unsafe { &object(ty)?.detail }) else {
            return Err(Error::argument("not a table type"));
        };
        let ValType::Ref(element) = element.0.ty else {
            return Err(Error::argument("the elements of a table must be references"));
        };
        let ty = TableType { element, limits: full.limits, is_64: full.is_64 };
        let bits = lower(store, &ty, init)?;
        // SAFETY: NULL or a handle (C contract).
        let _kept = unsafe { header(init) }.map(Root::new);
        let _busy = store.make_room();
        let table = store.new_table(ty)?;
        if bits != 0 {
            table.fill(0..table.len() as usize, bits);
        }
        Ok(own(table))
    })
}

/// Returns the type of the table with its current size as the minimum, owned by the caller. NULL
/// for NULL or when memory is short.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_type(table: *const wasm_table_t) -> *mut wasm_tabletype_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| unsafe { type_of(table) })
}

/// The position of an element, if the index is in bounds.
fn position(table: &Table, index: u32) -> Result<usize, Error> {
    let range = table.range(index.into(), 1).map_err(|_| {
        let size = table.len();
        Error::argument(format!("the index {index} is out of bounds of a table of {size} elements"))
    })?;
    Ok(range.start)
}

/// Returns the element at `index`, owned by the caller. NULL for a null element; also, with the
/// last error set, if the index is out of bounds or the table is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_get(
    table: *const wasm_table_t,
    index: wasm_table_size_t,
) -> *mut wasm_ref_t {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let (table, _) = unsafe { live(table) }?;
        let bits = table.get(position(&table, index)?)?;
        Ok(lift_reference(ValType::Ref(table.ty.element), bits) as *mut wasm_ref_t)
    })
}

/// Sets the element at `index` to a reference (borrowed; NULL for null). False, with the last error
/// set and no change, if the index is out of bounds, the reference does not fit, or the table is
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_set(
    table: *mut wasm_table_t,
    index: wasm_table_size_t,
    reference: *mut wasm_ref_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let (table, store) = unsafe { live(table) }?;
        let bits = lower(store, &table.ty, reference)?;
        let index = position(&table, index)?;
        table.fill(index..index + 1, bits);
        Ok(true)
    })
}

/// Returns the current number of elements; 0 for NULL. Numbers that do not fit are `UINT32_MAX`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_size(table: *const wasm_table_t) -> wasm_table_size_t {
    // SAFETY: NULL or a handle (C contract).
    guard(|| Ok(u32::try_from(unsafe { live(table) }?.0.len()).unwrap_or(u32::MAX)))
}

/// Adds `delta` elements that are `init` (borrowed; NULL for null). False, with the last error set
/// and no change, beyond the maximum, if `init` does not fit, if the limits or the limiter of the
/// store refuse, if memory is short, or if the table is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_grow(
    table: *mut wasm_table_t,
    delta: wasm_table_size_t,
    init: *mut wasm_ref_t,
) -> bool {
    guard(|| {
        // SAFETY: NULL or a handle (C contract).
        let (table, store) = unsafe { live(table) }?;
        let bits = lower(store, &table.ty, init)?;
        // SAFETY: NULL or a handle (C contract).
        let _kept = unsafe { (Root::new(table.header()), header(init).map(Root::new)) };
        let _busy = store.busy();
        store.grow_table(table, delta.into(), bits)?;
        Ok(true)
    })
}
