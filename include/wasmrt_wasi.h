/// @file
/// What libwasmrt-wasi offers: programs for WASI preview 1, which import functions from `wasi_snapshot_preview1` or
/// `wasi_unstable`. A guest can use what its context has, and nothing else: without a setting it has no arguments, no
/// environment, no files, and its standard streams lead nowhere. The rules of wasm.h apply.
///
/// This file is generated from the Rust sources of the library; `./x renew` renews it.
#ifndef WASMRT_WASI_H
#define WASMRT_WASI_H

#include "wasmrt.h"

// The program's definition of `own`, if any, is restored at the end.
#pragma push_macro("own")
#undef own
/// Marks a transfer of ownership, as in wasm.h. It is empty.
#define own

// ---- Programs for WASI ----
/// @addtogroup wasi Programs for WASI
/// @{

/// The streams that every program has.
typedef enum wasmrt_wasi_stream_enum {
  /// Standard input.
  WASMRT_WASI_STDIN = 0,
  /// Standard output.
  WASMRT_WASI_STDOUT = 1,
  /// Standard error.
  WASMRT_WASI_STDERR = 2,
} wasmrt_wasi_stream_enum;

/// What guests may do in a folder.
typedef enum wasmrt_wasi_access_enum {
  /// List and read.
  WASMRT_WASI_READ_ONLY = 0,
  /// Also write, create, rename and remove.
  WASMRT_WASI_READ_WRITE = 1,
} wasmrt_wasi_access_enum;

/// What programs for WASI have: arguments, environment, streams, clocks, random numbers, folders. It is
/// set up first; `wasmrt_wasi_imports` then binds modules to it. It may be used on any thread, and one of it
/// may serve several stores, each on its own thread. "Last error" in this header means
/// `wasmrt_wasi_last_error`.
typedef struct wasmrt_wasi_t wasmrt_wasi_t;

/// One of the `WASMRT_WASI_STD...` numbers.
typedef uint32_t wasmrt_wasi_stream_t;

/// Reads at most `size` bytes. Returns how many; 0 at the end, a negative number if reading failed.
typedef ptrdiff_t (*wasmrt_wasi_read_t)(void *env, uint8_t *data, size_t size);

/// Writes at most `size` bytes. Returns how many; a negative number if writing failed.
typedef ptrdiff_t (*wasmrt_wasi_write_t)(void *env, const uint8_t *data, size_t size);

/// One of the `WASMRT_WASI_READ_...` numbers.
typedef uint32_t wasmrt_wasi_access_t;

/// Reads a clock: 0 is the time of day, since 1970; 1 never goes back; 2 and 3 are the processor time of
/// the process and of the thread. Writes nanoseconds and returns true, or returns false if there is no such
/// clock.
typedef bool (*wasmrt_wasi_clock_t)(void *env, uint32_t clock, uint64_t *nanoseconds);

/// Fills `size` bytes with random numbers; false if it cannot.
typedef bool (*wasmrt_wasi_random_t)(void *env, uint8_t *data, size_t size);

/// Learns of a call that a guest has made: the name of the function, such as `fd_write`, its `n_args`
/// arguments, which are valid during the call, and its result: 0 or an error number of WASI, and -1 if the
/// guest has been stopped instead, by `proc_exit` for example.
typedef void (*wasmrt_wasi_trace_t)(void *env,
                                    const char *name,
                                    const uint64_t *args,
                                    size_t n_args,
                                    int32_t result);

/// @}

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// ---- Programs for WASI ----
/// @addtogroup wasi Programs for WASI
/// @{

/// Makes a context with no arguments, environment or folders. Standard input is at its end, and what is
/// written to standard output and error is discarded. Clocks and random numbers are the system's. The
/// caller owns the result. NULL if memory is short.
WASM_API_EXTERN own wasmrt_wasi_t *wasmrt_wasi_new(void);

/// Adds `n` arguments (borrowed). By convention the first one is the name of the program. False, with the
/// reason as last error and none added, if an argument is NULL, memory is short, or a module was bound to
/// the context.
WASM_API_EXTERN bool wasmrt_wasi_add_args(wasmrt_wasi_t *wasi, const char *const *args, size_t n);

/// Adds the arguments of the host's process. False, with the reason as last error, if they cannot be read
/// or a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_inherit_args(wasmrt_wasi_t *wasi);

/// Adds a variable to the environment, or replaces the one of that name. Both texts are borrowed. False,
/// with the reason as last error, if one is NULL, the name is empty or has a `=`, memory is short, or a
/// module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_set_env(wasmrt_wasi_t *wasi, const char *name, const char *value);

