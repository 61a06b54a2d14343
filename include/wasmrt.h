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
#define WASMRT_VERSION_NUMBER 100

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

// ---- Values and their types ----
/// @addtogroup values Values and their types
/// @{

/// Kinds of values beyond those of `wasm_valkind_enum`, also for `wasm_valtype_new` and
/// `wasm_valtype_kind`.
typedef enum wasmrt_valkind_enum {
  /// A vector of 128 bits.
  WASMRT_V128 = 4,
} wasmrt_valkind_enum;

/// @}

// ---- Types of functions, globals, tables, memories, tags ----
/// @addtogroup types Types of functions, globals, tables, memories, tags
/// @{

/// What may be said of limits: the bits of `flags` in `wasmrt_limits_t`.
typedef enum wasmrt_limits_flag_enum {
  /// There is a maximum.
  WASMRT_LIMITS_HAS_MAX = 1,
  /// Indices are 64 bits wide.
  WASMRT_LIMITS_INDEX64 = 2,
  /// A memory that threads may share. There are types of such memories, but not yet the memories.
  WASMRT_LIMITS_SHARED = 4,
} wasmrt_limits_flag_enum;

/// Size limits of a memory, in pages of 64 KiB, or of a table, in elements.
typedef struct wasmrt_limits_t {
  /// Least size.
  uint64_t min;
  /// Greatest size, if `flags` say that there is one; else `UINT64_MAX` where the library writes
  /// it, and anything where the caller does.
  uint64_t max;
  /// A sum of `WASMRT_LIMITS_...` numbers.
  uint32_t flags;
} wasmrt_limits_t;

/// @}

// ---- Errors ----
/// @addtogroup errors Errors
/// @{

/// What is wrong. Numbers are never reused.
typedef enum wasmrt_error_kind_enum {
  /// The bytes are no module.
  WASMRT_ERROR_MALFORMED = 1,
  /// A module that breaks a rule of validation.
  WASMRT_ERROR_INVALID = 2,
  /// A module that needs a proposal which the engine lacks; the message names it.
  WASMRT_ERROR_UNSUPPORTED = 3,
  /// A limit of the engine is exceeded.
  WASMRT_ERROR_LIMIT = 4,
  /// Memory is short.
  WASMRT_ERROR_OUT_OF_MEMORY = 5,
  /// Imports are missing or do not fit.
  WASMRT_ERROR_LINK = 6,
  /// The function was given something that it cannot take.
  WASMRT_ERROR_ARGUMENT = 7,
  /// A fault of the library.
  WASMRT_ERROR_INTERNAL = 8,
  /// The operating system or the processor refused something.
  WASMRT_ERROR_SYSTEM = 9,
  /// Serialized data that is damaged, stale, or not sealed with the engine's key. The binary that
  /// it was made of may be compiled anew.
  WASMRT_ERROR_SERIALIZED = 10,
} wasmrt_error_kind_enum;

/// While doing what. Numbers are never reused.
typedef enum wasmrt_phase_enum {
  /// None of the others.
  WASMRT_PHASE_OTHER = 0,
  /// Reading a module's bytes.
  WASMRT_PHASE_DECODE = 1,
  /// Checking a module by the rules of validation.
  WASMRT_PHASE_VALIDATE = 2,
  /// Making machine code.
  WASMRT_PHASE_COMPILE = 3,
  /// Comparing imports with what the module asks for.
  WASMRT_PHASE_LINK = 4,
  /// Making an instance.
  WASMRT_PHASE_INSTANTIATE = 5,
  /// Calling a function.
  WASMRT_PHASE_CALL = 6,
} wasmrt_phase_enum;

/// An error, owned by the caller who took it.
typedef struct wasmrt_error_t wasmrt_error_t;

/// What an error says besides its message. `struct_size` is set by the caller to the size of the
/// struct as he knows it; no more than that is written.
typedef struct wasmrt_error_info_t {
  /// `sizeof(wasmrt_error_info_t)`, set by the caller.
  size_t struct_size;
  /// One of `wasmrt_error_kind_enum`.
  uint32_t kind;
  /// One of `wasmrt_phase_enum`.
  uint32_t phase;
  /// Byte offset in the module, or `UINT64_MAX` when there is none.
  uint64_t offset;
  /// Function index, or `UINT32_MAX` when there is none.
  uint32_t function;
} wasmrt_error_info_t;

