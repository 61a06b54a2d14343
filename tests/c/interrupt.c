// Interrupts: running calls, or the next ones, are stopped from anywhere.

#define _GNU_SOURCE
#include "endless.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void wait_a_little(void) { nanosleep(&(struct timespec){0, 3000000}, NULL); }

static void open_interruptible(endless_t* e, own wasmrt_interrupt_t** interrupt) {
  open_endless(e);
  *interrupt = wasmrt_interrupt_new(e->w.store);
  CHECK(*interrupt);
  start_endless(e);
}

static void* fire_soon(void* interrupt) {
  wait_a_little();
  wasmrt_interrupt_fire(interrupt);
  return NULL;
}

TEST(another_thread_stops_code_of_every_shape) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  for (int i = 0; i < ENDLESS; ++i) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, fire_soon, interrupt) == 0);
    own wasm_trap_t* trap = call_trap(func_of(&e.w, endless[i]), NO_VALS);
    pthread_join(thread, NULL);
    CHECK(says(trap, "interrupted"));
    CHECK(!wasmrt_interrupt_clear(interrupt));
    CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  }
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

static wasmrt_interrupt_t* volatile of_handler;
static void on_signal(int number) {
  (void)number;
  wasmrt_interrupt_fire(of_handler);
}

typedef struct {
  pthread_t target;
} victim_t;

static void* kill_soon(void* env) {
  wait_a_little();
  pthread_kill(((victim_t*)env)->target, SIGUSR1);
  return NULL;
}

TEST(signal_handler_stops_the_code_that_it_interrupts) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  of_handler = interrupt;
  struct sigaction action = {0}, before;
  action.sa_handler = on_signal;
  CHECK(sigaction(SIGUSR1, &action, &before) == 0);
  victim_t self = {pthread_self()};
  for (int i = 0; i < ENDLESS; ++i) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, kill_soon, &self) == 0);
    CHECK(says(call_trap(func_of(&e.w, endless[i]), NO_VALS), "interrupted"));
    pthread_join(thread, NULL);
  }
  sigaction(SIGUSR1, &before, NULL);
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

TEST(interrupt_without_a_running_call_stops_the_next_one) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  wasmrt_interrupt_fire(interrupt);
  wasmrt_interrupt_fire(interrupt);
  CHECK(says(call_trap(func_of(&e.w, "short"), NO_VALS), "interrupted"));
  CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  // The same for calls of host functions.
  wasmrt_interrupt_fire(interrupt);
  CHECK(says(call_trap(e.visit, NO_VALS), "interrupted"));
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

TEST(interrupt_is_taken_back_once) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  CHECK(!wasmrt_interrupt_clear(interrupt));
  wasmrt_interrupt_fire(interrupt);
  CHECK(wasmrt_interrupt_clear(interrupt) && !wasmrt_interrupt_clear(interrupt));
  CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

TEST(all_handles_of_a_store_stand_for_the_same) {
  endless_t e;
  own wasmrt_interrupt_t* first;
  open_interruptible(&e, &first);
  own wasmrt_interrupt_t* second = wasmrt_interrupt_new(e.w.store);  // late, but code is compiled for it
  CHECK(second);
  wasmrt_interrupt_fire(first);
  CHECK(wasmrt_interrupt_clear(second) && !wasmrt_interrupt_clear(first));
  wasmrt_interrupt_fire(second);
  wasmrt_interrupt_delete(second);
  CHECK(says(call_trap(func_of(&e.w, "loop"), NO_VALS), "interrupted"));
  wasmrt_interrupt_delete(first);
  close_endless(&e);
}

TEST(one_store_is_interrupted_and_another_is_not) {
  endless_t a, b;
  own wasmrt_interrupt_t *ia, *ib;
  open_interruptible(&a, &ia);
  open_interruptible(&b, &ib);
  wasmrt_interrupt_fire(ia);
  CHECK(call_i32(&b.w, "short", NO_VALS) == 42);
  CHECK(says(call_trap(func_of(&a.w, "short"), NO_VALS), "interrupted"));
  wasmrt_interrupt_delete(ia);
  wasmrt_interrupt_delete(ib);
  close_endless(&a);
  close_endless(&b);
}

// --- Host functions in between ---

typedef struct {
  const endless_t* endless;
  wasmrt_interrupt_t* interrupt;
  int inner;
} between_t;

static own wasm_trap_t* fire_from_within(void* env) {
  wasmrt_interrupt_fire(((between_t*)env)->interrupt);
  return NULL;
}

TEST(host_function_interrupts_the_code_that_called_it) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  between_t b = {&e, interrupt, 0};
  e.visited = fire_from_within;
  e.env = &b;
  CHECK(says(call_trap(func_of(&e.w, "loop_visits"), NO_VALS), "interrupted"));
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

