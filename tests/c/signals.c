// Signals: the embedder's handlers get what is not ours, before and after us, and are restored.

#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "open_callbacks.h"

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

// A handler that passes on what it does not know, as a library in another process must.
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
  close_world(&w);  // ours is not the current one: it stays and passes faults on
  struct sigaction now;
  CHECK(!sigaction(SIGSEGV, NULL, &now) && now.sa_sigaction == chaining);
  world_t again = open_world("traps");
  trap_everywhere(&again);
  close_world(&again);
  CHECK(!sigaction(SIGSEGV, NULL, &now) && now.sa_sigaction == chaining);
  CHECK(!sigaction(SIGSEGV, &ours[SIGSEGV], NULL));
}

// Behind a handler that passes faults on, ours must lead to the handler before it: with engines and without.
TEST(fault_finds_its_way_through_ours_to_the_handler_of_before) {
  if (!asked("signals=", 1)) SKIP("no signals are used in this configuration");
  struct sigaction segv;
  install(SIGSEGV, &segv);
  world_t w = open_world("traps");
  struct sigaction action = {.sa_sigaction = chaining, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigemptyset(&action.sa_mask);
  CHECK(!sigaction(SIGSEGV, &action, &ours[SIGSEGV]));
  for (int engines = 1; engines >= 0; --engines) {
    hits = 0;
    fault();
    CHECK(hits == 2);  // the chaining one and, behind ours, the first
    if (engines) close_world(&w);
  }
  for (int i = 0; i < 5; ++i) {  // ours comes and goes behind it, and neither calls the other for ever
    w = open_world("traps");
    trap_everywhere(&w);
    hits = 0;
    fault();
    CHECK(hits == 2);
    close_world(&w);
  }
  CHECK(!sigaction(SIGSEGV, &segv, NULL));
}

TEST(handler_of_after_that_keeps_everything_gets_the_faults_of_the_host) {
  world_t w = open_world("traps");
  struct sigaction before;
  install(SIGSEGV, &before);
  hits = 0;
  fault();
  CHECK(hits == 1);
  close_world(&w);
  struct sigaction now;
  CHECK(!sigaction(SIGSEGV, NULL, &now) && now.sa_sigaction == handler);
  fault();
  CHECK(hits == 2);
  CHECK(!sigaction(SIGSEGV, &before, NULL));
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

// Every kind of trap that wasm has, by export of traps.wat.
static void trap_in_every_way(const world_t* w) {
  static const char* const all[][2] = {
    {"unreachable", "unreachable"}, {"divide_by_zero", "integer divide by zero"},
    {"remainder_by_zero", "integer divide by zero"}, {"overflow", "integer overflow"},
    {"overflow64", "integer overflow"}, {"convert_nan", "invalid conversion to integer"},
    {"convert_large", "integer overflow"}, {"load", "out of bounds memory access"},
    {"store", "out of bounds memory access"}, {"fill", "out of bounds memory access"},
    {"table_get", "out of bounds table access"}, {"table_fill", "out of bounds table access"},
    {"call_outside", "undefined element"}, {"call_null", "uninitialized element"},
    {"call_mismatch", "indirect call type mismatch"}, {"recurse", "call stack exhausted"},
    {"null_reference", "null reference"}, {"null_function", "null function reference"},
    {"unaligned", "unaligned atomic"}, {"unshared_wait", "expected shared memory"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    CHECK(says(call_trap(func_of(w, all[i][0]), NO_VALS), all[i][1]));
  }
  CHECK(says(call_trap(func_of(w, "nested"), VALS(I32(0))), "integer divide by zero"));
  CHECK(says(call_trap(func_of(w, "deep"), VALS(I32(100))), "unreachable"));
  CHECK(call_i32(w, "nested", VALS(I32(1))) == 3);
}

enum { SIGNALS = 64 };

// Removes what the tests before have left.
static void forget_handlers(void) {
  signal(SIGSEGV, SIG_DFL);
  signal(SIGBUS, SIG_DFL);
  signal(SIGFPE, SIG_DFL);
  signal(SIGILL, SIG_DFL);
}

static void read_handlers(struct sigaction out[SIGNALS + 1]) {
  for (int i = 1; i <= SIGNALS; ++i) {
    out[i] = (struct sigaction){.sa_flags = 0};
    sigaction(i, NULL, &out[i]);  // some numbers belong to the C library, which refuses
  }
}

static void check_handlers(const struct sigaction before[SIGNALS + 1]) {
  struct sigaction now[SIGNALS + 1];
  read_handlers(now);
  for (int i = 1; i <= SIGNALS; ++i) {
    CHECK(now[i].sa_sigaction == before[i].sa_sigaction && now[i].sa_flags == before[i].sa_flags);
  }
}

static own wasm_engine_t* engine_without_signals(uint64_t workers, uint64_t bounds) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, 0));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, bounds));
  return wasm_engine_new_with_config(config);
}

