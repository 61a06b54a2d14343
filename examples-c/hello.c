// The shortest WebAssembly program: load a module, make an instance of it, call one of its functions.

#include "common.h"

int main(void) {
  // The engine compiles and may serve many stores; a store holds a group of instances and their
  // objects.
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");

  // A module is code. An instance is that code with memories, tables and globals of its own.
  own wasm_module_t* module = load_module(store, "hello.wasm");
  wasm_extern_vec_t no_imports = WASM_EMPTY_VEC;
  own wasm_instance_t* instance = instantiate(store, module, &no_imports);

  // Exports come in the order in which the module declares them; this one has a single function.
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_func_t* add = need(exports.size == 1 ? wasm_extern_as_func(exports.data[0]) : NULL, "find the function");

  wasm_val_t values[] = {WASM_I32_VAL(40), WASM_I32_VAL(2)};
  wasm_val_t sum[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values);
  wasm_val_vec_t results = WASM_ARRAY_VEC(sum);
  no_trap(wasm_func_call(add, &args, &results), "call add");
  printf("40 + 2 = %d\n", (int)sum[0].of.i32);

  // Each handle is deleted once, in any order. Deleting a vector deletes its elements.
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
