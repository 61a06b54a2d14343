// The cache folder: a later start finds the code of an earlier one, and whatever is wrong with the folder or in it, the
// module runs as without.

#define _GNU_SOURCE
#include <sys/resource.h>

#include <pthread.h>

#include "cache.h"
#include "crowd.h"

// --- Starts after the first ---

TEST(second_start_compiles_nothing_and_computes_the_same) {
  for (uint64_t workers = 0; workers <= 2; workers += 2) {
    for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_BOTH; ++compile) {
      folder_t folder = new_folder();
      for (int start = 0; start < 3; ++start) {
        world_t w = open_cached(&folder, (setup_t){.compile = compile, .workers = workers});
        use_all(&w);
        wasmrt_stats_t stats = stats_of(&w);
        CHECK(stats.cache_hits == (start > 0) && stats.cache_misses == (start == 0));
        CHECK((stats.cache_bytes > 100) == (start > 0));
        CHECK((compiled_in(&w) == 0) == (start > 0));
        close_world(&w);
        CHECK(entries_in(&folder) == 1);
      }
      remove_folder(&folder);
    }
  }
}

// Makes the module of a world by a job that gets pieces of this size; tier 0 is what the setting says.
static void load_by_job(world_t* w, const char* name, size_t piece, wasmrt_tier_t tier) {
  own wasm_byte_vec_t binary;
  read_module(name, &binary);
  wasmrt_job_options_t options = {.struct_size = sizeof options, .tier = tier};
  own wasmrt_job_t* job = wasmrt_job_new(w->engine, &options);
  for (size_t at = 0; at < binary.size; at += piece) {
    size_t left = binary.size - at;
    CHECK(wasmrt_job_feed(job, binary.data + at, left < piece ? left : piece));
  }
  CHECK(wasmrt_job_feed(job, NULL, 0));
  CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
  wasmrt_progress_t progress = {.struct_size = sizeof progress};
  CHECK(wasmrt_job_poll(job, &progress) == WASMRT_JOB_DONE && progress.done == progress.functions);
  w->module = wasmrt_job_module(job, w->store);
  CHECK(w->module);
  wasmrt_job_delete(job);
  wasm_byte_vec_delete(&binary);
}

static world_t open_by_job(const folder_t* folder, setup_t setup, size_t piece, wasmrt_tier_t tier) {
  world_t w = {.engine = wasm_engine_new_with_config(cached_config(folder, setup))};
  w.store = wasm_store_new(w.engine);
  load_by_job(&w, "first_calls", piece, tier);
  instantiate(&w, NO_IMPORTS);
  return w;
}

TEST(second_start_through_a_job_finds_the_code_of_the_first) {
  for (uint64_t workers = 0; workers <= 2; workers += 2) {
    for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_BOTH; ++compile) {
      folder_t folder = new_folder();
      const setup_t setup = {.compile = compile, .workers = workers};
      // Whole, byte by byte, and not by a job.
      for (int start = 0; start < 4; ++start) {
        world_t w = start < 3 ? open_by_job(&folder, setup, start == 1 ? 1 : 1 << 20, 0) : open_cached(&folder, setup);
        use_all(&w);
        CHECK(stats_of(&w).cache_hits == (start > 0) && stats_of(&w).cache_misses == (start == 0));
        if (start == 3) CHECK(compiled_in(&w) == 0);
        close_world(&w);
        CHECK(entries_in(&folder) == 1);
      }
      remove_folder(&folder);
    }
  }
}

TEST(job_finds_what_was_kept_without_a_job) {
  folder_t folder = new_folder();
  for (int start = 0; start < 2; ++start) {
    const setup_t setup = {.compile = WASMRT_COMPILE_OPTIMIZED, .workers = 2};
    world_t w = start ? open_by_job(&folder, setup, 1 << 20, 0) : open_cached(&folder, setup);
    use_all(&w);
    CHECK(stats_of(&w).cache_hits == (uint64_t)start);
    close_world(&w);
  }
  remove_folder(&folder);
}

TEST(code_of_a_lower_tier_than_is_asked_for_is_not_used) {
  folder_t folder = new_folder();
  const setup_t setup = {.compile = WASMRT_COMPILE_OPTIMIZED};
  world_t w = open_by_job(&folder, setup, 1 << 20, WASMRT_TIER_BASELINE);
  CHECK(stats_of(&w).baseline.functions > 0);
  close_world(&w);
  for (int start = 0; start < 2; ++start) {
    w = open_cached(&folder, setup);
    use_all(&w);
    CHECK((stats_of(&w).optimized.functions > 0) == !start && stats_of(&w).cache_hits == (uint64_t)start);
    close_world(&w);
  }
  // But better code is.
  w = open_by_job(&folder, setup, 1 << 20, WASMRT_TIER_BASELINE);
  CHECK(stats_of(&w).cache_hits == 1);
  close_world(&w);
  CHECK(entries_in(&folder) == 1);
  remove_folder(&folder);
}

