// Host and wasm as plain C functions of each other: traps, stacks, fibers, lifetimes and wrong arguments.
// Passing values of every signature is tested in native_signatures.c.

#define _GNU_SOURCE
#include "forwarder.h"
#include "process.h"

#include <ucontext.h>

// --- A world with a native import ---

typedef int32_t add_t(void* context, own wasm_trap_t** trap, int32_t, int32_t);

typedef struct {
  world_t* world;
  add_t* code;  // of the export `call`
  void* context;
  int depth, calls;
  own wasm_trap_t* keep;
} env_t;

static own wasm_func_t* native_func(wasm_store_t* store, const char* params, const char* results, wasmrt_native_t code,
                                    void* env, void (*finalizer)(void*)) {
  own wasm_functype_t* type = functype_of(params, results);
  own wasm_func_t* func = wasmrt_func_new_native(store, type, code, env, finalizer);
  wasm_functype_delete(type);
  return func;
}

static add_t* native_of(const wasm_func_t* func, void** context) {
  add_t* code = (add_t*)wasmrt_func_native(func, context);
  CHECK(code);
  return code;
}

static void open_native(world_t* w, add_t* host, env_t* env) {
  open_store(w, "native");
  own wasm_func_t* func = native_func(w->store, "ii", "i", (wasmrt_native_t)host, env, NULL);
  CHECK(func);
  instantiate(w, IMPORTS(wasm_func_as_extern(func)));
  wasm_func_delete(func);
  if (env) {
    env->world = w;
    env->code = native_of(func_of(w, "call"), &env->context);
  }
}

static int32_t after(const world_t* w) {
  wasm_val_t value;
  wasm_global_get(wasm_extern_as_global(export_of(w, "after")), &value);
  return value.of.i32;
}

static int32_t add(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  (void)trap;
  if (env) ((env_t*)env)->calls += 1;
  return a + b;
}

TEST(native_functions_are_called_from_tables_and_across_instances) {
  world_t w;
  env_t env = {.calls = 0};
  open_native(&w, add, &env);
  CHECK(call_i32(&w, "call", VALS(I32(40), I32(2))) == 42);
  CHECK(call_i32(&w, "indirect", VALS(I32(0), I32(40), I32(2))) == 42);
  CHECK(call_i32(&w, "indirect", VALS(I32(1), I32(40), I32(2))) == 38);
  CHECK(env.calls == 2);
  // The first instance's export, which calls the host, is the second one's import.
  world_t second = {.engine = NULL, .store = w.store, .module = load(w.store, "native")};
  instantiate(&second, IMPORTS(wasm_func_as_extern(func_of(&w, "nested"))));
  CHECK(call_i32(&second, "nested", VALS(I32(40), I32(2))) == 44);
  void* context;
  own wasm_trap_t* trap = NULL;
  CHECK(native_of(func_of(&second, "call"), &context)(context, &trap, 1, 2) == 4 && !trap);
  // A table of the second instance gets a new native function.
  own wasm_func_t* func = native_func(w.store, "ii", "i", (wasmrt_native_t)add, &env, NULL);
  CHECK(wasm_table_set(wasm_extern_as_table(export_of(&second, "table")), 1, wasm_func_as_ref(func)));
  wasm_func_delete(func);
  CHECK(call_i32(&second, "indirect", VALS(I32(1), I32(40), I32(2))) == 42);
  CHECK(env.calls == 5);
  second.store = NULL;
  close_world(&second);
  close_world(&w);
}

// --- Traps ---

static int32_t give_trap(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  env_t* e = env;
  *trap = trap_saying(e->world->store, "from the host");
  e->keep = wasm_trap_copy(*trap);
  return a + b;
}

