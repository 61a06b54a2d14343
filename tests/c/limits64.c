// Limits beyond 32 bits: types, and memories and tables with 64-bit indices that the host makes.

#include "host.h"

enum { MAX = WASMRT_LIMITS_HAS_MAX, WIDE = WASMRT_LIMITS_INDEX64, SHARED = WASMRT_LIMITS_SHARED };

#define LIMITS(...) (&(wasmrt_limits_t){__VA_ARGS__})

static wasmrt_limits_t memory_limits(const wasm_memorytype_t* type) {
  wasmrt_limits_t limits;
  memset(&limits, 0x5a, sizeof limits);
  wasmrt_memorytype_limits(type, &limits);
  return limits;
}

static wasmrt_limits_t table_limits(const wasm_tabletype_t* type) {
  wasmrt_limits_t limits;
  memset(&limits, 0x5a, sizeof limits);
  wasmrt_tabletype_limits(type, &limits);
  return limits;
}

static bool are(wasmrt_limits_t limits, uint64_t min, uint64_t max, uint32_t flags) {
  return limits.min == min && limits.max == max && limits.flags == flags;
}

static own wasm_memory_t* make_memory(wasm_store_t* store, const wasmrt_limits_t* limits) {
  own wasm_memorytype_t* type = wasmrt_memorytype_new(limits);
  CHECK(type);
  own wasm_memory_t* memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  return memory;
}

static own wasm_table_t* make_table(wasm_store_t* store, char letter, const wasmrt_limits_t* limits) {
  own wasm_tabletype_t* type = wasmrt_tabletype_new(valtype_of(letter), limits);
  CHECK(type);
  own wasm_table_t* table = wasm_table_new(store, type, NULL);
  wasm_tabletype_delete(type);
  return table;
}

static world_t open_wide(void) {
  world_t w;
  open_store(&w, "limits64");
  own wasm_memory_t* memory = make_memory(w.store, LIMITS(1, 8, MAX | WIDE));
  own wasm_table_t* table = make_table(w.store, 'R', LIMITS(2, 10, MAX | WIDE));
  instantiate(&w, IMPORTS(wasm_memory_as_extern(memory), wasm_table_as_extern(table)));
  wasm_memory_delete(memory);
  wasm_table_delete(table);
  return w;
}

TEST(memory_type_says_what_it_was_made_with) {
  static const wasmrt_limits_t all[] = {
      {0, UINT64_MAX, 0}, {1, 2, MAX}, {1, UINT64_MAX, WIDE}, {UINT64_C(1) << 40, UINT64_C(1) << 47, MAX | WIDE},
      {1, 1, MAX | SHARED}, {0, UINT64_MAX, MAX | WIDE | SHARED}, {0, UINT32_MAX, MAX}, {70000, 80000, MAX}};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    own wasm_memorytype_t* type = wasmrt_memorytype_new(&all[i]);
    CHECK(type && are(memory_limits(type), all[i].min, all[i].max, all[i].flags));
    own wasm_memorytype_t* copy = wasm_memorytype_copy(type);
    wasm_memorytype_delete(type);
    CHECK(are(memory_limits(copy), all[i].min, all[i].max, all[i].flags));
    const wasm_externtype_t* seen = wasm_memorytype_as_externtype_const(copy);
    CHECK(wasm_externtype_kind(seen) == WASM_EXTERN_MEMORY);
    wasm_memorytype_delete(copy);
  }
}

TEST(maximum_without_its_flag_means_none) {
  own wasm_memorytype_t* type = wasmrt_memorytype_new(LIMITS(3, 1, 0));
  CHECK(type && are(memory_limits(type), 3, UINT64_MAX, 0));
  CHECK(wasm_memorytype_limits(type)->max == wasm_limits_max_default);
  wasm_memorytype_delete(type);
}

TEST(narrow_limits_are_saturated) {
  own wasm_memorytype_t* type = wasmrt_memorytype_new(LIMITS(UINT64_C(1) << 33, UINT64_C(1) << 34, MAX | WIDE));
  CHECK(wasm_memorytype_limits(type)->min == UINT32_MAX && wasm_memorytype_limits(type)->max == UINT32_MAX);
  wasm_memorytype_delete(type);
  own wasm_memorytype_t* narrow = wasm_memorytype_new(&(wasm_limits_t){2, 5});
  CHECK(are(memory_limits(narrow), 2, 5, MAX));
  wasm_memorytype_delete(narrow);
  narrow = wasm_memorytype_new(&(wasm_limits_t){2, wasm_limits_max_default});
  CHECK(are(memory_limits(narrow), 2, UINT64_MAX, 0));
  wasm_memorytype_delete(narrow);
}

TEST(table_type_says_what_it_was_made_with) {
  static const wasmrt_limits_t all[] = {{0, UINT64_MAX, 0}, {1, 2, MAX}, {UINT64_C(1) << 40, UINT64_MAX, MAX | WIDE}};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    own wasm_tabletype_t* type = wasmrt_tabletype_new(valtype_of('r'), &all[i]);
    CHECK(type && are(table_limits(type), all[i].min, all[i].max, all[i].flags));
    CHECK(wasm_valtype_kind(wasm_tabletype_element(type)) == WASM_EXTERNREF);
    wasm_tabletype_delete(type);
  }
}

