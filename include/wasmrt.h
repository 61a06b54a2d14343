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
#define WASMRT_VERSION_NUMBER 100

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

// ---- Values and their types ----
/// @addtogroup values Values and their types
/// @{

/// Kinds of values that `wasm_valkind_enum` lacks. `wasm_valtype_new` and `wasm_valtype_kind` know
/// them as well.
typedef enum wasmrt_valkind_enum {
  /// A vector of 128 bits.
  WASMRT_V128 = 4,
} wasmrt_valkind_enum;

/// @}

// ---- Types of functions, globals, tables, memories, tags ----
/// @addtogroup types Types of functions, globals, tables, memories, tags
/// @{

/// The bits of `flags` in `wasmrt_limits_t`.
typedef enum wasmrt_limits_flag_enum {
  /// There is a maximum.
  WASMRT_LIMITS_HAS_MAX = 1,
  /// Indices are 64 bits wide.
  WASMRT_LIMITS_INDEX64 = 2,
  /// Threads may share the memory, each through a store of its own (see `wasmrt_memory_share`).
  WASMRT_LIMITS_SHARED = 4,
  /// The pages of the memory are bytes.
  WASMRT_LIMITS_BYTE_PAGES = 8,
} wasmrt_limits_flag_enum;

/// Size limits of a memory, in pages, or of a table, in elements. A page has 64 KiB, or one byte if
/// `flags` has `WASMRT_LIMITS_BYTE_PAGES`.
typedef struct wasmrt_limits_t {
  /// Minimum size.
  uint64_t min;
  /// Maximum size, if `flags` has `WASMRT_LIMITS_HAS_MAX`. Otherwise the library writes
  /// `UINT64_MAX` here and ignores what the caller wrote.
  uint64_t max;
  /// A sum of `WASMRT_LIMITS_...` bits.
  uint32_t flags;
} wasmrt_limits_t;

/// @}

// ---- Errors ----
/// @addtogroup errors Errors
/// @{

/// What is wrong. Numbers are never reused.
typedef enum wasmrt_error_kind_enum {
  /// The bytes are not a WebAssembly module.
  WASMRT_ERROR_MALFORMED = 1,
  /// The module violates a rule of validation.
  WASMRT_ERROR_INVALID = 2,
  /// The module needs a proposal that the engine does not support; the message names it.
  WASMRT_ERROR_UNSUPPORTED = 3,
  /// A limit of the engine or of a store is exceeded.
  WASMRT_ERROR_LIMIT = 4,
  /// Memory is short.
  WASMRT_ERROR_OUT_OF_MEMORY = 5,
  /// Imports are missing or do not fit.
  WASMRT_ERROR_LINK = 6,
  /// The function does not accept an argument.
  WASMRT_ERROR_ARGUMENT = 7,
  /// An internal error of the library.
  WASMRT_ERROR_INTERNAL = 8,
  /// The operating system or the processor refused something.
  WASMRT_ERROR_SYSTEM = 9,
  /// Serialized data is damaged, outdated, or not sealed with the engine's key. The original
  /// binary can be compiled again.
  WASMRT_ERROR_SERIALIZED = 10,
} wasmrt_error_kind_enum;

/// What the library was doing. Numbers are never reused.
typedef enum wasmrt_phase_enum {
  /// None of the others.
  WASMRT_PHASE_OTHER = 0,
  /// Reading a module's bytes.
  WASMRT_PHASE_DECODE = 1,
  /// Validating a module.
  WASMRT_PHASE_VALIDATE = 2,
  /// Compiling to machine code.
  WASMRT_PHASE_COMPILE = 3,
  /// Comparing imports with what the module requires.
  WASMRT_PHASE_LINK = 4,
  /// Making an instance.
  WASMRT_PHASE_INSTANTIATE = 5,
  /// Calling a function.
  WASMRT_PHASE_CALL = 6,
} wasmrt_phase_enum;

/// An error, owned by the caller who took it.
typedef struct wasmrt_error_t wasmrt_error_t;

/// Kind, phase and place of an error. The caller sets `struct_size` to the size of the struct in
/// its version of the header; no more than that is written.
typedef struct wasmrt_error_info_t {
  /// `sizeof(wasmrt_error_info_t)`, set by the caller.
  size_t struct_size;
  /// One of the numbers of `wasmrt_error_kind_enum`.
  uint32_t kind;
  /// One of the numbers of `wasmrt_phase_enum`.
  uint32_t phase;
  /// Byte offset in the module; `UINT64_MAX` if there is none.
  uint64_t offset;
  /// Function index; `UINT32_MAX` if there is none.
  uint32_t function;
} wasmrt_error_info_t;

/// @}

// ---- Engines and their settings ----
/// @addtogroup engine Engines and their settings
/// @{

/// The options of `wasmrt_config_set`. Numbers are never reused.
typedef enum wasmrt_option_enum {
  /// Number of compile threads, at most 256; 0 compiles on the calling thread. Default: the
  /// number of processors.
  WASMRT_OPTION_WORKERS = 1,
  /// How memory accesses are checked: one of the `WASMRT_BOUNDS_...` numbers. Default:
  /// `WASMRT_BOUNDS_AUTO`.
  WASMRT_OPTION_BOUNDS = 2,
  /// 1 (default): signal handlers turn hardware faults of guest code into traps. Threads that run
  /// guest code must not block SIGSEGV, SIGBUS, SIGILL and SIGFPE in their signal mask: the
  /// system ends a process that faults while the signal is blocked. 0: no signal handler is
  /// installed, and every check is explicit.
  WASMRT_OPTION_SIGNALS = 3,
  /// Bytes of native stack that guest code may use from one entry on, at least 4096. Default: 512
  /// KiB.
  WASMRT_OPTION_MAX_WASM_STACK = 4,
  /// 1 (default): use the instructions that this processor has. 0: use only those that every
  /// supported processor has.
  WASMRT_OPTION_CPU_FEATURES = 5,
  /// What is compiled when, and how: one of the `WASMRT_COMPILE_...` numbers. Default:
  /// `WASMRT_COMPILE_TIERED`.
  WASMRT_OPTION_COMPILE = 6,
  /// How much a function may execute before it counts as hot and is optimized, in percent of what
  /// is usual for a function of its size, at most 1,000,000. Default: 100. With 0 every function
  /// that is called is optimized. For tests: with 0x20000000 + n, where n is from 1 to 0xfffffff,
  /// each function is hot in the n-th iteration of the loops of its first call; from 0x40000000 to
  /// 0x7fffffff, each function's budget is by chance none, small, usual or endless, and the value is
  /// the seed.
  WASMRT_OPTION_TIER_UP = 8,
  /// For which stores a module is compiled when it is made: one of the `WASMRT_METERED_...`
  /// numbers. Default: `WASMRT_METERED_AS_NEEDED`.
  WASMRT_OPTION_METERED = 7,
  /// 1: guest code has masks against Spectre attacks of the kind "bounds check bypass": what the
  /// processor executes ahead, past a check that will fail, reads nothing beyond the bounds of a
  /// memory or table and jumps to no place outside of a branch table. For hosts that run code they do
  /// not trust beside secrets in the same process; costs a few percent where there are such checks
  /// (indirect calls, and accesses to memories without guard pages). 0 (default): no masks.
  WASMRT_OPTION_SPECTRE_MASKS = 9,
  /// Maximum number of pages (of 64 KiB) that a memory may have or grow to. Default: 262,144 (16
  /// GiB). A memory with 32-bit indices never has more than 65,536.
  WASMRT_OPTION_MAX_MEMORY_PAGES = 16,
  /// Maximum number of elements that a table may have or grow to. Default: 10,000,000.
  WASMRT_OPTION_MAX_TABLE_ELEMENTS = 17,
  /// Maximum number of bytes in the body of a function. Default, and greatest value: 7,654,321.
  WASMRT_OPTION_MAX_FUNCTION_SIZE = 18,
  /// Maximum number of locals of a function, parameters included. Default, and greatest value:
  /// 50,000.
  WASMRT_OPTION_MAX_LOCALS = 19,
  /// Maximum number of parameters of a function. Default, and greatest value: 1,000.
  WASMRT_OPTION_MAX_PARAMS = 20,
  /// Maximum number of bytes in a module. Default, and greatest value: 1 GiB.
  WASMRT_OPTION_MAX_MODULE_SIZE = 21,
  /// Maximum number of bytes that compiling one function may need, estimated from the size of its
  /// body, its instructions, the values that it moves and its machine code. A function that needs
  /// more to be optimized is compiled without optimization, and refused if that needs more, too.
  /// Default: 8 GiB.
  WASMRT_OPTION_MAX_COMPILE_MEMORY = 22,
  /// What profilers of the system are told about guest code: one of the `WASMRT_PROFILER_...`
  /// numbers. Default: `WASMRT_PROFILER_NONE`.
  WASMRT_OPTION_PROFILER = 32,
  /// 1: debuggers (GDB, LLDB) are told about guest code, so that backtraces go through it and have
  /// the names of its functions. 0 (default): they are not.
  WASMRT_OPTION_DEBUGGER = 33,
  /// 1: the unwinder of the process (libgcc's) is told about the frames of guest code, so that
  /// `backtrace` and crash reporters see from a host function through guest code to the host.
  /// Exceptions still do not pass through guest code. 0 (default): they see no further than the
  /// host function.
  WASMRT_OPTION_UNWINDER = 34,
  /// 1: the engine records when each function is compiled, for `wasmrt_engine_timeline`. 0
  /// (default): it does not.
  WASMRT_OPTION_TIMELINE = 40,
} wasmrt_option_enum;

