//! The names of `wasm.h`: scalars, enums, plain structs, and the opaque types behind handles.
//!
//! Reference handles are addresses of runtime objects; type handles are addresses of the structs in
//! [`super::externtype`] and its neighbours. C sees all of them as incomplete types.

#![allow(non_camel_case_types, reason = "the names are those of the published header")]

/// `WASM_CONST` or `WASM_VAR`.
pub type wasm_mutability_t = u8;
/// One of the numbers of `wasm_valkind_enum`.
pub type wasm_valkind_t = u8;
/// One of the numbers of `wasm_externkind_enum`.
pub type wasm_externkind_t = u8;
/// A number of table elements.
pub type wasm_table_size_t = u32;
/// A number of pages: of 64 KiB, or of one byte if the type of the memory says so.
pub type wasm_memory_pages_t = u32;

/// Whether a global may change: the values of `wasm_mutability_t`.
#[repr(C)]
pub enum wasm_mutability_enum {
    /// The global never changes.
    WASM_CONST = 0,
    /// The global may be set.
    WASM_VAR = 1,
}

/// Kinds of values: the values of `wasm_valkind_t`. Kinds from 128 on are references.
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
    /// Minimum size.
    pub min: u32,
    /// Maximum size; `wasm_limits_max_default` means that there is none.
    pub max: u32,
}

/// No maximum.
pub const LIMITS_NO_MAX: u32 = u32::MAX;

/// Runs when the object that holds an environment is destroyed.
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
    /// An import of a module: module name, name and type.
    wasm_importtype_t
    /// An export of a module: name and type.
    wasm_exporttype_t
    /// The type of an exception tag.
    wasm_tagtype_t
    /// A store: the objects of a group of instances. It is used by one thread at a time.
    wasm_store_t
    /// A reference to any object of a store.
    wasm_ref_t
    /// The reason why guest code stopped. A trap keeps the instances alive whose code was running.
    wasm_trap_t
    /// A compiled module.
    wasm_module_t
    /// A function.
    wasm_func_t
    /// A global: a cell that holds a value.
    wasm_global_t
    /// A table: a vector of references.
    wasm_table_t
    /// A memory: a vector of bytes.
    wasm_memory_t
    /// Anything that can be imported or exported.
    wasm_extern_t
    /// An instance of a module.
    wasm_instance_t
    /// A host object that modules can pass around but not inspect.
    wasm_foreign_t
}
