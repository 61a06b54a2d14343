// Fuel: guest code consumes units, the same ones each time, and stops when none are left.

#define _GNU_SOURCE
#include "endless.h"
#include "process.h"

static const uint64_t PLENTY = 1ull << 60;

typedef struct {
  world_t w;
  own wasm_func_t* visit;
  uint64_t seen;   // the fuel that the host function found
  uint64_t gives;  // the fuel that it sets, if not 0
} fueled_t;

static own wasm_trap_t* visit(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  fueled_t* f = env;
  CHECK(wasmrt_store_fuel(f->w.store, &f->seen));
  if (f->gives) CHECK(wasmrt_store_set_fuel(f->w.store, f->gives));
  results->data[0] = args->data[0];
  return NULL;
}

static void open_fueled_with(fueled_t* f, own wasm_config_t* config) {
  memset(f, 0, sizeof *f);
  f->w.engine = wasm_engine_new_with_config(config);
  f->w.store = wasm_store_new(f->w.engine);
  CHECK(wasmrt_store_set_fuel(f->w.store, PLENTY));
  f->w.module = load(f->w.store, "fuel");
  CHECK(f->w.module);
  f->visit = host_func(f->w.store, "i", "i", visit, f, NULL);
  instantiate(&f->w, IMPORTS(wasm_func_as_extern(f->visit)));
}

static void open_fueled(fueled_t* f) { open_fueled_with(f, test_config()); }

static void close_fueled(fueled_t* f) {
  wasm_func_delete(f->visit);
  close_world(&f->w);
}

static uint64_t left(const wasm_store_t* store) {
  uint64_t units;
  CHECK(wasmrt_store_fuel(store, &units));
  return units;
}

// How much a call consumes, whether it traps or not.
static uint64_t consumed(const fueled_t* f, const char* name, int32_t n) {
  CHECK(wasmrt_store_set_fuel(f->w.store, PLENTY));
  wasm_val_t result[1] = {WASM_INIT_VAL};
  const wasm_func_t* func = func_of(&f->w, name);
  wasm_val_vec_t args = VALS(I32(n)), results = {wasm_func_result_arity(func), result};
  wasm_trap_delete(wasm_func_call(func, &args, &results));
  return PLENTY - left(f->w.store);
}

TEST(code_of_every_shape_stops_when_the_fuel_is_gone) {
  endless_t e;
  open_endless(&e);
  CHECK(wasmrt_store_set_fuel(e.w.store, 0));
  start_endless(&e);
  static const uint64_t amounts[] = {0, 1, 10, 1000, 50000, 1000000};
  for (int i = 0; i < ENDLESS; ++i)
    for (size_t k = 0; k < sizeof amounts / sizeof *amounts; ++k) {
      CHECK(wasmrt_store_set_fuel(e.w.store, amounts[k]));
      CHECK(says(call_trap(func_of(&e.w, endless[i]), NO_VALS), "all fuel consumed"));
      CHECK(left(e.w.store) == 0);
    }
  CHECK(says(call_trap(func_of(&e.w, "short"), NO_VALS), "all fuel consumed"));
  CHECK(wasmrt_store_set_fuel(e.w.store, 100));
  CHECK(call_i32(&e.w, "short", NO_VALS) == 42);
  CHECK(left(e.w.store) < 100 && left(e.w.store) > 0);
  close_endless(&e);
}

TEST(endless_start_function_stops_when_the_fuel_is_gone) {
  world_t w;
  open_store(&w, "endless_start");
  CHECK(wasmrt_store_set_fuel(w.store, 100000));
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w.store, w.module, &NO_IMPORTS, &trap));
  CHECK(says(trap, "all fuel consumed") && left(w.store) == 0);
  close_world(&w);
}

// --- How much ---

static const struct {
  const char* name;
  int32_t n;
} works[] = {
    {"leaf", 1},       {"sum", 1},      {"sum", 100000},       {"branches", 5000}, {"fib", 15},
    {"tail", 100000},  {"indirect", 1}, {"indirect", 70000},   {"visits", 1000},   {"fill", 100000},
    {"copy", 100000},  {"fill", 0},     {"table_fill", 10},    {"divides", 10},    {"divides", 60000},
    {"unreachable", 5}, {"reads_beyond", 0}, {"calls_null", 1000}, {"fill", 1000000}, {"mix", 10000},
};
enum { WORKS = sizeof works / sizeof *works };