TEST(optimized_code_and_loops_of_a_run_are_there_in_the_next) {
  folder_t folder = new_folder();
  for (int start = 0; start < 3; ++start) {
    world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
    CHECK(repeat(&w, 1000000, 3) == 103000000);
    CHECK(stats_of(&w).optimized.functions == (start ? 0 : 2));
    if (start) CHECK(compiled_in(&w) == 0);
    close_world(&w);
  }
  remove_folder(&folder);
}

// --- When code is looked for ---

static uint64_t looked_up(const world_t* w) {
  wasmrt_stats_t stats = stats_of(w);
  return stats.cache_hits + stats.cache_misses;
}

TEST(module_of_which_nothing_is_called_looks_for_nothing) {
  folder_t folder = new_folder();
  for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_BOTH; ++compile) {
    const bool is_lazy = compile == WASMRT_COMPILE_TIERED || compile == WASMRT_COMPILE_LAZY_BASELINE;
    for (int start = 0; start < 2; ++start) {
      world_t w = open_cached(&folder, (setup_t){.compile = compile});
      CHECK(looked_up(&w) == !is_lazy);
      use_all(&w);
      CHECK(looked_up(&w) == 1 && stats_of(&w).cache_hits == (uint64_t)start);
      close_world(&w);
    }
  }
  remove_folder(&folder);
}

TEST(large_module_is_not_validated_again) {
  folder_t folder = new_folder();
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (uint64_t start = 0; start < 2; ++start) {
    own wasm_engine_t* engine = wasm_engine_new_with_config(cached_config(&folder, (setup_t){.workers = 0}));
    own wasm_store_t* store = wasm_store_new(engine);
    own wasm_module_t* module = wasm_module_new(store, &binary);
    wasmrt_stats_t stats = {.struct_size = sizeof stats};
    wasmrt_module_stats(module, &stats);
    CHECK(stats.cache_hits == start && stats.cache_misses == !start);
    use_large(store, module);
    wasm_store_delete(store);
    wasmrt_engine_stats(engine, &stats);
    CHECK(stats.cache_hits == start && stats.cache_misses == !start && stats.baseline.functions == !start);
    wasm_engine_delete(engine);
  }
  wasm_byte_vec_delete(&binary);
  remove_folder(&folder);
}

// A folder with the code of a run that called everything.
static folder_t used_folder(void) {
  folder_t folder = new_folder();
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  CHECK(repeat(&w, 1000000, 3) == 103000000);
  close_world(&w);
  return folder;
}

TEST(code_is_there_for_whoever_asks_before_the_first_call) {
  folder_t folder = used_folder();
  const setup_t setup = {.compile = WASMRT_COMPILE_TIERED, .workers = 2};
  // All that the first run did not call is compiled, and nothing else.
  world_t w = open_cached(&folder, setup);
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_BASELINE) && stats_of(&w).cache_hits == 1);
  const uint64_t others = compiled_in(&w);
  CHECK(others > 0 && others < stats_of(&w).functions - FUNCTIONS);
  use_all(&w);
  CHECK(compiled_in(&w) == others);
  close_but_engine(&w);
  wasm_engine_delete(w.engine);
  w = open_cached(&folder, setup);
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(w.module, &bytes);
  CHECK(stats_of(&w).cache_hits == 1);
  close_world(&w);
  w = (world_t){.engine = wasm_engine_new_with_config(test_config())};
  w.store = wasm_store_new(w.engine);
  w.module = wasm_module_deserialize(w.store, &bytes);
  instantiate(&w, NO_IMPORTS);
  use_all(&w);
  CHECK(compiled_in(&w) == 0);
  wasm_byte_vec_delete(&bytes);
  close_world(&w);
  remove_folder(&folder);
}

static void count_compiled(void* env, const wasmrt_event_info_t* info) {
  if (info->kind == WASMRT_EVENT_COMPILED) ++*(int*)env;
}

TEST(listener_is_told_when_the_first_call_finds_all_code) {
  folder_t folder = new_folder();
  int told = 0;
  for (int start = 0; start < 2; ++start) {
    world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
    if (!start) CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_BASELINE));
    wasmrt_module_set_event(w.module, count_compiled, &told, NULL);
    CHECK(told == 1);  // at the second start only the first call finds out
    use_all(&w);
    CHECK(told == 1 + start && compiled_in(&w) == (start ? 0 : stats_of(&w).functions));
    close_world(&w);
  }
  remove_folder(&folder);
}

