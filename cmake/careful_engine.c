// Stands before the library in programs that run under valgrind: every engine that they make checks memory bounds
// explicitly, installs no signal handlers and compiles on the calling thread.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

#include <wasm.h>
#include <wasmrt.h>

typedef wasm_engine_t* make_t(wasm_config_t*);

wasm_engine_t* wasm_engine_new_with_config(wasm_config_t* config) {
  void* symbol = dlsym(RTLD_NEXT, "wasm_engine_new_with_config");
  make_t* make;
  memcpy(&make, &symbol, sizeof make);
  if (!config) config = wasm_config_new();
  wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT);
  wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, 0);
  wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 0);
  return make(config);
}

wasm_engine_t* wasm_engine_new(void) { return wasm_engine_new_with_config(NULL); }
