// Fibers: stacks that no thread owns. Everything that a host does must work on 64 KiB of them, including
// compiling on the calling thread, whether the engine is told about the stack or not.

#define _GNU_SOURCE
#include <sys/mman.h>
#include <ucontext.h>

#include "open_callbacks.h"

enum { STACK = 65536, GUARD = 65536 };

typedef struct {
  ucontext_t context, caller;
  char* mapping;  // guard below, stack above: an overflow would be noticed
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

static void fiber_prepare(fiber_t* fiber) {
  CHECK(!getcontext(&fiber->context));
  fiber->context.uc_stack.ss_sp = fiber->mapping + GUARD;
  fiber->context.uc_stack.ss_size = STACK;
  fiber->context.uc_link = &fiber->caller;
  makecontext(&fiber->context, fiber_main, 0);
}

static void fiber_open(fiber_t* fiber, void (*body)(void*), void* argument) {
  *fiber = (fiber_t){.body = body, .argument = argument};
  fiber->mapping = mmap(NULL, GUARD + STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(fiber->mapping != MAP_FAILED && !mprotect(fiber->mapping, GUARD, PROT_NONE));
  fiber_prepare(fiber);
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
  bool told;  // whether the store is told of the stack
} plan_t;

static void tell(const plan_t* plan, wasm_store_t* store) {
  if (plan->told) wasmrt_store_set_stack(store, running->mapping + GUARD, STACK);
}

// Sets how deep wasm may go where the engine is not told where the stack ends.
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
  use_traps(&w);
  close_world(&w);
}

static void recursion_through_host(void* argument) {
  const plan_t* plan = argument;
  world_t w = {.engine = engine_for(plan)};
  w.store = wasm_store_new(w.engine);
  tell(plan, w.store);
  w.module = load(w.store, "callbacks");
  import_callback(&w, deeper, &w);
  CHECK(says(call_trap(func_of(&w, "call"), VALS(I32(0))), "call stack exhausted"));
  close_world(&w);
}

TEST(whole_life_on_a_fiber_without_workers) { run_on_fiber(whole_life, &(plan_t){.workers = 0, .told = true}); }
TEST(whole_life_on_a_fiber_with_workers) { run_on_fiber(whole_life, &(plan_t){.workers = 2, .told = true}); }
TEST(whole_life_on_a_fiber_nobody_told_of) { run_on_fiber(whole_life, &(plan_t){.workers = 0, .told = false}); }
TEST(recursion_through_the_host_on_a_fiber) {
  run_on_fiber(recursion_through_host, &(plan_t){.workers = 0, .told = true});
}

// Runs it on a stack that lies above this frame.
__attribute__((noinline)) static void run_above(char* stack, void (*body)(void*), void* argument) {
  volatile char frame[STACK];
  for (size_t i = 0; i < STACK; ++i) frame[i] = 7;
  fiber_t fiber = {.mapping = stack - GUARD, .body = body, .argument = argument};
  fiber_prepare(&fiber);
  fiber_resume(&fiber);
  CHECK(fiber.done);
  for (size_t i = 0; i < STACK; ++i) CHECK(frame[i] == 7);
}

TEST(a_declared_stack_in_an_array_of_the_host_does_not_reach_into_frames_below) {
  char stack[STACK];
  for (uint64_t workers = 0; workers <= 2; workers += 2) {
    run_above(stack, whole_life, &(plan_t){.workers = workers, .told = true});
  }
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

// Two fibers, each with a store of its own, switch from within host functions.
static own wasm_trap_t* pause_inside(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  if (running) fiber_yield();
  results->data[0] = I32(args->data[0].of.i32 + 1);
  return NULL;
}

static void call_and_pause(void* argument) {
  world_t* w = argument;
  wasmrt_store_set_stack(w->store, running->mapping + GUARD, STACK);
  CHECK(call_i32(w, "call", VALS(I32(41))) == 42);
}

TEST(a_fiber_suspended_in_an_array_does_not_limit_the_stack_around_it) {
  char stack[STACK];
  world_t w;
  open_callbacks(&w, pause_inside, NULL);
  fiber_t fiber = {.mapping = stack - GUARD, .body = call_and_pause, .argument = &w};
  fiber_prepare(&fiber);
  fiber_resume(&fiber);
  wasmrt_store_set_stack(w.store, NULL, 0);
  CHECK(!fiber.done && call_i32(&w, "call", VALS(I32(1))) == 2);
  fiber_resume(&fiber);
  wasmrt_store_set_stack(w.store, NULL, 0);
  CHECK(fiber.done && call_i32(&w, "call", VALS(I32(2))) == 3);
  close_world(&w);
}

static int dives;

static void dive(void* argument) {
  world_t* w = argument;
  wasmrt_store_set_stack(w->store, running->mapping + GUARD, STACK);
  dives = 0;
  CHECK(says(call_trap(func_of(w, "call"), VALS(I32(0))), "call stack exhausted"));
  wasmrt_store_set_stack(w->store, NULL, 0);
}

__attribute__((noinline)) static void dive_in_array(world_t* w) {
  char stack[STACK];
  run_above(stack, dive, w);
}

// Leaves so little of what guest code may use of the thread's stack that the rest ends in the array.
__attribute__((noinline)) static char dive_in_array_below(world_t* w) {
  volatile char used[88 << 10];
  used[0] = 1;
  dive_in_array(w);
  return used[0];
}

static own wasm_trap_t* dive_from_callback(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  if (running) return ++dives, deeper(env, args, results);
  results->data[0] = I32(dive_in_array_below(env));
  return NULL;
}

TEST(a_fiber_in_an_array_of_a_callback_has_its_whole_stack) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_WASM_STACK, 96 << 10));
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "callbacks");
  import_callback(&w, dive_from_callback, &w);
  run_on_fiber(dive, &w);
  int whole = dives;
  CHECK(call_i32(&w, "call", VALS(I32(0))) == 1);
  CHECK(whole > 10 && dives >= whole * 3 / 4);
  close_world(&w);
}