TEST(code_is_found_although_the_module_was_deleted_before_the_first_call) {
  folder_t folder = used_folder();
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  const wasm_func_t* tail = wasm_extern_as_func(export_of(&w, "tail"));
  wasm_module_delete(w.module);
  w.module = NULL;
  CHECK(call(tail, VALS(I32(1))).of.i32 == 108);
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_engine_stats(w.engine, &stats);
  CHECK(stats.cache_hits == 1 && stats.baseline.functions + stats.optimized.functions == 0);
  close_world(&w);
  remove_folder(&folder);
}

typedef struct {
  wasm_engine_t* engine;
  const wasm_shared_module_t* shared;
  pthread_barrier_t* begin;
} caller_t;

static void* call_at_once(void* arg) {
  const caller_t* caller = arg;
  world_t w = {.engine = NULL};
  w.store = wasm_store_new(caller->engine);
  w.module = wasm_module_obtain(w.store, caller->shared);
  instantiate(&w, NO_IMPORTS);
  pthread_barrier_wait(caller->begin);
  use_all(&w);
  CHECK(repeat(&w, 100000, 3) == 10300000);
  use_all(&w);
  close_but_engine(&w);
  return NULL;
}

TEST(threads_that_call_at_once_share_what_one_of_them_finds) {
  enum { THREADS = 8 };
  folder_t folder = used_folder();
  for (int round = 0; round < 20; ++round) {
    own wasm_engine_t* engine =
        wasm_engine_new_with_config(cached_config(&folder, (setup_t){.workers = (uint64_t)round % 3}));
    own wasm_store_t* store = wasm_store_new(engine);
    own wasm_module_t* module = load(store, "first_calls");
    own wasm_shared_module_t* shared = wasm_module_share(module);
    pthread_barrier_t begin;
    CHECK(!pthread_barrier_init(&begin, NULL, THREADS));
    caller_t caller = {engine, shared, &begin};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; ++i) CHECK(!pthread_create(&threads[i], NULL, call_at_once, &caller));
    for (int i = 0; i < THREADS; ++i) CHECK(!pthread_join(threads[i], NULL));
    CHECK(!pthread_barrier_destroy(&begin));
    wasmrt_stats_t stats = {.struct_size = sizeof stats};
    wasmrt_module_stats(module, &stats);
    CHECK(stats.cache_hits == 1 && stats.cache_misses == 0);
    wasm_shared_module_delete(shared);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
  }
  CHECK(entries_in(&folder) == 1);
  remove_folder(&folder);
}

TEST(code_is_found_again_after_the_file_that_names_the_module_was_deleted) {
  folder_t folder = used_folder();
  char path[1024];
  path_of(&folder, ".wasmrt-module", path, sizeof path);
  CHECK(!unlink(path));
  for (uint64_t start = 0; start < 2; ++start) {
    world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
    use_all(&w);
    CHECK(stats_of(&w).cache_hits == start);
    close_world(&w);
    CHECK(files_in(&folder) == 3);
  }
  remove_folder(&folder);
}

TEST(each_run_adds_what_it_compiled) {
  folder_t folder = new_folder();
  uint64_t sum = 0;
  for (int which = 0; which < FUNCTIONS; ++which) {
    world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
    CHECK(repeat(&w, 2, which) == 2 * (100 + which));
    CHECK(compiled_in(&w) == (which ? 1 : 2));
    sum += compiled_in(&w);
    close_world(&w);
  }
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  for (int which = 0; which < FUNCTIONS; ++which) CHECK(repeat(&w, 2, which) == 2 * (100 + which));
  CHECK(sum == FUNCTIONS + 1 && !compiled_in(&w));
  close_world(&w);
  remove_folder(&folder);
}

TEST(short_run_does_not_replace_what_a_longer_one_has_written_meanwhile) {
  folder_t folder = new_folder();
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  CHECK(repeat(&w, 2, 0) == 200);
  world_t longer = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&longer);
  close_world(&longer);
  close_world(&w);
  w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  CHECK(!compiled_in(&w));
  close_world(&w);
  remove_folder(&folder);
}

TEST(function_that_was_hot_is_optimized_when_it_is_called_again) {
  folder_t folder = new_folder();
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  int rounds = 0;
  for (; !stats_of(&w).optimized.functions; ++rounds) CHECK(repeat(&w, 10, 3) == 1030);
  close_world(&w);
  remove_folder(&folder);
  folder = new_folder();
  for (int start = 0, i = 0; i < rounds; ++start) {
    w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
    for (int k = 0; k <= rounds / 2 && i < rounds; ++k, ++i) {
      CHECK(repeat(&w, 10, 3) == 1030);
      // Another function each time, so that there is something to be kept.
      CHECK(repeat(&w, 1, start) == 100 + start);
    }
    if (i == rounds) CHECK(stats_of(&w).optimized.functions > 0);
    close_world(&w);
  }
  remove_folder(&folder);
}

