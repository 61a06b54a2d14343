// Modules: what is accepted, what is refused with which message, and what a module says about itself.

#include "host.h"

static own wasm_module_t* compile(wasm_store_t* store, const char* bytes, size_t size) {
  own wasm_byte_vec_t binary;
  wasm_byte_vec_new(&binary, size, bytes);
  own wasm_module_t* module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  return module;
}

#define HEADER "\0asm\1\0\0\0"

TEST(smallest_module_compiles) {
  world_t w;
  open_store(&w, NULL);
  w.module = compile(w.store, HEADER, 8);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  CHECK(w.exports.size == 0);
  close_world(&w);
}

TEST(bytes_that_are_no_module_are_refused_with_a_reason) {
  world_t w;
  open_store(&w, NULL);
  CHECK(!compile(w.store, "", 0));
  CHECK(has_error());
  CHECK(!compile(w.store, "\0asm", 4));
  CHECK(has_error());
  CHECK(!compile(w.store, "(module)", 8));
  CHECK(has_error());
  CHECK(!compile(w.store, "\0asm\2\0\0\0", 8));
  CHECK(has_error());
  close_world(&w);
}

TEST(valid_module_validates_and_invalid_does_not) {
  world_t w;
  open_store(&w, NULL);
  own wasm_byte_vec_t binary;
  read_module("arithmetic", &binary);
  CHECK(wasm_module_validate(w.store, &binary));
  binary.data[binary.size / 2] ^= 0x55;
  binary.size -= 1;
  CHECK(!wasm_module_validate(w.store, &binary));
  CHECK(has_error());
  wasm_byte_vec_delete(&binary);
  close_world(&w);
}

TEST(every_prefix_of_a_module_is_refused_with_a_reason) {
  world_t w;
  open_store(&w, NULL);
  own wasm_byte_vec_t binary;
  read_module("traps", &binary);
  int accepted = 0;
  for (size_t size = 0; size < binary.size; ++size) {
    wasm_byte_vec_t prefix = {size, binary.data};
    own wasm_module_t* module = wasm_module_new(w.store, &prefix);
    accepted += module != NULL;
    if (!module) CHECK(has_error());
    wasm_module_delete(module);
  }
  CHECK(accepted <= 4);  // the header alone, and ends of sections that need no later one
  wasm_byte_vec_delete(&binary);
  close_world(&w);
}

TEST(error_in_a_body_names_the_function_and_the_offset) {
  // (func $id (export "f") (result i32)) without a body that gives one: type mismatch at the end.
  static const char bytes[] = HEADER "\1\5\1\x60\0\1\x7f" "\3\2\1\0" "\7\5\1\1f\0\0" "\x0a\4\1\2\0\x0b";
  world_t w;
  open_store(&w, NULL);
  CHECK(!compile(w.store, bytes, sizeof bytes - 1));
  own wasmrt_error_t* error = wasmrt_last_error();
  CHECK(error);
  wasmrt_error_info_t info = {.struct_size = sizeof info};
  wasmrt_error_info(error, &info);
  CHECK(info.kind == WASMRT_ERROR_INVALID && info.phase == WASMRT_PHASE_VALIDATE);
  CHECK(info.function == 0 && info.offset == sizeof bytes - 2);  // the `end` that lacks a value
  own wasm_message_t message;
  wasmrt_error_message(error, &message);
  CHECK(message_has(&message, "type mismatch") && message_has(&message, "f"));
  wasm_name_delete(&message);
  wasmrt_error_delete(error);
  close_world(&w);
}

TEST(five_byte_sizes_are_accepted) {
  // One type section whose size is padded to five bytes: () -> ().
  static const char bytes[] = HEADER "\1\x84\x80\x80\x80\0\1\x60\0\0";
  world_t w;
  open_store(&w, NULL);
  w.module = compile(w.store, bytes, sizeof bytes - 1);
  CHECK(w.module);
  close_world(&w);
}

TEST(bytes_may_go_once_the_module_is_there) {
  world_t w;
  open_store(&w, NULL);
  own wasm_byte_vec_t binary;
  read_module("state", &binary);
  w.module = wasm_module_new(w.store, &binary);
  memset(binary.data, 0xff, binary.size);
  wasm_byte_vec_delete(&binary);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  own wasm_exporttype_vec_t exports;
  wasm_module_exports(w.module, &exports);
  CHECK(exports.size && exports.data[0]);
  wasm_exporttype_vec_delete(&exports);
  close_world(&w);
}