/// Adds the variables of the host's process, which replace those of the same name. The process must not
/// change its environment meanwhile. False, with the reason as last error, if a module was bound to the
/// context.
WASM_API_EXTERN bool wasmrt_wasi_inherit_env(wasmrt_wasi_t *wasi);

/// Makes the standard input, output and error of the host's process those of guests. False, with the
/// reason as last error, if the context is NULL or a module was bound to it.
WASM_API_EXTERN bool wasmrt_wasi_inherit_stdio(wasmrt_wasi_t *wasi);

/// Makes a stream of the host's process that of guests. False, with the reason as last error, if the
/// context is NULL, there is no such stream, or a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_inherit_stream(wasmrt_wasi_t *wasi, wasmrt_wasi_stream_t stream);

/// Makes a file (its path is borrowed) a stream of guests: standard input reads it, the others write it
/// from the beginning, and it is made if it is not there. False, with the reason as last error, if it cannot
/// be opened, an argument is NULL, there is no such stream, or a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_set_stream_file(
    wasmrt_wasi_t *wasi, wasmrt_wasi_stream_t stream, const char *path);

/// Makes an open descriptor of the host a stream of guests. It is duplicated; the caller keeps its own.
/// False, with the reason as last error, if it cannot be duplicated, the context is NULL, there is no such
/// stream, or a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_set_stream_fd(
    wasmrt_wasi_t *wasi, wasmrt_wasi_stream_t stream, int32_t fd);

/// Makes bytes (borrowed and copied) the standard input of guests. False, with the reason as last error, if
/// an argument is NULL or a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_set_input(wasmrt_wasi_t *wasi, const wasm_byte_vec_t *bytes);

/// Keeps what guests write to standard output or error, at most `limit` bytes at a time: beyond that writes
/// fail, until `wasmrt_wasi_take_output` has taken what is there. False, with the reason as last error, if the
/// context is NULL, there is no such stream, or a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_capture(
    wasmrt_wasi_t *wasi, wasmrt_wasi_stream_t stream, size_t limit);

/// Makes `out` what guests have written to a captured stream since this was last called; owned by the
/// caller. May be called on any thread. False, with `out` empty and the reason as last error, if the stream
/// is not captured, memory is short, or the context is NULL.
WASM_API_EXTERN bool wasmrt_wasi_take_output(
    wasmrt_wasi_t *wasi, wasmrt_wasi_stream_t stream, own wasm_byte_vec_t *out);

/// Makes a function the standard input of guests. It is called with `env`, on the threads of the guests,
/// possibly on several at the same time; it may use the store of the guest as a host function may.
///
/// The finalizer, which may be NULL, runs once with `env`: when something else replaces the function, when
/// neither the context nor a guest needs it any more, or immediately if this fails. False, with the reason as
/// last error, if an argument is NULL or a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_set_reader(
    wasmrt_wasi_t *wasi, wasmrt_wasi_read_t read, void *env, void (*finalizer)(void *env));

/// Makes a function what guests write standard output or error to, as `wasmrt_wasi_set_reader`. It gets a
/// copy of what the guest writes, valid during the call. False also if there is no such stream.
WASM_API_EXTERN bool wasmrt_wasi_set_writer(
    wasmrt_wasi_t *wasi, wasmrt_wasi_stream_t stream, wasmrt_wasi_write_t write, void *env,
    void (*finalizer)(void *env));

/// Gives guests the folder `host_path`, which they see as `guest_path` (both borrowed), for instance
/// "/" or ".". It is opened now. Guests reach what is in it and below it, and nothing else: neither `..` nor absolute
/// paths nor symbolic links lead out, not even while other programs move folders about. With
/// `WASMRT_WASI_READ_ONLY` nothing in it can be changed through it.
///
/// Folders and sockets have the descriptors from 3 on, in the order in which they were added. The C library of
/// guests looks for folders up to the first descriptor that is none: add folders before sockets.
///
/// False, with the reason as last error, if the folder cannot be opened, a text is NULL, `access` is unknown,
/// there are 1021 folders and sockets already, or a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_preopen_dir(
    wasmrt_wasi_t *wasi, const char *host_path, const char *guest_path,
    wasmrt_wasi_access_t access);

/// Gives guests a socket that listens or is connected, which they use with `sock_accept`, `sock_recv`,
/// `sock_send` and `sock_shutdown`. Its number is as for `wasmrt_wasi_preopen_dir`. The descriptor is borrowed
/// and duplicated; as both are one open socket, it will not block for the host any more either.
///
/// False, with the reason as last error, if it is no such socket, or if a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_preopen_socket(wasmrt_wasi_t *wasi, int32_t socket);

