// Memories whose pages are bytes: made by the host and by modules, grown, shared, limited.

#include "host.h"

enum { MAX = WASMRT_LIMITS_HAS_MAX, SHARED = WASMRT_LIMITS_SHARED, BYTES = WASMRT_LIMITS_BYTE_PAGES };

#define LIMITS(...) (&(wasmrt_limits_t){__VA_ARGS__})

static own wasm_memory_t* make_memory(wasm_store_t* store, const wasmrt_limits_t* limits) {
  own wasm_memorytype_t* type = wasmrt_memorytype_new(limits);
  CHECK(type);
  own wasm_memory_t* memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  return memory;
}

static void open_bytes(world_t* w, int bounds, int signals) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, bounds));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, signals));
  *w = (world_t){.engine = wasm_engine_new_with_config(config)};
  w->store = wasm_store_new(w->engine);
  w->module = load(w->store, "byte_pages");
  CHECK(w->module);
}

static void instantiate_with(world_t* w, uint64_t size) {
  own wasm_memory_t* memory = make_memory(w->store, LIMITS(size, 0, BYTES));
  CHECK(memory);
  instantiate(w, IMPORTS(wasm_memory_as_extern(memory)));
  wasm_memory_delete(memory);
}

static wasm_memory_t* memory_of(const world_t* w, const char* name) { return wasm_extern_as_memory(export_of(w, name)); }

static bool traps(const world_t* w, const char* name, int32_t address) {
  return says(call_trap(func_of(w, name), VALS(I32(address))), "out of bounds memory access");
}

static void check_every_byte(world_t* w) {
  instantiate_with(w, 100);
  wasm_memory_t* memory = memory_of(w, "imported");
  CHECK(wasm_memory_size(memory) == 100 && wasmrt_memory_size(memory) == 100 && wasm_memory_data_size(memory) == 100);
  wasm_memory_data(memory)[99] = 7;
  CHECK(call_i32(w, "load", VALS(I32(99))) == 7 && traps(w, "load", 100) && traps(w, "load", -1) && traps(w, "load", 4095));
  CHECK(call(func_of(w, "load_wide"), VALS(I32(84))).of.i64 == 7LL << 56 && traps(w, "load_wide", 85));
  CHECK(call_i32(w, "grow", VALS(I32(1))) == 100 && call_i32(w, "load", VALS(I32(100))) == 0 && traps(w, "load", 101));
  CHECK(wasm_memory_grow(memory, 10000) && call_i32(w, "size", NO_VALS) == 10101);
  CHECK(call_i32(w, "load", VALS(I32(99))) == 7 && call_i32(w, "load", VALS(I32(10100))) == 0 && traps(w, "load", 10101));
  CHECK(call_i32(w, "load_usual", VALS(I32(65535))) == 0 && traps(w, "load_usual", 65536));
}

TEST(memory_ends_at_any_byte_in_every_mode) {
  for (int i = 0; i < 4; ++i) {
    if (slow() && i != 3) continue;
    world_t w;
    open_bytes(&w, i & 1 ? 2 : 0, i < 2);
    check_every_byte(&w);
    close_world(&w);
  }
}

TEST(module_runs_where_guard_pages_are_demanded) {
  if (slow()) return;
  world_t w;
  open_bytes(&w, 1, 1);
  check_every_byte(&w);
  close_world(&w);
}

// After a few instances, memories may begin with a copy that was prepared.
TEST(every_instance_begins_with_its_data) {
  world_t first;
  open_bytes(&first, 0, 1);
  for (int i = 0; i < 6; ++i) {
    world_t w = first;
    instantiate_with(&w, 100);
    char expected[20001] = "first";
    memcpy(expected + 9000, "between", 7);
    memcpy(expected + 19997, "last", 4);
    CHECK(wasm_memory_data_size(memory_of(&w, "own")) == sizeof expected);
    CHECK(memcmp(wasm_memory_data(memory_of(&w, "own")), expected, sizeof expected) == 0);
    CHECK(call_i32(&w, "load_own", VALS(I32(20000))) == 't' && traps(&w, "load_own", 20001));
    CHECK(call_i32(&w, "grow_own", VALS(I32(9999))) == 20001 && call_i32(&w, "load_own", VALS(I32(29999))) == 0);
    CHECK(call_i32(&w, "grow_own", VALS(I32(1))) == -1);
    call(func_of(&w, "fill_own"), VALS(I32(1), I32(255), I32(29999)));
    CHECK(says(call_trap(func_of(&w, "fill_own"), VALS(I32(1), I32(255), I32(30000))), "out of bounds"));
    wasm_extern_vec_delete(&w.exports);
    wasm_instance_delete(w.instance);
  }
  wasm_module_delete(first.module);
  wasm_store_delete(first.store);
  wasm_engine_delete(first.engine);
}

