// Many signals from the host's timers and threads during everything the library does: interrupted system calls,
// guest code near the end of its stack, compile threads, traps. Handlers run on the interrupted stack or on a
// signal stack of their own.

#define _GNU_SOURCE
#include <signal.h>
#include <stdatomic.h>

#include "crowd.h"
#include "process.h"

static atomic_long drops;
static atomic_bool ended;

static void on_drop(int number) {
  (void)number;
  volatile char room[1024];  // what a handler of some size needs
  for (size_t i = 0; i < sizeof room; i += 64) room[i] = (char)i;
  drops += room[0] == 0;
}

static void* rain_on(void* target) {
  while (!ended) {
    pthread_kill(*(pthread_t*)target, SIGUSR1);
    usleep(slow() ? 2000 : 20);
  }
  return NULL;
}

static void work(wasm_engine_t* engine) {
  for (int i = 0; i < (slow() ? 1 : 10); ++i) {
    world_t w = {.engine = NULL, .store = wasm_store_new(engine)};
    w.module = load(w.store, "traps");
    CHECK(w.module);
    instantiate(&w, NO_IMPORTS);
    for (int k = 0; k < (slow() ? 2 : 30); ++k) {
      CHECK(call_i32(&w, "nested", VALS(I32(1))) == 3);
      CHECK(says(call_trap(func_of(&w, "recurse"), NO_VALS), "call stack exhausted"));
      CHECK(says(call_trap(func_of(&w, "load"), NO_VALS), "out of bounds memory access"));
      CHECK(says(call_trap(func_of(&w, "nested"), VALS(I32(0))), "integer divide by zero"));
    }
    close_world(&w);
    if (!slow()) compile_large(engine);
  }
}

typedef struct {
  wasm_engine_t* engine;
  char* signal_stack;
} plan_t;

static void* under_rain(void* argument) {
  const plan_t* plan = argument;
  stack_t stack = {.ss_sp = plan->signal_stack, .ss_size = 64 << 10}, before;
  if (plan->signal_stack) CHECK(!sigaltstack(&stack, &before));
  pthread_t self = pthread_self(), cloud;
  ended = false;
  CHECK(!pthread_create(&cloud, NULL, rain_on, &self));
  do work(plan->engine);
  while (!drops);
  ended = true;
  CHECK(!pthread_join(cloud, NULL));
  if (plan->signal_stack) CHECK(!sigaltstack(&before, NULL));
  return NULL;
}

// On a thread with 64 KiB of stack, so that handlers meet guest code close to its end.
static void rain(bool signal_stack, int flags) {
  static char memory[64 << 10];
  struct sigaction action = {.sa_handler = on_drop, .sa_flags = flags | (signal_stack ? SA_ONSTACK : 0)};
  sigemptyset(&action.sa_mask);
  CHECK(!sigaction(SIGUSR1, &action, NULL));
  drops = 0;
  plan_t plan = {test_engine(), signal_stack ? memory : NULL};
  run_on_thread(64 << 10, under_rain, &plan);
  wasm_engine_delete(plan.engine);
  CHECK(drops > 0);
}

TEST(signals_on_a_small_stack) { rain(false, SA_RESTART); }
TEST(signals_that_interrupt_system_calls) { rain(false, 0); }
TEST(signals_on_a_stack_of_their_own) { rain(true, 0); }