static own wasm_trap_t* call_back(void* env) {
  between_t* b = env;
  if (b->inner++) return NULL;
  wasmrt_interrupt_fire(b->interrupt);
  CHECK(says(call_trap(func_of(&b->endless->w, "loop"), NO_VALS), "interrupted"));
  CHECK(call_i32(&b->endless->w, "short", NO_VALS) == 42);
  return NULL;
}

TEST(innermost_call_is_the_one_that_traps) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  between_t b = {&e, interrupt, 0};
  e.visited = call_back;
  e.env = &b;
  call(func_of(&e.w, "visit_once"), NO_VALS);
  CHECK(b.inner == 1);
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

TEST(interrupted_code_has_a_trace) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  between_t b = {&e, interrupt, 0};
  e.visited = fire_from_within;
  e.env = &b;
  const char* const shapes[] = {"visit_and_loop", "visit_and_loop_calls", "visit_and_recursion"};
  for (int i = 0; i < 3; ++i) {
    own wasm_trap_t* trap = call_trap(func_of(&e.w, shapes[i]), NO_VALS);
    own wasm_frame_t* origin = wasm_trap_origin(trap);
    CHECK(origin && wasm_frame_module_offset(origin) > 0);
    wasm_frame_delete(origin);
    CHECK(says(trap, "interrupted"));
  }
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

TEST(endless_start_function_is_stopped) {
  world_t w;
  open_store(&w, "endless_start");
  own wasmrt_interrupt_t* interrupt = wasmrt_interrupt_new(w.store);
  pthread_t thread;
  CHECK(interrupt && pthread_create(&thread, NULL, fire_soon, interrupt) == 0);
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w.store, w.module, &NO_IMPORTS, &trap));
  pthread_join(thread, NULL);
  CHECK(says(trap, "interrupted"));
  wasmrt_interrupt_delete(interrupt);
  close_world(&w);
}

typedef int32_t short_t(void* context, own wasm_trap_t** trap);
typedef void loop_t(void* context, own wasm_trap_t** trap);

TEST(native_calls_are_stopped_too) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  void *short_context, *loop_context;
  short_t* run_short = (short_t*)wasmrt_func_native(func_of(&e.w, "short"), &short_context);
  loop_t* run_loop = (loop_t*)wasmrt_func_native(func_of(&e.w, "loop"), &loop_context);
  CHECK(run_short && run_loop);
  for (int i = 0; i < 3; ++i) {
    own wasm_trap_t* trap = NULL;
    CHECK(run_short(short_context, &trap) == 42 && !trap);
    wasmrt_interrupt_fire(interrupt);
    run_short(short_context, &trap);
    CHECK(says(trap, "interrupted"));
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, fire_soon, interrupt) == 0);
    trap = NULL;
    run_loop(loop_context, &trap);
    pthread_join(thread, NULL);
    CHECK(says(trap, "interrupted"));
  }
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

TEST(trap_code_tells_an_interrupt) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  wasmrt_interrupt_fire(interrupt);
  own wasm_trap_t* trap = call_trap(func_of(&e.w, "short"), NO_VALS);
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_INTERRUPTED);
  wasm_trap_delete(trap);
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

// --- Order and wrong arguments ---

TEST(interrupt_asked_for_after_the_first_instance_is_refused) {
  world_t w = open_world("arithmetic");
  forget_error();
  CHECK(!wasmrt_interrupt_new(w.store));
  CHECK(error_says("before the first"));
  CHECK(call_i32(&w, "add", VALS(I32(40), I32(2))) == 42);
  close_world(&w);
}

TEST(module_that_was_made_before_can_be_interrupted) {
  // The module is compiled, then instantiated in two stores, one of which asks for interrupts.
  world_t plain = open_world("endless_free");
  own wasm_store_t* store = wasm_store_new(plain.engine);
  own wasmrt_interrupt_t* interrupt = wasmrt_interrupt_new(store);
  CHECK(interrupt);
  own wasm_instance_t* instance = wasm_instance_new(store, plain.module, &NO_IMPORTS, NULL);
  CHECK(instance);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, fire_soon, interrupt) == 0);
  CHECK(says(call_trap(wasm_extern_as_func(exports.data[0]), NO_VALS), "interrupted"));
  pthread_join(thread, NULL);
  CHECK(call_i32(&plain, "count", VALS(I32(1000))) == 1000);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasmrt_interrupt_delete(interrupt);
  wasm_store_delete(store);
  close_world(&plain);
}

TEST(handle_outlives_its_store) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  wasmrt_interrupt_fire(interrupt);
  close_endless(&e);
  CHECK(wasmrt_interrupt_clear(interrupt) && !wasmrt_interrupt_clear(interrupt));
  wasmrt_interrupt_fire(interrupt);
  wasmrt_interrupt_delete(interrupt);
}