// Calls elements of the table, the same one or all in turn, until there is optimized code for `repeat`, which the second start
// makes if the first one ends before it. The size of that code; the number of rounds is `*rounds`.
static uint64_t code_of_repeat(bool in_turn, int restart_at, int* rounds) {
  folder_t folder = new_folder();
  const setup_t setup = {.compile = WASMRT_COMPILE_TIERED};
  world_t w = open_cached(&folder, setup);
  uint64_t before = 0, size = 0;
  for (*rounds = 0; size < 100; ++*rounds) {
    if (*rounds == restart_at) {
      close_world(&w);
      w = open_cached(&folder, setup);
      before = 0;
    }
    int which = in_turn ? *rounds % FUNCTIONS : 3;
    CHECK(repeat(&w, 10, which) == 10 * (100 + which));
    // The other functions are much smaller.
    size = stats_of(&w).optimized.code_bytes - before;
    before += size;
  }
  close_world(&w);
  remove_folder(&folder);
  return size;
}

TEST(what_indirect_calls_called_is_known_in_the_next_run) {
  int rounds, in_turn, later;
  uint64_t inlined = code_of_repeat(false, -1, &rounds);
  CHECK(code_of_repeat(true, -1, &in_turn) != inlined);
  CHECK(code_of_repeat(false, rounds - 1, &later) == inlined && later == rounds);
}

// How often two functions are called until one is optimized, by the caller itself.
static int rounds_until_optimized(const folder_t* folder, setup_t setup) {
  world_t w = open_cached(folder, setup);
  int rounds = 0;
  for (; !stats_of(&w).optimized.functions; ++rounds) CHECK(repeat(&w, 10, 3) == 1030);
  CHECK(stats_of(&w).cache_misses == 1);
  close_world(&w);
  return rounds;
}

// As an update of the library does, which looks for other names.
static void forget_code(const folder_t* folder) {
  char path[1024];
  entry_path(folder, path, sizeof path);
  CHECK(!unlink(path));
}

// The rounds in a folder where nothing is known, which then knows what was hot.
static int first_rounds(folder_t* folder, setup_t setup) {
  *folder = new_folder();
  int rounds = rounds_until_optimized(folder, setup);
  CHECK(rounds > 40);
  forget_code(folder);
  return rounds;
}

TEST(what_was_hot_is_optimized_sooner_although_the_library_was_updated) {
  folder_t folder;
  const setup_t setup = {.compile = WASMRT_COMPILE_TIERED};
  int first = first_rounds(&folder, setup);
  // Again and again: what an update has not called yet stays known.
  for (int update = 0; update < 3; ++update) {
    CHECK(rounds_until_optimized(&folder, setup) < first / 4);
    forget_code(&folder);
  }
  CHECK(rounds_until_optimized(&folder, (setup_t){.compile = WASMRT_COMPILE_BOTH}) < first / 4);
  remove_folder(&folder);
}

TEST(what_was_hot_means_nothing_where_the_host_wants_it_otherwise) {
  folder_t folder;
  const setup_t setup = {.compile = WASMRT_COMPILE_TIERED};
  int first = first_rounds(&folder, setup);
  setup_t later = setup;
  later.option = WASMRT_OPTION_TIER_UP;
  later.value = 101;
  CHECK(rounds_until_optimized(&folder, later) >= first);
  forget_code(&folder);
  setup_t sealed = setup;
  sealed.secret = "one";
  CHECK(rounds_until_optimized(&folder, sealed) == first);
  forget_code(&folder);
  CHECK(rounds_until_optimized(&folder, setup) < first / 4);
  remove_folder(&folder);
}

static void flip(const char* path, long at);

TEST(damaged_record_of_what_was_hot_is_ignored) {
  const setup_t setup = {.compile = WASMRT_COMPILE_TIERED};
  for (int way = 0; way < 4; ++way) {
    folder_t folder;
    char path[1024];
    int first = first_rounds(&folder, setup);
    path_of(&folder, ".wasmrt-hot", path, sizeof path);
    if (way < 3) flip(path, way == 0 ? 0 : way == 1 ? 25 : -1);
    else CHECK(!truncate(path, 10));
    CHECK(rounds_until_optimized(&folder, setup) == first);
    remove_folder(&folder);
  }
}

