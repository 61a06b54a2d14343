// Tables: elements from both sides, growth, host functions in them.

#include "host.h"

static wasm_table_t* table_of(const world_t* w, const char* name) {
  wasm_table_t* table = wasm_extern_as_table(export_of(w, name));
  CHECK(table);
  return table;
}

static own wasm_trap_t* answer(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  results->data[0] = I32(*(int*)env);
  return NULL;
}

TEST(elements_are_read_and_written_by_the_host) {
  world_t w = open_world("state");
  wasm_table_t* table = table_of(&w, "table");
  CHECK(wasm_table_size(table) == 4);
  CHECK(!wasm_table_get(table, 0));
  own wasm_ref_t* seven = wasm_table_get(table, 1);
  CHECK(seven && wasm_ref_same(seven, wasm_func_as_ref(func_of(&w, "seven"))));
  CHECK(call(wasm_ref_as_func(seven), NO_VALS).of.i32 == 7);
  CHECK(wasm_table_set(table, 3, seven));
  CHECK(call_i32(&w, "call", VALS(I32(3))) == 7);
  CHECK(wasm_table_set(table, 1, NULL));
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(1))), "uninitialized element"));
  wasm_ref_delete(seven);
  close_world(&w);
}

TEST(element_outside_of_the_table_is_neither_read_nor_written) {
  world_t w = open_world("state");
  wasm_table_t* table = table_of(&w, "table");
  CHECK(!wasm_table_get(table, 4));
  CHECK(!wasm_table_get(table, 0xffffffff));
  CHECK(!wasm_table_set(table, 4, NULL));
  CHECK(!wasm_table_set(table, 0xffffffff, wasm_func_as_ref(func_of(&w, "seven"))));
  CHECK(has_error());
  close_world(&w);
}

TEST(host_function_in_a_table_is_called_indirectly) {
  world_t w = open_world("state");
  int number = 1234;
  own wasm_func_t* func = host_func(w.store, "", "i", answer, &number, NULL);
  CHECK(wasm_table_set(table_of(&w, "table"), 2, wasm_func_as_ref(func)));
  wasm_func_delete(func);
  CHECK(call_i32(&w, "call", VALS(I32(2))) == 1234);
  own wasm_ref_t* back = wasm_table_get(table_of(&w, "table"), 2);
  CHECK(call(wasm_ref_as_func(back), NO_VALS).of.i32 == 1234);
  wasm_ref_delete(back);
  close_world(&w);
}

TEST(indirect_call_of_another_type_is_a_trap) {
  world_t w = open_world("state");
  CHECK(wasm_table_set(table_of(&w, "table"), 0, wasm_func_as_ref(func_of(&w, "poke"))));
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(0))), "indirect call type mismatch"));
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(4))), "undefined element"));
  close_world(&w);
}

TEST(table_grows_to_its_maximum_from_both_sides) {
  world_t w = open_world("state");
  wasm_table_t* table = table_of(&w, "table");
  CHECK(wasm_table_grow(table, 0, NULL));
  CHECK(wasm_table_grow(table, 2, wasm_func_as_ref(func_of(&w, "seven"))));
  CHECK(wasm_table_size(table) == 6 && call_i32(&w, "elements", NO_VALS) == 6);
  CHECK(call_i32(&w, "call", VALS(I32(5))) == 7);
  CHECK(call_i32(&w, "grow_table", VALS(I32(2))) == 6);
  CHECK(wasm_table_size(table) == 8 && !wasm_table_get(table, 7));
  CHECK(!wasm_table_grow(table, 1, NULL));
  CHECK(!wasm_table_grow(table, 0xffffffff, NULL));
  CHECK(call_i32(&w, "grow_table", VALS(I32(1))) == -1);
  CHECK(wasm_table_size(table) == 8);
  close_world(&w);
}

TEST(type_of_a_grown_table_says_its_present_size) {
  world_t w = open_world("state");
  CHECK(wasm_table_grow(table_of(&w, "table"), 3, NULL));
  own wasm_tabletype_t* type = wasm_table_type(table_of(&w, "table"));
  CHECK(wasm_tabletype_limits(type)->min == 7 && wasm_tabletype_limits(type)->max == 8);
  CHECK(wasm_valtype_kind(wasm_tabletype_element(type)) == WASM_FUNCREF);
  wasm_tabletype_delete(type);
  close_world(&w);
}

