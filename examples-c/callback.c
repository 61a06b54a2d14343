// WebAssembly calls the host: a plain host function, and one with an environment that it keeps state in.

#include "common.h"

// Arguments are borrowed for the call. Returning NULL means success.
static own wasm_trap_t* print(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)results;
  printf("the guest says %d\n", (int)args->data[0].of.i32);
  return NULL;
}

typedef struct {
  int sum;
  int calls;
} total_t;

// The environment is the pointer passed when the function was made.
static own wasm_trap_t* add_to_total(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  total_t* total = env;
  total->sum += args->data[0].of.i32;
  total->calls += 1;
  results->data[0] = (wasm_val_t)WASM_I32_VAL(total->sum);
  return NULL;
}

// Runs once, when neither a handle nor WebAssembly code can reach the function any more.
static void free_total(void* env) {
  total_t* total = env;
  printf("finalizer: %d calls, total %d\n", total->calls, total->sum);
  free(total);
}

static own wasm_func_t* make_print(wasm_store_t* store) {
  own wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  own wasm_func_t* func = wasm_func_new(store, type, print);
  wasm_functype_delete(type);
  return need(func, "make the function print");
}

static own wasm_func_t* make_total(wasm_store_t* store) {
  total_t* total = need(calloc(1, sizeof *total), "allocate the total");
  own wasm_functype_t* type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  own wasm_func_t* func = wasm_func_new_with_env(store, type, add_to_total, total, free_total);
  wasm_functype_delete(type);
  return need(func, "make the function total");
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "callback.wasm");

  // Imports are given by position. The instance keeps what it imports, so we can delete our handles at
  // once.
  own wasm_func_t* print_func = make_print(store);
  own wasm_func_t* total_func = make_total(store);
  wasm_extern_t* externs[] = {wasm_func_as_extern(print_func), wasm_func_as_extern(total_func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  wasm_func_delete(print_func);
  wasm_func_delete(total_func);

  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_val_t values[] = {WASM_I32_VAL(4)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values);
  wasm_val_vec_t results = WASM_EMPTY_VEC;
  no_trap(wasm_func_call(find_func(module, &exports, "count"), &args, &results), "call count");

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
