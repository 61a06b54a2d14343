// Limits: settings of the engine that apply to every module; exceeding one is refused with a message and does
// no harm.

#include "host.h"

static void open_store_with(world_t* w, own wasm_config_t* config) {
  *w = (world_t){.engine = wasm_engine_new_with_config(config)};
  w->store = wasm_store_new(w->engine);
  CHECK(w->store);
}

static void open_limited(world_t* w, wasmrt_option_t option, uint64_t value) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, option, value));
  open_store_with(w, config);
}

TEST(memory_stops_at_the_limit_of_pages) {
  world_t w;
  open_limited(&w, WASMRT_OPTION_MAX_MEMORY_PAGES, 3);
  w.module = load(w.store, "state");
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  wasm_memory_t* memory = wasm_extern_as_memory(export_of(&w, "memory"));
  CHECK(call_i32(&w, "grow", VALS(I32(2))) == 1);
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == -1);
  CHECK(!wasm_memory_grow(memory, 1) && wasm_memory_size(memory) == 3);
  own wasm_memorytype_t* type = wasm_memorytype_new(&(wasm_limits_t){4, 5});
  forget_error();
  CHECK(!wasm_memory_new(w.store, type));
  CHECK(has_error());
  wasm_memorytype_delete(type);
  close_world(&w);
}

TEST(table_stops_at_the_limit_of_elements) {
  world_t w;
  open_limited(&w, WASMRT_OPTION_MAX_TABLE_ELEMENTS, 6);
  w.module = load(w.store, "state");
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "grow_table", VALS(I32(2))) == 4);
  CHECK(call_i32(&w, "grow_table", VALS(I32(1))) == -1);
  CHECK(!wasm_table_grow(wasm_extern_as_table(export_of(&w, "table")), 1, NULL));
  close_world(&w);
}

static void refused_by(wasmrt_option_t option, uint64_t refuses, uint64_t accepts, const char* name) {
  world_t w;
  open_limited(&w, option, refuses);
  forget_error();
  CHECK(!load(w.store, name));
  CHECK(has_error());
  close_world(&w);
  open_limited(&w, option, accepts);
  w.module = load(w.store, name);
  CHECK(w.module);
  close_world(&w);
}

TEST(module_larger_than_the_limit_is_refused) {
  refused_by(WASMRT_OPTION_MAX_MODULE_SIZE, 100, 100000, "arithmetic");
}
TEST(function_larger_than_the_limit_is_refused) {
  refused_by(WASMRT_OPTION_MAX_FUNCTION_SIZE, 50, 10000, "arithmetic");
}
TEST(more_parameters_than_the_limit_are_refused) {
  refused_by(WASMRT_OPTION_MAX_PARAMS, 20, 21, "arithmetic");
}
TEST(more_locals_than_the_limit_are_refused) {
  refused_by(WASMRT_OPTION_MAX_LOCALS, 3, 100, "callbacks");
}

TEST(compiling_in_too_little_memory_is_refused) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_OPTIMIZED));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_COMPILE_MEMORY, 1));
  world_t w;
  open_store_with(&w, config);
  forget_error();
  CHECK(!load(w.store, "arithmetic"));
  CHECK(has_error());
  close_world(&w);
}
