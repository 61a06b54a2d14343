/// @file
/// What libwasmrt-wat offers: modules from the text format of WebAssembly. The rules of wasm.h apply.
///
/// This file is generated from the Rust sources of the library; `./x renew` renews it.
#ifndef WASMRT_WAT_H
#define WASMRT_WAT_H

#include "wasm.h"

// The program's definition of `own`, if any, is restored at the end.
#pragma push_macro("own")
#undef own
/// Marks a transfer of ownership, as in wasm.h. It is empty.
#define own

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// ---- The text format ----
/// @addtogroup wat The text format
/// @{

/// Makes `out` the binary of a module from its text (`size` bytes, borrowed; no NUL is needed), for
/// `wasm_module_new`. A binary, which begins with "\0asm", is copied. It is not validated. True on success,
/// with `error` empty; the caller owns `out` and deletes it with `wasm_byte_vec_delete`.
///
/// False on failure, with `out` empty: `error`, which may be NULL, becomes a message, owned by the caller,
/// that ends in a NUL, or stays empty if memory is short even for that. It begins with line and column,
/// both counted from 1, and shows the line:
///
///     3:14: unknown local: failed to find name `$x`
///         local.get $x
///                   ^
///
/// May be called on any thread.
WASM_API_EXTERN bool wasmrt_wat2wasm(
    const char *text, size_t size, own wasm_byte_vec_t *out, own wasm_message_t *error);

/// As `wasmrt_wat2wasm`, with the contents of a file; `path` is borrowed. Messages begin with the path.
/// The module gets debug information, so that backtraces name file and line (see `wasmrt_frame_source`).
/// False also if the file cannot be read.
WASM_API_EXTERN bool wasmrt_wat2wasm_file(
    const char *path, own wasm_byte_vec_t *out, own wasm_message_t *error);

/// @}

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#pragma pop_macro("own")

#endif  // WASMRT_WAT_H
