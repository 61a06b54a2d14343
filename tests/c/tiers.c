// Tiers: which functions are compiled, when and how, and that nobody notices when the code of a running program is
// replaced.

#define _GNU_SOURCE
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "host.h"
#include "process.h"

enum { FUNCTIONS = 8 };

static own wasm_config_t* config_of(uint64_t compile, uint64_t workers, uint64_t percent) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, percent));
  return config;
}

static world_t open_tiers(uint64_t compile, uint64_t workers, uint64_t percent) {
  return open_world_with(config_of(compile, workers, percent), "first_calls");
}

static wasmrt_stats_t stats_of(const world_t* w) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(w->module, &stats);
  return stats;
}

static int repeat(const world_t* w, int n, int which) { return call_i32(w, "repeat", VALS(I32(n), I32(which))); }

static void use_all(const world_t* w) {
  for (int which = 0; which < FUNCTIONS; ++which) CHECK(repeat(w, 1 + which, which) == (1 + which) * (100 + which));
  CHECK(call_i32(w, "tail", VALS(I32(1))) == 108);
}

// Runs a function until it and its caller are optimized, which happens in the background.
static void heat_up(const world_t* w, uint64_t functions) {
  for (int i = 0; stats_of(w).optimized.functions < functions; ++i) {
    CHECK(repeat(w, 10000, 3) == 10000 * 103);
    CHECK(i < 100000);
    usleep(100);
  }
}

// --- Statistics ---

TEST(statistics_say_what_was_compiled) {
  world_t w = open_tiers(WASMRT_COMPILE_OPTIMIZED, 2, 100);
  wasmrt_stats_t stats = stats_of(&w);
  CHECK(stats.functions > FUNCTIONS && stats.optimized.functions == stats.functions);
  CHECK(stats.optimized.code_bytes > stats.functions && stats.optimized.nanoseconds > 0);
  CHECK(!stats.baseline.functions && !stats.waiting && !stats.oversized);
  close_world(&w);
  w = open_tiers(WASMRT_COMPILE_BASELINE, 2, 100);
  stats = stats_of(&w);
  CHECK(stats.baseline.functions == stats.functions && !stats.optimized.functions);
  wasmrt_stats_t all = {.struct_size = sizeof all};
  wasmrt_engine_stats(w.engine, &all);
  CHECK(all.functions == stats.functions && all.baseline.code_bytes == stats.baseline.code_bytes);
  own wasm_module_t* more = load(w.store, "first_calls");
  wasmrt_engine_stats(w.engine, &all);
  CHECK(all.functions == 2 * stats.functions && all.baseline.functions == 2 * stats.functions);
  wasm_module_delete(more);
  close_world(&w);
}

// A function with 5,000 locals, which is too large to be optimized, and nothing else.
static own wasm_module_t* module_with_many_locals(wasm_store_t* store) {
  static const char bytes[] =
      "\0asm\1\0\0\0"
      "\1\4\1\x60\0\0"
      "\3\2\1\0"
      "\x0a\7\1\5\1\x88\x27\x7f\x0b";
  const wasm_byte_vec_t binary = {.size = sizeof bytes - 1, .data = (char*)bytes};
  return wasm_module_new(store, &binary);
}

TEST(statistics_say_what_was_too_large_to_be_optimized) {
  world_t w = open_tiers(WASMRT_COMPILE_OPTIMIZED, 0, 100);
  own wasm_module_t* module = module_with_many_locals(w.store);
  CHECK(module != NULL);
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(module, &stats);
  CHECK(stats.functions == 1 && stats.optimized.functions == 1 && stats.oversized == 1);
  wasm_module_delete(module);
  close_world(&w);
}

TEST(statistics_say_how_long_validating_took_where_nothing_is_compiled) {
  for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_BOTH; ++compile) {
    world_t w = open_tiers(compile, 2, 100);
    wasmrt_stats_t all = {.struct_size = sizeof all};
    wasmrt_engine_stats(w.engine, &all);
    CHECK((stats_of(&w).validation_nanoseconds > 0) == (compile < WASMRT_COMPILE_BASELINE));
    CHECK(all.validation_nanoseconds == stats_of(&w).validation_nanoseconds);
    close_world(&w);
  }
}