TEST(modules_that_differ_in_anything_have_entries_of_their_own) {
  folder_t folder = new_folder();
  const setup_t setups[] = {
      {.compile = WASMRT_COMPILE_TIERED},
      {.compile = WASMRT_COMPILE_LAZY_BASELINE},
      {.compile = WASMRT_COMPILE_OPTIMIZED},
      {.compile = WASMRT_COMPILE_TIERED, .option = WASMRT_OPTION_CPU_FEATURES, .value = 0},
      {.compile = WASMRT_COMPILE_TIERED, .option = WASMRT_OPTION_TIER_UP, .value = 50},
      {.compile = WASMRT_COMPILE_TIERED, .option = WASMRT_OPTION_MAX_LOCALS, .value = 100},
      {.compile = WASMRT_COMPILE_TIERED, .metered = true},
      {.compile = WASMRT_COMPILE_TIERED, .secret = "one"},
      {.compile = WASMRT_COMPILE_TIERED, .secret = "two"},
      {.compile = WASMRT_COMPILE_TIERED, .module = "traps"},
  };
  const int n = sizeof setups / sizeof *setups;
  for (int start = 0; start < 2; ++start) {
    for (int i = 0; i < n; ++i) {
      world_t w = open_cached(&folder, setups[i]);
      if (setups[i].module) use_traps(&w);
      else use_all(&w);
      // On a processor with the least features one option changes nothing.
      bool alike = i == 3;
      CHECK(alike || stats_of(&w).cache_hits == (uint64_t)start);
      close_world(&w);
      if (!start) CHECK(alike || entries_in(&folder) >= i);
    }
  }
  CHECK(entries_in(&folder) >= n - 1);
  remove_folder(&folder);
}

TEST(limit_that_the_module_exceeds_holds_although_its_code_is_kept) {
  folder_t folder = new_folder();
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  close_world(&w);
  own wasm_config_t* config = cached_config(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_LOCALS, 1));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  own wasm_store_t* store = wasm_store_new(engine);
  CHECK(!load(store, "first_calls") && error_says("locals"));
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  remove_folder(&folder);
}

TEST(invalid_module_is_refused_each_time) {
  folder_t folder = new_folder();
  for (int start = 0; start < 2; ++start) {
    own wasm_config_t* config = cached_config(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
    own wasm_engine_t* engine = wasm_engine_new_with_config(config);
    own wasm_store_t* store = wasm_store_new(engine);
    // A function without parameters that returns nothing, whose body leaves a number.
    wasm_byte_vec_t bytes = {26, (wasm_byte_t*)"\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\n\6\1\4\0\x41\0\x0b"};
    CHECK(!wasm_module_new(store, &bytes) && has_error());
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK(entries_in(&folder) == 0);
  }
  remove_folder(&folder);
}

TEST(module_that_is_compiled_sooner_than_found_is_not_kept) {
  folder_t folder = new_folder();
  own wasm_engine_t* engine = wasm_engine_new_with_config(cached_config(&folder, (setup_t){.workers = 0}));
  own wasm_store_t* store = wasm_store_new(engine);
  // One function that does nothing.
  wasm_byte_vec_t bytes = {24, (wasm_byte_t*)"\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\n\4\1\2\0\x0b"};
  own wasm_module_t* module = wasm_module_new(store, &bytes);
  CHECK(module && wasmrt_module_compile(module, WASMRT_TIER_BASELINE) && wasmrt_module_keep(module));
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(module, &stats);
  CHECK(stats.cache_hits + stats.cache_misses == 0);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  CHECK(files_in(&folder) == 0);
  remove_folder(&folder);
}

TEST(code_is_kept_when_the_host_asks) {
  folder_t folder = new_folder();
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED, .workers = 2});
  CHECK(wasmrt_module_keep(w.module));
  CHECK(entries_in(&folder) == 0);  // there is nothing to keep yet
  use_all(&w);
  CHECK(wasmrt_module_keep(w.module));
  CHECK(entries_in(&folder) == 1);
  world_t again = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED, .workers = 2});
  use_all(&again);
  CHECK(compiled_in(&again) == 0);
  close_world(&again);
  close_world(&w);
  forget_error();
  CHECK(!wasmrt_module_keep(NULL) && has_error());
  w = open_world("first_calls");
  CHECK(!wasmrt_module_keep(w.module) && error_says("no cache folder"));
  close_world(&w);
  remove_folder(&folder);
}

TEST(process_that_ends_without_deleting_anything_leaves_what_was_optimized_before) {
  folder_t folder = new_folder();
  const setup_t setup = {.compile = WASMRT_COMPILE_TIERED, .workers = 2};
  pid_t child = start_child();
  if (!child) {
    world_t w = open_cached(&folder, setup);
    for (int i = 0; !entries_in(&folder); ++i) {
      CHECK(repeat(&w, 10000, 3) == 10000 * 103);
      CHECK(i < 3000);
      usleep(10000);
    }
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
  world_t w = open_cached(&folder, setup);
  CHECK(repeat(&w, 10000, 3) == 10000 * 103);
  CHECK(stats_of(&w).cache_hits == 1);
  close_world(&w);
  remove_folder(&folder);
}

TEST(exit_without_deleting_is_no_harm) {
  folder_t folder = new_folder();
  pid_t child = start_child();
  if (!child) {
    world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED, .workers = 2});
    use_all(&w);
    wasm_extern_vec_delete(&w.exports);
    wasm_instance_delete(w.instance);
    wasm_module_delete(w.module);
    wasm_store_delete(w.store);
    exit(0);  // while the code is written
  }
  CHECK(outcome_of(child) == 0);
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  close_world(&w);
  remove_folder(&folder);
}