TEST(trap_of_a_native_host_function_is_the_one_that_comes_out) {
  world_t w;
  env_t env = {.calls = 0};
  open_native(&w, give_trap, &env);
  own wasm_trap_t* trap = NULL;
  CHECK(env.code(env.context, &trap, 1, 2) == 0);
  CHECK(trap && trap == env.keep && after(&w) == 0);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 1 && wasm_frame_func_index(frames.data[0]) == 2);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(env.keep);
  CHECK(says(trap, "from the host"));
  // The same from wasm_func_call, of the host function itself, and ignored by a caller that wants no trap.
  trap = call_trap(func_of(&w, "nested"), VALS(I32(1), I32(2)));
  CHECK(trap == env.keep);
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 2);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
  wasm_trap_delete(env.keep);
  own wasm_func_t* host = native_func(w.store, "ii", "i", (wasmrt_native_t)give_trap, &env, NULL);
  void* context;
  add_t* code = native_of(host, &context);
  trap = NULL;
  CHECK(code(context, &trap, 1, 2) == 0 && trap == env.keep);
  wasm_trap_delete(trap);
  wasm_trap_delete(env.keep);
  trap = NULL;
  CHECK(code(context, &trap, 1, 2) == 0 && trap == env.keep);
  wasm_trap_delete(trap);
  wasm_trap_delete(env.keep);
  CHECK(code(context, NULL, 1, 2) == 0);
  CHECK(says(env.keep, "from the host"));
  wasm_func_delete(host);
  close_world(&w);
}

TEST(traps_of_wasm_reach_native_callers) {
  world_t w;
  env_t env = {.calls = 0};
  open_native(&w, add, &env);
  void *context, *load_context;
  add_t* divide = native_of(func_of(&w, "divide"), &context);
  double (*load_f64)(void*, wasm_trap_t**, int64_t) =
      (double (*)(void*, wasm_trap_t**, int64_t))wasmrt_func_native(func_of(&w, "load"), &load_context);
  for (int i = 0; i < 3; ++i) {
    own wasm_trap_t* trap = NULL;
    CHECK(divide(context, &trap, 7, 2) == 3 && !trap);
    CHECK(divide(context, &trap, 7, 0) == 0);
    CHECK(trap);
    own wasm_frame_vec_t frames;
    wasm_trap_trace(trap, &frames);
    CHECK(frames.size == 1 && wasm_frame_func_index(frames.data[0]) == 6);
    wasm_frame_vec_delete(&frames);
    CHECK(says(trap, "integer divide by zero"));
    trap = NULL;
    CHECK(load_f64(load_context, &trap, 65528) == 0 && !trap);
    CHECK(load_f64(load_context, &trap, 65529) == 0);
    CHECK(says(trap, "out of bounds memory access"));
    CHECK(divide(context, NULL, 7, 0) == 0);
    trap = NULL;
    void* recurse_context;
    add_t* recurse = native_of(func_of(&w, "recurse"), &recurse_context);
    CHECK(recurse(recurse_context, &trap, 1, 2) == 0);
    CHECK(says(trap, "call stack exhausted"));
  }
  close_world(&w);
}

// Calls itself through wasm until the depth is reached, then traps.
static int32_t dive(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  env_t* e = env;
  if (a < e->depth) return e->code(e->context, trap, a + 1, b);
  if (b) {
    *trap = trap_saying(e->world->store, "from the depth");
    e->keep = wasm_trap_copy(*trap);
  }
  return a;
}

TEST(trap_passes_through_many_native_activations) {
  world_t w;
  env_t env = {.depth = 50};
  open_native(&w, dive, &env);
  own wasm_trap_t* trap = NULL;
  CHECK(env.code(env.context, &trap, 0, 0) == 50 && !trap && after(&w) == 51);
  CHECK(env.code(env.context, &trap, 0, 1) == 0 && trap && trap == env.keep && after(&w) == 51);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 51);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(env.keep);
  CHECK(says(trap, "from the depth"));
  CHECK(call_i32(&w, "call", VALS(I32(49), I32(0))) == 50);
  close_world(&w);
}

// Every other activation uses arrays of values instead.
static int32_t alternate(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  env_t* e = env;
  if (a >= e->depth) {
    if (b) *trap = trap_saying(e->world->store, "alternating");
    return a;
  }
  if (a % 2) return e->code(e->context, trap, a + 1, b);
  wasm_val_t out[1] = {WASM_INIT_VAL};
  *trap = wasm_func_call(func_of(e->world, "nested"), &VALS(I32(a + 1), I32(b)), &(wasm_val_vec_t){1, out});
  return *trap ? 0 : out[0].of.i32;
}

