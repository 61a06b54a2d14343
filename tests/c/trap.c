// Traps: messages, positions, and that calls still work afterwards.

#include "host.h"

static own wasm_message_t message_of(const wasm_trap_t* trap) {
  own wasm_message_t message = {99, (void*)99};
  wasm_trap_message(trap, &message);
  return message;
}

static void check_message(wasm_store_t* store, const char* in, size_t in_size, const char* out, size_t out_size) {
  own wasm_message_t message;
  wasm_name_new(&message, in_size, in);
  own wasm_trap_t* trap = wasm_trap_new(store, &message);
  wasm_name_delete(&message);
  CHECK(trap);
  message = message_of(trap);
  CHECK(message.size == out_size && memcmp(message.data, out, out_size) == 0);
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
}

TEST(message_ends_in_exactly_one_nul_however_it_was_given) {
  world_t w;
  open_store(&w, NULL);
  check_message(w.store, "help", 5, "help", 5);
  check_message(w.store, "help", 4, "help", 5);
  check_message(w.store, "he\0lp", 6, "he\0lp", 6);
  check_message(w.store, "he\0lp", 5, "he\0lp", 6);
  check_message(w.store, "", 1, "", 1);
  check_message(w.store, "", 0, "", 1);
  check_message(w.store, "\xff\xfe", 2, "\xff\xfe", 3);
  close_world(&w);
}

TEST(trap_of_the_host_has_neither_origin_nor_trace) {
  world_t w;
  open_store(&w, NULL);
  own wasm_trap_t* trap = trap_saying(w.store, "nowhere");
  own wasm_frame_vec_t frames = {99, (void*)99};
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 0 && !wasm_trap_origin(trap));
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
  close_world(&w);
}

TEST(every_trap_has_a_code) {
  static const struct {
    const char* func;
    wasmrt_trap_code_t code;
  } all[] = {{"unreachable", WASMRT_TRAP_UNREACHABLE},
             {"divide_by_zero", WASMRT_TRAP_INTEGER_DIVIDE_BY_ZERO},
             {"overflow", WASMRT_TRAP_INTEGER_OVERFLOW},
             {"convert_nan", WASMRT_TRAP_INVALID_CONVERSION_TO_INTEGER},
             {"load", WASMRT_TRAP_MEMORY_OUT_OF_BOUNDS},
             {"table_get", WASMRT_TRAP_TABLE_OUT_OF_BOUNDS},
             {"call_outside", WASMRT_TRAP_UNDEFINED_ELEMENT},
             {"call_null", WASMRT_TRAP_UNINITIALIZED_ELEMENT},
             {"call_mismatch", WASMRT_TRAP_INDIRECT_CALL_TYPE_MISMATCH},
             {"recurse", WASMRT_TRAP_STACK_OVERFLOW}};
  world_t w = open_world("traps");
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    own wasm_trap_t* trap = call_trap(func_of(&w, all[i].func), NO_VALS);
    CHECK(wasmrt_trap_code(trap) == all[i].code);
    wasm_trap_delete(trap);
  }
  close_world(&w);
}

TEST(trap_of_the_host_has_no_code) {
  forget_error();
  CHECK(wasmrt_trap_code(NULL) == WASMRT_TRAP_NONE && has_error());
  world_t w = open_world("traps");
  own wasm_trap_t* trap = trap_saying(w.store, "unreachable");
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_NONE && !has_error());
  own wasm_trap_t* coded = call_trap(func_of(&w, "unreachable"), NO_VALS);
  own wasm_trap_t* copy = wasm_trap_copy(coded);
  CHECK(wasmrt_trap_code(copy) == WASMRT_TRAP_UNREACHABLE);
  wasm_trap_delete(copy);
  wasm_trap_delete(trap);
  close_world(&w);
  CHECK(wasmrt_trap_code(coded) == WASMRT_TRAP_NONE && has_error());
  wasm_trap_delete(coded);
}

TEST(every_trap_speaks_in_the_words_of_the_specification) {
  static const struct {
    const char *func, *words;
  } all[] = {{"unreachable", "unreachable"},
             {"divide_by_zero", "integer divide by zero"},
             {"remainder_by_zero", "integer divide by zero"},
             {"overflow", "integer overflow"},
             {"overflow64", "integer overflow"},
             {"convert_nan", "invalid conversion to integer"},
             {"convert_large", "integer overflow"},
             {"load", "out of bounds memory access"},
             {"store", "out of bounds memory access"},
             {"fill", "out of bounds memory access"},
             {"table_get", "out of bounds table access"},
             {"call_outside", "undefined element"},
             {"call_null", "uninitialized element"},
             {"call_mismatch", "indirect call type mismatch"},
             {"recurse", "call stack exhausted"}};
  world_t w = open_world("traps");
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
      CHECK(says(call_trap(func_of(&w, all[i].func), NO_VALS), all[i].words));
      CHECK(call_i32(&w, "nested", VALS(I32(1))) == 3);
    }
  }
  close_world(&w);
}

