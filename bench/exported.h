// The kind of case that calls one exported function; see exported.c.
#ifndef WASMRT_BENCH_EXPORTED_H
#define WASMRT_BENCH_EXPORTED_H

#include "host.h"

extern const struct case_kind exported_kind;

#define I32(x) {.kind = WASM_I32, .of = {.i32 = (x)}}
#define I64(x) {.kind = WASM_I64, .of = {.i64 = (x)}}
#define F32(x) {.kind = WASM_F32, .of = {.f32 = (x)}}
#define F64(x) {.kind = WASM_F64, .of = {.f64 = (x)}}

#endif
