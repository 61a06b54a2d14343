// Frames tell file, line and column where the module has debug information. The module is guest/lines.c, kept
// compiled with DWARF 4 and 5; one without such information is there as well.

#include "host.h"

typedef struct {
  const char* func;
  const char* file;
  uint32_t line;
} place_t;

static const place_t inner[] = {{"half", "/guest/lines/half.h", 4}, {"middle", "/guest/lines.c", 13}, {"sum", "/guest/lines.c", 19}};
static const place_t outer[] = {{"run", "/guest/lines.c", 27}};

static void check_places(const wasm_frame_t* frame, const place_t* places, size_t count) {
  for (size_t depth = 0; depth < count; ++depth) {
    own wasm_name_t func, file;
    uint32_t line = 0, column = 0;
    CHECK(wasmrt_frame_source(frame, depth, &func, &file, &line, &column));
    if (strcmp(func.data, places[depth].func) || strcmp(file.data, places[depth].file) || line != places[depth].line) {
      fprintf(stderr, "depth %zu: %s %s:%u:%u\n", depth, func.data, file.data, (unsigned)line, (unsigned)column);
    }
    CHECK(strcmp(func.data, places[depth].func) == 0 && strcmp(file.data, places[depth].file) == 0);
    CHECK(line == places[depth].line && column > 0);
    wasm_name_delete(&func);
    wasm_name_delete(&file);
  }
  CHECK(!wasmrt_frame_source(frame, count, NULL, NULL, NULL, NULL));
  CHECK(!wasmrt_frame_source(frame, SIZE_MAX, NULL, NULL, NULL, NULL));
}

static void check_trap(own wasm_trap_t* trap) {
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  wasm_trap_delete(trap);
  CHECK(frames.size == 2);
  check_places(frames.data[0], inner, 3);
  check_places(frames.data[1], outer, 1);
  wasm_frame_vec_delete(&frames);
}

static void check_module(const char* name) {
  world_t w = open_world(name);
  check_trap(call_trap(func_of(&w, "run"), VALS(I32(3), I32(0))));
  close_world(&w);
}

TEST(frames_have_file_line_and_inlined_functions_from_dwarf_4) { check_module("lines_4"); }

TEST(frames_have_file_line_and_inlined_functions_from_dwarf_5) { check_module("lines_5"); }

TEST(deserialized_modules_keep_their_lines) {
  world_t w;
  open_store(&w, "lines_5");
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(w.module, &bytes);
  wasm_module_delete(w.module);
  w.module = wasm_module_deserialize(w.store, &bytes);
  wasm_byte_vec_delete(&bytes);
  instantiate(&w, NO_IMPORTS);
  check_trap(call_trap(func_of(&w, "run"), VALS(I32(3), I32(0))));
  close_world(&w);
}

TEST(frames_outlive_their_store_with_their_lines) {
  world_t w = open_world("lines_4");
  own wasm_trap_t* trap = call_trap(func_of(&w, "run"), VALS(I32(1), I32(0)));
  own wasm_frame_t* frame = wasm_trap_origin(trap);
  wasm_trap_delete(trap);
  close_world(&w);
  check_places(frame, inner, 3);
  wasm_frame_delete(frame);
}

TEST(every_result_may_be_left_out) {
  world_t w = open_world("lines_5");
  own wasm_trap_t* trap = call_trap(func_of(&w, "run"), VALS(I32(1), I32(0)));
  own wasm_frame_t* frame = wasm_trap_origin(trap);
  own wasm_name_t name;
  uint32_t number = 0;
  CHECK(wasmrt_frame_source(frame, 0, NULL, NULL, NULL, NULL));
  CHECK(wasmrt_frame_source(frame, 1, &name, NULL, NULL, NULL) && strcmp(name.data, "middle") == 0);
  wasm_name_delete(&name);
  CHECK(wasmrt_frame_source(frame, 2, NULL, &name, NULL, NULL) && strcmp(name.data, "/guest/lines.c") == 0);
  wasm_name_delete(&name);
  CHECK(wasmrt_frame_source(frame, 0, NULL, NULL, &number, NULL) && number == 4);
  CHECK(wasmrt_frame_source(frame, 0, NULL, NULL, NULL, &number) && number == 12);
  wasm_frame_delete(frame);
  wasm_trap_delete(trap);
  close_world(&w);
}

TEST(modules_without_debug_information_have_no_places) {
  world_t w = open_world("traps");
  own wasm_trap_t* trap = call_trap(func_of(&w, "nested"), VALS(I32(0)));
  own wasm_frame_t* frame = wasm_trap_origin(trap);
  own wasm_name_t func, file;
  uint32_t line = 7, column = 7;
  CHECK(!wasmrt_frame_source(frame, 0, &func, &file, &line, &column));
  CHECK(func.size == 0 && file.size == 0 && !line && !column);
  CHECK(!wasmrt_last_error());
  CHECK(!wasmrt_frame_source(NULL, 0, &func, &file, &line, &column));
  wasmrt_error_delete(wasmrt_last_error());
  wasm_frame_delete(frame);
  wasm_trap_delete(trap);
  close_world(&w);
}