/// @}

// ---- Engines and their settings ----
/// @addtogroup engine Engines and their settings
/// @{

/// The options of `wasmrt_config_set`. Numbers are never reused.
typedef enum wasmrt_option_enum {
  /// Number of compile threads, at most 256; 0 compiles on the calling thread. As many as there
  /// are processors unless set.
  WASMRT_OPTION_WORKERS = 1,
  /// How memory accesses are checked: one of the `WASMRT_BOUNDS_...` numbers.
  WASMRT_OPTION_BOUNDS = 2,
  /// 1 (unless set): hardware faults of guest code become traps through signal handlers. Threads
  /// that run guest code must then not block SIGSEGV, SIGBUS, SIGILL and SIGFPE in their signal
  /// mask: a fault whose signal is blocked ends the process. 0: no signal handler is installed,
  /// every check is explicit.
  WASMRT_OPTION_SIGNALS = 3,
  /// Bytes of native stack that guest code may use from one entry on, 4096 at least. 512 KiB unless
  /// set.
  WASMRT_OPTION_MAX_WASM_STACK = 4,
  /// 1 (unless set): use what the processor offers. 0: only what every supported one has.
  WASMRT_OPTION_CPU_FEATURES = 5,
  /// For which stores a module is compiled when it is made: one of the `WASMRT_METERED_...` numbers.
  WASMRT_OPTION_METERED = 7,
  /// Most pages (of 64 KiB) that a memory may have or grow to. 262,144 (16 GiB) unless set; one with
  /// 32-bit indices has at most 65,536 in any case.
  WASMRT_OPTION_MAX_MEMORY_PAGES = 16,
  /// Most elements that a table may have or grow to. 10,000,000 unless set.
  WASMRT_OPTION_MAX_TABLE_ELEMENTS = 17,
  /// Most bytes in the body of a function, which can be made less than 7,654,321.
  WASMRT_OPTION_MAX_FUNCTION_SIZE = 18,
  /// Most locals of a function, parameters included, which can be made less than 50,000.
  WASMRT_OPTION_MAX_LOCALS = 19,
  /// Most parameters of a function, which can be made less than 1,000.
  WASMRT_OPTION_MAX_PARAMS = 20,
  /// Most bytes in a module, which can be made less than 1 GiB.
  WASMRT_OPTION_MAX_MODULE_SIZE = 21,
  /// Most bytes of memory that compiling one function may need, by an estimate from the size of its body
  /// and the values that it moves. 8 GiB unless set.
  WASMRT_OPTION_MAX_COMPILE_MEMORY = 22,
} wasmrt_option_enum;

/// The values of `WASMRT_OPTION_BOUNDS`.
typedef enum wasmrt_bounds_enum {
  /// Guard pages, and explicit checks where address space is short (unless set).
  WASMRT_BOUNDS_AUTO = 0,
  /// Guard pages only; a memory that cannot have them is refused.
  WASMRT_BOUNDS_GUARD = 1,
  /// Explicit checks only.
  WASMRT_BOUNDS_EXPLICIT = 2,
} wasmrt_bounds_enum;

/// How much a message matters. Numbers are never reused.
typedef enum wasmrt_level_enum {
  /// A fault of the library, a caught panic for instance. It is told to the logs of all engines.
  WASMRT_LEVEL_ERROR = 1,
  /// Something works, but less well than it was meant to: a memory without guard pages because
  /// address space is short, for instance.
  WASMRT_LEVEL_WARNING = 2,
  /// What was chosen: the settings of an engine.
  WASMRT_LEVEL_INFO = 3,
  /// What was done, and how long it took: modules compiled.
  WASMRT_LEVEL_DEBUG = 4,
} wasmrt_level_enum;

/// One of the `WASMRT_OPTION_...` numbers.
typedef uint32_t wasmrt_option_t;

/// One of the `WASMRT_LEVEL_...` numbers.
typedef uint32_t wasmrt_level_t;

