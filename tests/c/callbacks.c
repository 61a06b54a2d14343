// Callbacks: what a host function may do while wasm waits for it.

#include "open_callbacks.h"

typedef struct {
  world_t* world;
  const char* action;
  int depth, calls;
} env_t;

static int32_t global_i32(const world_t* w, const char* name) {
  wasm_val_t value;
  wasm_global_get(wasm_extern_as_global(export_of(w, name)), &value);
  return value.of.i32;
}

// Calls itself through wasm until the depth is reached; the innermost one traps when asked to.
static own wasm_trap_t* dive(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  env_t* e = env;
  int32_t depth = args->data[0].of.i32;
  if (depth == e->depth) {
    results->data[0] = I32(depth);
    return e->action ? trap_saying(e->world->store, e->action) : NULL;
  }
  return wasm_func_call(func_of(e->world, "call"), &VALS(I32(depth + 1)), results);
}

TEST(host_and_wasm_call_each_other_fifty_deep) {
  world_t w;
  env_t env = {.world = &w, .depth = 50};
  open_callbacks(&w, dive, &env);
  CHECK(call_i32(&w, "call", VALS(I32(0))) == 50);
  CHECK(global_i32(&w, "before") == 51 && global_i32(&w, "after") == 51);
  close_world(&w);
}

TEST(trap_of_the_innermost_callback_reaches_the_outermost_call) {
  world_t w;
  env_t env = {.world = &w, .depth = 20, .action = "from the depth"};
  open_callbacks(&w, dive, &env);
  own wasm_trap_t* trap = call_trap(func_of(&w, "call"), VALS(I32(0)));
  CHECK(global_i32(&w, "before") == 21 && global_i32(&w, "after") == 0);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size >= 1 && wasm_frame_func_index(frames.data[0]) == 3);
  wasm_frame_vec_delete(&frames);
  CHECK(says(trap, "from the depth"));
  env.action = NULL;
  CHECK(call_i32(&w, "call", VALS(I32(0))) == 20);
  close_world(&w);
}

static own wasm_trap_t* swallow(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  env_t* e = env;
  results->data[0] = I32(5);
  if (args->data[0].of.i32 == 1) return trap_saying(e->world->store, "inner");
  wasm_trap_delete(call_trap(func_of(e->world, "call"), VALS(I32(1))));
  return NULL;
}

TEST(callback_may_catch_the_trap_of_a_nested_call) {
  world_t w;
  env_t env = {.world = &w};
  open_callbacks(&w, swallow, &env);
  CHECK(call_i32(&w, "call", VALS(I32(0))) == 5);
  CHECK(global_i32(&w, "before") == 2 && global_i32(&w, "after") == 1);
  close_world(&w);
}

static own wasm_trap_t* recurse(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  env_t* e = env;
  e->calls += 1;
  return wasm_func_call(func_of(e->world, "call"), args, results);
}

TEST(endless_recursion_through_the_host_ends_in_a_trap) {
  world_t w;
  env_t env = {.world = &w};
  open_callbacks(&w, recurse, &env);
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(0))), "call stack exhausted"));
  CHECK(env.calls > 10);
  env.calls = 0;
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(0))), "call stack exhausted"));
  close_world(&w);
}

static own wasm_trap_t* grow_memory(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  const env_t* e = env;
  CHECK(wasm_memory_grow(wasm_extern_as_memory(export_of(e->world, "memory")), 2));
  return NULL;
}

TEST(memory_grown_by_a_callback_is_there_for_the_rest_of_the_function) {
  world_t w;
  env_t env = {.world = &w};
  open_callbacks(&w, grow_memory, &env);
  CHECK(!wasm_func_call(func_of(&w, "store_after"), &VALS(I32(3 * 65536 - 4), I32(0x01020304)), NULL));
  CHECK(wasm_memory_data(wasm_extern_as_memory(export_of(&w, "memory")))[3 * 65536 - 4] == 4);
  CHECK(call_i32(&w, "pages_after", NO_VALS) == 5);
  close_world(&w);
}

static own wasm_trap_t* seven(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  (void)args;
  results->data[0] = I32(7);
  return NULL;
}

static own wasm_trap_t* fill_table(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  const env_t* e = env;
  wasm_table_t* table = wasm_extern_as_table(export_of(e->world, "table"));
  own wasm_func_t* func = host_func(e->world->store, "", "i", seven, NULL, NULL);
  CHECK(wasm_table_grow(table, 2, wasm_func_as_ref(func)));
  wasm_func_delete(func);
  return NULL;
}