static uint64_t memory_of_engine(const world_t* w) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_engine_stats(w->engine, &stats);
  return stats.memory;
}

TEST(statistics_say_how_much_memory_modules_hold) {
  for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_BOTH; ++compile) {
    own wasm_byte_vec_t binary;
    read_module("first_calls", &binary);
    world_t w = open_tiers(compile, 0, 0);
    uint64_t before = stats_of(&w).memory;
    CHECK(before > binary.size && memory_of_engine(&w) == before);
    use_all(&w);
    wasmrt_stats_t stats = stats_of(&w);
    CHECK(stats.memory > binary.size + stats.baseline.code_bytes + stats.optimized.code_bytes);
    CHECK(stats.memory < 20 * (binary.size + stats.baseline.code_bytes + stats.optimized.code_bytes));
    CHECK(memory_of_engine(&w) == stats.memory && stats.memory >= before);

    own wasm_store_t* store = wasm_store_new(w.engine);
    own wasm_module_t* more = load(store, "first_calls");
    CHECK(memory_of_engine(&w) > stats.memory + binary.size);
    wasm_module_delete(more);
    wasm_store_delete(store);
    CHECK(memory_of_engine(&w) == stats.memory);
    // An instance keeps what it needs.
    wasm_module_delete(w.module);
    CHECK(memory_of_engine(&w) == stats.memory);
    wasm_extern_vec_delete(&w.exports);
    wasm_instance_delete(w.instance);
    wasm_store_delete(w.store);
    CHECK(memory_of_engine(&w) == 0);
    wasm_engine_delete(w.engine);
    wasm_byte_vec_delete(&binary);
  }
}

TEST(statistics_of_nothing_are_zeros) {
  wasmrt_stats_t stats;
  memset(&stats, 1, sizeof stats);
  stats.struct_size = sizeof stats;
  forget_error();
  wasmrt_module_stats(NULL, &stats);
  CHECK(has_error() && !stats.functions && !stats.baseline.code_bytes);
  memset(&stats, 1, sizeof stats);
  stats.struct_size = sizeof stats;
  forget_error();
  wasmrt_engine_stats(NULL, &stats);
  CHECK(has_error() && !stats.functions && !stats.waiting);
  wasmrt_engine_stats(NULL, NULL);
}

TEST(statistics_are_not_written_beyond_what_the_caller_has) {
  world_t w = open_tiers(WASMRT_COMPILE_OPTIMIZED, 0, 100);
  wasmrt_stats_t stats;
  memset(&stats, 7, sizeof stats);
  stats.struct_size = offsetof(wasmrt_stats_t, baseline);
  wasmrt_module_stats(w.module, &stats);
  CHECK(stats.functions > FUNCTIONS && stats.baseline.functions == 0x0707070707070707);
  CHECK(stats.struct_size == offsetof(wasmrt_stats_t, baseline));
  close_world(&w);
}

TEST(functions_are_compiled_at_their_first_call_and_no_others) {
  world_t w = open_tiers(WASMRT_COMPILE_LAZY_BASELINE, 2, 0);
  CHECK(!stats_of(&w).baseline.functions);
  CHECK(call_i32(&w, "indirect", VALS(I32(2), I32(1))) == 103);
  CHECK(stats_of(&w).baseline.functions == 2);
  CHECK(call_i32(&w, "indirect", VALS(I32(2), I32(5))) == 107);
  CHECK(stats_of(&w).baseline.functions == 2);
  CHECK(repeat(&w, 100000, 2) == 100000 * 102);
  wasmrt_stats_t stats = stats_of(&w);
  CHECK(stats.baseline.functions == 3 && !stats.optimized.functions && !stats.waiting);
  close_world(&w);
}

// --- Hot functions ---

TEST(without_workers_a_hot_function_is_optimized_at_once) {
  world_t w = open_tiers(WASMRT_COMPILE_TIERED, 0, 0);
  CHECK(call_i32(&w, "indirect", VALS(I32(2), I32(1))) == 103);
  wasmrt_stats_t stats = stats_of(&w);
  CHECK(stats.baseline.functions == 2 && stats.optimized.functions == 2);
  use_all(&w);
  stats = stats_of(&w);
  CHECK(stats.baseline.functions == stats.optimized.functions && !stats.waiting);
  close_world(&w);
}