/// Takes a message: its level, and a text that ends in a NUL and is valid for the call. It runs on
/// whichever thread something happened, compile threads among them, perhaps on several at once. It may
/// use other engines, but not what the calling thread is using, and returns soon.
typedef void (*wasmrt_log_t)(void *env, wasmrt_level_t level, const char *text);

/// @}

// ---- Stores ----
/// @addtogroup store Stores
/// @{

/// How much a store may have, all objects together that have not been released. `UINT64_MAX` means
/// no limit; start from `WASMRT_STORE_LIMITS_INIT`.
typedef struct wasmrt_store_limits_t {
  /// `sizeof(wasmrt_store_limits_t)`, set by the caller. What lies beyond it is not limited.
  size_t struct_size;
  /// Memories.
  uint64_t memories;
  /// Tables.
  uint64_t tables;
  /// Instances.
  uint64_t instances;
  /// Bytes in all memories.
  uint64_t bytes;
  /// Elements in all tables.
  uint64_t elements;
} wasmrt_store_limits_t;

/// A memory or table is about to be made or to grow. Sizes are in bytes for a memory, in elements
/// for a table.
typedef struct wasmrt_growth_t {
  /// The size of the struct as the library knows it.
  size_t struct_size;
  /// What grows (a view, not owned); NULL when it is being made.
  const wasm_extern_t *object;
  /// `WASM_EXTERN_MEMORY` or `WASM_EXTERN_TABLE`.
  uint32_t kind;
  /// The size now; 0 when it is being made.
  uint64_t current;
  /// The size wanted.
  uint64_t desired;
  /// The maximum of its type, or `UINT64_MAX` when it has none.
  uint64_t maximum;
} wasmrt_growth_t;

/// Decides whether something may be made or grow: false refuses. It runs on the thread that uses the
/// store, perhaps within a call of guest code, and may use the store, as a host function may; when
/// it makes the very object grow, the growth that it was asked about is refused.
typedef bool (*wasmrt_limiter_t)(void *env, const struct wasmrt_growth_t *growth);

/// @}

// ---- Interrupts ----
/// @addtogroup interrupt Interrupts
/// @{

/// Stops the guest code of one store from anywhere. Outlives the store.
typedef struct wasmrt_interrupt_t wasmrt_interrupt_t;

/// @}

// ---- Functions ----
/// @addtogroup func Functions
/// @{

/// Any C function; cast to and from the prototype that belongs to a function's type:
///
///     R f(void* env_or_context, own wasm_trap_t** trap, P...)
///
/// with `int32_t`, `int64_t`, `float` and `double` for the parameters P and for the result R, `void`
/// without a result.
typedef void (*wasmrt_native_t)(void);

/// A host function of any type, called with the environment with which it was made. The arguments
/// are lent. The results are as many as the function's type has, null or zero of the right kinds, to
/// be overwritten; references among them become the engine's. A trap that is returned belongs to the
/// engine; NULL is success. For the rest as `wasm_func_callback_t`.
typedef wasm_trap_t *(*wasmrt_func_callback_t)(void *env,
                                               const wasmrt_val_t *args,
                                               size_t n_args,
                                               wasmrt_val_t *results,
                                               size_t n_results);

/// @}

// ---- Traps and backtraces ----
/// @addtogroup trap Traps and backtraces
/// @{

