// Hosts with another floating-point mode: guest code computes as specified, the host finds its own mode
// everywhere, and may change it wherever it runs.

#define _GNU_SOURCE
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <ucontext.h>

#include "process.h"
#include "wide.h"

enum { DEFAULT = 0x1f80, FLUSH = 0x8040, FLAGS = 0x3f };
enum { ROUND_DOWN = 0x2000, ROUND_UP = 0x4000, ROUND_TO_ZERO = 0x6000 };
enum { UNMASK_USUAL = 0x80 | 0x200 | 0x400, UNMASK_ALL = 0x1f80 };  // invalid, by zero, overflow

static uint32_t float_state(void) {
  uint32_t state;
  __asm__ volatile("stmxcsr %0" : "=m"(state));
  return state;
}
static uint32_t mode(void) { return float_state() & ~(uint32_t)FLAGS; }
static void set_mode(uint32_t mode) { __asm__ volatile("ldmxcsr %0" : : "m"(mode)); }

// valgrind knows rounding only.
static const uint32_t modes[] = {DEFAULT,
                                 DEFAULT | ROUND_UP,
                                 DEFAULT | ROUND_DOWN,
                                 DEFAULT | ROUND_TO_ZERO,
                                 DEFAULT | FLUSH,
                                 DEFAULT | 0x8000,
                                 DEFAULT | 0x40,
                                 DEFAULT & ~UNMASK_USUAL,
                                 DEFAULT & ~UNMASK_ALL,
                                 (DEFAULT & ~UNMASK_ALL) | FLUSH | ROUND_UP};
static size_t mode_count(void) { return slow() ? 4 : sizeof modes / sizeof *modes; }

// --- What the host does when it is called ---

typedef struct {
  world_t w;
  uint32_t expected;            // mode in which the host must find itself
  void (*inside)(void* setup);  // what it does then
  own wasm_trap_t* trap;
} setup_t;

static setup_t* current;  // for the callback without environment

static void host_runs(setup_t* s) {
  CHECK(mode() == s->expected);
  if (s->inside) s->inside(s);
}

static own wasm_trap_t* trap_of(setup_t* s) {
  own wasm_trap_t* trap = s->trap;
  s->trap = NULL;
  return trap;
}

static own wasm_trap_t* env(void* setup, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  host_runs(setup);
  results->data[0] = I32(1);
  return trap_of(setup);
}

static own wasm_trap_t* plain(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  return env(current, args, results);
}

static double native(void* setup, own wasm_trap_t** trap, double value) {
  host_runs(setup);
  *trap = trap_of(setup);
  return value;
}

static own wasm_trap_t* wide(void* setup, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results,
                             size_t n_results) {
  (void)args;
  CHECK(n_args == 1 && n_results == 1);
  host_runs(setup);
  results[0] = W_I32(1);
  return trap_of(setup);
}

static bool limiter(void* setup, const wasmrt_growth_t* growth) {
  (void)growth;
  host_runs(setup);
  return true;
}

static void open_setup(setup_t* s, uint64_t signals) {
  *s = (setup_t){.expected = mode()};
  current = s;
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, signals && asked("signals=", 1)));
  s->w.engine = wasm_engine_new_with_config(config);
  s->w.store = wasm_store_new(s->w.engine);
  s->w.module = load(s->w.store, "float_modes");
  CHECK(s->w.module);
  wasm_extern_vec_new_empty(&s->w.exports);
  own wasm_functype_t* type = functype_of("i", "i");
  own wasm_functype_t* floats = functype_of("F", "F");
  own wasm_func_t* funcs[] = {wasm_func_new(s->w.store, type, plain),
                              wasm_func_new_with_env(s->w.store, type, env, s, NULL),
                              wasmrt_func_new_native(s->w.store, floats, (wasmrt_native_t)native, s, NULL),
                              wide_func(s->w.store, "v", "i", wide, s),
                              host_func(s->w.store, "r", "i", env, s, NULL)};
  wasm_functype_delete(type);
  wasm_functype_delete(floats);
  instantiate(&s->w, IMPORTS(wasm_func_as_extern(funcs[0]), wasm_func_as_extern(funcs[1]),
                             wasm_func_as_extern(funcs[2]), wasm_func_as_extern(funcs[3]),
                             wasm_func_as_extern(funcs[4])));
  for (int i = 0; i < 5; ++i) wasm_func_delete(funcs[i]);
  wasmrt_store_set_limiter(s->w.store, limiter, s, NULL);
}

enum { FIRST_GROWTH = 5, WAYS = 7 };  // of the module's function `around`

