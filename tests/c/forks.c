// Forks: parent and child go on working, with what they shared and with what each makes anew, whatever other threads
// were doing at that moment. A child that hangs ends by an alarm, and its test fails.

#define _GNU_SOURCE
#include <signal.h>
#include <stdatomic.h>
#include <sys/select.h>

#include "crowd.h"
#include "open_callbacks.h"
#include "process.h"
#include "shared.h"

// New code in an old engine, whose workers did not come along.
static void compile_more(const world_t* old) {
  world_t w = {.engine = NULL, .store = wasm_store_new(old->engine)};
  CHECK(w.store);
  w.module = load(w.store, "traps");
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  use_traps(&w);
  close_world(&w);
}

static void end_child(void) {
  fflush(stdout);
  _exit(42);
}

TEST(child_of_a_fork_uses_what_it_inherited) {
  world_t w = open_world("traps");
  use_traps(&w);
  pid_t child = start_child();
  if (!child) {
    use_traps(&w);
    close_world(&w);
    end_child();
  }
  use_traps(&w);
  CHECK(outcome_of(child) == 42);
  use_traps(&w);
  close_world(&w);
}

TEST(child_of_a_fork_compiles) {
  world_t w = open_world("traps");
  pid_t child = start_child();
  if (!child) {
    compile_more(&w);
    use_traps(&w);
    own wasm_engine_t* engine = test_engine();
    wasm_engine_delete(engine);
    end_child();
  }
  CHECK(outcome_of(child) == 42);
  close_world(&w);
}

TEST(code_of_parent_and_child_do_not_mix) {
  world_t w = open_world("traps");
  pid_t child = start_child();
  if (!child) {
    for (int i = 0; i < 20; ++i) compile_more(&w);
    end_child();
  }
  for (int i = 0; i < 20; ++i) compile_more(&w);
  use_traps(&w);
  CHECK(outcome_of(child) == 42);
  use_traps(&w);
  close_world(&w);
}

TEST(grandchild_lives_too) {
  world_t w = open_world("traps");
  pid_t child = start_child();
  if (!child) {
    compile_more(&w);
    pid_t grandchild = start_child();
    if (!grandchild) {
      compile_more(&w);
      end_child();
    }
    if (outcome_of(grandchild) == 42) end_child();
    _exit(1);
  }
  CHECK(outcome_of(child) == 42);
  close_world(&w);
}

// --- While other threads are at work ---

TEST(compile_threads_work_in_parent_and_child) {
  own wasm_engine_t* engine = engine_with_workers(4);
  compile_large(engine);
  pid_t child = start_child();
  if (!child) {
    for (int i = 0; i < 5; ++i) compile_large(engine);
    own wasm_engine_t* other = engine_with_workers(4);
    compile_large(other);
    wasm_engine_delete(other);
    wasm_engine_delete(engine);
    end_child();
  }
  for (int i = 0; i < 5; ++i) compile_large(engine);
  CHECK(outcome_of(child) == 42);
  compile_large(engine);
  wasm_engine_delete(engine);
}

static atomic_bool ended;

typedef struct {
  wasm_engine_t* engine;
  bool large;
} work_t;

static void* work(void* argument) {
  const work_t* w = argument;
  world_t old = {.engine = w->engine};
  while (!ended) {
    if (w->large) compile_large(w->engine);
    else compile_more(&old);
    own wasm_engine_t* engine = test_engine();
    wasm_engine_delete(engine);
  }
  return NULL;
}

// Whatever lock a thread holds at the moment of the fork, the child must not miss it.
static void fork_among_workers(int forks) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer's own allocator may be locked in the child");
#endif
  world_t w = {.engine = engine_with_workers(2)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "traps");
  instantiate(&w, NO_IMPORTS);
  ended = false;
  work_t plans[3] = {{w.engine, false}, {w.engine, false}, {w.engine, true}};
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) CHECK(!pthread_create(&threads[i], NULL, work, &plans[i]));
  for (int i = 0; i < forks; ++i) {
    pid_t child = start_child();
    if (!child) {
      compile_more(&w);
      if (i % 4 == 0) compile_large(w.engine);
      use_traps(&w);
      own wasm_engine_t* engine = test_engine();
      wasm_engine_delete(engine);
      if (i % 2) close_world(&w);
      end_child();
    }
    CHECK(outcome_of(child) == 42);
  }
  ended = true;
  for (int i = 0; i < 3; ++i) CHECK(!pthread_join(threads[i], NULL));
  use_traps(&w);
  close_world(&w);
}

