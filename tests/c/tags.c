// Exception tags: made by the host and by modules, imported and exported; what they are is their identity.

#include "host.h"

static own wasm_tagtype_t* tag_type(const char* params, const char* results) {
  return wasm_tagtype_new(functype_of(params, results));
}

static own wasm_extern_t* new_tag(wasm_store_t* store, const char* params) {
  own wasm_tagtype_t* type = tag_type(params, "");
  own wasm_extern_t* tag = wasmrt_tag_new(store, type);
  wasm_tagtype_delete(type);
  return tag;
}

// The number of parameters of a tag.
static size_t arity(const wasm_extern_t* tag) {
  own wasm_tagtype_t* type = wasmrt_tag_type(tag);
  CHECK(type);
  const size_t n = wasm_functype_params(wasm_tagtype_functype(type))->size;
  CHECK(wasm_functype_results(wasm_tagtype_functype(type))->size == 0);
  wasm_tagtype_delete(type);
  return n;
}

static world_t open_tags(own wasm_extern_t** tag) {
  world_t w;
  open_store(&w, "tags");
  *tag = new_tag(w.store, "iI");
  CHECK(*tag);
  instantiate(&w, IMPORTS(*tag, *tag));
  return w;
}

TEST(tag_of_the_host_has_its_type_and_kind) {
  world_t w;
  open_store(&w, NULL);
  own wasm_extern_t* tag = new_tag(w.store, "iI");
  CHECK(wasm_extern_kind(tag) == WASM_EXTERN_TAG && arity(tag) == 2);
  CHECK(!wasm_extern_as_func(tag) && !wasm_extern_as_memory(tag));
  own wasm_externtype_t* type = wasm_extern_type(tag);
  CHECK(wasm_externtype_kind(type) == WASM_EXTERN_TAG && wasm_externtype_as_tagtype(type));
  wasm_externtype_delete(type);
  wasm_extern_delete(tag);
  close_world(&w);
}

TEST(module_says_which_tags_it_imports_and_exports) {
  world_t w;
  open_store(&w, "tags");
  own wasm_importtype_vec_t imports;
  wasm_module_imports(w.module, &imports);
  const wasm_tagtype_t* type = wasm_externtype_as_tagtype_const(wasm_importtype_type(imports.data[1]));
  CHECK(imports.size == 2 && type && wasm_functype_params(wasm_tagtype_functype(type))->size == 2);
  wasm_importtype_vec_delete(&imports);
  close_world(&w);
}

TEST(imported_tag_is_exported_as_the_same_object_and_others_differ) {
  own wasm_extern_t* tag;
  world_t w = open_tags(&tag);
  CHECK(wasm_extern_same(export_of(&w, "imported"), tag) && wasm_extern_same(export_of(&w, "imported again"), tag));
  CHECK(!wasm_extern_same(export_of(&w, "own"), tag) && wasm_extern_kind(export_of(&w, "own")) == WASM_EXTERN_TAG);
  CHECK(arity(export_of(&w, "own")) == 2 && arity(export_of(&w, "empty")) == 0 && arity(export_of(&w, "vector")) == 2);
  wasm_extern_delete(tag);
  close_world(&w);
}

TEST(every_instance_has_tags_of_its_own_which_others_may_import) {
  own wasm_extern_t* tag;
  world_t w = open_tags(&tag);
  wasm_extern_vec_t imports = IMPORTS(export_of(&w, "own"), tag);
  own wasm_instance_t* second = wasm_instance_new(w.store, w.module, &imports, NULL);
  CHECK(second);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(second, &exports);
  CHECK(!wasm_extern_same(exports.data[0], export_of(&w, "own")));
  CHECK(wasm_extern_same(exports.data[3], export_of(&w, "own")) && wasm_extern_same(exports.data[4], tag));
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(second);
  wasm_extern_delete(tag);
  close_world(&w);
}

TEST(tag_of_another_type_or_kind_is_a_link_error_that_shows_both) {
  world_t w;
  open_store(&w, "tags");
  own wasm_extern_t* tag = new_tag(w.store, "iI");
  own wasm_extern_t* other = new_tag(w.store, "i");
  wasm_extern_vec_t imports = IMPORTS(tag, other);
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w.store, w.module, &imports, &trap) && trap);
  CHECK(says(trap, "expected (tag (param i32 i64)), found (tag (param i32))"));
  wasm_extern_delete(tag);
  wasm_extern_delete(other);
  close_world(&w);
}

