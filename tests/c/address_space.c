// Little memory: under every limit of address space, compiling, instantiating and calling succeed, or end in
// NULL or a trap with a message. Each limit is tried in a process of its own, which must end by itself.

#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/resource.h>

#include "host.h"
#include "process.h"

static void limit(size_t more) {
  rlim_t most = (rlim_t)(address_space_now() + more);
  CHECK(!setrlimit(RLIMIT_AS, &(struct rlimit){most, most}));
}

// Ends the process: 0 when all worked, 10 + step when a step was refused with a message, 1 without one.
static void refused(int step, bool words) {
  fflush(stdout);
  _exit(words ? 10 + step : 1);
}

static void live(const wasm_byte_vec_t* binary) {
  own wasm_engine_t* engine = wasm_engine_new_with_config(test_config());
  if (!engine) refused(0, error_says("memory"));
  own wasm_store_t* store = wasm_store_new(engine);
  if (!store) refused(1, error_says("memory"));
  world_t w = {.engine = engine, .store = store, .module = wasm_module_new(store, binary)};
  if (!w.module) refused(2, error_says("memory"));
  own wasm_trap_t* trap = NULL;
  w.instance = wasm_instance_new(store, w.module, &NO_IMPORTS, &trap);
  if (!w.instance) refused(3, trap && says(trap, "memory"));
  wasm_instance_exports(w.instance, &w.exports);
  if (!w.exports.size) refused(4, error_says("memory"));
  wasm_func_t* grow = wasm_extern_as_func(w.exports.data[17]);  // by number: looking names up needs memory too
  wasm_val_t out[1];
  wasm_val_vec_t results = {1, out};
  trap = wasm_func_call(grow, &VALS(I32(4)), &results);
  if (trap) refused(5, says(trap, "memory"));
  if (out[0].of.i32 != 1 && out[0].of.i32 != -1) _exit(2);
  trap = wasm_func_call(wasm_extern_as_func(w.exports.data[0]), &NO_VALS, &results);
  if (trap) refused(6, says(trap, "memory"));
  if (out[0].of.i32 != 1) _exit(3);
  close_world(&w);
  _exit(0);
}

// How the process of one limit ended; 128 + signal when it was killed.
static int try(const wasm_byte_vec_t* binary, size_t more) {
  pid_t child = start_child();
  if (!child) {
    limit(more);
    live(binary);
  }
  return outcome_of(child);
}

TEST(every_limit_of_address_space_ends_in_success_or_in_words) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs all of the address space");
#endif
  own wasm_byte_vec_t binary;
  read_module("state", &binary);
  int outcomes[8] = {0}, successes = 0, bad = 0;
  for (size_t kilobytes = 0; kilobytes <= 96 * 1024; kilobytes += kilobytes < 4096 ? 16 : 1536) {
    int outcome = try(&binary, kilobytes * 1024);
    if (outcome == 0) ++successes;
    else if (outcome >= 10 && outcome < 18) ++outcomes[outcome - 10];
    else {
      fprintf(stderr, "with %zu KiB more: outcome %d\n", kilobytes, outcome);
      ++bad;
    }
  }
  printf("successes %d; refused: engine %d store %d module %d instance %d exports %d grow %d call %d\n", successes,
         outcomes[0], outcomes[1], outcomes[2], outcomes[3], outcomes[4], outcomes[5], outcomes[6]);
  CHECK(bad == 0);
  CHECK(successes > 0 || asked("bounds=", 0) == 1);  // a required guard does not fit into little space
  wasm_byte_vec_delete(&binary);
}

TEST(memory_without_room_for_a_guard_still_works) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs all of the address space");
#endif
  if (asked("bounds=", 0) == 1) SKIP("a guard is asked for in this configuration");
  own wasm_byte_vec_t binary;
  read_module("state", &binary);
  CHECK(try(&binary, (size_t)2 << 30) == 0);  // 2 GiB are less than any reservation of 4 GiB
  wasm_byte_vec_delete(&binary);
}

// The first thread's stack grows while it is used, and is counted: 8 MiB may be its limit and 200 KiB what it gets.
static void go_deep(size_t more) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_BASELINE));
  world_t w = open_world_with(config, "traps");
  const wasm_func_t* recurse = func_of(&w, "recurse");
  limit_address_space(address_space_now() + more);
  own wasm_trap_t* trap = call_trap(recurse, NO_VALS);
  wasmrt_trap_code_t code = wasmrt_trap_code(trap);
  limit_address_space(RLIM_INFINITY);
  CHECK(code == WASMRT_TRAP_STACK_OVERFLOW || code == WASMRT_TRAP_OUT_OF_MEMORY);
  wasm_trap_delete(trap);
  // What it was refused, it gets the next time.
  use_traps(&w);
  close_world(&w);
  _exit(code == WASMRT_TRAP_STACK_OVERFLOW ? 0 : 10);
}