/// Why guest code stopped, or did not run: what a trap's code says. Numbers are never reused.
typedef enum wasmrt_trap_code_enum {
  /// No code: the message is all there is, because the host made the trap.
  WASMRT_TRAP_NONE = 0,
  /// The instruction `unreachable`.
  WASMRT_TRAP_UNREACHABLE = 1,
  /// An access beyond the end of a memory.
  WASMRT_TRAP_MEMORY_OUT_OF_BOUNDS = 2,
  /// An access beyond the end of a table.
  WASMRT_TRAP_TABLE_OUT_OF_BOUNDS = 3,
  /// An indirect call through an index beyond the table.
  WASMRT_TRAP_UNDEFINED_ELEMENT = 4,
  /// An indirect call of a null element.
  WASMRT_TRAP_UNINITIALIZED_ELEMENT = 5,
  /// An indirect call of a function of another type.
  WASMRT_TRAP_INDIRECT_CALL_TYPE_MISMATCH = 6,
  /// A division or remainder by zero.
  WASMRT_TRAP_INTEGER_DIVIDE_BY_ZERO = 7,
  /// A quotient or conversion that the result type cannot hold.
  WASMRT_TRAP_INTEGER_OVERFLOW = 8,
  /// A conversion of NaN to an integer.
  WASMRT_TRAP_INVALID_CONVERSION_TO_INTEGER = 9,
  /// The stack, or what guest code may have of it, is used up.
  WASMRT_TRAP_STACK_OVERFLOW = 10,
  /// A null reference where an object is needed.
  WASMRT_TRAP_NULL_REFERENCE = 11,
  /// A call through a null reference.
  WASMRT_TRAP_NULL_FUNCTION_REFERENCE = 12,
  /// An atomic access at an address that is not aligned.
  WASMRT_TRAP_UNALIGNED_ATOMIC = 13,
  /// A wait on a memory that is not shared.
  WASMRT_TRAP_EXPECTED_SHARED_MEMORY = 14,
  /// The host has no memory left.
  WASMRT_TRAP_OUT_OF_MEMORY = 15,
  /// A fault of the library.
  WASMRT_TRAP_INTERNAL_ERROR = 16,
  /// A host function returned a value of another kind than its type says.
  WASMRT_TRAP_BAD_HOST_RESULT = 17,
  /// Stopped by `wasmrt_interrupt_fire`.
  WASMRT_TRAP_INTERRUPTED = 18,
  /// The store's fuel did not suffice.
  WASMRT_TRAP_OUT_OF_FUEL = 19,
  /// The store's deadline has passed.
  WASMRT_TRAP_DEADLINE = 20,
  /// No guest code ran: arguments or imports do not fit, or a limit does not allow the instance. The
  /// message says which.
  WASMRT_TRAP_REFUSED = 21,
} wasmrt_trap_code_enum;

/// One of the `WASMRT_TRAP_...` numbers.
typedef uint32_t wasmrt_trap_code_t;

/// @}

// ---- Other declarations ----
/// @addtogroup other Other declarations
/// @{

/// The values of `WASMRT_OPTION_METERED`: stores with fuel, a deadline or an interrupt need metered code.
/// Code that a module lacks is compiled when it is first instantiated in a store that needs it, which
/// takes as long as making the module did; the log has a warning then.
typedef enum wasmrt_metered_enum {
  /// The code that the store needs in which the module is made (unless set).
  WASMRT_METERED_AS_NEEDED = 0,
  /// Metered code only.
  WASMRT_METERED_ONLY = 1,
  /// Code for all stores, in twice the time.
  WASMRT_METERED_BOTH = 2,
} wasmrt_metered_enum;

/// @}

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// ---- Version ----
/// @addtogroup version Version
/// @{

/// The library's version, to be compared with `WASMRT_VERSION_NUMBER` of the header.
WASM_API_EXTERN uint32_t wasmrt_version_number(void);

/// A static text: version, target, build type, and the proposals beyond WebAssembly 1.0 that the
/// engine supports. Never deleted.
WASM_API_EXTERN const char *wasmrt_build_info(void);

/// @}

// ---- Values and their types ----
/// @addtogroup values Values and their types
/// @{

/// Deletes the reference that the value owns, if it owns one, and makes it null. The struct itself
/// stays the caller's.
WASM_API_EXTERN void wasmrt_val_delete(own wasmrt_val_t *value);

/// @}

// ---- Types of functions, globals, tables, memories, tags ----
/// @addtogroup types Types of functions, globals, tables, memories, tags
/// @{

/// The type of a table. Takes over the element type, copies the limits; NULL if one of them is NULL,
/// the minimum is greater than the maximum, a size needs more bits than indices have, or a flag is
/// unknown or `WASMRT_LIMITS_SHARED`. There are types with elements that are not references, but no
/// tables of them.
WASM_API_EXTERN own wasm_tabletype_t *wasmrt_tabletype_new(
    own wasm_valtype_t *element, const wasmrt_limits_t *limits);

