// Functions with several results, in both directions.

#include "common.h"

// The results array has its kinds set and its values zero; the host function writes the values in
// order.
static own wasm_trap_t* swap(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  results->data[0] = args->data[1];
  results->data[1] = args->data[0];
  return NULL;
}

// Types with more than two results are built from vectors. The function type takes ownership of both.
static own wasm_functype_t* swap_type(void) {
  wasm_valtype_t* in[] = {wasm_valtype_new_i32(), wasm_valtype_new_f64()};
  wasm_valtype_t* out[] = {wasm_valtype_new_f64(), wasm_valtype_new_i32()};
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, 2, in);
  wasm_valtype_vec_new(&results, 2, out);
  return need(wasm_functype_new(&params, &results), "make the type of swap");
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "multi.wasm");

  own wasm_functype_t* type = swap_type();
  own wasm_func_t* func = need(wasm_func_new(store, type, swap), "make the function swap");
  wasm_functype_delete(type);
  wasm_extern_t* externs[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  wasm_func_delete(func);

  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  // The caller provides space for all results of the function.
  wasm_val_t out[2] = {WASM_INIT_VAL, WASM_INIT_VAL};
  wasm_val_vec_t results = WASM_ARRAY_VEC(out);

  wasm_val_t numbers[] = {WASM_I32_VAL(47), WASM_I32_VAL(5)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(numbers);
  no_trap(wasm_func_call(find_func(module, &exports, "divide"), &args, &results), "call divide");
  printf("47 / 5 = %d, remainder %d\n", (int)out[0].of.i32, (int)out[1].of.i32);

  wasm_val_t mixed[] = {WASM_I32_VAL(7), WASM_F64_VAL(2.5)};
  wasm_val_vec_t mixed_args = WASM_ARRAY_VEC(mixed);
  no_trap(wasm_func_call(find_func(module, &exports, "swap"), &mixed_args, &results), "call swap");
  printf("swap(7, 2.5) = (%g, %d)\n", out[0].of.f64, (int)out[1].of.i32);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
