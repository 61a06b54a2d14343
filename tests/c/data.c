// Initial contents of memories: the module's data and zeros, however many instances there were, whatever they
// did to their memories, and whatever the system refuses.

#include "host.h"

enum { PAGE = 65536, SIZE = 3 * PAGE, GROWN = 7 * PAGE };

static void expect(byte_t* bytes, size_t size) {
  memset(bytes, 0, size);
  memcpy(bytes + 1024, "0123over89", 10);
  memcpy(bytes + 131000, "last", 4);
  memcpy(bytes + 196604, "end!", 4);
}

static wasm_memory_t* memory_of(const world_t* w) { return wasm_extern_as_memory(w->exports.data[0]); }

static bool is_fresh(const world_t* w, size_t size) {
  static byte_t expected[GROWN];
  expect(expected, sizeof expected);
  return wasm_memory_data_size(memory_of(w)) == size && !memcmp(wasm_memory_data(memory_of(w)), expected, size);
}

static void fill(const world_t* w, int byte) {
  memset(wasm_memory_data(memory_of(w)), byte, wasm_memory_data_size(memory_of(w)));
}

// Another instance of the same module, in a store of its own.
static world_t another(const world_t* w) {
  world_t other = {.engine = w->engine, .store = wasm_store_new(w->engine), .module = w->module};
  CHECK(other.store);
  instantiate(&other, NO_IMPORTS);
  return other;
}

static void close_store(world_t* w) {
  wasm_extern_vec_delete(&w->exports);
  wasm_instance_delete(w->instance);
  wasm_store_delete(w->store);
}

// Instances that are made, write, grow and are deleted: each begins like the first.
static void come_and_go(const world_t* w) {
  for (int round = 0; round < 12; ++round) {
    world_t a = another(w), b = another(w);
    CHECK(is_fresh(&a, SIZE) && is_fresh(&b, SIZE));
    byte_t* data = wasm_memory_data(memory_of(&a));
    if (round % 3 == 0) fill(&a, 0xaa);
    else for (size_t i = 0; i < SIZE; i += 20000 + (size_t)round) data[i] = 0x55;
    CHECK(is_fresh(&b, SIZE));
    if (round % 2) {
      CHECK(call_i32(&b, "grow", VALS(I32(4))) == 3);
      CHECK(is_fresh(&b, GROWN));
      fill(&b, 0xbb);
    }
    close_store(&a);
    close_store(&b);
  }
}

TEST(each_instance_starts_with_the_data_and_zeros) {
  world_t w = open_world("data");
  CHECK(is_fresh(&w, SIZE));
  come_and_go(&w);
  CHECK(is_fresh(&w, SIZE));
  close_world(&w);
}

TEST(memories_of_other_modules_do_not_see_what_was_there) {
  world_t w = open_world("data");
  come_and_go(&w);
  own wasm_memorytype_t* type = wasm_memorytype_new(&(wasm_limits_t){5, 9});
  for (int i = 0; i < 40; ++i) {
    own wasm_memory_t* memory = wasm_memory_new(w.store, type);
    CHECK(memory && wasm_memory_grow(memory, 2));
    for (size_t at = 0; at < GROWN; ++at) CHECK(wasm_memory_data(memory)[at] == 0);
    wasm_memory_delete(memory);
  }
  wasm_memorytype_delete(type);
  close_world(&w);
}

TEST(applied_segments_count_as_dropped_in_every_instance) {
  world_t w = open_world("data");
  for (int i = 0; i < 4; ++i) {
    world_t other = another(&w);
    CHECK(says(call_trap(func_of(&other, "init_active"), NO_VALS), "out of bounds"));
    call(func_of(&other, "init_passive"), VALS(I32(5)));
    CHECK(!memcmp(wasm_memory_data(memory_of(&other)) + 5, "passive", 7));
    close_store(&other);
  }
  close_world(&w);
}

TEST(data_is_not_there_when_an_element_segment_has_trapped_before) {
  world_t w;
  open_store(&w, "data_trap");
  own wasm_valtype_t* funcref = wasm_valtype_new_funcref();
  own wasm_tabletype_t* type = wasm_tabletype_new(funcref, &(wasm_limits_t){4, 4});
  own wasm_table_t* table = wasm_table_new(w.store, type, NULL);
  CHECK(table);
  for (int i = 0; i < 4; ++i) {
    own wasm_trap_t* trap = NULL;
    CHECK(!wasm_instance_new(w.store, w.module, &IMPORTS(wasm_table_as_extern(table)), &trap));
    CHECK(says(trap, "out of bounds"));
    own wasm_ref_t* ref = wasm_table_get(table, 0);
    CHECK(ref && i32_of(call(wasm_ref_as_func(ref), NO_VALS)) == 0);
    wasm_ref_delete(ref);
  }
  wasm_table_delete(table);
  wasm_tabletype_delete(type);
  close_world(&w);
}

TEST(loaded_modules_start_alike) {
  world_t w = open_world("data");
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(w.module, &bytes);
  world_t loaded = {.engine = w.engine, .store = wasm_store_new(w.engine)};
  loaded.module = wasm_module_deserialize(loaded.store, &bytes);
  CHECK(loaded.module);
  come_and_go(&loaded);
  wasm_byte_vec_delete(&bytes);
  wasm_module_delete(loaded.module);
  wasm_store_delete(loaded.store);
  close_world(&w);
}

TEST(memory_without_guard_keeps_its_data_when_it_moves) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT));
  world_t w = open_world_with(config, "data");
  come_and_go(&w);
  close_world(&w);
}
