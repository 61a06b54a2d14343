// Every vector of bytes that the library makes is followed by a NUL that its size does not include, so that
// programs which treat a name as a C string read no further.

#include "host.h"

static bool ends(const wasm_byte_vec_t* name) { return name->data && name->data[name->size] == '\0'; }

// As long as `text`, and readable as it.
static bool reads(const wasm_name_t* name, const char* text) {
  return ends(name) && name->size == strlen(text) && strcmp(name->data, text) == 0;
}

TEST(names_of_imports_and_exports_are_c_strings) {
  world_t w;
  open_store(&w, "imports");
  own wasm_importtype_vec_t imports, copies;
  wasm_module_imports(w.module, &imports);
  wasm_importtype_vec_copy(&copies, &imports);
  for (size_t i = 0; i < 6; ++i) {
    static const char* const names[] = {"f", "g", "t", "m", "f", ""};
    const char* module = i < 5 ? "host" : "";
    CHECK(reads(wasm_importtype_module(imports.data[i]), module) && reads(wasm_importtype_name(imports.data[i]), names[i]));
    CHECK(reads(wasm_importtype_module(copies.data[i]), module) && reads(wasm_importtype_name(copies.data[i]), names[i]));
  }
  own wasm_exporttype_vec_t exports;
  wasm_module_exports(w.module, &exports);
  own wasm_exporttype_t* export = wasm_exporttype_copy(exports.data[1]);
  CHECK(reads(wasm_exporttype_name(exports.data[0]), "call") && reads(wasm_exporttype_name(export), "set"));
  wasm_exporttype_delete(export);
  wasm_exporttype_vec_delete(&exports);
  wasm_importtype_vec_delete(&imports);
  wasm_importtype_vec_delete(&copies);
  close_world(&w);
}

TEST(names_made_by_the_host_are_c_strings) {
  own wasm_name_t name, copy;
  wasm_name_new_from_string(&name, "abc");
  CHECK(reads(&name, "abc"));
  wasm_name_copy(&copy, &name);
  CHECK(reads(&copy, "abc"));
  own wasm_importtype_t* type = wasm_importtype_new(&name, &copy, wasm_memorytype_as_externtype(wasm_memorytype_new(&(wasm_limits_t){1, 2})));
  CHECK(reads(wasm_importtype_module(type), "abc") && reads(wasm_importtype_name(type), "abc"));
  wasm_importtype_delete(type);
  wasm_name_new(&name, 2, "abc");
  CHECK(reads(&name, "ab"));
  wasm_name_delete(&name);
  wasm_name_new_uninitialized(&name, 3);
  memcpy(name.data, "xyz", 3);
  CHECK(reads(&name, "xyz"));
  wasm_name_delete(&name);
  wasm_name_new(&name, 0, NULL);
  CHECK(!name.size && !name.data);
}

TEST(names_of_modules_functions_sections_and_frames_are_c_strings) {
  world_t w;
  open_store(&w, "custom_sections");
  own wasm_name_t name;
  own wasm_byte_vec_t content;
  wasmrt_module_name(w.module, &name);
  CHECK(reads(&name, "described"));
  wasm_name_delete(&name);
  CHECK(wasmrt_module_func_name(w.module, 1, &name) && reads(&name, "inner"));
  wasm_name_delete(&name);
  CHECK(wasmrt_module_custom_section(w.module, 0, &name, &content) && reads(&name, "first") && ends(&content));
  wasm_name_delete(&name);
  wasm_byte_vec_delete(&content);
  close_world(&w);

  w = open_world("traps");
  own wasm_trap_t* trap = call_trap(func_of(&w, "nested"), VALS(I32(0)));
  own wasm_frame_t* frame = wasm_trap_origin(trap);
  wasmrt_frame_func_name(frame, &name);
  CHECK(reads(&name, "inner"));
  wasm_name_delete(&name);
  wasmrt_frame_module_name(frame, &name);
  CHECK(reads(&name, "traps"));
  wasm_name_delete(&name);
  wasm_frame_delete(frame);
  wasm_trap_delete(trap);
  close_world(&w);
}

TEST(messages_count_their_only_nul) {
  world_t w;
  open_store(&w, NULL);
  own wasm_trap_t* trap = trap_saying(w.store, "four");
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  CHECK(message.size == 5 && strcmp(message.data, "four") == 0);
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  close_world(&w);
}

TEST(host_names_a_module_for_backtraces) {
  world_t w = open_world("traps");
  own wasm_name_t name;
  CHECK(wasmrt_module_set_name(w.module, "traps.wasm") && !has_error());
  wasmrt_module_name(w.module, &name);
  CHECK(reads(&name, "traps.wasm"));
  wasm_name_delete(&name);
  own wasm_trap_t* trap = call_trap(func_of(&w, "nested"), VALS(I32(0)));
  own wasm_frame_t* frame = wasm_trap_origin(trap);
  wasmrt_frame_module_name(frame, &name);
  CHECK(reads(&name, "traps.wasm"));
  wasm_name_delete(&name);
  wasm_frame_delete(frame);
  wasm_trap_delete(trap);
  CHECK(wasmrt_module_set_name(w.module, "traps.wasm"));
  CHECK(!wasmrt_module_set_name(w.module, "other") && error_says("another name"));
  CHECK(!wasmrt_module_set_name(w.module, "\xff") && error_says("UTF-8"));
  CHECK(!wasmrt_module_set_name(w.module, NULL) && has_error());
  CHECK(!wasmrt_module_set_name(NULL, "a") && has_error());
  close_world(&w);
}
