// Wrong arguments end in NULL, false, 0 or an empty vector, with a message: never in a crash. NULL for every
// object of every function, objects of another store, values without meaning.

#include "host.h"

// Out parameters are initialised on every return.
#define EMPTY_AFTER(vector_t, call_with_v)      \
  {                                             \
    vector_t v = {99, (void*)99};               \
    call_with_v;                                \
    CHECK(v.size == 0 && v.data == NULL);       \
  }

TEST(null_types_have_nothing_to_say) {
  CHECK(wasm_valtype_kind(NULL) == 0 && wasm_externtype_kind(NULL) == 0);
  CHECK(!wasm_valtype_copy(NULL) && !wasm_functype_copy(NULL) && !wasm_globaltype_copy(NULL));
  CHECK(!wasm_tabletype_copy(NULL) && !wasm_memorytype_copy(NULL) && !wasm_tagtype_copy(NULL));
  CHECK(!wasm_externtype_copy(NULL) && !wasm_importtype_copy(NULL) && !wasm_exporttype_copy(NULL));
  const wasm_valtype_vec_t* params = wasm_functype_params(NULL);
  const wasm_valtype_vec_t* results = wasm_functype_results(NULL);
  CHECK((!params || !params->size) && (!results || !results->size));
  CHECK(!wasm_globaltype_content(NULL) && wasm_globaltype_mutability(NULL) == 0);
  CHECK(!wasm_tabletype_element(NULL) && !wasm_tagtype_functype(NULL));
  (void)wasm_tabletype_limits(NULL);
  (void)wasm_memorytype_limits(NULL);
  (void)wasm_importtype_module(NULL);
  (void)wasm_importtype_name(NULL);
  (void)wasm_exporttype_name(NULL);
  CHECK(!wasm_importtype_type(NULL) && !wasm_exporttype_type(NULL));
  wasm_valtype_delete(NULL);
  wasm_functype_delete(NULL);
  wasm_globaltype_delete(NULL);
  wasm_tabletype_delete(NULL);
  wasm_memorytype_delete(NULL);
  wasm_tagtype_delete(NULL);
  wasm_externtype_delete(NULL);
  wasm_importtype_delete(NULL);
  wasm_exporttype_delete(NULL);
}

TEST(null_parts_make_no_types) {
  wasm_limits_t limits = {1, 2};
  CHECK(!wasm_tabletype_new(NULL, &limits));
  CHECK(!wasm_tabletype_new(wasm_valtype_new_funcref(), NULL));
  CHECK(!wasm_memorytype_new(NULL));
  CHECK(!wasm_tagtype_new(NULL));
  CHECK(!wasm_importtype_new(NULL, NULL, NULL));
  CHECK(!wasm_exporttype_new(NULL, NULL));
  CHECK(has_error());
}

TEST(casts_of_null_are_null) {
  CHECK(!wasm_functype_as_externtype(NULL) && !wasm_externtype_as_functype(NULL));
  CHECK(!wasm_globaltype_as_externtype(NULL) && !wasm_externtype_as_globaltype(NULL));
  CHECK(!wasm_tabletype_as_externtype(NULL) && !wasm_externtype_as_tabletype(NULL));
  CHECK(!wasm_memorytype_as_externtype(NULL) && !wasm_externtype_as_memorytype(NULL));
  CHECK(!wasm_tagtype_as_externtype(NULL) && !wasm_externtype_as_tagtype(NULL));
  CHECK(!wasm_func_as_extern(NULL) && !wasm_extern_as_func(NULL) && !wasm_extern_as_func_const(NULL));
  CHECK(!wasm_global_as_extern(NULL) && !wasm_extern_as_global(NULL) && !wasm_extern_as_global_const(NULL));
  CHECK(!wasm_table_as_extern(NULL) && !wasm_extern_as_table(NULL) && !wasm_extern_as_table_const(NULL));
  CHECK(!wasm_memory_as_extern(NULL) && !wasm_extern_as_memory(NULL) && !wasm_extern_as_memory_const(NULL));
  CHECK(!wasm_func_as_ref(NULL) && !wasm_ref_as_func(NULL) && !wasm_ref_as_func_const(NULL));
}

