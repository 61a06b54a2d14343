// Large modules of other people compile and instantiate: every import is given something of the type that it asks
// for, functions that trap when called among them.
//
//   stubbed FILE.wasm

#include "../../examples-c/common.h"

static own wasm_trap_t* on_call(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  own wasm_message_t message;
  wasm_name_new_from_string_nt(&message, "this import is a stand-in");
  own wasm_trap_t* trap = wasm_trap_new(env, &message);
  wasm_name_delete(&message);
  return trap;
}

// Something that fits the type.
static own wasm_extern_t* stand_in(wasm_store_t* store, const wasm_externtype_t* type) {
  switch (wasm_externtype_kind(type)) {
    case WASM_EXTERN_FUNC:
      return wasm_func_as_extern(need(
          wasm_func_new_with_env(store, wasm_externtype_as_functype_const(type), on_call, store, NULL), "make a function"));
    case WASM_EXTERN_GLOBAL: {
      const wasm_globaltype_t* global = wasm_externtype_as_globaltype_const(type);
      wasm_val_t zero;
      memset(&zero, 0, sizeof zero);
      zero.kind = wasm_valtype_kind(wasm_globaltype_content(global));
      return wasm_global_as_extern(need(wasm_global_new(store, global, &zero), "make a global"));
    }
    case WASM_EXTERN_TABLE:
      return wasm_table_as_extern(
          need(wasm_table_new(store, wasm_externtype_as_tabletype_const(type), NULL), "make a table"));
    default:
      return wasm_memory_as_extern(
          need(wasm_memory_new(store, wasm_externtype_as_memorytype_const(type)), "make a memory"));
  }
}

int main(int argc, char** argv) {
  if (argc != 2) { fprintf(stderr, "usage: stubbed FILE.wasm\n"); return 2; }
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, argv[1]);

  own wasm_importtype_vec_t types;
  wasm_module_imports(module, &types);
  own wasm_extern_vec_t imports;
  wasm_extern_vec_new_uninitialized(&imports, types.size);
  for (size_t i = 0; i < types.size; ++i)
    imports.data[i] = stand_in(store, wasm_importtype_type(types.data[i]));

  // Instantiation may call a stand-in from the start function; its trap is then an answer as good.
  own wasm_trap_t* trap = NULL;
  own wasm_instance_t* instance = wasm_instance_new(store, module, &imports, &trap);
  if (!instance) {
    own wasm_message_t message;
    wasm_trap_message(need(trap, "instantiate the module"), &message);
    bool ours = message.size && strcmp(message.data, "this import is a stand-in") == 0;
    if (!ours) no_trap(trap, "instantiate the module");
    wasm_name_delete(&message);
    wasm_trap_delete(trap);
    printf("%zu imports, the start function wants more\n", types.size);
  } else {
    own wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    printf("%zu imports, %zu exports\n", types.size, exports.size);
    wasm_extern_vec_delete(&exports);
  }

  wasm_instance_delete(instance);
  wasm_extern_vec_delete(&imports);
  wasm_importtype_vec_delete(&types);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
