// The process's unwinder on its way through guest code: from a host function to the host that called the guest.

#define _GNU_SOURCE
#include <execinfo.h>
#include <signal.h>
#include <sys/time.h>
#include <unwind.h>

#include "observed.h"
#include "process.h"

enum { DEPTH = 128 };

// Where the host is when it calls the guest.
static void* outside;

static bool sees_outside(void) {
  void* addresses[DEPTH];
  int depth = backtrace(addresses, DEPTH);
  for (int i = 0; i < depth; ++i) {
    if (addresses[i] == outside) return true;
  }
  return false;
}

static void look_outside(void* context) { *(bool*)context = sees_outside(); }

static own wasm_config_t* unwinder_config(const way_t* way) { return observed_config(way, WASMRT_OPTION_UNWINDER, 1); }

__attribute__((noinline)) static void look_from_here(const world_t* w, const way_t* way, observer_t* observer) {
  outside = __builtin_return_address(0);
  look_in(w, way, observer);
  __asm__ volatile("");  // no tail call
}

TEST(backtrace_sees_the_host_behind_guest_code_in_every_mode) {
  for (int i = 0; i < WAY_COUNT; ++i) {
    bool seen = false;
    observer_t observer = {look_outside, &seen, 0};
    world_t w = open_observed(unwinder_config(&WAYS[i]), &observer);
    look_from_here(&w, &WAYS[i], &observer);
    CHECK(seen);
    close_world(&w);
  }
}

// --- Native functions ---

typedef int32_t step_t(void* context, own wasm_trap_t** trap, int32_t n);

static int32_t look_natively(void* env, own wasm_trap_t** trap, int32_t n) {
  (void)trap;
  *(bool*)env = sees_outside();
  return n;
}

__attribute__((noinline)) static void look_natively_from_here(step_t* run, void* context) {
  own wasm_trap_t* trap = NULL;
  outside = __builtin_return_address(0);
  CHECK(run(context, &trap, 7) == 10 && !trap);
  __asm__ volatile("");
}

TEST(backtrace_sees_the_host_behind_native_calls) {
  for (int i = 0; i < WAY_COUNT; ++i) {
    if (WAYS[i].spins) continue;
    bool seen = false;
    void* context;
    world_t w = {.engine = wasm_engine_new_with_config(unwinder_config(&WAYS[i]))};
    w.store = wasm_store_new(w.engine);
    w.module = load(w.store, "observed");
    CHECK(w.module);
    own wasm_functype_t* type = functype_of("i", "i");
    own wasm_func_t* func = wasmrt_func_new_native(w.store, type, (wasmrt_native_t)look_natively, &seen, NULL);
    wasm_functype_delete(type);
    instantiate(&w, IMPORTS(wasm_func_as_extern(func)));
    wasm_func_delete(func);
    step_t* run = (step_t*)wasmrt_func_native(func_of(&w, "run"), &context);
    look_natively_from_here(run, context);
    CHECK(seen);
    close_world(&w);
  }
}

// --- Calls within calls, threads, processes ---

typedef struct {
  world_t* world;
  int depth;
  bool seen;
} nest_t;

static void go_deeper(void* context) {
  nest_t* nest = context;
  if (nest->depth-- > 0) {
    CHECK(call_i32(nest->world, "run", VALS(I32(7))) == 10);
  } else {
    nest->seen = sees_outside();
  }
}

TEST(backtrace_sees_through_calls_within_calls) {
  for (int i = 0; i < WAY_COUNT; ++i) {
    if (WAYS[i].spins) continue;
    world_t w;
    nest_t nest = {&w, 3, false};
    observer_t observer = {go_deeper, &nest, 0};
    w = open_observed(unwinder_config(&WAYS[i]), &observer);
    outside = __builtin_return_address(0);
    CHECK(call_i32(&w, "run", VALS(I32(7))) == 10);
    CHECK(nest.seen);
    close_world(&w);
  }
}

