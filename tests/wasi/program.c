// Programs from their imports to their exit codes.

#include "wasi.h"

static uint32_t logged;

static own wasm_trap_t* log_number(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)results;
  logged = (uint32_t)args->data[0].of.i32;
  return NULL;
}

static own wasm_trap_t* nothing(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)args, (void)results;
  return NULL;
}

TEST(hello_writes_into_a_buffer_and_ends_with_its_code) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_capture(wasi, WASMRT_WASI_STDOUT, 1024));
  guest_t g = open_guest(wasi, "hello");
  uint32_t code = 99;
  CHECK(!wasmrt_wasi_start(g.w.instance, &code) && code == 7);
  own wasm_byte_vec_t output;
  CHECK(wasmrt_wasi_take_output(wasi, WASMRT_WASI_STDOUT, &output));
  CHECK(output.size == 14 && memcmp(output.data, "hello, world!\n", 14) == 0);
  wasm_byte_vec_delete(&output);
  CHECK(wasmrt_wasi_take_output(wasi, WASMRT_WASI_STDOUT, &output) && output.size == 0);
  wasm_byte_vec_delete(&output);
  CHECK(!wasmrt_wasi_take_output(wasi, WASMRT_WASI_STDERR, &output) && wasi_error_says("not captured"));
  CHECK(output.size == 0 && !output.data);
  CHECK(!wasmrt_wasi_start(g.w.instance, NULL));
  close_guest(&g);
}

TEST(exit_code_comes_back_from_the_call_and_survives_copies) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls");
  const uint32_t codes[] = {0, 1, 255, 256, 0x80000000u, UINT32_MAX};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; ++i) {
    own wasm_trap_t* trap = WASI_TRAP(&g, "proc_exit", codes[i]);
    own wasm_trap_t* copy = wasm_trap_copy(trap);
    uint32_t code = 77;
    CHECK(wasmrt_wasi_exit_code(trap, &code) && code == codes[i]);
    CHECK(wasmrt_wasi_exit_code(trap, NULL));
    wasm_trap_delete(trap);
    CHECK(wasmrt_wasi_exit_code(copy, &code) && code == codes[i]);
    CHECK(says(copy, "exit code"));
  }
  close_guest(&g);
}

TEST(other_traps_have_no_exit_code) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls");
  uint32_t code = 77;
  CHECK(!wasmrt_wasi_exit_code(NULL, &code));
  own wasm_trap_t* trap = trap_saying(g.w.store, "the guest ended with exit code 3");
  CHECK(!wasmrt_wasi_exit_code(trap, &code));
  int data;
  wasm_trap_set_host_info(trap, &data);
  CHECK(!wasmrt_wasi_exit_code(trap, &code));
  wasm_trap_delete(trap);
  trap = WASI_TRAP(&g, "proc_exit", 3);
  own wasm_store_t* store = g.w.store;
  CHECK(wasmrt_wasi_exit_code(trap, &code) && code == 3);
  wasm_trap_delete(trap);
  (void)store;
  close_guest(&g);
}

TEST(trap_of_a_program_comes_back_as_it_is) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  // Without room for the line, fd_write fails, and the program does not like that.
  CHECK(wasmrt_wasi_capture(wasi, WASMRT_WASI_STDOUT, 0));
  guest_t g = open_guest(wasi, "hello");
  uint32_t code = 99;
  own wasm_trap_t* trap = wasmrt_wasi_start(g.w.instance, &code);
  CHECK(trap && code == 99 && wasmrt_trap_code(trap) == WASMRT_TRAP_UNREACHABLE);
  CHECK(!wasmrt_wasi_exit_code(trap, &code) && code == 99);
  wasm_trap_delete(trap);
  close_guest(&g);
}

TEST(imports_of_the_host_are_left_to_it) {
  guest_t g = bind_guest(wasmrt_wasi_new(), "kinds");
  own wasm_extern_vec_t imports;
  CHECK(wasmrt_wasi_imports(g.wasi, g.w.store, g.w.module, &imports));
  const bool ours[] = {false, true, false, true, false};
  CHECK(imports.size == sizeof ours / sizeof *ours);
  for (size_t i = 0; i < imports.size; ++i) CHECK(!imports.data[i] == !ours[i]);

  own wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  imports.data[0] = wasm_func_as_extern(wasm_func_new(g.w.store, type, log_number));
  wasm_functype_delete(type);
  type = wasm_functype_new_0_0();
  imports.data[2] = wasm_func_as_extern(wasm_func_new(g.w.store, type, nothing));
  wasm_functype_delete(type);
  own wasm_memorytype_t* memory = wasm_memorytype_new(&(wasm_limits_t){1, wasm_limits_max_default});
  imports.data[4] = wasm_memory_as_extern(wasm_memory_new(g.w.store, memory));
  wasm_memorytype_delete(memory);
  instantiate(&g.w, imports);
  wasm_extern_vec_delete(&imports);

  uint32_t code = 99;
  CHECK(!wasmrt_wasi_start(g.w.instance, &code) && code == 0);
  CHECK(call_i32(&g.w, "ready", NO_VALS) == 42);
  call(func_of(&g.w, "log"), NO_VALS);
  CHECK(logged == 5);
  close_guest(&g);
}

