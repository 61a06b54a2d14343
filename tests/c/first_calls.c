// First calls of functions, which compile them if the engine is set so: whatever calls, wherever on the stack, in
// whatever thread and process.

#define _GNU_SOURCE
#include <stdatomic.h>

#include "host.h"
#include "process.h"

enum { SMALL = 64 << 10, FUNCTIONS = 8, OWN = 15 };

static own wasm_config_t* lazy_config(void) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_LAZY_BASELINE));
  return config;
}

static world_t open_lazy(void) { return open_world_with(lazy_config(), "first_calls"); }

static int deep(const world_t* w, int n, int which) {
  return call_i32(w, "deep", VALS(I32(n), I32(which)));
}

static int indirect(const world_t* w, int which) {
  return call_i32(w, "indirect", VALS(I32(which), I32(1000)));
}

static void use_all(const world_t* w) {
  for (int which = 0; which < FUNCTIONS; ++which) CHECK(indirect(w, which) == 1100 + which);
  CHECK(call_i32(w, "tail", VALS(I32(1))) == 108);
  CHECK(call_i32(w, "reference", VALS(I32(1))) == 107);
}

// --- What calls ---

// For every register that carries arguments, and the stack.
#define MANY                                                                                                          \
  VALS(I32(1), I64(2), F32(3), F64(4), I64(5), I32(6), I64(7), F64(8), F32(9), F64(10), F64(11), F64(12), F64(13),    \
       F64(14), F32(15), I64(16), I32(17))

TEST(all_arguments_of_a_first_call_arrive) {
  double expected = 0;
  for (int i = 1; i <= 17; ++i) expected += i * i;
  world_t w = open_lazy();
  CHECK(call(func_of(&w, "calls_many"), NO_VALS).of.f64 == expected);
  CHECK(call(func_of(&w, "calls_vectors"), NO_VALS).of.i64 == 332211);
  close_world(&w);
  w = open_lazy();
  CHECK(call(func_of(&w, "many"), MANY).of.f64 == expected);
  CHECK(call(func_of(&w, "calls_many"), NO_VALS).of.f64 == expected);
  close_world(&w);
}

TEST(first_calls_through_tables_references_and_tail_calls_arrive) {
  world_t w = open_lazy();
  CHECK(call_i32(&w, "tail", VALS(I32(1))) == 108);
  CHECK(call_i32(&w, "reference", VALS(I32(1))) == 107);
  use_all(&w);
  close_world(&w);
}

TEST(a_trap_in_a_first_call_shows_all_frames) {
  world_t w = open_lazy();
  own wasm_trap_t* trap = call_trap(func_of(&w, "traps"), NO_VALS);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 3);
  for (size_t i = 0; i < frames.size; ++i) {
    CHECK(wasm_frame_instance(frames.data[i]) == w.instance);
    CHECK(wasm_frame_func_index(frames.data[i]) == wasm_frame_func_index(frames.data[0]) + i);
  }
  wasm_frame_vec_delete(&frames);
  CHECK(says(trap, "unreachable"));
  close_world(&w);
}

// --- Addresses that tables keep ---

static void repeat(const world_t* w, int which, int step) {
  for (int n = 1; n <= 5000; n += 4999) CHECK(call_i32(w, "repeat", VALS(I32(n), I32(which))) == n * step);
}

TEST(elements_written_before_their_functions_were_compiled_stay_right) {
  world_t w = open_lazy();
  call(func_of(&w, "copy"), NO_VALS);
  call(func_of(&w, "set"), VALS(I32(14), I32(3)));
  world_t user = {.engine = w.engine, .store = w.store, .module = load(w.store, "first_calls_user")};
  instantiate(&user, IMPORTS(export_of(&w, "table")));
  for (int round = 0; round < 2; ++round) {
    for (int which = 0; which < FUNCTIONS; ++which) {
      repeat(&w, which, 100 + which);
      repeat(&user, which, 100 + which);
    }
    for (int which = 8; which < 14; ++which) repeat(&user, which, 92 + which);
    repeat(&w, 14, 103);
    repeat(&w, OWN, 900);
  }
  wasm_table_t* table = wasm_extern_as_table(export_of(&w, "table"));
  CHECK(wasm_table_grow(table, 4, NULL));
  own wasm_ref_t* own_function = wasm_table_get(table, OWN);
  CHECK(own_function && wasm_table_set(table, 18, own_function));
  wasm_ref_delete(own_function);
  repeat(&w, 18, 900);
  wasm_extern_vec_delete(&user.exports);
  wasm_instance_delete(user.instance);
  wasm_module_delete(user.module);
  repeat(&w, OWN, 900);
  close_world(&w);
}

// --- Where on the stack ---

