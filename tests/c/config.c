// Configuration and engine: which settings are allowed, the defaults, and the number of engines.

#include "host.h"

static int32_t forty_two(wasm_engine_t* engine) {
  world_t w = {.engine = engine, .store = wasm_store_new(engine)};
  CHECK(w.store);
  w.module = load(w.store, "arithmetic");
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  int32_t result = call_i32(&w, "add", VALS(I32(40), I32(2)));
  close_world(&w);
  return result;
}

TEST(engine_without_configuration_runs_a_module) {
  wasm_engine_t* engine = wasm_engine_new();
  CHECK(engine);
  CHECK(forty_two(engine) == 42);
}

TEST(no_configuration_means_the_default_one) {
  wasm_engine_t* engine = wasm_engine_new_with_config(NULL);
  CHECK(engine);
  CHECK(forty_two(engine) == 42);
}

TEST(configuration_that_is_not_used_can_be_deleted) {
  own wasm_config_t* config = wasm_config_new();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 3));
  wasm_config_delete(config);
  wasm_config_delete(NULL);
}

TEST(unknown_option_is_refused_in_words) {
  own wasm_config_t* config = wasm_config_new();
  CHECK(!wasmrt_config_set(config, (wasmrt_option_t)9999, 1));
  CHECK(error_says("unknown option 9999"));
  CHECK(!wasmrt_config_set(NULL, WASMRT_OPTION_WORKERS, 1));
  CHECK(has_error());
  wasm_config_delete(config);
}

TEST(refused_value_is_named_with_its_option) {
  own wasm_config_t* config = wasm_config_new();
  CHECK(!wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, 77));
  CHECK(error_says("WASMRT_OPTION_BOUNDS: there is no value 77"));
  CHECK(!wasmrt_config_set(config, WASMRT_OPTION_PROFILER, 3));
  CHECK(error_says("WASMRT_OPTION_PROFILER: there is no value 3"));
  CHECK(!wasmrt_config_set(config, WASMRT_OPTION_MAX_WASM_STACK, 1));
  CHECK(error_says("WASMRT_OPTION_MAX_WASM_STACK: 1 is below 4096"));
  CHECK(!wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 1000));
  CHECK(error_says("WASMRT_OPTION_WORKERS: 1000 is above 256"));
  wasm_config_delete(config);
}

// Values that no engine could work with, option by option, and the nearest values that are accepted.
static const struct {
  wasmrt_option_t option;
  uint64_t refused, taken;
} bounds_of_options[] = {{WASMRT_OPTION_WORKERS, 257, 256},
                         {WASMRT_OPTION_BOUNDS, 3, WASMRT_BOUNDS_EXPLICIT},
                         {WASMRT_OPTION_SIGNALS, 2, 1},
                         {WASMRT_OPTION_MAX_WASM_STACK, 0, 4096},
                         {WASMRT_OPTION_MAX_WASM_STACK, 4095, 4096},
                         {WASMRT_OPTION_MAX_WASM_STACK, UINT64_MAX, 1 << 20},
                         {WASMRT_OPTION_CPU_FEATURES, 2, 1},
                         {WASMRT_OPTION_COMPILE, 5, WASMRT_COMPILE_BOTH},
                         {WASMRT_OPTION_TIER_UP, 1000001, 1000000},
                         {WASMRT_OPTION_TIER_UP, 0x20000000, 0x20000001},
                         {WASMRT_OPTION_TIER_UP, 0x30000000, 0x2fffffff},
                         {WASMRT_OPTION_TIER_UP, 0x80000000, 0x7fffffff},
                         {WASMRT_OPTION_SPECTRE_MASKS, 2, 1},
                         {WASMRT_OPTION_METERED, 3, WASMRT_METERED_BOTH},
                         {WASMRT_OPTION_MAX_MEMORY_PAGES, UINT64_MAX, (uint64_t)1 << 48},
                         {WASMRT_OPTION_MAX_FUNCTION_SIZE, 0, 100000},
                         {WASMRT_OPTION_MAX_FUNCTION_SIZE, 7654322, 7654321},
                         {WASMRT_OPTION_MAX_LOCALS, 50001, 50000},
                         {WASMRT_OPTION_MAX_PARAMS, 1001, 1000},
                         {WASMRT_OPTION_MAX_MODULE_SIZE, 0, 100000},
                         {WASMRT_OPTION_MAX_MODULE_SIZE, ((uint64_t)1 << 30) + 1, 1 << 30},
                         {WASMRT_OPTION_MAX_COMPILE_MEMORY, 0, 1 << 30},
                         {WASMRT_OPTION_PROFILER, 3, WASMRT_PROFILER_NONE},
                         {WASMRT_OPTION_DEBUGGER, 2, 0},
                         {WASMRT_OPTION_UNWINDER, 2, 0},
                         {WASMRT_OPTION_TIMELINE, 2, 1}};