TEST(limits_that_make_no_sense_are_refused) {
  static const struct {
    wasmrt_limits_t limits;
    const char* words;
  } all[] = {{{2, 1, MAX}, "minimum"},
             {{2, 1, MAX | WIDE}, "minimum"},
             {{UINT64_C(1) << 32, 0, 0}, "INDEX64"},
             {{0, UINT64_C(1) << 32, MAX}, "INDEX64"},
             {{0, 0, 16}, "unknown flags"},
             {{0, 0, UINT32_MAX}, "unknown flags"},
             {{0, 0, SHARED}, "shared"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    forget_error();
    CHECK(!wasmrt_memorytype_new(&all[i].limits) && error_says(all[i].words));
    CHECK(!wasmrt_tabletype_new(valtype_of('R'), &all[i].limits) && error_says(all[i].words));
  }
  CHECK(!wasmrt_tabletype_new(valtype_of('R'), LIMITS(0, 1, MAX | SHARED)) && error_says("cannot be shared"));
  CHECK(!wasmrt_memorytype_new(NULL) && has_error() && !wasmrt_tabletype_new(valtype_of('R'), NULL) && has_error());
  CHECK(!wasmrt_tabletype_new(NULL, LIMITS(0, 1, MAX)) && has_error());
}

TEST(limits_of_nothing_are_zero) {
  forget_error();
  CHECK(are(memory_limits(NULL), 0, 0, 0) && has_error());
  CHECK(are(table_limits(NULL), 0, 0, 0) && has_error());
  own wasm_memorytype_t* type = wasmrt_memorytype_new(LIMITS(1, 1, MAX));
  wasmrt_memorytype_limits(type, NULL);
  wasm_memorytype_delete(type);
}

TEST(host_and_wasm_see_the_same_wide_memory) {
  world_t w = open_wide();
  wasm_memory_t* memory = wasm_extern_as_memory(export_of(&w, "memory"));
  CHECK(wasmrt_memory_size(memory) == 1 && wasm_memory_data_size(memory) == 65536);
  call(func_of(&w, "poke"), VALS(I64(65535), I32(200)));
  CHECK((unsigned char)wasm_memory_data(memory)[65535] == 200);
  CHECK(wasmrt_memory_grow(memory, 2) && wasmrt_memory_size(memory) == 3 && wasm_memory_size(memory) == 3);
  CHECK(call(func_of(&w, "pages"), NO_VALS).of.i64 == 3);
  CHECK(call(func_of(&w, "grow"), VALS(I64(2))).of.i64 == 3 && wasmrt_memory_size(memory) == 5);
  CHECK((unsigned char)wasm_memory_data(memory)[65535] == 200);
  wasm_memory_data(memory)[5 * 65536 - 1] = 9;
  CHECK(call(func_of(&w, "peek"), VALS(I64(5 * 65536 - 1))).of.i32 == 9);
  CHECK(says(call_trap(func_of(&w, "peek"), VALS(I64(5 * 65536))), "out of bounds"));
  CHECK(says(call_trap(func_of(&w, "peek"), VALS(I64(INT64_C(1) << 40))), "out of bounds"));
  own wasm_memorytype_t* type = wasm_memory_type(memory);
  CHECK(are(memory_limits(type), 5, 8, MAX | WIDE));
  wasm_memorytype_delete(type);
  close_world(&w);
}

TEST(wide_memory_grows_to_its_maximum_only) {
  world_t w = open_wide();
  wasm_memory_t* memory = wasm_extern_as_memory(export_of(&w, "memory"));
  forget_error();
  CHECK(!wasmrt_memory_grow(memory, 8) && has_error());
  CHECK(!wasmrt_memory_grow(memory, UINT64_MAX) && has_error());
  CHECK(!wasmrt_memory_grow(memory, UINT64_C(1) << 32) && has_error() && wasmrt_memory_size(memory) == 1);
  CHECK(wasmrt_memory_grow(memory, 0) && wasmrt_memory_grow(memory, 7) && wasmrt_memory_size(memory) == 8);
  CHECK(!wasmrt_memory_grow(memory, 1));
  close_world(&w);
}

TEST(narrow_memory_is_served_too) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = make_memory(w.store, LIMITS(1, 3, MAX));
  CHECK(wasmrt_memory_grow(memory, 1) && wasmrt_memory_size(memory) == 2);
  CHECK(!wasmrt_memory_grow(memory, UINT64_C(1) << 32) && wasmrt_memory_size(memory) == 2);
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(wide_table_of_the_host_is_called_through) {
  world_t w = open_wide();
  wasm_table_t* table = wasm_extern_as_table(export_of(&w, "table"));
  CHECK(call(func_of(&w, "call"), VALS(I64(1))).of.i32 == 7);
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I64(0))), "uninitialized element"));
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I64(INT64_C(1) << 32 | 1))), "undefined element"));
  own wasm_ref_t* seven = wasm_table_get(table, 1);
  CHECK(seven && wasm_table_grow(table, 1, seven));
  wasm_ref_delete(seven);
  CHECK(call(func_of(&w, "elements"), NO_VALS).of.i64 == 3 && call(func_of(&w, "call"), VALS(I64(2))).of.i32 == 7);
  own wasm_tabletype_t* type = wasm_table_type(table);
  CHECK(are(table_limits(type), 3, 10, MAX | WIDE));
  wasm_tabletype_delete(type);
  close_world(&w);
}