TEST(fork_while_other_threads_compile) { fork_among_workers(slow() ? 3 : 60); }

static void* fork_here(void* unused) {
  (void)unused;
  fork_among_workers(slow() ? 2 : 20);
  return NULL;
}

TEST(fork_by_a_thread_that_is_not_the_first) {
  run_on_thread(0, fork_here, NULL);
}

static void* make_types(void* engine) {
  static atomic_uint seeds;
  unsigned seed = (atomic_fetch_add(&seeds, 1) + 1) * 100000;
  while (!ended) new_types(engine, &seed, 50);
  return NULL;
}

TEST(fork_while_other_threads_make_functions_of_new_types) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer's own allocator may be locked in the child");
#endif
  own wasm_engine_t* engine = test_engine();
  ended = false;
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) CHECK(!pthread_create(&threads[i], NULL, make_types, engine));
  for (int i = 0; i < (slow() ? 10 : 200); ++i) {
    pid_t child = start_child();
    if (!child) {
      unsigned seed = (unsigned)i * 1000;
      new_types(engine, &seed, 2);
      end_child();
    }
    CHECK(outcome_of(child) == 42);
  }
  ended = true;
  for (int i = 0; i < 3; ++i) CHECK(!pthread_join(threads[i], NULL));
  wasm_engine_delete(engine);
}

// --- One runs while the other deletes ---

static atomic_bool begun;

static void* fork_all_the_time(void* unused) {
  (void)unused;
  while (!atomic_load(&begun)) {}
  while (!atomic_load(&ended)) {
    pid_t child = fork();
    if (!child) _exit(42);
    CHECK(outcome_of(child) == 42);
  }
  return NULL;
}

static own wasm_trap_t* do_nothing(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  return NULL;
}

// The first code of a process is a stub, made while it forks. Each process can try that once, so there are
// many, which wait for different times.
TEST(first_function_is_made_while_another_thread_forks) {
  for (int i = 0; i < (slow() ? 3 : 400); ++i) {
    pid_t child = start_child();
    if (!child) {
      alarm(10);
      own wasm_engine_t* engine = test_engine();
      own wasm_store_t* store = wasm_store_new(engine);
      own wasm_functype_t* type = wasm_functype_new_0_0();
      atomic_store(&ended, false);
      pthread_t thread;
      CHECK(!pthread_create(&thread, NULL, fork_all_the_time, NULL));
      atomic_store(&begun, true);
      for (volatile int wait = i * 7919 % 60000; wait > 0; --wait) {}
      own wasm_func_t* func = wasm_func_new(store, type, do_nothing);
      CHECK(func);
      atomic_store(&ended, true);
      CHECK(!pthread_join(thread, NULL));
      wasm_func_delete(func);
      wasm_functype_delete(type);
      wasm_store_delete(store);
      wasm_engine_delete(engine);
      end_child();
    }
    CHECK(outcome_of(child) == 42);
  }
}

static void say(int pipe) { CHECK(write(pipe, "x", 1) == 1); }

static void hear(int pipe) {
  char byte;
  CHECK(read(pipe, &byte, 1) == 1);
}

// Runs what it inherited until the other process says stop; all the time the code must stay what it was.
static void run_until(int pipe, const world_t* w) {
  fd_set set;
  for (;;) {
    use_traps(w);
    FD_ZERO(&set);
    FD_SET(pipe, &set);
    struct timeval none = {0, 0};
    if (select(pipe + 1, &set, NULL, NULL, &none) == 1) break;
  }
  hear(pipe);
}

static void delete_and_recompile(world_t* w) {
  wasm_engine_t* engine = w->engine;
  w->engine = NULL;
  close_world(w);
  for (int i = 0; i < 30; ++i) {
    world_t other = {.engine = engine};
    compile_more(&other);
    compile_large(engine);
  }
  wasm_engine_delete(engine);
}