TEST(native_calls_and_calls_with_values_nest_in_each_other) {
  world_t w;
  env_t env = {.depth = 31};
  open_native(&w, alternate, &env);
  own wasm_trap_t* trap = NULL;
  CHECK(env.code(env.context, &trap, 0, 0) == 31 + 16 && !trap);
  CHECK(env.code(env.context, &trap, 0, 1) == 0);
  CHECK(says(trap, "alternating"));
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(1), I32(1))), "alternating"));
  close_world(&w);
}

static int32_t swallow(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  env_t* e = env;
  (void)b;
  if (a == 1) {
    *trap = trap_saying(e->world->store, "inner");
    return 0;
  }
  own wasm_trap_t* inner = NULL;
  CHECK(e->code(e->context, &inner, 1, 0) == 0);
  CHECK(says(inner, "inner"));
  return 5;
}

TEST(native_host_function_may_catch_a_trap) {
  world_t w;
  env_t env = {.depth = 0};
  open_native(&w, swallow, &env);
  own wasm_trap_t* trap = NULL;
  CHECK(env.code(env.context, &trap, 0, 0) == 5 && !trap && after(&w) == 1);
  close_world(&w);
}

TEST(trap_of_another_store_is_replaced_by_one_with_its_message) {
  world_t w, other;
  env_t env = {.depth = 0};
  open_native(&w, give_trap, &env);
  open_store(&other, NULL);
  env.world = &other;
  own wasm_trap_t* trap = NULL;
  CHECK(env.code(env.context, &trap, 1, 2) == 0 && trap && trap != env.keep);
  wasm_trap_delete(env.keep);
  CHECK(says(trap, "from the host"));
  close_world(&other);
  close_world(&w);
}

// --- Stacks ---

static int32_t recurse_through_host(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  env_t* e = env;
  e->calls += 1;
  return e->code(e->context, trap, a, b);
}

TEST(endless_recursion_through_native_functions_ends_in_a_trap) {
  world_t w;
  env_t env = {.calls = 0};
  open_native(&w, recurse_through_host, &env);
  for (int i = 0; i < 2; ++i) {
    env.calls = 0;
    own wasm_trap_t* trap = NULL;
    CHECK(env.code(env.context, &trap, 1, 2) == 0);
    CHECK(says(trap, "call stack exhausted"));
    CHECK(env.calls > 10);
  }
  CHECK(call_i32(&w, "leaf", VALS(I32(1), I32(2))) == 3);
  close_world(&w);
}

static void* all_on_a_small_stack(void* told) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 0));
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  char here;
  if (told) wasmrt_store_set_stack(w.store, &here - 48 * 1024, 49 * 1024);
  w.module = load(w.store, "native");
  env_t env = {.world = &w};
  own wasm_func_t* func = native_func(w.store, "ii", "i", (wasmrt_native_t)recurse_through_host, &env, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(func)));
  wasm_func_delete(func);
  env.code = native_of(func_of(&w, "call"), &env.context);
  void* context;
  add_t* leaf = native_of(func_of(&w, "leaf"), &context);
  for (int i = 0; i < 3; ++i) {
    own wasm_trap_t* trap = NULL;
    CHECK(env.code(env.context, &trap, 1, 2) == 0);
    CHECK(says(trap, "call stack exhausted"));
    trap = NULL;
    CHECK(leaf(context, &trap, i, 2) == i + 2 && !trap);
  }
  close_world(&w);
  return NULL;
}

static void on_small_thread(void* told) { run_on_thread(64 << 10, all_on_a_small_stack, told); }

TEST(native_calls_on_a_thread_with_a_small_stack) { on_small_thread(NULL); }
TEST(native_calls_on_a_stack_that_the_store_was_told_of) { on_small_thread(&(bool){true}); }

static void* call_elsewhere(void* env) {
  const env_t* e = env;
  own wasm_trap_t* trap = NULL;
  CHECK(e->code(e->context, &trap, 40, 2) == 42 && !trap);
  void* context;
  CHECK(native_of(func_of(e->world, "recurse"), &context)(context, &trap, 1, 1) == 0);
  CHECK(says(trap, "call stack exhausted"));
  return NULL;
}

TEST(store_wanders_between_threads) {
  world_t w;
  env_t env = {.calls = 0};
  open_native(&w, add, &env);
  for (int i = 0; i < 3; ++i) {
    call_elsewhere(&env);
    run_on_thread(0, call_elsewhere, &env);
  }
  close_world(&w);
}

