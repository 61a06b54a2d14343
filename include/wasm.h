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

// ---- Bytes, names and messages ----
/// @addtogroup bytes Bytes, names and messages
/// @{

/// A byte: plain `char`, as published.
typedef char wasm_byte_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_byte_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  wasm_byte_t *data;
} wasm_byte_vec_t;

/// UTF-8 text with a length. Behind the bytes of each vector that the library makes, unless it is
/// empty, lies a NUL that `size` does not count.
typedef struct wasm_byte_vec_t wasm_name_t;

/// Text that ends in a NUL, which its size counts.
typedef wasm_name_t wasm_message_t;

/// @}

// ---- Values and their types ----
/// @addtogroup values Values and their types
/// @{

/// Kinds of values: the values of `wasm_valkind_t`. Those from 128 on are references.
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

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_val_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  wasm_val_t *data;
} wasm_val_vec_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
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
  /// It never changes.
  WASM_CONST = 0,
  /// It may be set.
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

/// An export: name, type.
typedef struct wasm_exporttype_t wasm_exporttype_t;

/// The type of an import or export, of any kind.
typedef struct wasm_externtype_t wasm_externtype_t;

/// The type of a function.
typedef struct wasm_functype_t wasm_functype_t;

/// The type of a global.
typedef struct wasm_globaltype_t wasm_globaltype_t;

/// An import: module name, name, type.
typedef struct wasm_importtype_t wasm_importtype_t;

/// The type of a memory.
typedef struct wasm_memorytype_t wasm_memorytype_t;

/// The type of a table.
typedef struct wasm_tabletype_t wasm_tabletype_t;

/// The type of an exception tag.
typedef struct wasm_tagtype_t wasm_tagtype_t;

/// One of the `WASM_EXTERN_FUNC`... constants.
typedef uint8_t wasm_externkind_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_externtype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_externtype_t **data;
} wasm_externtype_vec_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_functype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_functype_t **data;
} wasm_functype_vec_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_globaltype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_globaltype_t **data;
} wasm_globaltype_vec_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_tabletype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_tabletype_t **data;
} wasm_tabletype_vec_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_memorytype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_memorytype_t **data;
} wasm_memorytype_vec_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_tagtype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_tagtype_t **data;
} wasm_tagtype_vec_t;

/// `WASM_CONST` or `WASM_VAR`.
typedef uint8_t wasm_mutability_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_importtype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_importtype_t **data;
} wasm_importtype_vec_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
typedef struct wasm_exporttype_vec_t {
  /// Number of elements.
  size_t size;
  /// The elements, owned by the vector; NULL when there are none.
  struct wasm_exporttype_t **data;
} wasm_exporttype_vec_t;

/// Size limits of a memory, in pages of 64 KiB, or of a table, in elements.
typedef struct wasm_limits_t {
  /// Least size.
  uint32_t min;
  /// Greatest size; `wasm_limits_max_default` for none.
  uint32_t max;
} wasm_limits_t;

/// @}

// ---- Engines and their settings ----
/// @addtogroup engine Engines and their settings
/// @{

/// Engine settings, consumed by `wasm_engine_new_with_config`.
typedef struct wasm_config_t wasm_config_t;

/// An engine. Any number may exist, on any thread.
typedef struct wasm_engine_t wasm_engine_t;

/// @}

// ---- Stores ----
/// @addtogroup store Stores
/// @{

/// A store: the objects of a group of instances, used by one thread at a time.
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

/// An instance.
typedef struct wasm_instance_t wasm_instance_t;

/// @}

// ---- Functions ----
/// @addtogroup func Functions
/// @{

/// A function.
typedef struct wasm_func_t wasm_func_t;

/// A host function. The arguments are lent. The results are as many as the function's type has, null
/// or zero of the right kinds, to be overwritten; references among them become the engine's. The
/// vector may also be deleted and made anew, for instance with `wasm_val_vec_new`: then the engine
/// takes over the new one, and one of another size is a trap. Deleting a vector that is lent clears
/// its values and leaves its array alone. A trap that is returned belongs to the engine; NULL is
/// success. It runs on the thread that called, may use
/// its store as outside of calls, and returns: it neither throws nor leaves by `longjmp`.
typedef struct wasm_trap_t *(*wasm_func_callback_t)(const struct wasm_val_vec_t *args,
                                                    struct wasm_val_vec_t *results);

/// The same, given the environment with which the function was made.
typedef struct wasm_trap_t *(*wasm_func_callback_with_env_t)(void *env,
                                                             const struct wasm_val_vec_t *args,
                                                             struct wasm_val_vec_t *results);

/// @}

// ---- Globals ----
/// @addtogroup global Globals
/// @{

/// A global: a cell with a value.
typedef struct wasm_global_t wasm_global_t;

/// @}

// ---- Tables ----
/// @addtogroup table Tables
/// @{

/// A table.
typedef struct wasm_table_t wasm_table_t;

/// Number of table elements.
typedef uint32_t wasm_table_size_t;

/// @}

// ---- Memories ----
/// @addtogroup memory Memories
/// @{

/// A memory.
typedef struct wasm_memory_t wasm_memory_t;

/// Number of 64 KiB pages.
typedef uint32_t wasm_memory_pages_t;

/// @}

// ---- Imports and exports of any kind ----
/// @addtogroup extern Imports and exports of any kind
/// @{

/// Anything that can be imported or exported.
typedef struct wasm_extern_t wasm_extern_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
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

/// A guest frame of a backtrace, independent of the trap it came from. Used like the objects of its
/// store, because it keeps its instance.
typedef struct wasm_frame_t wasm_frame_t;

/// Why a computation stopped. Keeps the instances alive whose code was running.
typedef struct wasm_trap_t wasm_trap_t;

/// A vector, which owns its elements and their buffer. The struct itself is the caller's, who
/// may lower `size` before deleting, but not raise it.
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

