// Large modules of other people compile and instantiate: every import is given something of the type that it asks
// for, functions that trap when called among them.
//
//   stubbed FILE.wasm

#include "../../examples-c/common.h"
#include "stand_ins.h"

int main(int argc, char** argv) {
  if (argc != 2) { fprintf(stderr, "usage: stubbed FILE.wasm\n"); return 2; }
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, argv[1]);

  own wasm_importtype_vec_t types;
  wasm_module_imports(module, &types);
  own wasm_extern_vec_t imports;
  if (!stand_ins(store, &types, &imports)) { fprintf(stderr, "cannot make the imports\n"); return 1; }

  // Instantiation may call a stand-in from the start function; its trap is then an answer as good.
  own wasm_trap_t* trap = NULL;
  own wasm_instance_t* instance = wasm_instance_new(store, module, &imports, &trap);
  if (!instance) {
    own wasm_message_t message;
    wasm_trap_message(need(trap, "instantiate the module"), &message);
    bool ours = message.size && strcmp(message.data, STAND_IN) == 0;
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
