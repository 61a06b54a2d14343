// The module `callbacks` with a host function of the test's own.

#ifndef OPEN_CALLBACKS_H
#define OPEN_CALLBACKS_H

#include "host.h"

// Instantiates the world's module with the callback as import `one`; the other import does nothing.
static inline void import_callback(world_t* w, wasm_func_callback_with_env_t callback, void* env) {
  own wasm_func_t* four = host_func(w->store, "iIfF", "iIfF", ignore, NULL, NULL);
  own wasm_func_t* one = host_func(w->store, "i", "i", callback, env, NULL);
  instantiate(w, IMPORTS(wasm_func_as_extern(four), wasm_func_as_extern(one)));
  wasm_func_delete(four);
  wasm_func_delete(one);
}

static inline void open_callbacks(world_t* w, wasm_func_callback_with_env_t callback, void* env) {
  open_store(w, "callbacks");
  import_callback(w, callback, env);
}

// A callback that recurses without end. On a small stack there is no room for a large frame of our own either.
static inline own wasm_trap_t* deeper(void* world, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  return wasm_func_call(func_of(world, "call"), args, results);
}

#endif
