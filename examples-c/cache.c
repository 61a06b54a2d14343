// A folder in which the engine keeps machine code: the second start of a program finds what the first has compiled.

#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <unistd.h>

#include "common.h"

// The folder must belong to this user, and nobody else may be able to write to it, since what is in it gets executed.
// The engine makes it like that. If it cannot be used, everything works as without: only a log would tell.
static own wasm_engine_t* caching_engine(const char* folder) {
  own wasm_config_t* config = need(wasm_config_new(), "make a configuration");
  if (!wasmrt_config_set_cache(config, folder, 64 << 20)) die("set the folder");
  return need(wasm_engine_new_with_config(config), "make an engine");
}

static void print_stats(const wasm_engine_t* engine) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_engine_stats(engine, &stats);
  printf("  the folder %s the module's code; functions compiled: %d\n", stats.cache_hits ? "had" : "did not have",
         (int)(stats.baseline.functions + stats.optimized.functions));
}

// What a program does, from its start to its end.
static void start(const char* folder) {
  own wasm_engine_t* engine = caching_engine(folder);
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "cache.wasm");
  wasm_extern_vec_t no_imports = WASM_EMPTY_VEC;
  own wasm_instance_t* instance = instantiate(store, module, &no_imports);
  own wasm_func_t* func = need(wasmrt_instance_func(instance, "easter"), "find the export");

  wasmrt_val_t arg = WASMRT_I32_VAL(2100), result;
  no_trap(wasmrt_func_call(func, &arg, 1, &result, 1), "call easter");
  printf("  Easter in 2100: %02d-%02d\n", (int)result.of.i32 / 100, (int)result.of.i32 % 100);
  print_stats(engine);

  // The code is written when the module is deleted, and deleting the engine's last object waits for that.
  wasm_func_delete(func);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

// Files in the folder may be deleted at any time, also while engines use it.
static void remove_folder(const char* folder) {
  DIR* open = opendir(folder);
  if (!open) return;
  for (struct dirent* entry; (entry = readdir(open));) unlinkat(dirfd(open), entry->d_name, 0);
  closedir(open);
  rmdir(folder);
}

int main(int argc, char** argv) {
  char folder[4096];
  snprintf(folder, sizeof folder, "%s.folder", argc > 0 ? argv[0] : "cache");
  remove_folder(folder);

  printf("first start:\n");
  start(folder);
  printf("second start:\n");
  start(folder);

  remove_folder(folder);
  return 0;
}
