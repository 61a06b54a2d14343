// What a module contains about itself: custom sections, its own name, the names of its functions. Its bytes are
// deleted before they are asked for.

#include "host.h"

static bool is(const wasm_byte_vec_t* bytes, const char* expected, size_t size) {
  return bytes->size == size && (size == 0 || memcmp(bytes->data, expected, size) == 0);
}

// Section `i` has that name and those bytes.
static void check_section(const wasm_module_t* module, size_t i, const char* name, const char* bytes, size_t size) {
  own wasm_name_t its_name = {99, (void*)99};
  own wasm_byte_vec_t content = {99, (void*)99};
  CHECK(wasmrt_module_custom_section(module, i, &its_name, &content));
  CHECK(is(&its_name, name, strlen(name)) && is(&content, bytes, size));
  wasm_name_delete(&its_name);
  wasm_byte_vec_delete(&content);
}

static void check_all(const wasm_module_t* module) {
  CHECK(wasmrt_module_custom_section_count(module) == 5);
  check_section(module, 0, "first", "\0\1\xff", 3);
  check_section(module, 1, "twice", "one", 3);
  check_section(module, 2, "empty", "", 0);
  check_section(module, 3, "twice", "two", 3);
  own wasm_name_t name;
  CHECK(wasmrt_module_custom_section(module, 4, &name, NULL));
  CHECK(is(&name, "name", 4));
  wasm_name_delete(&name);
}

TEST(sections_come_in_the_order_of_the_binary) {
  world_t w;
  open_store(&w, "custom_sections");
  check_all(w.module);
  check_all(w.module);
  close_world(&w);
}

TEST(either_part_of_a_section_may_be_left_out) {
  world_t w;
  open_store(&w, "custom_sections");
  own wasm_byte_vec_t content;
  CHECK(wasmrt_module_custom_section(w.module, 3, NULL, &content));
  CHECK(is(&content, "two", 3));
  wasm_byte_vec_delete(&content);
  CHECK(wasmrt_module_custom_section(w.module, 3, NULL, NULL));
  close_world(&w);
}

TEST(section_that_is_not_there_gives_empty_vectors_and_a_reason) {
  world_t w;
  open_store(&w, "custom_sections");
  const size_t wrong[] = {5, 6, SIZE_MAX};
  for (size_t i = 0; i < 3; ++i) {
    own wasm_name_t name = {99, (void*)99};
    own wasm_byte_vec_t content = {99, (void*)99};
    forget_error();
    CHECK(!wasmrt_module_custom_section(w.module, wrong[i], &name, &content));
    CHECK(!name.size && !name.data && !content.size && !content.data && has_error());
  }
  CHECK(!wasmrt_module_custom_section(w.module, 5, NULL, NULL));
  close_world(&w);
}

TEST(module_without_custom_sections_has_none) {
  world_t w;
  open_store(&w, NULL);
  const char bytes[] = "\0asm\1\0\0\0";
  const wasm_byte_vec_t binary = {8, (char*)bytes};
  w.module = wasm_module_new(w.store, &binary);
  CHECK(w.module && wasmrt_module_custom_section_count(w.module) == 0);
  own wasm_name_t name = {99, (void*)99};
  wasmrt_module_name(w.module, &name);
  CHECK(!name.size && !name.data);
  close_world(&w);
}

static void check_func_name(const wasm_module_t* module, uint32_t index, const char* expected) {
  own wasm_name_t name = {99, (void*)99};
  CHECK(wasmrt_module_func_name(module, index, &name) == (expected != NULL));
  CHECK(is(&name, expected, expected ? strlen(expected) : 0));
  wasm_name_delete(&name);
}

TEST(names_of_the_module_and_its_functions) {
  world_t w;
  open_store(&w, "custom_sections");
  own wasm_name_t name = {99, (void*)99};
  wasmrt_module_name(w.module, &name);
  CHECK(is(&name, "described", 9));
  wasm_name_delete(&name);
  forget_error();
  check_func_name(w.module, 0, "imported");
  check_func_name(w.module, 1, "inner");
  check_func_name(w.module, 2, NULL);
  CHECK(!has_error());  // having no name is not an error
  check_func_name(w.module, 3, "name with \xc3\xa4 and spaces");
  CHECK(wasmrt_module_func_name(w.module, 1, NULL) && !wasmrt_module_func_name(w.module, 2, NULL));
  close_world(&w);
}

TEST(index_beyond_the_functions_is_refused) {
  world_t w;
  open_store(&w, "custom_sections");
  forget_error();
  check_func_name(w.module, 4, NULL);
  CHECK(error_says("no function 4"));
  check_func_name(w.module, UINT32_MAX, NULL);
  CHECK(has_error());
  close_world(&w);
}

// A name section written by hand, with names that are out of order.
TEST(damaged_name_section_yields_what_can_be_read) {
  static const char bytes[] =
      "\0asm\1\0\0\0"
      "\1\4\1\x60\0\0"           // type [] -> []
      "\3\4\3\0\0\0"             // three functions
      "\xa\xa\3\2\0\xb\2\0\xb\2\0\xb"
      "\0\x15\4name"
      "\0\2\1m"                  // the module is called m
      "\1\xa\3\0\1a\2\1z\1\1q";  // functions 0, 2, 1
  world_t w;
  open_store(&w, NULL);
  const wasm_byte_vec_t binary = {sizeof bytes - 1, (char*)bytes};
  w.module = wasm_module_new(w.store, &binary);
  CHECK(w.module);
  check_func_name(w.module, 0, "a");
  check_func_name(w.module, 1, NULL);
  check_func_name(w.module, 2, "z");
  own wasm_name_t name;
  wasmrt_module_name(w.module, &name);
  CHECK(is(&name, "m", 1));
  wasm_name_delete(&name);
  close_world(&w);
}

static void check_refused(const wasm_module_t* module) {
  own wasm_name_t name = {99, (void*)99};
  own wasm_byte_vec_t content = {99, (void*)99};
  forget_error();
  CHECK(wasmrt_module_custom_section_count(module) == 0 && has_error());
  CHECK(!wasmrt_module_custom_section(module, 0, &name, &content) && has_error());
  CHECK(!name.data && !content.data);
  name = (wasm_name_t){99, (void*)99};
  CHECK(!wasmrt_module_func_name(module, 0, &name) && !name.size && !name.data && has_error());
  name = (wasm_name_t){99, (void*)99};
  wasmrt_module_name(module, &name);
  CHECK(!name.size && !name.data && has_error());
  wasmrt_module_name(module, NULL);
}

TEST(null_and_modules_of_deleted_stores_say_nothing) {
  check_refused(NULL);
  world_t w;
  open_store(&w, "custom_sections");
  wasm_store_delete(w.store);
  w.store = NULL;
  check_refused(w.module);
  close_world(&w);
}
