// Type objects: plain data that owns its parts, reports them as borrowed views and is copied deeply.

#include "host.h"

TEST(value_types_know_their_kind) {
  static const wasm_valkind_t kinds[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF};
  for (size_t i = 0; i < 6; ++i) {
    own wasm_valtype_t* type = wasm_valtype_new(kinds[i]);
    own wasm_valtype_t* copy = wasm_valtype_copy(type);
    CHECK(wasm_valtype_kind(type) == kinds[i]);
    CHECK(wasm_valtype_is_num(type) == (i < 4) && wasm_valtype_is_ref(type) == (i >= 4));
    wasm_valtype_delete(type);
    CHECK(wasm_valtype_kind(copy) == kinds[i]);
    wasm_valtype_delete(copy);
  }
}

TEST(unknown_value_kind_is_refused) {
  CHECK(!wasm_valtype_new(77));
  CHECK(has_error());
}

TEST(function_type_reports_parameters_and_results_in_order) {
  own wasm_functype_t* type = functype_of("iIf", "FrR");
  const wasm_valtype_vec_t* params = wasm_functype_params(type);
  const wasm_valtype_vec_t* results = wasm_functype_results(type);
  CHECK(params->size == 3 && results->size == 3);
  CHECK(wasm_valtype_kind(params->data[0]) == WASM_I32 && wasm_valtype_kind(params->data[2]) == WASM_F32);
  CHECK(wasm_valtype_kind(results->data[1]) == WASM_EXTERNREF && wasm_valtype_kind(results->data[2]) == WASM_FUNCREF);
  CHECK(wasm_functype_params(type) == params);
  wasm_functype_delete(type);
}

TEST(function_type_takes_over_the_vectors_it_is_made_from) {
  own wasm_valtype_vec_t params, results;
  valtypes_of("ii", &params);
  valtypes_of("I", &results);
  own wasm_functype_t* type = wasm_functype_new(&params, &results);
  CHECK(type);
  CHECK(params.size == 0 && !params.data && results.size == 0 && !results.data);
  wasm_valtype_vec_delete(&params);
  wasm_valtype_vec_delete(&results);
  wasm_functype_delete(type);
}

TEST(function_type_without_anything) {
  own wasm_functype_t* type = wasm_functype_new_0_0();
  CHECK(wasm_functype_params(type)->size == 0 && wasm_functype_results(type)->size == 0);
  wasm_functype_delete(type);
  type = wasm_functype_new(NULL, NULL);
  CHECK(type && wasm_functype_params(type)->size == 0);
  wasm_functype_delete(type);
}

TEST(function_type_with_a_missing_part_is_refused_and_consumes_the_rest) {
  own wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new_uninitialized(&params, 2);
  params.data[0] = wasm_valtype_new_i32();
  valtypes_of("i", &results);
  CHECK(!wasm_functype_new(&params, &results));
  CHECK(has_error());
  CHECK(!params.data && !results.data);
}

TEST(copy_of_a_type_outlives_the_original) {
  own wasm_functype_t* type = functype_of("iF", "I");
  own wasm_functype_t* copy = wasm_functype_copy(type);
  wasm_functype_delete(type);
  CHECK(wasm_functype_params(copy)->size == 2);
  CHECK(wasm_valtype_kind(wasm_functype_params(copy)->data[1]) == WASM_F64);
  wasm_functype_delete(copy);
}

TEST(global_type_reports_content_and_mutability) {
  own wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new_f32(), WASM_VAR);
  own wasm_globaltype_t* copy = wasm_globaltype_copy(type);
  wasm_globaltype_delete(type);
  CHECK(wasm_valtype_kind(wasm_globaltype_content(copy)) == WASM_F32);
  CHECK(wasm_globaltype_mutability(copy) == WASM_VAR);
  wasm_globaltype_delete(copy);
  CHECK(!wasm_globaltype_new(NULL, WASM_VAR));
  CHECK(!wasm_globaltype_new(wasm_valtype_new_i32(), 9));
}