TEST(a_hot_loop_is_noticed_in_a_single_call) {
  world_t w = open_tiers(WASMRT_COMPILE_TIERED, 0, 100);
  CHECK(repeat(&w, 10, 3) == 1030);
  CHECK(!stats_of(&w).optimized.functions);
  CHECK(repeat(&w, 1000000, 3) == 103000000);
  CHECK(stats_of(&w).optimized.functions == 2);
  close_world(&w);
}

TEST(hot_functions_are_optimized_in_the_background) {
  for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_BOTH; compile += WASMRT_COMPILE_BOTH) {
    world_t w = open_tiers(compile, 2, 1);
    heat_up(&w, 2);
    CHECK(repeat(&w, 1000000, 3) == 103000000);
    use_all(&w);
    close_world(&w);
  }
}

TEST(hot_functions_are_optimized_although_a_job_has_compiled_them) {
  world_t w = {.engine = wasm_engine_new_with_config(config_of(WASMRT_COMPILE_TIERED, 0, 1))};
  w.store = wasm_store_new(w.engine);
  own wasm_byte_vec_t binary;
  read_module("first_calls", &binary);
  wasmrt_job_options_t options = {.struct_size = sizeof options, .tier = WASMRT_TIER_BASELINE};
  own wasmrt_job_t* job = wasmrt_job_new(w.engine, &options);
  CHECK(wasmrt_job_feed(job, binary.data, binary.size) && wasmrt_job_feed(job, NULL, 0));
  w.module = wasmrt_job_module(job, w.store);
  CHECK(w.module);
  wasm_byte_vec_delete(&binary);
  wasmrt_job_delete(job);
  CHECK(stats_of(&w).baseline.functions == stats_of(&w).functions);
  instantiate(&w, NO_IMPORTS);
  heat_up(&w, 2);
  use_all(&w);
  close_world(&w);
}

TEST(elements_of_tables_lead_to_the_new_code) {
  world_t w = open_tiers(WASMRT_COMPILE_BOTH, 2, 0);
  call(func_of(&w, "copy"), NO_VALS);
  world_t user = {.engine = w.engine, .store = w.store, .module = load(w.store, "first_calls_user")};
  instantiate(&user, IMPORTS(export_of(&w, "table")));
  for (int round = 0; round < 20; ++round) {
    for (int which = 0; which < FUNCTIONS; ++which) {
      CHECK(repeat(&w, 1500, which) == 1500 * (100 + which));
      if (which < 7) CHECK(repeat(&user, 1500, 8 + which) == 1500 * (100 + which));
    }
  }
  heat_up(&w, FUNCTIONS);
  use_all(&w);
  wasm_extern_vec_delete(&user.exports);
  wasm_instance_delete(user.instance);
  wasm_module_delete(user.module);
  close_world(&w);
}

TEST(a_computation_takes_the_same_fuel_in_every_tier) {
  uint64_t expected = 0;
  static const uint64_t modes[][3] = {{WASMRT_COMPILE_OPTIMIZED, 0, 100}, {WASMRT_COMPILE_BASELINE, 0, 100},
                                      {WASMRT_COMPILE_TIERED, 0, 0},      {WASMRT_COMPILE_TIERED, 0, 100},
                                      {WASMRT_COMPILE_BOTH, 0, 10}};
  for (size_t i = 0; i < sizeof modes / sizeof *modes; ++i) {
    world_t w = {.engine = wasm_engine_new_with_config(config_of(modes[i][0], modes[i][1], modes[i][2]))};
    w.store = wasm_store_new(w.engine);
    CHECK(wasmrt_store_set_fuel(w.store, 100000000));
    w.module = load(w.store, "first_calls");
    instantiate(&w, NO_IMPORTS);
    CHECK(repeat(&w, 100000, 3) == 10300000);
    use_all(&w);
    uint64_t left = 0;
    CHECK(wasmrt_store_fuel(w.store, &left));
    CHECK(left && (!i || left == expected));
    expected = left;
    close_world(&w);
  }
}

// --- Several threads and processes ---

enum { THREADS = 8 };

// What threads have in common that use one module, each in a store of its own.
typedef struct common_t {
  wasm_engine_t* engine;
  const wasm_shared_module_t* shared;
  void (*use)(const world_t*, const struct common_t*);
  atomic_int waiting;  // threads that are not ready to begin
  atomic_bool stop;
} common_t;

