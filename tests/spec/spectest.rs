//! The `spectest` module that scripts import from.
//!
//! Its print functions are host functions that print nothing; everything else comes from a small module that
//! imports them and exports all names, so that the kinds that `wasm.h` cannot create exist as well. Where
//! `wasmrt.h` is used, the table with 64-bit indices is made by the host.

use super::c_api::*;
use super::handles::{Func, Owned, Table};

const TEXT: &str = r#"(module
  (import "host" "0" (func $print))
  (import "host" "1" (func $print_i32 (param i32)))
  (import "host" "2" (func $print_i64 (param i64)))
  (import "host" "3" (func $print_f32 (param f32)))
  (import "host" "4" (func $print_f64 (param f64)))
  (import "host" "5" (func $print_i32_f32 (param i32 f32)))
  (import "host" "6" (func $print_f64_f64 (param f64 f64)))
  (export "print" (func $print))
  (export "print_i32" (func $print_i32))
  (export "print_i64" (func $print_i64))
  (export "print_f32" (func $print_f32))
  (export "print_f64" (func $print_f64))
  (export "print_i32_f32" (func $print_i32_f32))
  (export "print_f64_f64" (func $print_f64_f64))
  (global (export "global_i32") i32 (i32.const 666))
  (global (export "global_i64") i64 (i64.const 666))
  (global (export "global_f32") f32 (f32.const 666.6))
  (global (export "global_f64") f64 (f64.const 666.6))
  (table (export "table") 10 20 funcref)
  (table (export "table64") i64 10 20 funcref)
  (memory (export "memory") 1 2)
  (memory (export "shared_memory") 1 2 shared)
)"#;

const OWN_TABLE: &str = r#"(table (export "table64") i64 10 20 funcref)"#;
const EXPORT_OF_TABLE: &str = r#"(export "table64" (table $table64))"#;
const IMPORT_OF_TABLE: &str =
    r#"(module (import "host" "table64" (table $table64 i64 10 20 funcref))"#;

/// The module's text, and what it imports before the functions.
pub fn module(store: *mut wasm_store_t, carrier: Carrier) -> Option<(String, Option<Table>)> {
    if carrier == Carrier::Narrow {
        return Some((TEXT.to_string(), None));
    }
    let text = TEXT.replace(OWN_TABLE, EXPORT_OF_TABLE).replacen("(module", IMPORT_OF_TABLE, 1);
    Some((text, Some(table64(store)?)))
}

fn table64(store: *mut wasm_store_t) -> Option<Table> {
    let flags = WASMRT_LIMITS_HAS_MAX | WASMRT_LIMITS_INDEX64;
    let limits = wasmrt_limits_t { min: 10, max: 20, flags };
    // SAFETY: the store is alive; the type takes over its element, the table only reads its type.
    unsafe {
        let element = (api().wasm_valtype_new)(WASM_FUNCREF);
        let ty = api().wasmrt_tabletype_new?(element, &limits);
        let ty = Owned::new(ty, api().wasm_tabletype_delete)?;
        let table = (api().wasm_table_new)(store, ty.get(), std::ptr::null_mut());
        Owned::new(table, api().wasm_table_delete)
    }
}

const PRINT_PARAMETERS: [&[u8]; 7] = [
    &[],
    &[WASM_I32],
    &[WASM_I64],
    &[WASM_F32],
    &[WASM_F64],
    &[WASM_I32, WASM_F32],
    &[WASM_F64, WASM_F64],
];

/// The host functions that [`TEXT`] imports, in order.
pub fn print_functions(store: *mut wasm_store_t) -> Option<Vec<Func>> {
    PRINT_PARAMETERS.iter().map(|parameters| host_function(store, parameters)).collect()
}

/// A host function without results that does nothing.
pub fn host_function(store: *mut wasm_store_t, parameters: &[u8]) -> Option<Func> {
    // SAFETY: the store is alive; the functype takes over both vectors, the function only reads its type.
    unsafe {
        let kinds: Vec<_> = parameters.iter().map(|&kind| (api().wasm_valtype_new)(kind)).collect();
        let (mut params, mut results) = (Vector::EMPTY, Vector::EMPTY);
        (api().wasm_valtype_vec_new)(&mut params, kinds.len(), kinds.as_ptr());
        let ty = Owned::new(
            (api().wasm_functype_new)(&mut params, &mut results),
            api().wasm_functype_delete,
        )?;
        Owned::new((api().wasm_func_new)(store, ty.get(), nothing), api().wasm_func_delete)
    }
}

extern "C" fn nothing(_: *const wasm_val_vec_t, _: *mut wasm_val_vec_t) -> *mut wasm_trap_t {
    std::ptr::null_mut()
}
