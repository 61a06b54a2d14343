// A program for WASI: it gets arguments, an environment and input from here; what it writes is kept in a buffer, and
// its exit code comes back.

#include "common.h"

#include <wasmrt_wasi.h>

// As die() of common.h, with the reason that the library for WASI keeps.
static void need_wasi(bool done, const char* what) {
  if (done) return;
  own wasm_message_t reason;
  wasmrt_wasi_last_error(&reason);
  fprintf(stderr, "error: cannot %s: %s\n", what, reason.data ? reason.data : "no reason");
  wasm_name_delete(&reason);
  exit(EXIT_FAILURE);
}

static void print_output(wasmrt_wasi_t* wasi) {
  own wasm_byte_vec_t output;
  need_wasi(wasmrt_wasi_take_output(wasi, WASMRT_WASI_STDOUT, &output), "take the output");
  printf("It wrote %zu bytes:\n", output.size);
  fwrite(output.data, 1, output.size, stdout);
  wasm_byte_vec_delete(&output);
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "wasi.wasm");

  // What the program will have. It has nothing else: no files, no network, no other variable.
  own wasmrt_wasi_t* wasi = need(wasmrt_wasi_new(), "make a context");
  const char* const args[] = {"shout", "!\n"};
  need_wasi(wasmrt_wasi_add_args(wasi, args, 2), "set arguments");
  char words[] = "quiet words";
  const wasm_byte_vec_t input = {sizeof words - 1, words};
  need_wasi(wasmrt_wasi_set_input(wasi, &input), "set the input");
  need_wasi(wasmrt_wasi_capture(wasi, WASMRT_WASI_STDOUT, 4096), "capture the output");

  own wasm_extern_vec_t imports;
  need_wasi(wasmrt_wasi_imports(wasi, store, module, &imports), "make the imports");
  own wasm_instance_t* instance = instantiate(store, module, &imports);

  // Runs it to its end: by returning from its start, or by proc_exit.
  uint32_t code;
  no_trap(wasmrt_wasi_start(instance, &code), "run the program");
  print_output(wasi);
  printf("Its exit code is %u.\n", (unsigned)code);

  wasm_instance_delete(instance);
  wasm_extern_vec_delete(&imports);
  wasmrt_wasi_delete(wasi);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return EXIT_SUCCESS;
}
