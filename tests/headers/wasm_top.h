/// @file
/// The WebAssembly C API of libwasmrt: source and binary compatible with the published wasm.h.
/// wasmrt.h declares what libwasmrt offers beyond it.
///
/// This file is generated from the Rust sources of the library; `./x renew` renews it.
///
/// A typical program calls wasm_engine_new, wasm_store_new, wasm_module_new with the bytes of a module,
/// wasm_instance_new with its imports, wasm_instance_exports, wasm_extern_as_func, and wasm_func_call.
/// One engine serves the whole process; a store holds the objects of one task.
///
/// Rules that apply to all functions:
/// - `own` marks a transfer of ownership. An owned result belongs to the caller, who must delete it. An
///   owned argument belongs to the function that is called, even if the call fails. Everything else is
///   borrowed: an argument must be valid during the call, and a result is valid as long as the object
///   that it was obtained from.
/// - An `out` parameter need not be initialised; the function always initialises it.
/// - Handles may be NULL. A function that is given NULL, or that fails, returns NULL, false, 0 or an
///   empty vector; wasmrt_last_error in wasmrt.h returns the reason.
/// - Handles may be deleted in any order. An object lives as long as a handle or another object refers
///   to it, but no longer than its store.
/// - Engines and shared modules may be used by several threads at the same time. A store with all its
///   objects, traps and frames is used by one thread at a time. Types and vectors are plain data.
///   Objects of two stores cannot be mixed: a function that is given both fails.
/// - No function ends the process.
#ifndef WASM_H
#define WASM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef WASM_API_EXTERN
#if defined(_WIN32) && !defined(__MINGW32__) && !defined(LIBWASM_STATIC)
#define WASM_API_EXTERN __declspec(dllimport)
#else
#define WASM_API_EXTERN
#endif
#endif

/// Marks a transfer of ownership. It is empty; a program may define it differently after this header.
#define own

#ifdef __cplusplus
extern "C" {
#endif

/// @addtogroup bytes Bytes, names and messages
/// @{

/// A byte: plain `char`, as in the published header.
typedef char byte_t;

/// @}
/// @addtogroup values Values and their types
/// @{

/// A number of kind `WASM_F32`.
typedef float float32_t;
/// A number of kind `WASM_F64`.
typedef double float64_t;

/// One of the numbers of `wasm_valkind_enum`.
typedef uint8_t wasm_valkind_t;

/// A value: its kind, and the member of `of` that belongs to the kind. A value of a reference kind that
/// was received as `own` owns a handle, which `wasm_val_delete` deletes.
typedef struct wasm_val_t {
  /// The kind, which determines the member of `of`.
  wasm_valkind_t kind;
  /// The value itself.
  union {
    /// For `WASM_I32`; the integer may be read as signed or unsigned.
    int32_t i32;
    /// For `WASM_I64`.
    int64_t i64;
    /// For `WASM_F32`.
    float32_t f32;
    /// For `WASM_F64`.
    float64_t f64;
    /// For `WASM_EXTERNREF` and `WASM_FUNCREF`; NULL is the null reference.
    struct wasm_ref_t *ref;
  } of;
} wasm_val_t;

/// @}

#ifdef __cplusplus
}  // extern "C"
#endif