static bool named(const wasm_name_t* name, const char* text) {
  return name->size == strlen(text) && memcmp(name->data, text, name->size) == 0;
}

TEST(imports_are_listed_in_order_and_as_often_as_they_stand) {
  world_t w;
  open_store(&w, "imports");
  own wasm_importtype_vec_t imports = {77, (void*)77};
  wasm_module_imports(w.module, &imports);
  CHECK(imports.size == 6);
  static const char* const names[] = {"f", "g", "t", "m", "f", ""};
  static const wasm_externkind_t kinds[] = {WASM_EXTERN_FUNC, WASM_EXTERN_GLOBAL, WASM_EXTERN_TABLE, WASM_EXTERN_MEMORY,
                                            WASM_EXTERN_FUNC, WASM_EXTERN_GLOBAL};
  for (size_t i = 0; i < 6; ++i) {
    CHECK(named(wasm_importtype_module(imports.data[i]), i == 5 ? "" : "host"));
    CHECK(named(wasm_importtype_name(imports.data[i]), names[i]));
    CHECK(wasm_externtype_kind(wasm_importtype_type(imports.data[i])) == kinds[i]);
  }
  const wasm_memorytype_t* memory = wasm_externtype_as_memorytype_const(wasm_importtype_type(imports.data[3]));
  CHECK(wasm_memorytype_limits(memory)->min == 1 && wasm_memorytype_limits(memory)->max == 3);
  wasm_importtype_vec_delete(&imports);
  close_world(&w);
}

TEST(exports_are_listed_in_order_with_their_types) {
  world_t w;
  open_store(&w, "state");
  own wasm_exporttype_vec_t exports = {77, (void*)77};
  wasm_module_exports(w.module, &exports);
  CHECK(exports.size == 22);
  CHECK(named(wasm_exporttype_name(exports.data[0]), "count"));
  CHECK(wasm_externtype_as_functype_const(wasm_exporttype_type(exports.data[0])));
  const wasm_globaltype_t* global = wasm_externtype_as_globaltype_const(wasm_exporttype_type(exports.data[2]));
  CHECK(global && wasm_globaltype_mutability(global) == WASM_CONST);
  CHECK(wasm_valtype_kind(wasm_globaltype_content(global)) == WASM_I64);
  const wasm_tabletype_t* table = wasm_externtype_as_tabletype_const(wasm_exporttype_type(exports.data[9]));
  CHECK(table && wasm_valtype_kind(wasm_tabletype_element(table)) == WASM_EXTERNREF);
  CHECK(wasm_tabletype_limits(table)->max == wasm_limits_max_default);
  wasm_exporttype_vec_delete(&exports);
  close_world(&w);
}

TEST(lists_of_imports_outlive_the_module) {
  world_t w;
  open_store(&w, "imports");
  own wasm_importtype_vec_t imports;
  wasm_module_imports(w.module, &imports);
  close_world(&w);
  CHECK(imports.size == 6 && named(wasm_importtype_name(imports.data[2]), "t"));
  wasm_importtype_vec_delete(&imports);
}

TEST(copy_of_a_module_works_when_the_original_is_gone) {
  world_t w;
  open_store(&w, "state");
  own wasm_module_t* copy = wasm_module_copy(w.module);
  wasm_module_delete(w.module);
  w.module = copy;
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  close_world(&w);
}

TEST(module_of_a_proposal_that_is_missing_is_refused_by_name) {
  // (type (struct)): garbage collection
  static const char bytes[] = HEADER "\1\3\1\x5f\0";
  world_t w;
  open_store(&w, NULL);
  CHECK(!compile(w.store, bytes, sizeof bytes - 1));
  CHECK(error_says("garbage collection"));
  close_world(&w);
}

TEST(modules_come_and_go) {
  world_t w;
  open_store(&w, NULL);
  for (int i = 0; i < 30; ++i) {
    own wasm_module_t* module = load(w.store, "state");
    CHECK(module);
    wasm_module_delete(module);
  }
  close_world(&w);
}
