// Values with room for a v128, in one word each, and calls with them.

#ifndef WIDE_H
#define WIDE_H

#include "host.h"

#define W_I32(x) ((wasmrt_val_t)WASMRT_I32_VAL(x))
#define W_I64(x) ((wasmrt_val_t)WASMRT_I64_VAL(x))
#define W_F32(x) ((wasmrt_val_t)WASMRT_F32_VAL(x))
#define W_F64(x) ((wasmrt_val_t)WASMRT_F64_VAL(x))
#define W_NULL ((wasmrt_val_t)WASMRT_INIT_VAL)

// All sixteen bytes differ, and those of another seed differ from them.
static inline wasmrt_val_t vector(int seed) {
  wasmrt_val_t value;
  memset(&value, 0, sizeof value);
  value.kind = WASMRT_V128;
  for (int i = 0; i < 16; ++i) value.of.v128[i] = (uint8_t)(seed * 16 + i);
  return value;
}

static inline bool is_vector(const wasmrt_val_t* value, int seed) {
  const wasmrt_val_t expected = vector(seed);
  return value->kind == WASMRT_V128 && memcmp(value->of.v128, expected.of.v128, 16) == 0;
}

static inline void fill(wasmrt_val_t* values, size_t count) { memset(values, 0x5a, count * sizeof *values); }

static inline bool is_filled(const wasmrt_val_t* values, size_t count) {
  for (size_t i = 0; i < count * sizeof *values; ++i) {
    if (((const char*)values)[i] != 0x5a) return false;
  }
  return true;
}

// Types in letters as in host.h, with v for v128.
static inline void wide_valtypes(const char* letters, own wasm_valtype_vec_t* out) {
  wasm_valtype_vec_new_uninitialized(out, strlen(letters));
  for (size_t i = 0; i < out->size; ++i) {
    out->data[i] = letters[i] == 'v' ? wasm_valtype_new(WASMRT_V128) : valtype_of(letters[i]);
    CHECK(out->data[i]);
  }
}

static inline own wasm_functype_t* wide_type(const char* params, const char* results) {
  own wasm_valtype_vec_t p, r;
  wide_valtypes(params, &p);
  wide_valtypes(results, &r);
  own wasm_functype_t* type = wasm_functype_new(&p, &r);
  CHECK(type);
  return type;
}

static inline own wasm_func_t* wide_func(wasm_store_t* store, const char* params, const char* results,
                                         wasmrt_func_callback_t callback, void* env) {
  own wasm_functype_t* type = wide_type(params, results);
  own wasm_func_t* func = wasmrt_func_new(store, type, callback, env, NULL);
  wasm_functype_delete(type);
  CHECK(func);
  return func;
}

#endif