TEST(child_of_a_fork_uses_and_writes_the_folder) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  SKIP("the sanitizer's malloc does not survive a fork while other threads use it");
#endif
  if (slow()) return;  // the child has memory of threads that it does not have
  folder_t folder = new_folder();
  const setup_t setup = {.compile = WASMRT_COMPILE_TIERED, .workers = 2};
  for (int round = 0; round < 10; ++round) {
    world_t w = open_cached(&folder, setup);
    CHECK(repeat(&w, 1, round % FUNCTIONS) == 100 + round % FUNCTIONS);
    world_t other = open_cached(&folder, setup);
    CHECK(repeat(&other, 2, (round + 1) % FUNCTIONS) == 2 * (100 + (round + 1) % FUNCTIONS));
    close_but_engine(&other);  // its code is being written when the process forks
    pid_t child = start_child();
    if (!child) {
      use_all(&w);
      close_world(&w);
      wasm_engine_delete(other.engine);
      world_t own_world = open_cached(&folder, setup);
      use_all(&own_world);
      close_world(&own_world);
      _exit(0);
    }
    CHECK(outcome_of(child) == 0);
    use_all(&w);
    close_world(&w);
    wasm_engine_delete(other.engine);
  }
  CHECK(entries_in(&folder) == 1);
  world_t w = open_cached(&folder, setup);
  use_all(&w);
  CHECK(compiled_in(&w) == 0);
  close_world(&w);
  remove_folder(&folder);
}

// --- Entries that are not what they should be ---

typedef void (*spoil_t)(const char* path);

static void shorten(const char* path) { CHECK(!truncate(path, 1000)); }
static void empty(const char* path) { CHECK(!truncate(path, 0)); }
static void lengthen(const char* path) { CHECK(!truncate(path, 1000000)); }

static void flip(const char* path, long at) {
  FILE* file = fopen(path, "r+b");
  CHECK(file && !fseek(file, at, at < 0 ? SEEK_END : SEEK_SET));
  int byte = fgetc(file);
  CHECK(byte != EOF && !fseek(file, -1, SEEK_CUR));
  CHECK(fputc(byte ^ 16, file) != EOF && !fclose(file));
}

static void spoil_magic(const char* path) { flip(path, 0); }
static void spoil_name(const char* path) { flip(path, 200); }
static void spoil_code(const char* path) { flip(path, -100); }

static void link_to_it(const char* path) {
  char moved[1100];
  snprintf(moved, sizeof moved, "%s.moved", path);
  CHECK(!rename(path, moved) && !symlink(moved, path));
}

static void make_pipe(const char* path) { CHECK(!unlink(path) && !mkfifo(path, 0600)); }
static void open_to_others(const char* path) { CHECK(!chmod(path, 0666)); }

TEST(damaged_and_foreign_entries_are_ignored_and_replaced) {
  static const spoil_t spoils[] = {shorten,    empty,      lengthen,  spoil_magic,   spoil_name,
                                   spoil_code, link_to_it, make_pipe, open_to_others};
  for (size_t i = 0; i < sizeof spoils / sizeof *spoils; ++i) {
    folder_t folder = new_folder();
    const setup_t setup = {.compile = WASMRT_COMPILE_TIERED};
    for (int start = 0; start < 3; ++start) {
      world_t w = open_cached(&folder, setup);
      use_all(&w);
      CHECK(stats_of(&w).cache_hits == (start == 2));
      close_world(&w);
      char path[1024];
      CHECK(entries_in(&folder) == 1);
      entry_path(&folder, path, sizeof path);
      if (!start) spoils[i](path);
    }
    remove_folder(&folder);
  }
}

TEST(entry_of_another_module_is_not_used) {
  folder_t folder = new_folder(), other = new_folder();
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  close_world(&w);
  w = open_cached(&other, (setup_t){.compile = WASMRT_COMPILE_TIERED, .module = "traps"});
  use_traps(&w);
  close_world(&w);
  char mine[1024], foreign[1024];
  entry_path(&folder, mine, sizeof mine);
  entry_path(&other, foreign, sizeof foreign);
  CHECK(!rename(foreign, mine));
  w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  CHECK(stats_of(&w).cache_misses == 1);
  close_world(&w);
  remove_folder(&folder);
  remove_folder(&other);
}

TEST(entry_is_no_serialized_module) {
  folder_t folder = new_folder();
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  CHECK(wasmrt_module_keep(w.module));
  char path[1024];
  entry_path(&folder, path, sizeof path);
  forget_error();
  CHECK(!wasmrt_module_deserialize_file(w.store, path) && error_says("an entry of a cache folder"));
  close_world(&w);
  remove_folder(&folder);
}