TEST(backtrace_works_in_a_child_of_a_fork_in_old_and_new_code) {
  bool seen = false;
  observer_t observer = {look_outside, &seen, 0};
  const way_t* way = &WAYS[3];
  world_t w = open_observed(unwinder_config(way), &observer);
  look_from_here(&w, way, &observer);
  pid_t child = start_child();
  if (!child) {
    seen = false;
    look_from_here(&w, way, &observer);
    CHECK(seen);
    seen = false;
    outside = __builtin_return_address(0);
    CHECK(call_i32(&w, "spin", VALS(I32(3))) == 1 && seen);
    close_world(&w);
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
  close_world(&w);
}

// --- The registers of the host ---

typedef struct {
  const world_t* world;
  uintptr_t found[5];
} registers_t;

void call_with_registers(void (*call)(void*), void* argument);
extern char end_of_call_with_registers[];
__asm__(
    ".text\n"
    ".type call_with_registers, @function\n"
    "call_with_registers:\n"
    ".cfi_startproc\n"
    "push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbx, 0\n"
    "push %r12\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r12, 0\n"
    "push %r13\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r13, 0\n"
    "push %r14\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r14, 0\n"
    "push %r15\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r15, 0\n"
    "mov $1001, %ebx\n"
    "mov $1002, %r12d\n"
    "mov $1003, %r13d\n"
    "mov $1004, %r14d\n"
    "mov $1005, %r15d\n"
    "mov %rdi, %rax\n"
    "mov %rsi, %rdi\n"
    "call *%rax\n"
    "pop %r15\n.cfi_adjust_cfa_offset -8\n.cfi_restore r15\n"
    "pop %r14\n.cfi_adjust_cfa_offset -8\n.cfi_restore r14\n"
    "pop %r13\n.cfi_adjust_cfa_offset -8\n.cfi_restore r13\n"
    "pop %r12\n.cfi_adjust_cfa_offset -8\n.cfi_restore r12\n"
    "pop %rbx\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbx\n"
    "ret\n"
    ".cfi_endproc\n"
    "end_of_call_with_registers:\n"
    ".size call_with_registers, . - call_with_registers\n");

static _Unwind_Reason_Code read_registers(struct _Unwind_Context* context, void* argument) {
  static const int NUMBERS[] = {3, 12, 13, 14, 15};
  registers_t* registers = argument;
  uintptr_t start = (uintptr_t)call_with_registers, end = (uintptr_t)end_of_call_with_registers;
  if (_Unwind_GetIP(context) - start >= end - start) return _URC_NO_REASON;
  for (int i = 0; i < 5; ++i) registers->found[i] = _Unwind_GetGR(context, NUMBERS[i]);
  return _URC_END_OF_STACK;
}

static void look_at_registers(void* context) { _Unwind_Backtrace(read_registers, context); }

static void run_with_registers(void* context) {
  registers_t* registers = context;
  CHECK(call_i32(registers->world, "run", VALS(I32(7))) == 10);
}

TEST(registers_of_the_host_are_found_behind_guest_code) {
  for (int i = 0; i < WAY_COUNT; ++i) {
    if (WAYS[i].spins) continue;
    world_t w;
    registers_t registers = {&w, {0}};
    observer_t observer = {look_at_registers, &registers, 0};
    w = open_observed(unwinder_config(&WAYS[i]), &observer);
    call_with_registers(run_with_registers, &registers);
    for (int n = 0; n < 5; ++n) CHECK(registers.found[n] == 1001 + (uintptr_t)n);
    close_world(&w);
  }
}

// --- Looks at any moment ---

static volatile int samples, good_samples;

static void sample(int signal) {
  (void)signal;
  samples += 1;
  good_samples += sees_outside();
}

__attribute__((noinline)) static void spin_from_here(const world_t* w) {
  outside = __builtin_return_address(0);
  CHECK(call_i32(w, "spin", VALS(I32(1000000))) == 1);
  __asm__ volatile("");
}

TEST(sampling_profiler_of_the_host_sees_the_host_behind_a_loop) {
  bool seen = false;
  observer_t observer = {look_outside, &seen, 0};
  world_t w = open_observed(unwinder_config(&WAYS[1]), &observer);
  look_from_here(&w, &WAYS[1], &observer);
  CHECK(signal(SIGPROF, sample) != SIG_ERR);
  struct itimerval often = {{0, 1000}, {0, 1000}};
  CHECK(!setitimer(ITIMER_PROF, &often, NULL));
  while (samples < 20) spin_from_here(&w);
  CHECK(!setitimer(ITIMER_PROF, &(struct itimerval){{0, 0}, {0, 0}}, NULL));
  CHECK(good_samples > 0);
  close_world(&w);
}

// --- What does not pass ---

static void cleanup(_Unwind_Reason_Code reason, struct _Unwind_Exception* exception) {
  (void)reason;
  (void)exception;
}

static void throw_foreign(void* context) {
  static struct _Unwind_Exception exception;
  exception.exception_class = 0x1122334455667788;
  exception.exception_cleanup = cleanup;
  CHECK(_Unwind_RaiseException(&exception) != _URC_NO_REASON);  // nobody would have caught it
  *(bool*)context = true;
}

TEST(exception_of_another_language_ends_where_it_did_before) {
  for (int unwinder = 0; unwinder <= 1; ++unwinder) {
    bool returned = false;
    observer_t observer = {throw_foreign, &returned, 0};
    world_t w = open_observed(observed_config(&WAYS[0], WASMRT_OPTION_UNWINDER, (uint64_t)unwinder), &observer);
    look_in(&w, &WAYS[0], &observer);
    CHECK(returned);
    close_world(&w);
  }
}

static void end_thread(void* context) { pthread_exit(context); }

static void* call_on_thread(void* argument) {
  world_t* w = argument;
  call_i32(w, "run", VALS(I32(7)));
  return NULL;
}

TEST(thread_that_a_host_function_ends_has_its_value) {
  for (int unwinder = 0; unwinder <= 1; ++unwinder) {
    // The stores are left in the middle of a call, so nothing of them is deleted.
    static world_t worlds[2];
    static int value;
    void* result = NULL;
    observer_t observer = {end_thread, &value, 0};
    worlds[unwinder] = open_observed(observed_config(&WAYS[0], WASMRT_OPTION_UNWINDER, (uint64_t)unwinder), &observer);
    pthread_t thread = start_thread(0, call_on_thread, &worlds[unwinder]);
    CHECK(!pthread_join(thread, &result) && result == &value);
  }
}

// --- What is forgotten ---

typedef struct {
  void *text, *data, *function;
} bases_t;
extern const void* _Unwind_Find_FDE(void* address, bases_t* bases);

// Two functions of this file, and from the import stub to the entry stub.
enum { BEFORE = 2, KEPT = 5 };
typedef struct {
  int depth;
  void* kept[KEPT];
} addresses_t;

static _Unwind_Reason_Code keep_address(struct _Unwind_Context* context, void* argument) {
  addresses_t* addresses = argument;
  int n = addresses->depth++ - BEFORE;
  if (n >= 0 && n < KEPT) addresses->kept[n] = (void*)_Unwind_GetIP(context);
  return _URC_NO_REASON;
}

static void keep_addresses(void* context) { _Unwind_Backtrace(keep_address, context); }

TEST(code_is_forgotten_when_it_is_freed) {
  for (int i = 0; i < WAY_COUNT; ++i) {
    if (WAYS[i].spins) continue;
    addresses_t addresses = {0};
    bases_t bases;
    observer_t observer = {keep_addresses, &addresses, 0};
    world_t w = open_observed(unwinder_config(&WAYS[i]), &observer);
    look_in(&w, &WAYS[i], &observer);
    for (int n = 0; n < KEPT; ++n) CHECK(_Unwind_Find_FDE(addresses.kept[n], &bases));
    close_world(&w);
    for (int n = 0; n < KEPT; ++n) CHECK(!_Unwind_Find_FDE(addresses.kept[n], &bases));
  }
}

TEST(backtrace_ends_at_guest_code_unless_asked_for) {
  bool seen = true;
  observer_t observer = {look_outside, &seen, 0};
  world_t w = open_observed(observed_config(&WAYS[0], WASMRT_OPTION_UNWINDER, 0), &observer);
  look_from_here(&w, &WAYS[0], &observer);
  CHECK(!seen);
  close_world(&w);
}
