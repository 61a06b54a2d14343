// Stores: several of one engine; what they share (the engine, modules) and what they do not.

#include "host.h"

TEST(store_needs_an_engine) {
  CHECK(!wasm_store_new(NULL));
  CHECK(has_error());
  wasm_store_delete(NULL);
}

TEST(instances_in_two_stores_do_not_see_each_other) {
  world_t a = open_world("state");
  own wasm_store_t* store = wasm_store_new(a.engine);
  CHECK(store);
  world_t b = {.engine = NULL, .store = store, .module = load(store, "state")};
  instantiate(&b, NO_IMPORTS);
  CHECK(call_i32(&a, "count", NO_VALS) == 1);
  CHECK(call_i32(&a, "count", NO_VALS) == 2);
  CHECK(call_i32(&b, "count", NO_VALS) == 1);
  close_world(&b);
  CHECK(call_i32(&a, "count", NO_VALS) == 3);
  close_world(&a);
}

TEST(module_serves_all_stores_of_its_engine) {
  world_t a = open_world("state");
  own wasm_store_t* store = wasm_store_new(a.engine);
  own wasm_trap_t* trap = NULL;
  own wasm_instance_t* instance = wasm_instance_new(store, a.module, &NO_IMPORTS, &trap);
  CHECK(instance && !trap);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  CHECK(call(wasm_extern_as_func(exports.data[0]), NO_VALS).of.i32 == 1);
  CHECK(call_i32(&a, "count", NO_VALS) == 1);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_store_delete(store);
  close_world(&a);
}

TEST(module_of_another_engine_is_refused) {
  world_t a = open_world("state");
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(store, a.module, &NO_IMPORTS, &trap));
  CHECK(says(trap, "the module belongs to another engine"));
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  close_world(&a);
}

TEST(engine_may_go_before_its_stores) {
  own wasm_engine_t* engine = test_engine();
  world_t w = {.engine = NULL, .store = wasm_store_new(engine)};
  wasm_engine_delete(engine);
  w.module = load(w.store, "state");
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  close_world(&w);
}

TEST(many_stores_come_and_go) {
  own wasm_engine_t* engine = test_engine();
  for (int i = 0; i < (slow() ? 100 : 1000); ++i) {
    own wasm_store_t* store = wasm_store_new(engine);
    CHECK(store);
    wasm_store_delete(store);
  }
  wasm_engine_delete(engine);
}

TEST(ten_thousand_instances_whose_handles_go_at_once) {
  world_t w = open_world("state");
  for (int i = 0; i < (slow() ? 500 : 10000); ++i) {
    own wasm_instance_t* instance = wasm_instance_new(w.store, w.module, &NO_IMPORTS, NULL);
    CHECK(instance);
    wasm_instance_delete(instance);
  }
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  close_world(&w);
}

static int runs;
static void* last_data;
static void end_data(void* data) {
  ++runs;
  last_data = data;
}

TEST(store_keeps_a_pointer_of_the_host) {
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  int a, b;
  runs = 0;
  forget_error();
  CHECK(!wasmrt_store_data(store) && !has_error());
  wasmrt_store_set_data(store, &a, end_data);
  CHECK(wasmrt_store_data(store) == &a && runs == 0);
  wasmrt_store_set_data(store, &a, end_data);  // the same data: nothing ends
  CHECK(wasmrt_store_data(store) == &a && runs == 0);
  wasmrt_store_set_data(store, &b, NULL);
  CHECK(wasmrt_store_data(store) == &b && runs == 1 && last_data == &a);
  wasmrt_store_set_data(store, &a, end_data);
  CHECK(runs == 1);
  wasmrt_store_set_data(NULL, &b, end_data);
  CHECK(runs == 1 && has_error() && !wasmrt_store_data(NULL) && has_error());
  wasm_store_delete(store);
  CHECK(runs == 2 && last_data == &a);
  wasm_engine_delete(engine);
}

static void end_store(void* store) {
  CHECK(!wasmrt_store_data(store) && !has_error());  // it was removed before its finalizer runs
  wasm_store_delete(store);
}

TEST(finalizer_of_the_pointer_may_delete_the_store) {
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  wasmrt_store_set_data(store, store, end_store);
  wasmrt_store_set_data(store, NULL, NULL);
  wasm_engine_delete(engine);
}