/// The values of `WASMRT_OPTION_BOUNDS`.
typedef enum wasmrt_bounds_enum {
  /// Guard pages, and explicit checks where address space is short (default).
  WASMRT_BOUNDS_AUTO = 0,
  /// Guard pages only; a memory that cannot have them is refused.
  WASMRT_BOUNDS_GUARD = 1,
  /// Explicit checks only.
  WASMRT_BOUNDS_EXPLICIT = 2,
} wasmrt_bounds_enum;

/// The values of `WASMRT_OPTION_COMPILE`. In every mode a module is validated completely when it is
/// made. A function that cannot be compiled at its first call, because memory is short for example,
/// traps there.
typedef enum wasmrt_compile_enum {
  /// Nothing is compiled when a module is made. Each function is compiled at its first call, fast
  /// and with little optimization, and optimized in the background when it is hot (default).
  WASMRT_COMPILE_TIERED = 0,
  /// Nothing is compiled when a module is made. Each function is compiled at its first call, fast
  /// and with little optimization.
  WASMRT_COMPILE_LAZY_BASELINE = 1,
  /// All functions are compiled when a module is made, fast and with little optimization.
  WASMRT_COMPILE_BASELINE = 2,
  /// All functions are compiled and optimized when a module is made.
  WASMRT_COMPILE_OPTIMIZED = 3,
  /// All functions are compiled when a module is made, fast and with little optimization, and
  /// optimized in the background when they are hot.
  WASMRT_COMPILE_BOTH = 4,
} wasmrt_compile_enum;

/// The values of `WASMRT_OPTION_METERED`. Stores with fuel, a deadline, an interrupt or a profile need
/// metered code. Code that a module lacks is compiled when the module is first instantiated in a store
/// that needs it; this takes as long as making the module did, and the log gets a warning.
typedef enum wasmrt_metered_enum {
  /// The code for the store in which the module is made (default).
  WASMRT_METERED_AS_NEEDED = 0,
  /// Metered code only.
  WASMRT_METERED_ONLY = 1,
  /// Code for all stores; compiling takes twice as long.
  WASMRT_METERED_BOTH = 2,
} wasmrt_metered_enum;

/// The values of `WASMRT_OPTION_PROFILER`. Functions have the names that backtraces show, and behind
/// them how the code was made: `name [baseline]`, `name [optimized]`, or `name [optimized loop]` for
/// code that continues a running loop. With any of them, making code reachable takes longer; code
/// runs as fast as without.
typedef enum wasmrt_profiler_enum {
  /// Nothing (default).
  WASMRT_PROFILER_NONE = 0,
  /// The names and addresses of functions are written to `/tmp/perf-PID.map`, where `perf report`
  /// finds them. The file is left behind.
  WASMRT_PROFILER_PERF_MAP = 1,
  /// Code, names and lines are written to `jit-PID.dump`, for `perf inject`. The file is left
  /// behind in `/tmp`, or in the folder that `wasmrt_config_set_profiler_folder` chooses.
  WASMRT_PROFILER_JITDUMP = 2,
} wasmrt_profiler_enum;

/// The importance of a message. Numbers are never reused.
typedef enum wasmrt_level_enum {
  /// An internal error of the library, such as a caught panic. The logs of all engines receive
  /// it.
  WASMRT_LEVEL_ERROR = 1,
  /// Something works, but not as well as intended: a memory has no guard pages because address
  /// space is short, for example.
  WASMRT_LEVEL_WARNING = 2,
  /// What was chosen, such as the settings of an engine.
  WASMRT_LEVEL_INFO = 3,
  /// What was done and how long it took, such as compiling a module.
  WASMRT_LEVEL_DEBUG = 4,
} wasmrt_level_enum;

/// One of the `WASMRT_OPTION_...` numbers.
typedef uint32_t wasmrt_option_t;

/// Runs a task. Called once with the task that came with it, on any thread.
typedef void (*wasmrt_run_t)(void *task);

/// Takes a task, to call `run(task)` once: on any thread, within this call or at any time after it, also when
/// the job, the module and the engine have been deleted; then it returns at once. A task that is never run costs
/// only its memory: nobody waits for it. False refuses the task, which the library frees; the work is then
/// done by the thread that has asked for it, or later.
///
/// It is called on any thread, several at the same time, also while guest code is running, and
/// should return soon unless it runs the task. It must not call other functions of the library.
typedef bool (*wasmrt_submit_t)(void *env, wasmrt_run_t run, void *task);

/// One of the `WASMRT_LEVEL_...` numbers.
typedef uint32_t wasmrt_level_t;

/// Receives a message: its level, and a text that ends in a NUL and is valid during the call. It
/// runs on the thread where the event occurred, which may be a compile thread, possibly on several
/// threads at the same time. It may use other engines, but nothing that the calling thread is
/// using, and should return soon.
typedef void (*wasmrt_log_t)(void *env, wasmrt_level_t level, const char *text);

/// @}

// ---- Stores ----
/// @addtogroup store Stores
/// @{

/// Limits of a store, for all its objects together that have not been released. `UINT64_MAX` means
/// no limit; start from `WASMRT_STORE_LIMITS_INIT`.
typedef struct wasmrt_store_limits_t {
  /// `sizeof(wasmrt_store_limits_t)`, set by the caller. Fields beyond this size are not limited.
  size_t struct_size;
  /// Number of memories.
  uint64_t memories;
  /// Number of tables.
  uint64_t tables;
  /// Number of instances.
  uint64_t instances;
  /// Number of bytes in all memories.
  uint64_t bytes;
  /// Number of elements in all tables.
  uint64_t elements;
} wasmrt_store_limits_t;

/// Describes a memory or table that is about to be made or to grow. Sizes are in bytes for a
/// memory, in elements for a table.
typedef struct wasmrt_growth_t {
  /// The size of the struct in the library's version of the header.
  size_t struct_size;
  /// The object that grows (a view, not owned); NULL if it is being made.
  const wasm_extern_t *object;
  /// `WASM_EXTERN_MEMORY` or `WASM_EXTERN_TABLE`.
  uint32_t kind;
  /// The current size; 0 if it is being made.
  uint64_t current;
  /// The requested size.
  uint64_t desired;
  /// The maximum of its type; `UINT64_MAX` if there is none.
  uint64_t maximum;
} wasmrt_growth_t;

/// Decides whether a memory or table may be made or grow; false refuses. It runs on the thread that
/// uses the store, possibly within a call of guest code, and may use the store as a host function
/// may. If it makes the same object grow, the growth that it was asked about is refused.
typedef bool (*wasmrt_limiter_t)(void *env, const struct wasmrt_growth_t *growth);

/// @}

// ---- Interrupts ----
/// @addtogroup interrupt Interrupts
/// @{

/// A handle that stops the guest code of one store, from any thread. It may outlive the store.
typedef struct wasmrt_interrupt_t wasmrt_interrupt_t;

/// @}

// ---- Profiles and timelines ----
/// @addtogroup profile Profiles and timelines
/// @{

/// The formats of a profile.
typedef enum wasmrt_profile_format_enum {
  /// Folded stacks, from which flame graphs are drawn: for each stack a line with the names of
  /// its functions, outermost first and with `;` between, and the number of samples.
  WASMRT_PROFILE_FOLDED = 1,
  /// The JSON of the Firefox Profiler, for <https://profiler.firefox.com>: with times, tiers as
  /// categories, and files and lines where the module has debug information.
  WASMRT_PROFILE_FIREFOX = 2,
  /// A picture, as SVG: a flame graph, in which each function is a box upon the one that called
  /// it, as wide as its share of the samples, in the colour of its tier.
  WASMRT_PROFILE_SVG = 3,
} wasmrt_profile_format_enum;

/// The formats of a timeline.
typedef enum wasmrt_timeline_format_enum {
  /// Trace events in JSON, for <https://ui.perfetto.dev> and `chrome://tracing`.
  WASMRT_TIMELINE_TRACE_EVENTS = 1,
  /// A picture, as SVG.
  WASMRT_TIMELINE_SVG = 2,
} wasmrt_timeline_format_enum;

/// Samples of the guest code of one store. It may outlive the store.
typedef struct wasmrt_profile_t wasmrt_profile_t;

/// One of the `WASMRT_PROFILE_...` numbers.
typedef uint32_t wasmrt_profile_format_t;

/// One of the `WASMRT_TIMELINE_...` numbers.
typedef uint32_t wasmrt_timeline_format_t;

/// @}

// ---- Modules ----
/// @addtogroup module Modules
/// @{

/// How a function is compiled.
typedef enum wasmrt_tier_enum {
  /// Fast, with little optimization.
  WASMRT_TIER_BASELINE = 1,
  /// With all optimizations.
  WASMRT_TIER_OPTIMIZED = 2,
} wasmrt_tier_enum;