static own wasm_trap_t* forward_values(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  const env_t* e = env;
  own wasm_trap_t* trap = NULL;
  results->data[0] = I32(e->code(e->context, &trap, args->data[0].of.i32, args->data[1].of.i32));
  return trap;
}

TEST(host_function_with_values_is_called_natively) {
  world_t w;
  env_t env = {.calls = 0};
  open_native(&w, add, &env);
  own wasm_func_t* host = host_func(w.store, "ii", "i", forward_values, &env, NULL);
  void* context;
  add_t* code = native_of(host, &context);
  own wasm_trap_t* trap = NULL;
  for (int i = 0; i < 3; ++i) CHECK(code(context, &trap, i, 2) == i + 2 && !trap);
  wasm_func_delete(host);
  close_world(&w);
}

// --- Fibers of one store whose calls end in another order than they began ---

enum { FIBERS = 3, FIBER_STACK = 128 * 1024 };
static ucontext_t fiber_contexts[FIBERS], fiber_caller;
static env_t fiber_env;
static int fiber_now, fiber_result[FIBERS];

static int32_t yield_once(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  CHECK(!swapcontext(&fiber_contexts[a], &fiber_caller));
  if (a == 1) *trap = trap_saying(((env_t*)env)->world->store, "on a fiber");
  return a + b;
}

static void fiber_main(void) {
  int me = fiber_now;
  own wasm_trap_t* trap = NULL;
  fiber_result[me] = fiber_env.code(fiber_env.context, &trap, me, 10);
  CHECK(me == 1 ? says(trap, "on a fiber") : !trap);
}

static void resume(int fiber) {
  fiber_now = fiber;
  CHECK(!swapcontext(&fiber_caller, &fiber_contexts[fiber]));
}

static void prepare_fiber(ucontext_t* context, char* stack) {
  CHECK(!getcontext(context));
  context->uc_stack.ss_sp = stack;
  context->uc_stack.ss_size = FIBER_STACK;
  context->uc_link = &fiber_caller;
  makecontext(context, fiber_main, 0);
}

