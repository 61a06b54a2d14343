// Modules from text: what is assembled runs, and what is wrong is said with its place.

#include "host.h"

#include <wasmrt_wat.h>

static const char add_text[] =
    "(module (func (export \"add\") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))";

static world_t world_of(own wasm_byte_vec_t* binary) {
  world_t w;
  open_store(&w, NULL);
  w.module = wasm_module_new(w.store, binary);
  CHECK(w.module);
  wasm_byte_vec_delete(binary);
  instantiate(&w, NO_IMPORTS);
  return w;
}

TEST(text_becomes_a_module_that_runs) {
  own wasm_byte_vec_t binary;
  own wasm_message_t error;
  CHECK(wasmrt_wat2wasm(add_text, strlen(add_text), &binary, &error));
  CHECK(error.size == 0 && !error.data);
  world_t w = world_of(&binary);
  CHECK(call_i32(&w, "add", VALS(I32(40), I32(2))) == 42);
  close_world(&w);
}

TEST(binaries_are_copied) {
  own wasm_byte_vec_t binary, copy;
  CHECK(wasmrt_wat2wasm(add_text, strlen(add_text), &binary, NULL));
  CHECK(wasmrt_wat2wasm(binary.data, binary.size, &copy, NULL));
  CHECK(copy.size == binary.size && copy.data != binary.data && memcmp(copy.data, binary.data, copy.size) == 0);
  wasm_byte_vec_delete(&binary);
  wasm_byte_vec_delete(&copy);
}

// Whether the text is refused with a message that begins like this.
static bool refused(const char* text, size_t size, const char* begin) {
  own wasm_byte_vec_t binary = {1, NULL};
  own wasm_message_t error;
  CHECK(!wasmrt_wat2wasm(text, size, &binary, &error) && binary.size == 0 && !binary.data);
  bool good = message_has(&error, "") && strncmp(error.data, begin, strlen(begin)) == 0;
  if (!good) fprintf(stderr, "the message is: %s\n", error.data);
  wasm_name_delete(&error);
  return good;
}

TEST(what_is_wrong_is_said_with_line_and_column) {
  static const char unknown[] = "(module\n  (func\n    local.get $x))";
  CHECK(refused(unknown, strlen(unknown), "3:15: unknown local: failed to find name `$x`\n      local.get $x))\n                ^"));
  static const char token[] = "(module (func (param i23)))";
  CHECK(refused(token, strlen(token), "1:22: "));
  CHECK(refused(token, 10, "1:10: "));
  CHECK(refused("(module \"\xff\")", 13, "1:10: the text is not UTF-8"));
  CHECK(refused("(module)\0", 9, "1:9: "));
}

TEST(null_is_refused_by_the_assembler) {
  own wasm_byte_vec_t binary;
  CHECK(refused(NULL, 0, "1:1: ") && refused(NULL, 1, "the text is NULL"));
  own wasm_message_t error;
  CHECK(!wasmrt_wat2wasm(add_text, strlen(add_text), NULL, &error) && message_has(&error, "no room"));
  wasm_name_delete(&error);
  CHECK(!wasmrt_wat2wasm("(", 1, &binary, NULL) && !binary.data);
  CHECK(!wasmrt_wat2wasm_file(NULL, &binary, &error) && message_has(&error, "NULL"));
  wasm_name_delete(&error);
}

TEST(modules_from_files_have_lines_in_backtraces) {
  own wasm_byte_vec_t binary;
  own wasm_message_t error;
  CHECK(wasmrt_wat2wasm_file(FOLDER "/fails.wat", &binary, &error) && !error.data);
  world_t w = world_of(&binary);
  own wasm_trap_t* trap = call_trap(func_of(&w, "divide"), VALS(I32(0)));
  own wasm_frame_t* origin = wasm_trap_origin(trap);
  own wasm_name_t func, file;
  uint32_t line, column;
  CHECK(wasmrt_frame_source(origin, 0, &func, &file, &line, &column));
  CHECK(line == 4 && file.size > 0 && strcmp(file.data, FOLDER "/fails.wat") == 0);
  wasm_name_delete(&func);
  wasm_name_delete(&file);
  wasm_frame_delete(origin);
  wasm_trap_delete(trap);
  close_world(&w);
}

TEST(messages_about_files_name_the_file) {
  own wasm_byte_vec_t binary;
  own wasm_message_t error;
  CHECK(!wasmrt_wat2wasm_file(FOLDER "/wrong.wat", &binary, &error) && !binary.data);
  CHECK(message_has(&error, "/wrong.wat:3:15: unknown local"));
  wasm_name_delete(&error);
  CHECK(!wasmrt_wat2wasm_file(FOLDER "/there is none.wat", &binary, &error) && !binary.data);
  CHECK(message_has(&error, "/there is none.wat: "));
  wasm_name_delete(&error);
}
