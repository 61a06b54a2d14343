// Serialized modules with the code of several tiers: what is in them, and that it goes on where it was.

#define _GNU_SOURCE
#include <unistd.h>

#include "host.h"

enum { FUNCTIONS = 8 };

static own wasm_engine_t* engine_of(uint64_t compile, uint64_t workers, uint64_t percent) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, percent));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  CHECK(engine);
  return engine;
}

static wasmrt_stats_t stats_of(const world_t* w) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(w->module, &stats);
  return stats;
}

static world_t open_module(own wasm_engine_t* engine, const char* name) {
  world_t w = {.engine = engine, .store = wasm_store_new(engine)};
  w.module = load(w.store, name);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  return w;
}

// In an engine that takes nothing over from the one that wrote the bytes, which are consumed.
static world_t open_bytes(own wasm_engine_t* engine, own wasm_byte_vec_t* bytes) {
  world_t w = {.engine = engine, .store = wasm_store_new(engine)};
  w.module = wasm_module_deserialize(w.store, bytes);
  CHECK(w.module);
  wasm_byte_vec_delete(bytes);
  instantiate(&w, NO_IMPORTS);
  return w;
}

static own wasm_byte_vec_t written(const world_t* w, wasmrt_serialize_t contents) {
  own wasm_byte_vec_t bytes;
  wasmrt_module_serialize(w->module, contents, &bytes);
  CHECK(bytes.size && bytes.data);
  return bytes;
}

static int repeat(const world_t* w, int n, int which) { return call_i32(w, "repeat", VALS(I32(n), I32(which))); }

static void use_all(const world_t* w) {
  for (int which = 0; which < FUNCTIONS; ++which) CHECK(repeat(w, 1 + which, which) == (1 + which) * (100 + which));
  CHECK(call_i32(w, "tail", VALS(I32(1))) == 108);
  CHECK(call_i32(w, "deep", VALS(I32(20), I32(2))) == 122);
}

// Whether nothing was compiled for this module.
static bool nothing_compiled(const world_t* w) {
  wasmrt_stats_t stats = stats_of(w);
  return !stats.baseline.functions && !stats.optimized.functions;
}

// --- What is in the bytes ---

TEST(what_exists_is_kept_and_nothing_else) {
  world_t w = open_module(engine_of(WASMRT_COMPILE_TIERED, 0, 100), "first_calls");
  CHECK(repeat(&w, 10, 3) == 1030);
  own wasm_byte_vec_t bytes = written(&w, WASMRT_SERIALIZE_EXISTING);
  CHECK(stats_of(&w).baseline.functions == 2);
  close_world(&w);
  w = open_bytes(engine_of(WASMRT_COMPILE_TIERED, 0, 100), &bytes);
  CHECK(repeat(&w, 10, 3) == 1030);
  CHECK(nothing_compiled(&w));
  use_all(&w);
  CHECK(stats_of(&w).baseline.functions > 7);
  close_world(&w);
}

TEST(module_that_has_not_run_is_kept_without_code) {
  world_t w = open_module(engine_of(WASMRT_COMPILE_TIERED, 0, 100), "first_calls");
  own wasm_byte_vec_t bytes = written(&w, WASMRT_SERIALIZE_EXISTING);
  close_world(&w);
  w = open_bytes(engine_of(WASMRT_COMPILE_TIERED, 0, 100), &bytes);
  use_all(&w);
  close_world(&w);
}

