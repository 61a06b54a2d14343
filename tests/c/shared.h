// Stores that share a memory: a common one, and for each thread a store with an instance of `shared_memory`.

#ifndef SHARED_H
#define SHARED_H

#include "host.h"
#include "process.h"

enum { SHARED_LIMITS = WASMRT_LIMITS_HAS_MAX | WASMRT_LIMITS_SHARED };

static inline own wasm_memory_t* new_shared_memory(wasm_store_t* store, uint64_t min, uint64_t max, uint32_t more) {
  wasmrt_limits_t limits = {min, max, SHARED_LIMITS | more};
  own wasm_memorytype_t* type = wasmrt_memorytype_new(&limits);
  CHECK(type);
  own wasm_memory_t* memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  return memory;
}

// What the stores have in common. Made in a store that is gone afterwards.
typedef struct {
  own wasm_engine_t* engine;
  own wasm_shared_module_t* module;
  own wasmrt_shared_memory_t* memory;
} common_t;

static inline common_t open_common_with(own wasm_config_t* config, const char* name) {
  common_t c = {.engine = wasm_engine_new_with_config(config)};
  CHECK(c.engine);
  own wasm_store_t* store = wasm_store_new(c.engine);
  own wasm_module_t* module = load(store, name);
  CHECK(module);
  own wasm_memory_t* memory = new_shared_memory(store, 1, 100, 0);
  CHECK(memory);
  c.module = wasm_module_share(module);
  c.memory = wasmrt_memory_share(memory);
  CHECK(c.module && c.memory);
  wasm_memory_delete(memory);
  wasm_module_delete(module);
  wasm_store_delete(store);
  return c;
}

static inline common_t open_common(const char* name) { return open_common_with(test_config(), name); }

static inline void close_common(common_t* c) {
  wasmrt_shared_memory_delete(c->memory);
  wasm_shared_module_delete(c->module);
  wasm_engine_delete(c->engine);
}

// A world whose instance has the common memory, with code that can be stopped or without.
typedef struct {
  world_t w;
  own wasm_memory_t* memory;
  own wasmrt_interrupt_t* interrupt;
} member_t;

static inline member_t join(const common_t* c, bool stoppable) {
  member_t m = {.w = {.store = wasm_store_new(c->engine)}};
  CHECK(m.w.store);
  if (stoppable) m.interrupt = wasmrt_interrupt_new(m.w.store);
  CHECK(!stoppable || m.interrupt);
  m.w.module = wasm_module_obtain(m.w.store, c->module);
  m.memory = wasmrt_memory_obtain(m.w.store, c->memory);
  CHECK(m.w.module && m.memory);
  instantiate(&m.w, IMPORTS(wasm_memory_as_extern(m.memory)));
  return m;
}

static inline void leave(member_t* m) {
  wasm_memory_delete(m->memory);
  wasmrt_interrupt_delete(m->interrupt);
  close_world(&m->w);
}

// Lets as many threads do the same, each with a number, and waits for them.
typedef struct {
  const common_t* common;
  int number;
  void (*work)(const common_t*, int number);
} share_t;

static inline void* run_share(void* share) {
  share_t* s = share;
  s->work(s->common, s->number);
  return NULL;
}

static inline void run_together(const common_t* c, int threads, void (*work)(const common_t*, int)) {
  pthread_t started[16];
  share_t shares[16];
  CHECK(threads <= 16);
  for (int i = 0; i < threads; ++i) {
    shares[i] = (share_t){c, i, work};
    started[i] = start_thread(0, run_share, &shares[i]);
  }
  for (int i = 0; i < threads; ++i) CHECK(!pthread_join(started[i], NULL));
}

// Until somebody waits on the address, whom this leaves asleep: nobody else may wait there.
static inline void until_awaited(const member_t* m, int32_t address) {
  while (call_i32(&m->w, "notify", VALS(I32(address), I32(1))) == 0) usleep(500);
}

#endif
