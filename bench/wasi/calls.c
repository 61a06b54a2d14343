// What calls of WASI cost: nanoseconds per call of a loop in a guest, the best of some rounds.
//
//   wasi calls.wasm LIBRARY...
//
// The libraries are opened in order: `libwasmrt.so libwasmrt-wasi.so`, or the peer's, which has WASI in its own API.
// run.sh builds this and runs it with both, by turns.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <wasmrt_wasi.h>

// Long enough for the threads that have compiled to end: with more than one thread a system call costs more.
enum { ROUNDS = 80, LOOPS = 3 };

static const char *const names[LOOPS] = {"nothing", "clock", "write"};
static const int counts[LOOPS] = {100000, 100000, 10000};

static void *found(const char *name) {
  void *symbol = dlsym(RTLD_DEFAULT, name);
  if (!symbol) {
    fprintf(stderr, "wasi: no library has %s\n", name);
    exit(1);
  }
  return symbol;
}

// The function of that name, with the prototype of the header.
#define OUR(name) (*(__typeof__(&name))found(#name))
// A function of the peer, whose header is not here.
#define PEER(result, name, ...) (*(result(*)(__VA_ARGS__))found(#name))

static void need(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "wasi: cannot %s\n", what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

// Calls the loop `i` once.
typedef bool run_t(void *guest, int i);

static void measure(run_t *run, void *guest) {
  for (int i = 0; i < LOOPS; ++i) {
    double best = 1e99;
    for (int round = 0; round < ROUNDS; ++round) {
      double begin = now();
      need(run(guest, i), "call the guest");
      double each = (now() - begin) / counts[i];
      if (each < best) best = each;
    }
    printf("%s %.1f\n", names[i], best);
  }
}

// --- libwasmrt ---

static bool run_ours(void *guest, int i) {
  wasm_val_t arg = WASM_I32_VAL(counts[i]), result = WASM_INIT_VAL;
  wasm_val_vec_t args = {1, &arg}, results = {1, &result};
  wasm_extern_vec_t *exports = guest;
  wasm_func_t *func = OUR(wasm_extern_as_func)(exports->data[1 + i]);
  return !OUR(wasm_func_call)(func, &args, &results) && result.of.i32 == 0;
}

static void measure_ours(char *bytes, size_t size) {
  wasm_engine_t *engine = OUR(wasm_engine_new)();
  wasm_store_t *store = OUR(wasm_store_new)(engine);
  wasm_byte_vec_t binary = {size, bytes};
  wasm_module_t *module = OUR(wasm_module_new)(store, &binary);
  wasmrt_wasi_t *wasi = OUR(wasmrt_wasi_new)();
  need(OUR(wasmrt_wasi_set_stream_file)(wasi, WASMRT_WASI_STDOUT, "/dev/null"), "open /dev/null");
  wasm_extern_vec_t imports, exports;
  need(module && OUR(wasmrt_wasi_imports)(wasi, store, module, &imports), "make imports");
  wasm_instance_t *instance = OUR(wasm_instance_new)(store, module, &imports, NULL);
  need(instance, "instantiate");
  OUR(wasm_instance_exports)(instance, &exports);
  measure(run_ours, &exports);
}

// --- The peer: handles are pointers, structs are larger than theirs ---

typedef struct {
  void *context;
  uint64_t instance[8];
} peer_t;

static bool run_peer(void *guest, int i) {
  peer_t *peer = guest;
  uint64_t object[8], arg[8] = {0, (uint64_t)counts[i]}, result[8] = {0};
  void *trap = NULL;
  bool has = PEER(bool, wasmtime_instance_export_get, void *, void *, const char *, size_t, void *)(
      peer->context, peer->instance, names[i], strlen(names[i]), object);
  void *error = has ? PEER(void *, wasmtime_func_call, void *, void *, void *, size_t, void *, size_t, void **)(
                          peer->context, object + 1, arg, 1, result, 1, &trap)
                    : peer;
  return !error && !trap && (uint32_t)result[1] == 0;
}

static void measure_peer(const char *bytes, size_t size) {
  peer_t peer;
  void *engine = OUR(wasm_engine_new)(), *module, *trap = NULL;
  void *store = PEER(void *, wasmtime_store_new, void *, void *, void *)(engine, NULL, NULL);
  peer.context = PEER(void *, wasmtime_store_context, void *)(store);
  need(!PEER(void *, wasmtime_module_new, void *, const char *, size_t, void **)(engine, bytes, size, &module), "compile");
  void *linker = PEER(void *, wasmtime_linker_new, void *)(engine);
  need(!PEER(void *, wasmtime_linker_define_wasi, void *)(linker), "define WASI");
  void *config = PEER(void *, wasi_config_new, void)();
  need(PEER(bool, wasi_config_set_stdout_file, void *, const char *)(config, "/dev/null"), "open /dev/null");
  need(!PEER(void *, wasmtime_context_set_wasi, void *, void *)(peer.context, config), "set WASI");
  void *error = PEER(void *, wasmtime_linker_instantiate, void *, void *, void *, void *, void **)(
      linker, peer.context, module, peer.instance, &trap);
  need(!error && !trap, "instantiate");
  measure(run_peer, &peer);
}

int main(int argc, char **argv) {
  need(argc >= 3, "work without a module and a library");
  for (int i = 2; i < argc; ++i) {
    if (!dlopen(argv[i], RTLD_NOW | RTLD_GLOBAL)) need(false, dlerror());
  }
  static char bytes[1 << 16];
  FILE *file = fopen(argv[1], "rb");
  need(file, "open the module");
  size_t size = fread(bytes, 1, sizeof bytes, file);
  if (dlsym(RTLD_DEFAULT, "wasmtime_linker_define_wasi")) measure_peer(bytes, size);
  else measure_ours(bytes, size);
}