TEST(same_work_consumes_the_same_each_time_in_every_mode) {
  uint64_t expected[WORKS];
  for (unsigned mode = 0; mode < 8; ++mode) {
    if (slow() && mode != 5 && mode != 7) continue;
    own wasm_config_t* config = wasm_config_new();
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, mode & 4 ? 0 : 2));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, mode & 1 ? WASMRT_BOUNDS_EXPLICIT : WASMRT_BOUNDS_AUTO));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, mode & 2 || slow() ? 0 : 1));
    fueled_t f;
    open_fueled_with(&f, config);
    bool first = mode == 0 || (slow() && mode == 5);
    for (int i = 0; i < WORKS; ++i) {
      uint64_t units = consumed(&f, works[i].name, works[i].n);
      CHECK(units > 0 && units == consumed(&f, works[i].name, works[i].n));
      if (first) expected[i] = units;
      if (units != expected[i]) fprintf(stderr, "%s in mode %u\n", works[i].name, mode);
      CHECK(units == expected[i]);
    }
    close_fueled(&f);
  }
}

TEST(each_iteration_consumes_the_same) {
  fueled_t f;
  open_fueled(&f);
  const char* const linear[] = {"sum", "tail", "visits", "mix", "divides", "indirect"};
  for (int i = 0; i < 6; ++i) {
    uint64_t a = consumed(&f, linear[i], 1000), b = consumed(&f, linear[i], 2000), c = consumed(&f, linear[i], 3000);
    CHECK(a >= 1000 && b > a && c - b == b - a);
  }
  // About one unit for an instruction: the loop of `sum` has twelve.
  uint64_t thousand = consumed(&f, "sum", 2000) - consumed(&f, "sum", 1000);
  CHECK(thousand >= 8000 && thousand <= 16000);
  close_fueled(&f);
}

TEST(bulk_instructions_pay_by_length) {
  fueled_t f;
  open_fueled(&f);
  CHECK(consumed(&f, "fill", 200000) > consumed(&f, "fill", 0) + 1000);
  CHECK(consumed(&f, "copy", 200000) > consumed(&f, "copy", 0) + 1000);
  CHECK(consumed(&f, "table_fill", 10) > consumed(&f, "table_fill", 0));
  close_fueled(&f);
}

static bool refuse(void* env, const wasmrt_growth_t* growth) {
  (void)env, (void)growth;
  return false;
}

TEST(table_that_may_not_grow_gives_minus_one_for_next_to_no_fuel) {
  fueled_t f;
  open_fueled(&f);
  // Beyond its maximum, beyond the store's limit, and against the limiter's decision.
  for (int refusal = 0; refusal < 3; ++refusal) {
    wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
    if (refusal == 1) limits.elements = 20;
    wasmrt_store_set_limits(f.w.store, &limits);
    wasmrt_store_set_limiter(f.w.store, refusal == 2 ? refuse : NULL, NULL, NULL);
    CHECK(wasmrt_store_set_fuel(f.w.store, 30));
    CHECK(call_i32(&f.w, "table_grow", VALS(I32(refusal == 0 ? 1000000 : 40))) == -1);
    CHECK(left(f.w.store) > 20);
  }
  wasmrt_store_set_limiter(f.w.store, NULL, NULL, NULL);
  // Allowed growth is paid for before it happens.
  CHECK(wasmrt_store_set_fuel(f.w.store, 30));
  CHECK(says(call_trap(func_of(&f.w, "table_grow"), VALS(I32(40))), "all fuel consumed"));
  CHECK(wasm_table_size(wasm_extern_as_table(export_of(&f.w, "table"))) == 16);
  CHECK(consumed(&f, "table_grow", 40) >= 40);
  CHECK(wasm_table_size(wasm_extern_as_table(export_of(&f.w, "table"))) == 56);
  close_fueled(&f);
}