// How deep a recursion may be that is called with its depth and another number, whatever it ends with.
static int depth_that_fits(const world_t* w, const char* name, int32_t number) {
  int fits = 0;
  for (int step = 1 << 16; step; step /= 2) {
    wasm_val_t out[1];
    own wasm_trap_t* trap =
        wasm_func_call(func_of(w, name), &VALS(I32(fits + step), I32(number)), &(wasm_val_vec_t){1, out});
    if (!trap) fits += step;
    else CHECK(says(trap, "call stack exhausted"));
  }
  CHECK(fits > 100);
  return fits;
}

static void* at_the_end_of_the_stack(void* unused) {
  (void)unused;
  // Deepest with functions that were compiled.
  world_t w = open_lazy();
  use_all(&w);
  int fits = depth_that_fits(&w, "deep", 0) - 20;  // for the frames of functions of this file
  close_world(&w);
  w = open_lazy();
  CHECK(deep(&w, 0, 0) == 100);
  for (int which = 1; which < FUNCTIONS; ++which) CHECK(deep(&w, fits, which) == fits + 100 + which);
  close_world(&w);
  return NULL;
}

TEST(a_function_may_be_called_first_at_the_end_of_a_small_stack) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  SKIP("the sanitizer needs stack itself");
#endif
  run_on_thread(SMALL, at_the_end_of_the_stack, NULL);
  run_on_thread(0, at_the_end_of_the_stack, NULL);
}

// --- Optimizing there ---

static uint64_t optimized(const world_t* w) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(w->module, &stats);
  return stats.optimized.functions;
}

static int deep_triple(const world_t* w, int depth, int n) {
  return call_i32(w, "deep_triple", VALS(I32(depth), I32(n)));
}

// The calling thread optimizes. The recursion is optimized already, the function with the loop was never called.
static world_t open_tiered(uint64_t percent) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_TIERED));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 0));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, percent));
  world_t w = open_world_with(config, "first_calls");
  for (int i = 0; i < 1000; ++i) CHECK(deep_triple(&w, i % 10, 0) == i % 10);
  CHECK(optimized(&w) == 1);
  return w;
}

static int depth_when_optimized(uint64_t percent) {
  world_t w = open_tiered(percent);
  CHECK(deep_triple(&w, 0, 100000) == 300000 && optimized(&w) == 2);
  int fits = depth_that_fits(&w, "deep_triple", 1);
  close_world(&w);
  return fits - 40;  // baseline code and its loop's continuation take more than the optimized function
}

static void* hot_at_the_end_of_the_stack(void* unused) {
  (void)unused;
  for (uint64_t percent = 0; percent <= 1; ++percent) {
    int fits = depth_when_optimized(percent);
    world_t w = open_tiered(percent);
    CHECK(deep_triple(&w, fits, 100000) == fits + 300000);
    CHECK(optimized(&w) == 2);
    CHECK(deep_triple(&w, fits, 100000) == fits + 300000);
    close_world(&w);
  }
  return NULL;
}

TEST(a_function_may_be_optimized_at_the_end_of_a_small_stack) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  SKIP("the sanitizer needs stack itself");
#endif
  run_on_thread(SMALL, hot_at_the_end_of_the_stack, NULL);
  run_on_thread(0, hot_at_the_end_of_the_stack, NULL);
}

// --- Several threads ---

enum { THREADS = 8 };

typedef struct {
  wasm_engine_t* engine;
  const wasm_shared_module_t* shared;
  atomic_int* waiting;
} common_t;

static void* warm_up(void* argument) {
  const common_t* common = argument;
  world_t w = {.engine = common->engine, .store = wasm_store_new(common->engine)};
  w.module = wasm_module_obtain(w.store, common->shared);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  atomic_fetch_sub(common->waiting, 1);
  while (atomic_load(common->waiting) > 0) {}
  use_all(&w);
  CHECK(says(call_trap(func_of(&w, "traps"), NO_VALS), "unreachable"));
  close_but_engine(&w);
  return NULL;
}

TEST(threads_that_call_one_function_first_at_the_same_time_all_get_its_result) {
  own wasm_engine_t* engine = wasm_engine_new_with_config(lazy_config());
  own wasm_store_t* store = wasm_store_new(engine);
  for (int round = 0; round < (slow() ? 2 : 20); ++round) {
    own wasm_module_t* module = load(store, "first_calls");
    own wasm_shared_module_t* shared = wasm_module_share(module);
    wasm_module_delete(module);
    atomic_int waiting = THREADS;
    common_t common = {engine, shared, &waiting};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; ++i) threads[i] = start_thread(0, warm_up, &common);
    for (int i = 0; i < THREADS; ++i) CHECK(!pthread_join(threads[i], NULL));
    wasm_shared_module_delete(shared);
  }
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

// --- Forks ---

