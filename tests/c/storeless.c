// Calls that no store can handle: of NULL, and of functions whose store was deleted. NULL would mean success,
// so the result is a trap that belongs to no store.

#include <pthread.h>

#include "host.h"

// Whether the trap has that message and nothing else. Consumes it.
static bool only_says(own wasm_trap_t* trap, const char* text) {
  CHECK(trap && !wasm_trap_origin(trap) && wasmrt_trap_code(trap) == WASMRT_TRAP_NONE);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(!frames.size && !frames.data && !has_error());
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  bool good = message.size == strlen(text) + 1 && strcmp(message.data, text) == 0;
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  return good;
}

TEST(call_of_null_is_a_trap) {
  wasm_val_t out[1] = {I32(5)};
  wasm_val_vec_t results = {1, out};
  own wasm_trap_t* trap = wasm_func_call(NULL, &NO_VALS, &results);
  CHECK(error_says("NULL") && only_says(trap, "the function is NULL"));
  trap = wasmrt_func_call(NULL, NULL, 0, NULL, 0);
  CHECK(error_says("NULL") && only_says(trap, "the function is NULL"));
  CHECK(out[0].of.i32 == 5);
}

TEST(call_after_the_end_of_the_store_is_a_trap) {
  world_t w = open_world("arithmetic");
  own wasm_func_t* func = wasm_func_copy(func_of(&w, "add"));
  close_world(&w);
  wasm_val_t out[1] = {I32(5)};
  wasm_val_vec_t results = {1, out};
  forget_error();
  own wasm_trap_t* trap = wasm_func_call(func, &VALS(I32(1), I32(2)), &results);
  CHECK(error_says("deleted") && only_says(trap, "the store of the function has been deleted"));
  trap = wasmrt_func_call(func, NULL, 0, NULL, 0);
  CHECK(error_says("deleted") && only_says(trap, "the store of the function has been deleted"));
  CHECK(out[0].of.i32 == 5);
  wasm_func_delete(func);
}

TEST(call_of_something_else_is_a_trap) {
  world_t w;
  open_store(&w, NULL);
  own wasm_foreign_t* object = wasm_foreign_new(w.store);
  own wasm_trap_t* trap = wasm_func_call((wasm_func_t*)object, &NO_VALS, NULL);
  CHECK(error_says("another kind") && only_says(trap, "the handle is not that of a function"));
  wasm_foreign_delete(object);
  close_world(&w);
}

typedef int32_t add_t(void*, wasm_trap_t**, int32_t, int32_t);
typedef struct {
  wasm_func_t* func;
  add_t* native;
  void* context;
  int calls;
} last_calls_t;

static void call_while_the_store_dies(void* env) {
  last_calls_t* last = env;
  wasm_val_t out[1];
  own wasm_trap_t* trap = wasm_func_call(last->func, &VALS(I32(1), I32(2)), &(wasm_val_vec_t){1, out});
  CHECK(has_error() && only_says(trap, "the store of the function is being deleted"));
  CHECK(last->native(last->context, &trap, 1, 2) == 0);
  CHECK(only_says(trap, "the store of the function is being deleted"));
  CHECK(last->native(last->context, NULL, 1, 2) == 0);
  ++last->calls;
}

TEST(call_by_a_finalizer_of_the_dying_store_is_a_trap) {
  world_t w = open_world("arithmetic");
  last_calls_t last = {.func = func_of(&w, "add")};
  last.native = (add_t*)wasmrt_func_native(last.func, &last.context);
  CHECK(last.native && last.native(last.context, NULL, 1, 2) == 3);
  own wasm_foreign_t* object = wasm_foreign_new(w.store);
  wasm_foreign_set_host_info_with_finalizer(object, &last, call_while_the_store_dies);
  wasm_store_delete(w.store);
  wasm_foreign_delete(object);
  CHECK(last.calls == 1);
  w.store = NULL;
  close_world(&w);
}

TEST(trap_without_a_store_is_a_handle_like_others) {
  own wasm_trap_t* trap = wasm_func_call(NULL, NULL, NULL);
  own wasm_trap_t* copy = wasm_trap_copy(trap);
  CHECK(wasm_trap_same(trap, copy));
  own wasm_ref_t* ref = wasm_ref_copy(wasm_trap_as_ref(trap));
  CHECK(wasm_ref_as_trap(ref) == trap && !wasm_ref_as_func(ref));
  wasm_ref_delete(ref);
  wasm_trap_delete(trap);
  forget_error();
  wasm_trap_set_host_info_with_finalizer(copy, &trap, free);
  CHECK(has_error() && !wasm_trap_get_host_info(copy) && has_error());
  CHECK(only_says(copy, "the function is NULL"));
}

static own wasm_trap_t* call_null(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  return wasm_func_call(env, args, results);
}

TEST(trap_without_a_store_may_be_returned_by_a_callback) {
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* func = host_func(w.store, "", "i", call_null, NULL, NULL);
  for (int i = 0; i < 3; ++i) CHECK(says(call_trap(func, NO_VALS), "the function is NULL"));
  wasm_func_delete(func);
  close_world(&w);
}

TEST(trap_without_a_store_is_no_value_of_one) {
  world_t w;
  open_store(&w, NULL);
  own wasm_trap_t* trap = wasm_func_call(NULL, NULL, NULL);
  forget_error();
  CHECK(!new_table(w.store, 'r', 1, 1, wasm_trap_as_ref(trap)) && has_error());
  wasm_trap_delete(trap);
  close_world(&w);
}

static void* use_trap(void* shared) {
  for (int i = 0; i < (slow() ? 50 : 5000); ++i) {
    own wasm_trap_t* copy = wasm_trap_copy(shared);
    CHECK(only_says(copy, "the function is NULL"));
    own wasm_trap_t* trap = wasm_func_call(NULL, NULL, NULL);
    CHECK(has_error() && only_says(trap, "the function is NULL"));
  }
  return NULL;
}

TEST(trap_without_a_store_serves_all_threads) {
  own wasm_trap_t* trap = wasm_func_call(NULL, NULL, NULL);
  forget_error();
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) CHECK(!pthread_create(&threads[i], NULL, use_trap, trap));
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  CHECK(only_says(trap, "the function is NULL"));
}