TEST(null_objects_answer_neutrally) {
  CHECK(!wasm_func_type(NULL) && wasm_func_param_arity(NULL) == 0 && wasm_func_result_arity(NULL) == 0);
  CHECK(!wasm_global_type(NULL) && !wasm_table_type(NULL) && !wasm_memory_type(NULL) && !wasm_extern_type(NULL));
  CHECK(wasm_extern_kind(NULL) == 0);
  wasm_val_t value;
  memset(&value, 0x5a, sizeof value);
  wasm_global_get(NULL, &value);
  CHECK(wasm_valkind_is_ref(value.kind) && !value.of.ref);
  wasm_global_set(NULL, &value);
  CHECK(!wasm_table_get(NULL, 0) && !wasm_table_set(NULL, 0, NULL) && !wasm_table_grow(NULL, 1, NULL));
  CHECK(wasm_table_size(NULL) == 0 && wasm_memory_size(NULL) == 0 && wasm_memory_data_size(NULL) == 0);
  (void)wasm_memory_data(NULL);
  CHECK(!wasm_memory_grow(NULL, 1));
  CHECK(!wasm_func_copy(NULL) && !wasm_global_copy(NULL) && !wasm_table_copy(NULL) && !wasm_memory_copy(NULL));
  CHECK(!wasm_extern_copy(NULL) && !wasm_instance_copy(NULL) && !wasm_module_copy(NULL) && !wasm_trap_copy(NULL));
  CHECK(!wasm_ref_copy(NULL) && !wasm_frame_copy(NULL));
  EMPTY_AFTER(wasm_extern_vec_t, wasm_instance_exports(NULL, &v));
  EMPTY_AFTER(wasm_importtype_vec_t, wasm_module_imports(NULL, &v));
  EMPTY_AFTER(wasm_exporttype_vec_t, wasm_module_exports(NULL, &v));
  EMPTY_AFTER(wasm_frame_vec_t, wasm_trap_trace(NULL, &v));
  EMPTY_AFTER(wasm_message_t, wasm_trap_message(NULL, &v));
  EMPTY_AFTER(wasm_name_t, wasmrt_frame_func_name(NULL, &v));
  EMPTY_AFTER(wasm_name_t, wasmrt_frame_module_name(NULL, &v));
  CHECK(!wasm_trap_origin(NULL));
  CHECK(wasm_frame_func_index(NULL) == 0);
  (void)wasm_frame_func_offset(NULL);
  (void)wasm_frame_module_offset(NULL);
  CHECK(!wasmrt_frame_source(NULL, 0, NULL, NULL, NULL, NULL));
  CHECK(!wasmrt_profile_new(NULL, 0) && wasmrt_profile_samples(NULL) == 0);
  wasmrt_profile_stop(NULL);
  wasmrt_profile_delete(NULL);
  EMPTY_AFTER(wasm_byte_vec_t, CHECK(!wasmrt_profile_write(NULL, WASMRT_PROFILE_FOLDED, &v)));
  EMPTY_AFTER(wasm_byte_vec_t, CHECK(!wasmrt_engine_timeline(NULL, WASMRT_TIMELINE_SVG, &v)));
}

TEST(deleting_null_does_nothing) {
  wasm_func_delete(NULL);
  wasm_global_delete(NULL);
  wasm_table_delete(NULL);
  wasm_memory_delete(NULL);
  wasm_extern_delete(NULL);
  wasm_instance_delete(NULL);
  wasm_module_delete(NULL);
  wasm_trap_delete(NULL);
  wasm_frame_delete(NULL);
  wasm_ref_delete(NULL);
  wasm_store_delete(NULL);
  wasm_engine_delete(NULL);
}

