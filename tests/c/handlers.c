// All kinds of handlers that an embedder may have installed before: plain ones, with flags and masks, on signal
// stacks, ignoring, by default. Each gets its faults as the kernel would have delivered them, while wasm traps
// as well.

#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "open_callbacks.h"
#include "process.h"

static sigjmp_buf escape;
static volatile sig_atomic_t hits;
static volatile sig_atomic_t segv_blocked, usr1_blocked;
static volatile uintptr_t handler_stack, fault_address;
static char* page;

static void note(void) {
  volatile char here = 0;
  sigset_t mask;
  ++hits;
  handler_stack = (uintptr_t)&here;
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  segv_blocked = sigismember(&mask, SIGSEGV);
  usr1_blocked = sigismember(&mask, SIGUSR1);
}

static void plain(int number) {
  (void)number;
  note();
  siglongjmp(escape, 1);
}

static void with_info(int number, siginfo_t* info, void* context) {
  (void)number;
  (void)context;
  fault_address = (uintptr_t)info->si_addr;
  note();
  siglongjmp(escape, 1);
}

// Does not jump but repairs the fault, and returns to the instruction.
static void mending(int number, siginfo_t* info, void* context) {
  (void)number;
  (void)context;
  fault_address = (uintptr_t)info->si_addr;
  note();
  mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static void install(void (*old)(int), void (*new)(int, siginfo_t*, void*), int flags, int blocked) {
  struct sigaction action = {.sa_flags = flags};
  if (new) action.sa_sigaction = new;
  else action.sa_handler = old;
  sigemptyset(&action.sa_mask);
  if (blocked) sigaddset(&action.sa_mask, blocked);
  CHECK(!sigaction(SIGSEGV, &action, NULL));
}

static void touch_closed_page(void) {
  if (!page) page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(page != MAP_FAILED && !mprotect(page, 4096, PROT_NONE));
  if (!sigsetjmp(escape, 1)) *(volatile char*)page = 1;
}

static void use(const world_t* w) {
  CHECK(says(call_trap(func_of(w, "load"), NO_VALS), "out of bounds memory access"));
  CHECK(says(call_trap(func_of(w, "divide_by_zero"), NO_VALS), "integer divide by zero"));
  CHECK(says(call_trap(func_of(w, "recurse"), NO_VALS), "call stack exhausted"));
}

// The host's fault is delivered as with `blocked`, before, between, and after traps, and after the engine.
static void check_delivery(bool segv, bool usr1) {
  world_t w = open_world("traps");
  hits = 0;
  for (int i = 1; i <= 3; ++i) {
    touch_closed_page();
    CHECK(hits == i && segv_blocked == segv && usr1_blocked == usr1);
    use(&w);
  }
  close_world(&w);
  touch_closed_page();
  CHECK(hits == 4 && segv_blocked == segv && usr1_blocked == usr1);
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  CHECK(!sigismember(&mask, SIGSEGV) && !sigismember(&mask, SIGUSR1));
  signal(SIGSEGV, SIG_DFL);
}

TEST(plain_handler) {
  install(plain, NULL, 0, 0);
  check_delivery(true, false);
}

TEST(handler_with_information) {
  install(NULL, with_info, SA_SIGINFO, 0);
  check_delivery(true, false);
  CHECK(fault_address == (uintptr_t)page);
}

TEST(handler_that_may_be_interrupted_by_its_own_signal) {
  install(NULL, with_info, SA_SIGINFO | SA_NODEFER, 0);
  check_delivery(false, false);
}

TEST(handler_that_blocks_another_signal) {
  install(NULL, with_info, SA_SIGINFO, SIGUSR1);
  check_delivery(true, true);
}

TEST(handler_that_mends_and_returns) {
  install(NULL, mending, SA_SIGINFO, SIGUSR1);
  check_delivery(true, true);
}

// --- Signal stacks ---

static char signal_stack[64 << 10];

static bool on_signal_stack(uintptr_t address) {
  return address >= (uintptr_t)signal_stack && address < (uintptr_t)signal_stack + sizeof signal_stack;
}

TEST(handler_on_a_signal_stack) {
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack}, now;
  CHECK(!sigaltstack(&stack, NULL));
  install(NULL, with_info, SA_SIGINFO | SA_ONSTACK, 0);
  check_delivery(true, false);
  CHECK(on_signal_stack(handler_stack));
  CHECK(!sigaltstack(NULL, &now) && now.ss_sp == signal_stack && now.ss_flags == 0);  // ours changed nothing
  stack.ss_flags = SS_DISABLE;
  CHECK(!sigaltstack(&stack, NULL));
}