TEST(exactly_enough_is_enough_and_one_less_is_not) {
  fueled_t f;
  open_fueled(&f);
  for (int i = 0; i < WORKS; ++i) {
    CHECK(wasmrt_store_set_fuel(f.w.store, PLENTY));
    const wasm_func_t* func = func_of(&f.w, works[i].name);
    wasm_val_t result[1] = {WASM_INIT_VAL};
    wasm_val_vec_t args = VALS(I32(works[i].n)), results = {1, result};
    own wasm_trap_t* trap = wasm_func_call(func, &args, &results);
    bool traps = trap != NULL;
    CHECK(!traps || !says(trap, "all fuel consumed"));
    uint64_t units = PLENTY - left(f.w.store);
    CHECK(wasmrt_store_set_fuel(f.w.store, units));
    trap = wasm_func_call(func, &args, &results);
    CHECK(traps == (trap != NULL));
    CHECK(!traps || !says(trap, "all fuel consumed"));
    CHECK(left(f.w.store) == 0);
    if (strcmp(works[i].name, "leaf") != 0 && strcmp(works[i].name, "sum") != 0) continue;
    CHECK(wasmrt_store_set_fuel(f.w.store, units - 1));
    CHECK(says(wasm_func_call(func, &args, &results), "all fuel consumed"));
    CHECK(left(f.w.store) == 0);
  }
  close_fueled(&f);
}

TEST(results_are_right_wherever_the_fuel_is_looked_after) {
  fueled_t f;
  open_fueled(&f);
  int32_t n = slow() ? 20000 : 1000000;
  // Values in all registers survive: 18 of them, which grow by one at each step, and 20 in a loop.
  wasm_val_t result = call(func_of(&f.w, "mix"), VALS(I32(n)));
  CHECK(result.kind == WASM_F64 && result.of.f64 == 17.0 * 18 / 2 + 17.0 * n);
  result = call(func_of(&f.w, "mix_loop"), VALS(I32(n)));
  CHECK(result.kind == WASM_F64 && result.of.f64 == n * (14.0 * 15 / 2 + 21.0));
  CHECK(call_i32(&f.w, "fib", VALS(I32(slow() ? 12 : 24))) == (slow() ? 144 : 46368));
  close_fueled(&f);
}

// --- Host functions ---

TEST(host_function_reads_the_fuel_of_its_caller) {
  fueled_t f;
  open_fueled(&f);
  uint64_t before = left(f.w.store);
  CHECK(call_i32(&f.w, "visits", VALS(I32(1))) == 1);
  CHECK(f.seen < before && left(f.w.store) <= f.seen);
  uint64_t first = before - f.seen;
  CHECK(wasmrt_store_set_fuel(f.w.store, before));
  CHECK(call_i32(&f.w, "visits", VALS(I32(3))) == 6);
  CHECK(f.seen < before - first);
  close_fueled(&f);
}

TEST(host_function_sets_the_fuel_of_its_caller) {
  fueled_t f;
  open_fueled(&f);
  f.gives = 1;
  CHECK(says(call_trap(func_of(&f.w, "visits"), VALS(I32(1000000))), "all fuel consumed"));
  // Each visit adds more than the next iteration needs: the call ends with the rest of the last addition.
  f.gives = 100;
  CHECK(wasmrt_store_set_fuel(f.w.store, 100));
  CHECK(call_i32(&f.w, "visits", VALS(I32(1000))) == 500500);
  CHECK(left(f.w.store) <= 100);
  f.gives = PLENTY;
  CHECK(call_i32(&f.w, "visits", VALS(I32(10))) == 55);
  CHECK(left(f.w.store) > PLENTY / 2);
  close_fueled(&f);
}

static own wasm_trap_t* call_sum(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  fueled_t* f = env;
  uint64_t before = left(f->w.store);
  results->data[0] = I32(call_i32(&f->w, "sum", VALS(I32(1000))));
  f->seen = before - left(f->w.store);
  return NULL;
}

TEST(calls_from_host_functions_consume_the_same_fuel) {
  fueled_t f;
  open_fueled(&f);
  uint64_t sum = consumed(&f, "sum", 1000), visits = consumed(&f, "visits", 1);
  own wasm_func_t* other = host_func(f.w.store, "i", "i", call_sum, &f, NULL);
  own wasm_instance_t* instance = wasm_instance_new(f.w.store, f.w.module, &IMPORTS(wasm_func_as_extern(other)), NULL);
  CHECK(instance);
  wasm_instance_delete(f.w.instance);
  wasm_extern_vec_delete(&f.w.exports);
  f.w.instance = instance;
  wasm_instance_exports(instance, &f.w.exports);
  CHECK(consumed(&f, "visits", 1) == visits + sum);
  CHECK(f.seen == sum);
  wasm_func_delete(other);
  close_fueled(&f);
}