/// Makes guests read their clocks from a function, which is called with `env`, on the threads of the
/// guests, possibly on several at the same time. NULL means the system's clocks. Sleeping always takes
/// real time.
///
/// The finalizer, which may be NULL, runs once with `env`: when another clock replaces this one, or when
/// neither the context nor a guest needs it any more. It runs immediately if `clock` is NULL, and if this
/// fails. False, with the reason as last error, if a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_set_clock(
    wasmrt_wasi_t *wasi, wasmrt_wasi_clock_t clock, void *env, void (*finalizer)(void *env));

/// Makes guests get their random numbers from a function, which is called with `env`, on the threads of
/// the guests, possibly on several at the same time. NULL means the system's random numbers. Otherwise as
/// `wasmrt_wasi_set_clock`.
WASM_API_EXTERN bool wasmrt_wasi_set_random(
    wasmrt_wasi_t *wasi, wasmrt_wasi_random_t random, void *env, void (*finalizer)(void *env));

/// Makes a function learn of every call of guests to WASI, after the call. It is called with `env`, on the
/// threads of the guests, possibly on several at the same time; `wasmrt_store_caller_bytes` gives it the
/// memory that arguments point at. NULL means none.
///
/// The finalizer, which may be NULL, runs once with `env`: when another function replaces this one, or when
/// neither the context nor a guest needs it any more. It runs immediately if `trace` is NULL, and if this
/// fails. False, with the reason as last error, if a module was bound to the context.
WASM_API_EXTERN bool wasmrt_wasi_set_trace(
    wasmrt_wasi_t *wasi, wasmrt_wasi_trace_t trace, void *env, void (*finalizer)(void *env));

/// Makes `out` the imports of a module, for `wasm_instance_new` in the same store: one element for each
/// import, in order. Functions that the module imports from `wasi_snapshot_preview1` or `wasi_unstable`
/// are made; all other elements are NULL, and the host fills them. The caller owns `out` and deletes it
/// with `wasm_extern_vec_delete`. Context, store and module are borrowed; the context can no longer be set
/// up. The functions use the memory of the instance that calls them (see
/// `wasmrt_store_caller_memory`).
///
/// False, with `out` empty and the reason as last error, if an argument is NULL, memory is short, or the
/// process has no descriptors left for the streams.
WASM_API_EXTERN bool wasmrt_wasi_imports(
    wasmrt_wasi_t *wasi, wasm_store_t *store, const wasm_module_t *module,
    own wasm_extern_vec_t *out);

/// Makes one function of WASI by the names with which modules import it, both borrowed. The caller owns
/// the result. NULL, with the reason as last error, if there is no such function, an argument is NULL, or
/// memory is short.
WASM_API_EXTERN own wasm_func_t *wasmrt_wasi_func(
    wasmrt_wasi_t *wasi, wasm_store_t *store, const wasm_name_t *module, const wasm_name_t *name);

/// Defines all functions of WASI in a linker (borrowed) of the store, under both names of their module.
/// False, with the reason as last error, if an argument is NULL, the linker refuses a function (its reason
/// is `wasmrt_last_error`), or memory is short; what was defined until then stays.
WASM_API_EXTERN bool wasmrt_wasi_define(
    wasmrt_wasi_t *wasi, wasm_store_t *store, wasmrt_linker_t *linker);

/// Whether a trap (borrowed) is the end of a guest that called `proc_exit`. If so, writes its exit code to
/// `code`, which may be NULL. Copies of the trap say the same. False for other traps, for NULL, and after
/// the store has been deleted.
WASM_API_EXTERN bool wasmrt_wasi_exit_code(const wasm_trap_t *trap, uint32_t *code);

/// Starts an instance (borrowed): calls what it exports as `_start` if it is a command, or as
/// `_initialize` if it is a reactor, whose other exports may be called afterwards; nothing if it exports
/// neither. A command may be started once.
///
/// NULL if the guest has ended or called `proc_exit`; its exit code, 0 in the first case, is written to
/// `code`, which may be NULL. Otherwise the trap that ended it, owned by the caller; `code` stays
/// unchanged. A trap also if the guest was not called, because the instance is NULL, its store has been
/// deleted, or memory is short; the last error has the reason.
WASM_API_EXTERN own wasm_trap_t *wasmrt_wasi_start(const wasm_instance_t *instance, uint32_t *code);

/// Makes `out` the text of the calling thread's last error in this library, ending in a NUL, and clears
/// it. The caller owns `out` and deletes it with `wasm_name_delete`. Empty if there is none or memory is
/// short.
WASM_API_EXTERN void wasmrt_wasi_last_error(own wasm_message_t *out);

/// Deletes a context. Modules that were bound to it keep what they need until their stores are deleted.
/// Does nothing for NULL.
WASM_API_EXTERN void wasmrt_wasi_delete(own wasmrt_wasi_t *wasi);

/// @}

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#pragma pop_macro("own")

#endif  // WASMRT_WASI_H