TEST(a_guest_that_goes_deep_traps_where_the_stack_cannot_grow) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs all of the address space");
#endif
  int deep = 0;
  for (size_t more = 0; more <= 4 << 20; more += 64 << 10) {
    pid_t child = start_child();
    if (!child) go_deep(more);
    int outcome = outcome_of(child);
    if (outcome != 0 && outcome != 10) fprintf(stderr, "with %zu KiB more: outcome %d\n", more / 1024, outcome);
    CHECK(outcome == 0 || outcome == 10);
    deep += outcome == 0;
  }
  CHECK(deep > 30);
}

// Of two memories only one has a guard: the other one's bounds are checked all the same.
static void read_beyond_the_one_without_guard(void) {
  world_t w;
  open_store(&w, "mixed_memories");
  own wasm_memory_t* guarded = new_memory(w.store, 1, 2);
  limit((size_t)2 << 30);
  own wasm_memory_t* plain = new_memory(w.store, 1, 2);
  CHECK(guarded && plain);
  for (int i = 0; i < 2; ++i) {
    wasm_memory_t* second = i ? guarded : plain;
    instantiate(&w, IMPORTS(wasm_memory_as_extern(i ? plain : guarded), wasm_memory_as_extern(second)));
    wasm_memory_data(second)[65532] = 7;
    CHECK(call_i32(&w, "load", VALS(I32(65532))) == 7);
    // Just beyond, and where other mappings may be.
    for (uint32_t at = 65533; at < 0xff000000; at += at < 1 << 20 ? 4096 : 1 << 24) {
      CHECK(says(call_trap(func_of(&w, "load"), VALS(I32((int32_t)at))), "out of bounds memory access"));
    }
    wasm_extern_vec_delete(&w.exports);
    wasm_instance_delete(w.instance);
  }
  _exit(0);
}

TEST(memory_without_guard_is_not_left_when_another_one_has_a_guard) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs all of the address space");
#endif
  if (asked("bounds=", 0) == 1) SKIP("a guard is asked for in this configuration");
  pid_t child = start_child();
  if (!child) read_beyond_the_one_without_guard();
  CHECK(outcome_of(child) == 0);
}

// A memory without guard, grown by a megabyte at a time under a limit of 1 GiB.
static void grow_to_the_limit(void) {
  own wasm_config_t* config = test_config();
  wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT);
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_memorytype_t* type = wasm_memorytype_new(&(wasm_limits_t){16, wasm_limits_max_default});
  own wasm_memory_t* memory = wasm_memory_new(store, type);
  CHECK(memory);
  wasm_memory_data(memory)[1000] = 7;
  limit((size_t)1 << 30);
  while (wasm_memory_grow(memory, 16)) wasm_memory_data(memory)[wasm_memory_data_size(memory) - 1] = 1;
  size_t size = wasm_memory_data_size(memory);
  CHECK(wasm_memory_data(memory)[1000] == 7);
  CHECK(wasm_memory_data(memory)[size - 1] == 1 && wasm_memory_data(memory)[size - 2] == 0);
  wasm_memory_delete(memory);
  wasm_memorytype_delete(type);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  _exit(size > ((size_t)1000 << 20) ? 0 : 2);
}

TEST(a_memory_without_guard_grows_to_the_limit_of_address_space) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs all of the address space");
#endif
  pid_t child = start_child();
  if (!child) grow_to_the_limit();
  CHECK(outcome_of(child) == 0);
}

// The host has changed a part of the memory: the system can no longer move it in one piece.
TEST(a_memory_without_guard_grows_although_the_host_advised_on_a_part_of_it) {
  own wasm_config_t* config = test_config();
  wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT);
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_memorytype_t* type = wasm_memorytype_new(&(wasm_limits_t){4, wasm_limits_max_default});
  own wasm_memory_t* memory = wasm_memory_new(store, type);
  CHECK(memory);
  wasm_memory_data(memory)[1000] = 7;
  CHECK(!madvise(wasm_memory_data(memory) + 65536, 65536, MADV_DONTFORK));
  CHECK(wasm_memory_grow(memory, 4096));
  CHECK(wasm_memory_data(memory)[1000] == 7);
  wasm_memory_delete(memory);
  wasm_memorytype_delete(type);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}