/// Makes `out` the limits in elements. All zero, with the last error set, for NULL.
WASM_API_EXTERN void wasmrt_tabletype_limits(const wasm_tabletype_t *ty, own wasmrt_limits_t *out);

/// The type of a memory. Copies the limits; NULL if they are NULL, the minimum is greater than the
/// maximum, a size needs more bits than indices have, a flag is unknown, or a shared memory has no
/// maximum. Sizes beyond what the engine can make are types as well.
WASM_API_EXTERN own wasm_memorytype_t *wasmrt_memorytype_new(const wasmrt_limits_t *limits);

/// Makes `out` the limits in pages. All zero, with the last error set, for NULL.
WASM_API_EXTERN void wasmrt_memorytype_limits(
    const wasm_memorytype_t *ty, own wasmrt_limits_t *out);

/// @}

// ---- Errors ----
/// @addtogroup errors Errors
/// @{

/// Takes the calling thread's last error, which is then cleared. The caller owns it and deletes it
/// with `wasmrt_error_delete`; NULL when there is none.
WASM_API_EXTERN own wasmrt_error_t *wasmrt_last_error(void);

/// Fills in kind, phase and place of an error, as far as `out->struct_size` reaches. Nothing for
/// NULL.
WASM_API_EXTERN void wasmrt_error_info(const wasmrt_error_t *error, own wasmrt_error_info_t *out);

/// Writes the error's text, ending in a NUL; the caller deletes it with `wasm_name_delete`. Empty
/// for a NULL error.
WASM_API_EXTERN void wasmrt_error_message(const wasmrt_error_t *error, own wasm_message_t *out);

/// Writes the numbers of the imports that were missing or did not fit, at most `capacity` of them,
/// and returns how many there are. 0 for other errors and for NULL.
WASM_API_EXTERN size_t wasmrt_error_imports(
    const wasmrt_error_t *error, own uint32_t *out, size_t capacity);

/// Deletes an error; nothing for NULL.
WASM_API_EXTERN void wasmrt_error_delete(own wasmrt_error_t *error);

/// @}

// ---- Engines and their settings ----
/// @addtogroup engine Engines and their settings
/// @{

/// Sets an option before an engine is made of the settings. False, with the last error set, for a
/// NULL config, an unknown option or a value that the option does not take.
WASM_API_EXTERN bool wasmrt_config_set(
    wasm_config_t *config, wasmrt_option_t option, uint64_t value);

/// Sets the secret with which the engine seals the modules that it serializes, and without whose seal
/// it loads none: engines with the same secret load each other's modules. Any number of bytes but
/// none; 32 random ones are good. They are copied. A seal shows that an engine with the secret wrote
/// the bytes, not which module they hold.
///
/// Without a secret, serialized modules carry a checksum, which finds damage but not forgery, and
/// sealed ones are refused. False, with the last error set, for a NULL config and an empty or NULL
/// secret.
WASM_API_EXTERN bool wasmrt_config_set_serialize_key(
    wasm_config_t *config, const wasm_byte_vec_t *secret);

/// Lets the engine that is made of the settings tell `log` what it could say: messages of `level`
/// and more important ones. Without a log, which is the default and also what NULL means, nothing is
/// said; nothing is ever printed. The finalizer, if any, runs with `env` once: when another log takes
/// the place of this one, when the settings are deleted, or when the engine has really gone; at once,
/// with the last error set, if `config` is NULL or the level unknown.
WASM_API_EXTERN void wasmrt_config_set_log(
    wasm_config_t *config, wasmrt_level_t level, wasmrt_log_t log, void *env,
    void (*finalizer)(void *env));

/// @}

// ---- Stores ----
/// @addtogroup store Stores
/// @{

/// The instance whose code called the host function that is running in the store, lent as long as
/// that runs. NULL outside of host functions and in those that the host itself called. A host function
/// that was not called as an import, but through a table or a reference, sometimes cannot know it:
/// when the store has several instances of the module (and the caller was itself called so, or more
/// than 256 frames deep), or a module with tail calls that leave their instance. Then NULL, too. To be
/// asked before the host function switches fibers: afterwards the answer may be that of a call that
/// was made on another fiber meanwhile.
WASM_API_EXTERN wasm_instance_t *wasmrt_store_caller(const wasm_store_t *store);

