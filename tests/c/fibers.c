// Fibers: stacks that no thread owns. Everything that a host does must work on 64 KiB of them, compiling on
// the caller included, whether the engine is told about the stack or not.

#define _GNU_SOURCE
#include <sys/mman.h>
#include <ucontext.h>

#include "host.h"

enum { STACK = 65536, GUARD = 65536 };

typedef struct {
  ucontext_t context, caller;
  char* mapping;  // guard below, stack above: running over the end would not go unnoticed
  void (*body)(void*);
  void* argument;
  bool done;
} fiber_t;

static fiber_t* running;

static void fiber_main(void) {
  fiber_t* fiber = running;
  fiber->body(fiber->argument);
  fiber->done = true;
}

static void fiber_open(fiber_t* fiber, void (*body)(void*), void* argument) {
  *fiber = (fiber_t){.body = body, .argument = argument};
  fiber->mapping = mmap(NULL, GUARD + STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(fiber->mapping != MAP_FAILED && !mprotect(fiber->mapping, GUARD, PROT_NONE));
  CHECK(!getcontext(&fiber->context));
  fiber->context.uc_stack.ss_sp = fiber->mapping + GUARD;
  fiber->context.uc_stack.ss_size = STACK;
  fiber->context.uc_link = &fiber->caller;
  makecontext(&fiber->context, fiber_main, 0);
}

static void fiber_resume(fiber_t* fiber) {
  fiber_t* before = running;
  running = fiber;
  CHECK(!swapcontext(&fiber->caller, &fiber->context));
  running = before;
}

static void fiber_yield(void) {
  fiber_t* fiber = running;
  CHECK(!swapcontext(&fiber->context, &fiber->caller));
}

static void fiber_close(fiber_t* fiber) {
  CHECK(fiber->done);
  CHECK(!munmap(fiber->mapping, GUARD + STACK));
}

static void run_on_fiber(void (*body)(void*), void* argument) {
  fiber_t fiber;
  fiber_open(&fiber, body, argument);
  fiber_resume(&fiber);
  fiber_close(&fiber);
}

typedef struct {
  uint64_t workers;
  bool told;  // whether the store learns of the stack
} plan_t;

static own wasm_trap_t* deeper(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  return wasm_func_call(func_of(env, "call"), args, results);
}

static own wasm_trap_t* nothing(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  (void)args;
  (void)results;
  return NULL;
}

static void tell(const plan_t* plan, wasm_store_t* store) {
  if (plan->told) wasmrt_store_set_stack(store, running->mapping + GUARD, STACK);
}

// The engine learns how deep wasm may go where it is not told where the stack ends.
static own wasm_engine_t* engine_for(const plan_t* plan) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, plan->workers));
  if (!plan->told) CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_WASM_STACK, STACK / 2));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  CHECK(engine);
  return engine;
}

static void whole_life(void* argument) {
  const plan_t* plan = argument;
  world_t w = {.engine = engine_for(plan)};
  w.store = wasm_store_new(w.engine);
  tell(plan, w.store);
  w.module = load(w.store, "traps");
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "nested", VALS(I32(1))) == 3);
  CHECK(says(call_trap(func_of(&w, "nested"), VALS(I32(0))), "integer divide by zero"));
  CHECK(says(call_trap(func_of(&w, "load"), NO_VALS), "out of bounds memory access"));
  CHECK(says(call_trap(func_of(&w, "recurse"), NO_VALS), "call stack exhausted"));
  CHECK(call_i32(&w, "nested", VALS(I32(1))) == 3);
  close_world(&w);
}

static void recursion_through_host(void* argument) {
  const plan_t* plan = argument;
  world_t w = {.engine = engine_for(plan)};
  w.store = wasm_store_new(w.engine);
  tell(plan, w.store);
  w.module = load(w.store, "callbacks");
  own wasm_func_t* four = host_func(w.store, "iIfF", "iIfF", nothing, NULL, NULL);
  own wasm_func_t* func = host_func(w.store, "i", "i", deeper, &w, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(four), wasm_func_as_extern(func)));
  wasm_func_delete(four);
  wasm_func_delete(func);
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(0))), "call stack exhausted"));
  close_world(&w);
}

TEST(whole_life_on_a_fiber_without_workers) { run_on_fiber(whole_life, &(plan_t){.workers = 0, .told = true}); }
TEST(whole_life_on_a_fiber_with_workers) { run_on_fiber(whole_life, &(plan_t){.workers = 2, .told = true}); }
TEST(whole_life_on_a_fiber_nobody_told_of) { run_on_fiber(whole_life, &(plan_t){.workers = 0, .told = false}); }
TEST(recursion_through_the_host_on_a_fiber) {
  run_on_fiber(recursion_through_host, &(plan_t){.workers = 0, .told = true});
}

static world_t shared;

static void overflow_shared(void* unused) {
  (void)unused;
  wasmrt_store_set_stack(shared.store, running->mapping + GUARD, STACK);
  CHECK(says(call_trap(func_of(&shared, "recurse"), NO_VALS), "call stack exhausted"));
  wasmrt_store_set_stack(shared.store, NULL, 0);
}

TEST(store_moves_between_thread_and_fiber) {
  shared = open_world("traps");
  for (int i = 0; i < 3; ++i) {
    CHECK(says(call_trap(func_of(&shared, "deep"), VALS(I32(3000))), "unreachable"));
    run_on_fiber(overflow_shared, NULL);
    CHECK(says(call_trap(func_of(&shared, "recurse"), NO_VALS), "call stack exhausted"));
  }
  close_world(&shared);
}

// Two fibers, each with a store of its own, change turns from inside of host functions.
static own wasm_trap_t* pause_inside(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  fiber_yield();
  results->data[0] = I32(args->data[0].of.i32 + 1);
  return NULL;
}

static void call_and_pause(void* argument) {
  world_t* w = argument;
  wasmrt_store_set_stack(w->store, running->mapping + GUARD, STACK);
  CHECK(call_i32(w, "call", VALS(I32(41))) == 42);
}

TEST(fibers_change_turns_inside_of_wasm) {
  world_t worlds[2];
  fiber_t fibers[2];
  for (int i = 0; i < 2; ++i) {
    world_t* w = &worlds[i];
    open_store(w, "callbacks");
    own wasm_func_t* four = host_func(w->store, "iIfF", "iIfF", nothing, NULL, NULL);
    own wasm_func_t* func = host_func(w->store, "i", "i", pause_inside, NULL, NULL);
    instantiate(w, IMPORTS(wasm_func_as_extern(four), wasm_func_as_extern(func)));
    wasm_func_delete(four);
    wasm_func_delete(func);
    fiber_open(&fibers[i], call_and_pause, w);
  }
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 2; ++i) fiber_resume(&fibers[i]);
  }
  for (int i = 0; i < 2; ++i) {
    fiber_close(&fibers[i]);
    close_world(&worlds[i]);
  }
}