static void check_frame(const wasm_frame_t* frame, uint32_t index, const char* name) {
  CHECK(wasm_frame_func_index(frame) == index);
  own wasm_name_t found;
  wasmrt_frame_func_name(frame, &found);
  CHECK(found.size == strlen(name) && memcmp(found.data, name, found.size) == 0);
  wasm_name_delete(&found);
  wasmrt_frame_module_name(frame, &found);
  CHECK(found.size == 5 && memcmp(found.data, "traps", 5) == 0);
  wasm_name_delete(&found);
}

TEST(backtrace_goes_from_the_innermost_function_outwards) {
  world_t w = open_world("traps");
  own wasm_trap_t* trap = call_trap(func_of(&w, "nested"), VALS(I32(0)));
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 3);
  check_frame(frames.data[0], 16, "inner");
  check_frame(frames.data[1], 17, "middle");
  check_frame(frames.data[2], 18, "outer");
  own wasm_frame_t* origin = wasm_trap_origin(trap);
  check_frame(origin, 16, "inner");
  CHECK(wasm_frame_module_offset(origin) == wasm_frame_module_offset(frames.data[0]));
  wasm_trap_delete(trap);
  check_frame(frames.data[2], 18, "outer");  // frames remain valid without the trap
  wasm_frame_vec_delete(&frames);
  wasm_frame_delete(origin);
  close_world(&w);
}

// The opcode that a module offset points at, which for a call is the call itself.
static unsigned char opcode_at(const char* name, size_t offset) {
  own wasm_byte_vec_t binary;
  read_module(name, &binary);
  CHECK(offset < binary.size);
  unsigned char opcode = (unsigned char)binary.data[offset];
  wasm_byte_vec_delete(&binary);
  return opcode;
}

TEST(offsets_point_at_the_instruction_in_the_module) {
  world_t w = open_world("traps");
  own wasm_trap_t* trap = call_trap(func_of(&w, "nested"), VALS(I32(0)));
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(opcode_at("traps", wasm_frame_module_offset(frames.data[0])) == 0x6e);  // i32.div_u
  CHECK(opcode_at("traps", wasm_frame_module_offset(frames.data[1])) == 0x10);  // call
  CHECK(opcode_at("traps", wasm_frame_module_offset(frames.data[2])) == 0x10);
  // The body of inner: locals count, i32.const 1, local.get 0, then the division.
  CHECK(wasm_frame_func_offset(frames.data[0]) == 5);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
  close_world(&w);
}

TEST(copies_of_frames_outlive_everything_else) {
  world_t w = open_world("traps");
  own wasm_trap_t* trap = call_trap(func_of(&w, "nested"), VALS(I32(0)));
  own wasm_frame_vec_t frames, copies;
  wasm_trap_trace(trap, &frames);
  wasm_frame_vec_copy(&copies, &frames);
  own wasm_frame_t* copy = wasm_frame_copy(frames.data[1]);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
  close_world(&w);
  check_frame(copy, 17, "middle");
  check_frame(copies.data[0], 16, "inner");
  wasm_frame_delete(copy);
  wasm_frame_vec_delete(&copies);
}

TEST(copy_of_a_trap_keeps_message_and_trace) {
  world_t w = open_world("traps");
  own wasm_trap_t* trap = call_trap(func_of(&w, "nested"), VALS(I32(0)));
  own wasm_trap_t* copy = wasm_trap_copy(trap);
  wasm_trap_delete(trap);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(copy, &frames);
  CHECK(frames.size == 3);
  wasm_frame_vec_delete(&frames);
  CHECK(says(copy, "integer divide by zero"));
  close_world(&w);
}

TEST(trap_fifty_frames_deep_shows_them) {
  world_t w = open_world("traps");
  own wasm_trap_t* trap = call_trap(func_of(&w, "deep"), VALS(I32(49)));
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 50);
  for (size_t i = 0; i < frames.size; ++i) check_frame(frames.data[i], 19, "countdown");
  CHECK(opcode_at("traps", wasm_frame_module_offset(frames.data[0])) == 0x00);  // unreachable
  wasm_frame_vec_delete(&frames);
  CHECK(says(trap, "unreachable"));
  close_world(&w);
}

TEST(stack_overflow_can_happen_again_and_again) {
  world_t w = open_world("traps");
  for (int i = 0; i < 20; ++i) CHECK(says(call_trap(func_of(&w, "recurse"), NO_VALS), "call stack exhausted"));
  close_world(&w);
}

TEST(trap_nobody_reads_leaves_nothing_behind) {
  world_t w = open_world("traps");
  for (int i = 0; i < 1000; ++i) wasm_trap_delete(call_trap(func_of(&w, "deep"), VALS(I32(20))));
  close_world(&w);
}
