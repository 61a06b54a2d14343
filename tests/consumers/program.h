// What each consumer does: compiles a module that adds, and calls it. RUN_ADD is the name of the function, so
// that two copies of the library can each have one in the same program.
#include <stdio.h>
#include <string.h>
#include <wasm.h>
#include <wasmrt.h>

#ifndef RUN_ADD
#define RUN_ADD run_add
#endif

// (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
static const char add_module[] =
    "\0asm\1\0\0\0\1\7\1`\2\x7f\x7f\1\x7f\3\2\1\0\7\7\1\3add\0\0\n\t\1\7\0 \0 \1j\v";

// The sum from a new instance, or -1 on failure.
int RUN_ADD(int a, int b);
int RUN_ADD(int a, int b) {
  int sum = -1;
  if (wasmrt_version_number() != WASMRT_VERSION_NUMBER) return -1;
  wasm_engine_t *engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine);
  wasm_byte_vec_t binary;
  wasm_byte_vec_new(&binary, sizeof add_module - 1, add_module);
  wasm_module_t *module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  wasm_extern_vec_t exports = WASM_EMPTY_VEC;
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  wasm_instance_exports(instance, &exports);
  if (exports.size == 1) {
    wasm_val_t values[2] = {WASM_I32_VAL(a), WASM_I32_VAL(b)};
    wasm_val_t results[1] = {WASM_INIT_VAL};
    wasm_val_vec_t in = WASM_ARRAY_VEC(values);
    wasm_val_vec_t out = WASM_ARRAY_VEC(results);
    wasm_trap_t *trap = wasm_func_call(wasm_extern_as_func(exports.data[0]), &in, &out);
    if (trap == NULL) sum = results[0].of.i32;
    wasm_trap_delete(trap);
  }
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return sum;
}