static int32_t around(setup_t* s, int way) { return call_i32(&s->w, "around", VALS(I32(way))); }

// --- The tests, in each mode, with and without signals ---

static void in_each_mode(void (*test)(setup_t* s, uint32_t mode)) {
  for (uint64_t signals = 0; signals < 2; ++signals) {
    for (size_t i = 0; i < mode_count(); ++i) {
      setup_t s;
      open_setup(&s, signals);
      for (int again = 0; again < 2; ++again) {
        set_mode(modes[i]);
        s.expected = modes[i];
        test(&s, modes[i]);
        CHECK(mode() == modes[i]);
        set_mode(DEFAULT);
        s.inside = NULL;
      }
      close_world(&s.w);
    }
  }
}

static void compute(setup_t* s, uint32_t set) {
  CHECK(call_i32(&s->w, "right", NO_VALS) == 1);
  CHECK(mode() == set);
  wasmrt_val_t vector_of_ones = vector(1), result;
  CHECK(!wasmrt_func_call(func_of(&s->w, "vector"), &vector_of_ones, 1, &result, 1) && result.of.i32 == 1);
  CHECK(mode() == set);
  void* context;
  own wasm_trap_t* trap = NULL;
  wasmrt_native_t twice = wasmrt_func_native(func_of(&s->w, "twice"), &context);
  double denormal, sum;
  memcpy(&denormal, &(uint64_t){1}, 8);
  sum = ((double (*)(void*, wasm_trap_t**, double))twice)(context, &trap, denormal);
  CHECK(!trap && memcmp(&sum, &(uint64_t){2}, 8) == 0);
}

TEST(wasm_computes_as_specified_in_any_mode_of_the_host) { in_each_mode(compute); }

static void ask(setup_t* s, uint32_t set) {
  for (int way = 0; way < WAYS; ++way) {
    CHECK(around(s, way) == 1);
    CHECK(mode() == set);
  }
}

TEST(host_functions_and_limiters_run_in_the_mode_of_the_host) { in_each_mode(ask); }

static void change(void* setup) {
  setup_t* s = setup;
  uint32_t next = mode() ^ ROUND_UP;
  set_mode(next | (float_state() & FLAGS));
  s->expected = next;
}

static void change_inside(setup_t* s, uint32_t set) {
  s->inside = change;
  for (int way = 0; way < WAYS; ++way) {
    CHECK(around(s, way) == 1);
    CHECK(mode() == s->expected);
  }
  CHECK(mode() == (set ^ ROUND_UP));
  CHECK(around(s, 1) == 1);
  CHECK(mode() == set);
}

TEST(what_a_host_function_changes_stays_changed) { in_each_mode(change_inside); }

static void nested_call(void* setup) {
  setup_t* s = setup;
  s->inside = NULL;
  CHECK(around(s, 1) == 1);
  CHECK(says(call_trap(func_of(&s->w, "divide"), VALS(I32(0))), "integer divide by zero"));
  s->inside = nested_call;
  CHECK(mode() == s->expected);
}

static void nest(setup_t* s, uint32_t set) {
  (void)set;
  s->inside = nested_call;
  for (int way = 0; way < WAYS; ++way) CHECK(around(s, way) == 1);
}

TEST(calls_from_host_functions_nest_in_any_mode) { in_each_mode(nest); }

static void prepare_trap(void* setup) {
  setup_t* s = setup;
  change(s);
  s->trap = trap_saying(s->w.store, "no");
}

static void trap(setup_t* s, uint32_t set) {
  CHECK(says(call_trap(func_of(&s->w, "divide"), VALS(I32(0))), "integer divide by zero"));
  CHECK(mode() == set);
  s->inside = prepare_trap;
  for (int way = 0; way < FIRST_GROWTH; ++way) {
    CHECK(says(call_trap(func_of(&s->w, "around"), VALS(I32(way))), "no"));
    CHECK(mode() == s->expected);
  }
  set_mode(set);
}

TEST(traps_leave_the_host_in_its_mode) { in_each_mode(trap); }