/// Gives the store's guest code so many units of fuel, in the place of what it had. An instruction
/// costs about one: fuel is taken at each call of a function and each iteration of a loop for the
/// instructions ahead, bulk instructions pay by length besides, and the same code with the same input
/// always consumes the same. When not enough is left the running call ends with a trap
/// (`WASMRT_TRAP_OUT_OF_FUEL`) and nothing is left; a call that ends before its next loop iteration
/// or call is let through. May be called again at any time, also by host functions. Fuel that was
/// never set has no end.
///
/// Fuel, deadlines and interrupts need code that was made for them: one of the three must be asked
/// for before the store's first instance. False, with the last error set and no change, if it is too
/// late, or for a NULL store.
WASM_API_EXTERN bool wasmrt_store_set_fuel(wasm_store_t *store, uint64_t units);

/// Writes how much fuel is left. False, with `*out` 0 and the last error set, if it was never set, or
/// for a NULL store; a NULL `out` is left alone.
WASM_API_EXTERN bool wasmrt_store_fuel(const wasm_store_t *store, own uint64_t *out);

/// From so many nanoseconds on, all calls of the store's guest code trap (`WASMRT_TRAP_DEADLINE`),
/// those that run and those that are made; 0 takes the deadline back. The time starts when guest code
/// is entered the next time, be it a start function, so compiling does not count; if some is running,
/// it starts now. The deadline replaces the former one and stays until it is replaced. Guest code notices within some tens of microseconds
/// of processor time, or when a host function or a single bulk instruction returns. May be called
/// again at any time, also by host functions; in a process that has forked, too. False, with the
/// last error set and no change, when asked for the first time after the store's first instance (see
/// `wasmrt_store_set_fuel`), or for a NULL store.
WASM_API_EXTERN bool wasmrt_store_set_deadline(wasm_store_t *store, uint64_t nanoseconds);

/// Names the native stack on which the store is about to be entered, for stacks that the engine
/// cannot know (fibers): `size` bytes from `low`, its lowest address. It holds until the next such
/// call; a NULL `low` means the thread's own stack again. Nothing, with the last error set, for a NULL
/// store.
///
/// On stacks that were not named guest code goes as deep as the engine's option says, counted from
/// where the host entered it; fibers that take turns inside of calls of one store must be named, each
/// before it enters the store.
WASM_API_EXTERN void wasmrt_store_set_stack(wasm_store_t *store, void *low, size_t size);

/// Sets how much the store may have from now on, in the place of former limits; NULL removes them.
/// What there is already stays. Instances, memories and tables beyond a limit are not made (NULL,
/// and for an instance a trap), growth beyond it is refused (-1 in guest code, false for the host),
/// and the last error names the limit. What is released counts no more once it has been collected;
/// a limit that is hit while no guest code is running collects. Nothing, with the last error set,
/// for a NULL store or a `struct_size` below that of the first field.
WASM_API_EXTERN void wasmrt_store_set_limits(
    wasm_store_t *store, const wasmrt_store_limits_t *limits);

/// From now on `limiter` is asked, with `env`, before a memory or table of the store is made or
/// grows, if its type, the engine and the store's limits allow it. It replaces the former one; NULL
/// asks nobody. The finalizer, if any, runs with `env` once: when another limiter is set and this
/// one is not running, when the store is deleted, or at once if nothing is set because the store is
/// NULL (then the last error is set) or the limiter is.
WASM_API_EXTERN void wasmrt_store_set_limiter(
    wasm_store_t *store, wasmrt_limiter_t limiter, void *env, void (*finalizer)(void *env));

/// @}

// ---- Interrupts ----
/// @addtogroup interrupt Interrupts
/// @{

/// A handle by which the store's calls can be interrupted, owned by the caller. All handles of a
/// store stand for the same. NULL, with the last error set, when asked for the first time after the
/// store's first instance (see `wasmrt_store_set_fuel`), when memory is short, or for a NULL store.
WASM_API_EXTERN own wasmrt_interrupt_t *wasmrt_interrupt_new(wasm_store_t *store);

