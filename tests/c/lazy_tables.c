// Table elements that nobody has used yet: their values are those of the segments, however and by whomever they
// are reached.

#include "host.h"
#include "process.h"

enum { NULL_ELEMENT = -1, OTHER_TYPE = -2 };

// What the segments of lazy_tables.wat write: the second overwrites one of the first.
static const int written[10] = {NULL_ELEMENT, 1, 2, NULL_ELEMENT, 42, OTHER_TYPE, NULL_ELEMENT, NULL_ELEMENT,
                                NULL_ELEMENT, NULL_ELEMENT};

static own wasm_trap_t* answer(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env, (void)args;
  results->data[0] = I32(42);
  return NULL;
}

static void instantiate_owner(world_t* w) {
  own wasm_func_t* func = host_func(w->store, "", "i", answer, NULL, NULL);
  wasm_extern_t* imports[] = {wasm_func_as_extern(func)};
  instantiate(w, (wasm_extern_vec_t)WASM_ARRAY_VEC(imports));
  wasm_func_delete(func);
}

static world_t open_owner(void) {
  world_t w;
  open_store(&w, "lazy_tables");
  instantiate_owner(&w);
  return w;
}

static void check_element(const world_t* w, const char* way, int index, int expected) {
  const wasm_func_t* func = func_of(w, way);
  if (expected == NULL_ELEMENT) {
    CHECK(says(call_trap(func, VALS(I32(index))), "uninitialized element"));
  } else if (expected == OTHER_TYPE) {
    CHECK(says(call_trap(func, VALS(I32(index))), "indirect call type mismatch"));
  } else {
    CHECK(call(func, VALS(I32(index))).of.i32 == expected);
  }
}

static void run(const world_t* w, const char* name, int a, int b, int c) {
  call(func_of(w, name), VALS(I32(a), I32(b), I32(c)));
}

TEST(every_element_is_what_the_segments_say_at_the_first_call_and_at_the_next) {
  static const char* const ways[] = {"call", "tail_call"};
  for (int way = 0; way < 2; ++way) {
    world_t w = open_owner();
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 10; ++i) check_element(&w, ways[way], i, written[i]);
    }
    close_world(&w);
  }
}

TEST(guest_and_host_read_elements_that_nobody_has_called) {
  world_t w = open_owner();
  wasm_table_t* table = wasm_extern_as_table(export_of(&w, "table"));
  for (int i = 0; i < 10; ++i) {
    CHECK(call_i32(&w, "is_null", VALS(I32(i))) == (written[i] == NULL_ELEMENT));
    CHECK(call_i32(&w, "is_null", VALS(I32(i))) == (written[i] == NULL_ELEMENT));
  }
  close_world(&w);
  w = open_owner();
  table = wasm_extern_as_table(export_of(&w, "table"));
  for (int i = 0; i < 10; ++i) {
    own wasm_ref_t* element = wasm_table_get(table, (wasm_table_size_t)i);
    CHECK(!element == (written[i] == NULL_ELEMENT));
    if (written[i] > 0) CHECK(call(wasm_ref_as_func(element), NO_VALS).of.i32 == written[i]);
    wasm_ref_delete(element);
  }
  close_world(&w);
}

TEST(null_that_is_written_over_an_element_stays_null) {
  world_t w = open_owner();
  call(func_of(&w, "clear"), VALS(I32(1)));
  check_element(&w, "call", 1, NULL_ELEMENT);
  CHECK(wasm_table_set(wasm_extern_as_table(export_of(&w, "table")), 2, NULL));
  check_element(&w, "call", 2, NULL_ELEMENT);
  call(func_of(&w, "fill"), VALS(I32(3), I32(3)));
  for (int i = 3; i < 6; ++i) check_element(&w, "call", i, NULL_ELEMENT);
  CHECK(call_i32(&w, "is_null", VALS(I32(4))) == 1);
  close_world(&w);
}

TEST(copies_have_what_the_source_had_wherever_they_go) {
  world_t w = open_owner();
  run(&w, "copy_out", 0, 1, 5);
  for (int i = 0; i < 5; ++i) check_element(&w, "call_own", i, written[i + 1]);
  run(&w, "move", 2, 1, 5);
  for (int i = 0; i < 5; ++i) check_element(&w, "call", i + 2, written[i + 1]);
  check_element(&w, "call", 1, written[1]);
  // Null from a table without segments is null, not the value in the segments.
  run(&w, "copy_in", 0, 5, 5);
  for (int i = 0; i < 5; ++i) check_element(&w, "call", i, NULL_ELEMENT);
  close_world(&w);
}

TEST(elements_survive_growth_and_what_is_new_is_null) {
  world_t w = open_owner();
  CHECK(call_i32(&w, "grow", VALS(I32(5))) == 10);
  CHECK(wasm_table_grow(wasm_extern_as_table(export_of(&w, "table")), 5, NULL));
  for (int i = 0; i < 10; ++i) check_element(&w, "call", i, written[i]);
  for (int i = 10; i < 20; ++i) check_element(&w, "call", i, NULL_ELEMENT);
  close_world(&w);
}

TEST(applied_segments_are_dropped_and_passive_ones_are_not) {
  world_t w = open_owner();
  call(func_of(&w, "init_passive"), NO_VALS);
  check_element(&w, "call", 0, 1);
  CHECK(says(call_trap(func_of(&w, "init_applied"), NO_VALS), "out of bounds table access"));
  close_world(&w);
}