TEST(missing_out_parameters_do_nothing) {
  world_t w = open_world("state");
  wasm_instance_exports(w.instance, NULL);
  wasm_module_imports(w.module, NULL);
  wasm_module_exports(w.module, NULL);
  wasm_global_get(wasm_extern_as_global(export_of(&w, "counter")), NULL);
  own wasm_trap_t* trap = trap_saying(w.store, "x");
  wasm_trap_message(trap, NULL);
  wasm_trap_trace(trap, NULL);
  wasm_trap_delete(trap);
  wasm_val_copy(NULL, &I32(1));
  close_world(&w);
}

static own wasm_trap_t* never(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  *(int*)env += 1;
  return NULL;
}

TEST(nothing_is_made_from_nothing) {
  world_t w;
  open_store(&w, "state");
  own wasm_functype_t* ft = functype_of("", "");
  own wasm_globaltype_t* gt = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_VAR);
  own wasm_memorytype_t* mt = wasm_memorytype_new(&(wasm_limits_t){1, 1});
  own wasm_tabletype_t* tt = wasm_tabletype_new(wasm_valtype_new_funcref(), &(wasm_limits_t){1, 1});
  int called = 0;
  CHECK(!wasm_func_new(w.store, ft, NULL) && !wasm_func_new(NULL, ft, NULL));
  CHECK(!wasm_func_new_with_env(w.store, NULL, never, &called, NULL));
  CHECK(!wasm_func_new_with_env(w.store, ft, NULL, &called, NULL));
  CHECK(!wasm_global_new(NULL, gt, &I32(1)) && !wasm_global_new(w.store, NULL, &I32(1)));
  CHECK(!wasm_global_new(w.store, gt, NULL));
  CHECK(!wasm_memory_new(NULL, mt) && !wasm_memory_new(w.store, NULL));
  CHECK(!wasm_table_new(NULL, tt, NULL) && !wasm_table_new(w.store, NULL, NULL));
  CHECK(!wasm_module_new(NULL, NULL) && !wasm_module_new(w.store, NULL));
  CHECK(!wasm_module_validate(NULL, NULL) && !wasm_module_validate(w.store, NULL));
  CHECK(!wasm_module_new(w.store, &(wasm_byte_vec_t){10, NULL}));
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w.store, NULL, &NO_IMPORTS, &trap));
  wasm_trap_delete(trap);
  trap = NULL;
  CHECK(!wasm_instance_new(NULL, w.module, &NO_IMPORTS, &trap));
  wasm_trap_delete(trap);
  CHECK(!wasm_trap_new(NULL, NULL));
  CHECK(has_error());
  wasm_functype_delete(ft);
  wasm_globaltype_delete(gt);
  wasm_memorytype_delete(mt);
  wasm_tabletype_delete(tt);
  CHECK(called == 0);
  close_world(&w);
}

TEST(null_vector_is_an_empty_one) {
  world_t w;
  open_store(&w, "state");
  own wasm_trap_t* trap = NULL;
  w.instance = wasm_instance_new(w.store, w.module, NULL, &trap);
  CHECK(w.instance && !trap);
  wasm_instance_exports(w.instance, &w.exports);
  CHECK(!wasm_func_call(func_of(&w, "count"), NULL, NULL));
  CHECK(call_i32(&w, "count", NO_VALS) == 2);
  close_world(&w);
}

TEST(vector_with_a_size_and_no_data_is_refused) {
  world_t w = open_world("state");
  wasm_val_vec_t broken = {3, NULL};
  CHECK(says(wasm_func_call(func_of(&w, "count"), &broken, NULL), "arguments have a size"));
  CHECK(says(wasm_func_call(func_of(&w, "count"), &NO_VALS, &broken), "results have a size"));
  own wasm_trap_t* trap = NULL;
  own wasm_module_t* module = load(w.store, "imports");
  CHECK(!wasm_instance_new(w.store, module, &(wasm_extern_vec_t){6, NULL}, &trap));
  CHECK(says(trap, "a vector with a size but without data"));
  wasm_module_delete(module);
  close_world(&w);
}

