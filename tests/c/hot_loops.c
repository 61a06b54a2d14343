// Loops that are entered by optimized code while they run: whatever values they keep, and however they end, all is as
// if the function had been optimized from the start.

#include "host.h"

static const int COUNTS[] = {1, 2, 100, 5000, 200000};

// For WASMRT_OPTION_TIER_UP: at the first call, after a hundredth of what is usual, and in the first iterations.
#define ITERATION(n) (0x20000000 + (n))
static const int TIER_UP[] = {0, 1, ITERATION(1), ITERATION(2)};

static own wasm_config_t* config_of(int compile, int workers, int tier_up) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, (uint64_t)compile));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, (uint64_t)workers));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, (uint64_t)tier_up));
  return config;
}

static int last_of_host;

static own wasm_trap_t* host(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)results;
  wasm_store_t* store = env;
  last_of_host = args->data[0].of.i32;
  if (last_of_host != 1) return NULL;
  return trap_saying(store, "the last");
}

// Its host function traps when it is called with 1.
static world_t open_hot(own wasm_config_t* config, bool metered) {
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  CHECK(w.store);
  if (metered) CHECK(wasmrt_store_set_fuel(w.store, 1000000000));
  w.module = load(w.store, "hot_loops");
  CHECK(w.module);
  own wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  own wasm_func_t* func = wasm_func_new_with_env(w.store, type, host, w.store, NULL);
  wasm_functype_delete(type);
  instantiate(&w, IMPORTS(wasm_func_as_extern(func)));
  wasm_func_delete(func);
  return w;
}

// What an export answers in each of a series of calls.
static void compare(const char* name, bool metered) {
  for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; ++i) {
    world_t expected = open_hot(config_of(WASMRT_COMPILE_OPTIMIZED, 0, 100), metered);
    int32_t result = call_i32(&expected, name, VALS(I32(COUNTS[i])));
    uint64_t fuel = 0, used = 0;
    if (metered) CHECK(wasmrt_store_fuel(expected.store, &fuel));
    for (size_t k = 0; k < sizeof TIER_UP / sizeof *TIER_UP; ++k) {
      world_t w = open_hot(config_of(WASMRT_COMPILE_TIERED, 0, TIER_UP[k]), metered);
      CHECK(call_i32(&w, name, VALS(I32(COUNTS[i]))) == result);
      if (metered) CHECK(wasmrt_store_fuel(w.store, &used) && used == fuel);
      close_world(&w);
    }
    close_world(&expected);
  }
}

static const char* const NAMES[] = {"locals",  "below", "params", "otherwise", "branches", "passed", "nested",
                                    "three",   "results", "stack", "tail",    "caught",   "around"};

TEST(a_loop_goes_on_with_all_its_values) {
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; ++i) compare(NAMES[i], false);
}

TEST(a_loop_consumes_the_same_fuel_however_it_is_compiled) {
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; ++i) compare(NAMES[i], true);
}

// Without workers, with a timeline, and without the cache folder that other tests may have.
static world_t open_recorded(int percent) {
  own wasm_config_t* config = config_of(WASMRT_COMPILE_TIERED, 0, percent);
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIMELINE, 1));
  CHECK(wasmrt_config_set_cache(config, NULL, 0));
  return open_hot(config, false);
}

// How often code was made that enters a loop, in one call.
static int entries_with(const char* name, int n, int percent) {
  world_t w = open_recorded(percent);
  call_i32(&w, name, VALS(I32(n)));
  own wasm_byte_vec_t json;
  CHECK(wasmrt_engine_timeline(w.engine, WASMRT_TIMELINE_TRACE_EVENTS, &json));
  int found = 0;
  for (const char* at = json.data; (at = strstr(at, "\"cat\":\"optimized loop\"")); ++at) ++found;
  wasm_byte_vec_delete(&json);
  close_world(&w);
  return found;
}

static int entries(const char* name) { return entries_with(name, 200000, 1); }

// Whichever of them uses the budget up: its code has the loops around it, too.
TEST(of_loops_in_each_other_one_is_entered) {
  for (int percent = 1; percent <= 60; ++percent) {
    CHECK(entries_with("nested", 2000, percent) == 1);
    CHECK(entries_with("three", 2000, percent) == 1);
  }
}

// Bytes of code of that kind in a timeline.
static uint64_t code_bytes(const char* timeline, const char* kind) {
  uint64_t sum = 0;
  char tier[80];
  snprintf(tier, sizeof tier, "\"tier\":\"%s\"", kind);
  for (const char* at = timeline; (at = strstr(at, tier)); ++at) {
    const char* bytes = strstr(at, "\"code bytes\":");
    CHECK(bytes);
    sum += strtoull(bytes + strlen("\"code bytes\":"), NULL, 10);
  }
  return sum;
}

