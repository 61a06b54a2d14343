/// @file
/// The WebAssembly C API, as libwasmrt offers it: source and binary compatible with the published
/// wasm.h. What goes beyond it is in wasmrt.h.
///
/// This file is generated from the Rust sources of the library; `./x renew` renews it.
///
/// The way of a program: wasm_engine_new, wasm_store_new, wasm_module_new for the bytes of a module,
/// wasm_instance_new with its imports, wasm_instance_exports, wasm_extern_as_func, wasm_func_call.
/// The engine serves the whole process; a store holds the objects of one task.
///
/// Rules that hold everywhere:
/// - `own` marks what changes hands. An owned result belongs to the caller, who deletes it. An owned
///   argument belongs to the callee from then on, even when the call fails. Everything else is lent,
///   or seen from the other side borrowed: for the call if it is an argument, for as long as the
///   object it came from if it is a result.
/// - An `out` parameter is written without looking at what was there, and always initialised.
/// - Handles may be NULL: the function then does nothing and answers with NULL, false, 0 or an empty
///   vector. So it does when something fails; wasmrt_last_error in wasmrt.h says what.
/// - Handles may be deleted in any order; an object lives as long as a handle or another object
///   refers to it, and at most as long as its store.
/// - Engines and shared modules may be used by several threads at once. A store with all its objects,
///   traps and frames is used by one thread at a time. Types and vectors are plain data. Objects of
///   two stores do not mix: where one meets the other, the function refuses.
/// - Nothing in here ends the process.
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

/// Marks what changes hands. Empty, for readers; a program may define its own meaning after this header.
#define own

#ifdef __cplusplus
extern "C" {
#endif

/// @addtogroup bytes Bytes, names and messages
/// @{

/// A byte: plain `char`, as published.
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

/// A value: its kind, and the member of `of` that the kind names. A value of a reference kind that
/// was received as `own` holds a handle, which is released with `wasm_val_delete`.
typedef struct wasm_val_t {
  /// Which member of `of` counts.
  wasm_valkind_t kind;
  /// What the value is.
  union {
    /// For `WASM_I32`; signed or not is the reader's choice.
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
