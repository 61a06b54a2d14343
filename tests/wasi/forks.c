// Forks while other threads are inside of WASI: the child uses the same context. One that hangs ends by an alarm, and its
// test fails.

#define _GNU_SOURCE
#include "wasi.h"

#include "../c/process.h"

#include <stdatomic.h>

static wasm_engine_t* engine;
static own wasmrt_wasi_t* shared;
static atomic_bool ended;

// A guest in a store of its own, with the shared context.
static guest_t new_guest(void) {
  guest_t g = {.w = {.engine = engine, .store = wasm_store_new(engine)}};
  CHECK(g.w.store);
  g.w.module = load(g.w.store, "calls");
  own wasm_extern_vec_t imports;
  CHECK(wasmrt_wasi_imports(shared, g.w.store, g.w.module, &imports));
  instantiate(&g.w, imports);
  wasm_extern_vec_delete(&imports);
  return g;
}

// Whatever takes a lock: descriptors, streams, a listing, settings.
static void use_everything(guest_t* g) {
  memcpy(at(g, 64), ".", 1);
  CHECK(WASI(g, "path_open", 3, 0, 64, 1, 2, 0ull, 0ull, 0, 200) == OK);
  uint32_t fd = get32(g, 200);
  CHECK(WASI(g, "fd_readdir", 3, 1024, 4096, 0, 200) == OK);
  put_vector(g, 0, 8192, 32768);
  CHECK(WASI(g, "fd_write", 1, 0, 1, 200) == OK);
  CHECK(WASI(g, "fd_read", 0, 0, 1, 200) == OK);
  own wasm_byte_vec_t output;
  CHECK(wasmrt_wasi_take_output(shared, WASMRT_WASI_STDOUT, &output));
  wasm_byte_vec_delete(&output);
  CHECK(!wasmrt_wasi_set_env(shared, "A", "B"));
  own wasmrt_wasi_t* other = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_capture(other, WASMRT_WASI_STDERR, 10));
  wasmrt_wasi_delete(other);
  CHECK(WASI(g, "fd_close", fd) == OK);
}

static void* work(void* argument) {
  (void)argument;
  guest_t g = new_guest();
  while (!ended) use_everything(&g);
  close_but_engine(&g.w);
  return NULL;
}

TEST(child_of_a_fork_uses_a_context_that_other_threads_were_using) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  SKIP("the sanitizer's allocator may be locked in the child by a thread that it does not have");
#endif
  if (slow()) SKIP("the child has memory of threads that it does not have");
  engine = test_engine();
  shared = wasmrt_wasi_new();
  own wasm_byte_vec_t input;
  wasm_byte_vec_new_uninitialized(&input, 1 << 20);
  memset(input.data, 'x', input.size);
  CHECK(wasmrt_wasi_set_input(shared, &input));
  CHECK(wasmrt_wasi_capture(shared, WASMRT_WASI_STDOUT, 1 << 24));
  CHECK(wasmrt_wasi_preopen_dir(shared, "/", "/", WASMRT_WASI_READ_ONLY));
  guest_t g = new_guest();
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) threads[i] = start_thread(0, work, NULL);
  for (int i = 0; i < 300; ++i) {
    pid_t child = start_child();
    if (!child) {
      use_everything(&g);
      _exit(42);
    }
    CHECK(outcome_of(child) == 42);
  }
  ended = true;
  for (int i = 0; i < 3; ++i) CHECK(!pthread_join(threads[i], NULL));
  close_but_engine(&g.w);
  wasmrt_wasi_delete(shared);
  wasm_byte_vec_delete(&input);
  wasm_engine_delete(engine);
}
