// Native signatures beside arrays of values, both ways, in one library: each batch calls with wasm_val_t and
// then natively, and the quotient of the two is a line of its own. Libraries without these functions fail here.
// A stub between host and wasm is a function that calls another, so no native call can be faster than that in C,
// which is timed beside them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exported.h"

typedef int32_t add_t(void *context, wasm_trap_t **trap, int32_t, int32_t);
typedef double mix_t(void *context, wasm_trap_t **trap, int64_t, double, int32_t, float);

struct native {
  const struct bench_case *c;
  struct program program;
  struct running values, native;  // two instances; for calls into wasm the same functions
};

static int32_t host_add(void *counts, wasm_trap_t **trap, int32_t a, int32_t b) {
  (void)trap;
  ((struct host_counts *)counts)->calls++;
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

static double host_mix(void *counts, wasm_trap_t **trap, int64_t a, double b, int32_t c, float d) {
  (void)trap;
  ((struct host_counts *)counts)->calls++;
  return (double)a + b + c + (double)d;
}

static wasmrt_native_t native_named(const wasm_name_t *name) {
  if (name->size == 3 && memcmp(name->data, "add", 3) == 0) return (wasmrt_native_t)host_add;
  if (name->size == 3 && memcmp(name->data, "mix", 3) == 0) return (wasmrt_native_t)host_mix;
  return NULL;
}

// As running_start, with native functions for the imports that have one here.
static bool start_native(struct running *r, const struct program *p, char *why) {
  const struct api *api = p->api;
  *r = (struct running){.counts = calloc(1, sizeof *r->counts)};
  if (!r->counts || !make_imports(api, p->store, p->module, r->counts, &r->imports, why)) return false;
  wasm_importtype_vec_t types = {0, NULL};
  api->module_imports(p->module, &types);
  for (size_t i = 0; i < types.size; i++) {
    wasmrt_native_t code = native_named(api->importtype_name(types.data[i]));
    if (!code) continue;
    const wasm_functype_t *type = api->externtype_as_functype_const(api->importtype_type(types.data[i]));
    wasm_func_t *func = api->func_new_native(p->store, type, code, r->counts, NULL);
    if (!func) continue;
    api->extern_delete(r->imports.data[i]);
    r->imports.data[i] = api->func_as_extern(func);
  }
  api->importtype_vec_delete(&types);
  r->instance = api->instance_new(p->store, p->module, &r->imports, NULL);
  if (r->instance) api->instance_exports(r->instance, &r->exports);
  else snprintf(why, WHY_SIZE, "wasm_instance_new returned NULL");
  return r->instance != NULL;
}

static void teardown(void *state) {
  struct native *n = state;
  running_stop(&n->values, &n->program);
  running_stop(&n->native, &n->program);
  program_close(&n->program);
  free(n);
}

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  if (!api->func_native || !api->func_new_native) {
    snprintf(why, WHY_SIZE, "has no native signatures");
    return NULL;
  }
  struct native *n = calloc(1, sizeof *n);
  if (!n) return NULL;
  n->c = c;
  if (!program_open(&n->program, api, c->module, why)) {
    free(n);
    return NULL;
  }
  if (running_start(&n->values, &n->program, why) && start_native(&n->native, &n->program, why)) return n;
  teardown(n);
  return NULL;
}

static void set_parts(const struct native *n, uint64_t iterations, uint64_t values, uint64_t native,
                      struct sample *sample) {
  double operations = (double)iterations * (double)n->c->operations;
  sample->ns = values + native;
  sample->parts[0] = (double)values / operations;
  sample->parts[1] = (double)native / operations;
  sample->parts[2] = (double)native / (double)values;
}

// One timed loop of wasm_func_call.
static uint64_t call_values(const struct native *n, const struct running *r, uint64_t iterations,
                            struct sample *sample) {
  const struct api *api = n->program.api;
  const wasm_func_t *func = find_func(&n->program, r, n->c->export_name);
  wasm_val_t arguments[MAX_ARGS], result = {.kind = WASM_I32, .of = {.i64 = 0}};
  memcpy(arguments, n->c->args, sizeof arguments);
  wasm_val_vec_t args = {n->c->arg_count, arguments}, results = {1, &result};
  bool trapped = !func;
  uint64_t start = batch_ns();
  for (uint64_t i = 0; i < iterations && !trapped; i++) trapped = api->func_call(func, &args, &results) != NULL;
  uint64_t took = batch_ns() - start;
  if (trapped || result.of.i32 != n->c->expected.of.i32) fail(sample, "wrong answer with wasm_val_t");
  return took;
}

static void run_add(void *state, uint64_t iterations, struct sample *sample) {
  struct native *n = state;
  uint64_t values = call_values(n, &n->values, iterations, sample);
  void *context;
  wasm_trap_t *trap = NULL;
  int32_t sum = 0;
  add_t *add = (add_t *)n->program.api->func_native(find_func(&n->program, &n->values, "add"), &context);
  uint64_t start = batch_ns();
  for (uint64_t i = 0; i < iterations && !trap; i++) sum += add(context, &trap, 40, 2);
  uint64_t took = batch_ns() - start;
  if (trap || sum != (int32_t)(42 * (uint32_t)iterations)) fail(sample, "wrong answer of the native call");
  set_parts(n, iterations, values, took, sample);
}

