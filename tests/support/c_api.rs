//! The functions of `wasm.h` that the suite calls, as one table of pointers.
//!
//! The runner must see of an engine only what a C program sees, and it must be able to run against another library
//! with the same header, so that a failure can be told apart from a mistake of the runner. So every function is in
//! [`Api`], filled from the symbols linked into this program or, when `WASMRT_SPEC_LIBRARY` names a shared library,
//! from that library. Prototypes are those of the published header. The functions of `wasmrt.h` are optional: a
//! foreign library does not have them.

#![allow(non_camel_case_types)]

use std::ffi::{CString, c_void};
use std::sync::OnceLock;
// The linked symbols are this crate's, though no Rust path leads to them.
use wasmrt as _;

macro_rules! opaque {
    ($($name:ident)*) => {$(
        #[repr(C)]
        pub struct $name {
            _opaque: [u8; 0],
        }
    )*};
}
opaque! {
    wasm_config_t wasm_engine_t wasm_store_t wasm_valtype_t wasm_functype_t wasm_externtype_t wasm_importtype_t
    wasm_exporttype_t wasm_ref_t wasm_trap_t wasm_module_t wasm_func_t wasm_global_t wasm_extern_t wasm_instance_t
    wasm_foreign_t wasm_tabletype_t wasm_table_t wasm_memorytype_t wasm_memory_t wasm_globaltype_t
    wasm_shared_module_t wasm_frame_t wasmrt_error_t
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Vector<T> {
    pub size: usize,
    pub data: *mut T,
}

impl<T> Vector<T> {
    pub const EMPTY: Vector<T> = Vector { size: 0, data: std::ptr::null_mut() };

    /// A view of `items` for functions that only read their vector.
    pub fn borrowing(items: &[T]) -> Vector<T> {
        Vector { size: items.len(), data: items.as_ptr().cast_mut() }
    }

    /// # Safety
    /// `data` must be valid for `size` elements, or `size` be 0.
    pub unsafe fn as_slice(&self) -> &[T] {
        if self.size == 0 {
            return &[];
        }
        // SAFETY: the caller promises that the vector is valid.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }
}

pub type wasm_byte_vec_t = Vector<u8>;
pub type wasm_val_vec_t = Vector<wasm_val_t>;
pub type wasm_valtype_vec_t = Vector<*mut wasm_valtype_t>;
pub type wasm_importtype_vec_t = Vector<*mut wasm_importtype_t>;
pub type wasm_exporttype_vec_t = Vector<*mut wasm_exporttype_t>;
pub type wasm_extern_vec_t = Vector<*mut wasm_extern_t>;
pub type wasm_frame_vec_t = Vector<*mut wasm_frame_t>;

/// Floats travel as bits: moving a signalling NaN through a float register may change it.
#[repr(C)]
#[derive(Clone, Copy)]
pub union wasm_val_union {
    pub i32: i32,
    pub i64: i64,
    pub f32_bits: u32,
    pub f64_bits: u64,
    pub reference: *mut wasm_ref_t,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasm_val_t {
    pub kind: u8,
    pub of: wasm_val_union,
}

/// The payload of a `wasmrt_val_t` is read and written by its bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmrt_val_t {
    pub kind: u8,
    pub of: [u64; 2],
}

/// `u32::MAX` as maximum means none.
#[repr(C)]
pub struct wasm_limits_t {
    pub min: u32,
    pub max: u32,
}

#[repr(C)]
pub struct wasmrt_limits_t {
    pub min: u64,
    pub max: u64,
    pub flags: u32,
}

pub const WASMRT_LIMITS_HAS_MAX: u32 = 1;
pub const WASMRT_LIMITS_INDEX64: u32 = 2;

pub const WASM_I32: u8 = 0;
pub const WASM_I64: u8 = 1;
pub const WASM_F32: u8 = 2;
pub const WASM_F64: u8 = 3;
pub const WASMRT_V128: u8 = 4;
pub const WASM_EXTERNREF: u8 = 128;
pub const WASM_FUNCREF: u8 = 129;

pub const WASM_EXTERN_FUNC: u8 = 0;
pub const WASM_EXTERN_GLOBAL: u8 = 1;

pub const WASMRT_OPTION_WORKERS: i32 = 1;
pub const WASMRT_OPTION_SPECTRE_MASKS: i32 = 9;
pub const WASMRT_OPTION_BOUNDS: i32 = 2;
pub const WASMRT_OPTION_SIGNALS: i32 = 3;
pub const WASMRT_OPTION_CPU_FEATURES: i32 = 5;
pub const WASMRT_OPTION_COMPILE: i32 = 6;
pub const WASMRT_OPTION_TIER_UP: i32 = 8;
pub const WASMRT_OPTION_MAX_COMPILE_MEMORY: i32 = 22;

/// The functions by which values cross the boundary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrier {
    /// Those of `wasm.h`.
    Narrow,
    /// Those of `wasmrt.h`.
    Wide,
}

pub type wasm_func_callback_with_env_t = extern "C" fn(
    env: *mut c_void,
    args: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t;
pub type wasm_func_callback_t =
    extern "C" fn(args: *const wasm_val_vec_t, results: *mut wasm_val_vec_t) -> *mut wasm_trap_t;
pub type wasmrt_func_callback_t = extern "C" fn(
    env: *mut c_void,
    args: *const wasmrt_val_t,
    n_args: usize,
    results: *mut wasmrt_val_t,
    n_results: usize,
) -> *mut wasm_trap_t;

pub type wasmrt_run_t = extern "C" fn(task: *mut c_void);
pub type wasmrt_submit_t =
    extern "C" fn(env: *mut c_void, run: wasmrt_run_t, task: *mut c_void) -> bool;

macro_rules! functions {
    (
        standard { $(fn $name:ident($($arg:ty),*) $(-> $ret:ty)?;)* }
        extension { $(fn $ext:ident($($ext_arg:ty),*) $(-> $ext_ret:ty)?;)* }
    ) => {
        pub struct Api {
            $(pub $name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)*
            $(pub $ext: Option<unsafe extern "C" fn($($ext_arg),*) $(-> $ext_ret)?>,)*
        }

        impl Api {
            #[allow(clippy::missing_transmute_annotations)] // the type is that of the field, named once above
            fn open(library: &Library) -> Result<Api, String> {
                // SAFETY: the library declares its functions as the header does; that is what `wasm.h` means.
                unsafe {
                    Ok(Api {
                        $($name: std::mem::transmute::<*mut c_void, _>(library.required(stringify!($name))?),)*
                        $($ext: std::mem::transmute::<*mut c_void, _>(library.symbol(stringify!($ext))),)*
                    })
                }
            }

            fn linked() -> Api {
                unsafe extern "C" {
                    $(fn $name($(_: $arg),*) $(-> $ret)?;)*
                    $(fn $ext($(_: $ext_arg),*) $(-> $ext_ret)?;)*
                }
                Api { $($name,)* $($ext: Some($ext),)* }
            }
        }
    };
}

functions! {
    standard {
        fn wasm_config_new() -> *mut wasm_config_t;
        fn wasm_engine_new() -> *mut wasm_engine_t;
        fn wasm_engine_new_with_config(*mut wasm_config_t) -> *mut wasm_engine_t;
        fn wasm_engine_delete(*mut wasm_engine_t);
        fn wasm_store_new(*mut wasm_engine_t) -> *mut wasm_store_t;
        fn wasm_store_delete(*mut wasm_store_t);
        fn wasm_byte_vec_delete(*mut wasm_byte_vec_t);
        fn wasm_tabletype_new(*mut wasm_valtype_t, *const wasm_limits_t) -> *mut wasm_tabletype_t;
        fn wasm_tabletype_delete(*mut wasm_tabletype_t);
        fn wasm_table_new(
            *mut wasm_store_t, *const wasm_tabletype_t, *mut wasm_ref_t
        ) -> *mut wasm_table_t;
        fn wasm_table_as_extern(*mut wasm_table_t) -> *mut wasm_extern_t;
        fn wasm_table_copy(*const wasm_table_t) -> *mut wasm_table_t;
        fn wasm_table_size(*const wasm_table_t) -> u32;
        fn wasm_table_get(*const wasm_table_t, u32) -> *mut wasm_ref_t;
        fn wasm_table_set(*mut wasm_table_t, u32, *mut wasm_ref_t) -> bool;
        fn wasm_table_grow(*mut wasm_table_t, u32, *mut wasm_ref_t) -> bool;
        fn wasm_table_delete(*mut wasm_table_t);
        fn wasm_memorytype_new(*const wasm_limits_t) -> *mut wasm_memorytype_t;
        fn wasm_memorytype_delete(*mut wasm_memorytype_t);
        fn wasm_memory_new(*mut wasm_store_t, *const wasm_memorytype_t) -> *mut wasm_memory_t;
        fn wasm_memory_as_extern(*mut wasm_memory_t) -> *mut wasm_extern_t;
        fn wasm_memory_copy(*const wasm_memory_t) -> *mut wasm_memory_t;
        fn wasm_memory_data(*mut wasm_memory_t) -> *mut u8;
        fn wasm_memory_data_size(*const wasm_memory_t) -> usize;
        fn wasm_memory_grow(*mut wasm_memory_t, u32) -> bool;
        fn wasm_memory_delete(*mut wasm_memory_t);
        fn wasm_globaltype_new(*mut wasm_valtype_t, u8) -> *mut wasm_globaltype_t;
        fn wasm_globaltype_delete(*mut wasm_globaltype_t);
        fn wasm_global_new(
            *mut wasm_store_t, *const wasm_globaltype_t, *const wasm_val_t
        ) -> *mut wasm_global_t;
        fn wasm_global_as_extern(*mut wasm_global_t) -> *mut wasm_extern_t;
        fn wasm_global_delete(*mut wasm_global_t);
        fn wasm_valtype_new(u8) -> *mut wasm_valtype_t;
        fn wasm_valtype_vec_new(*mut wasm_valtype_vec_t, usize, *const *mut wasm_valtype_t);
        fn wasm_functype_new(*mut wasm_valtype_vec_t, *mut wasm_valtype_vec_t) -> *mut wasm_functype_t;
        fn wasm_functype_delete(*mut wasm_functype_t);
        fn wasm_functype_params(*const wasm_functype_t) -> *const wasm_valtype_vec_t;
        fn wasm_valtype_kind(*const wasm_valtype_t) -> u8;
        fn wasm_func_type(*const wasm_func_t) -> *mut wasm_functype_t;
        fn wasm_importtype_vec_delete(*mut wasm_importtype_vec_t);
        fn wasm_importtype_module(*const wasm_importtype_t) -> *const wasm_byte_vec_t;
        fn wasm_importtype_name(*const wasm_importtype_t) -> *const wasm_byte_vec_t;
        fn wasm_exporttype_vec_delete(*mut wasm_exporttype_vec_t);
        fn wasm_exporttype_name(*const wasm_exporttype_t) -> *const wasm_byte_vec_t;
        fn wasm_val_delete(*mut wasm_val_t);
        fn wasm_ref_delete(*mut wasm_ref_t);
        fn wasm_ref_as_func(*mut wasm_ref_t) -> *mut wasm_func_t;
        fn wasm_func_as_ref(*mut wasm_func_t) -> *mut wasm_ref_t;
        fn wasm_ref_same(*const wasm_ref_t, *const wasm_ref_t) -> bool;
        fn wasm_foreign_new(*mut wasm_store_t) -> *mut wasm_foreign_t;
        fn wasm_foreign_as_ref(*mut wasm_foreign_t) -> *mut wasm_ref_t;
        fn wasm_trap_message(*const wasm_trap_t, *mut wasm_byte_vec_t);
        fn wasm_trap_delete(*mut wasm_trap_t);
        fn wasm_trap_origin(*const wasm_trap_t) -> *mut wasm_frame_t;
        fn wasm_frame_module_offset(*const wasm_frame_t) -> usize;
        fn wasm_frame_delete(*mut wasm_frame_t);
        fn wasm_trap_trace(*const wasm_trap_t, *mut wasm_frame_vec_t);
        fn wasm_frame_func_index(*const wasm_frame_t) -> u32;
        fn wasm_frame_func_offset(*const wasm_frame_t) -> usize;
        fn wasm_frame_vec_delete(*mut wasm_frame_vec_t);
        fn wasm_module_new(*mut wasm_store_t, *const wasm_byte_vec_t) -> *mut wasm_module_t;
        fn wasm_module_validate(*mut wasm_store_t, *const wasm_byte_vec_t) -> bool;
        fn wasm_module_imports(*const wasm_module_t, *mut wasm_importtype_vec_t);
        fn wasm_module_exports(*const wasm_module_t, *mut wasm_exporttype_vec_t);
        fn wasm_module_delete(*mut wasm_module_t);
        fn wasm_module_share(*const wasm_module_t) -> *mut wasm_shared_module_t;
        fn wasm_module_obtain(*mut wasm_store_t, *const wasm_shared_module_t) -> *mut wasm_module_t;
        fn wasm_shared_module_delete(*mut wasm_shared_module_t);
        fn wasm_module_serialize(*const wasm_module_t, *mut wasm_byte_vec_t);
        fn wasm_module_deserialize(*mut wasm_store_t, *const wasm_byte_vec_t) -> *mut wasm_module_t;
        fn wasm_instance_new(
            *mut wasm_store_t, *const wasm_module_t, *const wasm_extern_vec_t, *mut *mut wasm_trap_t
        ) -> *mut wasm_instance_t;
        fn wasm_instance_exports(*const wasm_instance_t, *mut wasm_extern_vec_t);
        fn wasm_instance_delete(*mut wasm_instance_t);
        fn wasm_extern_vec_delete(*mut wasm_extern_vec_t);
        fn wasm_extern_as_func(*mut wasm_extern_t) -> *mut wasm_func_t;
        fn wasm_extern_as_memory(*mut wasm_extern_t) -> *mut wasm_memory_t;
        fn wasm_extern_as_table(*mut wasm_extern_t) -> *mut wasm_table_t;
        fn wasm_extern_as_global(*mut wasm_extern_t) -> *mut wasm_global_t;
        fn wasm_func_new(*mut wasm_store_t, *const wasm_functype_t, wasm_func_callback_t) -> *mut wasm_func_t;
        fn wasm_func_new_with_env(
            *mut wasm_store_t, *const wasm_functype_t, wasm_func_callback_with_env_t, *mut c_void,
            Option<extern "C" fn(*mut c_void)>
        ) -> *mut wasm_func_t;
        fn wasm_func_copy(*const wasm_func_t) -> *mut wasm_func_t;
        fn wasm_func_call(*const wasm_func_t, *const wasm_val_vec_t, *mut wasm_val_vec_t) -> *mut wasm_trap_t;
        fn wasm_func_param_arity(*const wasm_func_t) -> usize;
        fn wasm_func_result_arity(*const wasm_func_t) -> usize;
        fn wasm_func_as_extern(*mut wasm_func_t) -> *mut wasm_extern_t;
        fn wasm_func_delete(*mut wasm_func_t);
        fn wasm_global_set(*mut wasm_global_t, *const wasm_val_t);
        fn wasm_global_get(*const wasm_global_t, *mut wasm_val_t);
    }
    extension {
        fn wasmrt_config_set(*mut wasm_config_t, i32, u64) -> bool;
        fn wasmrt_config_set_executor(
            *mut wasm_config_t, wasmrt_submit_t, *mut c_void, Option<extern "C" fn(*mut c_void)>
        );
        fn wasmrt_store_set_fuel(*mut wasm_store_t, u64) -> bool;
        fn wasmrt_store_fuel(*const wasm_store_t, *mut u64) -> bool;
        fn wasmrt_trap_code(*const wasm_trap_t) -> i32;
        fn wasmrt_last_error() -> *mut wasmrt_error_t;
        fn wasmrt_error_message(*const wasmrt_error_t, *mut wasm_byte_vec_t);
        fn wasmrt_error_delete(*mut wasmrt_error_t);
        fn wasmrt_func_new(
            *mut wasm_store_t, *const wasm_functype_t, wasmrt_func_callback_t, *mut c_void,
            Option<extern "C" fn(*mut c_void)>
        ) -> *mut wasm_func_t;
        fn wasmrt_func_call(
            *const wasm_func_t, *const wasmrt_val_t, usize, *mut wasmrt_val_t, usize
        ) -> *mut wasm_trap_t;
        fn wasmrt_tabletype_new(
            *mut wasm_valtype_t, *const wasmrt_limits_t
        ) -> *mut wasm_tabletype_t;
        fn wasmrt_global_get(*const wasm_global_t, *mut wasmrt_val_t);
    }
}

struct Library(*mut c_void);

impl Library {
    fn load(path: &str) -> Result<Library, String> {
        let name = CString::new(path).map_err(|_| "the path contains a NUL".to_string())?;
        // SAFETY: a NUL-terminated path; the library stays loaded for the life of the program.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() { Err(format!("{path} cannot be loaded")) } else { Ok(Library(handle)) }
    }

    fn symbol(&self, name: &str) -> *mut c_void {
        let Ok(name) = CString::new(name) else { return std::ptr::null_mut() };
        // SAFETY: the handle came from `dlopen` and was never closed.
        unsafe { libc::dlsym(self.0, name.as_ptr()) }
    }

    fn required(&self, name: &str) -> Result<*mut c_void, String> {
        let symbol = self.symbol(name);
        if symbol.is_null() { Err(format!("the library has no {name}")) } else { Ok(symbol) }
    }
}

/// The library under test; the same for the whole program.
pub fn api() -> &'static Api {
    static API: OnceLock<Api> = OnceLock::new();
    API.get_or_init(|| match load() {
        Ok(api) => api,
        Err(message) => {
            eprintln!("{message}");
            std::process::exit(2);
        }
    })
}

/// Whether `WASMRT_SPEC_LIBRARY` names a library other than ours.
pub fn is_foreign() -> bool {
    std::env::var_os("WASMRT_SPEC_LIBRARY").is_some()
}

fn load() -> Result<Api, String> {
    match std::env::var("WASMRT_SPEC_LIBRARY") {
        Ok(path) => Api::open(&Library::load(&path)?),
        Err(_) => Ok(Api::linked()),
    }
}