static void* use_together(void* argument) {
  common_t* common = argument;
  world_t w = {.engine = common->engine, .store = wasm_store_new(common->engine)};
  w.module = wasm_module_obtain(w.store, common->shared);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  atomic_fetch_sub(&common->waiting, 1);
  while (atomic_load(&common->waiting) > 0) sched_yield();
  common->use(&w, common);
  close_but_engine(&w);
  return NULL;
}

// Returns when all of them begin.
static void start_all(common_t* common, pthread_t* threads) {
  atomic_store(&common->waiting, THREADS);
  for (int i = 0; i < THREADS; ++i) threads[i] = start_thread(0, use_together, common);
  while (atomic_load(&common->waiting) > 0) sched_yield();
}

static void join_all(const pthread_t* threads) {
  for (int i = 0; i < THREADS; ++i) CHECK(!pthread_join(threads[i], NULL));
}

static void use_often(const world_t* w, const common_t* common) {
  (void)common;
  for (int i = 0; i < (slow() ? 5 : 100); ++i) {
    use_all(w);
    CHECK(says(call_trap(func_of(w, "traps"), NO_VALS), "unreachable"));
  }
}

TEST(code_is_replaced_while_several_threads_run_it) {
  for (uint64_t workers = 0; workers < 3; workers += 2) {
    world_t w = open_tiers(WASMRT_COMPILE_TIERED, workers, 0);
    own wasm_shared_module_t* shared = wasm_module_share(w.module);
    common_t common = {.engine = w.engine, .shared = shared, .use = use_often};
    pthread_t threads[THREADS];
    start_all(&common, threads);
    join_all(threads);
    wasm_shared_module_delete(shared);
    close_world(&w);
  }
}

// In long calls, whose loop may be continued in other code, and in short ones.
static void heat_one(const world_t* w, const common_t* common) {
  (void)common;
  CHECK(repeat(w, 20000, 3) == 20000 * 103);
  for (int i = 0; i < 500; ++i) CHECK(repeat(w, 1 + i % 3, 3) == (1 + i % 3) * 103);
  CHECK(repeat(w, 20000, 3) == 20000 * 103);
}

TEST(threads_that_make_one_function_hot_at_the_same_time_all_get_its_results) {
  for (int round = 0; round < (slow() ? 4 : 24); ++round) {
    const uint64_t compile = round & 1 ? WASMRT_COMPILE_BOTH : WASMRT_COMPILE_TIERED;
    world_t w = open_tiers(compile, (uint64_t)(round & 2), (uint64_t)(round / 4 % 3));
    own wasm_shared_module_t* shared = wasm_module_share(w.module);
    common_t common = {.engine = w.engine, .shared = shared, .use = heat_one};
    pthread_t threads[THREADS];
    start_all(&common, threads);
    join_all(threads);
    heat_up(&w, 2);
    wasm_shared_module_delete(shared);
    close_world(&w);
  }
}

TEST(a_child_goes_on_with_the_functions_that_waited_at_the_fork) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  SKIP("the sanitizer's malloc does not survive a fork while other threads use it");
#endif
  for (int round = 0; round < (slow() ? 2 : 20); ++round) {
    world_t w = open_tiers(WASMRT_COMPILE_BOTH, 2, 0);
    use_all(&w);
    pid_t child = start_child();
    if (!child) {
      heat_up(&w, 3);
      use_all(&w);
      close_world(&w);
      _exit(0);
    }
    heat_up(&w, 3);
    use_all(&w);
    CHECK(outcome_of(child) == 0);
    close_world(&w);
  }
}

TEST(modules_stores_and_engines_are_deleted_while_their_functions_are_optimized) {
  for (int round = 0; round < (slow() ? 3 : 200); ++round) {
    world_t w = open_tiers(WASMRT_COMPILE_TIERED, 2, 0);
    use_all(&w);
    usleep(50 * (unsigned)(round % 20));
    close_world(&w);
  }
}

