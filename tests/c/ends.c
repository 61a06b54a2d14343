// Threads and processes that end while the library is in use: from destructors of thread-specific data, in exit
// handlers, with a thread deep in guest code, with everything left undeleted.

#define _GNU_SOURCE
#include <stdatomic.h>

#include "open_callbacks.h"
#include "process.h"

static void use(const world_t* w) {
  use_traps(w);
  CHECK(!wasm_memory_new(w->store, NULL));  // leaves a last error behind
}

// --- Threads ---

static pthread_key_t key;
static atomic_int destroyed;

// Runs among and after the library's own destructors: it asks for another turn as long as there is one.
static void destroy(void* argument) {
  world_t* w = argument;
  use(w);
  if (atomic_fetch_add(&destroyed, 1) < 2) pthread_setspecific(key, w);
  else close_world(w);
}

static void* end_with_destructor(void* argument) {
  world_t* w = argument;
  CHECK(!pthread_setspecific(key, w));
  use(w);
  return NULL;
}

static void* end_at_once(void* argument) {
  CHECK(!pthread_setspecific(key, argument));
  pthread_exit(NULL);
}

static void with_destructor(void* (*run)(void*)) {
  CHECK(!pthread_key_create(&key, destroy));
  for (int i = 0; i < 3; ++i) {
    world_t w = open_world("traps");
    destroyed = 0;
    run_on_thread(0, run, &w);
    CHECK(destroyed == 3);
  }
  pthread_key_delete(key);
}

TEST(thread_uses_the_library_in_its_last_destructors) { with_destructor(end_with_destructor); }
TEST(thread_uses_the_library_for_the_first_time_in_its_last_destructors) { with_destructor(end_at_once); }

// --- Processes ---

static bool ends_well(void (*body)(void)) {
  pid_t child = start_child();
  if (!child) {
    body();
    exit(7);
  }
  int outcome = outcome_of(child);
  if (outcome != 7) fprintf(stderr, "ended with %d\n", outcome);
  return outcome == 7;
}

static world_t left;

static void leave_everything(void) {
  left = open_world("traps");
  use(&left);
}

static void use_left(void) { use(&left); }

static void use_in_exit_handler(void) {
  CHECK(!atexit(use_left));
  leave_everything();
}

static void close_left(void) { close_world(&left); }

static void close_in_exit_handler(void) {
  leave_everything();
  CHECK(!atexit(close_left));
}

static void first_use_in_exit_handler(void) { CHECK(!atexit(leave_everything)); }

static atomic_int running;

static own wasm_trap_t* note_running(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  running = 1;
  results->data[0] = args->data[0];
  return NULL;
}

// Guest code without end, which calls a host function now and then.
static void* run_for_ever(void* unused) {
  (void)unused;
  world_t w;
  open_callbacks(&w, note_running, NULL);
  for (;;) call_i32(&w, "call", VALS(I32(1)));
  return NULL;
}

static void* compile_for_ever(void* unused) {
  (void)unused;
  for (;;) {
    world_t w = open_world("traps");
    running = 1;
    close_world(&w);
  }
  return NULL;
}

// Every function is optimized in the background as soon as it is called.
static void* optimize_for_ever(void* unused) {
  (void)unused;
  for (;;) {
    own wasm_config_t* config = test_config();
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_TIERED));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 1));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, 0));
    world_t w = open_world_with(config, "traps");
    use_traps(&w);
    running = 1;
    close_world(&w);
  }
  return NULL;
}

static void exit_beside(void* (*run)(void*)) {
  start_thread(0, run, NULL);
  while (!running) usleep(100);
}

static void exit_beside_running_code(void) { exit_beside(run_for_ever); }
static void exit_beside_a_compilation(void) { exit_beside(compile_for_ever); }
static void exit_beside_an_optimization(void) { exit_beside(optimize_for_ever); }

static own wasm_trap_t* exit_now(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  (void)args;
  (void)results;
  exit(7);
}

static void exit_in_a_callback(void) {
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* func = host_func(w.store, "", "", exit_now, NULL, NULL);
  wasm_func_call(func, &NO_VALS, NULL);
  _exit(1);  // the callback should have ended the process
}

TEST(process_ends_with_everything_left) {
#ifndef __SANITIZE_ADDRESS__  // which would rightly speak of leaks
  CHECK(ends_well(leave_everything));
  CHECK(ends_well(use_in_exit_handler));
  CHECK(ends_well(first_use_in_exit_handler));
#endif
  CHECK(ends_well(close_in_exit_handler));
}

TEST(process_ends_while_another_thread_works) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("what the other thread holds counts as leaked");
#endif
  for (int i = 0; i < 20; ++i) {
    CHECK(ends_well(exit_beside_running_code));
    CHECK(ends_well(exit_beside_a_compilation));
    CHECK(ends_well(exit_beside_an_optimization));
  }
}

TEST(process_ends_inside_of_a_callback) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("what the callback's frames hold counts as leaked");
#endif
  CHECK(ends_well(exit_in_a_callback));
}
