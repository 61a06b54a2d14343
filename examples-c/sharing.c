// Two threads, each with a store of its own, whose instances share one memory.

#include <pthread.h>

#include "common.h"

enum { WORDS = 100 };

// What may be used by several threads at once: engine, shared module, shared memory.
typedef struct {
  wasm_engine_t* engine;
  own wasm_shared_module_t* module;
  own wasmrt_shared_memory_t* memory;
} shared_t;

// Makes the memory and compiles the module, in a store that is then no longer needed.
static void prepare(shared_t* shared) {
  own wasm_store_t* store = need(wasm_store_new(shared->engine), "make a store");
  own wasm_module_t* module = load_module(store, "sharing.wasm");
  shared->module = need(wasm_module_share(module), "share the module");
  wasmrt_limits_t limits = {.min = 1, .max = 2, .flags = WASMRT_LIMITS_HAS_MAX | WASMRT_LIMITS_SHARED};
  own wasm_memorytype_t* type = need(wasmrt_memorytype_new(&limits), "make a memory type");
  own wasm_memory_t* memory = need(wasm_memory_new(store, type), "make a memory");
  shared->memory = need(wasmrt_memory_share(memory), "share the memory");
  wasm_memory_delete(memory);
  wasm_memorytype_delete(type);
  wasm_module_delete(module);
  wasm_store_delete(store);
}

// Calls a function of the module in a store of this thread's own; its result, or 0.
static int32_t run(const shared_t* shared, const char* name) {
  own wasm_store_t* store = need(wasm_store_new(shared->engine), "make a store");
  own wasm_module_t* module = need(wasm_module_obtain(store, shared->module), "obtain the module");
  own wasm_memory_t* memory = need(wasmrt_memory_obtain(store, shared->memory), "obtain the memory");
  wasm_extern_t* externs[] = {wasm_memory_as_extern(memory)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  wasm_func_t* func = find_func(module, &exports, name);
  wasm_val_t arg[] = {WASM_I32_VAL(WORDS)}, result[] = {WASM_I32_VAL(0)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg), results = {wasm_func_result_arity(func), result};
  no_trap(wasm_func_call(func, &args, &results), "call the function");

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_memory_delete(memory);
  wasm_module_delete(module);
  wasm_store_delete(store);
  return result[0].of.i32;
}

static void* produce(void* shared) {
  run(shared, "produce");
  return NULL;
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  shared_t shared = {.engine = engine};
  prepare(&shared);

  pthread_t producer;
  if (pthread_create(&producer, NULL, produce, &shared) != 0) die("start a thread");
  printf("the sum of the first %d squares is %d\n", WORDS, (int)run(&shared, "consume"));
  pthread_join(producer, NULL);

  wasmrt_shared_memory_delete(shared.memory);
  wasm_shared_module_delete(shared.module);
  wasm_engine_delete(engine);
  return 0;
}