TEST(a_process_exits_while_functions_are_optimized) {
#ifdef __SANITIZE_THREAD__
  SKIP("the sanitizer takes threads at the end of a process for lost ones");
#endif
  for (int round = 0; round < 10; ++round) {
    pid_t child = start_child();
    if (!child) {
      world_t w = open_tiers(WASMRT_COMPILE_BOTH, 2, 0);
      use_all(&w);
      if (round % 2) exit(0);
      _exit(0);
    }
    CHECK(outcome_of(child) == 0);
  }
}

// --- Compiling everything now ---

TEST(everything_is_compiled_when_asked_for) {
  world_t w = open_tiers(WASMRT_COMPILE_LAZY_BASELINE, 2, 100);
  use_all(&w);
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_BASELINE));
  wasmrt_stats_t stats = stats_of(&w);
  CHECK(stats.baseline.functions == stats.functions && !stats.optimized.functions);
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_OPTIMIZED));
  stats = stats_of(&w);
  CHECK(stats.optimized.functions == stats.functions);
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_OPTIMIZED) && wasmrt_module_compile(w.module, WASMRT_TIER_BASELINE));
  CHECK(stats_of(&w).optimized.functions == stats.functions && stats_of(&w).baseline.functions == stats.functions);
  use_all(&w);
  CHECK(says(call_trap(func_of(&w, "traps"), NO_VALS), "unreachable"));
  close_world(&w);
}

static void use_until_stopped(const world_t* w, const common_t* common) {
  do {
    use_all(w);
    CHECK(says(call_trap(func_of(w, "traps"), NO_VALS), "unreachable"));
  } while (!atomic_load(&common->stop));
}

// Waits until nobody optimizes a function of the engine.
static void wait_for_quiet(const world_t* w) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  for (int i = 0; wasmrt_engine_stats(w->engine, &stats), stats.waiting; ++i) {
    CHECK(i < 60000);
    usleep(1000);
  }
}

// All functions have code of both kinds: asked for it again, nothing is compiled.
static void check_all_are_compiled(const world_t* w) {
  wait_for_quiet(w);
  const wasmrt_stats_t before = stats_of(w);
  CHECK(before.optimized.functions >= before.functions && !before.waiting);
  CHECK(wasmrt_module_compile(w->module, WASMRT_TIER_BASELINE) && wasmrt_module_compile(w->module, WASMRT_TIER_OPTIMIZED));
  const wasmrt_stats_t after = stats_of(w);
  CHECK(after.baseline.functions == before.baseline.functions && after.optimized.functions == before.optimized.functions);
}

static void compile_while_threads_use_the_module(uint64_t compile, uint64_t workers, uint64_t percent) {
  world_t w = open_tiers(compile, workers, percent);
  own wasm_shared_module_t* shared = wasm_module_share(w.module);
  common_t common = {.engine = w.engine, .shared = shared, .use = use_until_stopped};
  pthread_t threads[THREADS];
  start_all(&common, threads);
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_BASELINE));
  use_all(&w);
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_OPTIMIZED));
  use_all(&w);
  atomic_store(&common.stop, true);
  join_all(threads);
  check_all_are_compiled(&w);
  use_all(&w);
  wasm_shared_module_delete(shared);
  close_world(&w);
}

TEST(everything_is_compiled_while_other_threads_use_the_module) {
  for (int round = 0; round < (slow() ? 4 : 24); ++round) {
    const uint64_t compile = round & 1 ? WASMRT_COMPILE_BOTH : WASMRT_COMPILE_TIERED;
    compile_while_threads_use_the_module(compile, (uint64_t)(round & 2), round & 4 ? 100 : 0);
  }
}

TEST(what_cannot_be_compiled_is_refused_in_words) {
  world_t w = open_tiers(WASMRT_COMPILE_BASELINE, 2, 100);
  forget_error();
  CHECK(!wasmrt_module_compile(NULL, WASMRT_TIER_BASELINE) && has_error());
  forget_error();
  CHECK(!wasmrt_module_compile(w.module, 3) && error_says("unknown tier 3"));
  forget_error();
  CHECK(!wasmrt_module_compile(w.module, WASMRT_TIER_OPTIMIZED) && error_says("final"));
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_BASELINE));
  close_world(&w);
  w = open_tiers(WASMRT_COMPILE_OPTIMIZED, 2, 100);
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_OPTIMIZED) && wasmrt_module_compile(w.module, WASMRT_TIER_BASELINE));
  close_world(&w);
}