static void* fire_and_clear(void* interrupt) {
  for (int i = 0; i < 10000; ++i) {
    wasmrt_interrupt_fire(interrupt);
    wasmrt_interrupt_clear(interrupt);
  }
  wasmrt_interrupt_fire(interrupt);
  return NULL;
}

TEST(many_threads_fire_and_clear_at_once) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) CHECK(pthread_create(&threads[i], NULL, fire_and_clear, interrupt) == 0);
  CHECK(says(call_trap(func_of(&e.w, "loop"), NO_VALS), "interrupted"));
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  wasmrt_interrupt_clear(interrupt);
  CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

TEST(null_interrupts_nothing) {
  forget_error();
  CHECK(!wasmrt_interrupt_new(NULL));
  CHECK(has_error());
  wasmrt_interrupt_fire(NULL);
  CHECK(!wasmrt_interrupt_clear(NULL));
  wasmrt_interrupt_delete(NULL);
}

// --- Host functions that wait ---

static wasm_store_t* waiting_store;
static int waits;

// Waits as long as the engine allows.
static own wasm_trap_t* wait_for_ever(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  for (;;) {
    int fd;
    uint64_t nanoseconds;
    own wasm_trap_t* trap = wasmrt_store_pending(waiting_store, &fd, &nanoseconds);
    if (trap) {
      CHECK(fd == -1 && nanoseconds == UINT64_MAX);
      return trap;
    }
    ++waits;
    struct pollfd wakeup = {fd, POLLIN, 0};
    poll(&wakeup, 1, nanoseconds == UINT64_MAX ? -1 : (int)(nanoseconds / 1000000) + 1);
  }
}

static own wasm_trap_t* call_waiting(const endless_t* e) {
  own wasm_functype_t* type = wasm_functype_new_0_0();
  own wasm_func_t* host = wasm_func_new(e->w.store, type, wait_for_ever);
  wasm_functype_delete(type);
  waiting_store = e->w.store;
  own wasm_trap_t* trap = call_trap(host, NO_VALS);
  wasm_func_delete(host);
  return trap;
}

TEST(waiting_host_function_is_woken_by_an_interrupt) {
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  waits = 0;
  for (int i = 0; i < 10; ++i) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, fire_soon, interrupt) == 0);
    CHECK(says(call_waiting(&e), "interrupted"));
    pthread_join(thread, NULL);
    CHECK(!wasmrt_interrupt_clear(interrupt));
  }
  // Woken once for each, and not sooner or by looking again and again.
  CHECK(waits <= 20);
  wasmrt_interrupt_fire(interrupt);
  CHECK(wasmrt_interrupt_clear(interrupt));
  int fd;
  CHECK(!wasmrt_store_pending(e.w.store, &fd, NULL));
  CHECK(fd >= 0 && poll(&(struct pollfd){fd, POLLIN, 0}, 1, 0) == 0);
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}

TEST(waiting_host_function_ends_with_the_deadline) {
  endless_t e;
  open_endless(&e);
  CHECK(wasmrt_store_set_deadline(e.w.store, 3000000));
  start_endless(&e);
  CHECK(says(call_waiting(&e), "deadline"));
  int fd = 0;
  uint64_t nanoseconds = 0;
  CHECK(wasmrt_store_set_deadline(e.w.store, 0));
  CHECK(!wasmrt_store_pending(e.w.store, &fd, &nanoseconds));
  CHECK(fd == -1 && nanoseconds == UINT64_MAX);
  CHECK(!wasmrt_store_pending(NULL, &fd, &nanoseconds) && has_error());
  CHECK(fd == -1 && nanoseconds == UINT64_MAX);
  close_endless(&e);
}

TEST(forked_child_is_woken_by_its_own_interrupts_only) {
  if (slow()) SKIP("memory of other threads is left behind in the child");
  endless_t e;
  own wasmrt_interrupt_t* interrupt;
  open_interruptible(&e, &interrupt);
  int fd;
  CHECK(!wasmrt_store_pending(e.w.store, &fd, NULL) && fd >= 0);
  pid_t child = fork();
  if (child == 0) {
    int own_fd;
    CHECK(!wasmrt_store_pending(e.w.store, &own_fd, NULL) && own_fd >= 0);
    wasmrt_interrupt_fire(interrupt);
    bool woken = poll(&(struct pollfd){own_fd, POLLIN, 0}, 1, 0) == 1;
    _exit(woken ? 0 : 1);
  }
  int status;
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
  CHECK(poll(&(struct pollfd){fd, POLLIN, 0}, 1, 0) == 0);
  wasmrt_interrupt_delete(interrupt);
  close_endless(&e);
}
