//! The functions of `wasm.h` and `wasmrt.h` that this library calls, and the types in them.
//!
//! Written by hand, because they are few; a test compares them with the headers.

#![allow(non_camel_case_types, reason = "the names of the headers")]

use std::ffi::{c_char, c_void};

macro_rules! objects {
    ($($name:ident),*) => {$(
        #[repr(C)]
        pub struct $name {
            _opaque: [u8; 0],
        }
    )*};
}

objects! {
    wasm_store_t, wasm_module_t, wasm_instance_t, wasm_trap_t, wasm_func_t, wasm_extern_t, wasm_functype_t,
    wasm_valtype_t, wasm_importtype_t, wasm_externtype_t,
    wasmrt_linker_t, wasmrt_error_t
}

macro_rules! vectors {
    ($($name:ident of $element:ty),*) => {$(
        #[repr(C)]
        pub struct $name {
            pub size: usize,
            pub data: *mut $element,
        }

        impl $name {
            pub const EMPTY: $name = $name { size: 0, data: std::ptr::null_mut() };
        }
    )*};
}

vectors! {
    wasm_byte_vec_t of u8,
    wasm_valtype_vec_t of *mut wasm_valtype_t,
    wasm_importtype_vec_t of *mut wasm_importtype_t,
    wasm_extern_vec_t of *mut wasm_extern_t,
    wasm_val_vec_t of wasm_val_t
}

/// Nothing here looks into a value.
#[repr(C)]
pub struct wasm_val_t {
    _opaque: [u64; 2],
}

/// The beginning of what the engine knows of an error; it is told how much that is.
#[repr(C)]
pub struct wasmrt_error_info_t {
    pub struct_size: usize,
    pub kind: u32,
    pub phase: u32,
}