TEST(table_and_memory_types_report_their_limits) {
  wasm_limits_t limits = {2, 9};
  own wasm_tabletype_t* table = wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
  own wasm_memorytype_t* memory = wasm_memorytype_new(&limits);
  limits.min = 1000;
  CHECK(wasm_tabletype_limits(table)->min == 2 && wasm_tabletype_limits(table)->max == 9);
  CHECK(wasm_valtype_kind(wasm_tabletype_element(table)) == WASM_FUNCREF);
  CHECK(wasm_memorytype_limits(memory)->min == 2 && wasm_memorytype_limits(memory)->max == 9);
  wasm_tabletype_delete(table);
  wasm_memorytype_delete(memory);
}

TEST(all_ones_as_maximum_mean_none) {
  wasm_limits_t limits = {3, wasm_limits_max_default};
  own wasm_memorytype_t* type = wasm_memorytype_new(&limits);
  CHECK(wasm_memorytype_limits(type)->max == 0xffffffff);
  wasm_memorytype_delete(type);
}

TEST(minimum_above_maximum_is_refused) {
  wasm_limits_t limits = {5, 4};
  CHECK(!wasm_memorytype_new(&limits));
  CHECK(has_error());
  CHECK(!wasm_tabletype_new(wasm_valtype_new_funcref(), &limits));
  CHECK(has_error());
}

TEST(table_type_of_numbers_is_data_like_any_other) {
  static const wasm_valkind_t kinds[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASMRT_V128};
  for (size_t i = 0; i < 5; ++i) {
    own wasm_tabletype_t* type = wasm_tabletype_new(wasm_valtype_new(kinds[i]), &(wasm_limits_t){1, 4});
    CHECK(type && wasm_valtype_kind(wasm_tabletype_element(type)) == kinds[i]);
    own wasm_externtype_t* copy = wasm_externtype_copy(wasm_tabletype_as_externtype(type));
    wasm_tabletype_delete(type);
    CHECK(wasm_externtype_kind(copy) == WASM_EXTERN_TABLE);
    const wasm_tabletype_t* again = wasm_externtype_as_tabletype_const(copy);
    CHECK(wasm_valtype_kind(wasm_tabletype_element(again)) == kinds[i] && wasm_tabletype_limits(again)->max == 4);
    wasm_externtype_delete(copy);
  }
}

TEST(table_of_numbers_is_refused) {
  world_t w;
  open_store(&w, NULL);
  CHECK(!new_table(w.store, 'i', 1, 4, NULL) && error_says("references"));
  CHECK(!new_table(w.store, 'F', 0, 0, NULL) && error_says("references"));
  close_world(&w);
}

TEST(tag_type_owns_its_function_type) {
  own wasm_tagtype_t* type = wasm_tagtype_new(functype_of("iI", ""));
  own wasm_tagtype_t* copy = wasm_tagtype_copy(type);
  wasm_tagtype_delete(type);
  CHECK(wasm_functype_params(wasm_tagtype_functype(copy))->size == 2);
  wasm_tagtype_delete(copy);
}

// Every way up and down the hierarchy of extern types, for each of the five kinds.
static void check_casts(own wasm_externtype_t* type, wasm_externkind_t kind) {
  const wasm_externtype_t* seen = type;
  CHECK(wasm_externtype_kind(type) == kind);
  CHECK((wasm_externtype_as_functype(type) != NULL) == (kind == WASM_EXTERN_FUNC));
  CHECK((wasm_externtype_as_globaltype(type) != NULL) == (kind == WASM_EXTERN_GLOBAL));
  CHECK((wasm_externtype_as_tabletype(type) != NULL) == (kind == WASM_EXTERN_TABLE));
  CHECK((wasm_externtype_as_memorytype(type) != NULL) == (kind == WASM_EXTERN_MEMORY));
  CHECK((wasm_externtype_as_tagtype(type) != NULL) == (kind == WASM_EXTERN_TAG));
  CHECK((wasm_externtype_as_functype_const(seen) != NULL) == (kind == WASM_EXTERN_FUNC));
  CHECK((wasm_externtype_as_globaltype_const(seen) != NULL) == (kind == WASM_EXTERN_GLOBAL));
  CHECK((wasm_externtype_as_tabletype_const(seen) != NULL) == (kind == WASM_EXTERN_TABLE));
  CHECK((wasm_externtype_as_memorytype_const(seen) != NULL) == (kind == WASM_EXTERN_MEMORY));
  CHECK((wasm_externtype_as_tagtype_const(seen) != NULL) == (kind == WASM_EXTERN_TAG));
  own wasm_externtype_t* copy = wasm_externtype_copy(type);
  wasm_externtype_delete(type);
  CHECK(wasm_externtype_kind(copy) == kind);
  wasm_externtype_delete(copy);
}