TEST(code_that_enters_loops_counts_in_the_statistics_but_not_as_a_function) {
  world_t w = open_recorded(1);
  call_i32(&w, "three", VALS(I32(2000)));
  own wasm_byte_vec_t json;
  CHECK(wasmrt_engine_timeline(w.engine, WASMRT_TIMELINE_TRACE_EVENTS, &json));
  uint64_t functions = code_bytes(json.data, "optimized"), loops = code_bytes(json.data, "optimized loop");
  CHECK(functions && loops);
  wasm_byte_vec_delete(&json);
  wasmrt_stats_t of_module = {.struct_size = sizeof of_module}, of_engine = {.struct_size = sizeof of_engine};
  wasmrt_module_stats(w.module, &of_module);
  wasmrt_engine_stats(w.engine, &of_engine);
  CHECK(of_module.optimized.functions == 1 && of_module.optimized.code_bytes == functions + loops);
  CHECK(of_engine.optimized.functions == 1 && of_engine.optimized.code_bytes == functions + loops);
  CHECK(of_module.optimized.nanoseconds && of_engine.optimized.nanoseconds == of_module.optimized.nanoseconds);
  close_world(&w);
}

TEST(loops_in_both_branches_of_an_if_with_parameters_are_entered) {
  CHECK(entries("below") == 1);
  CHECK(entries("otherwise") == 1);
  CHECK(entries("branches") >= 1);
}

TEST(every_loop_is_entered_in_its_first_iteration_if_that_is_asked_for) {
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; ++i) CHECK(entries_with(NAMES[i], 2, ITERATION(1)) >= 1);
}

// A number made of the places of all frames of the trap of a call.
static size_t places_of(const char* name, const char* message, size_t frames, int compile) {
  world_t w = open_hot(config_of(compile, 0, 1), false);
  own wasm_trap_t* trap = call_trap(func_of(&w, name), VALS(I32(200000)));
  own wasm_frame_vec_t trace;
  wasm_trap_trace(trap, &trace);
  CHECK(trace.size == frames);
  size_t places = 0;
  for (size_t i = 0; i < trace.size; ++i) {
    CHECK(wasm_frame_instance(trace.data[i]) == w.instance);
    places = places * 31 + wasm_frame_module_offset(trace.data[i]) + 7 * wasm_frame_func_index(trace.data[i]);
  }
  wasm_frame_vec_delete(&trace);
  CHECK(says(trap, message));
  close_world(&w);
  return places;
}

TEST(a_trap_shows_the_function_of_a_loop_once) {
  const struct {
    const char *name, *message;
    size_t frames;
  } cases[] = {{"traps", "out of bounds memory access", 2}, {"throws", "uncaught exception", 1}, {"calls", "the last", 1}};
  for (size_t i = 0; i < 3; ++i) {
    size_t optimized = places_of(cases[i].name, cases[i].message, cases[i].frames, WASMRT_COMPILE_OPTIMIZED);
    CHECK(places_of(cases[i].name, cases[i].message, cases[i].frames, WASMRT_COMPILE_TIERED) == optimized);
    CHECK(last_of_host <= 1);
  }
}

// How much of a timeline comes before what an export got in this way.
static ptrdiff_t moment(const wasm_byte_vec_t* timeline, const char* name, const char* kind) {
  char what[80];
  snprintf(what, sizeof what, "\"cat\":\"%s\",\"name\":\"%s\"", kind, name);
  const char* at = strstr(timeline->data, what);
  CHECK(at && !strstr(at + 1, what));
  return at - timeline->data;
}

TEST(a_loop_that_runs_gets_code_before_its_function_unless_that_has_calls) {
  const struct {
    const char* name;
    bool loop_first;
  } cases[] = {{"locals", true}, {"nested", true}, {"tail", false}};
  for (size_t i = 0; i < 3; ++i) {
    world_t w = open_recorded(1);
    call_i32(&w, cases[i].name, VALS(I32(5000)));
    own wasm_byte_vec_t timeline;
    CHECK(wasmrt_engine_timeline(w.engine, WASMRT_TIMELINE_TRACE_EVENTS, &timeline));
    bool is_first = moment(&timeline, cases[i].name, "optimized loop") < moment(&timeline, cases[i].name, "optimized");
    CHECK(is_first == cases[i].loop_first);
    wasm_byte_vec_delete(&timeline);
    close_world(&w);
  }
}

TEST(a_loop_is_entered_while_another_thread_compiles) {
  world_t expected = open_hot(config_of(WASMRT_COMPILE_OPTIMIZED, 0, 100), false);
  int32_t result = call_i32(&expected, "nested", VALS(I32(5000)));
  close_world(&expected);
  for (int round = 0; round < 10; ++round) {
    world_t w = open_hot(config_of(WASMRT_COMPILE_TIERED, 1, round), false);
    CHECK(call_i32(&w, "nested", VALS(I32(5000))) == result);
    close_world(&w);
  }
}