TEST(table_of_externrefs_holds_any_object) {
  world_t w = open_world("state");
  wasm_table_t* table = table_of(&w, "externs");
  wasm_ref_t* seven = wasm_func_as_ref(func_of(&w, "seven"));
  CHECK(call_i32(&w, "extern_is_null", VALS(I32(1))) == 1);
  CHECK(wasm_table_set(table, 1, seven));
  CHECK(call_i32(&w, "extern_is_null", VALS(I32(1))) == 0);
  own wasm_ref_t* back = wasm_table_get(table, 1);
  CHECK(wasm_ref_same(back, seven));
  wasm_ref_delete(back);
  close_world(&w);
}

TEST(host_made_table_begins_with_the_given_element_everywhere) {
  world_t w = open_world("state");
  wasm_ref_t* seven = wasm_func_as_ref(func_of(&w, "seven"));
  own wasm_table_t* table = new_table(w.store, 'R', 5, 5, seven);
  CHECK(table && wasm_table_size(table) == 5);
  for (uint32_t i = 0; i < 5; ++i) {
    own wasm_ref_t* element = wasm_table_get(table, i);
    CHECK(wasm_ref_same(element, seven));
    wasm_ref_delete(element);
  }
  CHECK(!wasm_table_grow(table, 1, NULL));
  wasm_table_delete(table);
  close_world(&w);
}

TEST(huge_table_is_refused_in_words) {
  world_t w;
  open_store(&w, NULL);
  own wasm_table_t* table = new_table(w.store, 'R', 0xfffffffe, NO_MAX, NULL);
  CHECK(!table && has_error());
  table = new_table(w.store, 'R', 1, NO_MAX, NULL);
  CHECK(table);
  CHECK(!wasm_table_grow(table, 0xfffffffe, NULL) && has_error());
  CHECK(!wasm_table_grow(table, 0xffffffff, NULL) && has_error());
  CHECK(wasm_table_size(table) == 1);
  wasm_table_delete(table);
  close_world(&w);
}

TEST(function_in_a_table_outlives_its_instance) {
  world_t w = open_world("state");
  own wasm_table_t* table = new_table(w.store, 'R', 1, 1, wasm_func_as_ref(func_of(&w, "count")));
  wasm_extern_vec_delete(&w.exports);
  wasm_instance_delete(w.instance);
  w.instance = NULL;
  own wasm_ref_t* ref = wasm_table_get(table, 0);
  CHECK(call(wasm_ref_as_func(ref), NO_VALS).of.i32 == 1);
  CHECK(call(wasm_ref_as_func(ref), NO_VALS).of.i32 == 2);
  wasm_ref_delete(ref);
  wasm_table_delete(table);
  close_world(&w);
}

TEST(table_is_shared_by_the_instances_that_import_it) {
  world_t w;
  open_store(&w, "imports_table");
  own wasm_table_t* table = new_table(w.store, 'r', 2, 10, NULL);
  CHECK(table);
  instantiate(&w, IMPORTS(wasm_table_as_extern(table)));
  world_t other = {.store = w.store, .module = w.module};
  instantiate(&other, IMPORTS(wasm_table_as_extern(table)));
  CHECK(call_i32(&w, "elements", NO_VALS) == 2 && call_i32(&other, "elements", NO_VALS) == 2);
  CHECK(wasm_table_grow(table, 1, NULL));
  CHECK(call_i32(&w, "elements", NO_VALS) == 3 && call_i32(&other, "elements", NO_VALS) == 3);
  wasm_extern_vec_delete(&other.exports);
  wasm_instance_delete(other.instance);
  wasm_table_delete(table);
  close_world(&w);
}

TEST(copied_handle_is_one_of_the_same_table) {
  world_t w = open_world("state");
  wasm_table_t* table = table_of(&w, "table");
  own wasm_table_t* copy = wasm_table_copy(table);
  CHECK(wasm_table_set(copy, 0, wasm_func_as_ref(func_of(&w, "count"))));
  CHECK(call_i32(&w, "call", VALS(I32(0))) == 1);
  CHECK(wasm_table_grow(copy, 1, NULL) && wasm_table_size(table) == 5);
  wasm_table_delete(copy);
  close_world(&w);
}