/// Makes the call that is running in the store trap (`WASMRT_TRAP_INTERRUPTED`), the innermost if it
/// has called host functions that call back; if none is running, the next one. Several interrupts
/// before that are one. From any thread and from signal handlers, also after the store has been
/// deleted, when it does nothing. Guest code notices as with a deadline. Nothing for NULL.
WASM_API_EXTERN void wasmrt_interrupt_fire(const wasmrt_interrupt_t *interrupt);

/// Takes an interrupt back that no call has met yet: true if there was one, false otherwise and for
/// NULL. From any thread and from signal handlers.
WASM_API_EXTERN bool wasmrt_interrupt_clear(const wasmrt_interrupt_t *interrupt);

/// Deletes a handle; interrupts that it fired stay. Nothing for NULL.
WASM_API_EXTERN void wasmrt_interrupt_delete(own wasmrt_interrupt_t *interrupt);

/// @}

// ---- Modules ----
/// @addtogroup module Modules
/// @{

/// Makes `out` the module's own name from its name section; empty when it has none, and for NULL.
/// Owned by the caller.
WASM_API_EXTERN void wasmrt_module_name(const wasm_module_t *module, own wasm_name_t *out);

/// Makes `out` the name of the function with that index (imports counted) from the module's name
/// section, owned by the caller. True when it has one, which may be empty. Otherwise false and
/// `out` is empty; for NULL and for an index that is no function's, the last error says so.
WASM_API_EXTERN bool wasmrt_module_func_name(
    const wasm_module_t *module, uint32_t index, own wasm_name_t *out);

/// The number of custom sections, the name section included; 0 for NULL.
WASM_API_EXTERN size_t wasmrt_module_custom_section_count(const wasm_module_t *module);

/// Makes `name` and `bytes` the name and the content of custom section `i`, counted from 0 in the
/// order of the binary; names may occur twice. Both are owned by the caller, either may be NULL.
/// False, with both empty and the last error set, for NULL, for an `i` beyond the last section, and
/// when memory is short.
WASM_API_EXTERN bool wasmrt_module_custom_section(
    const wasm_module_t *module, size_t i, own wasm_name_t *name, own wasm_byte_vec_t *bytes);

/// As `wasm_module_deserialize`, with the bytes of a regular file. The whole file is read before
/// anything in it is looked at, so it may change or shrink meanwhile. NULL, with the reason as last
/// error, also when the path is NULL or the file cannot be read (`WASMRT_ERROR_SYSTEM`).
WASM_API_EXTERN own wasm_module_t *wasmrt_module_deserialize_file(
    wasm_store_t *store, const char *path);

/// @}

// ---- Instances ----
/// @addtogroup instance Instances
/// @{

/// The export with that name (borrowed), owned by the caller. NULL, with the last error set, when
/// the instance has none of that name, and for NULL.
WASM_API_EXTERN own wasm_extern_t *wasmrt_instance_export(
    const wasm_instance_t *instance, const wasm_name_t *name);

/// @}

// ---- Functions ----
/// @addtogroup func Functions
/// @{

/// A host function that wasm calls as the C function `code`, without `wasm_val_t`. Only for types of
/// numbers other than v128 with at most one result; `code` has the prototype of that type. It gets
/// `env`, and `trap` points at NULL; if it puts a trap there, which it then no longer owns, the
/// calling wasm code ends with that trap and the result is ignored. The finalizer, if any, runs with
/// `env` once: when the function dies, at the latest with the store, or at once if no function is
/// made. The type is borrowed. NULL if store, type or code are NULL or the type is of another sort.
WASM_API_EXTERN own wasm_func_t *wasmrt_func_new_native(
    wasm_store_t *store, const wasm_functype_t *ty, wasmrt_native_t code, void *env,
    void (*finalizer)(void *env));

/// A C function of the prototype of the function's type that calls it, whatever it is made of, with
/// the rules of `wasm_func_call`. `context` becomes what it wants as its first argument. Its second
/// argument points at a NULL, or is NULL if the caller wants no trap; after a trap, which the caller
/// owns, the result is zero. Both are valid as long as the function lives, and only to be called
/// where the function might be. NULL, and a NULL context, for NULL and for types other than those of
/// `wasmrt_func_new_native`.
WASM_API_EXTERN wasmrt_native_t wasmrt_func_native(const wasm_func_t *func, void **context);