TEST(types_of_a_module_keep_their_wide_limits) {
  world_t w = open_wide();
  own wasm_exporttype_vec_t exports;
  wasm_module_exports(w.module, &exports);
  const wasm_externtype_t* memory = wasm_exporttype_type(exports.data[0]);
  CHECK(are(memory_limits(wasm_externtype_as_memorytype_const(memory)), 1, UINT64_C(1) << 32, MAX | WIDE));
  const wasm_externtype_t* table = wasm_exporttype_type(exports.data[1]);
  CHECK(are(table_limits(wasm_externtype_as_tabletype_const(table)), 0, UINT64_C(1) << 33, MAX | WIDE));
  wasm_exporttype_vec_delete(&exports);
  close_world(&w);
}

// Instantiates with a memory and a table of such limits; true if they fit.
static bool links(const wasmrt_limits_t* memory_limits, const wasmrt_limits_t* table_limits) {
  world_t w;
  open_store(&w, "limits64");
  own wasm_memory_t* memory = make_memory(w.store, memory_limits);
  own wasm_table_t* table = make_table(w.store, 'R', table_limits);
  wasm_extern_vec_t imports = IMPORTS(wasm_memory_as_extern(memory), wasm_table_as_extern(table));
  own wasm_trap_t* trap;
  w.instance = wasm_instance_new(w.store, w.module, &imports, &trap);
  const bool good = w.instance != NULL;
  CHECK(good ? !trap : says(trap, " i64 "));
  wasm_memory_delete(memory);
  wasm_table_delete(table);
  close_world(&w);
  return good;
}

TEST(imports_match_by_the_width_of_their_indices) {
  CHECK(links(LIMITS(1, 8, MAX | WIDE), LIMITS(2, 10, MAX | WIDE)));
  CHECK(links(LIMITS(3, 4, MAX | WIDE), LIMITS(5, 5, MAX | WIDE)));
  CHECK(!links(LIMITS(1, 8, MAX), LIMITS(2, 10, MAX | WIDE)));
  CHECK(!links(LIMITS(1, 8, MAX | WIDE), LIMITS(2, 10, MAX)));
  CHECK(!links(LIMITS(1, 9, MAX | WIDE), LIMITS(2, 10, MAX | WIDE)));
  CHECK(!links(LIMITS(1, 0, WIDE), LIMITS(2, 10, MAX | WIDE)));
  CHECK(!links(LIMITS(1, 8, MAX | WIDE), LIMITS(1, 10, MAX | WIDE)));
}

TEST(objects_too_large_to_be_made_are_refused) {
  world_t w;
  open_store(&w, NULL);
  forget_error();
  CHECK(!make_memory(w.store, LIMITS(UINT64_MAX, 0, WIDE)) && has_error());
  CHECK(!make_memory(w.store, LIMITS(UINT64_C(1) << 48, 0, WIDE)) && has_error());
  CHECK(!make_memory(w.store, LIMITS(65537, 0, 0)) && has_error());
  CHECK(!make_memory(w.store, LIMITS(0, 65537, MAX)) && error_says("beyond 65536 pages"));
  CHECK(!make_memory(w.store, LIMITS(0, (UINT64_C(1) << 48) + 1, MAX | WIDE)) && error_says("beyond 281474976710656 pages"));
  own wasm_memory_t* widest = make_memory(w.store, LIMITS(0, UINT64_C(1) << 48, MAX | WIDE));
  CHECK(widest);
  wasm_memory_delete(widest);
  CHECK(!make_table(w.store, 'i', LIMITS(0, 1, MAX)) && error_says("references"));
  CHECK(!make_table(w.store, 'R', LIMITS(UINT64_MAX, 0, WIDE)) && has_error());
  CHECK(!make_table(w.store, 'R', LIMITS(UINT64_C(1) << 60, 0, WIDE)) && has_error());
  close_world(&w);
}

TEST(memory_of_nothing_has_no_pages) {
  forget_error();
  CHECK(wasmrt_memory_size(NULL) == 0 && has_error() && !wasmrt_memory_grow(NULL, 1) && has_error());
  world_t w = open_wide();
  own wasm_memory_t* memory = wasm_memory_copy(wasm_extern_as_memory(export_of(&w, "memory")));
  close_world(&w);
  CHECK(wasmrt_memory_size(memory) == 0 && has_error() && !wasmrt_memory_grow(memory, 1) && has_error());
  wasm_memory_delete(memory);
}
