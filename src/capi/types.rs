//! The names of `wasm.h`: scalars, enums, plain structs, and the opaque types behind handles.
//!
//! Reference handles are addresses of runtime objects; type handles are addresses of the structs in
//! [`super::externtype`] and its neighbours. C sees all of them as incomplete types.

#![allow(non_camel_case_types, reason = "the names are those of the published header")]

use crate::abi::value::RawVal;
use std::ffi::c_char;

pub use super::vec::*;

/// A byte: plain `char`, as published.
pub type wasm_byte_t = c_char;
/// `WASM_CONST` or `WASM_VAR`.
pub type wasm_mutability_t = u8;
/// One of the `WASM_I32`... constants.
pub type wasm_valkind_t = u8;
/// One of the `WASM_EXTERN_FUNC`... constants.
pub type wasm_externkind_t = u8;
/// Number of table elements.
pub type wasm_table_size_t = u32;
/// Number of 64 KiB pages.
pub type wasm_memory_pages_t = u32;
/// UTF-8 text with a length. Behind the bytes of each vector that the library makes, unless it is
/// empty, lies a NUL that `size` does not count.
pub type wasm_name_t = wasm_byte_vec_t;
/// Text that ends in a NUL, which its size counts.
pub type wasm_message_t = wasm_name_t;

/// Whether a global may change: the values of `wasm_mutability_t`.
#[repr(C)]
pub enum wasm_mutability_enum {
    /// It never changes.
    WASM_CONST = 0,
    /// It may be set.
    WASM_VAR = 1,
}

/// Kinds of values: the values of `wasm_valkind_t`. Those from 128 on are references.
#[repr(C)]
pub enum wasm_valkind_enum {
    /// A 32-bit integer, signed or not.
    WASM_I32 = 0,
    /// A 64-bit integer, signed or not.
    WASM_I64 = 1,
    /// A 32-bit IEEE 754 number.
    WASM_F32 = 2,
    /// A 64-bit IEEE 754 number.
    WASM_F64 = 3,
    /// A reference to any object, or null.
    WASM_EXTERNREF = 128,
    /// A reference to a function, or null.
    WASM_FUNCREF = 129,
}

/// Kinds of imports and exports: the values of `wasm_externkind_t`.
#[repr(C)]
pub enum wasm_externkind_enum {
    /// A function.
    WASM_EXTERN_FUNC = 0,
    /// A global.
    WASM_EXTERN_GLOBAL = 1,
    /// A table.
    WASM_EXTERN_TABLE = 2,
    /// A memory.
    WASM_EXTERN_MEMORY = 3,
    /// An exception tag.
    WASM_EXTERN_TAG = 4,
}

pub const WASM_VAR: u8 = wasm_mutability_enum::WASM_VAR as u8;
pub const WASM_EXTERN_FUNC: u8 = wasm_externkind_enum::WASM_EXTERN_FUNC as u8;
pub const WASM_EXTERN_GLOBAL: u8 = wasm_externkind_enum::WASM_EXTERN_GLOBAL as u8;
pub const WASM_EXTERN_TABLE: u8 = wasm_externkind_enum::WASM_EXTERN_TABLE as u8;
pub const WASM_EXTERN_MEMORY: u8 = wasm_externkind_enum::WASM_EXTERN_MEMORY as u8;
pub const WASM_EXTERN_TAG: u8 = wasm_externkind_enum::WASM_EXTERN_TAG as u8;

const _: () = {
    use crate::abi::value::*;
    assert!(wasm_valkind_enum::WASM_I32 as u8 == KIND_I32);
    assert!(wasm_valkind_enum::WASM_I64 as u8 == KIND_I64);
    assert!(wasm_valkind_enum::WASM_F32 as u8 == KIND_F32);
    assert!(wasm_valkind_enum::WASM_F64 as u8 == KIND_F64);
    assert!(wasm_valkind_enum::WASM_EXTERNREF as u8 == KIND_EXTERNREF);
    assert!(wasm_valkind_enum::WASM_FUNCREF as u8 == KIND_FUNCREF);
};

/// Size limits of a memory, in pages of 64 KiB, or of a table, in elements.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasm_limits_t {
    /// Least size.
    pub min: u32,
    /// Greatest size; `wasm_limits_max_default` for none.
    pub max: u32,
}

/// No maximum.
pub const LIMITS_NO_MAX: u32 = u32::MAX;

/// A value. The header spells it as a kind and a union of the payloads; `RawVal` has that layout.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct wasm_val_t(pub RawVal);

/// A host function. The arguments are lent. The results are as many as the function's type has, null
/// or zero of the right kinds, to be overwritten; references among them become the engine's. The
/// vector may also be deleted and made anew, for instance with `wasm_val_vec_new`: then the engine
/// takes over the new one, and one of another size is a trap. Deleting a vector that is lent clears
/// its values and leaves its array alone. A trap that is returned belongs to the engine; NULL is
/// success. It runs on the thread that called, may use
/// its store as outside of calls, and returns: it neither throws nor leaves by `longjmp`.
pub type wasm_func_callback_t = Option<
    unsafe extern "C" fn(
        args: *const wasm_val_vec_t,
        results: *mut wasm_val_vec_t,
    ) -> *mut wasm_trap_t,
>;

/// The same, given the environment with which the function was made.
pub type wasm_func_callback_with_env_t = Option<
    unsafe extern "C" fn(
        env: *mut std::ffi::c_void,
        args: *const wasm_val_vec_t,
        results: *mut wasm_val_vec_t,
    ) -> *mut wasm_trap_t,
>;

/// Runs when the object that holds an environment dies.
pub type Finalizer = Option<unsafe extern "C" fn(*mut std::ffi::c_void)>;

macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        pub struct $name {
            _opaque: [u8; 0],
        }
    )*};
}

opaque! {
    /// The type of an import or export, of any kind.
    wasm_externtype_t
    /// The type of a function.
    wasm_functype_t
    /// The type of a global.
    wasm_globaltype_t
    /// The type of a table.
    wasm_tabletype_t
    /// The type of a memory.
    wasm_memorytype_t
    /// An import: module name, name, type.
    wasm_importtype_t
    /// An export: name, type.
    wasm_exporttype_t
    /// The type of an exception tag.
    wasm_tagtype_t
    /// A store: the objects of a group of instances, used by one thread at a time.
    wasm_store_t
    /// A reference to any object of a store.
    wasm_ref_t
    /// Why a computation stopped. Keeps the instances alive whose code was running.
    wasm_trap_t
    /// A compiled module.
    wasm_module_t
    /// A function.
    wasm_func_t
    /// A global: a cell with a value.
    wasm_global_t
    /// A table.
    wasm_table_t
    /// A memory.
    wasm_memory_t
    /// Anything that can be imported or exported.
    wasm_extern_t
    /// An instance.
    wasm_instance_t
    /// A host object that modules can pass around but not look into.
    wasm_foreign_t
}

pub use super::config::wasm_config_t;
pub use super::engine::wasm_engine_t;
pub use super::shared_module::wasm_shared_module_t;
pub use super::trap::wasm_frame_t;

pub use super::valtype::wasm_valtype_t;
