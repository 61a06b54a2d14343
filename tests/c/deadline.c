// Deadlines: guest code that runs too long is stopped, without help from other threads.

#define _GNU_SOURCE
#include "endless.h"
#include "process.h"

static const uint64_t SHORTLY = 2000000, A_WHILE = 500000000, HOUR = 3600000000000;

static void open_with_deadline(endless_t* e, uint64_t nanoseconds) {
  open_endless(e);
  CHECK(wasmrt_store_set_deadline(e->w.store, nanoseconds));
  start_endless(e);
}

TEST(code_of_every_shape_stops_at_the_deadline) {
  endless_t e;
  open_with_deadline(&e, HOUR);
  for (int i = 0; i < ENDLESS; ++i) {
    CHECK(wasmrt_store_set_deadline(e.w.store, SHORTLY));
    CHECK(says(call_trap(func_of(&e.w, endless[i]), NO_VALS), "deadline"));
    CHECK(wasmrt_store_set_deadline(e.w.store, 0));
    CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  }
  close_endless(&e);
}

TEST(calls_after_the_deadline_trap_until_there_is_another) {
  endless_t e;
  open_with_deadline(&e, 1);
  CHECK(says(call_trap(func_of(&e.w, "short"), NO_VALS), "deadline"));
  CHECK(says(call_trap(func_of(&e.w, "short"), NO_VALS), "deadline"));
  CHECK(says(call_trap(e.visit, NO_VALS), "deadline"));
  CHECK(wasmrt_store_set_deadline(e.w.store, HOUR));
  CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  CHECK(wasmrt_store_set_deadline(e.w.store, 1));
  CHECK(says(call_trap(func_of(&e.w, "short"), NO_VALS), "deadline"));
  CHECK(wasmrt_store_set_deadline(e.w.store, 0));
  CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  close_endless(&e);
}

TEST(deadline_beyond_all_time_never_comes) {
  endless_t e;
  open_with_deadline(&e, UINT64_MAX);
  CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  close_endless(&e);
}

TEST(deadline_before_the_first_instance_may_be_taken_back) {
  world_t w;
  open_store(&w, "arithmetic");
  CHECK(wasmrt_store_set_deadline(w.store, 0));
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "add", VALS(I32(40), I32(2))) == 42);
  CHECK(wasmrt_store_set_deadline(w.store, 1));
  CHECK(says(call_trap(func_of(&w, "add"), VALS(I32(1), I32(2))), "deadline"));
  close_world(&w);
}

TEST(deadline_starts_when_wasm_is_entered) {
  endless_t e;
  open_with_deadline(&e, HOUR);
  CHECK(wasmrt_store_set_deadline(e.w.store, A_WHILE));
  usleep(2 * A_WHILE / 1000);
  CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  usleep(2 * A_WHILE / 1000);
  CHECK(says(call_trap(func_of(&e.w, "short"), NO_VALS), "deadline"));
  close_endless(&e);
}

static own wasm_trap_t* set_deadline_now(void* env) {
  CHECK(wasmrt_store_set_deadline(env, 1));
  return NULL;
}

TEST(host_function_sets_the_deadline_of_its_caller) {
  endless_t e;
  open_with_deadline(&e, HOUR);
  e.visited = set_deadline_now;
  e.env = e.w.store;
  CHECK(says(call_trap(func_of(&e.w, "loop_visits"), NO_VALS), "deadline"));
  close_endless(&e);
}

TEST(endless_start_function_stops_at_the_deadline) {
  world_t w;
  open_store(&w, "endless_start");
  CHECK(wasmrt_store_set_deadline(w.store, SHORTLY));
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w.store, w.module, &NO_IMPORTS, &trap));
  CHECK(says(trap, "deadline"));
  close_world(&w);
}

TEST(interrupt_comes_before_the_deadline) {
  endless_t e;
  open_with_deadline(&e, 1);
  own wasmrt_interrupt_t* interrupt = wasmrt_interrupt_new(e.w.store);
  CHECK(interrupt);
  wasmrt_interrupt_fire(interrupt);
  CHECK(says(call_trap(func_of(&e.w, "loop"), NO_VALS), "interrupted"));
  CHECK(says(call_trap(func_of(&e.w, "loop"), NO_VALS), "deadline"));
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

static int stops(endless_t* e) { return says(call_trap(func_of(&e->w, "loop"), NO_VALS), "deadline") ? 7 : 1; }

TEST(deadline_of_the_parent_holds_in_the_child_of_a_fork) {
  endless_t e;
  open_with_deadline(&e, 50 * SHORTLY);
  pid_t child = start_child();
  if (!child) _exit(stops(&e));
  CHECK(outcome_of(child) == 7);
  CHECK(stops(&e) == 7);
  close_endless(&e);
}

static own wasm_trap_t* fork_within(void* env) {
  endless_t* e = env;
  e->visited = NULL;
  pid_t child = start_child();
  if (!child) return NULL;  // and continues in the loop
  CHECK(outcome_of(child) == 7);
  return NULL;
}

TEST(deadline_holds_in_a_child_that_was_forked_within_the_call) {
  endless_t e;
  open_with_deadline(&e, 50 * SHORTLY);
  e.visited = fork_within;
  e.env = &e;
  pid_t parent = getpid();
  bool good = says(call_trap(func_of(&e.w, "loop_visits"), NO_VALS), "deadline");
  if (getpid() != parent) _exit(good ? 7 : 1);
  CHECK(good);
  close_endless(&e);
}

TEST(deadline_asked_for_after_the_first_instance_is_refused) {
  world_t w = open_world("arithmetic");
  forget_error();
  CHECK(!wasmrt_store_set_deadline(w.store, HOUR));
  CHECK(error_says("before the first"));
  CHECK(!wasmrt_store_set_deadline(w.store, 0));
  CHECK(!wasmrt_store_set_deadline(NULL, HOUR));
  CHECK(has_error());
  CHECK(call_i32(&w, "add", VALS(I32(40), I32(2))) == 42);
  close_world(&w);
}
