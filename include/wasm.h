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

// ---- Bytes, names and messages ----
/// @addtogroup bytes Bytes, names and messages
/// @{

/// A byte: plain `char`, as in the published header.
typedef char wasm_byte_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_byte_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  wasm_byte_t *data;
} wasm_byte_vec_t;

/// UTF-8 text with a length. In every non-empty byte vector that the library makes, a NUL follows
/// the last byte; `size` does not count it.
typedef struct wasm_byte_vec_t wasm_name_t;

/// Text that ends in a NUL, which `size` counts.
typedef wasm_name_t wasm_message_t;

/// @}

// ---- Values and their types ----
/// @addtogroup values Values and their types
/// @{

/// Kinds of values: the values of `wasm_valkind_t`. Kinds from 128 on are references.
typedef enum wasm_valkind_enum {
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
} wasm_valkind_enum;

/// The type of a value.
typedef struct wasm_valtype_t wasm_valtype_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_val_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  wasm_val_t *data;
} wasm_val_vec_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_valtype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_valtype_t **data;
} wasm_valtype_vec_t;

/// @}

// ---- Types of functions, globals, tables, memories, tags ----
/// @addtogroup types Types of functions, globals, tables, memories, tags
/// @{

/// Whether a global may change: the values of `wasm_mutability_t`.
typedef enum wasm_mutability_enum {
  /// The global never changes.
  WASM_CONST = 0,
  /// The global may be set.
  WASM_VAR = 1,
} wasm_mutability_enum;

/// Kinds of imports and exports: the values of `wasm_externkind_t`.
typedef enum wasm_externkind_enum {
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
} wasm_externkind_enum;

/// An export of a module: name and type.
typedef struct wasm_exporttype_t wasm_exporttype_t;

/// The type of an import or export, of any kind.
typedef struct wasm_externtype_t wasm_externtype_t;

/// The type of a function.
typedef struct wasm_functype_t wasm_functype_t;

/// The type of a global.
typedef struct wasm_globaltype_t wasm_globaltype_t;

/// An import of a module: module name, name and type.
typedef struct wasm_importtype_t wasm_importtype_t;

/// The type of a memory.
typedef struct wasm_memorytype_t wasm_memorytype_t;

/// The type of a table.
typedef struct wasm_tabletype_t wasm_tabletype_t;

/// The type of an exception tag.
typedef struct wasm_tagtype_t wasm_tagtype_t;

/// One of the numbers of `wasm_externkind_enum`.
typedef uint8_t wasm_externkind_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_externtype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_externtype_t **data;
} wasm_externtype_vec_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_functype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_functype_t **data;
} wasm_functype_vec_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_globaltype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_globaltype_t **data;
} wasm_globaltype_vec_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_tabletype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_tabletype_t **data;
} wasm_tabletype_vec_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_memorytype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_memorytype_t **data;
} wasm_memorytype_vec_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_tagtype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_tagtype_t **data;
} wasm_tagtype_vec_t;

/// `WASM_CONST` or `WASM_VAR`.
typedef uint8_t wasm_mutability_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_importtype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_importtype_t **data;
} wasm_importtype_vec_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_exporttype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_exporttype_t **data;
} wasm_exporttype_vec_t;

/// Size limits of a memory, in pages of 64 KiB, or of a table, in elements.
typedef struct wasm_limits_t {
  /// Minimum size.
  uint32_t min;
  /// Maximum size; `wasm_limits_max_default` means that there is none.
  uint32_t max;
} wasm_limits_t;

/// @}

// ---- Engines and their settings ----
/// @addtogroup engine Engines and their settings
/// @{

/// Settings of an engine. `wasm_engine_new_with_config` takes ownership of them.
typedef struct wasm_config_t wasm_config_t;

/// An engine. A process may have any number of them, on any threads.
typedef struct wasm_engine_t wasm_engine_t;

/// @}

// ---- Stores ----
/// @addtogroup store Stores
/// @{

/// A store: the objects of a group of instances. It is used by one thread at a time.
typedef struct wasm_store_t wasm_store_t;

/// @}

// ---- Modules ----
/// @addtogroup module Modules
/// @{

/// A compiled module.
typedef struct wasm_module_t wasm_module_t;

/// A module outside of any store, which threads can share.
typedef struct wasm_shared_module_t wasm_shared_module_t;

/// @}

// ---- Instances ----
/// @addtogroup instance Instances
/// @{

/// An instance of a module.
typedef struct wasm_instance_t wasm_instance_t;

/// @}

// ---- Functions ----
/// @addtogroup func Functions
/// @{

/// A function.
typedef struct wasm_func_t wasm_func_t;

/// A host function. `args` is borrowed. `results` has one element for each result of the function's
/// type, of the right kind, zero or null. The callback overwrites them; references that it writes
/// become the engine's. NULL means success. A returned trap becomes the engine's and ends the
/// calling guest code.
///
/// The callback may replace the vector `results`, for example with `wasm_val_vec_new`: the engine
/// takes ownership of the new one, and a wrong size makes the call trap. Deleting a vector that the
/// callback was given clears its values and keeps its array.
///
/// The callback runs on the thread that called, and may use its store as outside of calls. It must
/// return: it must neither throw an exception nor leave by `longjmp`.
typedef struct wasm_trap_t *(*wasm_func_callback_t)(const struct wasm_val_vec_t *args,
                                                    struct wasm_val_vec_t *results);

/// As `wasm_func_callback_t`, with the environment that was given when the function was made.
typedef struct wasm_trap_t *(*wasm_func_callback_with_env_t)(void *env,
                                                             const struct wasm_val_vec_t *args,
                                                             struct wasm_val_vec_t *results);

/// @}

// ---- Globals ----
/// @addtogroup global Globals
/// @{

/// A global: a cell that holds a value.
typedef struct wasm_global_t wasm_global_t;

/// @}

// ---- Tables ----
/// @addtogroup table Tables
/// @{

/// A table: a vector of references.
typedef struct wasm_table_t wasm_table_t;

/// A number of table elements.
typedef uint32_t wasm_table_size_t;

/// @}

// ---- Memories ----
/// @addtogroup memory Memories
/// @{

/// A memory: a vector of bytes.
typedef struct wasm_memory_t wasm_memory_t;

/// A number of pages: of 64 KiB, or of one byte if the type of the memory says so.
typedef uint32_t wasm_memory_pages_t;

/// @}

// ---- Imports and exports of any kind ----
/// @addtogroup extern Imports and exports of any kind
/// @{

/// Anything that can be imported or exported.
typedef struct wasm_extern_t wasm_extern_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_extern_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_extern_t **data;
} wasm_extern_vec_t;

/// @}

// ---- Traps and backtraces ----
/// @addtogroup trap Traps and backtraces
/// @{