static void run_mix(void *state, uint64_t iterations, struct sample *sample) {
  struct native *n = state;
  uint64_t values = call_values(n, &n->values, iterations, sample);
  void *context;
  wasm_trap_t *trap = NULL;
  double last = 0;
  mix_t *mix = (mix_t *)n->program.api->func_native(find_func(&n->program, &n->values, "mix"), &context);
  uint64_t start = batch_ns();
  for (uint64_t i = 0; i < iterations && !trap; i++) last = mix(context, &trap, 1, 2.5, 3, 0.25f);
  uint64_t took = batch_ns() - start;
  if (trap || last != 6.75) fail(sample, "wrong answer of the native call");
  set_parts(n, iterations, values, took, sample);
}

static int32_t inner(void *unused, int32_t a, int32_t b) {
  (void)unused;
  return (int32_t)((uint32_t)a + (uint32_t)b);
}
static int32_t (*volatile inner_pointer)(void *, int32_t, int32_t) = inner;

static int32_t outer(void *inner_at, wasm_trap_t **trap, int32_t a, int32_t b) {
  (void)trap;
  int32_t sum = (*(int32_t (*volatile *)(void *, int32_t, int32_t))inner_at)(inner_at, a, b);
  __asm__ volatile("");  // the call is no jump
  return sum;
}
static add_t *volatile outer_pointer = outer;

static void *setup_plain(const struct api *api, const struct bench_case *c, char *why) {
  (void)api, (void)c, (void)why;
  return (void *)&inner_pointer;
}

static void teardown_plain(void *state) { (void)state; }

static void run_plain(void *state, uint64_t iterations, struct sample *sample) {
  wasm_trap_t *trap = NULL;
  int32_t sum = 0;
  add_t *add = outer_pointer;
  uint64_t start = batch_ns();
  for (uint64_t i = 0; i < iterations && !trap; i++) sum += add(state, &trap, 40, 2);
  sample->ns = batch_ns() - start;
  sample->parts[0] = (double)sample->ns / (double)iterations;
  if (sum != (int32_t)(42 * (uint32_t)iterations)) fail(sample, "wrong answer of the C function");
}

static void run_callback(void *state, uint64_t iterations, struct sample *sample) {
  struct native *n = state;
  uint64_t before = n->native.counts->calls;
  uint64_t values = call_values(n, &n->values, iterations, sample);
  uint64_t native = call_values(n, &n->native, iterations, sample);
  if (n->native.counts->calls - before != iterations * n->c->operations) fail(sample, "not every call arrived");
  set_parts(n, iterations, values, native, sample);
}

static const struct case_kind add_kind = {.setup = setup, .run = run_add, .teardown = teardown};
static const struct case_kind mix_kind = {.setup = setup, .run = run_mix, .teardown = teardown};
static const struct case_kind plain_kind = {.setup = setup_plain, .run = run_plain, .teardown = teardown_plain};
static const struct case_kind callback_kind = {.setup = setup, .run = run_callback, .teardown = teardown};

void add_native_cases(struct case_list *list, const struct options *options) {
  enum { N = 10000 };
  static const struct part parts[] = {{"with wasm_val_t", "ns", 0}, {"native", "ns", 0}, {"native / wasm_val_t", "", 0}};
  const char *call = path_in(options->modules, "call"), *callback = path_in(options->modules, "callback");
  const struct bench_case cases[] = {
      {.name = "to wasm, (i32, i32) -> i32", .kind = &add_kind, .module = call, .export_name = "add",
       .arg_count = 2, .args = {I32(40), I32(2)}, .expected = I32(42)},
      {.name = "to wasm, (i64, f64, i32, f32) -> f64", .kind = &mix_kind, .module = call, .export_name = "mix",
       .arg_count = 4, .args = {I64(1), F64(2.5), I32(3), F32(0.25f)}, .expected = F64(6.75)},
      {.name = "to the host, (i32, i32) -> i32", .kind = &callback_kind, .module = callback, .export_name = "add",
       .operations = N, .arg_count = 1, .args = {I32(N)}, .expected = I32(49995000)},
      {.name = "to the host, (i64, f64, i32, f32) -> f64", .kind = &callback_kind, .module = callback,
       .export_name = "mix", .operations = N, .arg_count = 1, .args = {I32(N)}, .expected = I32(50010000)},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct bench_case c = cases[i];
    c.group = "native";
    c.parts = parts;
    c.part_count = 3;
    case_add(list, c);
  }
  static const struct part plain[] = {{"each", "ns", 0}};
  case_add(list, (struct bench_case){.group = "native", .name = "a C function that calls another",
                                     .kind = &plain_kind, .parts = plain, .part_count = 1});
}
