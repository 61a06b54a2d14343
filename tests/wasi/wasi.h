// A guest whose exports are the functions of WASI, and its memory.

#ifndef WASI_H
#define WASI_H

#include "../c/host.h"

#include <stdarg.h>
#include <wasmrt_wasi.h>

typedef struct {
  world_t w;
  own wasmrt_wasi_t* wasi;
} guest_t;

static inline own wasm_message_t wasi_error(void) {
  own wasm_message_t text;
  wasmrt_wasi_last_error(&text);
  return text;
}

static inline bool wasi_error_says(const char* words) {
  own wasm_message_t text = wasi_error();
  bool says = text.size && strstr(text.data, words);
  wasm_name_delete(&text);
  return says;
}

// The module in a store of its own; the context becomes the guest's.
static inline guest_t bind_guest(own wasmrt_wasi_t* wasi, const char* module) {
  guest_t g = {.wasi = wasi};
  CHECK(wasi);
  open_store(&g.w, module);
  return g;
}

static inline void instantiate_guest(guest_t* g) {
  own wasm_extern_vec_t imports;
  CHECK(wasmrt_wasi_imports(g->wasi, g->w.store, g->w.module, &imports));
  instantiate(&g->w, imports);
  wasm_extern_vec_delete(&imports);
}

static inline guest_t open_guest(own wasmrt_wasi_t* wasi, const char* module) {
  guest_t g = bind_guest(wasi, module);
  instantiate_guest(&g);
  return g;
}

static inline void close_guest(guest_t* g) {
  wasmrt_wasi_delete(g->wasi);
  close_world(&g->w);
}

// --- The guest's memory ---

static inline char* at(const guest_t* g, uint32_t address) {
  return wasm_memory_data(wasm_extern_as_memory(export_of(&g->w, "memory"))) + address;
}

static inline void put32(const guest_t* g, uint32_t address, uint32_t value) { memcpy(at(g, address), &value, 4); }
static inline void put64(const guest_t* g, uint32_t address, uint64_t value) { memcpy(at(g, address), &value, 8); }

static inline uint32_t get32(const guest_t* g, uint32_t address) {
  uint32_t value;
  memcpy(&value, at(g, address), 4);
  return value;
}

static inline uint64_t get64(const guest_t* g, uint32_t address) {
  uint64_t value;
  memcpy(&value, at(g, address), 8);
  return value;
}

// An iovec at an address.
static inline void put_vector(const guest_t* g, uint32_t address, uint32_t start, uint32_t size) {
  put32(g, address, start);
  put32(g, address + 4, size);
}

// --- Calls: arguments are uint64_t or int, as wide as they need to be ---

static inline own wasm_trap_t* wasi_call_trap(const guest_t* g, uint32_t* errno_out, const char* name, int n, va_list list) {
  const wasm_func_t* func = func_of(&g->w, name);
  own wasm_functype_t* type = wasm_func_type(func);
  const wasm_valtype_vec_t* params = wasm_functype_params(type);
  CHECK(params->size == (size_t)n);
  wasm_val_t args[9], result = WASM_INIT_VAL;
  for (int i = 0; i < n; ++i) {
    int64_t arg = va_arg(list, int64_t);
    bool wide = wasm_valtype_kind(params->data[i]) == WASM_I64;
    args[i] = wide ? (wasm_val_t)WASM_I64_VAL(arg) : (wasm_val_t)WASM_I32_VAL((int32_t)arg);
  }
  wasm_val_vec_t given = {(size_t)n, args}, results = {wasm_functype_results(type)->size, &result};
  own wasm_trap_t* trap = wasm_func_call(func, &given, &results);
  if (errno_out) *errno_out = results.size && !trap ? (uint32_t)result.of.i32 : UINT32_MAX;
  wasm_functype_delete(type);
  return trap;
}

static inline uint32_t wasi_errno(const guest_t* g, const char* name, int n, ...) {
  va_list list;
  va_start(list, n);
  uint32_t result;
  own wasm_trap_t* trap = wasi_call_trap(g, &result, name, n, list);
  va_end(list);
  CHECK(!trap);
  return result;
}

static inline own wasm_trap_t* wasi_trap(const guest_t* g, const char* name, int n, ...) {
  va_list list;
  va_start(list, n);
  own wasm_trap_t* trap = wasi_call_trap(g, NULL, name, n, list);
  va_end(list);
  return trap;
}

// Count and width of the arguments, from the arguments.
#define COUNT_(_0, _1, _2, _3, _4, _5, _6, _7, _8, _9, n, ...) n
#define COUNT(...) COUNT_(0, __VA_ARGS__, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define WIDE1(a) (int64_t)(a)
#define WIDE2(a, ...) (int64_t)(a), WIDE1(__VA_ARGS__)
#define WIDE3(a, ...) (int64_t)(a), WIDE2(__VA_ARGS__)
#define WIDE4(a, ...) (int64_t)(a), WIDE3(__VA_ARGS__)
#define WIDE5(a, ...) (int64_t)(a), WIDE4(__VA_ARGS__)
#define WIDE6(a, ...) (int64_t)(a), WIDE5(__VA_ARGS__)
#define WIDE7(a, ...) (int64_t)(a), WIDE6(__VA_ARGS__)
#define WIDE8(a, ...) (int64_t)(a), WIDE7(__VA_ARGS__)
#define WIDE9(a, ...) (int64_t)(a), WIDE8(__VA_ARGS__)
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
// The error number of a function of WASI, which has at least one parameter.
#define WASI(g, name, ...) wasi_errno(g, name, COUNT(__VA_ARGS__), JOIN(WIDE, COUNT(__VA_ARGS__))(__VA_ARGS__))
// The trap with which it ends.
#define WASI_TRAP(g, name, ...) wasi_trap(g, name, COUNT(__VA_ARGS__), JOIN(WIDE, COUNT(__VA_ARGS__))(__VA_ARGS__))

enum {
  OK = 0,
  E_AGAIN = 6,
  E_BADF = 8,
  E_FAULT = 21,
  E_INVAL = 28,
  E_IO = 29,
  E_NOSPC = 51,
  E_NOSYS = 52,
  E_NOTSUP = 58,
};

#endif