TEST(parent_and_child_of_a_fork_compile_the_rest_for_themselves) {
  world_t w = open_lazy();
  CHECK(indirect(&w, 0) == 1100);
  pid_t child = start_child();
  if (!child) {
    use_all(&w);
    pid_t grandchild = start_child();
    if (!grandchild) {
      CHECK(says(call_trap(func_of(&w, "traps"), NO_VALS), "unreachable"));
      use_all(&w);
      _exit(0);
    }
    CHECK(outcome_of(grandchild) == 0);
    close_world(&w);
    _exit(0);
  }
  use_all(&w);
  CHECK(outcome_of(child) == 0);
  use_all(&w);
  CHECK(call(func_of(&w, "calls_vectors"), NO_VALS).of.i64 == 332211);
  close_world(&w);
}

static atomic_bool stop;

static void* compile_all_the_time(void* engine) {
  while (!atomic_load(&stop)) {
    world_t w = {.engine = engine, .store = wasm_store_new(engine)};
    w.module = load(w.store, "first_calls");
    instantiate(&w, NO_IMPORTS);
    use_all(&w);
    close_but_engine(&w);
  }
  return NULL;
}

TEST(a_child_compiles_although_other_threads_did_at_the_fork) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  SKIP("the sanitizer's malloc does not survive a fork while other threads use it");
#endif
  world_t w = open_lazy();
  pthread_t thread = start_thread(0, compile_all_the_time, w.engine);
  for (int i = 0; i < (slow() ? 3 : 50); ++i) {
    pid_t child = start_child();
    if (!child) {
      use_all(&w);
      world_t more = {.engine = w.engine, .store = wasm_store_new(w.engine)};
      more.module = load(more.store, "first_calls");
      instantiate(&more, NO_IMPORTS);
      use_all(&more);
      _exit(0);
    }
    CHECK(outcome_of(child) == 0);
  }
  atomic_store(&stop, true);
  CHECK(!pthread_join(thread, NULL));
  close_world(&w);
}

// --- What cannot be compiled ---

TEST(a_function_that_cannot_be_compiled_traps_and_says_why) {
  own wasm_config_t* config = lazy_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_COMPILE_MEMORY, 250000));
  world_t w = open_world_with(config, "much_code");
  for (int i = 0; i < 3; ++i) {
    // The function itself, and one that it calls; its caller is the one that traps.
    CHECK(says(call_trap(func_of(&w, "moves"), MANY), "WASMRT_OPTION_MAX_COMPILE_MEMORY"));
    own wasm_trap_t* trap = call_trap(func_of(&w, "calls_moves"), NO_VALS);
    CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_REFUSED);
    own wasm_frame_t* origin = wasm_trap_origin(trap);
    CHECK(origin && wasm_frame_instance(origin) == w.instance);
    wasm_frame_delete(origin);
    CHECK(says(trap, "WASMRT_OPTION_MAX_COMPILE_MEMORY"));
    CHECK(call_i32(&w, "one", NO_VALS) == 1);
  }
  close_world(&w);
}

TEST(a_function_that_finds_no_memory_traps_and_is_compiled_when_there_is_some) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  SKIP("the sanitizer's memory counts");
#endif
  for (size_t more = 0; more < (16 << 20); more += 512 << 10) {
    pid_t child = start_child();
    if (child) {
      CHECK(outcome_of(child) == 0);
      continue;
    }
    world_t w = open_lazy();
    limit_address_space(address_space_now() + more);
    wasm_val_t out[1];
    own wasm_trap_t* trap =
        wasm_func_call(func_of(&w, "indirect"), &VALS(I32(2), I32(1000)), &(wasm_val_vec_t){1, out});
    limit_address_space(RLIM_INFINITY);
    if (trap) CHECK(says(trap, "memory"));
    else CHECK(out[0].of.i32 == 1102);
    use_all(&w);
    close_world(&w);
    _exit(0);
  }
}

// --- Lifetimes ---

TEST(functions_are_compiled_after_their_module_and_engine_were_deleted) {
  world_t w = open_lazy();
  wasm_module_delete(w.module);
  wasm_engine_delete(w.engine);
  CHECK(call(wasm_extern_as_func(w.exports.data[1]), VALS(I32(5), I32(1))).of.i32 == 106);
  wasm_extern_vec_delete(&w.exports);
  wasm_instance_delete(w.instance);
  wasm_store_delete(w.store);
}

TEST(a_module_serialized_before_any_call_has_all_of_its_code) {
  world_t w = open_lazy();
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(w.module, &bytes);
  CHECK(bytes.size > 0);
  world_t other = {.engine = wasm_engine_new_with_config(lazy_config())};
  other.store = wasm_store_new(other.engine);
  other.module = wasm_module_deserialize(other.store, &bytes);
  CHECK(other.module);
  instantiate(&other, NO_IMPORTS);
  use_all(&other);
  own wasm_byte_vec_t again;
  wasm_module_serialize(other.module, &again);
  CHECK(again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0);
  wasm_byte_vec_delete(&again);
  wasm_byte_vec_delete(&bytes);
  close_world(&other);
  use_all(&w);
  close_world(&w);
}
