// Threads: one engine for many, stores that move between threads, stacks of 64 KiB.

#include <limits.h>
#include <stdatomic.h>

#include "crowd.h"
#include "open_callbacks.h"
#include "process.h"

static void* with_large_modules(void* engine) {
  for (int i = 0; i < (slow() ? 1 : 4); ++i) compile_large(engine);
  return NULL;
}

static void* with_new_types(void* engine) {
  static atomic_uint seeds;
  unsigned seed = (atomic_fetch_add(&seeds, 1) + 1) * 10000;
  for (int i = 0; i < (slow() ? 1 : 5); ++i) new_types(engine, &seed, 40);
  return NULL;
}

static void* with_traps(void* engine) {
  world_t w = {.engine = NULL, .store = wasm_store_new(engine)};
  w.module = load(w.store, "traps");
  instantiate(&w, NO_IMPORTS);
  for (int i = 0; i < (slow() ? 10 : 500); ++i) {
    CHECK(says(call_trap(func_of(&w, "load"), NO_VALS), "out of bounds memory access"));
    CHECK(says(call_trap(func_of(&w, "nested"), VALS(I32(0))), "integer divide by zero"));
  }
  close_world(&w);
  return NULL;
}

static void* with_engines(void* unused) {
  (void)unused;
  for (int i = 0; i < (slow() ? 2 : 50); ++i) {
    world_t w = open_world("traps");
    CHECK(says(call_trap(func_of(&w, "load"), NO_VALS), "out of bounds memory access"));
    close_world(&w);
  }
  return NULL;
}

// Compile, instantiate, run, trap, overflow in wasm, overflow through the host.
static void live_a_whole_life(wasm_engine_t* engine) {
  world_t w = {.engine = NULL, .store = wasm_store_new(engine)};
  CHECK(w.store);
  w.module = load(w.store, "traps");
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  use_traps(&w);
  close_world(&w);

  w = (world_t){.engine = NULL, .store = wasm_store_new(engine)};
  w.module = load(w.store, "callbacks");
  import_callback(&w, deeper, &w);
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(0))), "call stack exhausted"));
  close_world(&w);
}

static void* life(void* engine) {
  live_a_whole_life(engine);
  return NULL;
}

TEST(whole_life_on_the_main_thread) {
  own wasm_engine_t* engine = test_engine();
  live_a_whole_life(engine);
  wasm_engine_delete(engine);
}

TEST(whole_life_on_a_thread_with_64_kib_of_stack) {
  own wasm_engine_t* engine = test_engine();
  for (int i = 0; i < 5; ++i) run_on_thread(65536, life, engine);
  wasm_engine_delete(engine);
}

TEST(whole_life_on_a_small_thread_without_workers) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 0));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  run_on_thread(65536, life, engine);
  wasm_engine_delete(engine);
}

TEST(eight_threads_share_an_engine) {
  own wasm_engine_t* engine = test_engine();
  pthread_t threads[8];
  for (int i = 0; i < 8; ++i) threads[i] = start_thread(0, life, engine);
  for (int i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
  wasm_engine_delete(engine);
}

static void* own_engine(void* unused) {
  (void)unused;
  own wasm_engine_t* engine = test_engine();
  live_a_whole_life(engine);
  wasm_engine_delete(engine);
  return NULL;
}

TEST(eight_threads_with_an_engine_each) {
  pthread_t threads[8];
  for (int i = 0; i < 8; ++i) threads[i] = start_thread(0, own_engine, NULL);
  for (int i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
}

// Some threads trap while the code of others is published and freed, types and stubs are made, handlers are
// installed and removed.
TEST(compiling_trapping_and_deleting_at_once) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, asked("workers=", 3)));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  static void* (*const works[])(void*) = {with_large_modules, with_new_types, with_traps, with_engines};
  pthread_t threads[8];
  for (int i = 0; i < 8; ++i) threads[i] = start_thread(0, works[i % 4], engine);
  for (int i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
  wasm_engine_delete(engine);
}

static void* count_up(void* world) {
  for (int i = 0; i < 100; ++i) call_i32(world, "count", NO_VALS);
  return NULL;
}

TEST(store_wanders_from_thread_to_thread) {
  world_t w = open_world("state");
  for (int i = 0; i < 5; ++i) run_on_thread(i % 2 ? 65536 : 0, count_up, &w);
  CHECK(call_i32(&w, "count", NO_VALS) == 501);
  close_world(&w);
}

static void* close_it(void* world) {
  close_world(world);
  return NULL;
}

TEST(world_made_here_is_deleted_there) {
  world_t w = open_world("state");
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  run_on_thread(65536, close_it, &w);
}

typedef struct {
  world_t* world;
  wasm_func_t* func;
} nested_t;

static void* call_nested(void* argument) {
  nested_t* nested = argument;
  CHECK(says(call_trap(func_of(nested->world, "recurse"), NO_VALS), "call stack exhausted"));
  return NULL;
}

TEST(overflow_on_a_small_thread_leaves_large_ones_their_room) {
  world_t w = open_world("traps");
  nested_t nested = {.world = &w};
  CHECK(says(call_trap(func_of(&w, "deep"), VALS(I32(3000))), "unreachable"));
  run_on_thread(65536, call_nested, &nested);
  CHECK(says(call_trap(func_of(&w, "deep"), VALS(I32(3000))), "unreachable"));
  close_world(&w);
}
