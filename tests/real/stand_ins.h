// Something of the right type for each import of a module: functions that trap when called among them.

#ifndef STAND_INS_H
#define STAND_INS_H

#include <stdbool.h>
#include <string.h>
#include <wasm.h>

static const char STAND_IN[] = "this import is a stand-in";

static wasm_trap_t* stand_in_called(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  wasm_message_t message;
  wasm_name_new_from_string_nt(&message, STAND_IN);
  wasm_trap_t* trap = wasm_trap_new(env, &message);
  wasm_name_delete(&message);
  return trap;
}

// Owned by the caller; NULL when it cannot be made.
static wasm_extern_t* stand_in(wasm_store_t* store, const wasm_externtype_t* type) {
  switch (wasm_externtype_kind(type)) {
    case WASM_EXTERN_FUNC:
      return wasm_func_as_extern(
          wasm_func_new_with_env(store, wasm_externtype_as_functype_const(type), stand_in_called, store, NULL));
    case WASM_EXTERN_GLOBAL: {
      const wasm_globaltype_t* global = wasm_externtype_as_globaltype_const(type);
      wasm_val_t zero;
      memset(&zero, 0, sizeof zero);
      zero.kind = wasm_valtype_kind(wasm_globaltype_content(global));
      return wasm_global_as_extern(wasm_global_new(store, global, &zero));
    }
    case WASM_EXTERN_TABLE:
      return wasm_table_as_extern(wasm_table_new(store, wasm_externtype_as_tabletype_const(type), NULL));
    default:
      return wasm_memory_as_extern(wasm_memory_new(store, wasm_externtype_as_memorytype_const(type)));
  }
}

// False when something cannot be made; then `out` has nothing.
static bool stand_ins(wasm_store_t* store, const wasm_importtype_vec_t* types, wasm_extern_vec_t* out) {
  wasm_extern_vec_new_uninitialized(out, types->size);
  bool is_done = out->size == types->size;
  for (size_t i = 0; is_done && i < types->size; ++i) {
    out->data[i] = stand_in(store, wasm_importtype_type(types->data[i]));
    is_done = out->data[i] != NULL;
  }
  if (!is_done) wasm_extern_vec_delete(out);
  return is_done;
}

#endif
