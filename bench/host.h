// The host's side of an instance: reading a file, compiling it, answering its
// imports and finding its exports, through one library.
#ifndef WASMRT_BENCH_HOST_H
#define WASMRT_BENCH_HOST_H

#include "bench.h"

// An engine with one store and one module in it.
struct program {
  const struct api *api;
  wasm_byte_vec_t binary;   // from malloc, not a vector of the library
  wasm_engine_t *engine;
  wasm_store_t *store;
  wasm_module_t *module;
};

// What the host functions count, so that a call left out is seen.
struct host_counts {
  uint64_t calls;
  wasm_store_t *store;
  const struct api *api;
};

// An instance with everything that it keeps alive.
struct running {
  struct host_counts *counts;
  wasm_extern_vec_t imports;
  wasm_instance_t *instance;
  wasm_extern_vec_t exports;
};

bool read_binary(const char *path, wasm_byte_vec_t *out, char *why);

bool program_open(struct program *p, const struct api *api, const char *path, char *why);
void program_close(struct program *p);

// Host objects for every import of the module: the functions add, tick, mix and fail
// do what their name says, other functions return zeros, memories and tables have
// the type that is asked for, and the global `base` is 7, others zero.
bool make_imports(const struct api *api, wasm_store_t *store, const wasm_module_t *module,
                  struct host_counts *counts, wasm_extern_vec_t *out, char *why);
void drop_imports(const struct api *api, wasm_extern_vec_t *imports);

bool running_start(struct running *r, const struct program *p, char *why);
void running_stop(struct running *r, const struct program *p);

wasm_func_t *find_func(const struct program *p, const struct running *r, const char *name);
wasm_memory_t *find_memory(const struct program *p, const struct running *r, const char *name);
int find_export(const struct api *api, const wasm_module_t *module, const char *name);

// Calls a function that takes nothing and returns an i32; a trap is a failure.
bool call_i32(const struct api *api, const wasm_func_t *func, int32_t *out, char *why);

// Moves the trap's message into `why` and deletes the trap.
void take_trap(const struct api *api, wasm_trap_t *trap, char *why);

#endif