TEST(instances_of_one_module_have_elements_of_their_own) {
  world_t w = open_owner();
  own wasm_instance_t* first = w.instance;
  wasm_extern_vec_t first_exports = w.exports;
  check_element(&w, "call", 1, 1);
  call(func_of(&w, "clear"), VALS(I32(1)));
  instantiate_owner(&w);
  for (int i = 0; i < 10; ++i) check_element(&w, "call", i, written[i]);
  wasm_extern_vec_delete(&first_exports);
  wasm_instance_delete(first);
  close_world(&w);
}

// Only the table keeps the instance whose elements were never used.
TEST(table_has_its_elements_when_the_instance_has_been_deleted) {
  world_t w = open_owner();
  own wasm_extern_t* table = wasm_extern_copy(export_of(&w, "table"));
  wasm_extern_vec_delete(&w.exports);
  wasm_instance_delete(w.instance);
  wasm_module_delete(w.module);
  w.module = load(w.store, "lazy_tables_user");
  // Enough garbage for collections.
  for (int i = 0; i < 20000; ++i) wasm_trap_delete(trap_saying(w.store, "garbage"));
  wasm_extern_t* imports[] = {table};
  instantiate(&w, (wasm_extern_vec_t)WASM_ARRAY_VEC(imports));
  wasm_extern_delete(table);
  for (int i = 0; i < 10; ++i) {
    CHECK(call_i32(&w, "is_null", VALS(I32(i))) == (written[i] == NULL_ELEMENT));
    check_element(&w, "call", i, written[i]);
  }
  close_world(&w);
}

// The tracer skips elements that nobody has written; it must visit this one.
TEST(function_that_only_a_table_holds_lives_as_long_as_it) {
  for (int way = 0; way < 2; ++way) {
    world_t w = open_owner();
    own wasm_func_t* func = host_func(w.store, "", "i", answer, NULL, NULL);
    if (way == 0) {
      wasm_val_t put[] = {I32(6), {.kind = WASM_FUNCREF, .of.ref = wasm_func_as_ref(func)}};
      call(func_of(&w, "put"), (wasm_val_vec_t)WASM_ARRAY_VEC(put));
    } else {
      CHECK(wasm_table_set(wasm_extern_as_table(export_of(&w, "table")), 6, wasm_func_as_ref(func)));
    }
    wasm_func_delete(func);
    for (int i = 0; i < 20000; ++i) wasm_trap_delete(trap_saying(w.store, "garbage"));
    check_element(&w, "call", 6, 42);
    close_world(&w);
  }
}

// Spec: the segments after the one that traps neither run nor are dropped.
TEST(elements_behind_a_segment_that_traps_are_not_there) {
  world_t w;
  open_store(&w, "lazy_tables_trap");
  own wasm_table_t* table = new_table(w.store, 'R', 10, 20, NULL);
  wasm_extern_t* imports[] = {wasm_table_as_extern(table)};
  wasm_extern_vec_t vector = WASM_ARRAY_VEC(imports);
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w.store, w.module, &vector, &trap));
  CHECK(says(trap, "out of bounds table access"));
  own wasm_ref_t* left = wasm_table_get(table, 0);
  CHECK(says(call_trap(wasm_ref_as_func(left), NO_VALS), "uninitialized element"));
  wasm_ref_delete(left);
  left = wasm_table_get(table, 1);
  CHECK(call(wasm_ref_as_func(left), NO_VALS).of.i32 == 1);
  wasm_ref_delete(left);
  wasm_table_delete(table);
  close_world(&w);
}

TEST(trap_of_an_indirect_call_says_which_element_and_which_types) {
  world_t w = open_owner();
  const wasm_func_t* func = func_of(&w, "call");
  CHECK(says(call_trap(func, VALS(I32(5))), "indirect call type mismatch: element 5 of table 0 is (func (param i64) "
                                            "(result f32)), expected (func (result i32))"));
  own wasm_trap_t* trap = call_trap(func, VALS(I32(3)));
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_UNINITIALIZED_ELEMENT);
  CHECK(says(trap, "uninitialized element: element 3 of table 0 is null, expected (func (result i32))"));
  CHECK(says(call_trap(func_of(&w, "call_own"), VALS(I32(9))), "element 9 of table 1 is null"));
  close_world(&w);
}

static size_t resident_kib(void) { return resident_now() / 1024; }

TEST(elements_of_large_tables_that_nobody_writes_take_no_memory) {
  enum { TABLES = 64, ELEMENTS = 7700 };
  if (slow()) SKIP("not what is measured under valgrind");
  world_t w;
  open_store(&w, NULL);
  // After this the C allocator gives out from its heap what it would otherwise have mapped.
  volatile char* large = malloc(1 << 20);
  CHECK(large);
  free((void*)large);
  static own wasm_table_t* tables[TABLES];
  size_t before = resident_kib();
  for (int i = 0; i < TABLES; ++i) CHECK(tables[i] = new_table(w.store, 'R', ELEMENTS, NO_MAX, NULL));
  size_t after = resident_kib();
  printf("%zu KiB each\n", (after - before) / TABLES);
  CHECK(after <= before + TABLES * 16);
  for (int i = 0; i < TABLES; ++i) {
    own wasm_ref_t* last = wasm_table_get(tables[i], ELEMENTS - 1);
    CHECK(!last && wasm_table_grow(tables[i], 1, NULL) && wasm_table_size(tables[i]) == ELEMENTS + 1);
    wasm_table_delete(tables[i]);
  }
  wasm_store_delete(w.store);
  wasm_engine_delete(w.engine);
}