TEST(table_grown_by_a_callback_is_there_for_the_rest_of_the_function) {
  world_t w;
  env_t env = {.world = &w};
  open_callbacks(&w, fill_table, &env);
  CHECK(call_i32(&w, "indirect_after", VALS(I32(3))) == 7);
  close_world(&w);
}

static own wasm_trap_t* make_instances(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  const env_t* e = env;
  int32_t sum = 0;
  int rounds = slow() ? 10 : 200;
  for (int i = 0; i < rounds; ++i) {
    world_t inner = {.engine = NULL, .store = e->world->store, .module = load(e->world->store, "state")};
    instantiate(&inner, NO_IMPORTS);
    sum += call_i32(&inner, "count", NO_VALS);
    inner.store = NULL;
    close_world(&inner);
  }
  results->data[0] = I32(sum);
  return NULL;
}

TEST(callback_may_compile_and_instantiate) {
  world_t w;
  env_t env = {.world = &w};
  open_callbacks(&w, make_instances, &env);
  CHECK(call_i32(&w, "call", VALS(I32(0))) == (slow() ? 10 : 200));
  close_world(&w);
}

static own wasm_trap_t* drop_everything(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  world_t* w = ((env_t*)env)->world;
  wasm_extern_vec_delete(&w->exports);
  wasm_instance_delete(w->instance);
  wasm_module_delete(w->module);
  w->instance = NULL;
  w->module = NULL;
  results->data[0] = I32(11);
  return NULL;
}

TEST(callback_may_drop_the_handles_of_what_is_running) {
  world_t w;
  env_t env = {.world = &w};
  open_callbacks(&w, drop_everything, &env);
  own wasm_func_t* func = wasm_func_copy(func_of(&w, "call"));
  CHECK(call(func, VALS(I32(0))).of.i32 == 11);
  wasm_func_delete(func);
  close_world(&w);
}

static own wasm_trap_t* delete_store(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  world_t* w = ((env_t*)env)->world;
  wasm_store_delete(w->store);
  w->store = NULL;
  results->data[0] = I32(12);
  return NULL;
}

TEST(store_deleted_by_a_callback_lives_until_the_call_returns) {
  world_t w;
  env_t env = {.world = &w};
  open_callbacks(&w, delete_store, &env);
  wasm_func_t* func = func_of(&w, "call");
  CHECK(call(func, VALS(I32(0))).of.i32 == 12);
  wasm_val_t out[1] = {I32(-1)};
  wasm_val_vec_t results = {1, out};
  wasm_trap_delete(wasm_func_call(func, &VALS(I32(0)), &results));
  CHECK(out[0].of.i32 == -1);  // a dead object now
  close_world(&w);
}

static own wasm_trap_t* wrong_kind(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  (void)args;
  results->data[0] = F64(1);
  return NULL;
}

TEST(result_of_the_wrong_kind_is_a_trap) {
  world_t w;
  open_callbacks(&w, wrong_kind, NULL);
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(0))), "a host function returned"));
  CHECK(global_i32(&w, "after") == 0);
  close_world(&w);
}

static own wasm_trap_t* foreign_ref(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  results->data[0].of.ref = wasm_func_as_ref(wasm_func_copy(func_of(env, "seven")));
  return NULL;
}

TEST(result_of_another_store_is_a_trap) {
  world_t w, other = open_world("state");
  open_store(&w, NULL);
  own wasm_func_t* func = host_func(w.store, "", "R", foreign_ref, &other, NULL);
  CHECK(says(call_trap(func, NO_VALS), "a reference of another store"));
  wasm_func_delete(func);
  close_world(&w);
  close_world(&other);
}

static own wasm_trap_t* foreign_trap(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  return trap_saying(((world_t*)env)->store, "from elsewhere");
}

TEST(trap_of_another_store_keeps_its_words) {
  world_t w, other;
  open_store(&other, NULL);
  open_callbacks(&w, foreign_trap, &other);
  own wasm_trap_t* trap = call_trap(func_of(&w, "call"), VALS(I32(0)));
  close_world(&other);
  CHECK(says(trap, "from elsewhere"));
  close_world(&w);
}

static own wasm_trap_t* written_and_trapped(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  world_t* w = env;
  results->data[0].of.ref = wasm_func_as_ref(wasm_func_copy(func_of(w, "seven")));
  return trap_saying(w->store, "after writing");
}