// The host's own recursion overflows its stack; only a handler on another stack can see that.
static int host_recursion(volatile int depth) {
  volatile char room[256];
  room[0] = (char)depth;
  return depth < 0 ? 0 : host_recursion(depth + 1) + room[0];
}

static void* overflow_in_the_host(void* world) {
  static char own_stack[64 << 10];
  stack_t stack = {.ss_sp = own_stack, .ss_size = sizeof own_stack};
  CHECK(!sigaltstack(&stack, NULL));
  use(world);
  hits = 0;
  if (!sigsetjmp(escape, 1)) host_recursion(0);
  CHECK(hits == 1);
  use(world);
  return NULL;
}

TEST(overflow_of_the_hosts_own_stack_belongs_to_the_host) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer's frames are too large and its own report comes first");
#endif
  install(NULL, with_info, SA_SIGINFO | SA_ONSTACK, 0);
  world_t w = open_world("traps");
  run_on_thread(256 << 10, overflow_in_the_host, &w);
  close_world(&w);
  signal(SIGSEGV, SIG_DFL);
}

// --- Inside of callbacks ---

static own wasm_trap_t* fault_in_callback(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  touch_closed_page();
  results->data[0] = I32(args->data[0].of.i32 + 1);
  return NULL;
}

static void* call_faulting(void* unused) {
  (void)unused;
  world_t w;
  open_callbacks(&w, fault_in_callback, NULL);
  hits = 0;
  for (int i = 1; i <= 3; ++i) {
    CHECK(call_i32(&w, "call", VALS(I32(i))) == i + 1);
    CHECK(hits == i);
  }
  close_world(&w);
  return NULL;
}

TEST(fault_in_a_callback_on_a_small_thread) {
  install(NULL, with_info, SA_SIGINFO, 0);
  run_on_thread(64 << 10, call_faulting, NULL);
  install(NULL, mending, SA_SIGINFO, 0);
  run_on_thread(64 << 10, call_faulting, NULL);
  signal(SIGSEGV, SIG_DFL);
}

// --- Ignored and default signals: the process ends as it would have ended ---

static int ends_with(void (*body)(void)) {
  pid_t child = start_child();
  if (!child) {
    body();
    _exit(0);
  }
  return outcome_of(child);
}

static void (*former)(int);
static int number;
static bool after_the_engine;

static void set_former(void) {
  signal(SIGSEGV, former);
  signal(SIGFPE, former);
  signal(SIGILL, former);
  signal(SIGBUS, former);
}

static void send_beside_wasm(void) {
  set_former();
  world_t w = open_world("traps");
  use(&w);
  if (after_the_engine) close_world(&w);
  raise(number);
}

static void fault_beside_wasm(void) {
  set_former();
  world_t w = open_world("traps");
  use(&w);
  if (after_the_engine) close_world(&w);
  if (number == SIGSEGV) touch_closed_page();
#ifdef __x86_64__
  volatile int zero = 0, one = 1;
  if (number == SIGFPE) one /= zero;
  if (number == SIGILL) __asm__ volatile("ud2");
#endif
}

TEST(fault_of_the_host_without_a_handler_ends_the_process) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer reports the fault");
#endif
  static const int numbers[] = {SIGSEGV, SIGFPE, SIGILL};
  for (int i = 0; i < 12; ++i) {
    number = numbers[i % 3];
    former = i / 3 % 2 ? SIG_IGN : SIG_DFL;  // a fault cannot be ignored
    after_the_engine = i / 6;
    CHECK(ends_with(fault_beside_wasm) == 128 + number);
  }
}

TEST(signal_that_somebody_sends_does_what_it_would_have_done) {
  static const int numbers[] = {SIGSEGV, SIGFPE, SIGILL, SIGBUS};
  for (int i = 0; i < 16; ++i) {
    number = numbers[i % 4];
    former = i / 4 % 2 ? SIG_IGN : SIG_DFL;
    after_the_engine = i / 8;
    CHECK(ends_with(send_beside_wasm) == (former == SIG_IGN ? 0 : 128 + number));
  }
}