TEST(one_function_is_made_by_its_names) {
  guest_t g = bind_guest(wasmrt_wasi_new(), NULL);
  own wasm_name_t module, name;
  wasm_name_new_from_string(&module, "wasi_snapshot_preview1");
  wasm_name_new_from_string(&name, "sched_yield");
  own wasm_func_t* func = wasmrt_wasi_func(g.wasi, g.w.store, &module, &name);
  CHECK(func && i32_of(call(func, NO_VALS)) == OK);
  wasm_func_delete(func);
  CHECK(!wasmrt_wasi_func(g.wasi, g.w.store, &name, &module) && wasi_error_says("no function of that name"));
  CHECK(!wasmrt_wasi_func(g.wasi, NULL, &module, &name) && wasi_error_says("NULL"));
  wasm_name_delete(&module);
  wasm_name_delete(&name);
  close_guest(&g);
}

TEST(function_without_a_caller_faults) {
  guest_t g = bind_guest(wasmrt_wasi_new(), NULL);
  own wasm_name_t module, name;
  wasm_name_new_from_string(&module, "wasi_snapshot_preview1");
  wasm_name_new_from_string(&name, "args_sizes_get");
  own wasm_func_t* func = wasmrt_wasi_func(g.wasi, g.w.store, &module, &name);
  CHECK(func && i32_of(call(func, VALS(I32(0), I32(8)))) == E_FAULT);
  wasm_func_delete(func);
  wasm_name_delete(&module);
  wasm_name_delete(&name);
  close_guest(&g);
}

TEST(context_may_be_deleted_before_its_guests) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_add_args(wasi, (const char* const[]){"a", "bc"}, 2));
  guest_t g = open_guest(wasi, "calls");
  wasmrt_wasi_delete(g.wasi);
  CHECK(WASI(&g, "args_sizes_get", 0, 4) == OK && get32(&g, 0) == 2 && get32(&g, 4) == 5);
  close_world(&g.w);
}

TEST(bound_context_cannot_be_set_up) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls");
  CHECK(!wasmrt_wasi_set_env(g.wasi, "A", "b") && wasi_error_says("cannot be set up any more"));
  CHECK(!wasmrt_wasi_capture(g.wasi, WASMRT_WASI_STDOUT, 1) && wasi_error_says("cannot be set up any more"));
  own wasm_message_t none = wasi_error();
  CHECK(none.size == 0);
  wasm_name_delete(&none);
  close_guest(&g);
}

TEST(null_is_refused_in_words) {
  guest_t g = bind_guest(wasmrt_wasi_new(), "calls");
  own wasm_extern_vec_t imports = {7, NULL};
  CHECK(!wasmrt_wasi_imports(NULL, g.w.store, g.w.module, &imports) && wasi_error_says("NULL"));
  CHECK(imports.size == 0 && !imports.data);
  CHECK(!wasmrt_wasi_imports(g.wasi, NULL, g.w.module, &imports) && wasi_error_says("NULL"));
  CHECK(!wasmrt_wasi_imports(g.wasi, g.w.store, NULL, &imports) && wasi_error_says("NULL"));
  CHECK(!wasmrt_wasi_imports(g.wasi, g.w.store, g.w.module, NULL) && wasi_error_says("no room"));
  own wasm_trap_t* trap = wasmrt_wasi_start(NULL, NULL);
  CHECK(trap);
  wasm_trap_delete(trap);
  CHECK(!wasmrt_wasi_add_args(NULL, NULL, 0) && wasi_error_says("NULL"));
  CHECK(!wasmrt_wasi_add_args(g.wasi, NULL, 1) && wasi_error_says("NULL"));
  CHECK(!wasmrt_wasi_set_input(g.wasi, NULL) && wasi_error_says("NULL"));
  CHECK(!wasmrt_wasi_inherit_stdio(NULL) && !wasmrt_wasi_inherit_env(NULL) && !wasmrt_wasi_inherit_args(NULL));
  CHECK(!wasmrt_wasi_set_stream_file(g.wasi, WASMRT_WASI_STDIN, NULL) && wasi_error_says("NULL"));
  wasmrt_wasi_delete(NULL);
  wasmrt_wasi_last_error(NULL);
  forget_error();
  close_guest(&g);
}

TEST(linker_gets_all_functions) {
  guest_t g = bind_guest(wasmrt_wasi_new(), "calls");
  own wasmrt_linker_t* linker = wasmrt_linker_new(g.w.store);
  CHECK(wasmrt_wasi_define(g.wasi, g.w.store, linker));
  CHECK(!wasmrt_wasi_define(g.wasi, g.w.store, linker) && wasi_error_says("refuses") && has_error());
  CHECK(!wasmrt_wasi_define(g.wasi, g.w.store, NULL) && !wasmrt_wasi_define(g.wasi, NULL, linker) && wasi_error_says("NULL"));
  own wasm_trap_t* trap = NULL;
  g.w.instance = wasmrt_linker_instantiate(linker, g.w.module, &trap);
  CHECK(g.w.instance && !trap);
  wasm_instance_exports(g.w.instance, &g.w.exports);
  CHECK(WASI(&g, "clock_time_get", 1, 0, 8) == OK);
  own wasm_module_t* older = load(g.w.store, "calls_unstable");
  own wasm_instance_t* instance = wasmrt_linker_instantiate(linker, older, &trap);
  CHECK(instance && !trap);
  wasm_instance_delete(instance);
  wasm_module_delete(older);
  wasmrt_linker_delete(linker);

  own wasm_store_t* other = wasm_store_new(g.w.engine);
  linker = wasmrt_linker_new(other);
  CHECK(!wasmrt_wasi_define(g.wasi, g.w.store, linker) && wasi_error_says("refuses") && has_error());
  wasmrt_linker_delete(linker);
  wasm_store_delete(other);
  close_guest(&g);
}