TEST(shared_memory_grows_by_bytes) {
  world_t w;
  open_bytes(&w, 0, 1);
  instantiate_with(&w, 100);
  wasm_memory_t* memory = memory_of(&w, "shared");
  byte_t* data = wasm_memory_data(memory);
  CHECK(wasm_memory_data_size(memory) == 10 && call_i32(&w, "add_shared", VALS(I32(4))) == 0 && traps(&w, "add_shared", 8));
  own wasmrt_shared_memory_t* shared = wasmrt_memory_share(memory);
  own wasm_memory_t* other = wasmrt_memory_obtain(w.store, shared);
  CHECK(call_i32(&w, "grow_shared", VALS(I32(2))) == 10 && wasm_memory_size(other) == 12);
  CHECK(call_i32(&w, "add_shared", VALS(I32(8))) == 0 && wasm_memory_grow(other, 8988) && !wasm_memory_grow(other, 1));
  CHECK(call_i32(&w, "add_shared", VALS(I32(8996))) == 0 && traps(&w, "add_shared", 9000));
  CHECK(wasm_memory_data(other) == data && data[4] == 1 && data[8996] == 1);
  wasm_memory_delete(other);
  wasmrt_shared_memory_delete(shared);
  close_world(&w);
}

TEST(type_says_that_pages_are_bytes) {
  static const uint32_t flags[] = {BYTES, BYTES | MAX, BYTES | MAX | SHARED, BYTES | MAX | WASMRT_LIMITS_INDEX64};
  for (size_t i = 0; i < 4; ++i) {
    wasmrt_limits_t limits = {.min = 5, .max = 7, .flags = flags[i]}, found;
    own wasm_memorytype_t* type = wasmrt_memorytype_new(&limits);
    wasmrt_memorytype_limits(type, &found);
    CHECK(found.min == 5 && found.flags == flags[i] && wasm_memorytype_limits(type)->min == 5);
    wasm_memorytype_delete(type);
  }
  forget_error();
  CHECK(!wasmrt_tabletype_new(wasm_valtype_new_funcref(), LIMITS(1, 1, BYTES)) && error_says("no pages"));
  world_t w;
  open_bytes(&w, 0, 1);
  instantiate_with(&w, 123);
  own wasm_memorytype_t* type = wasm_memory_type(memory_of(&w, "imported"));
  wasmrt_limits_t found;
  wasmrt_memorytype_limits(type, &found);
  CHECK(found.min == 123 && found.flags == BYTES);
  wasm_memorytype_delete(type);
  close_world(&w);
}

TEST(memory_of_other_pages_does_not_fit_an_import) {
  world_t w;
  open_bytes(&w, 0, 1);
  own wasm_memory_t* memory = make_memory(w.store, LIMITS(100, 0, 0));
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w.store, w.module, &IMPORTS(wasm_memory_as_extern(memory)), &trap));
  CHECK(says(trap, "expected (memory 100 (pagesize 1)), found (memory 100)"));
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(limits_of_store_and_engine_count_bytes) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_MEMORY_PAGES, 1));
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  own wasm_memory_t* memory = make_memory(w.store, LIMITS(65536, 0, BYTES));
  CHECK(memory && !wasm_memory_grow(memory, 1));
  CHECK(!make_memory(w.store, LIMITS(65537, 0, BYTES)) && has_error());
  wasm_memory_delete(memory);
  wasmrt_store_limits_t limits = {sizeof limits, 9, 9, 9, 1000, 9};
  wasm_store_delete(w.store);
  w.store = wasm_store_new(w.engine);
  wasmrt_store_set_limits(w.store, &limits);
  memory = make_memory(w.store, LIMITS(900, 0, BYTES));
  CHECK(memory && wasm_memory_grow(memory, 100) && !wasm_memory_grow(memory, 1));
  wasm_memory_delete(memory);
  memory = make_memory(w.store, LIMITS(0, 0, BYTES | WASMRT_LIMITS_INDEX64));
  CHECK(memory && wasm_memory_data(memory) && !wasmrt_memory_grow(memory, UINT64_MAX));
  CHECK(!make_memory(w.store, LIMITS(UINT64_MAX, 0, BYTES | WASMRT_LIMITS_INDEX64)) && has_error());
  wasm_memory_delete(memory);
  close_world(&w);
}
