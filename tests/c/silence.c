// Nothing is ever printed: both streams of this process go to a file while the library is used correctly and
// incorrectly, with and without a log.

#define _GNU_SOURCE
#include <unistd.h>

#include "host.h"

static int heard;

static void listen(void* env, wasmrt_level_t level, const char* text) {
  (void)env;
  CHECK(level >= WASMRT_LEVEL_ERROR && level <= WASMRT_LEVEL_DEBUG && *text);
  __atomic_add_fetch(&heard, 1, __ATOMIC_RELAXED);
}

static own wasm_trap_t* wrong_kind(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  (void)args;
  results->data[0] = F32(1);
  return NULL;
}

static void everything(own wasm_config_t* config) {
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "traps");
  instantiate(&w, NO_IMPORTS);
  for (size_t i = 0; i < w.exports.size; ++i) {
    wasm_val_t out[1];
    wasm_val_vec_t results = {1, out};
    wasm_func_t* func = wasm_extern_as_func(w.exports.data[i]);
    wasm_trap_delete(wasm_func_call(func, &VALS(I32(0)), &results));
    wasm_trap_delete(wasm_func_call(func, &NO_VALS, &results));
  }
  own wasm_func_t* bad = host_func(w.store, "", "i", wrong_kind, NULL, NULL);
  wasm_trap_delete(call_trap(bad, NO_VALS));
  wasm_func_delete(bad);
  own wasm_byte_vec_t binary;
  read_module("state", &binary);
  for (size_t i = 0; i < binary.size; i += slow() ? 50 : 5) {  // damaged modules
    binary.data[i] ^= 0x55;
    wasm_module_validate(w.store, &binary);
    wasm_module_delete(wasm_module_new(w.store, &binary));
    wasm_module_delete(wasm_module_deserialize(w.store, &binary));
    binary.data[i] ^= 0x55;
  }
  wasm_byte_vec_delete(&binary);
  own wasm_module_t* imports = load(w.store, "imports");
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w.store, imports, &NO_IMPORTS, &trap));
  wasm_trap_delete(trap);
  wasm_module_delete(imports);
  wasm_limits_t upside_down = {2, 1}, huge = {1 << 30, 1 << 30};
  wasm_memorytype_delete(wasm_memorytype_new(&upside_down));
  own wasm_memorytype_t* type = wasm_memorytype_new(&huge);
  wasm_memory_delete(wasm_memory_new(w.store, type));
  wasm_memorytype_delete(type);
  wasm_trap_delete(wasm_func_call(NULL, NULL, NULL));
  wasm_module_new(NULL, NULL);
  wasm_engine_delete(NULL);
  forget_error();
  close_world(&w);
}

// Runs it with both streams in a file and returns the file's length.
static long printed_by(own wasm_config_t* config) {
  char path[] = "/tmp/wasmrt-silence-XXXXXX";
  int file = mkstemp(path), kept[2];
  CHECK(file >= 0 && !unlink(path));
  fflush(stdout);
  fflush(stderr);
  for (int i = 0; i < 2; ++i) {
    kept[i] = dup(i + 1);
    CHECK(kept[i] >= 0 && dup2(file, i + 1) == i + 1);
  }
  everything(config);
  fflush(stdout);
  fflush(stderr);
  long length = lseek(file, 0, SEEK_END);
  for (int i = 0; i < 2; ++i) {
    dup2(kept[i], i + 1);
    close(kept[i]);
  }
  close(file);
  return length;
}

TEST(nothing_is_printed) { CHECK(printed_by(test_config()) == 0); }

TEST(nothing_is_printed_when_a_log_listens) {
  own wasm_config_t* config = test_config();
  wasmrt_config_set_log(config, WASMRT_LEVEL_DEBUG, listen, NULL, NULL);
  CHECK(printed_by(config) == 0);
  CHECK(heard > 0);
}