TEST(trap_code_tells_what_stopped_the_call) {
  endless_t e;
  open_endless(&e);
  CHECK(wasmrt_store_set_fuel(e.w.store, 1000));
  start_endless(&e);
  own wasm_trap_t* trap = call_trap(func_of(&e.w, "loop"), NO_VALS);
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_OUT_OF_FUEL);
  wasm_trap_delete(trap);
  CHECK(wasmrt_store_set_deadline(e.w.store, 1));
  trap = call_trap(func_of(&e.w, "loop"), NO_VALS);
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_DEADLINE);
  wasm_trap_delete(trap);
  close_endless(&e);
}

TEST(native_calls_consume_the_same_as_others) {
  fueled_t f;
  open_fueled(&f);
  void* context;
  int32_t (*sum)(void*, own wasm_trap_t**, int32_t) =
      (int32_t(*)(void*, wasm_trap_t**, int32_t))wasmrt_func_native(func_of(&f.w, "sum"), &context);
  CHECK(sum);
  uint64_t units = consumed(&f, "sum", 1000);
  CHECK(wasmrt_store_set_fuel(f.w.store, PLENTY));
  own wasm_trap_t* trap = NULL;
  CHECK(sum(context, &trap, 1000) == 499500 && !trap);
  CHECK(PLENTY - left(f.w.store) == units);
  CHECK(wasmrt_store_set_fuel(f.w.store, units / 2));
  sum(context, &trap, 1000);
  CHECK(says(trap, "all fuel consumed"));
  close_fueled(&f);
}

// --- Stores ---

TEST(serialized_code_consumes_the_same) {
  fueled_t f;
  open_fueled(&f);
  uint64_t fib = consumed(&f, "fib", 10), visits = consumed(&f, "visits", 10);
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(f.w.module, &bytes);
  CHECK(bytes.size);
  wasm_extern_vec_delete(&f.w.exports);
  wasm_instance_delete(f.w.instance);
  wasm_module_delete(f.w.module);
  f.w.module = wasm_module_deserialize(f.w.store, &bytes);
  CHECK(f.w.module);
  wasm_byte_vec_delete(&bytes);
  instantiate(&f.w, IMPORTS(wasm_func_as_extern(f.visit)));
  CHECK(consumed(&f, "fib", 10) == fib && consumed(&f, "visits", 10) == visits);
  // Code for stores without fuel is made when one needs it.
  own wasm_store_t* store = wasm_store_new(f.w.engine);
  own wasm_func_t* host = host_func(store, "i", "i", visit, &f, NULL);
  world_t plain = {.store = store, .module = f.w.module};
  instantiate(&plain, IMPORTS(wasm_func_as_extern(host)));
  CHECK(call_i32(&plain, "fib", VALS(I32(10))) == 55);
  wasm_extern_vec_delete(&plain.exports);
  wasm_instance_delete(plain.instance);
  wasm_func_delete(host);
  wasm_store_delete(store);
  close_fueled(&f);
}

TEST(all_instances_of_a_store_consume_its_fuel) {
  fueled_t f;
  open_fueled(&f);
  world_t second = {.store = f.w.store, .module = f.w.module};
  instantiate(&second, IMPORTS(wasm_func_as_extern(f.visit)));
  CHECK(wasmrt_store_set_fuel(f.w.store, PLENTY));
  CHECK(call_i32(&f.w, "fib", VALS(I32(10))) == 55);
  uint64_t once = PLENTY - left(f.w.store);
  CHECK(call_i32(&second, "fib", VALS(I32(10))) == 55);
  CHECK(PLENTY - left(f.w.store) == 2 * once);
  wasm_extern_vec_delete(&second.exports);
  wasm_instance_delete(second.instance);
  close_fueled(&f);
}

