// Reflection: the imports and exports of a module, and the types of the objects that an instance has.

#include "print_type.h"

// Objects have types too. A memory or table that has grown reports its current size.
static void show_objects(const wasm_extern_vec_t* objects) {
  for (size_t i = 0; i < objects->size; ++i) {
    own wasm_externtype_t* type = need(wasm_extern_type(objects->data[i]), "get the type");
    printf("object %zu: ", i);
    print_externtype(type);
    printf("\n");
    wasm_externtype_delete(type);
  }
}

static own wasm_trap_t* ignore(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  return NULL;
}

// Types made by the host equal those of a module when their parts are equal.
static own wasm_func_t* make_log(wasm_store_t* store) {
  own wasm_functype_t* type = wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i64());
  own wasm_func_t* func = wasm_func_new(store, type, ignore);
  wasm_functype_delete(type);
  return need(func, "make the function log");
}

static own wasm_global_t* make_base(wasm_store_t* store) {
  own wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
  wasm_val_t value = WASM_I32_VAL(1024);
  own wasm_global_t* global = wasm_global_new(store, type, &value);
  wasm_globaltype_delete(type);
  return need(global, "make the global base");
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "reflect.wasm");
  print_module(module);

  own wasm_func_t* log_func = make_log(store);
  own wasm_global_t* base = make_base(store);
  wasm_extern_t* externs[] = {wasm_func_as_extern(log_func), wasm_global_as_extern(base)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  wasm_func_delete(log_func);
  wasm_global_delete(base);

  own wasm_extern_vec_t objects;
  wasm_instance_exports(instance, &objects);
  if (!wasm_memory_grow(find_memory(module, &objects, "memory"), 2)) die("grow the memory");
  show_objects(&objects);

  const wasm_func_t* mix = find_func(module, &objects, "mix");
  printf("mix takes %zu and gives %zu\n", wasm_func_param_arity(mix), wasm_func_result_arity(mix));

  wasm_extern_vec_delete(&objects);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
