// What an instance costs that is deleted soon. Two kinds: instances one after the
// other in the same store, and the whole cycle from wasm_store_new to
// wasm_store_delete with the instance's memory written to in between. Instances that
// stay are in instance_alive.c.
//
// A library may keep the memory of dead instances until their store goes, and may
// limit how many a store holds; so the first kind takes a fresh store after every
// thousand, outside of the time.
#include <stdio.h>
#include <stdlib.h>

#include "exported.h"

enum { PER_STORE = 1000 };

struct instances {
  const struct bench_case *c;
  const struct api *api;
  struct program program;
};

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  struct instances *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->c = c;
  s->api = api;
  if (program_open(&s->program, api, c->module, why)) return s;
  free(s);
  return NULL;
}

static void teardown(void *state) {
  struct instances *s = state;
  program_close(&s->program);
  free(s);
}

// The export must answer what the data and element segments say.
static void check(const struct instances *s, const wasm_instance_t *instance, struct sample *sample) {
  if (!s->c->export_name) return;
  wasm_extern_vec_t exports = {0, NULL};
  char why[WHY_SIZE] = "the export is missing";
  int32_t answer = 0;
  int at = find_export(s->api, s->program.module, s->c->export_name);
  s->api->instance_exports(instance, &exports);
  bool ok = at >= 0 && (size_t)at < exports.size &&
            call_i32(s->api, s->api->extern_as_func(exports.data[at]), &answer, why);
  if (!ok) fail(sample, "%s", why);
  else if (answer != s->c->expected.of.i32)
    fail(sample, "wrong answer: %" PRId32 " instead of %" PRId32, answer, s->c->expected.of.i32);
  s->api->extern_vec_delete(&exports);
}

static void fail_instance(const struct instances *s, wasm_trap_t *trap, struct sample *sample) {
  char why[WHY_SIZE] = "wasm_instance_new returned NULL";
  if (trap) take_trap(s->api, trap, why);
  fail(sample, "%s", why);
}

// One store's worth of instances; the time of creating and deleting them.
static uint64_t fill_store(const struct instances *s, uint64_t count, struct sample *sample) {
  const struct api *api = s->api;
  const wasm_module_t *module = s->program.module;
  struct host_counts counts = {0};
  wasm_extern_vec_t imports;
  wasm_trap_t *trap = NULL;
  wasm_store_t *store = api->store_new(s->program.engine);
  if (!store) {
    fail(sample, "wasm_store_new returned NULL");
    return 0;
  }
  char why[WHY_SIZE];
  uint64_t spent = 0;
  if (!make_imports(api, store, module, &counts, &imports, why)) {
    fail(sample, "%s", why);
  } else {
    uint64_t start = batch_ns();
    wasm_instance_t *instance = NULL;
    for (uint64_t i = 0; i < count; i++) {
      if (instance) api->instance_delete(instance);
      instance = api->instance_new(store, module, &imports, &trap);
      if (!instance) break;
    }
    spent = batch_ns() - start;
    if (instance) {
      check(s, instance, sample);
      api->instance_delete(instance);
    } else {
      fail_instance(s, trap, sample);
    }
    drop_imports(api, &imports);
  }
  api->store_delete(store);
  return spent;
}

static void run_same_store(void *state, uint64_t iterations, struct sample *sample) {
  struct instances *s = state;
  while (iterations && !sample->failed) {
    uint64_t count = iterations < PER_STORE ? iterations : PER_STORE;
    sample->ns += fill_store(s, count, sample);
    iterations -= count;
  }
}

static void cycle(const struct instances *s, struct sample *sample) {
  wasm_extern_vec_t imports = {0, NULL};
  wasm_trap_t *trap = NULL;
  wasm_store_t *store = s->api->store_new(s->program.engine);
  if (!store) {
    fail(sample, "wasm_store_new returned NULL");
    return;
  }
  wasm_instance_t *instance = s->api->instance_new(store, s->program.module, &imports, &trap);
  if (instance) {
    wasm_extern_vec_t exports = {0, NULL};
    int32_t answer = 0;
    char why[WHY_SIZE];
    s->api->instance_exports(instance, &exports);
    if (!call_i32(s->api, s->api->extern_as_func(exports.data[0]), &answer, why)) fail(sample, "%s", why);
    else if (answer != s->c->expected.of.i32) fail(sample, "wrong answer: %" PRId32, answer);
    s->api->extern_vec_delete(&exports);
    s->api->instance_delete(instance);
  } else {
    fail_instance(s, trap, sample);
  }
  s->api->store_delete(store);
}

static void run_cycle(void *state, uint64_t iterations, struct sample *sample) {
  uint64_t start = batch_ns();
  for (uint64_t i = 0; i < iterations && !sample->failed; i++) cycle(state, sample);
  sample->ns = batch_ns() - start;
}

static const struct case_kind same_store = {.setup = setup, .run = run_same_store, .teardown = teardown};
static const struct case_kind whole_cycle = {.setup = setup, .run = run_cycle, .teardown = teardown};

void add_instance_cases(struct case_list *list, const struct options *options) {
  const struct bench_case cases[] = {
      {.name = "empty module, same store", .goal = 1, .kind = &same_store, .module = "empty"},
      {.name = "small library, same store", .goal = 1 / 1.5, .kind = &same_store, .module = "library",
       .export_name = "answer", .expected = I32(42)},
      {.name = "store + instance + touch 5 pages + delete", .goal = 0.45, .kind = &whole_cycle,
       .module = "cycle", .export_name = "touch", .expected = I32(9)},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct bench_case c = cases[i];
    c.group = "instance";
    c.unit = "us";
    c.module = path_in(options->modules, c.module);
    case_add(list, c);
  }
  add_alive_cases(list, options);
}