/// Which machine code the bytes of a serialized module contain. Each function has one kind of code in
/// them, the best that there is.
typedef enum wasmrt_serialize_enum {
  /// What exists now; nothing is compiled.
  WASMRT_SERIALIZE_EXISTING = 1,
  /// What exists now. Functions without code are compiled first, fast and with little optimization.
  WASMRT_SERIALIZE_BASELINE = 2,
  /// Optimized code. What is not optimized yet is compiled first.
  WASMRT_SERIALIZE_OPTIMIZED = 3,
} wasmrt_serialize_enum;

/// What has happened. Numbers are never reused.
typedef enum wasmrt_event_kind_enum {
  /// All functions of the module have code now. Told once.
  WASMRT_EVENT_COMPILED = 1,
  /// A function was optimized. The next calls use that code.
  WASMRT_EVENT_OPTIMIZED = 2,
  /// A function could not be compiled. It keeps the code it has; if it has none, its calls trap.
  WASMRT_EVENT_FAILED = 3,
} wasmrt_event_kind_enum;

/// One of the `WASMRT_TIER_...` numbers.
typedef uint32_t wasmrt_tier_t;

/// What has happened, valid during the call.
typedef struct wasmrt_event_info_t {
  /// The size of this structure in the library's version, which may be larger than in the caller's.
  size_t struct_size;
  /// One of the `WASMRT_EVENT_...` numbers.
  uint32_t kind;
  /// One of the `WASMRT_TIER_...` numbers, in which the function was to be compiled; 0 if no function is meant.
  wasmrt_tier_t tier;
  /// Function index; `UINT32_MAX` if no function is meant.
  uint32_t function;
  /// Why it could not be compiled (borrowed); NULL for other events.
  const struct wasmrt_error_t *error;
} wasmrt_event_info_t;

/// Receives an event. It runs on the thread where that happened: one of the engine's, one of the executor, or
/// one that calls a function of the module, possibly on several threads at the same time. It may use the module's
/// statistics and other engines, but no store that the calling thread is using, and should return soon.
typedef void (*wasmrt_event_t)(void *env, const struct wasmrt_event_info_t *info);

/// What was compiled in one way.
typedef struct wasmrt_tier_stats_t {
  /// Functions. One that was compiled for several kinds of stores (with fuel and without, for
  /// example), or by several threads at the same time, counts several times.
  uint64_t functions;
  /// Bytes of machine code: of these functions, and of code that was made to continue running loops
  /// of them.
  uint64_t code_bytes;
  /// Nanoseconds that compiling all of this took, summed over all threads.
  uint64_t nanoseconds;
} wasmrt_tier_stats_t;

/// One of the `WASMRT_SERIALIZE_...` numbers.
typedef uint32_t wasmrt_serialize_t;

/// What was compiled so far, of one module or of all modules that an engine has had. Code that was
/// loaded from a serialized module does not count. The caller sets `struct_size` to the size of the
/// struct in its version of the header; no more than that is written.
typedef struct wasmrt_stats_t {
  /// `sizeof(wasmrt_stats_t)`, set by the caller.
  size_t struct_size;
  /// Functions that the modules define.
  uint64_t functions;
  /// Compiled fast, with little optimization.
  struct wasmrt_tier_stats_t baseline;
  /// Compiled with all optimizations.
  struct wasmrt_tier_stats_t optimized;
  /// Hot functions that wait to be optimized now.
  uint64_t waiting;
  /// How often the cache folder had the code of a module. It is looked for once for each kind of
  /// store; for small modules, at the first call.
  uint64_t cache_hits;
  /// How often it had not.
  uint64_t cache_misses;
  /// Bytes that were read from the cache folder.
  uint64_t cache_bytes;
  /// Functions among `optimized` that would take too long or too much memory to optimize, because
  /// they are very large, deeply nested or keep very many values, and which were therefore compiled
  /// as those among `baseline`.
  uint64_t oversized;
  /// Bytes of memory, roughly, that the modules hold now, shared by all their instances: a copy of
  /// the binary, what was decoded from it, and machine code, compiled or loaded, with its tables. Images
  /// of the first contents of memories do not count. A module of which neither handles nor instances are
  /// left counts until its store collects it or is deleted, and the threads that compile for it or write it to the
  /// cache folder are done.
  uint64_t memory;
  /// Nanoseconds that validating function bodies took, summed over all threads, where they are not
  /// compiled when a module is made (as in `WASMRT_COMPILE_TIERED`). Elsewhere it is a part of compiling.
  uint64_t validation_nanoseconds;
} wasmrt_stats_t;

/// @}

// ---- Compile jobs ----
/// @addtogroup job Compile jobs
/// @{

/// How a job stands. Numbers are never reused.
typedef enum wasmrt_job_state_enum {
  /// It waits for bytes, or is compiling.
  WASMRT_JOB_RUNNING = 1,
  /// `wasmrt_job_module` gives the module.
  WASMRT_JOB_DONE = 2,
  /// `wasmrt_job_error` gives the reason.
  WASMRT_JOB_FAILED = 3,
  /// It was ended by `wasmrt_job_cancel`.
  WASMRT_JOB_CANCELLED = 4,
} wasmrt_job_state_enum;

/// A module that is being compiled in the background. Any thread may use it, several at the same time.
typedef struct wasmrt_job_t wasmrt_job_t;

/// One of the `WASMRT_JOB_...` numbers.
typedef uint32_t wasmrt_job_state_t;

/// Called when a job is over, with its last state; `wasmrt_job_module` gives the module then. It runs on the thread
/// that finished the work: one of the engine's, one of the executor, or one that feeds, waits for or cancels the job.
/// It may call any function, and delete the job.
typedef void (*wasmrt_job_done_t)(void *env, wasmrt_job_state_t state);

/// How a job is done. The caller sets `struct_size`, and clears the rest.
typedef struct wasmrt_job_options_t {
  /// `sizeof(wasmrt_job_options_t)`, set by the caller.
  size_t struct_size;
  /// Of the jobs of an engine, those with higher numbers come first.
  int32_t priority;
  /// One of the `WASMRT_TIER_...` numbers: all functions are compiled in this tier. 0: what the engine's setting says
  /// (`WASMRT_OPTION_COMPILE`); bodies are only validated where that compiles functions at their first call.
  wasmrt_tier_t tier;
  /// Called once when the job is over, unless it is deleted first. May be NULL.
  wasmrt_job_done_t done;
  /// Passed to `done`.
  void *env;
  /// Called once with `env`, when `done` will not be called any more. May be NULL.
  void (*finalizer)(void *env);
} wasmrt_job_options_t;

/// How far a job is. The caller sets `struct_size`.
typedef struct wasmrt_progress_t {
  /// `sizeof(wasmrt_progress_t)`, set by the caller; no more than that is written.
  size_t struct_size;
  /// Bytes that have arrived.
  uint64_t bytes;
  /// Functions that the module defines; 0 until that is known.
  uint64_t functions;
  /// Functions that are done: validated, and compiled if the job compiles.
  uint64_t done;
  /// What was compiled fast, with little optimization.
  struct wasmrt_tier_stats_t baseline;
  /// What was compiled with all optimizations.
  struct wasmrt_tier_stats_t optimized;
} wasmrt_progress_t;

/// @}

// ---- Functions ----
/// @addtogroup func Functions
/// @{

/// A host function of any type. `env` is what was given when the function was made. `args` is
/// borrowed. `results` has one element for each result of the function's type, of the right kind,
/// zero or null. The callback overwrites them; references that it writes become the engine's. NULL
/// means success. A returned trap becomes the engine's and ends the calling guest code. Otherwise
/// as `wasm_func_callback_t`.
typedef wasm_trap_t *(*wasmrt_func_callback_t)(void *env,
                                               const wasmrt_val_t *args,
                                               size_t n_args,
                                               wasmrt_val_t *results,
                                               size_t n_results);

/// Any C function. The program casts it to and from the prototype that belongs to the type of the
/// function:
///
///     R f(void* env_or_context, own wasm_trap_t** trap, P...)
///
/// The parameters P and the result R are `int32_t`, `int64_t`, `float` or `double`; without a
/// result R is `void`.
typedef void (*wasmrt_native_t)(void);

/// @}

// ---- Memories ----
/// @addtogroup memory Memories
/// @{

/// A shared memory apart from any store. Any number of threads may use it at the same time.
typedef struct wasmrt_shared_memory_t wasmrt_shared_memory_t;

/// @}

// ---- Linkers ----
/// @addtogroup linker Linkers
/// @{

/// What modules may import, by module and name, in one store. A linker keeps what is defined in it; it is
/// used by the thread that uses the store.
typedef struct wasmrt_linker_t wasmrt_linker_t;

/// @}

// ---- Traps and backtraces ----
/// @addtogroup trap Traps and backtraces
/// @{

