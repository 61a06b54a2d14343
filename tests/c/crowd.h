// Work for many threads at once: modules large enough for compile threads, and functions of ever new types, which
// take the engine's locks more often than anything else.

#ifndef CROWD_H
#define CROWD_H

#include "host.h"

static unsigned char* put_leb(unsigned char* at, unsigned value, int bytes) {
  for (int i = 0; i < bytes; ++i, value >>= 7) *at++ = (unsigned char)((value & 0x7f) | (i + 1 < bytes ? 0x80 : 0));
  return at;
}

// Many functions, so that compile threads have work: each adds 30 to its parameter.
static void large_module(own wasm_byte_vec_t* out) {
  enum { FUNCS = 200, ADDS = 30, BODY = 4 + ADDS * 3, CODE = FUNCS * (BODY + 1) + 2 };
  static const unsigned char head[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f};
  static const unsigned char export[] = {7, 5, 1, 1, 'f', 0, FUNCS - 100};
  wasm_byte_vec_new_uninitialized(out, sizeof head + 5 + FUNCS + sizeof export + 4 + CODE);
  unsigned char* at = (unsigned char*)out->data;
  memcpy(at, head, sizeof head);
  at += sizeof head;
  *at++ = 3;
  at = put_leb(put_leb(at, FUNCS + 2, 2), FUNCS, 2);
  memset(at, 0, FUNCS);
  memcpy(at + FUNCS, export, sizeof export);
  at += FUNCS + sizeof export;
  *at++ = 10;
  at = put_leb(put_leb(at, CODE, 3), FUNCS, 2);
  for (int i = 0; i < FUNCS; ++i) {
    *at++ = BODY, *at++ = 0, *at++ = 0x20, *at++ = 0;
    for (int k = 0; k < ADDS; ++k) *at++ = 0x41, *at++ = 1, *at++ = 0x6a;
    *at++ = 0x0b;
  }
  CHECK(at == (unsigned char*)out->data + out->size);
}

// Calls the first function of a large module, which is deleted.
static void use_large(wasm_store_t* store, own wasm_module_t* module) {
  CHECK(module);
  own wasm_instance_t* instance = wasm_instance_new(store, module, &NO_IMPORTS, NULL);
  CHECK(instance);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  CHECK(call(wasm_extern_as_func(exports.data[0]), VALS(I32(12))).of.i32 == 42);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
}

static void compile_large(wasm_engine_t* engine) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  own wasm_store_t* store = wasm_store_new(engine);
  use_large(store, wasm_module_new(store, &binary));
  wasm_store_delete(store);
  wasm_byte_vec_delete(&binary);
}

static own wasm_engine_t* engine_with_workers(uint64_t workers) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  CHECK(engine);
  return engine;
}

// Functions of ever new types take the engine's locks far more often than modules do.
static void new_types(wasm_engine_t* engine, unsigned* seed, int count) {
  own wasm_store_t* store = wasm_store_new(engine);
  for (int i = 0; i < count; ++i) {
    char params[13] = {0};
    unsigned number = (*seed)++ * 2654435761u;
    for (int k = 0; k < 12; ++k, number >>= 2) params[k] = "iIfF"[number & 3];
    own wasm_func_t* func = host_func(store, params, "", ignore, NULL, NULL);
    wasm_val_t args[12];
    for (int k = 0; k < 12; ++k) {
      args[k] = (wasm_val_t){.kind = (wasm_valkind_t)(strchr("iIfF", params[k]) - "iIfF")};
    }
    CHECK(!wasm_func_call(func, &(wasm_val_vec_t){12, args}, &(wasm_val_vec_t){0, NULL}));
    wasm_func_delete(func);
  }
  wasm_store_delete(store);
}

// A module with that many functions, each of a different type, which do nothing; exports are named by letters.
static void module_of_new_types(unsigned* seed, int count, own wasm_byte_vec_t* out) {
  enum { PARAMS = 12, TYPE = PARAMS + 3, EXPORT = 4, BODY = 3 };
  CHECK(count <= 64);
  unsigned char bytes[8 + 4 + 64 * TYPE + 4 + 64 + 4 + 64 * EXPORT + 4 + 64 * BODY], *at = bytes;
  memcpy(at, "\0asm\1\0\0\0", 8);
  at += 8;
  *at++ = 1;
  at = put_leb(at, (unsigned)(count * TYPE) + 1, 2);
  *at++ = (unsigned char)count;
  for (int i = 0; i < count; ++i) {
    *at++ = 0x60, *at++ = PARAMS;
    unsigned number = (*seed)++ * 2654435761u;
    for (int k = 0; k < PARAMS; ++k, number >>= 2) *at++ = (unsigned char)(0x7c + (number & 3));
    *at++ = 0;
  }
  *at++ = 3, *at++ = (unsigned char)(count + 1), *at++ = (unsigned char)count;
  for (int i = 0; i < count; ++i) *at++ = (unsigned char)i;
  *at++ = 7;
  at = put_leb(at, (unsigned)(count * EXPORT) + 1, 2);
  *at++ = (unsigned char)count;
  for (int i = 0; i < count; ++i) *at++ = 1, *at++ = (unsigned char)('0' + i), *at++ = 0, *at++ = (unsigned char)i;
  *at++ = 10;
  at = put_leb(at, (unsigned)(count * BODY) + 1, 2);
  *at++ = (unsigned char)count;
  for (int i = 0; i < count; ++i) *at++ = 2, *at++ = 0, *at++ = 0x0b;
  wasm_byte_vec_new(out, (size_t)(at - bytes), (const wasm_byte_t*)bytes);
}

// Calls each of its functions, which are to be the exports, with zeros.
static void call_all(const wasm_extern_vec_t* exports) {
  for (size_t i = 0; i < exports->size; ++i) {
    wasm_func_t* func = wasm_extern_as_func(exports->data[i]);
    own wasm_functype_t* type = wasm_func_type(func);
    const wasm_valtype_vec_t* params = wasm_functype_params(type);
    wasm_val_t args[12] = {WASM_INIT_VAL};
    for (size_t k = 0; k < 12; ++k) args[k] = (wasm_val_t){.kind = wasm_valtype_kind(params->data[k])};
    CHECK(!wasm_func_call(func, &(wasm_val_vec_t){12, args}, &(wasm_val_vec_t){0, NULL}));
    wasm_functype_delete(type);
  }
}

#endif
