// Assembles a module from text and calls it.

#include <string.h>
#include <wasmrt.h>
#include <wasmrt_wat.h>

int main(void) {
  const char *text = "(module (func (export \"f\") (result i32) i32.const 42))";
  wasm_byte_vec_t binary;
  if (!wasmrt_wat2wasm(text, strlen(text), &binary, NULL)) return 1;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_module_t *module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  wasm_func_t *func = wasmrt_instance_func(instance, "f");
  wasmrt_val_t result = WASMRT_INIT_VAL;
  if (wasmrt_func_call(func, NULL, 0, &result, 1) || result.of.i32 != 42) return 2;
  wasm_func_delete(func);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