/// The reason why guest code stopped, or did not run. Numbers are never reused.
typedef enum wasmrt_trap_code_enum {
  /// No code, only a message: the host made the trap.
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
  /// The stack is exhausted, or the part of it that guest code may use.
  WASMRT_TRAP_STACK_OVERFLOW = 10,
  /// A null reference where an object is required.
  WASMRT_TRAP_NULL_REFERENCE = 11,
  /// A call through a null reference.
  WASMRT_TRAP_NULL_FUNCTION_REFERENCE = 12,
  /// An atomic access at a misaligned address.
  WASMRT_TRAP_UNALIGNED_ATOMIC = 13,
  /// A wait on a memory that is not shared.
  WASMRT_TRAP_EXPECTED_SHARED_MEMORY = 14,
  /// Memory is short.
  WASMRT_TRAP_OUT_OF_MEMORY = 15,
  /// An internal error of the library.
  WASMRT_TRAP_INTERNAL_ERROR = 16,
  /// A host function returned a value of another kind than its type says.
  WASMRT_TRAP_BAD_HOST_RESULT = 17,
  /// Stopped by `wasmrt_interrupt_fire`.
  WASMRT_TRAP_INTERRUPTED = 18,
  /// The store's fuel is exhausted.
  WASMRT_TRAP_OUT_OF_FUEL = 19,
  /// The store's deadline has passed.
  WASMRT_TRAP_DEADLINE = 20,
  /// No guest code ran: arguments or imports do not fit, or a limit does not allow the instance.
  /// The message gives the details.
  WASMRT_TRAP_REFUSED = 21,
  /// An exception that nobody caught; `wasmrt_trap_exception` gives it.
  WASMRT_TRAP_EXCEPTION = 22,
} wasmrt_trap_code_enum;

/// One of the `WASMRT_TRAP_...` numbers.
typedef uint32_t wasmrt_trap_code_t;

/// @}

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// ---- Version ----
/// @addtogroup version Version
/// @{

/// Returns the version of the library that is running, to be compared with `WASMRT_VERSION_NUMBER`
/// of the header.
WASM_API_EXTERN uint32_t wasmrt_version_number(void);

/// Returns a static text with the version, the target, the build type, and the supported proposals
/// beyond WebAssembly 1.0. It must not be freed.
WASM_API_EXTERN const char *wasmrt_build_info(void);

/// @}

// ---- Values and their types ----
/// @addtogroup values Values and their types
/// @{

/// Deletes the reference in a value, if it holds one, and makes it null. The struct itself stays
/// the caller's. Does nothing for NULL.
WASM_API_EXTERN void wasmrt_val_delete(own wasmrt_val_t *value);

/// @}

// ---- Types of functions, globals, tables, memories, tags ----
/// @addtogroup types Types of functions, globals, tables, memories, tags
/// @{

/// Makes the type of a table, owned by the caller. It takes ownership of the element type and
/// copies the limits. NULL if either is NULL, the minimum is greater than the maximum, a size does
/// not fit the width of indices, a flag is unknown or is for memories only, or memory is short.
/// Element types that are not references are allowed here, but `wasm_table_new` refuses them.
WASM_API_EXTERN own wasm_tabletype_t *wasmrt_tabletype_new(
    own wasm_valtype_t *element, const wasmrt_limits_t *limits);

/// Makes `out` the limits in elements. If `ty` is NULL, all fields are 0 and the last error is set.
WASM_API_EXTERN void wasmrt_tabletype_limits(const wasm_tabletype_t *ty, own wasmrt_limits_t *out);

/// Makes the type of a memory, owned by the caller. It copies the limits. NULL if they are NULL,
/// the minimum is greater than the maximum, a size does not fit the width of indices, a flag is
/// unknown, a shared memory has no maximum, or memory is short. Sizes that the engine cannot make
/// are allowed here, but `wasm_memory_new` refuses them.
WASM_API_EXTERN own wasm_memorytype_t *wasmrt_memorytype_new(const wasmrt_limits_t *limits);

/// Makes `out` the limits in pages. If `ty` is NULL, all fields are 0 and the last error is set.
WASM_API_EXTERN void wasmrt_memorytype_limits(
    const wasm_memorytype_t *ty, own wasmrt_limits_t *out);

/// @}

// ---- Errors ----
/// @addtogroup errors Errors
/// @{

/// Returns the last error of the calling thread and clears it. The caller owns the result and
/// deletes it with `wasmrt_error_delete`. NULL if there is none.
WASM_API_EXTERN own wasmrt_error_t *wasmrt_last_error(void);

/// Writes kind, phase and place of an error (borrowed) to `out`, at most `out->struct_size` bytes.
/// Does nothing if either is NULL.
WASM_API_EXTERN void wasmrt_error_info(const wasmrt_error_t *error, own wasmrt_error_info_t *out);

/// Makes `out` the text of an error (borrowed), ending in a NUL. The caller owns `out` and deletes
/// it with `wasm_name_delete`. It is empty if `error` is NULL or memory is short.
WASM_API_EXTERN void wasmrt_error_message(const wasmrt_error_t *error, own wasm_message_t *out);

/// Writes the indices of the imports that were missing or did not fit to `out`, at most `capacity`
/// of them, and returns how many there are. `error` is borrowed; `out` may be NULL. 0 for other
/// errors and for NULL.
WASM_API_EXTERN size_t wasmrt_error_imports(
    const wasmrt_error_t *error, own uint32_t *out, size_t capacity);

/// Deletes an error. Does nothing for NULL.
WASM_API_EXTERN void wasmrt_error_delete(own wasmrt_error_t *error);

/// @}

// ---- Engines and their settings ----
/// @addtogroup engine Engines and their settings
/// @{

/// Sets an option, before an engine takes the configuration. False, with the last error set, if
/// `config` is NULL, the option is unknown, or it does not accept the value.
WASM_API_EXTERN bool wasmrt_config_set(
    wasm_config_t *config, wasmrt_option_t option, uint64_t value);

/// Sets a secret, with which the engine seals the modules that it serializes. It then loads only
/// modules with a valid seal; engines with the same secret load each other's modules. The secret
/// may have any length except 0; 32 random bytes are a good choice. It is borrowed and copied. A
/// seal proves that an engine with the secret wrote the bytes, but not which module they contain.
///
/// Without a secret, serialized modules carry a checksum, which detects damage but not forgery, and
/// sealed modules are refused. False, with the last error set, if `config` is NULL or the secret is
/// NULL or empty.
WASM_API_EXTERN bool wasmrt_config_set_serialize_key(
    wasm_config_t *config, const wasm_byte_vec_t *secret);

/// Sets a folder in which the engine keeps machine code and finds it again, also in later processes. The
/// path is copied; the folder is made when it is needed. Its entries take at most `max_bytes`; those
/// that were not used for longest are removed. Several processes may use it at the same time. NULL: no
/// folder, as by default. False, with the last error set, if `config` is NULL or the path is empty.
///
/// The folder holds machine code, so it must belong to the user who runs the process, and nobody else
/// may be able to write to it: otherwise it is not used. Whatever does not work there is reported to
/// the log, and has no other effect. With a key (`wasmrt_config_set_serialize_key`) entries are sealed.
WASM_API_EXTERN bool wasmrt_config_set_cache(
    wasm_config_t *config, const char *folder, uint64_t max_bytes);

/// Chooses the folder where `WASMRT_PROFILER_JITDUMP` writes its file. The path is borrowed and copied.
/// False, with the last error set, if `config` is NULL or the path is NULL or empty. Whether the
/// folder can be written to is seen later, and is a warning in the log.
WASM_API_EXTERN bool wasmrt_config_set_profiler_folder(wasm_config_t *config, const char *path);

/// Sets where the engine that will be made with this configuration does its background work: `submit` gets tasks,
/// and no threads are started. A task works until nothing is left to do, which may take as long as compiling a
/// module. There are at most as many at a time as `WASMRT_OPTION_WORKERS` says, and one that optimizes hot functions;
/// with 0 there are none. By default, and if `submit` is NULL, the engine has threads of its own.
///
/// The finalizer, which may be NULL, runs once with `env`, on any thread: when another executor replaces this one, when the
/// configuration is deleted, or when the engine no longer exists and no task is running. It runs immediately if
/// `submit` is NULL and, with the last error set, if `config` is NULL.
WASM_API_EXTERN void wasmrt_config_set_executor(
    wasm_config_t *config, wasmrt_submit_t submit, void *env, void (*finalizer)(void *env));

/// Sets the log of the engine that will be made with this configuration: `log` receives messages of
/// `level` and of more important levels. By default, and if `log` is NULL, there is no log; the
/// library never prints anything.
///
/// The finalizer, which may be NULL, runs once with `env`: when another log replaces this one, when
/// the configuration is deleted, or when the engine no longer exists. It runs immediately if `log`
/// is NULL, and, with the last error set, if `config` is NULL or the level is unknown.
WASM_API_EXTERN void wasmrt_config_set_log(
    wasm_config_t *config, wasmrt_level_t level, wasmrt_log_t log, void *env,
    void (*finalizer)(void *env));

/// Makes `out` what was compiled in an engine so far. Zeros, with the last error set, for NULL.
WASM_API_EXTERN void wasmrt_engine_stats(const wasm_engine_t *engine, own wasmrt_stats_t *out);