TEST(module_that_was_deserialized_is_not_kept) {
  folder_t folder = new_folder();
  const setup_t setup = {.compile = WASMRT_COMPILE_TIERED};
  world_t w = open_world("first_calls");
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(w.module, &bytes);
  close_world(&w);
  w = (world_t){.engine = wasm_engine_new_with_config(cached_config(&folder, setup))};
  w.store = wasm_store_new(w.engine);
  w.module = wasm_module_deserialize(w.store, &bytes);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  use_all(&w);
  wasm_byte_vec_delete(&bytes);
  close_world(&w);
  CHECK(files_in(&folder) == 0);
  remove_folder(&folder);
}

TEST(entry_that_was_forged_without_the_key_is_not_used) {
  folder_t folder = new_folder(), open = new_folder();
  const setup_t sealed = {.compile = WASMRT_COMPILE_TIERED, .secret = "secret"};
  world_t w = open_cached(&folder, sealed);
  use_all(&w);
  close_world(&w);
  w = open_cached(&open, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  close_world(&w);
  char mine[1024], forged[1024];
  entry_path(&folder, mine, sizeof mine);
  entry_path(&open, forged, sizeof forged);
  CHECK(!rename(forged, mine));
  w = open_cached(&folder, sealed);
  use_all(&w);
  CHECK(stats_of(&w).cache_misses == 1);
  close_world(&w);
  remove_folder(&folder);
  remove_folder(&open);
}

// --- Folders that cannot be used ---

// The module runs as without a cache, and the log has one warning that says why.
static void expect_no_cache(const folder_t* folder, const char* words) {
  heard_t heard = {.words = words};
  for (uint64_t workers = 0; workers <= 2; workers += 2) {
    memset(heard.last, 0, sizeof heard.last);
    heard.count = 0;
    world_t w = open_cached(folder, (setup_t){.compile = WASMRT_COMPILE_TIERED, .workers = workers, .heard = &heard});
    use_all(&w);
    CHECK(stats_of(&w).cache_hits == 0 && stats_of(&w).cache_misses == 1);
    forget_error();
    CHECK(!wasmrt_module_keep(w.module) && has_error());
    close_world(&w);
    CHECK(heard.count == 1);
    if (!strstr(heard.last, words)) fprintf(stderr, "the log says: %s\n", heard.last);
    CHECK(strstr(heard.last, words));
  }
}

TEST(folder_that_others_can_write_to_is_not_used) {
  folder_t folder = new_folder();
  static const mode_t modes[] = {0777, 0770, 01777};
  for (int i = 0; i < 3; ++i) {
    CHECK(!chmod(folder.path, modes[i]));
    expect_no_cache(&folder, "others can write");
  }
  CHECK(!chmod(folder.path, 0700) && entries_in(&folder) == 0);
  remove_folder(&folder);
}

TEST(folder_of_another_user_is_not_used) {
  folder_t folder = new_folder();
  if (chown(folder.path, 12345, 12345) == 0) expect_no_cache(&folder, "another user");
  remove_folder(&folder);
}

TEST(folder_that_is_none_or_cannot_be_made_is_not_used) {
  folder_t file = {"/dev/null", 0}, under = {"/dev/null/cache", 0}, proc = {"/proc/no/such/folder", 0};
  expect_no_cache(&file, "Not a directory");
  expect_no_cache(&under, "Not a directory");
  expect_no_cache(&proc, "No such file");
}

TEST(folder_that_nobody_may_write_to_costs_nothing_but_the_cache) {
  if (geteuid() == 0) return;  // root may write everywhere
  folder_t folder = new_folder();
  CHECK(!chmod(folder.path, 0500));
  expect_no_cache(&folder, "denied");
  CHECK(!chmod(folder.path, 0700));
  remove_folder(&folder);
}

TEST(disk_without_room_costs_nothing_but_the_cache) {
  folder_t folder = new_folder();
  pid_t child = start_child();
  if (!child) {
    struct rlimit limit = {100, 100};
    CHECK(!setrlimit(RLIMIT_FSIZE, &limit));
    expect_no_cache(&folder, "too large");
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
  CHECK(files_in(&folder) == 0);
  remove_folder(&folder);
}

TEST(folder_is_made_for_this_user_alone_and_may_go_while_it_is_used) {
  folder_t parent = new_folder(), above = folder_in(&parent, "a"), folder = folder_in(&above, "b");
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  CHECK(wasmrt_module_keep(w.module));
  struct stat made;
  CHECK(!stat(folder.path, &made) && (made.st_mode & 0777) == 0700);
  char path[1024];
  entry_path(&folder, path, sizeof path);
  CHECK(!stat(path, &made) && (made.st_mode & 0777) == 0600);
  remove_folder(&folder);
  close_world(&w);
  w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  close_world(&w);
  CHECK(entries_in(&folder) == 1);
  remove_folder(&folder);
  remove_folder(&above);
  remove_folder(&parent);
}

TEST(folder_that_is_reached_by_a_link_is_used) {
  folder_t folder = new_folder(), parent = new_folder(), link = folder_in(&parent, "link");
  CHECK(!symlink(folder.path, link.path));
  for (int start = 0; start < 2; ++start) {
    world_t w = open_cached(&link, (setup_t){.compile = WASMRT_COMPILE_TIERED});
    use_all(&w);
    CHECK(stats_of(&w).cache_hits == (uint64_t)start);
    close_world(&w);
  }
  CHECK(!unlink(link.path));
  remove_folder(&folder);
  remove_folder(&parent);
}

TEST(relative_path_keeps_its_meaning) {
  folder_t folder = new_folder();
  char before[1024];
  CHECK(getcwd(before, sizeof before) && !chdir(folder.path));
  folder_t relative = {"kept", 0};
  own wasm_config_t* config = cached_config(&relative, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  CHECK(!chdir(before));
  world_t w = open_world_with(config, "first_calls");
  use_all(&w);
  close_world(&w);
  folder_t inside = folder_in(&folder, "kept");
  CHECK(entries_in(&inside) == 1);
  remove_folder(&inside);
  remove_folder(&folder);
}

// --- Size ---

TEST(entries_that_were_not_used_for_longest_are_removed) {
  folder_t folder = new_folder();
  folder.max_bytes = 40 << 10;
  char first[1024];
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_OPTIMIZED});
  close_world(&w);
  entry_path(&folder, first, sizeof first);
  struct stat entry;
  CHECK(!stat(first, &entry));
  const long on_disk = (entry.st_size + 4095) / 4096 * 4096;
  // Three, and the file that says that there are some.
  folder.max_bytes = (uint64_t)(3 * on_disk + 4096);
  // Entries of the same module with other settings are as large, or nearly.
  for (uint64_t locals = 0; locals < 6; ++locals) {
    const struct utimbuf past = {1000, 1000};
    // The first is used again before each of the others is made.
    setup_t setup = {.compile = WASMRT_COMPILE_OPTIMIZED, .option = WASMRT_OPTION_MAX_LOCALS, .value = 1000 + locals};
    w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_OPTIMIZED});
    CHECK(stats_of(&w).cache_hits == 1);
    close_world(&w);
    w = open_cached(&folder, setup);
    CHECK(stats_of(&w).cache_hits == 0);
    close_world(&w);
    CHECK(bytes_in(&folder) <= 3 * on_disk);
    each_entry(&folder, first, &past);
  }
  CHECK(entries_in(&folder) == 3);
  remove_folder(&folder);
}