TEST(native_calls_of_fibers_end_in_any_order) {
  if (slow()) SKIP("valgrind cannot follow fibers");
  static const int orders[][FIBERS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  char* stacks = malloc(FIBERS * FIBER_STACK);
  world_t w;
  open_native(&w, yield_once, &fiber_env);
  for (size_t order = 0; order < sizeof orders / sizeof *orders; ++order) {
    for (int i = 0; i < FIBERS; ++i) {
      fiber_result[i] = -1;
      prepare_fiber(&fiber_contexts[i], stacks + i * FIBER_STACK);
      wasmrt_store_set_stack(w.store, stacks + i * FIBER_STACK, FIBER_STACK);
      resume(i);
    }
    for (int i = 0; i < FIBERS; ++i) resume(orders[order][i]);
    for (int i = 0; i < FIBERS; ++i) CHECK(fiber_result[i] == (i == 1 ? 0 : i + 10));
  }
  wasmrt_store_set_stack(w.store, NULL, 0);
  CHECK(call_i32(&w, "leaf", VALS(I32(1), I32(2))) == 3);
  close_world(&w);
  free(stacks);
}

// --- Lifetimes ---

static int32_t delete_store(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  env_t* e = env;
  if (a > 0) return e->code(e->context, trap, a - 1, b);
  if (b) *trap = trap_saying(e->world->store, "and a trap");
  wasm_store_delete(e->world->store);
  e->world->store = NULL;
  wasm_engine_delete(e->world->engine);
  e->world->engine = NULL;
  return 12;
}

TEST(store_deleted_by_a_native_function_lives_until_the_call_returns) {
  for (int depth = 0; depth < 3; ++depth) {
    for (int traps = 0; traps < 2; ++traps) {
      for (int warm = 0; warm < 2; ++warm) {
        world_t w;
        env_t env = {.calls = 0};
        open_native(&w, delete_store, &env);
        void* context;
        own wasm_trap_t* trap = NULL;
        wasm_func_t* func = func_of(&w, "call");
        if (warm) CHECK(native_of(func_of(&w, "leaf"), &context)(context, &trap, 1, 2) == 3 && !trap);
        int32_t result = env.code(env.context, &trap, depth, traps);
        CHECK(traps ? result == 0 && trap : result == 12 && !trap);
        wasm_trap_delete(trap);  // a dead object
        CHECK(!wasmrt_func_native(func, &context) && !context && has_error());
        close_world(&w);
      }
    }
  }
}

static double last_words(void* env, own wasm_trap_t** trap) {
  (void)trap;
  wasm_store_delete(env);
  return 2.5;
}

TEST(float_result_survives_the_store) {
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* host = native_func(w.store, "", "F", (wasmrt_native_t)last_words, w.store, NULL);
  w.module = forwarder(w.store, "", "F");
  instantiate(&w, IMPORTS(wasm_func_as_extern(host)));
  wasm_func_delete(host);
  void* context;
  double (*code)(void*, wasm_trap_t**) =
      (double (*)(void*, wasm_trap_t**))wasmrt_func_native(wasm_extern_as_func(w.exports.data[0]), &context);
  own wasm_trap_t* trap = NULL;
  CHECK(code(context, &trap) == 2.5 && !trap);
  w.store = NULL;
  close_world(&w);
}

// The same after an earlier call, which makes the fast path available.
TEST(float_result_of_a_later_call_survives_the_store) {
  world_t w;
  env_t env = {.calls = 0};
  open_native(&w, add, &env);
  own wasm_trap_t* trap = NULL;
  CHECK(env.code(env.context, &trap, 1, 2) == 3 && !trap);
  own wasm_func_t* host = native_func(w.store, "", "F", (wasmrt_native_t)last_words, w.store, NULL);
  void* context;
  double (*code)(void*, wasm_trap_t**) = (double (*)(void*, wasm_trap_t**))wasmrt_func_native(host, &context);
  CHECK(code(context, &trap) == 2.5 && !trap);
  wasm_func_delete(host);
  w.store = NULL;
  close_world(&w);
}

static void count_end(void* env) { *(int*)env += 1; }

TEST(finalizer_of_a_native_function_runs_once) {
  world_t w;
  int ended = 0;
  open_store(&w, "native");
  own wasm_func_t* func = native_func(w.store, "ii", "i", (wasmrt_native_t)add, &ended, count_end);
  instantiate(&w, IMPORTS(wasm_func_as_extern(func)));
  wasm_func_delete(func);
  CHECK(ended == 0);
  close_world(&w);
  CHECK(ended == 1);
  // At once if no function is made.
  open_store(&w, NULL);
  CHECK(!native_func(w.store, "r", "i", (wasmrt_native_t)add, &ended, count_end) && has_error());
  CHECK(ended == 2);
  CHECK(!native_func(w.store, "ii", "i", NULL, &ended, count_end) && has_error());
  CHECK(ended == 3);
  close_world(&w);
  CHECK(!native_func(NULL, "ii", "i", (wasmrt_native_t)add, &ended, count_end) && has_error());
  CHECK(ended == 4);
}

// --- Wrong arguments ---

TEST(signatures_that_c_cannot_say_are_refused) {
  world_t w;
  open_native(&w, add, NULL);
  void* context = &w;
  CHECK(!wasmrt_func_native(func_of(&w, "twice"), &context) && !context && error_says("a native function has only numbers"));
  context = &w;
  CHECK(!wasmrt_func_native(func_of(&w, "reference"), &context) && !context && error_says("a native function has only numbers"));
  CHECK(!native_func(w.store, "", "ii", (wasmrt_native_t)add, NULL, NULL) && error_says("a native function has only numbers"));
  CHECK(!native_func(w.store, "R", "", (wasmrt_native_t)add, NULL, NULL) && error_says("a native function has only numbers"));
  CHECK(!native_func(w.store, "", "r", (wasmrt_native_t)add, NULL, NULL) && error_says("a native function has only numbers"));
  close_world(&w);
}

TEST(null_is_refused_in_words) {
  world_t w;
  open_native(&w, add, NULL);
  void* context = &w;
  CHECK(!wasmrt_func_native(NULL, &context) && !context && has_error());
  CHECK(!wasmrt_func_native(NULL, NULL) && has_error());
  CHECK(!wasmrt_func_new_native(w.store, NULL, (wasmrt_native_t)add, NULL, NULL) && has_error());
  CHECK(wasmrt_func_native(func_of(&w, "call"), NULL) && !has_error());
  close_world(&w);
}