/// A guest frame of a backtrace, independent of the trap it came from. It belongs to a store like
/// the objects of that store, because it keeps its instance alive.
typedef struct wasm_frame_t wasm_frame_t;

/// The reason why guest code stopped. A trap keeps the instances alive whose code was running.
typedef struct wasm_trap_t wasm_trap_t;

/// A vector. It owns its elements and their buffer. The struct itself belongs to the
/// caller, who may lower `size` before deleting the vector, but not raise it.
typedef struct wasm_frame_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_frame_t **data;
} wasm_frame_vec_t;

/// @}

// ---- References, casts and host info ----
/// @addtogroup ref References, casts and host info
/// @{

/// A host object that modules can pass around but not inspect.
typedef struct wasm_foreign_t wasm_foreign_t;

/// A reference to any object of a store.
typedef struct wasm_ref_t wasm_ref_t;

/// @}

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// ---- Bytes, names and messages ----
/// @addtogroup bytes Bytes, names and messages
/// @{

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_byte_vec_new_empty(own wasm_byte_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_byte_vec_new_uninitialized(own wasm_byte_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_byte_vec_new(
    own wasm_byte_vec_t *out, size_t size, own const wasm_byte_t *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_byte_vec_copy(own wasm_byte_vec_t *out, const wasm_byte_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_byte_vec_delete(own wasm_byte_vec_t *vec);

/// @}

// ---- Values and their types ----
/// @addtogroup values Values and their types
/// @{

/// Deletes the reference in a value, if it holds one, and makes it null. The struct itself stays
/// the caller's. Does nothing for NULL.
WASM_API_EXTERN void wasm_val_delete(own wasm_val_t *value);

/// Makes `out` a copy of `value`, which is borrowed. A reference in the copy is a new handle, owned
/// by the caller. If `value` is NULL, `out` is the null reference.
WASM_API_EXTERN void wasm_val_copy(own wasm_val_t *out, const wasm_val_t *value);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_val_vec_new_empty(own wasm_val_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_val_vec_new_uninitialized(own wasm_val_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_val_vec_new(
    own wasm_val_vec_t *out, size_t size, own const wasm_val_t *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_val_vec_copy(own wasm_val_vec_t *out, const wasm_val_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_val_vec_delete(own wasm_val_vec_t *vec);

/// Makes a value type of the given kind, owned by the caller. `WASMRT_V128` of wasmrt.h is a kind
/// as well. NULL for an unknown kind or when memory is short.
WASM_API_EXTERN own wasm_valtype_t *wasm_valtype_new(wasm_valkind_t kind);

/// Returns the kind of the type; 0 for NULL.
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *ty);

/// Returns a copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_valtype_t *wasm_valtype_copy(const wasm_valtype_t *ty);

/// Deletes a type. Does nothing for NULL.
WASM_API_EXTERN void wasm_valtype_delete(own wasm_valtype_t *ty);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_valtype_vec_new_empty(own wasm_valtype_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_valtype_vec_new_uninitialized(own wasm_valtype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_valtype_vec_new(
    own wasm_valtype_vec_t *out, size_t size, own wasm_valtype_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_valtype_vec_copy(
    own wasm_valtype_vec_t *out, const wasm_valtype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_valtype_vec_delete(own wasm_valtype_vec_t *vec);

/// @}

// ---- Types of functions, globals, tables, memories, tags ----
/// @addtogroup types Types of functions, globals, tables, memories, tags
/// @{

/// Makes a function type, owned by the caller. It takes ownership of both vectors and leaves the
/// caller's structs empty. A NULL vector counts as empty. NULL if an element is NULL or memory is
/// short.
WASM_API_EXTERN own wasm_functype_t *wasm_functype_new(
    own wasm_valtype_vec_t *params, own wasm_valtype_vec_t *results);

/// Returns the parameter types, borrowed: valid as long as the type. NULL for NULL.
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *ty);

/// Returns the result types, borrowed: valid as long as the type. NULL for NULL.
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *ty);

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_functype_t *wasm_functype_copy(const wasm_functype_t *ty);

/// Deletes a type. Does nothing for NULL.
WASM_API_EXTERN void wasm_functype_delete(own wasm_functype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_externtype_t *wasm_functype_as_externtype(wasm_functype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_externtype_t *wasm_functype_as_externtype_const(
    const wasm_functype_t *ty);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_functype_vec_new_empty(own wasm_functype_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_functype_vec_new_uninitialized(own wasm_functype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_functype_vec_new(
    own wasm_functype_vec_t *out, size_t size, own wasm_functype_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_functype_vec_copy(
    own wasm_functype_vec_t *out, const wasm_functype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_functype_vec_delete(own wasm_functype_vec_t *vec);

/// Makes the type of a global, owned by the caller. It takes ownership of the value type. NULL if
/// the value type is NULL, the mutability is unknown, or memory is short.
WASM_API_EXTERN own wasm_globaltype_t *wasm_globaltype_new(
    own wasm_valtype_t *content, wasm_mutability_t mutability);

/// Returns the type of the value, borrowed: valid as long as the type. NULL for NULL.
WASM_API_EXTERN const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *ty);

/// Returns the mutability of the global; `WASM_CONST` for NULL.
WASM_API_EXTERN wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *ty);

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_globaltype_t *wasm_globaltype_copy(const wasm_globaltype_t *ty);

/// Deletes a type. Does nothing for NULL.
WASM_API_EXTERN void wasm_globaltype_delete(own wasm_globaltype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_externtype_t *wasm_globaltype_as_externtype(wasm_globaltype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_externtype_t *wasm_globaltype_as_externtype_const(
    const wasm_globaltype_t *ty);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_globaltype_vec_new_empty(own wasm_globaltype_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_globaltype_vec_new_uninitialized(
    own wasm_globaltype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_globaltype_vec_new(
    own wasm_globaltype_vec_t *out, size_t size, own wasm_globaltype_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_globaltype_vec_copy(
    own wasm_globaltype_vec_t *out, const wasm_globaltype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_globaltype_vec_delete(own wasm_globaltype_vec_t *vec);

/// Makes the type of a table, owned by the caller. It takes ownership of the element type and
/// copies the limits. NULL if either is NULL, the minimum is greater than the maximum, or memory is
/// short. Element types that are not references are allowed here, but `wasm_table_new` refuses
/// them.
WASM_API_EXTERN own wasm_tabletype_t *wasm_tabletype_new(
    own wasm_valtype_t *element, const wasm_limits_t *limits);

/// Returns the type of the elements, borrowed: valid as long as the type. NULL for NULL.
WASM_API_EXTERN const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *ty);

/// Returns the limits in elements, borrowed: valid as long as the type. Numbers that do not fit are
/// `UINT32_MAX`. NULL for NULL.
WASM_API_EXTERN const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *ty);

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_tabletype_t *wasm_tabletype_copy(const wasm_tabletype_t *ty);

/// Deletes a type. Does nothing for NULL.
WASM_API_EXTERN void wasm_tabletype_delete(own wasm_tabletype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_externtype_t *wasm_tabletype_as_externtype(wasm_tabletype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_externtype_t *wasm_tabletype_as_externtype_const(
    const wasm_tabletype_t *ty);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_tabletype_vec_new_empty(own wasm_tabletype_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_tabletype_vec_new_uninitialized(
    own wasm_tabletype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_tabletype_vec_new(
    own wasm_tabletype_vec_t *out, size_t size, own wasm_tabletype_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_tabletype_vec_copy(
    own wasm_tabletype_vec_t *out, const wasm_tabletype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_tabletype_vec_delete(own wasm_tabletype_vec_t *vec);

/// Makes the type of a memory, owned by the caller. It copies the limits. NULL if they are NULL,
/// the minimum is greater than the maximum, or memory is short. A maximum above 65,536 pages is
/// allowed here, but `wasm_memory_new` refuses it.
WASM_API_EXTERN own wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *limits);

/// Returns the limits in pages, borrowed: valid as long as the type. Numbers that do not fit are
/// `UINT32_MAX`. NULL for NULL.
WASM_API_EXTERN const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *ty);

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_memorytype_t *wasm_memorytype_copy(const wasm_memorytype_t *ty);

/// Deletes a type. Does nothing for NULL.
WASM_API_EXTERN void wasm_memorytype_delete(own wasm_memorytype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_externtype_t *wasm_memorytype_as_externtype(wasm_memorytype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_externtype_t *wasm_memorytype_as_externtype_const(
    const wasm_memorytype_t *ty);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_memorytype_vec_new_empty(own wasm_memorytype_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_memorytype_vec_new_uninitialized(
    own wasm_memorytype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_memorytype_vec_new(
    own wasm_memorytype_vec_t *out, size_t size, own wasm_memorytype_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_memorytype_vec_copy(
    own wasm_memorytype_vec_t *out, const wasm_memorytype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_memorytype_vec_delete(own wasm_memorytype_vec_t *vec);

/// Makes the type of a tag whose exceptions carry the parameters of the function type, which it
/// takes ownership of. The caller owns the result. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_tagtype_t *wasm_tagtype_new(own wasm_functype_t *functype);

/// Returns the function type, borrowed: valid as long as the type. NULL for NULL.
WASM_API_EXTERN const wasm_functype_t *wasm_tagtype_functype(const wasm_tagtype_t *ty);

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_tagtype_t *wasm_tagtype_copy(const wasm_tagtype_t *ty);

/// Deletes a type. Does nothing for NULL.
WASM_API_EXTERN void wasm_tagtype_delete(own wasm_tagtype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_externtype_t *wasm_tagtype_as_externtype(wasm_tagtype_t *ty);

/// Returns the same type as an extern type: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_externtype_t *wasm_tagtype_as_externtype_const(const wasm_tagtype_t *ty);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_tagtype_vec_new_empty(own wasm_tagtype_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_tagtype_vec_new_uninitialized(own wasm_tagtype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_tagtype_vec_new(
    own wasm_tagtype_vec_t *out, size_t size, own wasm_tagtype_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_tagtype_vec_copy(
    own wasm_tagtype_vec_t *out, const wasm_tagtype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_tagtype_vec_delete(own wasm_tagtype_vec_t *vec);

/// Returns the kind of the type; 0 for NULL.
WASM_API_EXTERN wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *ty);

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_externtype_t *wasm_externtype_copy(const wasm_externtype_t *ty);

/// Deletes a type. Does nothing for NULL.
WASM_API_EXTERN void wasm_externtype_delete(own wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN wasm_functype_t *wasm_externtype_as_functype(wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN const wasm_functype_t *wasm_externtype_as_functype_const(
    const wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN wasm_globaltype_t *wasm_externtype_as_globaltype(wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN const wasm_globaltype_t *wasm_externtype_as_globaltype_const(
    const wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN wasm_tabletype_t *wasm_externtype_as_tabletype(wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN const wasm_tabletype_t *wasm_externtype_as_tabletype_const(
    const wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN wasm_memorytype_t *wasm_externtype_as_memorytype(wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN const wasm_memorytype_t *wasm_externtype_as_memorytype_const(
    const wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN wasm_tagtype_t *wasm_externtype_as_tagtype(wasm_externtype_t *ty);

/// Returns the same type under the name of its kind: a view, not owned. NULL for NULL or a
/// type of another kind.
WASM_API_EXTERN const wasm_tagtype_t *wasm_externtype_as_tagtype_const(const wasm_externtype_t *ty);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_externtype_vec_new_empty(own wasm_externtype_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_externtype_vec_new_uninitialized(
    own wasm_externtype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_externtype_vec_new(
    own wasm_externtype_vec_t *out, size_t size, own wasm_externtype_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_externtype_vec_copy(
    own wasm_externtype_vec_t *out, const wasm_externtype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_externtype_vec_delete(own wasm_externtype_vec_t *vec);

/// Makes an import type, owned by the caller. It takes ownership of both names, leaving the
/// caller's structs empty, and of the type. A NULL name counts as empty. NULL if the type is NULL
/// or memory is short.
WASM_API_EXTERN own wasm_importtype_t *wasm_importtype_new(
    own wasm_name_t *module, own wasm_name_t *name, own wasm_externtype_t *ty);

/// Returns the module name, borrowed: valid as long as the import type. NULL for NULL.
WASM_API_EXTERN const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *ty);

/// Returns the name in the module, borrowed: valid as long as the import type. NULL for NULL.
WASM_API_EXTERN const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *ty);

/// Returns the type of the import, borrowed: valid as long as the import type. NULL for NULL.
WASM_API_EXTERN const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *ty);

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_importtype_t *wasm_importtype_copy(const wasm_importtype_t *ty);

/// Deletes an import type. Does nothing for NULL.
WASM_API_EXTERN void wasm_importtype_delete(own wasm_importtype_t *ty);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_importtype_vec_new_empty(own wasm_importtype_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_importtype_vec_new_uninitialized(
    own wasm_importtype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_importtype_vec_new(
    own wasm_importtype_vec_t *out, size_t size, own wasm_importtype_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_importtype_vec_copy(
    own wasm_importtype_vec_t *out, const wasm_importtype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_importtype_vec_delete(own wasm_importtype_vec_t *vec);

/// Makes an export type, owned by the caller. It takes ownership of the name, leaving the caller's
/// struct empty, and of the type. A NULL name counts as empty. NULL if the type is NULL or memory
/// is short.
WASM_API_EXTERN own wasm_exporttype_t *wasm_exporttype_new(
    own wasm_name_t *name, own wasm_externtype_t *ty);

/// Returns the name of the export, borrowed: valid as long as the export type. NULL for NULL.
WASM_API_EXTERN const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *ty);

/// Returns the type of the export, borrowed: valid as long as the export type. NULL for NULL.
WASM_API_EXTERN const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *ty);

/// Returns a deep copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_exporttype_t *wasm_exporttype_copy(const wasm_exporttype_t *ty);

/// Deletes an export type. Does nothing for NULL.
WASM_API_EXTERN void wasm_exporttype_delete(own wasm_exporttype_t *ty);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_exporttype_vec_new_empty(own wasm_exporttype_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_exporttype_vec_new_uninitialized(
    own wasm_exporttype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_exporttype_vec_new(
    own wasm_exporttype_vec_t *out, size_t size, own wasm_exporttype_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_exporttype_vec_copy(
    own wasm_exporttype_vec_t *out, const wasm_exporttype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_exporttype_vec_delete(own wasm_exporttype_vec_t *vec);

/// @}

// ---- Engines and their settings ----
/// @addtogroup engine Engines and their settings
/// @{

/// Makes a configuration with the default settings, owned by the caller. NULL when memory is short.
WASM_API_EXTERN own wasm_config_t *wasm_config_new(void);

/// Deletes a configuration that no engine took. Does nothing for NULL.
WASM_API_EXTERN void wasm_config_delete(own wasm_config_t *config);

/// Makes an engine with the default settings, owned by the caller. NULL on failure, with the reason
/// as last error.
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new(void);

/// Makes an engine with the given settings, which it takes ownership of; NULL means the defaults.
/// The caller owns the result. NULL on failure, with the reason as last error.
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new_with_config(own wasm_config_t *config);

/// Deletes an engine handle. The engine itself lives as long as stores or shared modules use it.
/// Does nothing for NULL.
WASM_API_EXTERN void wasm_engine_delete(own wasm_engine_t *engine);

/// @}

// ---- Stores ----
/// @addtogroup store Stores
/// @{

/// Makes a store of the engine (borrowed), which the store keeps alive. The caller owns the result.
/// NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_store_t *wasm_store_new(wasm_engine_t *engine);

/// Deletes a store with all its objects, and runs their finalizers. Handles that remain may only be
/// copied, cast, compared and deleted. If it is called from within a call of the store, or from a
/// finalizer that runs while the store is working (making an object, for example), it takes effect
/// when the outermost call or operation has returned; until then the store keeps working. Does
/// nothing for NULL.
WASM_API_EXTERN void wasm_store_delete(own wasm_store_t *store);

/// @}

// ---- Modules ----
/// @addtogroup module Modules
/// @{

/// Validates a module, and compiles it as the engine is set (`WASMRT_OPTION_COMPILE`). The bytes are
/// borrowed. The caller owns the result. NULL on failure, with the reason as last error.
WASM_API_EXTERN own wasm_module_t *wasm_module_new(
    wasm_store_t *store, const wasm_byte_vec_t *binary);

/// Returns whether the bytes (borrowed) are a valid module; if not, the last error gives the
/// reason.
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t *store, const wasm_byte_vec_t *binary);

/// Makes `out` the imports of the module, in order; owned by the caller. Empty for NULL or when
/// memory is short.
WASM_API_EXTERN void wasm_module_imports(
    const wasm_module_t *module, own wasm_importtype_vec_t *out);

/// Makes `out` the exports of the module, in order; owned by the caller. Empty for NULL or when
/// memory is short.
WASM_API_EXTERN void wasm_module_exports(
    const wasm_module_t *module, own wasm_exporttype_vec_t *out);

/// Makes `out` bytes from which `wasm_module_deserialize` makes the module again, also in a later
/// process: the original binary, and optimized machine code for all functions. What is not optimized
/// yet is compiled now. They can be loaded by the same build of the library, on processors that have
/// what the code uses.
///
/// The bytes contain machine code, and their checksum detects only damage: whoever can change the
/// bytes can run code in the process that loads them. If others can write to the place where they
/// are stored, set a key with `wasmrt_config_set_serialize_key`.
///
/// The caller owns `out`. On failure (the module is NULL, its store has been deleted, or memory is
/// short) it is empty and the last error is set.
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t *module, own wasm_byte_vec_t *out);

/// Makes a module from bytes that `wasm_module_serialize` wrote, which are borrowed. The caller
/// owns the result. Nothing is compiled, and the bodies of functions are not validated again: that
/// was done before the code was made. Code that the bytes lack is compiled when it is needed: metered
/// code when an instance needs it, single functions at their first call.
///
/// NULL on failure, with the reason as last error. Its kind is `WASMRT_ERROR_SERIALIZED` if the
/// bytes are not a serialized module, or damaged, truncated, written by another build, for another
/// processor, or not sealed with the engine's key; it is another one if a limit of this engine or a
/// lack of memory prevents the module. The machine code is trusted: load only bytes from places
/// where only trusted programs can write, or use a key.
WASM_API_EXTERN own wasm_module_t *wasm_module_deserialize(
    wasm_store_t *store, const wasm_byte_vec_t *binary);

/// Makes a shared module from a module (borrowed): it outlives the module and its store, and any
/// thread may use it. The caller owns the result. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_shared_module_t *wasm_module_share(const wasm_module_t *module);

/// Makes a module of the store from a shared module (borrowed), with the same code and without host
/// info. The caller owns the result. NULL if an argument is NULL, the store belongs to another
/// engine, or memory is short. Several threads may do this at the same time, each for its own
/// store.
WASM_API_EXTERN own wasm_module_t *wasm_module_obtain(
    wasm_store_t *store, const wasm_shared_module_t *shared);

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_module_t *wasm_module_copy(const wasm_module_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_module_delete(own wasm_module_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_module_same(const wasm_module_t *a, const wasm_module_t *b);

/// Deletes a shared module; modules obtained from it remain. Does nothing for NULL.
WASM_API_EXTERN void wasm_shared_module_delete(own wasm_shared_module_t *shared);

/// @}

// ---- Instances ----
/// @addtogroup instance Instances
/// @{

/// Instantiates a module, which may be of another store of the same engine. `imports` are objects
/// of `store`, in the order of the module's imports; additional ones are ignored. Module and
/// imports are borrowed. On success the caller owns the result, and `*trap` is NULL. On failure the
/// result is NULL, and `*trap` is a trap owned by the caller: that of the start function or a
/// segment, or one whose message lists every import that is missing or does not fit (as does the
/// last error). `trap` may be NULL.
WASM_API_EXTERN own wasm_instance_t *wasm_instance_new(
    wasm_store_t *store, const wasm_module_t *module, const wasm_extern_vec_t *imports,
    own wasm_trap_t **trap);

/// Makes `out` the exports of the instance, in the order of the module's exports; owned by the
/// caller. Empty for NULL or when memory is short.
WASM_API_EXTERN void wasm_instance_exports(
    const wasm_instance_t *instance, own wasm_extern_vec_t *out);

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_instance_t *wasm_instance_copy(const wasm_instance_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_instance_delete(own wasm_instance_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_instance_same(const wasm_instance_t *a, const wasm_instance_t *b);

/// @}

// ---- Functions ----
/// @addtogroup func Functions
/// @{

/// Makes a host function without environment. The type is borrowed. The caller owns the result.
/// NULL if an argument is NULL, the type has a v128 (see `wasmrt_func_new`) or too many parameters
/// or results, or memory is short.
WASM_API_EXTERN own wasm_func_t *wasm_func_new(
    wasm_store_t *store, const wasm_functype_t *ty, wasm_func_callback_t callback);

/// Makes a host function that is called with `env`, which may be NULL. The type is borrowed. The
/// finalizer, which may be NULL, runs once with `env`: when the function is destroyed, no later
/// than the store, or immediately if no function is made. The caller owns the result. NULL if
/// store, type or callback is NULL, the type has a v128 (see `wasmrt_func_new`) or too many
/// parameters or results, or memory is short.
WASM_API_EXTERN own wasm_func_t *wasm_func_new_with_env(
    wasm_store_t *store, const wasm_functype_t *ty, wasm_func_callback_with_env_t callback,
    void *env, void (*finalizer)(void *env));

/// Returns the function's type, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_functype_t *wasm_func_type(const wasm_func_t *func);

/// Returns the number of parameters; 0 for NULL.
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t *func);

/// Returns the number of results; 0 for NULL.
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t *func);

/// Calls a function. `args` is borrowed and must match the parameters in number and kind; otherwise
/// the function does not run and a trap is returned.
///
/// On success the return value is NULL and the first `results->size` results are written, whatever
/// the elements held before; the caller owns references among them. If `results` has more elements
/// than the function has results, the others stay unchanged. On failure the return value is a trap,
/// owned by the caller, and `results` stays unchanged. A NULL vector counts as empty.
///
/// Calling NULL, or a function whose store has been deleted, returns a trap that belongs to no
/// store: any threads may use it at the same time, and it cannot have host info.
WASM_API_EXTERN own wasm_trap_t *wasm_func_call(
    const wasm_func_t *func, const wasm_val_vec_t *args, wasm_val_vec_t *results);

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_func_t *wasm_func_copy(const wasm_func_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_func_delete(own wasm_func_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_func_same(const wasm_func_t *a, const wasm_func_t *b);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_extern_t *wasm_func_as_extern(wasm_func_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_extern_t *wasm_func_as_extern_const(const wasm_func_t *object);

/// @}

// ---- Globals ----
/// @addtogroup global Globals
/// @{

/// Makes a global with the given type and value, both borrowed. The caller owns the result. NULL if
/// an argument is NULL, the value is not of the type, or memory is short.
WASM_API_EXTERN own wasm_global_t *wasm_global_new(
    wasm_store_t *store, const wasm_globaltype_t *ty, const wasm_val_t *value);

/// Returns the type of the global, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_globaltype_t *wasm_global_type(const wasm_global_t *global);

/// Makes `out` the value of the global; a reference in it is owned by the caller. The null
/// reference, with the last error set, for NULL, and for a v128, which a `wasm_val_t` cannot hold.
WASM_API_EXTERN void wasm_global_get(const wasm_global_t *global, own wasm_val_t *out);

/// Sets the value of the global; `value` is borrowed. If an argument is NULL, the global is
/// constant, or the value is not of its type, nothing changes and the last error is set.
WASM_API_EXTERN void wasm_global_set(wasm_global_t *global, const wasm_val_t *value);

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_global_t *wasm_global_copy(const wasm_global_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_global_delete(own wasm_global_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_global_same(const wasm_global_t *a, const wasm_global_t *b);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_extern_t *wasm_global_as_extern(wasm_global_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_extern_t *wasm_global_as_extern_const(const wasm_global_t *object);

/// @}

// ---- Tables ----
/// @addtogroup table Tables
/// @{

/// Makes a table of the given type (borrowed), with all elements `init` (borrowed; NULL for null).
/// The caller owns the result. NULL if store or type is NULL, the elements of the type are not
/// references, `init` does not fit them, the table is larger than the engine or the store allows,
/// or memory is short.
WASM_API_EXTERN own wasm_table_t *wasm_table_new(
    wasm_store_t *store, const wasm_tabletype_t *ty, wasm_ref_t *init);

/// Returns the type of the table with its current size as the minimum, owned by the caller. NULL
/// for NULL or when memory is short.
WASM_API_EXTERN own wasm_tabletype_t *wasm_table_type(const wasm_table_t *table);

/// Returns the element at `index`, owned by the caller. NULL for a null element; also, with the
/// last error set, if the index is out of bounds or the table is NULL.
WASM_API_EXTERN own wasm_ref_t *wasm_table_get(const wasm_table_t *table, wasm_table_size_t index);

/// Sets the element at `index` to a reference (borrowed; NULL for null). False, with the last error
/// set and no change, if the index is out of bounds, the reference does not fit, or the table is
/// NULL.
WASM_API_EXTERN bool wasm_table_set(
    wasm_table_t *table, wasm_table_size_t index, wasm_ref_t *reference);

/// Returns the current number of elements; 0 for NULL. Numbers that do not fit are `UINT32_MAX`.
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t *table);

/// Adds `delta` elements that are `init` (borrowed; NULL for null). False, with the last error set
/// and no change, beyond the maximum, if `init` does not fit, if the limits or the limiter of the
/// store refuse, if memory is short, or if the table is NULL.
WASM_API_EXTERN bool wasm_table_grow(
    wasm_table_t *table, wasm_table_size_t delta, wasm_ref_t *init);

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_table_t *wasm_table_copy(const wasm_table_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_table_delete(own wasm_table_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_table_same(const wasm_table_t *a, const wasm_table_t *b);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_extern_t *wasm_table_as_extern(wasm_table_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_extern_t *wasm_table_as_extern_const(const wasm_table_t *object);

/// @}

// ---- Memories ----
/// @addtogroup memory Memories
/// @{

/// Makes a memory of the given type (borrowed), filled with zeros. The caller owns the result. NULL
/// if an argument is NULL, the memory is larger than the engine or the store allows, its maximum is
/// above 65,536 pages of 64 KiB (281,474,976,710,656 for 64-bit memories), or address space or memory
/// is short.
/// A shared memory without guard pages needs address space for its maximum, or for what the engine
/// allows (`WASMRT_OPTION_MAX_MEMORY_PAGES`) if that is less.
WASM_API_EXTERN own wasm_memory_t *wasm_memory_new(
    wasm_store_t *store, const wasm_memorytype_t *ty);

/// Returns the type of the memory with its current size as the minimum, owned by the caller. NULL
/// for NULL or when memory is short.
WASM_API_EXTERN own wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *memory);

/// Returns the address of the first byte, valid until the memory grows or is destroyed. It is not
/// NULL even if the memory is empty. A shared memory grows where it is: its address stays valid until
/// no store and no `wasmrt_shared_memory_t` has the memory any more. NULL for NULL.
WASM_API_EXTERN wasm_byte_t *wasm_memory_data(wasm_memory_t *memory);

/// Returns the length in bytes; 0 for NULL. A shared memory may be grown by other threads.
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t *memory);

/// Returns the length in pages; 0 for NULL. Numbers that do not fit are `UINT32_MAX`.
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *memory);

/// Adds `delta` pages of zeros. False, with the last error set and no change, beyond the maximum,
/// if the limits or the limiter of the store refuse, if memory is short, or if the memory is NULL.
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t *memory, wasm_memory_pages_t delta);

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_memory_t *wasm_memory_copy(const wasm_memory_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_memory_delete(own wasm_memory_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_memory_same(const wasm_memory_t *a, const wasm_memory_t *b);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_extern_t *wasm_memory_as_extern(wasm_memory_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_extern_t *wasm_memory_as_extern_const(const wasm_memory_t *object);

/// @}

// ---- Imports and exports of any kind ----
/// @addtogroup extern Imports and exports of any kind
/// @{

/// Returns what kind of object an extern is; 0 for NULL.
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t *object);

/// Returns the current type of an extern, owned by the caller. NULL for NULL or when memory is
/// short.
WASM_API_EXTERN own wasm_externtype_t *wasm_extern_type(const wasm_extern_t *object);

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_extern_t *wasm_extern_copy(const wasm_extern_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_extern_delete(own wasm_extern_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_extern_same(const wasm_extern_t *a, const wasm_extern_t *b);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_func_t *wasm_extern_as_func(wasm_extern_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_func_t *wasm_extern_as_func_const(const wasm_extern_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_global_t *wasm_extern_as_global(wasm_extern_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_global_t *wasm_extern_as_global_const(const wasm_extern_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_table_t *wasm_extern_as_table(wasm_extern_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_table_t *wasm_extern_as_table_const(const wasm_extern_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_memory_t *wasm_extern_as_memory(wasm_extern_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_memory_t *wasm_extern_as_memory_const(const wasm_extern_t *object);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_extern_vec_new_empty(own wasm_extern_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_extern_vec_new_uninitialized(own wasm_extern_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_extern_vec_new(
    own wasm_extern_vec_t *out, size_t size, own wasm_extern_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_extern_vec_copy(
    own wasm_extern_vec_t *out, const wasm_extern_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_extern_vec_delete(own wasm_extern_vec_t *vec);

/// @}

// ---- Traps and backtraces ----
/// @addtogroup trap Traps and backtraces
/// @{

/// Makes a trap with a message (borrowed), which may end in a NUL. The caller owns the result. NULL
/// if the store is NULL. When memory is short the result is a trap that says so, because a host
/// function that returned NULL would have succeeded.
WASM_API_EXTERN own wasm_trap_t *wasm_trap_new(wasm_store_t *store, const wasm_message_t *text);

/// Makes `out` the message of the trap, ending in one NUL; owned by the caller. Empty for NULL or
/// when memory is short.
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t *trap, own wasm_message_t *out);

/// Returns the innermost guest frame, owned by the caller. NULL if the trap did not come from guest
/// code, for NULL, and when memory is short.
WASM_API_EXTERN own wasm_frame_t *wasm_trap_origin(const wasm_trap_t *trap);

/// Makes `out` the guest frames, innermost first; owned by the caller. Host frames are not
/// included, and of a deep stack only the innermost 256 frames are. Empty for NULL or when memory
/// is short.
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t *trap, own wasm_frame_vec_t *out);

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_trap_t *wasm_trap_copy(const wasm_trap_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_trap_delete(own wasm_trap_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_trap_same(const wasm_trap_t *a, const wasm_trap_t *b);

/// Returns the instance whose function the frame runs, borrowed: valid as long as the frame. NULL
/// for NULL, after the store has been deleted, and if the instance is unknown: the store has
/// several instances of the module, and a function was called through a table or a reference, or
/// possibly by a tail call.
WASM_API_EXTERN wasm_instance_t *wasm_frame_instance(const wasm_frame_t *frame);

/// Returns the index of the frame's function in its module, imported functions included; 0 for
/// NULL.
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t *frame);

/// Returns the byte offset of the frame's instruction in the body of its function, counted from the
/// declarations of locals; 0 for NULL.
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t *frame);

/// Returns the byte offset of the frame's instruction in the module; 0 for NULL.
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t *frame);

/// Returns a copy, owned by the caller. NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_frame_t *wasm_frame_copy(const wasm_frame_t *frame);

/// Deletes a frame. Does nothing for NULL.
WASM_API_EXTERN void wasm_frame_delete(own wasm_frame_t *frame);

/// Makes `out` an empty vector. Does nothing for NULL.
WASM_API_EXTERN void wasm_frame_vec_new_empty(own wasm_frame_vec_t *out);

/// Makes `out` a vector of `size` zero or null elements, for the caller to fill in. The
/// caller owns `out`. On failure (memory is short) `out` is empty and the last error is
/// set.
WASM_API_EXTERN void wasm_frame_vec_new_uninitialized(own wasm_frame_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`. It takes ownership of the
/// elements, but not of the array. The caller owns `out`. On failure (memory is short, or
/// `data` is NULL although `size` is not 0) the elements are deleted, `out` is empty, and
/// the last error is set.
WASM_API_EXTERN void wasm_frame_vec_new(
    own wasm_frame_vec_t *out, size_t size, own wasm_frame_t *const *data);

/// Makes `out` a vector with copies of the elements of `source`; NULL elements stay NULL.
/// `source` is borrowed; NULL counts as empty. The caller owns `out`. On failure (memory is
/// short, or `source` has a size but no data) `out` is empty and the last error is set.
WASM_API_EXTERN void wasm_frame_vec_copy(own wasm_frame_vec_t *out, const wasm_frame_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Does nothing for NULL.
WASM_API_EXTERN void wasm_frame_vec_delete(own wasm_frame_vec_t *vec);

/// @}

// ---- References, casts and host info ----
/// @addtogroup ref References, casts and host info
/// @{

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_ref_get_host_info(const wasm_ref_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_ref_set_host_info(wasm_ref_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_ref_set_host_info_with_finalizer(
    wasm_ref_t *object, void *info, void (*finalizer)(void *info));

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_ref_t *wasm_ref_copy(const wasm_ref_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_ref_delete(own wasm_ref_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_ref_same(const wasm_ref_t *a, const wasm_ref_t *b);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_trap_t *wasm_ref_as_trap(wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_trap_t *wasm_ref_as_trap_const(const wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_foreign_t *wasm_ref_as_foreign(wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_foreign_t *wasm_ref_as_foreign_const(const wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_module_t *wasm_ref_as_module(wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_module_t *wasm_ref_as_module_const(const wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_func_t *wasm_ref_as_func(wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_func_t *wasm_ref_as_func_const(const wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_global_t *wasm_ref_as_global(wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_global_t *wasm_ref_as_global_const(const wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_table_t *wasm_ref_as_table(wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_table_t *wasm_ref_as_table_const(const wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_memory_t *wasm_ref_as_memory(wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_memory_t *wasm_ref_as_memory_const(const wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_extern_t *wasm_ref_as_extern(wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_extern_t *wasm_ref_as_extern_const(const wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN wasm_instance_t *wasm_ref_as_instance(wasm_ref_t *object);

/// Returns the same object under the more specific name: a view, not owned. NULL for NULL
/// or an object of another kind.
WASM_API_EXTERN const wasm_instance_t *wasm_ref_as_instance_const(const wasm_ref_t *object);

/// Makes a new object, distinct from all others and owned by the caller. The host gives it a
/// meaning with host info; guest code sees it as an `externref`. NULL if the store is NULL or
/// memory is short.
WASM_API_EXTERN own wasm_foreign_t *wasm_foreign_new(wasm_store_t *store);

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_foreign_get_host_info(const wasm_foreign_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_foreign_set_host_info(wasm_foreign_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_foreign_set_host_info_with_finalizer(
    wasm_foreign_t *object, void *info, void (*finalizer)(void *info));

/// Returns a new handle to the same object, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_foreign_t *wasm_foreign_copy(const wasm_foreign_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Does nothing for
/// NULL.
WASM_API_EXTERN void wasm_foreign_delete(own wasm_foreign_t *object);

/// Returns whether two handles refer to the same object, wherever they came from. NULL is
/// the same as NULL only.
WASM_API_EXTERN bool wasm_foreign_same(const wasm_foreign_t *a, const wasm_foreign_t *b);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_foreign_as_ref(wasm_foreign_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_foreign_as_ref_const(const wasm_foreign_t *object);

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_trap_get_host_info(const wasm_trap_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_trap_set_host_info(wasm_trap_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_trap_set_host_info_with_finalizer(
    wasm_trap_t *object, void *info, void (*finalizer)(void *info));

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_module_get_host_info(const wasm_module_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_module_set_host_info(wasm_module_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_module_set_host_info_with_finalizer(
    wasm_module_t *object, void *info, void (*finalizer)(void *info));

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_func_get_host_info(const wasm_func_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_func_set_host_info(wasm_func_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_func_set_host_info_with_finalizer(
    wasm_func_t *object, void *info, void (*finalizer)(void *info));

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_global_get_host_info(const wasm_global_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_global_set_host_info(wasm_global_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_global_set_host_info_with_finalizer(
    wasm_global_t *object, void *info, void (*finalizer)(void *info));

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_table_get_host_info(const wasm_table_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_table_set_host_info(wasm_table_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_table_set_host_info_with_finalizer(
    wasm_table_t *object, void *info, void (*finalizer)(void *info));

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_memory_get_host_info(const wasm_memory_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_memory_set_host_info(wasm_memory_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_memory_set_host_info_with_finalizer(
    wasm_memory_t *object, void *info, void (*finalizer)(void *info));

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_extern_get_host_info(const wasm_extern_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_extern_set_host_info(wasm_extern_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_extern_set_host_info_with_finalizer(
    wasm_extern_t *object, void *info, void (*finalizer)(void *info));

/// Returns the pointer that was last attached to the object, through any of its handles.
/// NULL if there is none, and for NULL.
WASM_API_EXTERN void *wasm_instance_get_host_info(const wasm_instance_t *object);

/// Attaches a pointer to the object, replacing the former one, whose finalizer then runs.
/// NULL only removes the former pointer. If both pointers are equal, no finalizer runs. If
/// the object is NULL or its store has been deleted, nothing changes and the last error is
/// set.
WASM_API_EXTERN void wasm_instance_set_host_info(wasm_instance_t *object, void *info);

/// Attaches a pointer as the function without a finalizer does. The finalizer, which may be
/// NULL, runs once with the pointer: when another pointer is attached, or when the object
/// is destroyed, which happens after nothing refers to it any more, and no later than the
/// deletion of the store. It may delete handles, but not otherwise use a store that is
/// being deleted. If the object is NULL or its store has been deleted, nothing changes and
/// the finalizer never runs.
WASM_API_EXTERN void wasm_instance_set_host_info_with_finalizer(
    wasm_instance_t *object, void *info, void (*finalizer)(void *info));

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_trap_as_ref(wasm_trap_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_trap_as_ref_const(const wasm_trap_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_module_as_ref(wasm_module_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_module_as_ref_const(const wasm_module_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_func_as_ref(wasm_func_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_func_as_ref_const(const wasm_func_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_global_as_ref(wasm_global_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_global_as_ref_const(const wasm_global_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_table_as_ref(wasm_table_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_table_as_ref_const(const wasm_table_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_memory_as_ref(wasm_memory_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_memory_as_ref_const(const wasm_memory_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_extern_as_ref(wasm_extern_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_extern_as_ref_const(const wasm_extern_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_instance_as_ref(wasm_instance_t *object);

/// Returns the same object under the more general name: a view, not owned. NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_instance_as_ref_const(const wasm_instance_t *object);

/// @}

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifdef __cplusplus
extern "C" {
#endif

/// @addtogroup types
/// @{

/// The value of `max` in `wasm_limits_t` that means no maximum.
static const uint32_t wasm_limits_max_default = 0xffffffff;

/// @}
/// @addtogroup memory
/// @{

/// Bytes in a page of a memory.
static const size_t MEMORY_PAGE_SIZE = 0x10000;

/// @}
/// @addtogroup bytes
/// @{

/// Names are byte vectors. This macro and the following ones give their functions names of their own.
#define wasm_name wasm_byte_vec
/// As `wasm_byte_vec_new`: makes `out` a copy of the bytes.
#define wasm_name_new wasm_byte_vec_new
/// As `wasm_byte_vec_new_empty`.
#define wasm_name_new_empty wasm_byte_vec_new_empty
/// As `wasm_byte_vec_new_uninitialized`.
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
/// As `wasm_byte_vec_copy`.
#define wasm_name_copy wasm_byte_vec_copy
/// As `wasm_byte_vec_delete`.
#define wasm_name_delete wasm_byte_vec_delete
/// As `wasm_byte_vec_new_uninitialized`, for older programs.
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized

/// Initialises a vector without elements.
#define WASM_EMPTY_VEC {0, NULL}
/// Initialises a vector as a view of an array. The array is not copied; do not delete such a vector.
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof((array)[0]), array}

/// @}
/// @addtogroup values
/// @{

/// Initialises a value of type i32.
#define WASM_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = (i)}}
/// Initialises a value of type i64.
#define WASM_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = (i)}}
/// Initialises a value of type f32.
#define WASM_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = (z)}}
/// Initialises a value of type f64.
#define WASM_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = (z)}}
/// Initialises a reference of either kind. The kind is WASM_EXTERNREF in both cases; the type of the
/// parameter, table or global that receives the value decides.
#define WASM_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = (r)}}
/// Initialises a value with the null reference.
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}

/// @}
/// @addtogroup bytes
/// @{

/// Makes `out` a name with the characters of a C string, without its NUL. The string is copied;
/// the caller owns `out`. Empty when memory is short.
static inline void wasm_name_new_from_string(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s), s);
}

/// Makes `out` a name with the characters of a C string and its NUL, as in messages. The string is
/// copied; the caller owns `out`. Empty when memory is short.
static inline void wasm_name_new_from_string_nt(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s) + 1, s);
}

/// @}
/// @addtogroup values
/// @{

/// Returns whether values of the kind are numbers.
static inline bool wasm_valkind_is_num(wasm_valkind_t k) {
  return k < WASM_EXTERNREF;
}

/// Returns whether values of the kind are references.
static inline bool wasm_valkind_is_ref(wasm_valkind_t k) {
  return k >= WASM_EXTERNREF;
}

/// Returns whether values of the type (borrowed) are numbers.
static inline bool wasm_valtype_is_num(const wasm_valtype_t *t) {
  return wasm_valkind_is_num(wasm_valtype_kind(t));
}

/// Returns whether values of the type (borrowed) are references.
static inline bool wasm_valtype_is_ref(const wasm_valtype_t *t) {
  return wasm_valkind_is_ref(wasm_valtype_kind(t));
}

/// Makes the type i32, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_i32(void) {
  return wasm_valtype_new(WASM_I32);
}

/// Makes the type i64, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_i64(void) {
  return wasm_valtype_new(WASM_I64);
}

/// Makes the type f32, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_f32(void) {
  return wasm_valtype_new(WASM_F32);
}

/// Makes the type f64, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_f64(void) {
  return wasm_valtype_new(WASM_F64);
}

/// Makes the type externref, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_externref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}

/// Makes the type funcref, owned by the caller. NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_funcref(void) {
  return wasm_valtype_new(WASM_FUNCREF);
}

/// @}
/// @addtogroup types
/// @{

/// Makes a function type from two arrays of types, which it takes ownership of. The caller owns the
/// result. NULL when memory is short or a type is NULL. For the functions that follow.
static inline own wasm_functype_t *wasm_functype_new_of_arrays_(
    size_t param_count, wasm_valtype_t *const param_types[],
    size_t result_count, wasm_valtype_t *const result_types[]) {
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, param_count, param_types);
  wasm_valtype_vec_new(&results, result_count, result_types);
  if (params.size == param_count && results.size == result_count) {
    return wasm_functype_new(&params, &results);
  }
  wasm_valtype_vec_delete(&params);
  wasm_valtype_vec_delete(&results);
  return NULL;
}

/// Makes the function type with no parameters and no results. The caller owns the result.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_0_0(void) {
  return wasm_functype_new_of_arrays_(0, NULL, 0, NULL);
}

/// Makes the function type with one parameter and no results. Takes ownership of the type.
/// The caller owns the result. NULL when memory is short or the type is NULL.
static inline own wasm_functype_t *wasm_functype_new_1_0(own wasm_valtype_t *p) {
  wasm_valtype_t *params[] = {p};
  return wasm_functype_new_of_arrays_(1, params, 0, NULL);
}

/// Makes the function type with two parameters and no results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_2_0(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2) {
  wasm_valtype_t *params[] = {p1, p2};
  return wasm_functype_new_of_arrays_(2, params, 0, NULL);
}

/// Makes the function type with three parameters and no results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_3_0(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  return wasm_functype_new_of_arrays_(3, params, 0, NULL);
}

/// Makes the function type with no parameters and one result. Takes ownership of the type.
/// The caller owns the result. NULL when memory is short or the type is NULL.
static inline own wasm_functype_t *wasm_functype_new_0_1(own wasm_valtype_t *r) {
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(0, NULL, 1, results);
}

/// Makes the function type with one parameter and one result. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_1_1(
    own wasm_valtype_t *p, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(1, params, 1, results);
}

/// Makes the function type with two parameters and one result. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_2_1(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p1, p2};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(2, params, 1, results);
}

/// Makes the function type with three parameters and one result. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_3_1(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(3, params, 1, results);
}

/// Makes the function type with no parameters and two results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_0_2(
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(0, NULL, 2, results);
}

/// Makes the function type with one parameter and two results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_1_2(
    own wasm_valtype_t *p, own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(1, params, 2, results);
}

/// Makes the function type with two parameters and two results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_2_2(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2,
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p1, p2};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(2, params, 2, results);
}

/// Makes the function type with three parameters and two results. Takes ownership of the types.
/// The caller owns the result. NULL when memory is short or a type is NULL.
static inline own wasm_functype_t *wasm_functype_new_3_2(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3,
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(3, params, 2, results);
}

/// @}
/// @addtogroup values
/// @{

/// Makes `out` a host pointer as a number: an i64, or an i32 where pointers have 32 bits.
static inline void wasm_val_init_ptr(own wasm_val_t *out, void *p) {
#if UINTPTR_MAX > UINT32_MAX
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)p;
#else
  out->kind = WASM_I32;
  out->of.i32 = (int32_t)(intptr_t)p;
#endif
}

/// Returns the pointer that wasm_val_init_ptr stored in a value.
static inline void *wasm_val_ptr(const wasm_val_t *val) {
#if UINTPTR_MAX > UINT32_MAX
  return (void *)(intptr_t)val->of.i64;
#else
  return (void *)(intptr_t)val->of.i32;
#endif
}

/// As `WASM_EXTERNREF`, for older programs.
#define WASM_ANYREF WASM_EXTERNREF
/// As `wasm_valtype_new_externref`, for older programs.
#define wasm_valtype_new_anyref wasm_valtype_new_externref
/// @}

#ifdef __cplusplus
}  // extern "C"
#endif

#undef own

#endif  // WASM_H
