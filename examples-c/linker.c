// Imports by name: a linker holds what modules may import, also the exports of other modules, and says what is missing.

#include "common.h"

// A native function has the parameters of its type, after an environment and a place for a trap.
static void print(void* env, own wasm_trap_t** trap, int32_t number) {
  (void)env, (void)trap;
  printf("the guest says %d\n", (int)number);
}

static void define_print(wasmrt_linker_t* linker) {
  own wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  bool done = wasmrt_linker_define_native(linker, "host", "print", type, (wasmrt_native_t)print, NULL, NULL);
  wasm_functype_delete(type);
  if (!done) die("define the function print");
}

// Instantiates a module that imports nothing, and defines what it exports for others. The linker keeps the instance.
static void define_module(wasmrt_linker_t* linker, wasm_store_t* store, const char* name, const char* path) {
  own wasm_module_t* module = load_module(store, path);
  wasm_extern_vec_t no_imports = WASM_EMPTY_VEC;
  own wasm_instance_t* instance = instantiate(store, module, &no_imports);
  if (!wasmrt_linker_define_instance(linker, name, instance)) die("define the exports");
  wasm_instance_delete(instance);
  wasm_module_delete(module);
}

// NULL if imports are missing, after printing which.
static own wasm_instance_t* try_to_link(const wasmrt_linker_t* linker, const wasm_module_t* module) {
  own wasm_trap_t* trap;
  own wasm_instance_t* instance = wasmrt_linker_instantiate(linker, module, &trap);
  if (!instance) print_trap(stdout, trap);
  wasm_trap_delete(trap);
  return instance;
}

// Calls an export that takes and returns nothing.
static void call(const wasm_instance_t* instance, const char* name) {
  own wasm_func_t* func = need(wasmrt_instance_func(instance, name), "find the export");
  own wasm_trap_t* trap = wasmrt_func_call(func, NULL, 0, NULL, 0);
  if (trap) print_trap(stdout, trap);
  wasm_trap_delete(trap);
  wasm_func_delete(func);
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "linker.wasm");

  own wasmrt_linker_t* linker = need(wasmrt_linker_new(store), "make a linker");
  define_print(linker);
  own wasm_instance_t* instance = try_to_link(linker, module);

  define_module(linker, store, "tally", "linker_tally.wasm");
  if (!instance) instance = try_to_link(linker, module);

  // Whatever is still missing traps when it is called, which most programs never do.
  if (!wasmrt_linker_define_traps(linker, module)) die("define the rest");
  if (!instance) instance = need(try_to_link(linker, module), "link the module");
  call(instance, "run");
  call(instance, "alarm");

  // The instance keeps what it imports.
  wasmrt_linker_delete(linker);
  call(instance, "run");

  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
