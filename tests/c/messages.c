// Messages: they say what is wrong and what to do about it, and can be printed safely.

#include "host.h"

// The text of a message, which it consumes; to be freed.
static char* text_of(own wasm_message_t* message) {
  CHECK(message->size && strlen(message->data) + 1 == message->size);  // no NUL within
  char* text = malloc(message->size);
  CHECK(text);
  memcpy(text, message->data, message->size);
  wasm_name_delete(message);
  return text;
}

// The last error's message, to be freed.
static char* error_text(void) {
  own wasmrt_error_t* error = wasmrt_last_error();
  CHECK(error);
  own wasm_message_t message;
  wasmrt_error_message(error, &message);
  wasmrt_error_delete(error);
  return text_of(&message);
}

static bool has(const char* text, const char* words) {
  bool good = strstr(text, words) != NULL;
  if (!good) fprintf(stderr, "not in the message: %s\n%s\n", words, text);
  return good;
}

static size_t lines_of(const char* text) {
  size_t lines = 1;
  for (; *text; ++text) lines += *text == '\n';
  return lines;
}

static char* refused_bytes(const char* bytes, size_t size) {
  world_t w;
  open_store(&w, NULL);
  own wasm_byte_vec_t binary;
  wasm_byte_vec_new(&binary, size, bytes);
  forget_error();
  CHECK(!wasm_module_new(w.store, &binary));
  wasm_byte_vec_delete(&binary);
  close_world(&w);
  return error_text();
}

TEST(wrong_file_is_called_what_it_is_in_one_line) {
  static const struct {
    const char *bytes, *words;
  } all[] = {{"(module (func))", "WebAssembly text format; assemble"},
             {"\x1f\x8b\x08xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "gzip"},
             {"<!DOCTYPE html>\n<html>\n<body>\n404\n", "HTML"},
             {"PK\x03\x04", "zip"},
             {"\x7f" "ELF", "ELF"},
             {"{\"a\":\n1}", "JSON"},
             {"", "there are no bytes"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    char* text = refused_bytes(all[i].bytes, strlen(all[i].bytes));
    CHECK(has(text, all[i].words) && lines_of(text) == 1);
    free(text);
  }
}

TEST(component_is_called_a_component_and_nothing_is_to_be_enabled) {
  char* text = refused_bytes("\0asm\x0d\0\1\0", 8);
  CHECK(has(text, "the bytes are a component") && has(text, "core modules"));
  CHECK(!strstr(text, "enable") && lines_of(text) == 1);
  free(text);
}

TEST(proposal_that_is_missing_is_named_once_and_nothing_is_to_be_enabled) {
  // A function type with a parameter of type anyref.
  char* text = refused_bytes("\0asm\1\0\0\0\1\5\1\x60\1\x6e\0", 15);
  CHECK(has(text, "unsupported proposal: garbage collection") && !strstr(text, "enable"));
  free(text);
}

TEST(serialized_module_is_sent_to_the_function_that_loads_it) {
  char* text = refused_bytes("\x7fwasmrt\n\1\0\0\0", 12);
  CHECK(has(text, "wasm_module_deserialize"));
  free(text);
}

TEST(place_is_said_once) {
  // The type section is longer than the bytes.
  char* text = refused_bytes("\0asm\1\0\0\0\1\x7f\1", 11);
  char* offset = strstr(text, "offset");
  CHECK(offset && !strstr(offset + 1, "offset"));
  free(text);
}

TEST(name_in_a_message_of_validation_cannot_cut_it) {
  // Two exports called "\0\x1b".
  char* text = refused_bytes("\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\7\x0b\2\2\0\x1b\0\0\2\0\x1b\0\0\x0a\4\1\2\0\x0b", 37);
  CHECK(has(text, "\\u{0}\\u{1b}") && has(text, "(at offset"));
  free(text);
}

static char* unlinked(world_t* w, wasm_extern_vec_t imports, wasmrt_trap_code_t* code) {
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w->store, w->module, &imports, &trap) && trap);
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  *code = wasmrt_trap_code(trap);
  wasm_trap_delete(trap);
  return text_of(&message);
}

TEST(each_missing_import_has_a_line_with_its_type_and_wasi_is_explained) {
  world_t w;
  open_store(&w, "messages");
  wasmrt_trap_code_t code;
  char* text = unlinked(&w, NO_IMPORTS, &code);
  CHECK(has(text, "4 imports are missing or do not fit\n"));
  CHECK(has(text, "unknown import: import 0 \"\\u{0}\" \"\\u{1b}[31m\\\"\\n\": "
                  "expected (func (param i32 externref) (result f64)), found nothing\n"));
  CHECK(has(text, "\"env\" \"memory\": expected (memory 1 2), found nothing\n"));
  CHECK(has(text, "expected (global (mut i64)), found nothing\n"));
  CHECK(has(text, "built for WASI") && lines_of(text) == 6);
  CHECK(code == WASMRT_TRAP_REFUSED);
  free(text);
  text = error_text();
  CHECK(has(text, "link error: 4 imports"));
  free(text);
  close_world(&w);
}

