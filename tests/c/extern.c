// Externs: the kinds of imports and exports, seen through one type.

#include "host.h"

static void check_kind(wasm_extern_t* object, wasm_externkind_t kind) {
  const wasm_extern_t* seen = object;
  CHECK(wasm_extern_kind(object) == kind);
  CHECK((wasm_extern_as_func(object) != NULL) == (kind == WASM_EXTERN_FUNC));
  CHECK((wasm_extern_as_global(object) != NULL) == (kind == WASM_EXTERN_GLOBAL));
  CHECK((wasm_extern_as_table(object) != NULL) == (kind == WASM_EXTERN_TABLE));
  CHECK((wasm_extern_as_memory(object) != NULL) == (kind == WASM_EXTERN_MEMORY));
  CHECK((wasm_extern_as_func_const(seen) != NULL) == (kind == WASM_EXTERN_FUNC));
  CHECK((wasm_extern_as_global_const(seen) != NULL) == (kind == WASM_EXTERN_GLOBAL));
  CHECK((wasm_extern_as_table_const(seen) != NULL) == (kind == WASM_EXTERN_TABLE));
  CHECK((wasm_extern_as_memory_const(seen) != NULL) == (kind == WASM_EXTERN_MEMORY));
  own wasm_externtype_t* type = wasm_extern_type(object);
  CHECK(wasm_externtype_kind(type) == kind);
  wasm_externtype_delete(type);
}

TEST(objects_are_cast_to_their_own_kind_only) {
  world_t w = open_world("state");
  check_kind(export_of(&w, "count"), WASM_EXTERN_FUNC);
  check_kind(export_of(&w, "counter"), WASM_EXTERN_GLOBAL);
  check_kind(export_of(&w, "table"), WASM_EXTERN_TABLE);
  check_kind(export_of(&w, "memory"), WASM_EXTERN_MEMORY);
  close_world(&w);
}

TEST(casts_of_objects_keep_the_address) {
  world_t w = open_world("state");
  wasm_extern_t* object = export_of(&w, "memory");
  wasm_memory_t* memory = wasm_extern_as_memory(object);
  CHECK((void*)memory == (void*)object && wasm_memory_as_extern(memory) == object);
  CHECK(wasm_memory_as_extern_const(memory) == object);
  CHECK((void*)wasm_global_as_extern(wasm_extern_as_global(export_of(&w, "counter"))) == (void*)export_of(&w, "counter"));
  CHECK((void*)wasm_table_as_extern(wasm_extern_as_table(export_of(&w, "table"))) == (void*)export_of(&w, "table"));
  CHECK((void*)wasm_func_as_extern(func_of(&w, "count")) == (void*)export_of(&w, "count"));
  close_world(&w);
}

TEST(object_may_be_deleted_through_any_view) {
  world_t w = open_world("state");
  own wasm_extern_t* copy = wasm_extern_copy(export_of(&w, "memory"));
  wasm_memory_delete(wasm_extern_as_memory(copy));
  own wasm_func_t* func = wasm_func_copy(func_of(&w, "count"));
  wasm_extern_delete(wasm_func_as_extern(func));
  own wasm_func_t* other = wasm_func_copy(func_of(&w, "count"));
  wasm_ref_delete(wasm_func_as_ref(other));
  close_world(&w);
}

TEST(vector_of_objects_is_copied_handle_by_handle) {
  world_t w = open_world("state");
  own wasm_extern_vec_t copy;
  wasm_extern_vec_copy(&copy, &w.exports);
  CHECK(copy.size == w.exports.size);
  wasm_extern_vec_delete(&w.exports);
  CHECK(call(wasm_extern_as_func(copy.data[0]), NO_VALS).of.i32 == 1);
  wasm_extern_vec_delete(&copy);
  close_world(&w);
}

TEST(asking_for_the_exports_twice_gives_the_same_objects) {
  world_t w = open_world("state");
  own wasm_extern_vec_t again = {99, (void*)99};
  wasm_instance_exports(w.instance, &again);
  CHECK(again.size == w.exports.size);
  wasm_memory_data(wasm_extern_as_memory(export_of(&w, "memory")))[3] = 33;
  CHECK(wasm_memory_data(wasm_extern_as_memory(again.data[7]))[3] == 33);
  CHECK(wasm_ref_same(wasm_func_as_ref(wasm_extern_as_func(again.data[0])),
                      wasm_func_as_ref(wasm_extern_as_func(w.exports.data[0]))));
  wasm_extern_vec_delete(&again);
  close_world(&w);
}

static own wasm_extern_t* by_name(const wasm_instance_t* instance, const char* text) {
  own wasm_name_t name;
  wasm_name_new_from_string(&name, text);
  own wasm_extern_t* found = wasmrt_instance_export(instance, &name);
  wasm_name_delete(&name);
  return found;
}

TEST(export_is_found_by_its_name) {
  world_t w = open_world("state");
  own wasm_extern_t* count = by_name(w.instance, "count");
  CHECK(count && count == export_of(&w, "count"));
  own wasm_extern_t* memory = by_name(w.instance, "memory");
  CHECK(memory && wasm_extern_kind(memory) == WASM_EXTERN_MEMORY);
  forget_error();
  CHECK(!by_name(w.instance, "Count") && error_says("no export"));
  CHECK(!by_name(w.instance, "") && has_error());
  CHECK(!by_name(w.instance, "count2") && has_error());
  wasm_extern_delete(memory);
  close_world(&w);
  wasm_extern_delete(count);
}

TEST(export_by_name_of_nothing_is_refused) {
  world_t w = open_world("state");
  forget_error();
  CHECK(!by_name(NULL, "count") && has_error());
  CHECK(!wasmrt_instance_export(w.instance, NULL) && has_error());
  wasm_store_delete(w.store);
  w.store = NULL;
  CHECK(!by_name(w.instance, "count") && has_error());
  close_world(&w);
}