static void one_runs_the_other_deletes(bool child_runs) {
  world_t w = open_world("traps");
  int running[2], stop[2];
  CHECK(!pipe(running) && !pipe(stop));
  pid_t child = start_child();
  if ((child == 0) == child_runs) {
    say(running[1]);
    run_until(stop[0], &w);
    close_world(&w);
  } else {
    hear(running[0]);
    delete_and_recompile(&w);
    say(stop[1]);
  }
  if (!child) end_child();
  CHECK(outcome_of(child) == 42);
  for (int i = 0; i < 2; ++i) {
    close(running[i]);
    close(stop[i]);
  }
}

TEST(child_runs_while_the_parent_deletes_and_compiles) { one_runs_the_other_deletes(true); }
TEST(parent_runs_while_the_child_deletes_and_compiles) { one_runs_the_other_deletes(false); }

// --- From within ---

static pid_t forked;

static own wasm_trap_t* fork_inside(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  const world_t* w = env;
  fflush(stdout);
  forked = start_child();
  compile_more(w);
  results->data[0] = args->data[0];
  return forked || args->data[0].of.i32 == 1 ? NULL : trap_saying(w->store, "in the child");
}

TEST(fork_inside_of_a_callback_returns_through_wasm_twice) {
  world_t w;
  open_callbacks(&w, fork_inside, &w);
  CHECK(call_i32(&w, "call", VALS(I32(1))) == 1);
  if (!forked) {
    close_world(&w);
    end_child();
  }
  CHECK(outcome_of(forked) == 42);
  wasm_val_t out[1];
  wasm_val_vec_t results = {1, out};
  own wasm_trap_t* trap = wasm_func_call(func_of(&w, "call"), &VALS(I32(2)), &results);
  if (!forked) {
    CHECK(says(trap, "in the child"));
    close_world(&w);
    end_child();
  }
  CHECK(!trap && out[0].of.i32 == 2);
  CHECK(outcome_of(forked) == 42);
  close_world(&w);
}

// --- Waiting on shared memories ---

enum { WOKEN = 0, TIMED_OUT = 2 };

static int32_t wait_on(const member_t* m, int32_t address, int64_t timeout) {
  return call_i32(&m->w, "wait32", VALS(I32(address), I32(0), I64(timeout)));
}

static void fork_beside_a_waiter(const common_t* c, int number) {
  member_t m = join(c, false);
  if (number) {
    CHECK(wait_on(&m, 16, -1) == WOKEN);
    leave(&m);
    return;
  }
  // Without taking it out of the queue: for as long as a waiter needs at most.
  usleep(20000);
  pid_t child = start_child();
  if (!child) {
    CHECK(call_i32(&m.w, "notify", VALS(I32(16), I32(-1))) == 0);
    CHECK(wait_on(&m, 16, 2000000) == TIMED_OUT);
    member_t other = join(c, true);
    CHECK(wasmrt_store_set_deadline(other.w.store, 2000000));
    CHECK(says(call_trap(func_of(&other.w, "wait32"), VALS(I32(16), I32(0), I64(-1))), "deadline"));
    CHECK(call_i32(&m.w, "grow", VALS(I32(1))) == 1);
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
  until_awaited(&m, 16);
  CHECK(call_i32(&m.w, "size", NO_VALS) == 1);
  leave(&m);
}

TEST(child_of_a_fork_finds_nobody_waiting_and_can_wait_itself) {
  common_t c = open_common("shared_memory");
  run_together(&c, 2, fork_beside_a_waiter);
  close_common(&c);
}

static void fork_from_handler(int number) {
  (void)number;
  pid_t child = fork();
  if (!child) alarm(100);
}

static void fork_while_waiting(const common_t* c) {
  member_t m = join(c, false);
  struct sigaction action = {.sa_handler = fork_from_handler}, former;
  CHECK(!sigaction(SIGALRM, &action, &former));
  pid_t parent = getpid();
  ualarm(20000, 0);
  CHECK(wait_on(&m, 16, 200000000) == TIMED_OUT);
  if (getpid() != parent) _exit(call_i32(&m.w, "notify", VALS(I32(16), I32(-1))));
  int status = -1;
  CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(!sigaction(SIGALRM, &former, NULL));
  leave(&m);
}

TEST(thread_that_forks_while_it_waits_goes_on_waiting_in_both) {
  common_t c = open_common("shared_memory");
  fork_while_waiting(&c);
  close_common(&c);
}
