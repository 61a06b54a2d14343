// A program in C, compiled with wasi-libc.

#include "wasi.h"

static own wasmrt_wasi_t* with_mode(const char* mode) {
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_add_args(wasi, (const char* const[]){"libc", mode}, 2));
  return wasi;
}

static uint32_t exit_code(const char* mode) {
  guest_t g = open_guest(with_mode(mode), "libc");
  uint32_t code = 99;
  CHECK(!wasmrt_wasi_start(g.w.instance, &code));
  close_guest(&g);
  return code;
}

static bool took(wasmrt_wasi_t* wasi, uint32_t stream, const char* text) {
  own wasm_byte_vec_t output;
  CHECK(wasmrt_wasi_take_output(wasi, stream, &output));
  bool same = output.size == strlen(text) && memcmp(output.data, text, output.size) == 0;
  wasm_byte_vec_delete(&output);
  return same;
}

TEST(printf_and_fgets_work) {
  own wasmrt_wasi_t* wasi = with_mode("echo");
  CHECK(wasmrt_wasi_set_env(wasi, "NAME", "me"));
  own wasm_byte_vec_t input;
  wasm_byte_vec_new(&input, 8, "one\ntwo\n");
  CHECK(wasmrt_wasi_set_input(wasi, &input));
  wasm_byte_vec_delete(&input);
  CHECK(wasmrt_wasi_capture(wasi, WASMRT_WASI_STDOUT, 1000) && wasmrt_wasi_capture(wasi, WASMRT_WASI_STDERR, 1000));
  guest_t g = open_guest(wasi, "libc");
  uint32_t code = 99;
  CHECK(!wasmrt_wasi_start(g.w.instance, &code) && code == 3);
  CHECK(took(wasi, WASMRT_WASI_STDOUT, "me: one\nme: two\n") && took(wasi, WASMRT_WASI_STDERR, "2 arguments\n"));
  close_guest(&g);
}

TEST(sleeping_takes_its_time) { CHECK(exit_code("sleep") == 0); }

TEST(random_numbers_differ) { CHECK(exit_code("random") == 0); }

TEST(files_of_the_host_are_out_of_reach) { CHECK(exit_code("files") == 5); }

TEST(exit_ends_the_guest) { CHECK(exit_code("exit") == 7); }

TEST(abort_is_a_trap) {
  guest_t g = open_guest(with_mode("abort"), "libc");
  uint32_t code = 99;
  own wasm_trap_t* trap = wasmrt_wasi_start(g.w.instance, &code);
  CHECK(trap && code == 99 && wasmrt_trap_code(trap) == WASMRT_TRAP_UNREACHABLE);
  wasm_trap_delete(trap);
  close_guest(&g);
}