/// Makes `out` the timeline of an engine with `WASMRT_OPTION_TIMELINE` as text, owned by the caller:
/// which functions were compiled since the engine was made, when, in how long and in which tier. If a
/// profile was taken (`wasmrt_profile_new`), it also shows how much of the time guest code ran in
/// which tier. May be called at any time, and on any thread. At most about a million compilations,
/// and as many samples, are kept; the engine keeps the descriptions of all modules that occur.
///
/// False, with the last error set and `out` empty, if the engine is NULL or has no timeline, the
/// format is unknown, or memory is short.
WASM_API_EXTERN bool wasmrt_engine_timeline(
    const wasm_engine_t *engine, wasmrt_timeline_format_t format, own wasm_byte_vec_t *out);

/// @}

// ---- Stores ----
/// @addtogroup store Stores
/// @{

/// Gives the memory of the instance whose code called the running host function (see
/// `wasmrt_store_caller`): makes `*data` the address of its first byte and `*size` its length. It is
/// the instance's only memory, defined or imported; of several the one that it exports as "memory", or
/// else the first. Both are valid until the memory grows: ask again after calling guest code.
///
/// False, with `*data` NULL, `*size` 0 and the last error set, if no caller is known, the caller has
/// no memory, or the store is NULL. A shared memory may be changed, and grown, by other threads at any
/// time.
WASM_API_EXTERN bool wasmrt_store_caller_memory(
    const wasm_store_t *store, wasm_byte_t **data, size_t *size);

/// Returns the address of `size` bytes from `offset` in the memory of the caller, as
/// `wasmrt_store_caller_memory` gives it; never NULL if they are within the memory, even for a size of
/// 0. Valid until the memory grows. NULL, with the last error set, if they are out of bounds or there is
/// no such memory.
WASM_API_EXTERN wasm_byte_t *wasmrt_store_caller_bytes(
    const wasm_store_t *store, uint64_t offset, uint64_t size);

/// Returns the instance whose code called the running host function; borrowed, valid while the host
/// function is running. NULL outside of host functions, and in host functions that the host itself
/// called.
///
/// A host function that was called through a table or a reference, not as an import, sometimes
/// cannot know its caller: if the store has several instances of the module (and the caller was
/// itself called like that, or is more than 256 frames deep), or a module with tail calls that
/// leave their instance. Then the result is NULL, too. Ask before the host function switches
/// fibers: afterwards the answer may be about a call that was made on another fiber in the
/// meantime.
WASM_API_EXTERN wasm_instance_t *wasmrt_store_caller(const wasm_store_t *store);

/// Sets the fuel of the store, replacing what it had. An instruction costs about one unit. Fuel is
/// taken at each call of a function and each iteration of a loop, for the instructions that follow;
/// bulk instructions also pay by length. The same code with the same input always consumes the same
/// amount. If too little is left, the running call traps (`WASMRT_TRAP_OUT_OF_FUEL`) and nothing is
/// left; a call that ends before its next loop iteration or function call may still complete. Fuel
/// may be set at any time, also by host functions. As long as it was never set, it is unlimited.
///
/// Fuel, deadlines, interrupts and profiles need metered code: one of them must be requested before the
/// store's first instance is made. False, with the last error set and no change, if it is too late
/// for that or the store is NULL.
WASM_API_EXTERN bool wasmrt_store_set_fuel(wasm_store_t *store, uint64_t units);

/// Writes the remaining fuel to `out`, which may be NULL. False, with `*out` 0 and the last error
/// set, if the fuel was never set or the store is NULL.
WASM_API_EXTERN bool wasmrt_store_fuel(const wasm_store_t *store, own uint64_t *out);

/// Sets a deadline, replacing the former one: after so many nanoseconds, all calls of the store's
/// guest code trap (`WASMRT_TRAP_DEADLINE`), running ones and new ones, until the deadline is
/// replaced. 0 removes the deadline. The time starts when guest code is next entered (including
/// start functions), so compiling does not count; if guest code is running, it starts now. Guest
/// code stops within some tens of microseconds of processor time, or when a host function or a
/// single bulk instruction returns. A deadline may be set at any time, also by host functions, and
/// in a process that has forked. False, with the last error set and no change, if this is the first
/// request and the store already has an instance (see `wasmrt_store_set_fuel`) or the store is
/// NULL.
WASM_API_EXTERN bool wasmrt_store_set_deadline(wasm_store_t *store, uint64_t nanoseconds);

/// For host functions that wait, in `poll` for example: tells them when the guest that called has to stop.
/// If it has to stop now, returns the trap (`WASMRT_TRAP_INTERRUPTED` or `WASMRT_TRAP_DEADLINE`), owned by
/// the caller, which the host function returns; an interrupt is thereby consumed. Otherwise returns NULL,
/// and the host function may wait: at most for `*nanoseconds` (`UINT64_MAX`: without limit), and only
/// until `*fd`, which belongs to the engine, becomes readable (-1: there is no need to look). If it has then
/// not got what it waits for, it asks again. Nothing must be read from `*fd`. It is valid as long as the
/// store.
///
/// NULL, with -1, `UINT64_MAX` and the last error set, if the store is NULL. `fd` and `nanoseconds` may be
/// NULL.
WASM_API_EXTERN own wasm_trap_t *wasmrt_store_pending(
    wasm_store_t *store, int32_t *fd, uint64_t *nanoseconds);

/// Declares the stack on which the store is about to be entered, if it is one whose bounds the
/// engine cannot know (a fiber): `size` bytes from `low`, its lowest address. The declaration holds
/// until the next one; a NULL `low` means the thread's own stack again. If the stack lies within the
/// stack of a thread (an array of a function that is being executed), that must be the calling
/// thread. If the store is NULL, only the last error is set.
///
/// On a stack that was not declared, guest code may use as much as `WASMRT_OPTION_MAX_WASM_STACK`
/// says, counted from the point of entry. Fibers that switch within calls of one store must be
/// declared, each before it enters the store.
WASM_API_EXTERN void wasmrt_store_set_stack(wasm_store_t *store, void *low, size_t size);

/// Attaches a pointer to the store, replacing the former one, whose finalizer then runs; if both
/// pointers are equal, it does not. The finalizer, which may be NULL, runs once with the pointer: when
/// another pointer is attached, or when the store is deleted, after those of its objects. If the store
/// is NULL, nothing changes, the last error is set and the finalizer never runs.
WASM_API_EXTERN void wasmrt_store_set_data(
    wasm_store_t *store, void *data, void (*finalizer)(void *data));

/// Returns the pointer that was last attached to the store; NULL if there is none, while the store is
/// being deleted, and for NULL.
WASM_API_EXTERN void *wasmrt_store_data(const wasm_store_t *store);

/// Sets the limits of the store, replacing earlier ones. `limits` is borrowed; NULL removes all
/// limits. Existing objects are not affected. If a limit would be exceeded, an instance, memory or
/// table is not made (NULL, and a trap for an instance), growth is refused (-1 in guest code, false
/// for the host), and the last error names the limit. Released objects count until they are
/// collected; reaching a limit while neither guest code nor a finalizer runs starts a collection. If the store is
/// NULL, or `struct_size` is less than the size of that field, only the last error is set.
WASM_API_EXTERN void wasmrt_store_set_limits(
    wasm_store_t *store, const wasmrt_store_limits_t *limits);

/// Sets a function that is asked, with `env`, before a memory or table of the store is made or
/// grows, provided that its type, the engine and the limits of the store allow it. It replaces the
/// former limiter; NULL means none.
///
/// The finalizer, which may be NULL, runs once with `env`: when another limiter has been set and
/// this one is not running, when the store is deleted, or immediately if `limiter` or the store is
/// NULL. If the store is NULL, the last error is set.
WASM_API_EXTERN void wasmrt_store_set_limiter(
    wasm_store_t *store, wasmrt_limiter_t limiter, void *env, void (*finalizer)(void *env));

/// @}

// ---- Interrupts ----
/// @addtogroup interrupt Interrupts
/// @{

/// Returns a handle with which calls of the store can be interrupted, owned by the caller. All
/// handles of a store are equivalent. NULL, with the last error set, if this is the first request
/// and the store already has an instance (see `wasmrt_store_set_fuel`), memory is short, or the
/// store is NULL.
WASM_API_EXTERN own wasmrt_interrupt_t *wasmrt_interrupt_new(wasm_store_t *store);

/// Makes the running call of the store trap (`WASMRT_TRAP_INTERRUPTED`), the innermost one if host
/// functions have called back. If no call is running, the next one traps. Several interrupts before
/// that count as one. Guest code stops as fast as with a deadline. May be called on any thread and
/// in signal handlers. Does nothing after the store has been deleted, and for NULL.
WASM_API_EXTERN void wasmrt_interrupt_fire(const wasmrt_interrupt_t *interrupt);

/// Withdraws an interrupt that has not stopped a call yet. True if there was one; false otherwise
/// and for NULL. May be called on any thread and in signal handlers.
WASM_API_EXTERN bool wasmrt_interrupt_clear(const wasmrt_interrupt_t *interrupt);

/// Deletes a handle; interrupts that were fired with it remain. Does nothing for NULL.
WASM_API_EXTERN void wasmrt_interrupt_delete(own wasmrt_interrupt_t *interrupt);