// --- Objects of another store ---

TEST(objects_of_another_store_are_refused) {
  world_t a = open_world("state"), b = open_world("state");
  wasm_ref_t* foreign = wasm_func_as_ref(func_of(&b, "seven"));
  wasm_table_t* table = wasm_extern_as_table(export_of(&a, "table"));
  forget_error();
  CHECK(!wasm_table_set(table, 0, foreign));
  CHECK(has_error());
  CHECK(!wasm_table_grow(table, 1, foreign));
  CHECK(wasm_table_size(table) == 4);
  own wasm_tabletype_t* tt = wasm_table_type(table);
  CHECK(!wasm_table_new(a.store, tt, foreign));
  wasm_tabletype_delete(tt);
  wasm_val_t value = {.kind = WASM_FUNCREF, .of = {.ref = foreign}};
  wasm_global_t* global = wasm_extern_as_global(export_of(&a, "funcref"));
  wasm_global_set(global, &value);
  CHECK(has_error());
  CHECK(call_i32(&a, "funcref_is_null", NO_VALS) == 1);
  own wasm_globaltype_t* gt = wasm_global_type(global);
  CHECK(!wasm_global_new(a.store, gt, &value));
  wasm_globaltype_delete(gt);
  CHECK(!wasm_ref_same(foreign, wasm_func_as_ref(func_of(&a, "seven"))));
  close_world(&a);
  close_world(&b);
}

TEST(type_of_an_object_of_another_kind_is_null) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memorytype_t* type = wasm_memorytype_new(&(wasm_limits_t){1, 2});
  own wasm_memory_t* memory = wasm_memory_new(w.store, type);
  void* other = memory;
  CHECK(!wasm_func_type(other) && error_says("of another kind"));
  CHECK(!wasm_global_type(other) && error_says("of another kind"));
  CHECK(!wasm_table_type(other) && error_says("of another kind"));
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  CHECK(!wasm_memory_type((void*)foreign) && error_says("of another kind"));
  wasm_foreign_delete(foreign);
  wasm_memory_delete(memory);
  wasm_memorytype_delete(type);
  close_world(&w);
}

TEST(argument_of_another_store_is_a_trap) {
  world_t a = open_world("arithmetic"), b = open_world("state");
  wasm_val_t value = {.kind = WASM_FUNCREF, .of = {.ref = wasm_func_as_ref(func_of(&b, "seven"))}};
  CHECK(says(call_trap(func_of(&a, "funcref"), VALS(value)), "store"));
  value.kind = WASM_EXTERNREF;
  CHECK(says(call_trap(func_of(&a, "externref"), VALS(value)), "store"));
  close_world(&a);
  close_world(&b);
}

TEST(object_that_is_no_function_is_no_funcref) {
  world_t w = open_world("state");
  own wasm_func_t* seven = wasm_func_copy(func_of(&w, "seven"));
  wasm_ref_t* memory = (wasm_ref_t*)export_of(&w, "memory");  // casts keep the address
  CHECK(!wasm_ref_as_func(memory));
  CHECK(!wasm_table_set(wasm_extern_as_table(export_of(&w, "table")), 0, memory));
  CHECK(wasm_table_set(wasm_extern_as_table(export_of(&w, "externs")), 0, memory));
  wasm_val_t value = {.kind = WASM_FUNCREF, .of = {.ref = memory}};
  wasm_global_set(wasm_extern_as_global(export_of(&w, "funcref")), &value);
  CHECK(call_i32(&w, "funcref_is_null", NO_VALS) == 1);
  wasm_func_delete(seven);
  close_world(&w);
}
