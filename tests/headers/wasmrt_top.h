/// @file
/// What libwasmrt offers beyond the WebAssembly C API of wasm.h: settings, errors in words, names in
/// backtraces. The rules of wasm.h hold here too.
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
