// One context, several stores, each on a thread of its own.

#include "wasi.h"

#include <pthread.h>

enum { THREADS = 4 };
static own wasmrt_wasi_t* shared;
static wasm_engine_t* engine;

static void* write_lines(void* arg) {
  (void)arg;
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_module_t* module = load(store, "calls");
  own wasm_extern_vec_t imports;
  CHECK(wasmrt_wasi_imports(shared, store, module, &imports));
  guest_t g = {.w = {.engine = engine, .store = store, .module = module}};
  instantiate(&g.w, imports);
  wasm_extern_vec_delete(&imports);
  memcpy(at(&g, 64), "line\n", 5);
  put_vector(&g, 0, 64, 5);
  for (int i = 0; i < 100; ++i) {
    CHECK(WASI(&g, "fd_write", 1, 0, 1, 8) == OK && get32(&g, 8) == 5);
    CHECK(WASI(&g, "clock_time_get", 1, 0, 8) == OK);
    CHECK(WASI(&g, "args_sizes_get", 8, 12) == OK && get32(&g, 8) == 1);
  }
  close_but_engine(&g.w);
  return NULL;
}

TEST(stores_share_a_context) {
  shared = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_add_args(shared, (const char* const[]){"a"}, 1));
  CHECK(wasmrt_wasi_capture(shared, WASMRT_WASI_STDOUT, 1 << 20));
  engine = test_engine();
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i) CHECK(pthread_create(&threads[i], NULL, write_lines, NULL) == 0);
  for (int i = 0; i < THREADS; ++i) pthread_join(threads[i], NULL);
  own wasm_byte_vec_t output;
  CHECK(wasmrt_wasi_take_output(shared, WASMRT_WASI_STDOUT, &output));
  CHECK(output.size == 5 * 100 * THREADS);
  for (size_t i = 0; i < output.size; i += 5) CHECK(memcmp(output.data + i, "line\n", 5) == 0);
  wasm_byte_vec_delete(&output);
  wasmrt_wasi_delete(shared);
  wasm_engine_delete(engine);
}