TEST(missing_functions_are_compiled_as_asked) {
  static const wasmrt_serialize_t contents[] = {WASMRT_SERIALIZE_BASELINE, WASMRT_SERIALIZE_OPTIMIZED};
  static const uint64_t compile[] = {WASMRT_COMPILE_TIERED, WASMRT_COMPILE_LAZY_BASELINE, WASMRT_COMPILE_BASELINE,
                                     WASMRT_COMPILE_OPTIMIZED, WASMRT_COMPILE_BOTH};
  for (int used = 0; used < 2; ++used) {
    for (int i = 0; i < 2; ++i) {
      for (size_t k = 0; k < sizeof compile / sizeof *compile; ++k) {
        world_t w = open_module(engine_of(compile[k], 0, i ? 0 : 100), "first_calls");
        if (used) CHECK(repeat(&w, 10, 3) == 1030);
        own wasm_byte_vec_t bytes = written(&w, contents[i]);
        use_all(&w);
        close_world(&w);
        w = open_bytes(engine_of(compile[k], 0, 1000000), &bytes);
        use_all(&w);
        CHECK(nothing_compiled(&w));
        close_world(&w);
      }
    }
  }
}

TEST(functions_that_are_optimized_already_are_not_compiled_again) {
  world_t w = open_module(engine_of(WASMRT_COMPILE_TIERED, 0, 0), "first_calls");
  CHECK(repeat(&w, 10, 3) == 1030);
  CHECK(stats_of(&w).optimized.functions == 2);
  own wasm_byte_vec_t bytes = written(&w, WASMRT_SERIALIZE_OPTIMIZED);
  wasmrt_stats_t stats = stats_of(&w);
  CHECK(stats.optimized.functions == stats.functions);
  use_all(&w);
  wasm_byte_vec_delete(&bytes);
  close_world(&w);
}

TEST(unknown_contents_are_refused) {
  world_t w = open_module(engine_of(WASMRT_COMPILE_TIERED, 0, 0), "first_calls");
  for (wasmrt_serialize_t contents = 0; contents < 6; contents += contents ? 1 : 4) {
    own wasm_byte_vec_t bytes = {7, NULL};
    forget_error();
    wasmrt_module_serialize(w.module, contents, &bytes);
    CHECK(!bytes.size && !bytes.data && error_says("unknown contents"));
  }
  wasmrt_module_serialize(w.module, WASMRT_SERIALIZE_EXISTING, NULL);
  close_world(&w);
}

// --- It goes on where it was ---

TEST(baseline_code_is_optimized_when_it_becomes_hot_after_loading) {
  for (int workers = 0; workers <= 2; workers += 2) {
    world_t w = open_module(engine_of(WASMRT_COMPILE_TIERED, 0, 100), "first_calls");
    CHECK(repeat(&w, 2, 3) == 206);
    own wasm_byte_vec_t bytes = written(&w, WASMRT_SERIALIZE_BASELINE);
    close_world(&w);
    w = open_bytes(engine_of(WASMRT_COMPILE_TIERED, (uint64_t)workers, 100), &bytes);
    for (int i = 0; stats_of(&w).optimized.functions < 2; ++i) {
      CHECK(repeat(&w, 10000, 3) == 10000 * 103);
      CHECK(i < 100000);
      usleep(100);
    }
    use_all(&w);
    close_world(&w);
  }
}

TEST(what_a_function_has_executed_counts_after_loading) {
  world_t w = open_module(engine_of(WASMRT_COMPILE_TIERED, 0, 100), "first_calls");
  int rounds = 0;
  for (; !stats_of(&w).optimized.functions; ++rounds) CHECK(repeat(&w, 10, 3) == 1030);
  close_world(&w);
  w = open_module(engine_of(WASMRT_COMPILE_TIERED, 0, 100), "first_calls");
  for (int i = 1; i < rounds; ++i) CHECK(repeat(&w, 10, 3) == 1030);
  CHECK(!stats_of(&w).optimized.functions);
  own wasm_byte_vec_t bytes = written(&w, WASMRT_SERIALIZE_EXISTING);
  close_world(&w);
  w = open_bytes(engine_of(WASMRT_COMPILE_TIERED, 0, 100), &bytes);
  CHECK(!stats_of(&w).optimized.functions);
  CHECK(repeat(&w, 10, 3) == 1030);
  CHECK(stats_of(&w).optimized.functions == 1);
  close_world(&w);
}