/// A host object that modules can pass around but not look into.
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

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_byte_vec_new_empty(own wasm_byte_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_byte_vec_new_uninitialized(own wasm_byte_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_byte_vec_new(
    own wasm_byte_vec_t *out, size_t size, own const wasm_byte_t *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_byte_vec_copy(own wasm_byte_vec_t *out, const wasm_byte_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_byte_vec_delete(own wasm_byte_vec_t *vec);

/// @}

// ---- Values and their types ----
/// @addtogroup values Values and their types
/// @{

/// Deletes the reference that the value owns, if it owns one, and makes it null. The struct itself
/// stays the caller's.
WASM_API_EXTERN void wasm_val_delete(own wasm_val_t *value);

/// Makes `out` a copy with a handle of its own; the null reference for NULL.
WASM_API_EXTERN void wasm_val_copy(own wasm_val_t *out, const wasm_val_t *value);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_val_vec_new_empty(own wasm_val_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_val_vec_new_uninitialized(own wasm_val_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_val_vec_new(
    own wasm_val_vec_t *out, size_t size, own const wasm_val_t *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_val_vec_copy(own wasm_val_vec_t *out, const wasm_val_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_val_vec_delete(own wasm_val_vec_t *vec);

/// A type of the given kind (`WASMRT_V128` of wasmrt.h is one, too); NULL for an unknown kind.
WASM_API_EXTERN own wasm_valtype_t *wasm_valtype_new(wasm_valkind_t kind);

/// The kind of a type; 0 for NULL.
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *ty);

/// A copy; NULL for NULL.
WASM_API_EXTERN own wasm_valtype_t *wasm_valtype_copy(const wasm_valtype_t *ty);

/// Deletes a type; nothing for NULL.
WASM_API_EXTERN void wasm_valtype_delete(own wasm_valtype_t *ty);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_valtype_vec_new_empty(own wasm_valtype_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_valtype_vec_new_uninitialized(own wasm_valtype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_valtype_vec_new(
    own wasm_valtype_vec_t *out, size_t size, own wasm_valtype_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_valtype_vec_copy(
    own wasm_valtype_vec_t *out, const wasm_valtype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_valtype_vec_delete(own wasm_valtype_vec_t *vec);

/// @}

// ---- Types of functions, globals, tables, memories, tags ----
/// @addtogroup types Types of functions, globals, tables, memories, tags
/// @{

/// A function type. Takes over both vectors (the caller's structs are left empty); NULL if one of
/// their elements is NULL.
WASM_API_EXTERN own wasm_functype_t *wasm_functype_new(
    own wasm_valtype_vec_t *params, own wasm_valtype_vec_t *results);

/// The parameter types, lent by the type; NULL for NULL.
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *ty);

/// The result types, lent by the type; NULL for NULL.
WASM_API_EXTERN const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *ty);

/// A deep copy; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_functype_t *wasm_functype_copy(const wasm_functype_t *ty);

/// Deletes a type; nothing for NULL.
WASM_API_EXTERN void wasm_functype_delete(own wasm_functype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN wasm_externtype_t *wasm_functype_as_externtype(wasm_functype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN const wasm_externtype_t *wasm_functype_as_externtype_const(
    const wasm_functype_t *ty);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_functype_vec_new_empty(own wasm_functype_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_functype_vec_new_uninitialized(own wasm_functype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_functype_vec_new(
    own wasm_functype_vec_t *out, size_t size, own wasm_functype_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_functype_vec_copy(
    own wasm_functype_vec_t *out, const wasm_functype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_functype_vec_delete(own wasm_functype_vec_t *vec);

/// The type of a global. Takes over the value type; NULL if it is NULL or the mutability unknown.
WASM_API_EXTERN own wasm_globaltype_t *wasm_globaltype_new(
    own wasm_valtype_t *content, wasm_mutability_t mutability);

/// The type of the global's value, lent; NULL for NULL.
WASM_API_EXTERN const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *ty);

/// Whether the global is mutable; `WASM_CONST` for NULL.
WASM_API_EXTERN wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *ty);

/// A deep copy; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_globaltype_t *wasm_globaltype_copy(const wasm_globaltype_t *ty);

/// Deletes a type; nothing for NULL.
WASM_API_EXTERN void wasm_globaltype_delete(own wasm_globaltype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN wasm_externtype_t *wasm_globaltype_as_externtype(wasm_globaltype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN const wasm_externtype_t *wasm_globaltype_as_externtype_const(
    const wasm_globaltype_t *ty);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_globaltype_vec_new_empty(own wasm_globaltype_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_globaltype_vec_new_uninitialized(
    own wasm_globaltype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_globaltype_vec_new(
    own wasm_globaltype_vec_t *out, size_t size, own wasm_globaltype_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_globaltype_vec_copy(
    own wasm_globaltype_vec_t *out, const wasm_globaltype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_globaltype_vec_delete(own wasm_globaltype_vec_t *vec);

/// The type of a table. Takes over the element type, copies the limits; NULL if one of them is NULL
/// or the minimum is greater than the maximum. There are types with elements that are not
/// references, but no tables of them.
WASM_API_EXTERN own wasm_tabletype_t *wasm_tabletype_new(
    own wasm_valtype_t *element, const wasm_limits_t *limits);

/// The element type, lent; NULL for NULL.
WASM_API_EXTERN const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *ty);

/// The limits in elements, lent; `UINT32_MAX` stands for more. NULL for NULL.
WASM_API_EXTERN const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *ty);

/// A deep copy; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_tabletype_t *wasm_tabletype_copy(const wasm_tabletype_t *ty);

/// Deletes a type; nothing for NULL.
WASM_API_EXTERN void wasm_tabletype_delete(own wasm_tabletype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN wasm_externtype_t *wasm_tabletype_as_externtype(wasm_tabletype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN const wasm_externtype_t *wasm_tabletype_as_externtype_const(
    const wasm_tabletype_t *ty);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_tabletype_vec_new_empty(own wasm_tabletype_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_tabletype_vec_new_uninitialized(
    own wasm_tabletype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_tabletype_vec_new(
    own wasm_tabletype_vec_t *out, size_t size, own wasm_tabletype_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_tabletype_vec_copy(
    own wasm_tabletype_vec_t *out, const wasm_tabletype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_tabletype_vec_delete(own wasm_tabletype_vec_t *vec);

/// The type of a memory. Copies the limits; NULL if they are NULL or the minimum is greater than the
/// maximum. There are types with a maximum above 65,536 pages, but no memories of them.
WASM_API_EXTERN own wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *limits);

/// The limits in pages, lent; `UINT32_MAX` stands for more. NULL for NULL.
WASM_API_EXTERN const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *ty);

/// A deep copy; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_memorytype_t *wasm_memorytype_copy(const wasm_memorytype_t *ty);

/// Deletes a type; nothing for NULL.
WASM_API_EXTERN void wasm_memorytype_delete(own wasm_memorytype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN wasm_externtype_t *wasm_memorytype_as_externtype(wasm_memorytype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN const wasm_externtype_t *wasm_memorytype_as_externtype_const(
    const wasm_memorytype_t *ty);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_memorytype_vec_new_empty(own wasm_memorytype_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_memorytype_vec_new_uninitialized(
    own wasm_memorytype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_memorytype_vec_new(
    own wasm_memorytype_vec_t *out, size_t size, own wasm_memorytype_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_memorytype_vec_copy(
    own wasm_memorytype_vec_t *out, const wasm_memorytype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_memorytype_vec_delete(own wasm_memorytype_vec_t *vec);

/// The type of a tag whose exceptions carry the function type's parameters. Takes over the
/// function type; NULL for NULL.
WASM_API_EXTERN own wasm_tagtype_t *wasm_tagtype_new(own wasm_functype_t *functype);

/// The function type, lent by the tag type; NULL for NULL.
WASM_API_EXTERN const wasm_functype_t *wasm_tagtype_functype(const wasm_tagtype_t *ty);

/// A deep copy; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_tagtype_t *wasm_tagtype_copy(const wasm_tagtype_t *ty);

/// Deletes a type; nothing for NULL.
WASM_API_EXTERN void wasm_tagtype_delete(own wasm_tagtype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN wasm_externtype_t *wasm_tagtype_as_externtype(wasm_tagtype_t *ty);

/// The same type as an extern type (a view, not owned).
WASM_API_EXTERN const wasm_externtype_t *wasm_tagtype_as_externtype_const(const wasm_tagtype_t *ty);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_tagtype_vec_new_empty(own wasm_tagtype_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_tagtype_vec_new_uninitialized(own wasm_tagtype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_tagtype_vec_new(
    own wasm_tagtype_vec_t *out, size_t size, own wasm_tagtype_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_tagtype_vec_copy(
    own wasm_tagtype_vec_t *out, const wasm_tagtype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_tagtype_vec_delete(own wasm_tagtype_vec_t *vec);

/// The kind of a type; 0 for NULL.
WASM_API_EXTERN wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *ty);

/// A deep copy; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_externtype_t *wasm_externtype_copy(const wasm_externtype_t *ty);

/// Deletes a type; nothing for NULL.
WASM_API_EXTERN void wasm_externtype_delete(own wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN wasm_functype_t *wasm_externtype_as_functype(wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN const wasm_functype_t *wasm_externtype_as_functype_const(
    const wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN wasm_globaltype_t *wasm_externtype_as_globaltype(wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN const wasm_globaltype_t *wasm_externtype_as_globaltype_const(
    const wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN wasm_tabletype_t *wasm_externtype_as_tabletype(wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN const wasm_tabletype_t *wasm_externtype_as_tabletype_const(
    const wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN wasm_memorytype_t *wasm_externtype_as_memorytype(wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN const wasm_memorytype_t *wasm_externtype_as_memorytype_const(
    const wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN wasm_tagtype_t *wasm_externtype_as_tagtype(wasm_externtype_t *ty);

/// The same type under its own name (a view); NULL if it is of another kind.
WASM_API_EXTERN const wasm_tagtype_t *wasm_externtype_as_tagtype_const(const wasm_externtype_t *ty);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_externtype_vec_new_empty(own wasm_externtype_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_externtype_vec_new_uninitialized(
    own wasm_externtype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_externtype_vec_new(
    own wasm_externtype_vec_t *out, size_t size, own wasm_externtype_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_externtype_vec_copy(
    own wasm_externtype_vec_t *out, const wasm_externtype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_externtype_vec_delete(own wasm_externtype_vec_t *vec);

/// An import's type. Takes over both names (the caller's structs are left empty) and the type;
/// NULL if the type is NULL.
WASM_API_EXTERN own wasm_importtype_t *wasm_importtype_new(
    own wasm_name_t *module, own wasm_name_t *name, own wasm_externtype_t *ty);

/// The module name, lent; NULL for NULL.
WASM_API_EXTERN const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *ty);

/// The name within the module, lent; NULL for NULL.
WASM_API_EXTERN const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *ty);

/// What is imported, lent; NULL for NULL.
WASM_API_EXTERN const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *ty);

/// A deep copy; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_importtype_t *wasm_importtype_copy(const wasm_importtype_t *ty);

/// Deletes an import type; nothing for NULL.
WASM_API_EXTERN void wasm_importtype_delete(own wasm_importtype_t *ty);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_importtype_vec_new_empty(own wasm_importtype_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_importtype_vec_new_uninitialized(
    own wasm_importtype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_importtype_vec_new(
    own wasm_importtype_vec_t *out, size_t size, own wasm_importtype_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_importtype_vec_copy(
    own wasm_importtype_vec_t *out, const wasm_importtype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_importtype_vec_delete(own wasm_importtype_vec_t *vec);

/// An export's type. Takes over the name (the caller's struct is left empty) and the type; NULL if
/// the type is NULL.
WASM_API_EXTERN own wasm_exporttype_t *wasm_exporttype_new(
    own wasm_name_t *name, own wasm_externtype_t *ty);

/// The export's name, lent; NULL for NULL.
WASM_API_EXTERN const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *ty);

/// What is exported, lent; NULL for NULL.
WASM_API_EXTERN const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *ty);

/// A deep copy; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_exporttype_t *wasm_exporttype_copy(const wasm_exporttype_t *ty);

/// Deletes an export type; nothing for NULL.
WASM_API_EXTERN void wasm_exporttype_delete(own wasm_exporttype_t *ty);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_exporttype_vec_new_empty(own wasm_exporttype_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_exporttype_vec_new_uninitialized(
    own wasm_exporttype_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_exporttype_vec_new(
    own wasm_exporttype_vec_t *out, size_t size, own wasm_exporttype_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_exporttype_vec_copy(
    own wasm_exporttype_vec_t *out, const wasm_exporttype_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_exporttype_vec_delete(own wasm_exporttype_vec_t *vec);

/// @}

// ---- Engines and their settings ----
/// @addtogroup engine Engines and their settings
/// @{

/// The default settings; NULL when memory is short.
WASM_API_EXTERN own wasm_config_t *wasm_config_new(void);

/// Deletes settings that no engine took; nothing for NULL.
WASM_API_EXTERN void wasm_config_delete(own wasm_config_t *config);

/// An engine with the default settings; NULL when the system refuses something.
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new(void);

/// An engine with the given settings, which it takes over; NULL means the defaults. NULL when the
/// system refuses something.
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new_with_config(own wasm_config_t *config);

/// Deletes an engine handle; the engine lives on until its last store has gone. Nothing for NULL.
WASM_API_EXTERN void wasm_engine_delete(own wasm_engine_t *engine);

/// @}

// ---- Stores ----
/// @addtogroup store Stores
/// @{

/// A store of the engine; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_store_t *wasm_store_new(wasm_engine_t *engine);

/// Deletes a store with all its objects and runs their finalizers. Handles that remain may only be
/// copied, cast, compared and deleted. From within a call of the store, or from a finalizer that
/// runs while the store is at work (making an object, for instance), it takes effect when the
/// outermost call or operation has returned; until then the store goes on. Nothing for NULL.
WASM_API_EXTERN void wasm_store_delete(own wasm_store_t *store);

/// @}

// ---- Modules ----
/// @addtogroup module Modules
/// @{

/// Validates and compiles a module; the bytes are borrowed for the call. NULL for a bad module,
/// with the reason as last error.
WASM_API_EXTERN own wasm_module_t *wasm_module_new(
    wasm_store_t *store, const wasm_byte_vec_t *binary);

/// Whether the bytes are a valid module; if not, the last error says why.
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t *store, const wasm_byte_vec_t *binary);

/// Makes `out` the types of the module's imports, in order. Empty for NULL.
WASM_API_EXTERN void wasm_module_imports(
    const wasm_module_t *module, own wasm_importtype_vec_t *out);

/// Makes `out` the types of the module's exports, in order. Empty for NULL.
WASM_API_EXTERN void wasm_module_exports(
    const wasm_module_t *module, own wasm_exporttype_vec_t *out);

/// Makes `out` bytes of which `wasm_module_deserialize` makes the module again, also in a later
/// process: the original binary, and the machine code that exists of it by now. They are good for
/// the same build of the library, on processors that have what the code uses.
///
/// The bytes hold machine code, and their checksum finds damage only: whoever can change them can run
/// code of his own in the process that loads them. Where others can write to the storage, set a key
/// with `wasmrt_config_set_serialize_key`.
///
/// The caller owns `out`, which is initialised in any case: empty, with the last error set, when the
/// module is NULL, its store is gone, or memory is short.
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t *module, own wasm_byte_vec_t *out);

/// Makes a module of what `wasm_module_serialize` wrote; the bytes are borrowed for the call. Nothing
/// is compiled, and the bodies of the functions are not validated again: they were when the code was
/// made. Code for a way of running that the bytes lack is compiled when an instance needs it.
///
/// NULL, with the reason as last error (`WASMRT_ERROR_SERIALIZED`), for bytes that are no serialized
/// module, damaged, truncated, written by another build, meant for another processor, or not sealed
/// with the engine's key; with other kinds when a limit of this engine or memory forbids the module.
/// The bytes hold machine code that is believed: load them from where only trusted programs write,
/// or use a key.
WASM_API_EXTERN own wasm_module_t *wasm_module_deserialize(
    wasm_store_t *store, const wasm_byte_vec_t *binary);

/// The module in a form that outlives it and its store and that any thread may use. NULL for NULL
/// and when memory is short.
WASM_API_EXTERN own wasm_shared_module_t *wasm_module_share(const wasm_module_t *module);

/// A module of the store with the shared code, without host info. NULL if an argument is NULL, when
/// the store is of another engine, and when memory is short. The shared module stays the caller's;
/// several threads may obtain from it at once, each into a store of its own.
WASM_API_EXTERN own wasm_module_t *wasm_module_obtain(
    wasm_store_t *store, const wasm_shared_module_t *shared);

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_module_t *wasm_module_copy(const wasm_module_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_module_delete(own wasm_module_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_module_same(const wasm_module_t *a, const wasm_module_t *b);

/// Deletes a shared module; modules obtained from it stay. Nothing for NULL.
WASM_API_EXTERN void wasm_shared_module_delete(own wasm_shared_module_t *shared);

/// @}

// ---- Instances ----
/// @addtogroup instance Instances
/// @{

/// Instantiates a module, which may be of another store of the same engine, with imports (borrowed)
/// of this store in the order of the module's imports; more than it has are ignored. On success
/// `*trap` is NULL. Otherwise the result is NULL and `*trap`, if `trap` is not NULL, a trap owned by
/// the caller: what the start function or a segment raised, or a description of every import that is
/// missing or does not fit (also the last error).
WASM_API_EXTERN own wasm_instance_t *wasm_instance_new(
    wasm_store_t *store, const wasm_module_t *module, const wasm_extern_vec_t *imports,
    own wasm_trap_t **trap);

/// Makes `out` the instance's exports, in the order of the module's exports; owned by the caller.
/// Empty for NULL.
WASM_API_EXTERN void wasm_instance_exports(
    const wasm_instance_t *instance, own wasm_extern_vec_t *out);

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_instance_t *wasm_instance_copy(const wasm_instance_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_instance_delete(own wasm_instance_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_instance_same(const wasm_instance_t *a, const wasm_instance_t *b);

/// @}

// ---- Functions ----
/// @addtogroup func Functions
/// @{

/// A host function without environment. The type is borrowed. NULL if an argument is NULL.
WASM_API_EXTERN own wasm_func_t *wasm_func_new(
    wasm_store_t *store, const wasm_functype_t *ty, wasm_func_callback_t callback);

/// A host function that is called with `env`. The finalizer, if any, runs with `env` once: when the
/// function dies, at the latest with the store, or at once if no function is made. The type is
/// borrowed. NULL if store, type or callback are NULL.
WASM_API_EXTERN own wasm_func_t *wasm_func_new_with_env(
    wasm_store_t *store, const wasm_functype_t *ty, wasm_func_callback_with_env_t callback,
    void *env, void (*finalizer)(void *env));

/// The function's type, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_functype_t *wasm_func_type(const wasm_func_t *func);

/// The number of parameters; 0 for NULL.
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t *func);

/// The number of results; 0 for NULL.
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t *func);

/// Calls a function. Arguments are borrowed and must fit its type in number and kind, otherwise it
/// does not run and a trap says so. On success NULL is returned and the first `results->size`
/// results are written, whatever was there before; references in them are owned by the caller. Room
/// for more than the function has stays as it is. On a trap, which the caller owns, all of `results`
/// does. A NULL vector counts as empty. Calling NULL, or a function whose store has been deleted, is
/// a trap that belongs to no store: any thread may use it, also together with others, and it keeps
/// no host info.
WASM_API_EXTERN own wasm_trap_t *wasm_func_call(
    const wasm_func_t *func, const wasm_val_vec_t *args, wasm_val_vec_t *results);

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_func_t *wasm_func_copy(const wasm_func_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_func_delete(own wasm_func_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_func_same(const wasm_func_t *a, const wasm_func_t *b);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_extern_t *wasm_func_as_extern(wasm_func_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_extern_t *wasm_func_as_extern_const(const wasm_func_t *object);

/// @}

// ---- Globals ----
/// @addtogroup global Globals
/// @{

/// A global of the given type and value, both borrowed; NULL if one of the arguments is NULL or the
/// value's kind is another than the type's.
WASM_API_EXTERN own wasm_global_t *wasm_global_new(
    wasm_store_t *store, const wasm_globaltype_t *ty, const wasm_val_t *value);

/// The global's type, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_globaltype_t *wasm_global_type(const wasm_global_t *global);

/// Makes `out` the global's value; a reference in it is owned by the caller. The null reference for
/// NULL, and for a v128, which a `wasm_val_t` cannot hold.
WASM_API_EXTERN void wasm_global_get(const wasm_global_t *global, own wasm_val_t *out);

/// Sets the value, which is borrowed. No effect, with the last error set, for NULL, a constant
/// global, or a value that does not fit.
WASM_API_EXTERN void wasm_global_set(wasm_global_t *global, const wasm_val_t *value);

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_global_t *wasm_global_copy(const wasm_global_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_global_delete(own wasm_global_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_global_same(const wasm_global_t *a, const wasm_global_t *b);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_extern_t *wasm_global_as_extern(wasm_global_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_extern_t *wasm_global_as_extern_const(const wasm_global_t *object);

/// @}

// ---- Tables ----
/// @addtogroup table Tables
/// @{

/// A table of the given type (borrowed), every element being `init` (borrowed; NULL for null). NULL
/// if store or type are NULL, the elements of the type are not references, `init` does not fit them,
/// or the table is larger than the engine or the store allows.
WASM_API_EXTERN own wasm_table_t *wasm_table_new(
    wasm_store_t *store, const wasm_tabletype_t *ty, wasm_ref_t *init);

/// The table's type with the current size as minimum, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_tabletype_t *wasm_table_type(const wasm_table_t *table);

/// The element at `index`, owned by the caller. NULL for null, and, with the last error set, out of
/// bounds.
WASM_API_EXTERN own wasm_ref_t *wasm_table_get(const wasm_table_t *table, wasm_table_size_t index);

/// Sets the element at `index` to a reference (borrowed; NULL for null). False out of bounds or when
/// the reference does not fit.
WASM_API_EXTERN bool wasm_table_set(
    wasm_table_t *table, wasm_table_size_t index, wasm_ref_t *reference);

/// The current number of elements; 0 for NULL. `UINT32_MAX` stands for more.
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t *table);

/// Grows by `delta` elements that are `init` (borrowed; NULL for null). False, and no change, beyond
/// the maximum, when the store's limits or limiter refuse, or when memory is short.
WASM_API_EXTERN bool wasm_table_grow(
    wasm_table_t *table, wasm_table_size_t delta, wasm_ref_t *init);

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_table_t *wasm_table_copy(const wasm_table_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_table_delete(own wasm_table_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_table_same(const wasm_table_t *a, const wasm_table_t *b);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_extern_t *wasm_table_as_extern(wasm_table_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_extern_t *wasm_table_as_extern_const(const wasm_table_t *object);

/// @}

// ---- Memories ----
/// @addtogroup memory Memories
/// @{

/// A memory of zeros of the given type (borrowed). NULL if an argument is NULL, the memory is larger
/// than the engine or the store allows, its maximum is above 65,536 pages (of 64-bit memories
/// 281,474,976,710,656), or the type is that of a shared memory, which the engine cannot make yet.
WASM_API_EXTERN own wasm_memory_t *wasm_memory_new(
    wasm_store_t *store, const wasm_memorytype_t *ty);

/// The memory's type with the current size as minimum, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *memory);

/// The first byte, valid until the memory grows or dies; not NULL even for an empty memory. NULL
/// for NULL.
WASM_API_EXTERN wasm_byte_t *wasm_memory_data(wasm_memory_t *memory);

/// The length in bytes; 0 for NULL.
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t *memory);

/// The length in pages; 0 for NULL. `UINT32_MAX` stands for more.
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *memory);

/// Grows by `delta` pages of zeros. False, and no change, beyond the maximum, when the store's
/// limits or limiter refuse, or when memory is short.
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t *memory, wasm_memory_pages_t delta);

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_memory_t *wasm_memory_copy(const wasm_memory_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_memory_delete(own wasm_memory_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_memory_same(const wasm_memory_t *a, const wasm_memory_t *b);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_extern_t *wasm_memory_as_extern(wasm_memory_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_extern_t *wasm_memory_as_extern_const(const wasm_memory_t *object);

/// @}

// ---- Imports and exports of any kind ----
/// @addtogroup extern Imports and exports of any kind
/// @{

/// What kind of object an extern is; 0 for NULL.
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t *object);

/// The current type of an extern, owned by the caller; NULL for NULL.
WASM_API_EXTERN own wasm_externtype_t *wasm_extern_type(const wasm_extern_t *object);

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_extern_t *wasm_extern_copy(const wasm_extern_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_extern_delete(own wasm_extern_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_extern_same(const wasm_extern_t *a, const wasm_extern_t *b);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_func_t *wasm_extern_as_func(wasm_extern_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_func_t *wasm_extern_as_func_const(const wasm_extern_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_global_t *wasm_extern_as_global(wasm_extern_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_global_t *wasm_extern_as_global_const(const wasm_extern_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_table_t *wasm_extern_as_table(wasm_extern_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_table_t *wasm_extern_as_table_const(const wasm_extern_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_memory_t *wasm_extern_as_memory(wasm_extern_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_memory_t *wasm_extern_as_memory_const(const wasm_extern_t *object);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_extern_vec_new_empty(own wasm_extern_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_extern_vec_new_uninitialized(own wasm_extern_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_extern_vec_new(
    own wasm_extern_vec_t *out, size_t size, own wasm_extern_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_extern_vec_copy(
    own wasm_extern_vec_t *out, const wasm_extern_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_extern_vec_delete(own wasm_extern_vec_t *vec);

/// @}

// ---- Traps and backtraces ----
/// @addtogroup trap Traps and backtraces
/// @{

/// A trap with a message (borrowed), which may or may not end in a NUL. NULL if the store is NULL.
/// Short of memory it is a trap that says so, because a host function that returned NULL would have
/// succeeded.
WASM_API_EXTERN own wasm_trap_t *wasm_trap_new(wasm_store_t *store, const wasm_message_t *text);

/// Makes `out` the trap's message, ending in one NUL; owned by the caller. Empty for NULL.
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t *trap, own wasm_message_t *out);

/// The innermost guest frame, owned by the caller; NULL if the trap did not come from guest code.
WASM_API_EXTERN own wasm_frame_t *wasm_trap_origin(const wasm_trap_t *trap);

/// Makes `out` the guest frames, innermost first; owned by the caller. Host frames are not listed;
/// of very deep stacks only the innermost frames are.
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t *trap, own wasm_frame_vec_t *out);

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_trap_t *wasm_trap_copy(const wasm_trap_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_trap_delete(own wasm_trap_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_trap_same(const wasm_trap_t *a, const wasm_trap_t *b);

/// The instance whose function the frame runs, lent by the frame. NULL if it cannot be known (the
/// store has several instances of the module, and a function was called through a table or a
/// reference, or may have been by a tail call), after the store has gone, and for NULL.
WASM_API_EXTERN wasm_instance_t *wasm_frame_instance(const wasm_frame_t *frame);

/// The index of the frame's function in its module, imports counted; 0 for NULL.
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t *frame);

/// The byte offset of the frame's instruction in its function's body, whose locals begin at 0; 0
/// for NULL.
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t *frame);

/// The byte offset of the frame's instruction in its module; 0 for NULL.
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t *frame);

/// A copy; NULL for NULL or when memory is short.
WASM_API_EXTERN own wasm_frame_t *wasm_frame_copy(const wasm_frame_t *frame);

/// Deletes a frame; nothing for NULL.
WASM_API_EXTERN void wasm_frame_delete(own wasm_frame_t *frame);

/// Makes `out` an empty vector. Nothing for NULL.
WASM_API_EXTERN void wasm_frame_vec_new_empty(own wasm_frame_vec_t *out);

/// Makes `out` a vector of `size` neutral elements (zero, null), for the caller to fill and
/// later to delete. Empty, with the last error set, when memory is short.
WASM_API_EXTERN void wasm_frame_vec_new_uninitialized(own wasm_frame_vec_t *out, size_t size);

/// Makes `out` a vector of the `size` elements at `data`, which it takes over; the array
/// itself stays the caller's. The caller deletes `out`. It is empty, with the last error
/// set, when `data` is NULL though `size` is not 0, and when memory is short; then the
/// elements are deleted.
WASM_API_EXTERN void wasm_frame_vec_new(
    own wasm_frame_vec_t *out, size_t size, own wasm_frame_t *const *data);

/// Makes `out` a vector of copies of the elements, which the caller deletes; NULL elements
/// stay NULL. `source` is borrowed; NULL is empty. `out` is empty, with the last error set,
/// when memory is short.
WASM_API_EXTERN void wasm_frame_vec_copy(own wasm_frame_vec_t *out, const wasm_frame_vec_t *source);

/// Deletes the elements and the buffer and leaves the vector empty, so that deleting it
/// again does nothing. Nothing for NULL.
WASM_API_EXTERN void wasm_frame_vec_delete(own wasm_frame_vec_t *vec);

/// @}

// ---- References, casts and host info ----
/// @addtogroup ref References, casts and host info
/// @{

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_ref_get_host_info(const wasm_ref_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_ref_set_host_info(wasm_ref_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_ref_set_host_info_with_finalizer(
    wasm_ref_t *object, void *info, void (*finalizer)(void *info));

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_ref_t *wasm_ref_copy(const wasm_ref_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_ref_delete(own wasm_ref_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_ref_same(const wasm_ref_t *a, const wasm_ref_t *b);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_trap_t *wasm_ref_as_trap(wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_trap_t *wasm_ref_as_trap_const(const wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_foreign_t *wasm_ref_as_foreign(wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_foreign_t *wasm_ref_as_foreign_const(const wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_module_t *wasm_ref_as_module(wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_module_t *wasm_ref_as_module_const(const wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_func_t *wasm_ref_as_func(wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_func_t *wasm_ref_as_func_const(const wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_global_t *wasm_ref_as_global(wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_global_t *wasm_ref_as_global_const(const wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_table_t *wasm_ref_as_table(wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_table_t *wasm_ref_as_table_const(const wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_memory_t *wasm_ref_as_memory(wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_memory_t *wasm_ref_as_memory_const(const wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_extern_t *wasm_ref_as_extern(wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_extern_t *wasm_ref_as_extern_const(const wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN wasm_instance_t *wasm_ref_as_instance(wasm_ref_t *object);

/// The same object under its own name (a view, not owned); NULL if it is of another kind.
WASM_API_EXTERN const wasm_instance_t *wasm_ref_as_instance_const(const wasm_ref_t *object);

/// A new object that is the same as no other. What it stands for is the caller's host info; as a
/// reference it is an `externref` value. NULL if the store is NULL or memory is short.
WASM_API_EXTERN own wasm_foreign_t *wasm_foreign_new(wasm_store_t *store);

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_foreign_get_host_info(const wasm_foreign_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_foreign_set_host_info(wasm_foreign_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_foreign_set_host_info_with_finalizer(
    wasm_foreign_t *object, void *info, void (*finalizer)(void *info));

/// Another handle to the same object; NULL for NULL.
WASM_API_EXTERN own wasm_foreign_t *wasm_foreign_copy(const wasm_foreign_t *object);

/// Deletes a handle; the object lives as long as something refers to it. Nothing for NULL.
WASM_API_EXTERN void wasm_foreign_delete(own wasm_foreign_t *object);

/// Whether two handles are of one object, however they were come by. NULL is the same as
/// NULL only.
WASM_API_EXTERN bool wasm_foreign_same(const wasm_foreign_t *a, const wasm_foreign_t *b);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_foreign_as_ref(wasm_foreign_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_foreign_as_ref_const(const wasm_foreign_t *object);

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_trap_get_host_info(const wasm_trap_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_trap_set_host_info(wasm_trap_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_trap_set_host_info_with_finalizer(
    wasm_trap_t *object, void *info, void (*finalizer)(void *info));

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_module_get_host_info(const wasm_module_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_module_set_host_info(wasm_module_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_module_set_host_info_with_finalizer(
    wasm_module_t *object, void *info, void (*finalizer)(void *info));

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_func_get_host_info(const wasm_func_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_func_set_host_info(wasm_func_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_func_set_host_info_with_finalizer(
    wasm_func_t *object, void *info, void (*finalizer)(void *info));

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_global_get_host_info(const wasm_global_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_global_set_host_info(wasm_global_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_global_set_host_info_with_finalizer(
    wasm_global_t *object, void *info, void (*finalizer)(void *info));

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_table_get_host_info(const wasm_table_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_table_set_host_info(wasm_table_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_table_set_host_info_with_finalizer(
    wasm_table_t *object, void *info, void (*finalizer)(void *info));

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_memory_get_host_info(const wasm_memory_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_memory_set_host_info(wasm_memory_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_memory_set_host_info_with_finalizer(
    wasm_memory_t *object, void *info, void (*finalizer)(void *info));

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_extern_get_host_info(const wasm_extern_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_extern_set_host_info(wasm_extern_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_extern_set_host_info_with_finalizer(
    wasm_extern_t *object, void *info, void (*finalizer)(void *info));

/// The pointer that was last attached to the object through any of its handles; NULL if there
/// is none, and for NULL.
WASM_API_EXTERN void *wasm_instance_get_host_info(const wasm_instance_t *object);

/// Attaches a pointer to the object, in the place of the one before, whose finalizer, if
/// any, then runs; NULL only takes the one before away. An equal pointer replaces nothing:
/// no finalizer runs. No effect for NULL and when the store is gone.
WASM_API_EXTERN void wasm_instance_set_host_info(wasm_instance_t *object, void *info);

/// The same with a finalizer, which may be NULL. It runs once, with the pointer, when
/// another is attached or when the object dies: after nothing refers to it any more, at the
/// latest when the store is deleted. It may delete handles, but not use its dying store.
WASM_API_EXTERN void wasm_instance_set_host_info_with_finalizer(
    wasm_instance_t *object, void *info, void (*finalizer)(void *info));

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_trap_as_ref(wasm_trap_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_trap_as_ref_const(const wasm_trap_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_module_as_ref(wasm_module_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_module_as_ref_const(const wasm_module_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_func_as_ref(wasm_func_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_func_as_ref_const(const wasm_func_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_global_as_ref(wasm_global_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_global_as_ref_const(const wasm_global_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_table_as_ref(wasm_table_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_table_as_ref_const(const wasm_table_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_memory_as_ref(wasm_memory_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_memory_as_ref_const(const wasm_memory_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_extern_as_ref(wasm_extern_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN const wasm_ref_t *wasm_extern_as_ref_const(const wasm_extern_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
WASM_API_EXTERN wasm_ref_t *wasm_instance_as_ref(wasm_instance_t *object);

/// The same object under the more general name (a view, not owned); NULL for NULL.
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

/// The maximum in `wasm_limits_t` that means none.
static const uint32_t wasm_limits_max_default = 0xffffffff;

/// @}
/// @addtogroup memory
/// @{

/// Bytes in a page of a memory.
static const size_t MEMORY_PAGE_SIZE = 0x10000;

/// @}
/// @addtogroup bytes
/// @{

/// Names are vectors of bytes; this and the following macros are their functions.
#define wasm_name wasm_byte_vec
/// As `wasm_byte_vec_new`: `out` becomes a copy of the bytes.
#define wasm_name_new wasm_byte_vec_new
/// As `wasm_byte_vec_new_empty`.
#define wasm_name_new_empty wasm_byte_vec_new_empty
/// As `wasm_byte_vec_new_uninitialized`.
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
/// As `wasm_byte_vec_copy`.
#define wasm_name_copy wasm_byte_vec_copy
/// As `wasm_byte_vec_delete`.
#define wasm_name_delete wasm_byte_vec_delete
/// What older programs call `wasm_byte_vec_new_uninitialized`.
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized

/// Initialises a vector without elements.
#define WASM_EMPTY_VEC {0, NULL}
/// Initialises a vector of all elements of an array, which is lent, not copied: such a vector is
/// never deleted.
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
/// Initialises a reference. Either kind is written as an external one; the parameter, table or
/// global that it goes to decides.
#define WASM_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = (r)}}
/// Initialises a value with the null reference.
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}

/// @}
/// @addtogroup bytes
/// @{

/// Makes `out` a name with the characters of a C string, without its NUL. The string is copied; the
/// caller deletes the name. Empty when memory is short.
static inline void wasm_name_new_from_string(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s), s);
}

/// Makes `out` a name with the characters of a C string and its NUL, as messages have it. The string
/// is copied; the caller deletes the name. Empty when memory is short.
static inline void wasm_name_new_from_string_nt(own wasm_name_t *out, const char *s) {
  wasm_byte_vec_new(out, strlen(s) + 1, s);
}

/// @}
/// @addtogroup values
/// @{

/// Whether values of the kind are numbers.
static inline bool wasm_valkind_is_num(wasm_valkind_t k) {
  return k < WASM_EXTERNREF;
}

/// Whether values of the kind are references.
static inline bool wasm_valkind_is_ref(wasm_valkind_t k) {
  return k >= WASM_EXTERNREF;
}

/// Whether values of the type, which is borrowed, are numbers.
static inline bool wasm_valtype_is_num(const wasm_valtype_t *t) {
  return wasm_valkind_is_num(wasm_valtype_kind(t));
}

/// Whether values of the type, which is borrowed, are references.
static inline bool wasm_valtype_is_ref(const wasm_valtype_t *t) {
  return wasm_valkind_is_ref(wasm_valtype_kind(t));
}

/// The type i32, owned by the caller; NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_i32(void) {
  return wasm_valtype_new(WASM_I32);
}

/// The type i64, owned by the caller; NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_i64(void) {
  return wasm_valtype_new(WASM_I64);
}

/// The type f32, owned by the caller; NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_f32(void) {
  return wasm_valtype_new(WASM_F32);
}

/// The type f64, owned by the caller; NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_f64(void) {
  return wasm_valtype_new(WASM_F64);
}

/// The type externref, owned by the caller; NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_externref(void) {
  return wasm_valtype_new(WASM_EXTERNREF);
}

/// The type funcref, owned by the caller; NULL when memory is short.
static inline own wasm_valtype_t *wasm_valtype_new_funcref(void) {
  return wasm_valtype_new(WASM_FUNCREF);
}

/// @}
/// @addtogroup types
/// @{

/// A function type of the types in two arrays, all owned; NULL when memory is short. Serves the
/// functions that follow.
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

/// The function type with no parameters and no results. NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_0_0(void) {
  return wasm_functype_new_of_arrays_(0, NULL, 0, NULL);
}

/// The function type with one parameter and no results. Takes over the type.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_1_0(own wasm_valtype_t *p) {
  wasm_valtype_t *params[] = {p};
  return wasm_functype_new_of_arrays_(1, params, 0, NULL);
}

/// The function type with two parameters and no results. Takes over the types.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_2_0(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2) {
  wasm_valtype_t *params[] = {p1, p2};
  return wasm_functype_new_of_arrays_(2, params, 0, NULL);
}

/// The function type with three parameters and no results. Takes over the types.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_3_0(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  return wasm_functype_new_of_arrays_(3, params, 0, NULL);
}

/// The function type with no parameters and one result. Takes over the type.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_0_1(own wasm_valtype_t *r) {
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(0, NULL, 1, results);
}

/// The function type with one parameter and one result. Takes over the types.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_1_1(
    own wasm_valtype_t *p, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(1, params, 1, results);
}

/// The function type with two parameters and one result. Takes over the types.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_2_1(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p1, p2};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(2, params, 1, results);
}

/// The function type with three parameters and one result. Takes over the types.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_3_1(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2, own wasm_valtype_t *p3, own wasm_valtype_t *r) {
  wasm_valtype_t *params[] = {p1, p2, p3};
  wasm_valtype_t *results[] = {r};
  return wasm_functype_new_of_arrays_(3, params, 1, results);
}

/// The function type with no parameters and two results. Takes over the types.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_0_2(
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(0, NULL, 2, results);
}

/// The function type with one parameter and two results. Takes over the types.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_1_2(
    own wasm_valtype_t *p, own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(1, params, 2, results);
}

/// The function type with two parameters and two results. Takes over the types.
/// NULL when memory is short.
static inline own wasm_functype_t *wasm_functype_new_2_2(
    own wasm_valtype_t *p1, own wasm_valtype_t *p2,
    own wasm_valtype_t *r1, own wasm_valtype_t *r2) {
  wasm_valtype_t *params[] = {p1, p2};
  wasm_valtype_t *results[] = {r1, r2};
  return wasm_functype_new_of_arrays_(2, params, 2, results);
}

/// The function type with three parameters and two results. Takes over the types.
/// NULL when memory is short.
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

/// Makes `out` a pointer of the host as a number: an i64, or an i32 where pointers are that short.
static inline void wasm_val_init_ptr(own wasm_val_t *out, void *p) {
#if UINTPTR_MAX > UINT32_MAX
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)p;
#else
  out->kind = WASM_I32;
  out->of.i32 = (int32_t)(intptr_t)p;
#endif
}

/// The pointer that wasm_val_init_ptr stored in a value.
static inline void *wasm_val_ptr(const wasm_val_t *val) {
#if UINTPTR_MAX > UINT32_MAX
  return (void *)(intptr_t)val->of.i64;
#else
  return (void *)(intptr_t)val->of.i32;
#endif
}

/// What older programs call `WASM_EXTERNREF`.
#define WASM_ANYREF WASM_EXTERNREF
/// What older programs call `wasm_valtype_new_externref`.
#define wasm_valtype_new_anyref wasm_valtype_new_externref
/// @}

#ifdef __cplusplus
}  // extern "C"
#endif

#undef own

#endif  // WASM_H
