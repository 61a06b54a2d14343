// Whatever addresses and sizes a guest passes, it gets an error number.

#include "wasi.h"

// All functions with all kinds of arguments: no call traps except for proc_exit, and nothing else happens.
TEST(wild_arguments_get_error_numbers) {
  const uint64_t wild[] = {0, 1, 2, 3, 8, 16, 65528, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff, UINT64_MAX};
  enum { WILD = sizeof wild / sizeof *wild };
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_add_args(wasi, (const char* const[]){"a"}, 1) && wasmrt_wasi_set_env(wasi, "a", "b"));
  guest_t g = open_guest(wasi, "calls");
  own wasm_exporttype_vec_t types;
  wasm_module_exports(g.w.module, &types);
  uint32_t state = 1;
  int rounds = slow() ? 30 : 300;
  for (size_t i = 0; i < types.size; ++i) {
    const wasm_functype_t* type = wasm_externtype_as_functype_const(wasm_exporttype_type(types.data[i]));
    if (!type || wasm_functype_results(type)->size == 0) continue;
    const wasm_valtype_vec_t* params = wasm_functype_params(type);
    for (int round = 0; round < rounds; ++round) {
      wasm_val_t args[9];
      for (size_t k = 0; k < params->size; ++k) {
        state = state * 1664525 + 1013904223;
        uint64_t value = wild[(state >> 16) % WILD];
        bool wide = wasm_valtype_kind(params->data[k]) == WASM_I64;
        args[k] = wide ? (wasm_val_t)WASM_I64_VAL((int64_t)value) : (wasm_val_t)WASM_I32_VAL((int32_t)value);
      }
      wasm_val_vec_t given = {params->size, args};
      CHECK((uint32_t)i32_of(call(wasm_extern_as_func(g.w.exports.data[i]), given)) <= 76);
      memset(at(&g, 0), 0, 65536);
    }
  }
  wasm_exporttype_vec_delete(&types);
  close_guest(&g);
}

TEST(results_must_fit_into_the_memory_and_be_aligned) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_add_args(wasi, (const char* const[]){"abc", "d"}, 2));
  guest_t g = open_guest(wasi, "calls");
  CHECK(WASI(&g, "clock_time_get", 0, 0, 65528) == OK);
  const uint32_t bad[] = {65529, 65532, 65536, 4, 0xfffffff8, 0xffffffff};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) CHECK(WASI(&g, "clock_time_get", 0, 0, bad[i]) == E_FAULT);
  CHECK(WASI(&g, "args_sizes_get", 65532, 65528) == OK);
  CHECK(WASI(&g, "args_sizes_get", 65533, 0) == E_FAULT && WASI(&g, "args_sizes_get", 0, 65536) == E_FAULT);
  CHECK(WASI(&g, "args_sizes_get", 2, 8) == E_FAULT);
  CHECK(WASI(&g, "args_get", 65528, 0) == OK && WASI(&g, "args_get", 65532, 0) == E_FAULT);
  CHECK(WASI(&g, "args_get", 0, 65530) == OK && WASI(&g, "args_get", 0, 65531) == E_FAULT);
  CHECK(WASI(&g, "random_get", 65535, 1) == OK && WASI(&g, "random_get", 65535, 2) == E_FAULT);
  CHECK(WASI(&g, "random_get", 1, UINT32_MAX) == E_FAULT && WASI(&g, "random_get", UINT32_MAX, UINT32_MAX) == E_FAULT);
  close_guest(&g);
}

TEST(vectors_must_fit_each) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_capture(wasi, WASMRT_WASI_STDOUT, 1 << 20));
  guest_t g = open_guest(wasi, "calls");
  put_vector(&g, 0, 65530, 6);
  put_vector(&g, 8, 65530, 7);
  CHECK(WASI(&g, "fd_write", 1, 0, 1, 16) == OK && get32(&g, 16) == 6);
  CHECK(WASI(&g, "fd_write", 1, 0, 2, 16) == E_FAULT && WASI(&g, "fd_write", 1, 8, 1, 16) == E_FAULT);
  CHECK(WASI(&g, "fd_write", 1, 65532, 1, 16) == E_FAULT && WASI(&g, "fd_write", 1, 2, 1, 16) == E_FAULT);
  CHECK(WASI(&g, "fd_write", 1, 0, UINT32_MAX, 16) != OK && WASI(&g, "fd_write", 1, 0, 0x20000001, 16) != OK);
  CHECK(WASI(&g, "fd_write", 1, 0, 1, 65534) == E_FAULT);
  own wasm_byte_vec_t output;
  CHECK(wasmrt_wasi_take_output(wasi, WASMRT_WASI_STDOUT, &output) && output.size == 6);
  wasm_byte_vec_delete(&output);
  close_guest(&g);
}