static void start(setup_t* s, uint32_t set) {
  own wasm_trap_t* trap = NULL;
  own wasm_func_t* import = NULL;
  own wasm_functype_t* type = functype_of("F", "F");
  own wasm_func_t* native_import = wasmrt_func_new_native(s->w.store, type, (wasmrt_native_t)native, s, NULL);
  wasm_functype_delete(type);
  import = host_func(s->w.store, "i", "i", env, s, NULL);
  own wasm_func_t* vector_import = wide_func(s->w.store, "v", "i", wide, s);
  own wasm_func_t* ref = host_func(s->w.store, "r", "i", env, s, NULL);
  own wasm_module_t* module = load(s->w.store, "float_modes");
  own wasm_instance_t* instance =
      wasm_instance_new(s->w.store, module,
                        &IMPORTS(wasm_func_as_extern(import), wasm_func_as_extern(import),
                                 wasm_func_as_extern(native_import), wasm_func_as_extern(vector_import),
                                 wasm_func_as_extern(ref)),
                        &trap);
  CHECK(instance && mode() == set);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_val_t at_start, constants;
  wasm_global_get(wasm_extern_as_global(exports.data[0]), &at_start);
  CHECK(at_start.of.i32 == 1);
  CHECK(!wasm_func_call(wasm_extern_as_func(exports.data[2]), &NO_VALS, &(wasm_val_vec_t){1, &constants}));
  CHECK(constants.of.i32 == 1);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_func_delete(import);
  wasm_func_delete(native_import);
  wasm_func_delete(vector_import);
  wasm_func_delete(ref);
}

TEST(modules_are_compiled_and_started_alike_in_any_mode) { in_each_mode(start); }

TEST(flags_of_the_host_are_kept_and_those_of_wasm_added) {
  setup_t s;
  open_setup(&s, 1);
  for (size_t i = 0; i < mode_count() && !slow(); ++i) {
    set_mode(modes[i] | 0x08);  // overflow
    CHECK(call_i32(&s.w, "right", NO_VALS) == 1);
    CHECK((float_state() & 0x0d) == 0x0d);  // and invalid, and by zero
    set_mode(DEFAULT);
  }
  close_world(&s.w);
}

// --- Fibers: each in a mode of its own, suspended in host functions ---

static ucontext_t fiber, home;

static void suspend(void* setup) {
  setup_t* s = setup;
  uint32_t mine = s->expected;
  CHECK(!swapcontext(&fiber, &home));
  // Switching fibers may leave the register as it was on the other one.
  set_mode(mine);
  s->expected = mine;
}

static uint32_t fiber_mode;
static setup_t* fiber_setup;

static void on_fiber(void) {
  set_mode(fiber_mode);
  fiber_setup->expected = fiber_mode;
  fiber_setup->inside = suspend;
  for (int way = 0; way < WAYS; ++way) CHECK(around(fiber_setup, way) == 1);
  CHECK(mode() == fiber_mode);
}

TEST(fibers_have_modes_of_their_own) {
  if (slow()) SKIP("valgrind cannot follow fibers");
  static char stack[1 << 18];
  for (uint64_t signals = 0; signals < 2; ++signals) {
    for (size_t i = 0; i < mode_count() * mode_count(); ++i) {
      setup_t s;
      open_setup(&s, signals);
      fiber_setup = &s;
      fiber_mode = modes[i / mode_count()];
      const uint32_t mine = modes[i % mode_count()];
      CHECK(!getcontext(&fiber));
      fiber.uc_stack.ss_sp = stack;
      fiber.uc_stack.ss_size = sizeof stack;
      fiber.uc_link = &home;
      makecontext(&fiber, on_fiber, 0);
      for (int switches = 0; switches <= WAYS; ++switches) {
        wasmrt_store_set_stack(s.w.store, stack, sizeof stack);
        CHECK(!swapcontext(&home, &fiber));
        wasmrt_store_set_stack(s.w.store, NULL, 0);
        set_mode(mine);
        s.expected = mine;
        s.inside = NULL;
        CHECK(around(&s, switches % FIRST_GROWTH) == 1);
        CHECK(mode() == mine);
        s.inside = suspend;
      }
      set_mode(DEFAULT);
      close_world(&s.w);
    }
  }
}

// --- Threads ---

static void* compute_on_thread(void* setup) {
  setup_t* s = setup;
  CHECK(mode() == (DEFAULT | FLUSH));  // inherited
  compute(s, mode());
  ask(s, mode());
  return NULL;
}

TEST(threads_inherit_the_mode_of_the_host_and_wasm_does_not_care) {
  if (slow()) SKIP("valgrind knows rounding only");
  setup_t s;
  open_setup(&s, 1);
  set_mode(DEFAULT | FLUSH);
  s.expected = DEFAULT | FLUSH;
  run_on_thread(0, compute_on_thread, &s);
  CHECK(mode() == (DEFAULT | FLUSH));
  set_mode(DEFAULT);
  close_world(&s.w);
}