TEST(entry_that_is_larger_than_all_may_be_is_not_kept) {
  folder_t folder = new_folder();
  folder.max_bytes = 1000;
  expect_no_cache(&folder, "larger");
  CHECK(files_in(&folder) == 0);
  remove_folder(&folder);
}

TEST(files_that_a_killed_process_left_are_removed_and_those_of_others_are_not) {
  folder_t folder = new_folder();
  char path[1024];
  static const char* const names[] = {"1-2-3.wasmrt-new", "4-5-6.wasmrt-new", "notes.txt", "x.wasmrt.old"};
  for (int i = 0; i < 4; ++i) {
    snprintf(path, sizeof path, "%s/%s", folder.path, names[i]);
    FILE* file = fopen(path, "w");
    CHECK(file && fputs("text", file) != EOF && !fclose(file));
    const struct utimbuf past = {1000, 1000};
    if (i != 1) CHECK(!utime(path, &past));
  }
  world_t w = open_cached(&folder, (setup_t){.compile = WASMRT_COMPILE_TIERED});
  use_all(&w);
  close_world(&w);
  CHECK(entries_in(&folder) == 1 && files_in(&folder) == 5);
  remove_folder(&folder);
}

// --- Arguments ---

TEST(folder_is_given_before_there_is_an_engine_and_can_be_taken_back) {
  folder_t folder = new_folder();
  forget_error();
  CHECK(!wasmrt_config_set_cache(NULL, folder.path, 1) && error_says("config is NULL"));
  own wasm_config_t* config = test_config();
  CHECK(!wasmrt_config_set_cache(config, "", 1 << 20) && has_error());
  CHECK(wasmrt_config_set_cache(config, folder.path, 1 << 20));
  CHECK(wasmrt_config_set_cache(config, NULL, 0));
  world_t w = open_world_with(config, "first_calls");
  use_all(&w);
  wasmrt_stats_t stats = stats_of(&w);
  CHECK(!stats.cache_hits && !stats.cache_misses && !stats.cache_bytes);
  close_world(&w);
  CHECK(files_in(&folder) == 0);
  remove_folder(&folder);
}