TEST(value_that_cannot_work_is_refused_in_words) {
  for (size_t i = 0; i < sizeof bounds_of_options / sizeof *bounds_of_options; ++i) {
    own wasm_config_t* config = wasm_config_new();
    forget_error();
    CHECK(!wasmrt_config_set(config, bounds_of_options[i].option, bounds_of_options[i].refused));
    CHECK(has_error());
    CHECK(wasmrt_config_set(config, bounds_of_options[i].option, bounds_of_options[i].taken));
    CHECK(!has_error());
    wasm_config_delete(config);
  }
}

TEST(every_mode_computes_and_traps_alike) {
  for (unsigned mode = 0; mode < 90; ++mode) {
    own wasm_config_t* config = wasm_config_new();
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, mode / 18));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, mode / 9 % 2));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, mode / 3 % 3));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, mode % 3));
    world_t w = {.engine = wasm_engine_new_with_config(config)};
    CHECK(w.engine);
    w.store = wasm_store_new(w.engine);
    w.module = load(w.store, "traps");
    CHECK(w.module);
    instantiate(&w, NO_IMPORTS);
    CHECK(call_i32(&w, "nested", VALS(I32(1))) == 3);
    CHECK(says(call_trap(func_of(&w, "load"), NO_VALS), "out of bounds memory access"));
    CHECK(says(call_trap(func_of(&w, "divide_by_zero"), NO_VALS), "integer divide by zero"));
    CHECK(says(call_trap(func_of(&w, "recurse"), NO_VALS), "call stack exhausted"));
    close_world(&w);
  }
}

TEST(many_engines_live_side_by_side) {
  own wasm_engine_t* engines[8];
  for (size_t i = 0; i < 8; ++i) engines[i] = test_engine();
  for (size_t i = 0; i < 8; ++i) CHECK(forty_two(engines[i]) == 42);
}

TEST(engines_come_and_go) {
  for (int i = 0; i < 50; ++i) wasm_engine_delete(test_engine());
}

TEST(library_says_which_it_is) {
  CHECK(wasmrt_version_number() == WASMRT_VERSION_NUMBER);
  CHECK(strncmp(wasmrt_build_info(), "wasmrt ", 7) == 0 && strstr(wasmrt_build_info(), "exceptions"));
}

TEST(smaller_wasm_stack_ends_recursion_earlier) {
  size_t depths[2];
  for (int i = 0; i < 2; ++i) {
    own wasm_config_t* config = test_config();
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_WASM_STACK, i ? 65536 : 524288));
    world_t w = {.engine = wasm_engine_new_with_config(config)};
    w.store = wasm_store_new(w.engine);
    w.module = load(w.store, "traps");
    instantiate(&w, NO_IMPORTS);
    size_t low = 1, high = 10000000;
    while (low < high) {  // the deepest recursion that still completes
      size_t middle = low + (high - low + 1) / 2;
      own wasm_trap_t* trap = call_trap(func_of(&w, "deep"), VALS(I32((int32_t)middle)));
      own wasm_message_t message;
      wasm_trap_message(trap, &message);
      if (message_has(&message, "unreachable")) low = middle;
      else high = middle - 1;
      wasm_name_delete(&message);
      wasm_trap_delete(trap);
    }
    depths[i] = low;
    close_world(&w);
  }
  CHECK(depths[1] > 100);
  CHECK(depths[0] > 4 * depths[1]);
}