/// @}

// ---- Profiles and timelines ----
/// @addtogroup profile Profiles and timelines
/// @{

/// Begins to sample the guest code of a store, about every `interval` nanoseconds while it runs; 0
/// means a millisecond. The profile is owned by the caller. A store has one profile at a time: one
/// that was begun before is stopped.
///
/// Samples are taken by metered code itself, at calls and loop iterations, so no signal and no
/// thread is involved. Like fuel, the first profile must be requested before the store's first
/// instance is made, and code takes some percent longer. Host functions that are made afterwards are
/// sampled as well, when they return.
///
/// NULL, with the last error set, if it is too late, memory is short, or the store is NULL.
WASM_API_EXTERN own wasmrt_profile_t *wasmrt_profile_new(wasm_store_t *store, uint64_t interval);

/// Takes no more samples; those that were taken remain. May be called on any thread. Does nothing
/// for NULL.
WASM_API_EXTERN void wasmrt_profile_stop(const wasmrt_profile_t *profile);

/// Returns the number of samples that were taken so far; 0 for NULL. At most about a million are
/// kept, later ones only count here. May be called on any thread.
WASM_API_EXTERN uint64_t wasmrt_profile_samples(const wasmrt_profile_t *profile);

/// Makes `out` the profile as text, owned by the caller. May be called at any time, as often as
/// needed, also after the store has been deleted, and on any thread.
///
/// Functions have the names that backtraces show. Where a module has debug information, functions
/// that its compiler inlined are shown like others. False, with the last error set and `out` empty,
/// if the profile is NULL, the format is unknown, or memory is short.
WASM_API_EXTERN bool wasmrt_profile_write(
    const wasmrt_profile_t *profile, wasmrt_profile_format_t format, own wasm_byte_vec_t *out);

/// Stops and deletes a profile. Does nothing for NULL.
WASM_API_EXTERN void wasmrt_profile_delete(own wasmrt_profile_t *profile);

/// @}

// ---- Modules ----
/// @addtogroup module Modules
/// @{

/// Sets who is told what happens to the code of a module (borrowed), in all stores that share it. If all functions
/// have code already, that is told at once. By default, and if `event` is NULL, nobody is told.
///
/// The finalizer, which may be NULL, runs once with `env`, on any thread: when another callback replaces this one or the
/// module no longer exists, and no call is running. It runs immediately if `event` is NULL and, with the last error
/// set, if the module is NULL or its store has been deleted.
WASM_API_EXTERN void wasmrt_module_set_event(
    wasm_module_t *module, wasmrt_event_t event, void *env, void (*finalizer)(void *env));

/// Gives the module a name (a C string, copied), for backtraces: a file name, for example. It takes the
/// place of the one in the name section, in all stores that share the module, and stays as long as the
/// module. False, with the last error set, if the module was given another name before, memory is short,
/// or an argument is NULL or not UTF-8.
WASM_API_EXTERN bool wasmrt_module_set_name(wasm_module_t *module, const char *name);

/// Makes `out` the name that `wasmrt_module_set_name` gave the module, or else the one in its name
/// section; owned by the caller. Empty if there is none, and for NULL.
WASM_API_EXTERN void wasmrt_module_name(const wasm_module_t *module, own wasm_name_t *out);

/// Makes `out` the name of a function from the module's name section, owned by the caller; `index`
/// counts imported functions. True if there is a name, which may be empty. Otherwise false, and
/// `out` is empty; if the module is NULL or has no such function, the last error says so.
WASM_API_EXTERN bool wasmrt_module_func_name(
    const wasm_module_t *module, uint32_t index, own wasm_name_t *out);

/// Makes `out` the name of an exception tag from the module's name section, owned by the caller;
/// `index` counts imported tags. True if there is a name. Otherwise false, and `out` is empty; if
/// the module is NULL or has no such tag, the last error says so.
WASM_API_EXTERN bool wasmrt_module_tag_name(
    const wasm_module_t *module, uint32_t index, own wasm_name_t *out);

/// Returns the number of custom sections, including the name section; 0 for NULL.
WASM_API_EXTERN size_t wasmrt_module_custom_section_count(const wasm_module_t *module);

/// Makes `name` and `bytes` the name and contents of custom section `i`, counted from 0 in the
/// order of the binary; names need not be unique. The caller owns both; either may be NULL. False,
/// with both empty and the last error set, if the module is NULL, there is no such section, or
/// memory is short.
WASM_API_EXTERN bool wasmrt_module_custom_section(
    const wasm_module_t *module, size_t i, own wasm_name_t *name, own wasm_byte_vec_t *bytes);

/// As `wasm_module_serialize`, with the code that `contents` says, one of the `WASMRT_SERIALIZE_...`
/// numbers; any other is refused. A module that is made of the bytes compiles other functions at
/// their first call. If the engine that wrote the bytes optimizes hot functions, so does the one that
/// loads them.
WASM_API_EXTERN void wasmrt_module_serialize(
    const wasm_module_t *module, wasmrt_serialize_t contents, own wasm_byte_vec_t *out);

/// Writes the code of a module into the engine's cache folder now (`wasmrt_config_set_cache`), if it has
/// got more since it was written. The library does so by itself when the module is deleted, and
/// when functions have been optimized and no others follow; a process that may end at any moment can do it
/// earlier. Nothing is written for modules that were deserialized, or are so small that looking for
/// their code would take longer than compiling them. False, with the last error set, if the module is
/// NULL, its store has been deleted, the engine has no cache folder, or the folder cannot be written to.
WASM_API_EXTERN bool wasmrt_module_keep(const wasm_module_t *module);

/// As `wasm_module_deserialize`, with the contents of a regular file. The whole file is read before
/// its contents are examined, so it may change or shrink meanwhile. NULL, with the reason as last
/// error, also if the path is NULL or the file cannot be read (`WASMRT_ERROR_SYSTEM`).
WASM_API_EXTERN own wasm_module_t *wasmrt_module_deserialize_file(
    wasm_store_t *store, const char *path);

/// Makes `out` what was compiled of a module so far, in all stores that share it. Zeros, with the last
/// error set, for NULL and if its store has been deleted.
WASM_API_EXTERN void wasmrt_module_stats(const wasm_module_t *module, own wasmrt_stats_t *out);

/// Compiles all functions of a module now, on the threads of the engine, that have no such code or better;
/// stores and instances that use the module run on meanwhile, on other threads. False, with the last
/// error set, if the module is NULL, its store has been deleted, the tier is unknown, a function
/// cannot be compiled, or all code is final because the engine has `WASMRT_COMPILE_BASELINE`. The
/// functions that were compiled until then keep their code.
WASM_API_EXTERN bool wasmrt_module_compile(wasm_module_t *module, wasmrt_tier_t tier);

/// @}

// ---- Compile jobs ----
/// @addtogroup job Compile jobs
/// @{

/// Makes a job that waits for the bytes of a module. `options` (borrowed) may be NULL. The caller owns the result;
/// NULL on failure, with the last error set, and then the finalizer has run, unless `struct_size` is not set.
///
/// The module is compiled for stores without fuel, deadline, interrupt and profile, unless `WASMRT_OPTION_METERED` says
/// otherwise. The engine may be deleted before the job.
WASM_API_EXTERN own wasmrt_job_t *wasmrt_job_new(
    wasm_engine_t *engine, const wasmrt_job_options_t *options);

/// Takes the next `size` bytes (borrowed) of the module; `size` 0 is its end. Pieces may have any size: the module,
/// its code and the error, if there is one, are always the same.
///
/// Sections are read on the calling thread, at some hundred megabytes per second; bodies are validated and
/// compiled in the background as they arrive. With `WASMRT_OPTION_WORKERS` 0 the calling thread does everything.
///
/// False, with the last error set, if the job is NULL, has failed, was cancelled, or had its end already. The job
/// may also fail later because of these bytes.
WASM_API_EXTERN bool wasmrt_job_feed(wasmrt_job_t *job, const wasm_byte_t *bytes, size_t size);

/// Returns how the job stands and makes `out`, which may be NULL, how far it is. Never waits for the job. 0 for NULL.
WASM_API_EXTERN wasmrt_job_state_t wasmrt_job_poll(
    const wasmrt_job_t *job, own wasmrt_progress_t *out);

/// Waits until the job is over, at most for `timeout` nanoseconds (`UINT64_MAX`: without limit), and returns how it
/// stands. A job whose module has no end yet is not over. 0 for NULL.
WASM_API_EXTERN wasmrt_job_state_t wasmrt_job_wait(wasmrt_job_t *job, uint64_t timeout);

/// Ends a job that is not over. It waits for nothing: functions that are being compiled are finished by
/// their threads, which then free what belonged to the job. Does nothing for NULL.
WASM_API_EXTERN void wasmrt_job_cancel(wasmrt_job_t *job);

/// Makes a module of the store from a job that is done. The caller owns the result. May be called again, also for
/// other stores: the modules share their code. NULL, with the last error set, if an argument is NULL, the job is
/// not done (the last error is the job's if it has failed), the store belongs to another engine, or memory is short.
WASM_API_EXTERN own wasm_module_t *wasmrt_job_module(wasmrt_job_t *job, wasm_store_t *store);

