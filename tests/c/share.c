// Shared modules, outside stores: they outlive the module they were made from, and several threads obtain from
// one at once.

#include <pthread.h>

#include "host.h"

static int seven_in(wasm_store_t* store, const wasm_module_t* module) {
  own wasm_trap_t* trap;
  own wasm_instance_t* instance = wasm_instance_new(store, module, &NO_IMPORTS, &trap);
  CHECK(instance && !trap);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  int result = call(wasm_extern_as_func(exports.data[0]), NO_VALS).of.i32;
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  return result;
}

TEST(sharing_nothing_gives_nothing) {
  world_t w = open_world("state");
  CHECK(!wasm_module_share(NULL) && has_error());
  CHECK(!wasm_module_obtain(w.store, NULL) && has_error());
  own wasm_shared_module_t* shared = wasm_module_share(w.module);
  CHECK(shared);
  CHECK(!wasm_module_obtain(NULL, shared) && has_error());
  wasm_shared_module_delete(shared);
  wasm_shared_module_delete(NULL);
  close_world(&w);
}

TEST(obtained_module_is_another_object_with_the_same_code) {
  world_t w = open_world("state");
  int info;
  wasm_module_set_host_info(w.module, &info);
  own wasm_shared_module_t* shared = wasm_module_share(w.module);
  own wasm_module_t* module = wasm_module_obtain(w.store, shared);
  CHECK(module && !wasm_module_same(module, w.module));
  CHECK(!wasm_module_get_host_info(module) && wasm_module_get_host_info(w.module) == &info);
  CHECK(seven_in(w.store, module) == 1);
  wasm_shared_module_delete(shared);
  CHECK(seven_in(w.store, module) == 1);
  wasm_module_delete(module);
  close_world(&w);
}

TEST(shared_module_outlives_module_store_and_engine) {
  world_t w = open_world("state");
  own wasm_shared_module_t* shared = wasm_module_share(w.module);
  own wasm_store_t* store = wasm_store_new(w.engine);
  close_world(&w);
  own wasm_module_t* module = wasm_module_obtain(store, shared);
  CHECK(module && seven_in(store, module) == 1);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_shared_module_delete(shared);
}

TEST(module_without_its_store_cannot_be_shared) {
  world_t w = open_world("state");
  wasm_store_delete(w.store);
  w.store = NULL;
  CHECK(!wasm_module_share(w.module) && error_says("store has been deleted"));
  close_world(&w);
}

TEST(store_of_another_engine_obtains_nothing) {
  world_t w = open_world("state");
  own wasm_shared_module_t* shared = wasm_module_share(w.module);
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  CHECK(!wasm_module_obtain(store, shared) && error_says("another engine"));
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  wasm_shared_module_delete(shared);
  close_world(&w);
}

typedef struct {
  wasm_engine_t* engine;
  const wasm_shared_module_t* shared;
} common_t;

static void* obtain_and_run(void* argument) {
  const common_t* common = argument;
  for (int i = 0; i < 5; ++i) {
    own wasm_store_t* store = wasm_store_new(common->engine);
    own wasm_module_t* module = wasm_module_obtain(store, common->shared);
    CHECK(module);
    own wasm_shared_module_t* again = wasm_module_share(module);
    for (int k = 0; k < 20; ++k) CHECK(seven_in(store, module) == 1);
    wasm_shared_module_delete(again);
    wasm_module_delete(module);
    wasm_store_delete(store);
  }
  return NULL;
}

TEST(ten_threads_obtain_from_one_shared_module_at_once) {
  world_t w = open_world("state");
  common_t common = {w.engine, wasm_module_share(w.module)};
  w.engine = NULL;
  close_world(&w);
  pthread_t threads[10];
  for (int i = 0; i < 10; ++i) CHECK(!pthread_create(&threads[i], NULL, obtain_and_run, &common));
  for (int i = 0; i < 10; ++i) pthread_join(threads[i], NULL);
  wasm_shared_module_delete((wasm_shared_module_t*)common.shared);
  wasm_engine_delete(common.engine);
}