TEST(single_misfit_is_one_line_and_wasi_is_not_mentioned) {
  world_t w;
  open_store(&w, "imports_memory");
  wasmrt_trap_code_t code;
  char* text = unlinked(&w, NO_IMPORTS, &code);
  CHECK(strncmp(text, "unknown import: import 0 ", 25) == 0 && lines_of(text) == 1 && !strstr(text, "WASI"));
  free(text);
  close_world(&w);
}

TEST(instance_beyond_a_limit_is_refused_and_not_trapped) {
  world_t w;
  open_store(&w, "state");
  wasmrt_store_limits_t limits;
  memset(&limits, 0xff, sizeof limits);
  limits.struct_size = sizeof limits;
  limits.memories = 0;
  wasmrt_store_set_limits(w.store, &limits);
  wasmrt_trap_code_t code;
  char* text = unlinked(&w, NO_IMPORTS, &code);
  CHECK(has(text, "limit exceeded: the store's limit of 0 memories") && code == WASMRT_TRAP_REFUSED);
  free(text);
  close_world(&w);
}

static void check_refused_call(const wasm_func_t* func, wasm_val_vec_t args, const char* words) {
  own wasm_trap_t* trap = call_trap(func, args);
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_REFUSED);
  CHECK(says(trap, words));
}

TEST(argument_of_another_type_is_named_as_the_text_format_names_types) {
  world_t w = open_world("messages_names");
  const wasm_func_t* func = func_of(&w, "numbers");
  check_refused_call(func, VALS(F32(1), I64(1)), "argument 0 is of type f32, expected i32");
  check_refused_call(func, VALS(I32(1), (wasm_val_t){.kind = 77}), "argument 1 has the unknown kind 77, expected i64");
  check_refused_call(func, VALS(I32(1)), "expected 2 arguments, got 1: the function is (func (param i32 i64) (result f32))");
  close_world(&w);
}

TEST(value_of_another_type_than_the_globals_is_named) {
  world_t w;
  open_store(&w, NULL);
  own wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new(WASM_I64), WASM_VAR);
  CHECK(!wasm_global_new(w.store, type, &I32(1)));
  wasm_globaltype_delete(type);
  CHECK(error_says("the value is of type i32, and the global holds i64"));
  close_world(&w);
}

static void check_names(const wasm_frame_t* frame, const char* raw, const char* display) {
  own wasm_name_t name;
  wasmrt_frame_func_name(frame, &name);
  CHECK(name.size == strlen(raw) && memcmp(name.data, raw, name.size) == 0);
  wasm_name_delete(&name);
  wasmrt_frame_func_display_name(frame, &name);
  CHECK(name.size == strlen(display) && memcmp(name.data, display, name.size) == 0);
  wasm_name_delete(&name);
}

TEST(frames_are_called_as_exported_and_as_in_the_source) {
  world_t w = open_world("messages_names");
  own wasm_trap_t* trap = call_trap(func_of(&w, "second"), NO_VALS);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 5);
  check_names(frames.data[0], "\x1b[2J", "\\u{1b}[2J");
  check_names(frames.data[1], "_ZN5space3fooEii", "space::foo(int, int)");
  check_names(frames.data[2], "_RNvCskwGfYPst2Cb_3foo16example_function", "foo::example_function");
  check_names(frames.data[3], "_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write");
  check_names(frames.data[4], "first", "first");
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
  own wasm_name_t name = {99, (void*)99};
  wasmrt_frame_func_display_name(NULL, &name);
  CHECK(!name.size && !name.data);
  close_world(&w);
}

static void check_bounds(const world_t* w, const char* func, int32_t at, const char* words) {
  own wasm_trap_t* trap = call_trap(func_of(w, func), VALS(I32(at)));
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_MEMORY_OUT_OF_BOUNDS ||
        wasmrt_trap_code(trap) == WASMRT_TRAP_TABLE_OUT_OF_BOUNDS);
  CHECK(says(trap, words));
}

TEST(access_out_of_bounds_says_where_and_how_large_the_memory_is) {
  world_t w = open_world("messages_bounds");
  check_bounds(&w, "init", 131069, "out of bounds memory access: 8 bytes at address 0x1fffd of memory 1, which has 0x20000");
  check_bounds(&w, "fill", 65530, "7 bytes at address 0xfffa of memory 0, which has 0x10000");
  check_bounds(&w, "copy", 65530, "7 bytes at address 0xfffa of memory 0, which has 0x10000");
  check_bounds(&w, "init_from", 3, "8 bytes at 0x3 of data segment 0, which has 0x8");
  check_bounds(&w, "table_fill", 4, "out of bounds table access: 2 elements from 4 on of table 1, which has 5");
  check_bounds(&w, "table_init", 1, "element 1 of table 0, which has 1");
  check_bounds(&w, "table_init", 0, "element 0 of element segment 0, which has 0");
  close_world(&w);
}