TEST(store_that_shares_the_module_and_asks_for_nothing_goes_on_for_ever) {
  fueled_t f;
  open_fueled(&f);
  own wasm_store_t* store = wasm_store_new(f.w.engine);
  own wasm_func_t* host = host_func(store, "i", "i", visit, &f, NULL);
  world_t plain = {.store = store, .module = f.w.module};
  instantiate(&plain, IMPORTS(wasm_func_as_extern(host)));
  CHECK(wasmrt_store_set_fuel(f.w.store, 0));
  CHECK(call_i32(&plain, "sum", VALS(I32(100000))) == 704982704);
  CHECK(says(call_trap(func_of(&f.w, "sum"), VALS(I32(1))), "all fuel consumed"));
  uint64_t units = 1;
  forget_error();
  CHECK(!wasmrt_store_fuel(store, &units) && units == 0);
  CHECK(error_says("never called"));
  CHECK(!wasmrt_store_set_fuel(store, 5));
  CHECK(error_says("before the first"));
  wasm_extern_vec_delete(&plain.exports);
  wasm_instance_delete(plain.instance);
  wasm_func_delete(host);
  wasm_store_delete(store);
  close_fueled(&f);
}

TEST(store_with_a_deadline_has_fuel_without_end_until_it_is_set) {
  world_t w;
  open_store(&w, "endless_free");
  CHECK(wasmrt_store_set_deadline(w.store, 3600000000000));
  uint64_t units = 1;
  CHECK(!wasmrt_store_fuel(w.store, &units) && units == 0);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", VALS(I32(1000000))) == 1000000);
  CHECK(wasmrt_store_set_fuel(w.store, 1000));
  CHECK(says(call_trap(func_of(&w, "loop"), NO_VALS), "all fuel consumed"));
  CHECK(wasmrt_store_set_fuel(w.store, UINT64_MAX));
  CHECK(call_i32(&w, "count", VALS(I32(1000000))) == 1000000);
  close_world(&w);
}

TEST(interrupts_stop_code_that_has_fuel) {
  world_t w;
  open_store(&w, "endless_free");
  CHECK(wasmrt_store_set_fuel(w.store, UINT64_MAX));
  instantiate(&w, NO_IMPORTS);
  own wasmrt_interrupt_t* interrupt = wasmrt_interrupt_new(w.store);
  CHECK(interrupt);
  wasmrt_interrupt_fire(interrupt);
  CHECK(says(call_trap(func_of(&w, "loop"), NO_VALS), "interrupted"));
  CHECK(left(w.store) == UINT64_MAX);
  CHECK(wasmrt_store_set_deadline(w.store, 1000000));
  CHECK(says(call_trap(func_of(&w, "loop"), NO_VALS), "deadline"));
  CHECK(left(w.store) < UINT64_MAX && left(w.store) > UINT64_MAX / 2);
  wasmrt_interrupt_delete(interrupt);
  close_world(&w);
}

TEST(table_for_which_there_is_no_memory_does_not_grow_and_costs_next_to_nothing) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs all of the address space");
#endif
  if (slow()) SKIP("valgrind needs address space of its own");
  enum { MORE = 9000000 };
  pid_t child = start_child();
  if (!child) {
    fueled_t f;
    open_fueled(&f);
    CHECK(call_i32(&f.w, "boundless_grow", VALS(I32(1))) == 1);
    uint64_t before = left(f.w.store);
    limit_address_space(address_space_now() + (16 << 20));
    CHECK(call_i32(&f.w, "boundless_grow", VALS(I32(MORE))) == -1);
    CHECK(before - left(f.w.store) < 100);
    limit_address_space(RLIM_INFINITY);
    before = left(f.w.store);
    CHECK(call_i32(&f.w, "boundless_grow", VALS(I32(MORE))) == 2);
    CHECK(before - left(f.w.store) > MORE / 100);
    close_fueled(&f);
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
}

TEST(wrong_arguments_leave_the_fuel_alone) {
  forget_error();
  CHECK(!wasmrt_store_set_fuel(NULL, 1));
  CHECK(has_error());
  uint64_t units = 5;
  CHECK(!wasmrt_store_fuel(NULL, &units) && units == 0);
  CHECK(has_error());
  CHECK(!wasmrt_store_fuel(NULL, NULL));
  forget_error();
  fueled_t f;
  open_fueled(&f);
  CHECK(wasmrt_store_fuel(f.w.store, NULL));
  CHECK(left(f.w.store) == PLENTY);
  close_fueled(&f);
}
