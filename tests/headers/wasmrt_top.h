/// @file
/// What libwasmrt offers beyond the WebAssembly C API of wasm.h: the last error in words, settings and
/// limits of engines and stores, fuel, deadlines and interrupts, values with a v128, calls without
/// `wasm_val_t`, 64-bit limits, names and custom sections of modules, codes of traps. The rules of wasm.h
/// hold here too.
///
/// Structs whose first field is `struct_size` may grow: whoever hands one over sets it to the size that
/// he knows, and nothing beyond that is touched.
///
/// This file is generated from the Rust sources of the library; `./x renew` renews it.
#ifndef WASMRT_H
#define WASMRT_H

#include "wasm.h"

// What the program made of `own` since wasm.h is put back at the end.
#pragma push_macro("own")
#undef own
/// Empty, for readers, as in wasm.h.
#define own

/// @addtogroup version Version
/// @{

/// The version that this header describes: major * 10000 + minor * 100 + patch. The library's own
/// is wasmrt_version_number().
#define WASMRT_VERSION_NUMBER @VERSION_NUMBER@

/// @}

/// @addtogroup store Stores
/// @{

/// Limits of a store that limit nothing, to start from.
#define WASMRT_STORE_LIMITS_INIT \
  { sizeof(wasmrt_store_limits_t), UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX }

/// @}

/// @addtogroup values Values and their types
/// @{

/// A value of any type, v128 included: its kind, and the member of `of` that the kind names. A value
/// of a reference kind that was received as `own` holds a handle, which is released with
/// `wasmrt_val_delete`.
typedef struct wasmrt_val_t {
  /// Which member of `of` counts: one of `wasm_valkind_enum`, or `WASMRT_V128`.
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
    /// For `WASMRT_V128`: its bytes, as they would lie in a memory.
    uint8_t v128[16];
  } of;
} wasmrt_val_t;

/// Initialiser of an i32.
#define WASMRT_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = (i)}}
/// Initialiser of an i64.
#define WASMRT_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = (i)}}
/// Initialiser of an f32.
#define WASMRT_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = (z)}}
/// Initialiser of an f64.
#define WASMRT_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = (z)}}
/// Initialiser of a reference of either kind, as in wasm.h.
#define WASMRT_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = (r)}}
/// Initialiser of a v128 from its bytes in braces: `WASMRT_V128_VAL({1, 2, 3})`.
#define WASMRT_V128_VAL(...) {.kind = WASMRT_V128, .of = {.v128 = __VA_ARGS__}}
/// Initialiser of a null reference.
#define WASMRT_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}

/// @}
