// A table of functions, which the guest calls by number and the host reads, fills and grows.

#include "common.h"

static own wasm_trap_t* subtract(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  results->data[0] = (wasm_val_t)WASM_I32_VAL(args->data[0].of.i32 - args->data[1].of.i32);
  return NULL;
}

static own wasm_func_t* make_subtract(wasm_store_t* store) {
  own wasm_functype_t* type =
      wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32());
  own wasm_func_t* func = wasm_func_new(store, type, subtract);
  wasm_functype_delete(type);
  return need(func, "make the function subtract");
}

static void apply(const wasm_func_t* func, int32_t which) {
  wasm_val_t values[] = {WASM_I32_VAL(which), WASM_I32_VAL(12), WASM_I32_VAL(5)};
  wasm_val_t out[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values);
  wasm_val_vec_t results = WASM_ARRAY_VEC(out);
  own wasm_trap_t* trap = wasm_func_call(func, &args, &results);
  printf("operation %d on 12 and 5: ", (int)which);
  if (trap) {
    print_trap(stdout, trap);
    wasm_trap_delete(trap);
  } else {
    printf("%d\n", (int)out[0].of.i32);
  }
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "table.wasm");
  wasm_extern_vec_t no_imports = WASM_EMPTY_VEC;
  own wasm_instance_t* instance = instantiate(store, module, &no_imports);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_table_t* table = need(wasm_extern_as_table(find_export(module, &exports, "operations")), "use the table");
  wasm_func_t* apply_func = find_func(module, &exports, "apply");

  apply(apply_func, 0);
  apply(apply_func, 1);
  apply(apply_func, 2);

  // Elements are references. Storing one makes a copy: ours must still be deleted.
  own wasm_func_t* func = make_subtract(store);
  if (!wasm_table_set(table, 2, wasm_func_as_ref(func))) die("set the element");
  wasm_func_delete(func);
  apply(apply_func, 2);

  // Reading an element makes a new handle. NULL stands for an empty element.
  own wasm_ref_t* first = wasm_table_get(table, 0);
  own wasm_ref_t* last = wasm_table_get(table, 3);
  printf("element 0 is %s, element 3 is %s\n", first ? "a function" : "empty", last ? "a function" : "empty");

  // Growing fills the new elements with the reference given.
  if (!wasm_table_grow(table, 2, first)) die("grow the table");
  printf("%u elements\n", (unsigned)wasm_table_size(table));
  apply(apply_func, 5);
  apply(apply_func, 6);
  printf("growing past the maximum: %s\n", wasm_table_grow(table, 3, NULL) ? "done" : "refused");

  wasm_ref_delete(first);
  wasm_ref_delete(last);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