TEST(optimized_code_and_that_of_loops_is_kept) {
  world_t w = open_module(engine_of(WASMRT_COMPILE_TIERED, 0, 100), "first_calls");
  CHECK(repeat(&w, 1000000, 3) == 103000000);
  CHECK(stats_of(&w).optimized.functions == 2);
  own wasm_byte_vec_t bytes = written(&w, WASMRT_SERIALIZE_EXISTING);
  close_world(&w);
  w = open_bytes(engine_of(WASMRT_COMPILE_TIERED, 0, 100), &bytes);
  CHECK(repeat(&w, 1000000, 3) == 103000000);
  CHECK(nothing_compiled(&w));
  bytes = written(&w, WASMRT_SERIALIZE_EXISTING);
  close_world(&w);
  w = open_bytes(engine_of(WASMRT_COMPILE_TIERED, 0, 100), &bytes);
  CHECK(repeat(&w, 1000000, 3) == 103000000);
  use_all(&w);
  close_world(&w);
}

TEST(module_is_written_while_another_thread_of_the_engine_optimizes_it) {
  world_t w = open_module(engine_of(WASMRT_COMPILE_TIERED, 2, 0), "first_calls");
  for (int i = 0; i < 20; ++i) {
    use_all(&w);
    own wasm_byte_vec_t bytes = written(&w, WASMRT_SERIALIZE_EXISTING);
    world_t again = open_bytes(engine_of(WASMRT_COMPILE_TIERED, 2, 0), &bytes);
    use_all(&again);
    close_world(&again);
  }
  close_world(&w);
}

TEST(computation_takes_the_same_fuel_after_loading) {
  uint64_t expected = 0;
  own wasm_byte_vec_t bytes = {0, NULL};
  for (int loaded = 0; loaded < 2; ++loaded) {
    own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_TIERED, 0, 10);
    world_t w = {.engine = engine, .store = wasm_store_new(engine)};
    CHECK(wasmrt_store_set_fuel(w.store, 1000000000));
    w.module = loaded ? wasm_module_deserialize(w.store, &bytes) : load(w.store, "first_calls");
    CHECK(w.module);
    instantiate(&w, NO_IMPORTS);
    CHECK(repeat(&w, 5000, 3) == 5000 * 103);
    uint64_t fuel = 0;
    CHECK(wasmrt_store_fuel(w.store, &fuel));
    CHECK(!loaded || (fuel == expected && nothing_compiled(&w)));
    expected = fuel;
    if (!loaded) bytes = written(&w, WASMRT_SERIALIZE_EXISTING);
    close_world(&w);
  }
  wasm_byte_vec_delete(&bytes);
}

TEST(traps_have_the_same_places_in_every_tier) {
  for (int percent = 0; percent <= 100; percent += 100) {
    world_t w = open_module(engine_of(WASMRT_COMPILE_TIERED, 0, (uint64_t)percent), "traps");
    use_traps(&w);
    own wasm_byte_vec_t bytes = written(&w, WASMRT_SERIALIZE_EXISTING);
    own wasm_trap_t* before = call_trap(func_of(&w, "nested"), VALS(I32(0)));
    world_t again = open_bytes(engine_of(WASMRT_COMPILE_TIERED, 0, (uint64_t)percent), &bytes);
    own wasm_trap_t* after = call_trap(func_of(&again, "nested"), VALS(I32(0)));
    own wasm_frame_vec_t old, new;
    wasm_trap_trace(before, &old);
    wasm_trap_trace(after, &new);
    CHECK(old.size > 1 && old.size == new.size);
    for (size_t i = 0; i < old.size; ++i) {
      CHECK(wasm_frame_func_index(old.data[i]) == wasm_frame_func_index(new.data[i]));
      CHECK(wasm_frame_module_offset(old.data[i]) == wasm_frame_module_offset(new.data[i]));
    }
    wasm_frame_vec_delete(&old);
    wasm_frame_vec_delete(&new);
    wasm_trap_delete(before);
    wasm_trap_delete(after);
    use_traps(&again);
    CHECK(nothing_compiled(&again));
    close_world(&again);
    close_world(&w);
  }
}