TEST(fibers_change_turns_inside_of_wasm) {
  world_t worlds[2];
  fiber_t fibers[2];
  for (int i = 0; i < 2; ++i) {
    world_t* w = &worlds[i];
    open_callbacks(w, pause_inside, NULL);
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

// One store, entered on several fibers at once. They switch within callbacks, so that activations end in
// another order than they began.
enum { TURNS = 3 };

typedef struct {
  world_t* w;
  int number, rounds;
} turn_t;

static void take_turns(void* argument) {
  turn_t* turn = argument;
  for (int i = 0; i < turn->rounds; ++i) {
    wasmrt_store_set_stack(turn->w->store, running->mapping + GUARD, STACK);
    CHECK(call_i32(turn->w, "call", VALS(I32(turn->number))) == turn->number + 1);
  }
}

TEST(activations_of_one_store_end_in_any_order) {
  static const int orders[6][TURNS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (int order = 0; order < 6; ++order) {
    world_t w;
    open_callbacks(&w, pause_inside, NULL);
    fiber_t fibers[TURNS];
    turn_t turns[TURNS];
    for (int i = 0; i < TURNS; ++i) {
      turns[i] = (turn_t){&w, i * 10, 4};
      fiber_open(&fibers[i], take_turns, &turns[i]);
    }
    for (int round = 0; round < 5; ++round) {
      for (int i = 0; i < TURNS; ++i) {
        fiber_t* fiber = &fibers[round == 0 ? i : orders[(order + round) % 6][i]];
        if (!fiber->done) fiber_resume(fiber);
      }
    }
    for (int i = 0; i < TURNS; ++i) {
      while (!fibers[i].done) fiber_resume(&fibers[i]);
      fiber_close(&fibers[i]);
    }
    close_world(&w);
  }
}

// As above, and a fiber that resumes goes down to the end of its stack before it pauses again or returns.
static own wasm_trap_t* pause_and_dive(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  world_t* w = env;
  int32_t depth = args->data[0].of.i32;
  results->data[0] = I32(depth + 1);
  if (depth < 0) return wasm_func_call(func_of(w, "call"), args, results);  // without end
  fiber_yield();
  wasmrt_store_set_stack(w->store, running->mapping + GUARD, STACK);
  wasm_val_t out[1];
  CHECK(says(wasm_func_call(func_of(w, "call"), &VALS(I32(-1)), &(wasm_val_vec_t){1, out}), "call stack exhausted"));
  fiber_yield();
  return depth == 10 ? trap_saying(w->store, "enough") : NULL;
}

static void dive_and_return(void* argument) {
  turn_t* turn = argument;
  wasmrt_store_set_stack(turn->w->store, running->mapping + GUARD, STACK);
  if (turn->number == 10) CHECK(says(call_trap(func_of(turn->w, "call"), VALS(I32(10))), "enough"));
  else CHECK(call_i32(turn->w, "call", VALS(I32(turn->number))) == turn->number + 1);
}

TEST(interleaved_activations_of_one_store_trap_each_on_its_own_stack) {
  world_t w;
  open_callbacks(&w, pause_and_dive, &w);
  fiber_t fibers[TURNS];
  turn_t turns[TURNS];
  for (int i = 0; i < TURNS; ++i) {
    turns[i] = (turn_t){&w, i * 10, 1};
    fiber_open(&fibers[i], dive_and_return, &turns[i]);
  }
  static const int order[] = {0, 1, 2, 1, 2, 0, 0, 2, 1};
  for (size_t i = 0; i < sizeof order / sizeof *order; ++i) fiber_resume(&fibers[order[i]]);
  for (int i = 0; i < TURNS; ++i) fiber_close(&fibers[i]);
  close_world(&w);
}

// A limiter may switch as well. The store is growing on the first fiber while the second one enters it.
typedef struct {
  world_t world;
  own wasmrt_interrupt_t* interrupt;
  fiber_t fibers[2];
} growing_t;

static bool pause_growth(void* env, const struct wasmrt_growth_t* growth) {
  (void)growth;
  growing_t* g = env;
  if (!running) return true;
  fiber_yield();
  if (g->interrupt) wasmrt_interrupt_fire(g->interrupt);
  return true;
}

static void grow_first(void* argument) {
  growing_t* g = argument;
  wasmrt_store_set_stack(g->world.store, running->mapping + GUARD, STACK);
  if (g->interrupt) {
    CHECK(says(call_trap(func_of(&g->world, "grow_table"), VALS(I32(5000))), "interrupted"));
  } else {
    CHECK(call_i32(&g->world, "grow_and_go_deep", VALS(I32(100))) == 100);
    wasmrt_store_set_stack(g->world.store, running->mapping + GUARD, STACK);
    CHECK(says(call_trap(func_of(&g->world, "grow_and_go_deep"), VALS(I32(100000))), "call stack exhausted"));
  }
}

static void enter_second(void* argument) {
  growing_t* g = argument;
  wasmrt_store_set_stack(g->world.store, running->mapping + GUARD, STACK);
  CHECK(call_i32(&g->world, "call", VALS(I32(41))) == 42);
}

// Which of the two stacks lies lower is up to `lower`.
static void grow_while_entered(int lower, bool interrupted) {
  growing_t g = {.interrupt = NULL};
  open_store(&g.world, "fibers");
  if (interrupted) g.interrupt = wasmrt_interrupt_new(g.world.store);
  own wasm_func_t* one = host_func(g.world.store, "i", "i", pause_inside, NULL, NULL);
  instantiate(&g.world, IMPORTS(wasm_func_as_extern(one)));
  wasm_func_delete(one);
  wasmrt_store_set_limiter(g.world.store, pause_growth, &g, NULL);
  fiber_open(&g.fibers[1 - lower], lower ? grow_first : enter_second, &g);
  fiber_open(&g.fibers[lower], lower ? enter_second : grow_first, &g);
  for (int i = 0; i < 2; ++i) fiber_resume(&g.fibers[i]);
  while (!g.fibers[0].done) fiber_resume(&g.fibers[0]);
  fiber_resume(&g.fibers[1]);
  for (int i = 0; i < 2; ++i) fiber_close(&g.fibers[i]);
  wasmrt_interrupt_delete(g.interrupt);
  close_world(&g.world);
}

TEST(growth_goes_on_with_the_limit_of_its_own_stack) {
  grow_while_entered(0, false);
  grow_while_entered(1, false);
}
TEST(growth_traps_on_its_own_stack) { grow_while_entered(0, true); }