/// Calls a function of any type. The `n_args` arguments are borrowed and must fit its type in number
/// and kind, otherwise it does not run and a trap says so. On success NULL is returned and the first
/// `n_results` results are written, whatever was there before; references in them are owned by the
/// caller. On a trap, which the caller owns, `results` stays as it is. An array may be NULL if its
/// length is 0. Calling NULL, or a function whose store has been deleted, is a trap as in
/// `wasm_func_call`.
WASM_API_EXTERN own wasm_trap_t *wasmrt_func_call(
    const wasm_func_t *func, const wasmrt_val_t *args, size_t n_args, wasmrt_val_t *results,
    size_t n_results);

/// A host function of any type (borrowed), called with `env`, which may be NULL. The finalizer, if
/// any, runs with `env` once: when the function dies, at the latest with the store, or at once if no
/// function is made. NULL if store, type or callback are NULL.
WASM_API_EXTERN own wasm_func_t *wasmrt_func_new(
    wasm_store_t *store, const wasm_functype_t *ty, wasmrt_func_callback_t callback, void *env,
    void (*finalizer)(void *env));

/// @}

// ---- Globals ----
/// @addtogroup global Globals
/// @{

/// A global of the given type and value, both borrowed; NULL if one of the arguments is NULL or the
/// value does not fit the type.
WASM_API_EXTERN own wasm_global_t *wasmrt_global_new(
    wasm_store_t *store, const wasm_globaltype_t *ty, const wasmrt_val_t *value);

/// Makes `out` the global's value; a reference in it is owned by the caller. The null reference, with
/// the last error set, for NULL.
WASM_API_EXTERN void wasmrt_global_get(const wasm_global_t *global, own wasmrt_val_t *out);

/// Sets the value, which is borrowed. False, and no effect, for NULL, a constant global, or a value
/// that does not fit.
WASM_API_EXTERN bool wasmrt_global_set(wasm_global_t *global, const wasmrt_val_t *value);

/// @}

// ---- Memories ----
/// @addtogroup memory Memories
/// @{

/// The length of a memory in pages; 0 for NULL.
WASM_API_EXTERN uint64_t wasmrt_memory_size(const wasm_memory_t *memory);

/// Grows a memory by `delta` pages of zeros. False, and no change, beyond the maximum, when the
/// store's limits or limiter refuse, or when memory is short.
WASM_API_EXTERN bool wasmrt_memory_grow(wasm_memory_t *memory, uint64_t delta);

/// @}

// ---- Traps and backtraces ----
/// @addtogroup trap Traps and backtraces
/// @{

/// Why guest code stopped, one of the `WASMRT_TRAP_...` numbers. `WASMRT_TRAP_NONE` for a trap that
/// only has a message, and, with the last error set, for NULL and after the store has gone.
WASM_API_EXTERN wasmrt_trap_code_t wasmrt_trap_code(const wasm_trap_t *trap);

/// Makes `out` the name of the frame's function as the module has it: from its name section, or else
/// under which it is exported; empty when there is neither. The name may be mangled and may hold any
/// character; `wasmrt_frame_func_display_name` gives one to print. Owned by the caller.
WASM_API_EXTERN void wasmrt_frame_func_name(const wasm_frame_t *frame, own wasm_name_t *out);

/// Makes `out` the name of the frame's function for people to read: as `wasmrt_frame_func_name`, but
/// names that compilers of Rust and C++ have mangled are given as in the source (without the hash of
/// Rust's), and control characters as escapes such as `\u{1b}`. Owned by the caller.
WASM_API_EXTERN void wasmrt_frame_func_display_name(
    const wasm_frame_t *frame, own wasm_name_t *out);

/// Makes `out` the name of the frame's module from its name section; empty when it has none. Owned
/// by the caller.
WASM_API_EXTERN void wasmrt_frame_module_name(const wasm_frame_t *frame, own wasm_name_t *out);

/// @}

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#pragma pop_macro("own")

#endif  // WASMRT_H
