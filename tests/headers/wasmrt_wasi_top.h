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

