// A host of plug-ins, which it does not trust: each has a store with limits, calls have a deadline, what it prints
// goes into a buffer, and when it traps the backtrace names files and lines.
//
//   plugin FILE EXPORT...      FILE is a binary module or text

#include "common.h"

#include <wasmrt_wasi.h>
#include <wasmrt_wat.h>

typedef struct {
  own wasm_store_t* store;
  own wasmrt_wasi_t* wasi;
  own wasm_instance_t* instance;
} plugin_t;

enum { MOST_BYTES = 4 << 20, MOST_OUTPUT = 1 << 16 };
static const uint64_t deadline = 2000000000;  // nanoseconds

// What plug-ins may ask for, by a name in their memory.
static int32_t setting(void* store, own wasm_trap_t** trap, int32_t name, int32_t size) {
  (void)trap;
  const char* bytes = wasmrt_store_caller_bytes(store, (uint32_t)name, (uint32_t)size);
  return bytes && size == 6 && memcmp(bytes, "volume", 6) == 0 ? 10 : -1;
}

// A store with limits. A deadline is requested before there is an instance: it decides how code is compiled.
static own wasm_store_t* limited_store(wasm_engine_t* engine) {
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.bytes = MOST_BYTES;
  limits.memories = limits.tables = limits.instances = 1;
  wasmrt_store_set_limits(store, &limits);
  if (!wasmrt_store_set_deadline(store, deadline)) die("set a deadline");
  return store;
}

static own wasm_module_t* compile(wasm_store_t* store, const char* path) {
  own wasm_byte_vec_t binary;
  own wasm_message_t error;
  if (!wasmrt_wat2wasm_file(path, &binary, &error)) {
    fprintf(stderr, "error: %s\n", error.data);
    exit(EXIT_FAILURE);
  }
  own wasm_module_t* module = need(wasm_module_new(store, &binary), "compile the plug-in");
  wasm_byte_vec_delete(&binary);
  wasmrt_module_set_name(module, path);
  return module;
}

static plugin_t open_plugin(wasm_engine_t* engine, const char* path) {
  plugin_t plugin = {.store = limited_store(engine), .wasi = need(wasmrt_wasi_new(), "make a context")};
  own wasmrt_linker_t* linker = need(wasmrt_linker_new(plugin.store), "make a linker");
  own wasm_functype_t* type =
      wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32());
  own wasm_module_t* module = compile(plugin.store, path);
  if (!wasmrt_linker_define_native(linker, "host", "setting", type, (wasmrt_native_t)setting, plugin.store, NULL) ||
      !wasmrt_wasi_capture(plugin.wasi, WASMRT_WASI_STDOUT, MOST_OUTPUT) ||
      !wasmrt_wasi_define(plugin.wasi, plugin.store, linker)) die("define imports");
  own wasm_trap_t* trap;
  plugin.instance = wasmrt_linker_instantiate(linker, module, &trap);
  no_trap(trap, "instantiate the plug-in");
  wasm_functype_delete(type);
  wasm_module_delete(module);
  wasmrt_linker_delete(linker);
  return plugin;
}

static void print_backtrace(const wasm_trap_t* trap) {
  own wasm_message_t message;
  own wasm_frame_vec_t frames;
  wasm_trap_message(trap, &message);
  wasm_trap_trace(trap, &frames);
  printf("%s\n", message.data);
  for (size_t i = 0; i < frames.size; ++i) {
    own wasm_name_t func, file;
    uint32_t line;
    bool known = wasmrt_frame_source(frames.data[i], 0, &func, &file, &line, NULL);
    const char* slash = known ? strrchr(file.data, '/') : NULL;
    if (known) printf("    in %s, %s:%u\n", func.data, slash ? slash + 1 : file.data, (unsigned)line);
    else printf("    in function %u\n", (unsigned)wasm_frame_func_index(frames.data[i]));
    wasm_name_delete(&func);
    wasm_name_delete(&file);
  }
  wasm_frame_vec_delete(&frames);
  wasm_name_delete(&message);
}

static void call(const plugin_t* plugin, const char* name) {
  own wasm_func_t* func = need(wasmrt_instance_func(plugin->instance, name), "find the export");
  wasmrt_val_t result = WASMRT_INIT_VAL;
  wasmrt_store_set_deadline(plugin->store, deadline);
  own wasm_trap_t* trap = wasmrt_func_call(func, NULL, 0, &result, 1);
  printf("%s: ", name);
  if (trap) print_backtrace(trap);
  else printf("%d\n", result.of.i32);
  wasm_trap_delete(trap);
  wasm_func_delete(func);

  own wasm_byte_vec_t output;
  wasmrt_wasi_take_output(plugin->wasi, WASMRT_WASI_STDOUT, &output);
  if (output.size) printf("    it printed: %.*s", (int)output.size, output.data);
  wasm_byte_vec_delete(&output);
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s PLUGIN.wat FUNCTIONS...\n", argc > 0 ? argv[0] : "plugin");
    return EXIT_FAILURE;
  }
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  plugin_t plugin = open_plugin(engine, argv[1]);
  for (int i = 2; i < argc; ++i) call(&plugin, argv[i]);
  wasm_instance_delete(plugin.instance);
  wasm_store_delete(plugin.store);
  wasmrt_wasi_delete(plugin.wasi);
  wasm_engine_delete(engine);
  return EXIT_SUCCESS;
}