/// Returns why the job has failed. The caller owns the result and deletes it with `wasmrt_error_delete`. NULL if the
/// job is NULL or has not failed, and, with the last error set, when memory is short.
WASM_API_EXTERN own wasmrt_error_t *wasmrt_job_error(const wasmrt_job_t *job);

/// Deletes a job. If it is not over, it is cancelled, and `done` is not called any more, though a call that has begun
/// may still run. Modules made from the job remain. Does nothing for NULL.
WASM_API_EXTERN void wasmrt_job_delete(own wasmrt_job_t *job);

/// @}

// ---- Instances ----
/// @addtogroup instance Instances
/// @{

/// Returns the export with the given name (borrowed), owned by the caller. NULL, with the last
/// error set, if the instance has none of that name, and for NULL.
WASM_API_EXTERN own wasm_extern_t *wasmrt_instance_export(
    const wasm_instance_t *instance, const wasm_name_t *name);

/// Returns the function that the instance exports under a name, a C string; owned by the caller. NULL,
/// with the last error set, if it exports nothing of that name or no function, and if an argument is
/// NULL.
WASM_API_EXTERN own wasm_func_t *wasmrt_instance_func(
    const wasm_instance_t *instance, const char *name);

/// Returns the global that the instance exports under a name; otherwise as `wasmrt_instance_func`.
WASM_API_EXTERN own wasm_global_t *wasmrt_instance_global(
    const wasm_instance_t *instance, const char *name);

/// Returns the table that the instance exports under a name; otherwise as `wasmrt_instance_func`.
WASM_API_EXTERN own wasm_table_t *wasmrt_instance_table(
    const wasm_instance_t *instance, const char *name);

/// Returns the memory that the instance exports under a name; otherwise as `wasmrt_instance_func`.
WASM_API_EXTERN own wasm_memory_t *wasmrt_instance_memory(
    const wasm_instance_t *instance, const char *name);

/// @}

// ---- Functions ----
/// @addtogroup func Functions
/// @{

/// Makes a host function that guest code calls as the C function `code`, without `wasm_val_t`. The
/// type is borrowed. Its parameters and results must be numbers other than v128, with at most one
/// result, and `code` must have the prototype of that type.
///
/// `code` is called with `env`, and with `trap` pointing at a NULL pointer. If it stores a trap
/// there, which then belongs to the engine, the calling guest code ends with that trap and the
/// result is ignored. The finalizer, which may be NULL, runs once with `env`: when the function is
/// destroyed, no later than the store, or immediately if no function is made. The caller owns the
/// result. NULL if store, type or code is NULL, the type does not fit, or memory is short.
WASM_API_EXTERN own wasm_func_t *wasmrt_func_new_native(
    wasm_store_t *store, const wasm_functype_t *ty, wasmrt_native_t code, void *env,
    void (*finalizer)(void *env));

/// Returns a C function that calls `func`, a function of the guest or of the host, with the rules
/// of `wasm_func_call`. It has the prototype of the type of `func`. `*context` is set to the value
/// to pass as its first argument. Its second argument points at a NULL pointer, or is NULL if the
/// caller does not want the trap. If the call traps, it stores the trap there, owned by the caller,
/// and returns zero.
///
/// The C function and the context are valid as long as `func` lives, and may be used only where
/// `func` may be called. NULL, with `*context` NULL, if `func` is NULL, its type is none that
/// `wasmrt_func_new_native` takes, or memory is short.
WASM_API_EXTERN wasmrt_native_t wasmrt_func_native(const wasm_func_t *func, void **context);

/// Calls a function of any type. The `n_args` arguments are borrowed and must match the parameters
/// in number and kind; otherwise the function does not run and a trap is returned.
///
/// On success the return value is NULL and the first `n_results` results are written, whatever the
/// elements held before; the caller owns references among them. On failure the return value is a
/// trap, owned by the caller, and `results` stays unchanged. An array may be NULL if its length is
/// 0. Calling NULL, or a function whose store has been deleted, returns a trap as in
/// `wasm_func_call`.
WASM_API_EXTERN own wasm_trap_t *wasmrt_func_call(
    const wasm_func_t *func, const wasmrt_val_t *args, size_t n_args, wasmrt_val_t *results,
    size_t n_results);

/// Makes a host function of any type (borrowed) that is called with `env`, which may be NULL. The
/// finalizer, which may be NULL, runs once with `env`: when the function is destroyed, no later
/// than the store, or immediately if no function is made. The caller owns the result. NULL if
/// store, type or callback is NULL, the type has too many parameters or results, or memory is
/// short.
WASM_API_EXTERN own wasm_func_t *wasmrt_func_new(
    wasm_store_t *store, const wasm_functype_t *ty, wasmrt_func_callback_t callback, void *env,
    void (*finalizer)(void *env));

/// @}

// ---- Globals ----
/// @addtogroup global Globals
/// @{

/// Makes a global with the given type and value, both borrowed. The caller owns the result. NULL if
/// an argument is NULL, the value is not of the type, or memory is short.
WASM_API_EXTERN own wasm_global_t *wasmrt_global_new(
    wasm_store_t *store, const wasm_globaltype_t *ty, const wasmrt_val_t *value);

/// Makes `out` the value of the global; a reference in it is owned by the caller. The null
/// reference, with the last error set, for NULL.
WASM_API_EXTERN void wasmrt_global_get(const wasm_global_t *global, own wasmrt_val_t *out);

/// Sets the value of the global; `value` is borrowed. False, with the last error set and no change,
/// if an argument is NULL, the global is constant, or the value is not of its type.
WASM_API_EXTERN bool wasmrt_global_set(wasm_global_t *global, const wasmrt_val_t *value);

/// @}

// ---- Memories ----
/// @addtogroup memory Memories
/// @{

/// Returns the address of `size` bytes from `offset` in a memory (borrowed); never NULL if they are
/// within the memory, even for a size of 0. Valid until the memory grows or is destroyed. NULL, with the
/// last error set, if they are out of bounds, and for NULL.
WASM_API_EXTERN wasm_byte_t *wasmrt_memory_bytes(
    const wasm_memory_t *memory, uint64_t offset, uint64_t size);

/// Copies `size` bytes from `offset` in a memory (borrowed) to `data`. False, with nothing written and
/// the last error set, if they are out of bounds, or `memory` or `data` is NULL; `data` may be NULL for
/// a size of 0.
WASM_API_EXTERN bool wasmrt_memory_read(
    const wasm_memory_t *memory, uint64_t offset, void *data, size_t size);

/// Copies `size` bytes from `data` (borrowed) to `offset` in a memory. False, with nothing written and
/// the last error set, if they are out of bounds, or `memory` or `data` is NULL; `data` may be NULL for
/// a size of 0.
WASM_API_EXTERN bool wasmrt_memory_write(
    wasm_memory_t *memory, uint64_t offset, const void *data, size_t size);

/// Makes `out` a copy of the text at `offset` in a memory (borrowed), owned by the caller. The text is
/// `size` bytes long, or ends before the first NUL if `size` is `WASMRT_STRING_NUL`. A NUL follows it in
/// `out`, even if it is empty. It is not checked whether the bytes are UTF-8. False, with `out` empty
/// and the last error set, if the text is out of bounds, memory is short, or an argument is NULL.
WASM_API_EXTERN bool wasmrt_memory_string(
    const wasm_memory_t *memory, uint64_t offset, uint64_t size, own wasm_name_t *out);

/// Returns the length of a memory in pages; 0 for NULL.
WASM_API_EXTERN uint64_t wasmrt_memory_size(const wasm_memory_t *memory);

/// Adds `delta` pages of zeros to a memory. False, with the last error set and no change, beyond
/// the maximum, if the limits or the limiter of the store refuse, if memory is short, or if the
/// memory is NULL.
WASM_API_EXTERN bool wasmrt_memory_grow(wasm_memory_t *memory, uint64_t delta);

/// Returns a handle to the bytes of a memory (borrowed), for other stores of the engine; owned by the
/// caller. It may be used on any thread, also after the memory and its store have been deleted. NULL,
/// with the last error set, if the memory is NULL, its type is not shared (`WASMRT_LIMITS_SHARED`), or
/// memory is short.
WASM_API_EXTERN own wasmrt_shared_memory_t *wasmrt_memory_share(const wasm_memory_t *memory);

/// Makes a memory of the store that has the bytes of a shared memory (borrowed), owned by the caller.
/// All stores see what the others write, and see the memory grow. The new memory has no host info. It
/// counts towards the store's limit of memories; its bytes count only in the store that made the shared
/// memory, and what it grew by in the stores that made it grow. NULL, with the last error set, if an
/// argument is NULL, the store is of another engine, its limits do not allow it, or memory is short.
///
/// Several threads may call this with the same shared memory at the same time, each with its own store.
WASM_API_EXTERN own wasm_memory_t *wasmrt_memory_obtain(
    wasm_store_t *store, const wasmrt_shared_memory_t *shared);

/// Deletes a handle; memories that were obtained with it remain. Does nothing for NULL.
WASM_API_EXTERN void wasmrt_shared_memory_delete(own wasmrt_shared_memory_t *shared);