TEST(what_a_callback_wrote_before_its_trap_is_released) {
  world_t w = open_world("state");
  own wasm_func_t* func = host_func(w.store, "", "R", written_and_trapped, &w, NULL);
  CHECK(says(call_trap(func, NO_VALS), "after writing"));
  wasm_func_delete(func);
  close_world(&w);
}

static own wasm_trap_t* copy_argument(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  wasm_val_copy(&results->data[0], &args->data[0]);
  return NULL;
}

TEST(argument_returned_by_a_callback_is_a_copy_of_it) {
  world_t w = open_world("state");
  own wasm_func_t* func = host_func(w.store, "R", "R", copy_argument, NULL, NULL);
  wasm_val_t ref = {.kind = WASM_FUNCREF, .of = {.ref = wasm_func_as_ref(func_of(&w, "seven"))}};
  wasm_val_t back = call(func, VALS(ref));
  CHECK(wasm_ref_same(back.of.ref, ref.of.ref));
  wasm_val_delete(&back);
  wasm_func_delete(func);
  close_world(&w);
}

TEST(values_held_by_wasm_survive_a_callback_that_calls_back) {
  world_t w;
  env_t env = {.world = &w, .depth = 3};
  open_callbacks(&w, dive, &env);
  CHECK(call(func_of(&w, "add_after"), VALS(I32(1), I64(2), F32(3), F64(4))).of.f64 == 10);
  close_world(&w);
}

// From one store into another, of another engine, and back, to some depth; the innermost traps.
typedef struct {
  world_t *own_world, *other;
  int depth;
} relay_t;

static own wasm_trap_t* relay(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  const relay_t* r = env;
  int32_t depth = args->data[0].of.i32;
  if (depth == r->depth) return trap_saying(r->own_world->store, "at the end of the relay");
  return wasm_func_call(func_of(r->other, "call"), &VALS(I32(depth + 1)), results);
}

TEST(calls_wander_between_two_engines) {
  world_t a, b;
  relay_t to_b = {&a, &b, 31}, to_a = {&b, &a, 31};
  open_callbacks(&a, relay, &to_b);
  open_callbacks(&b, relay, &to_a);
  for (int i = 0; i < 3; ++i) {
    CHECK(says(call_trap(func_of(&a, "call"), VALS(I32(0))), "at the end of the relay"));
    CHECK(says(call_trap(func_of(&b, "call"), VALS(I32(1))), "at the end of the relay"));
  }
  CHECK(global_i32(&a, "after") == 0 && global_i32(&b, "after") == 0);
  to_a.depth = to_b.depth = -1;  // without end
  CHECK(says(call_trap(func_of(&a, "call"), VALS(I32(0))), "call stack exhausted"));
  close_world(&a);
  close_world(&b);
}

// Everything that a host can do wrong or late in one callback, and then a trap.
static own wasm_trap_t* everything(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  world_t* w = ((env_t*)env)->world;
  CHECK(wasm_memory_grow(wasm_extern_as_memory(export_of(w, "memory")), 1));
  CHECK(wasm_table_grow(wasm_extern_as_table(export_of(w, "table")), 1, NULL));
  own wasm_trap_t* trap = trap_saying(w->store, "after everything");
  wasm_trap_delete(call_trap(func_of(w, "indirect_after"), VALS(I32(77))));
  make_instances(env, args, results);
  drop_everything(env, args, results);
  wasm_store_delete(w->store);
  CHECK(!wasm_trap_new(NULL, NULL));
  w->store = NULL;
  return trap;
}

static own wasm_trap_t* everything_once(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  env_t* e = env;
  results->data[0] = I32(0);
  return e->calls++ ? NULL : everything(env, args, results);
}

TEST(callback_that_does_everything_and_traps) {
  world_t w;
  env_t env = {.world = &w};
  open_callbacks(&w, everything_once, &env);
  own wasm_func_t* func = wasm_func_copy(func_of(&w, "call"));
  own wasm_trap_t* trap = call_trap(func, VALS(I32(0)));  // a dead object, because the store is deleted
  own wasm_message_t message = {9, (void*)9};
  wasm_trap_message(trap, &message);
  CHECK(message.size == 0 && !message.data && !wasm_trap_origin(trap));
  wasm_trap_delete(trap);
  wasm_func_delete(func);
  close_world(&w);
}