// Where machine code compares bounds and traps are calls, it passes on the access.
TEST(compared_access_says_where_and_how_large_the_memory_is) {
  own wasm_config_t* config = wasm_config_new();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, 0));
  world_t w = open_world_with(config, "messages_bounds");
  check_bounds(&w, "load", 65533, "4 bytes at address 0xfffd of memory 0, which has 0x10000");
  check_bounds(&w, "load_far", -1, "8 bytes at address 0x10000000f of memory 0, which has 0x10000");
  check_bounds(&w, "store_second", 131072, "1 byte at address 0x20000 of memory 1, which has 0x20000");
  check_bounds(&w, "load64", -1, "4 bytes at address 0x100000000000000ff of memory 2, which has 0x10000");
  close_world(&w);
}

// Where machine code compares bounds and traps by an illegal instruction, the processor reports the address of
// that, which says nothing about memories.
TEST(compared_access_that_faults_says_no_wrong_address) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT));
  world_t w = open_world_with(config, "messages_bounds");
  own wasm_trap_t* trap = call_trap(func_of(&w, "load"), VALS(I32(65533)));
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  CHECK(!strchr(message.data, ':') || strstr(message.data, "0xfffd"));
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  close_world(&w);
}

// Where memories have guards and faults are allowed, the processor reports the address.
TEST(faulting_access_says_where_and_how_large_the_memory_is) {
  if (asked("bounds=", 0) == 2 || !asked("signals=", 1)) SKIP("this engine checks bounds itself");
  world_t w = open_world("messages_bounds");
  check_bounds(&w, "load", 65540, "4 bytes at address 0x10004 of memory 0, which has 0x10000");
  check_bounds(&w, "load", 65533, "4 bytes that reach address 0x10000 of memory 0, which has 0x10000");
  check_bounds(&w, "load", -1, "4 bytes at address 0xffffffff of memory 0, which has 0x10000");
  check_bounds(&w, "load_far", 65536, "8 bytes at address 0x10010 of memory 0, which has 0x10000");
  check_bounds(&w, "store_second", 131072, "1 byte at address 0x20000 of memory 1, which has 0x20000");
  check_bounds(&w, "vector", 131073, "16 bytes at address 0x20001 of memory 1, which has 0x20000");
  // The same with one of several instances.
  own wasm_instance_t* another = wasm_instance_new(w.store, w.module, &NO_IMPORTS, NULL);
  CHECK(another);
  check_bounds(&w, "store_second", 131080, "1 byte at address 0x20008 of memory 1, which has 0x20000");
  wasm_instance_delete(another);
  close_world(&w);
}

TEST(segment_that_does_not_fit_says_where_it_would_go) {
  world_t w;
  open_store(&w, "messages_segment");
  wasmrt_trap_code_t code;
  char* text = unlinked(&w, NO_IMPORTS, &code);
  CHECK(has(text, "out of bounds memory access: 4 bytes at address 0xfffe of memory 0, which has 0x10000"));
  CHECK(code == WASMRT_TRAP_MEMORY_OUT_OF_BOUNDS);
  free(text);
  close_world(&w);
}

TEST(what_is_refused_is_named_with_its_value) {
  world_t w;
  open_store(&w, NULL);
  CHECK(!wasm_valtype_new(77) && error_says("unknown value kind: 77"));
  CHECK(!wasm_memorytype_new(&(wasm_limits_t){5, 3}) && error_says("the minimum, 5, is greater than the maximum, 3"));
  own wasm_globaltype_t* ty = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
  own wasm_global_t* global = wasm_global_new(w.store, ty, &(wasm_val_t)WASM_I32_VAL(1));
  wasm_global_set(global, &(wasm_val_t)WASM_I32_VAL(2));
  CHECK(error_says("its mutability is WASM_CONST"));
  own wasm_tabletype_t* tabletype = wasm_tabletype_new(wasm_valtype_new(WASM_FUNCREF), &(wasm_limits_t){4, 4});
  own wasm_table_t* table = wasm_table_new(w.store, tabletype, NULL);
  CHECK(!wasm_table_set(table, 9, NULL) && error_says("the index 9 is out of bounds of a table of 4 elements"));
  uint64_t fuel;
  CHECK(!wasmrt_store_fuel(w.store, &fuel) && error_says("wasmrt_store_set_fuel"));
  wasm_table_delete(table);
  wasm_tabletype_delete(tabletype);
  wasm_global_delete(global);
  wasm_globaltype_delete(ty);
  close_world(&w);
}