/// @}

// ---- Imports and exports of any kind ----
/// @addtogroup extern Imports and exports of any kind
/// @{

/// Makes an exception tag of the given type, which is borrowed. The result is an extern of kind
/// `WASM_EXTERN_TAG`, owned by the caller. Two tags are different even if their types are equal:
/// an exception is caught by the very tag that it was thrown with. NULL if an argument is NULL, the
/// function type has results or too many parameters, or memory is short.
WASM_API_EXTERN own wasm_extern_t *wasmrt_tag_new(wasm_store_t *store, const wasm_tagtype_t *ty);

/// Returns the type of an exception tag, owned by the caller. NULL if the extern is NULL or not a
/// tag, or when memory is short.
WASM_API_EXTERN own wasm_tagtype_t *wasmrt_tag_type(const wasm_extern_t *tag);

/// Makes `out` the name of an exception tag in the module that defines it: from the name section, or
/// else from an export; owned by the caller. Empty if there is neither, if the host made the tag,
/// for NULL and for what is not a tag. The name may contain any character.
WASM_API_EXTERN void wasmrt_tag_name(const wasm_extern_t *tag, own wasm_name_t *out);

/// @}

// ---- Linkers ----
/// @addtogroup linker Linkers
/// @{

/// Makes a linker for a store, in which nothing is defined; owned by the caller. When the store has been
/// deleted, the linker can only be deleted. NULL, with the last error set, if the store is NULL or memory
/// is short.
WASM_API_EXTERN own wasmrt_linker_t *wasmrt_linker_new(wasm_store_t *store);

/// Says whether a name may be defined again, which replaces what was defined before. By default it is
/// refused. Does nothing for NULL.
WASM_API_EXTERN void wasmrt_linker_allow_shadowing(wasmrt_linker_t *linker, bool allow);

/// Defines an object of the store for imports of `name` from `module` (both C strings, copied). The
/// object is borrowed; the linker keeps it. False, with the last error set and no change, if the name is
/// defined already and shadowing is not allowed, the object is of another store, memory is short, or an
/// argument is NULL.
WASM_API_EXTERN bool wasmrt_linker_define(
    wasmrt_linker_t *linker, const char *module, const char *name, const wasm_extern_t *object);

/// Defines a host function as `wasmrt_func_new` makes it. The type is borrowed. The finalizer, which may
/// be NULL, runs once with `env`: when the function is destroyed, no later than the store, or immediately
/// if the result is false. False, with the last error set, for the reasons of `wasmrt_linker_define` and
/// of `wasmrt_func_new`.
WASM_API_EXTERN bool wasmrt_linker_define_func(
    wasmrt_linker_t *linker, const char *module, const char *name, const wasm_functype_t *ty,
    wasmrt_func_callback_t callback, void *env, void (*finalizer)(void *env));

/// Defines a host function as `wasm_func_new_with_env` makes it; otherwise as
/// `wasmrt_linker_define_func`.
WASM_API_EXTERN bool wasmrt_linker_define_callback(
    wasmrt_linker_t *linker, const char *module, const char *name, const wasm_functype_t *ty,
    wasm_func_callback_with_env_t callback, void *env, void (*finalizer)(void *env));

/// Defines a host function as `wasmrt_func_new_native` makes it; otherwise as
/// `wasmrt_linker_define_func`.
WASM_API_EXTERN bool wasmrt_linker_define_native(
    wasmrt_linker_t *linker, const char *module, const char *name, const wasm_functype_t *ty,
    wasmrt_native_t code, void *env, void (*finalizer)(void *env));

/// Defines every export of an instance (borrowed) of the store, under the export's name and the module
/// name `module`, which is a C string and copied. False, with the last error set and no change, if one
/// of the names is defined already and shadowing is not allowed, the instance is of another store, memory
/// is short, or an argument is NULL.
WASM_API_EXTERN bool wasmrt_linker_define_instance(
    wasmrt_linker_t *linker, const char *module, const wasm_instance_t *instance);

/// Defines each function that a module (borrowed) imports and that is not defined yet, as a function
/// that traps when it is called; the message says which import was missing. Imports of other kinds stay
/// undefined. False, with the last error set, if the module is of another engine, memory is short, or an
/// argument is NULL; what was defined until then stays.
WASM_API_EXTERN bool wasmrt_linker_define_traps(
    wasmrt_linker_t *linker, const wasm_module_t *module);

/// Returns what is defined for imports of `name` from `module` (both C strings), owned by the caller.
/// NULL, with the last error set, if nothing is, and if an argument is NULL.
WASM_API_EXTERN own wasm_extern_t *wasmrt_linker_get(
    const wasmrt_linker_t *linker, const char *module, const char *name);

/// Instantiates a module (borrowed), which may be of another store of the same engine, with what is
/// defined for its imports. Otherwise as `wasm_instance_new`: on failure the result is NULL, and `*trap`
/// is a trap whose message lists every import that is not defined or does not fit. NULL, with `*trap` NULL
/// and the last error set, if the linker is NULL or its store has been deleted.
WASM_API_EXTERN own wasm_instance_t *wasmrt_linker_instantiate(
    const wasmrt_linker_t *linker, const wasm_module_t *module, own wasm_trap_t **trap);

/// Deletes a linker; what was made with it remains. Does nothing for NULL.
WASM_API_EXTERN void wasmrt_linker_delete(own wasmrt_linker_t *linker);

/// @}

// ---- Traps and backtraces ----
/// @addtogroup trap Traps and backtraces
/// @{

/// Returns whether the trap carries an exception. If so, makes `tag` its tag, owned by the caller,
/// unless that is NULL, and writes the first `capacity` of the values to `payload`; references in them are
/// owned by the caller. If not, `tag` becomes NULL and nothing else is written. The type of the tag says how
/// many values there are.
WASM_API_EXTERN bool wasmrt_trap_exception(
    const wasm_trap_t *trap, own wasm_extern_t **tag, own wasmrt_val_t *payload, size_t capacity);

/// Returns why guest code stopped, one of the `WASMRT_TRAP_...` numbers. `WASMRT_TRAP_NONE` for a
/// trap that has only a message; also, with the last error set, for NULL and after the store has
/// been deleted.
WASM_API_EXTERN wasmrt_trap_code_t wasmrt_trap_code(const wasm_trap_t *trap);

/// Makes an exception with a tag and `n` values, one for each parameter of the tag, all borrowed. The
/// result is a trap, owned by the caller: a host function that returns it throws the exception in the
/// guest code that called. NULL if an argument is NULL, the tag is not one of the store, the values do not fit, or
/// memory is short.
WASM_API_EXTERN own wasm_trap_t *wasmrt_exception_new(
    wasm_store_t *store, const wasm_extern_t *tag, const wasmrt_val_t *payload, size_t n);

/// Makes `out` the name of the frame's function as the module has it: from the name section, or
/// else from an export; owned by the caller. Empty if there is neither, for NULL, and when memory
/// is short. The name may be mangled and may contain any character;
/// `wasmrt_frame_func_display_name` is meant for printing.
WASM_API_EXTERN void wasmrt_frame_func_name(const wasm_frame_t *frame, own wasm_name_t *out);

/// Makes `out` the name of the frame's function for people to read; owned by the caller. As
/// `wasmrt_frame_func_name`, but mangled names of Rust and C++ are written as in the source
/// (without the hash of Rust's), and control characters as escapes such as `\u{1b}`.
WASM_API_EXTERN void wasmrt_frame_func_display_name(
    const wasm_frame_t *frame, own wasm_name_t *out);

/// Makes `out` the name of the frame's module as `wasmrt_module_name` does; owned by the caller. Empty
/// if there is none, for NULL, and when memory is short.
WASM_API_EXTERN void wasmrt_frame_module_name(const wasm_frame_t *frame, own wasm_name_t *out);

/// Tells the place in the source of the frame's instruction, and returns true, if the module has
/// debug information (DWARF in custom sections: compile it with `-g`). False, with all results zero
/// or empty, if there is none, for NULL, and when memory is short.
///
/// A compiler may have inlined functions into the frame's. `depth` 0 asks for the innermost of them
/// and the place of the instruction, 1 for the function that called it and the place of that call,
/// and so on up to the frame's own function; the result is false for greater depths:
///
///     for (size_t depth = 0; wasmrt_frame_source(frame, depth, &func, &file, &line, &column); ++depth)
///
/// `func` becomes the name of the function, and `file` the path of the file, joined with the folder
/// in which the compiler ran; both are owned by the caller and printable as
/// `wasmrt_frame_func_display_name` says. Lines and columns count from 1; a column is 0 if it is
/// unknown. An instruction without a line has the place of those before it. Any of the four results may
/// be NULL if it is not needed.
///
/// The first question about a module reads its tables of lines, which may take some milliseconds
/// per megabyte of them. Damaged debug information gives wrong or no places, and does no harm.
WASM_API_EXTERN bool wasmrt_frame_source(
    const wasm_frame_t *frame, size_t depth, own wasm_name_t *func, own wasm_name_t *file,
    uint32_t *line, uint32_t *column);

/// @}

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#pragma pop_macro("own")

#endif  // WASMRT_H
