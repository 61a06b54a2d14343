// Stacks that are created and freed, that others use, and that are as small as stacks can be.

#define _GNU_SOURCE
#include <limits.h>
#include <stdint.h>
#include <sys/mman.h>

#include "host.h"
#include "process.h"

enum { LARGE = 2 << 20, SMALL = 64 << 10 };

// --- The first thread's stack, of which another runtime wants no more than 1 MiB ---

enum { TAKEN = 1 << 20, PAGE = 4096 };

// Lets the stack grow down to an address.
static __attribute__((noinline)) void touch_down_to(uintptr_t low) {
  volatile char page[PAGE];
  page[0] = 0;
  if ((uintptr_t)page > low + PAGE) touch_down_to(low);
  page[1] = 0;
}

static int overflow_above_guard(uint64_t max_wasm_stack) {
  pid_t child = start_child();
  if (child) return outcome_of(child);
  uintptr_t guard = ((uintptr_t)__builtin_frame_address(0) - TAKEN) & ~(uintptr_t)(PAGE - 1);
  touch_down_to(guard);
  CHECK(!mprotect((void*)guard, 4 * PAGE, PROT_NONE));
  own wasm_config_t* config = test_config();
  if (max_wasm_stack) CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_WASM_STACK, max_wasm_stack));
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "traps");
  instantiate(&w, NO_IMPORTS);
  use_traps(&w);
  close_world(&w);
  exit(0);
}

// First in this file: the extent of the stack is determined once per thread.
TEST(guard_pages_of_another_runtime_in_the_first_stack_are_not_touched) {
  CHECK(overflow_above_guard(0) == 0);
  CHECK(overflow_above_guard(4 << 20) == 0);
}

// --- The smallest stack that a thread can have ---

static void* everything_but_calls(void* unused) {
  (void)unused;
  world_t w = open_world("traps");
  own wasm_byte_vec_t binary, serialized;
  read_module("traps", &binary);
  CHECK(wasm_module_validate(w.store, &binary));
  CHECK(!wasm_module_new(w.store, &(wasm_byte_vec_t){binary.size - 1, binary.data}) && has_error());
  CHECK(says(call_trap(func_of(&w, "nested"), VALS(I32(1))), "call stack exhausted"));
  wasm_module_serialize(w.module, &serialized);
  own wasm_module_t* again = wasm_module_deserialize(w.store, &serialized);
  CHECK(again);
  own wasm_instance_t* instance = wasm_instance_new(w.store, again, &NO_IMPORTS, NULL);
  CHECK(instance);
  wasm_instance_delete(instance);
  wasm_module_delete(again);
  wasm_byte_vec_delete(&serialized);
  wasm_byte_vec_delete(&binary);
  close_world(&w);
  return NULL;
}

static void* look_at_trap(void* trap) {
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 256);
  wasm_frame_vec_delete(&frames);
  return NULL;
}

TEST(threads_with_the_smallest_stack_do_everything_but_run_wasm) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  SKIP("the sanitizer's own frames do not fit, or it makes stacks larger");
#endif
  size_t stack = (size_t)PTHREAD_STACK_MIN;
  run_on_thread(stack, everything_but_calls, NULL);
  world_t w = open_world("traps");
  own wasm_trap_t* trap = call_trap(func_of(&w, "recurse"), NO_VALS);
  run_on_thread(stack, look_at_trap, trap);
  wasm_trap_delete(trap);
  close_world(&w);
}

// --- Stacks at each other's addresses ---

static void* overflow(void* argument) {
  CHECK(says(call_trap(func_of(argument, "recurse"), NO_VALS), "call stack exhausted"));
  return NULL;
}

static void run_on(void* low, size_t size, world_t* w) {
  pthread_attr_t attributes;
  pthread_t thread;
  CHECK(!pthread_attr_init(&attributes) && !pthread_attr_setstack(&attributes, low, size));
  CHECK(!pthread_create(&thread, &attributes, overflow, w) && !pthread_join(thread, NULL));
  pthread_attr_destroy(&attributes);
}

// The small stack is where the large one was, and nothing accessible is below it now.
TEST(small_stack_in_the_place_of_a_large_one) {
  world_t w = open_world("traps");
  char* memory = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  for (int i = 0; i < 3; ++i) {
    CHECK(!mprotect(memory, LARGE, PROT_READ | PROT_WRITE));
    run_on(memory, LARGE, &w);
    CHECK(!mprotect(memory, LARGE - SMALL, PROT_NONE));
    run_on(memory + LARGE - SMALL, SMALL, &w);
  }
  CHECK(!munmap(memory, LARGE));
  close_world(&w);
}