impl wasm_byte_vec_t {
    /// # Safety
    /// The vector has as many bytes as it says.
    pub unsafe fn as_slice(&self) -> &[u8] {
        if self.size == 0 || self.data.is_null() {
            return &[];
        }
        // SAFETY: as promised by the caller.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }
}

pub type wasm_name_t = wasm_byte_vec_t;
pub type wasm_message_t = wasm_byte_vec_t;

pub const WASM_I32: u8 = 0;
pub const WASM_I64: u8 = 1;
pub const WASM_EXTERN_FUNC: u8 = 0;
pub const WASMRT_TRAP_NONE: u32 = 0;
pub const WASMRT_ERROR_OUT_OF_MEMORY: u32 = 5;

pub type wasmrt_native_t = Option<unsafe extern "C" fn()>;
pub type finalizer_t = Option<unsafe extern "C" fn(env: *mut c_void)>;

unsafe extern "C" {
    pub fn wasm_byte_vec_new(out: *mut wasm_byte_vec_t, size: usize, data: *const u8);
    pub fn wasm_valtype_new(kind: u8) -> *mut wasm_valtype_t;
    pub fn wasm_valtype_vec_new_uninitialized(out: *mut wasm_valtype_vec_t, size: usize);
    pub fn wasm_valtype_vec_delete(vec: *mut wasm_valtype_vec_t);
    pub fn wasm_functype_new(
        params: *mut wasm_valtype_vec_t,
        results: *mut wasm_valtype_vec_t,
    ) -> *mut wasm_functype_t;
    pub fn wasm_functype_delete(ty: *mut wasm_functype_t);
    pub fn wasm_importtype_module(ty: *const wasm_importtype_t) -> *const wasm_name_t;
    pub fn wasm_importtype_name(ty: *const wasm_importtype_t) -> *const wasm_name_t;
    pub fn wasm_importtype_type(ty: *const wasm_importtype_t) -> *const wasm_externtype_t;
    pub fn wasm_importtype_vec_delete(vec: *mut wasm_importtype_vec_t);
    pub fn wasm_externtype_kind(ty: *const wasm_externtype_t) -> u8;
    pub fn wasm_module_imports(module: *const wasm_module_t, out: *mut wasm_importtype_vec_t);
    pub fn wasm_extern_vec_new_uninitialized(out: *mut wasm_extern_vec_t, size: usize);
    pub fn wasm_extern_vec_delete(vec: *mut wasm_extern_vec_t);
    pub fn wasm_instance_exports(instance: *const wasm_instance_t, out: *mut wasm_extern_vec_t);
    pub fn wasm_extern_as_func(object: *mut wasm_extern_t) -> *mut wasm_func_t;
    pub fn wasm_extern_delete(object: *mut wasm_extern_t);
    pub fn wasm_func_as_extern(object: *mut wasm_func_t) -> *mut wasm_extern_t;
    pub fn wasm_func_call(
        func: *const wasm_func_t,
        args: *const wasm_val_vec_t,
        results: *mut wasm_val_vec_t,
    ) -> *mut wasm_trap_t;
    pub fn wasm_trap_new(store: *mut wasm_store_t, text: *const wasm_message_t)
    -> *mut wasm_trap_t;
    pub fn wasm_trap_delete(trap: *mut wasm_trap_t);
    pub fn wasm_trap_get_host_info(object: *const wasm_trap_t) -> *mut c_void;
    pub fn wasm_trap_set_host_info(object: *mut wasm_trap_t, info: *mut c_void);

    pub fn wasmrt_last_error() -> *mut wasmrt_error_t;
    pub fn wasmrt_error_info(error: *const wasmrt_error_t, out: *mut wasmrt_error_info_t);
    pub fn wasmrt_error_delete(error: *mut wasmrt_error_t);
    pub fn wasmrt_trap_code(trap: *const wasm_trap_t) -> u32;
    pub fn wasmrt_instance_export(
        instance: *const wasm_instance_t,
        name: *const wasm_name_t,
    ) -> *mut wasm_extern_t;
    pub fn wasmrt_func_new_native(
        store: *mut wasm_store_t,
        ty: *const wasm_functype_t,
        code: wasmrt_native_t,
        env: *mut c_void,
        finalizer: finalizer_t,
    ) -> *mut wasm_func_t;
    pub fn wasmrt_store_caller_memory(
        store: *const wasm_store_t,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> bool;
    pub fn wasmrt_linker_define(
        linker: *mut wasmrt_linker_t,
        module: *const c_char,
        name: *const c_char,
        object: *const wasm_extern_t,
    ) -> bool;
    pub fn wasmrt_store_pending(
        store: *mut wasm_store_t,
        fd: *mut i32,
        nanoseconds: *mut u64,
    ) -> *mut wasm_trap_t;
}

#[cfg(test)]
mod tests {
    use std::fs;

    /// What matters of a type for a call: a width, or that it is a pointer.
    fn shape(ty: &str) -> &'static str {
        if ty.contains('*') || ["wasmrt_native_t", "finalizer_t"].contains(&ty) {
            return "pointer";
        }
        match ty.split(' ').next().unwrap_or_default() {
            "u8" | "wasm_valkind_t" | "wasm_externkind_t" => "1 byte",
            "u32" | "i32" | "uint32_t" | "int32_t" | "int" | "wasmrt_trap_code_t" => "4 bytes",
            "u64" | "usize" | "uint64_t" | "size_t" => "8 bytes",
            "wasmrt_native_t" => "pointer",
            "bool" => "bool",
            "" | "void" => "nothing",
            other => panic!("the type {other} is new here"),
        }
    }

    /// The shapes of the parameters and of the result. `ty` finds the type in a parameter.
    fn shapes(params: &str, result: &str, ty: fn(&str) -> &str) -> Vec<&'static str> {
        let params = params.split(", ").map(|param| param.trim().trim_end_matches(','));
        let params = params.filter(|param| !param.is_empty() && *param != "void");
        params.map(ty).chain([result]).map(|ty| shape(ty.trim())).collect()
    }

    /// The same of a prototype in the headers.
    fn declared(headers: &str, name: &str) -> Vec<&'static str> {
        let mut found = headers.split("WASM_API_EXTERN ").filter_map(|text| {
            let (head, rest) = text.split_once('(')?;
            let result = head.strip_suffix(name)?;
            Some((result.replace("own ", ""), rest.split_once(");")?.0.to_owned()))
        });
        let (result, params) = found.next().unwrap_or_else(|| panic!("{name} is in no header"));
        shapes(&params, &result, |param| {
            let param = param.strip_prefix("own ").unwrap_or(param);
            param.strip_prefix("const ").unwrap_or(param)
        })
    }

    #[test]
    fn functions_are_as_the_headers_declare_them() {
        let include = concat!(env!("CARGO_MANIFEST_DIR"), "/../include/");
        let read = |name| fs::read_to_string(format!("{include}{name}")).unwrap();
        let headers = (read("wasm.h") + &read("wasmrt.h")).replace("\n    ", " ");
        let source = include_str!("bindings.rs");
        let source = source.split("unsafe extern \"C\" {").nth(1).unwrap();
        let source = source.split("\n}").next().unwrap().replace("\n       ", "");
        let functions: Vec<_> = source.split("pub fn ").skip(1).collect();
        assert!(functions.len() > 20);
        for function in functions {
            let (name, rest) = function.split_once('(').unwrap();
            let (params, rest) = rest.split_once(')').unwrap();
            let result = rest.split(';').next().unwrap().replace("->", "");
            let params = params.replace('\n', " ");
            let ours = shapes(&params, &result, |param| param.split_once(": ").unwrap().1);
            assert_eq!(ours, declared(&headers, name), "{name}");
        }
    }
}
