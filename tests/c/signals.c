// Signals: the embedder's handlers get what is not ours, before and after us, and are given back.

#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "host.h"

static sigjmp_buf escape;
static volatile sig_atomic_t hits;
static volatile sig_atomic_t last;

static void handler(int number, siginfo_t* info, void* context) {
  (void)info;
  (void)context;
  ++hits;
  last = number;
  siglongjmp(escape, 1);
}

static void install(int number, struct sigaction* old) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigemptyset(&action.sa_mask);
  CHECK(!sigaction(number, &action, old));
}

// A fault of the host's own.
static void fault(void) {
  volatile char* nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(nowhere != MAP_FAILED);
  if (!sigsetjmp(escape, 1)) {
    (void)nowhere[0];
    CHECK(!"the fault passed unnoticed");
  }
  munmap((void*)nowhere, 4096);
}

static void trap_everywhere(const world_t* w) {
  CHECK(says(call_trap(func_of(w, "load"), NO_VALS), "out of bounds memory access"));
  CHECK(says(call_trap(func_of(w, "divide_by_zero"), NO_VALS), "integer divide by zero"));
  CHECK(says(call_trap(func_of(w, "unreachable"), NO_VALS), "unreachable"));
}

TEST(handler_of_before_gets_the_faults_of_the_host_and_none_of_wasm) {
  struct sigaction segv, fpe;
  install(SIGSEGV, &segv);
  install(SIGFPE, &fpe);
  hits = 0;
  world_t w = open_world("traps");
  trap_everywhere(&w);
  CHECK(hits == 0);
  fault();
  CHECK(hits == 1 && last == SIGSEGV);
  if (!sigsetjmp(escape, 1)) raise(SIGFPE);
  CHECK(hits == 2 && last == SIGFPE);
  trap_everywhere(&w);
  CHECK(hits == 2);
  close_world(&w);
  fault();
  CHECK(hits == 3);
  sigaction(SIGSEGV, &segv, NULL);
  sigaction(SIGFPE, &fpe, NULL);
}

static struct sigaction ours[65];

// A handler that hands on what it does not know, as a guest in someone else's process must.
static void chaining(int number, siginfo_t* info, void* context) {
  ++hits;
  if (ours[number].sa_flags & SA_SIGINFO) ours[number].sa_sigaction(number, info, context);
}

TEST(handler_of_after_that_hands_on_leaves_traps_working) {
  if (!asked("signals=", 1)) SKIP("no signals are used in this configuration");
  world_t w = open_world("traps");
  trap_everywhere(&w);
  struct sigaction action = {.sa_sigaction = chaining, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  sigemptyset(&action.sa_mask);
  CHECK(!sigaction(SIGSEGV, &action, &ours[SIGSEGV]));
  trap_everywhere(&w);
  close_world(&w);  // ours is not the current one: it stays as a way through
  world_t again = open_world("traps");
  trap_everywhere(&again);
  close_world(&again);
  CHECK(!sigaction(SIGSEGV, &ours[SIGSEGV], NULL));
}

TEST(handlers_are_given_back_when_the_last_engine_goes) {
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
  struct sigaction before[4], after;
  for (int i = 0; i < 4; ++i) install(numbers[i], &before[i]);
  own wasm_engine_t* engine = test_engine();
  world_t w = open_world("traps");
  trap_everywhere(&w);
  wasm_engine_delete(engine);
  trap_everywhere(&w);
  close_world(&w);
  for (int i = 0; i < 4; ++i) {
    CHECK(!sigaction(numbers[i], NULL, &after));
    CHECK(after.sa_sigaction == handler);
    sigaction(numbers[i], &before[i], NULL);
  }
}

TEST(without_signals_no_handler_is_touched) {
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  struct sigaction before[5], during;
  for (int i = 0; i < 5; ++i) CHECK(!sigaction(numbers[i], NULL, &before[i]));
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, 0));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT));
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "traps");
  instantiate(&w, NO_IMPORTS);
  trap_everywhere(&w);
  CHECK(says(call_trap(func_of(&w, "recurse"), NO_VALS), "call stack exhausted"));
  for (int i = 0; i < 5; ++i) {
    CHECK(!sigaction(numbers[i], NULL, &during));
    CHECK(during.sa_sigaction == before[i].sa_sigaction);
  }
  close_world(&w);
}

static own wasm_trap_t* faulting(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  (void)args;
  (void)results;
  fault();
  return NULL;
}

TEST(fault_inside_of_a_callback_belongs_to_the_host) {
  struct sigaction segv;
  install(SIGSEGV, &segv);
  hits = 0;
  world_t w;
  open_store(&w, "callbacks");
  own wasm_func_t* four = host_func(w.store, "iIfF", "iIfF", faulting, NULL, NULL);
  own wasm_func_t* func = host_func(w.store, "i", "i", faulting, NULL, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(four), wasm_func_as_extern(func)));
  wasm_func_delete(four);
  wasm_func_delete(func);
  CHECK(call_i32(&w, "call", VALS(I32(0))) == 0);
  CHECK(hits == 1);
  close_world(&w);
  sigaction(SIGSEGV, &segv, NULL);
}