TEST(without_signals_no_handler_is_touched_and_every_trap_comes) {
  struct sigaction before[SIGNALS + 1];
  forget_handlers();
  read_handlers(before);
  for (uint64_t bounds = WASMRT_BOUNDS_AUTO; bounds <= WASMRT_BOUNDS_EXPLICIT; ++bounds) {
    for (uint64_t workers = 0; workers <= 2; ++workers) {
      world_t w = {.engine = engine_without_signals(workers, bounds)};
      if (!w.engine && bounds == WASMRT_BOUNDS_GUARD) continue;  // a guard says nothing without signals
      check_handlers(before);
      w.store = wasm_store_new(w.engine);
      w.module = load(w.store, "traps");
      instantiate(&w, NO_IMPORTS);
      trap_in_every_way(&w);
      check_handlers(before);
      close_world(&w);
      check_handlers(before);
    }
  }
}

TEST(with_signals_only_those_of_faults_are_touched_and_every_trap_comes) {
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
  struct sigaction before[SIGNALS + 1], during[SIGNALS + 1];
  forget_handlers();
  read_handlers(before);
  world_t w = open_world("traps");
  trap_in_every_way(&w);
  read_handlers(during);
  for (int i = 0; i < 4; ++i) during[numbers[i]] = before[numbers[i]];
  for (int i = 1; i <= SIGNALS; ++i) CHECK(during[i].sa_sigaction == before[i].sa_sigaction);
  close_world(&w);
  check_handlers(before);
}

// The way out for hosts whose threads block all signals.
TEST(without_signals_guest_code_runs_and_traps_where_they_are_blocked) {
  sigset_t all, before;
  CHECK(!sigfillset(&all));
  CHECK(!pthread_sigmask(SIG_BLOCK, &all, &before));
  world_t w = {.engine = engine_without_signals(2, WASMRT_BOUNDS_AUTO)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "traps");
  instantiate(&w, NO_IMPORTS);
  for (int i = 0; i < 3; ++i) trap_in_every_way(&w);
  close_world(&w);
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
  sigset_t now, pending;
  CHECK(!sigpending(&pending));
  CHECK(!pthread_sigmask(SIG_SETMASK, &before, &now));
  for (int i = 0; i < 4; ++i) CHECK(sigismember(&now, numbers[i]) && !sigismember(&pending, numbers[i]));
}

TEST(engines_with_and_without_signals_live_side_by_side) {
  struct sigaction before[SIGNALS + 1];
  forget_handlers();
  read_handlers(before);
  world_t with = open_world("traps");
  world_t without = {.engine = engine_without_signals(0, WASMRT_BOUNDS_EXPLICIT)};
  without.store = wasm_store_new(without.engine);
  without.module = load(without.store, "traps");
  instantiate(&without, NO_IMPORTS);
  trap_in_every_way(&with);
  trap_in_every_way(&without);
  close_world(&with);
  check_handlers(before);
  trap_in_every_way(&without);
  close_world(&without);
  check_handlers(before);
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
  open_callbacks(&w, faulting, NULL);
  CHECK(call_i32(&w, "call", VALS(I32(0))) == 0);
  CHECK(hits == 1);
  close_world(&w);
  sigaction(SIGSEGV, &segv, NULL);
}
