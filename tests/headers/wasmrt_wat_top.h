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