static bool is_called(const wasm_extern_t* tag, const char* expected) {
  own wasm_name_t name;
  wasmrt_tag_name(tag, &name);
  const bool good = name.size == strlen(expected) && memcmp(name.data ? name.data : "", expected, name.size) == 0;
  wasm_name_delete(&name);
  return good;
}

TEST(tag_has_the_name_of_the_module_that_defines_it) {
  own wasm_extern_t* tag;
  world_t w = open_tags(&tag);
  CHECK(is_called(export_of(&w, "own"), "own") && is_called(export_of(&w, "exported"), "named"));
  CHECK(is_called(export_of(&w, "empty"), "empty") && is_called(tag, "") && is_called(export_of(&w, "imported"), ""));
  forget_error();
  CHECK(is_called(export_of(&w, "throw"), "") && error_says("not a tag") && is_called(NULL, ""));
  own wasm_name_t name;
  CHECK(wasmrt_module_tag_name(w.module, 0, &name) && name.size == 1 && name.data[0] == 'a');
  wasm_name_delete(&name);
  CHECK(wasmrt_module_tag_name(w.module, 6, NULL));
  forget_error();
  CHECK(!wasmrt_module_tag_name(w.module, 3, &name) && !name.data && !has_error());
  CHECK(!wasmrt_module_tag_name(w.module, 7, &name) && !name.data && error_says("no tag 7"));
  CHECK(!wasmrt_module_tag_name(NULL, 0, &name) && !name.data && has_error());
  wasm_extern_delete(tag);
  close_world(&w);
}

TEST(uncaught_exception_names_its_tag) {
  own wasm_extern_t* tag;
  world_t w = open_tags(&tag);
  const char* const expected[] = {"uncaught exception of tag 5 (i32 3)", "uncaught exception \"named\" ()",
                                  "uncaught exception \"empty\" ()", "uncaught exception (i32 4, i64 5)"};
  for (int i = 0; i < 4; ++i) CHECK(says(call_trap(func_of(&w, "throw"), VALS(I32(i))), expected[i]));
  wasm_extern_delete(tag);
  close_world(&w);
}

TEST(tag_lives_as_long_as_an_instance_or_a_handle_needs_it) {
  own wasm_extern_t* tag;
  world_t w = open_tags(&tag);
  wasm_extern_delete(tag);
  for (int i = 0; i < 20000; ++i) wasm_extern_delete(new_tag(w.store, "i"));
  CHECK(arity(export_of(&w, "imported")) == 2);
  own wasm_extern_t* kept = wasm_extern_copy(export_of(&w, "own"));
  close_world(&w);
  CHECK(wasm_extern_kind(kept) == WASM_EXTERN_TAG && !wasmrt_tag_type(kept));
  wasm_extern_delete(kept);
}

TEST(module_with_tags_survives_serialization) {
  own wasm_extern_t* tag;
  world_t w = open_tags(&tag);
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(w.module, &bytes);
  own wasm_module_t* module = wasm_module_deserialize(w.store, &bytes);
  CHECK(module);
  wasm_byte_vec_delete(&bytes);
  wasm_extern_vec_t imports = IMPORTS(tag, tag);
  own wasm_instance_t* instance = wasm_instance_new(w.store, module, &imports, NULL);
  CHECK(instance);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_extern_delete(tag);
  close_world(&w);
}

TEST(what_is_no_type_of_a_tag_is_refused) {
  world_t w;
  open_store(&w, NULL);
  own wasm_tagtype_t* with_results = tag_type("i", "i");
  forget_error();
  CHECK(!wasmrt_tag_new(w.store, with_results) && error_says("results"));
  CHECK(!wasmrt_tag_new(w.store, NULL) && has_error());
  CHECK(!wasmrt_tag_new(NULL, with_results) && has_error());
  CHECK(!wasmrt_tag_type(NULL) && has_error());
  wasm_tagtype_delete(with_results);
  own wasm_memorytype_t* type = wasm_memorytype_new(&(wasm_limits_t){1, 1});
  own wasm_memory_t* memory = wasm_memory_new(w.store, type);
  CHECK(!wasmrt_tag_type(wasm_memory_as_extern(memory)) && error_says("not a tag"));
  wasm_memory_delete(memory);
  wasm_memorytype_delete(type);
  close_world(&w);
}
