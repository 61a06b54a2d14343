// What happens to a module's code, told to the host.

#define _GNU_SOURCE
#include <stdatomic.h>
#include <unistd.h>

#include "crowd.h"
#include "process.h"

typedef struct {
  atomic_int compiled, optimized, failed, finalized;
  atomic_uint last_function;
} told_t;

static void note_event(void* env, const wasmrt_event_info_t* info) {
  told_t* told = env;
  CHECK(info->struct_size >= sizeof *info);
  atomic_store(&told->last_function, info->function);
  switch (info->kind) {
    case WASMRT_EVENT_COMPILED:
      CHECK(!info->tier && info->function == UINT32_MAX && !info->error);
      atomic_fetch_add(&told->compiled, 1);
      break;
    case WASMRT_EVENT_OPTIMIZED:
      CHECK(info->tier == WASMRT_TIER_OPTIMIZED && !info->error);
      atomic_fetch_add(&told->optimized, 1);
      break;
    case WASMRT_EVENT_FAILED: {
      CHECK(info->tier && info->error);
      wasmrt_error_info_t error = {.struct_size = sizeof error};
      wasmrt_error_info(info->error, &error);
      CHECK(error.function == info->function);
      atomic_fetch_add(&told->failed, 1);
      break;
    }
    default: CHECK(false);
  }
}

static void note_end(void* env) { atomic_fetch_add(&((told_t*)env)->finalized, 1); }

static world_t open_told(told_t* told, uint64_t compile, uint64_t workers) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, 1));
  world_t w = open_world_with(config, "first_calls");
  *told = (told_t){0};
  wasmrt_module_set_event(w.module, note_event, told, note_end);
  return w;
}

static void be_hot(const world_t* w) {
  CHECK(call_i32(w, "repeat", VALS(I32(100000), I32(3))) == 100000 * 103);
}

TEST(that_all_functions_have_code_is_told_once) {
  told_t told;
  for (uint64_t compile = WASMRT_COMPILE_BASELINE; compile <= WASMRT_COMPILE_BOTH; ++compile) {
    world_t w = open_told(&told, compile, 2);
    CHECK(told.compiled == 1);
    close_world(&w);
    CHECK(told.compiled == 1 && told.finalized == 1);
  }
  world_t w = open_told(&told, WASMRT_COMPILE_LAZY_BASELINE, 2);
  CHECK(call_i32(&w, "repeat", VALS(I32(1), I32(3))) == 103);
  CHECK(told.compiled == 0);
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_BASELINE));
  CHECK(told.compiled == 1 && !told.optimized && !told.failed);
  CHECK(wasmrt_module_compile(w.module, WASMRT_TIER_OPTIMIZED));
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(w.module, &stats);
  CHECK(told.compiled == 1 && (uint64_t)told.optimized == stats.functions);
  close_world(&w);
}

TEST(the_first_call_of_the_last_function_completes_the_code) {
  unsigned seed = 1;
  own wasm_byte_vec_t binary;
  module_of_new_types(&seed, 20, &binary);
  for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_LAZY_BASELINE; ++compile) {
    own wasm_config_t* config = test_config();
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile));
    world_t w = {.engine = wasm_engine_new_with_config(config)};
    w.store = wasm_store_new(w.engine);
    w.module = wasm_module_new(w.store, &binary);
    told_t told = {0};
    wasmrt_module_set_event(w.module, note_event, &told, note_end);
    instantiate(&w, NO_IMPORTS);
    CHECK(told.compiled == 0);
    --w.exports.size;
    call_all(&w.exports);
    CHECK(told.compiled == 0);
    ++w.exports.size;
    call_all(&w.exports);
    CHECK(told.compiled == 1 && !told.failed);
    close_world(&w);
    CHECK(told.finalized == 1);
  }
  wasm_byte_vec_delete(&binary);
}

TEST(hot_functions_are_told) {
  told_t told;
  for (uint64_t workers = 0; workers < 2; ++workers) {
    world_t w = open_told(&told, WASMRT_COMPILE_TIERED, workers);
    for (int i = 0; !atomic_load(&told.optimized); ++i) {
      be_hot(&w);
      usleep(1000);
      CHECK(i < 10000);
    }
    CHECK(told.last_function != UINT32_MAX && !told.failed && !told.compiled);
    close_world(&w);
    CHECK(told.finalized == 1);
  }
}

TEST(another_callback_replaces_the_former_one) {
  told_t one, two = {0};
  world_t w = open_told(&one, WASMRT_COMPILE_TIERED, 0);
  wasmrt_module_set_event(w.module, note_event, &two, note_end);
  CHECK(one.finalized == 1 && !two.finalized);
  be_hot(&w);
  CHECK(!one.optimized && two.optimized);
  wasmrt_module_set_event(w.module, NULL, &one, note_end);
  CHECK(one.finalized == 2 && two.finalized == 1);
  close_world(&w);
  forget_error();
  wasmrt_module_set_event(NULL, note_event, &two, note_end);
  CHECK(two.finalized == 2 && has_error());
}

TEST(the_module_in_other_stores_has_the_same_callback) {
  told_t told;
  world_t w = open_told(&told, WASMRT_COMPILE_TIERED, 0);
  own wasm_shared_module_t* shared = wasm_module_share(w.module);
  close_but_engine(&w);
  CHECK(!told.finalized);
  w.store = wasm_store_new(w.engine);
  w.module = wasm_module_obtain(w.store, shared);
  instantiate(&w, NO_IMPORTS);
  be_hot(&w);
  CHECK(told.optimized);
  wasm_shared_module_delete(shared);
  close_world(&w);
  CHECK(told.finalized == 1);
}

static world_t open_refusing(told_t* told) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_LAZY_BASELINE));
  // Too little for one of its functions.
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_COMPILE_MEMORY, 250000));
  world_t w = open_world_with(config, "much_code");
  *told = (told_t){0};
  wasmrt_module_set_event(w.module, note_event, told, note_end);
  return w;
}

TEST(a_function_that_cannot_be_compiled_is_told) {
  told_t told;
  world_t w = open_refusing(&told);
  wasm_trap_delete(call_trap(func_of(&w, "calls_moves"), NO_VALS));
  CHECK(told.failed == 1 && !told.compiled && told.last_function != UINT32_MAX);
  close_world(&w);
  w = open_refusing(&told);
  CHECK(!wasmrt_module_compile(w.module, WASMRT_TIER_BASELINE));
  CHECK(told.failed == 1 && !told.compiled);
  close_world(&w);
}