TEST(types_are_cast_to_their_own_kind_only_and_deleted_through_any_view) {
  wasm_limits_t limits = {1, 2};
  check_casts(wasm_functype_as_externtype(functype_of("i", "i")), WASM_EXTERN_FUNC);
  check_casts(wasm_globaltype_as_externtype(wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST)), WASM_EXTERN_GLOBAL);
  check_casts(wasm_tabletype_as_externtype(wasm_tabletype_new(wasm_valtype_new_externref(), &limits)), WASM_EXTERN_TABLE);
  check_casts(wasm_memorytype_as_externtype(wasm_memorytype_new(&limits)), WASM_EXTERN_MEMORY);
  check_casts(wasm_tagtype_as_externtype(wasm_tagtype_new(functype_of("", ""))), WASM_EXTERN_TAG);
}

TEST(casts_keep_the_address) {
  own wasm_functype_t* type = functype_of("", "");
  wasm_externtype_t* view = wasm_functype_as_externtype(type);
  CHECK((void*)view == (void*)type && wasm_externtype_as_functype(view) == type);
  CHECK((const void*)wasm_functype_as_externtype_const(type) == (const void*)type);
  wasm_functype_delete(type);
}

static own wasm_externtype_t* some_type(void) { return wasm_functype_as_externtype(functype_of("i", "")); }

TEST(import_and_export_types_keep_names_with_any_bytes) {
  own wasm_name_t module, name;
  wasm_name_new_empty(&module);
  wasm_name_new(&name, 5, "a\0b\xc3\xa4");
  own wasm_importtype_t* import = wasm_importtype_new(&module, &name, some_type());
  CHECK(import && !name.data && !name.size);
  own wasm_importtype_t* copy = wasm_importtype_copy(import);
  wasm_importtype_delete(import);
  CHECK(wasm_importtype_module(copy)->size == 0);
  CHECK(wasm_importtype_name(copy)->size == 5 && memcmp(wasm_importtype_name(copy)->data, "a\0b\xc3\xa4", 5) == 0);
  CHECK(wasm_externtype_kind(wasm_importtype_type(copy)) == WASM_EXTERN_FUNC);
  wasm_importtype_delete(copy);

  wasm_name_new_from_string(&name, "out");
  own wasm_exporttype_t* export = wasm_exporttype_new(&name, some_type());
  own wasm_exporttype_t* twin = wasm_exporttype_copy(export);
  wasm_exporttype_delete(export);
  CHECK(wasm_exporttype_name(twin)->size == 3 && memcmp(wasm_exporttype_name(twin)->data, "out", 3) == 0);
  CHECK(wasm_externtype_kind(wasm_exporttype_type(twin)) == WASM_EXTERN_FUNC);
  wasm_exporttype_delete(twin);
}

TEST(refused_import_type_consumes_what_it_was_given) {
  own wasm_name_t module, name;
  wasm_name_new_from_string(&module, "m");
  wasm_name_new_from_string(&name, "n");
  CHECK(!wasm_importtype_new(&module, &name, NULL));
  CHECK(has_error());
  CHECK(!module.data && !name.data);
  wasm_name_new_from_string(&name, "n");
  CHECK(!wasm_exporttype_new(&name, NULL));
  CHECK(!name.data);
}
