// Two threads make functions in one store at once, which nobody may: the sanitizer must notice, inside of the
// library, or what it says about the other tests is worth nothing.

#include <pthread.h>
#include <wasm.h>

static wasm_trap_t* nothing(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  return NULL;
}

static void* work(void* store) {
  wasm_functype_t* type = wasm_functype_new_0_0();
  wasm_func_t* func = wasm_func_new(store, type, nothing);
  wasm_functype_delete(type);
  wasm_func_delete(func);
  return NULL;
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, work, store);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
