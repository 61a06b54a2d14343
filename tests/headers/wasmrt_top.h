/// @file
/// What libwasmrt offers beyond the WebAssembly C API of wasm.h: the last error, settings and limits of
/// engines and stores, fuel, deadlines and interrupts, values with a v128, calls without `wasm_val_t`,
/// 64-bit limits, shared memories, checked access to memories, linkers, names and custom sections of modules,
/// and codes of traps. The rules of wasm.h apply.
///
/// Structs whose first field is `struct_size` may get more fields in later versions. Programs that fill
/// in such a struct set the field to the size of the struct in their version of the header; nothing
/// beyond that is read or written.
///
/// This file is generated from the Rust sources of the library; `./x renew` renews it.
#ifndef WASMRT_H
#define WASMRT_H

#include "wasm.h"

// The program's definition of `own`, if any, is restored at the end.
#pragma push_macro("own")
#undef own
/// Marks a transfer of ownership, as in wasm.h. It is empty.
#define own

/// @addtogroup version Version
/// @{

/// The version of this header: major * 10000 + minor * 100 + patch. wasmrt_version_number() returns that
/// of the library.
#define WASMRT_VERSION_NUMBER @VERSION_NUMBER@

/// @}

/// @addtogroup store Stores
/// @{

/// Initialises the limits of a store with no limit in any field.
#define WASMRT_STORE_LIMITS_INIT \
  { sizeof(wasmrt_store_limits_t), UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX }

/// @}

/// @addtogroup memory Memories
/// @{

/// A length for wasmrt_memory_string(): as far as the NUL that ends the text.
#define WASMRT_STRING_NUL UINT64_MAX

/// @}

/// @addtogroup values Values and their types
/// @{

/// A value of any type, v128 included: its kind, and the member of `of` that belongs to the kind. A value
/// of a reference kind that was received as `own` owns a handle, which `wasmrt_val_delete` deletes.
typedef struct wasmrt_val_t {
  /// The kind, which determines the member of `of`: one of `wasm_valkind_enum`, or `WASMRT_V128`.
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
    /// For `WASMRT_V128`: its bytes, in the order in which they are stored in a memory.
    uint8_t v128[16];
  } of;
} wasmrt_val_t;

/// Initialises an i32.
#define WASMRT_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = (i)}}
/// Initialises an i64.
#define WASMRT_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = (i)}}
/// Initialises an f32.
#define WASMRT_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = (z)}}
/// Initialises an f64.
#define WASMRT_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = (z)}}
/// Initialises a reference of either kind, as in wasm.h.
#define WASMRT_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = (r)}}
/// Initialises a v128 from its bytes in braces: `WASMRT_V128_VAL({1, 2, 3})`.
#define WASMRT_V128_VAL(...) {.kind = WASMRT_V128, .of = {.v128 = __VA_ARGS__}}
/// Initialises a null reference.
#define WASMRT_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}

/// @}
