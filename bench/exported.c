// The kind of case that calls one exported function over and over and compares what
// it returns: everything about it is data, so the groups that use it (calls from the
// host, callbacks, calls inside wasm, kernels) are tables.
#include "exported.h"

#include <stdio.h>
#include <stdlib.h>

struct exported {
  const struct bench_case *c;
  struct program program;
  struct running running;
  const wasm_func_t *func, *counter;
};

static void teardown(void *state) {
  struct exported *e = state;
  running_stop(&e->running, &e->program);
  program_close(&e->program);
  free(e);
}

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  struct exported *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  e->c = c;
  if (!program_open(&e->program, api, c->module, why)) {
    free(e);
    return NULL;
  }
  if (!running_start(&e->running, &e->program, why)) {
    program_close(&e->program);
    free(e);
    return NULL;
  }
  e->func = find_func(&e->program, &e->running, c->export_name);
  e->counter = c->counter ? find_func(&e->program, &e->running, c->counter) : NULL;
  if (e->func && !e->counter == !c->counter) return e;
  snprintf(why, WHY_SIZE, "%s exports no function %s", c->module, e->func ? c->counter : c->export_name);
  teardown(e);
  return NULL;
}

static int32_t count(const struct exported *e, struct sample *sample) {
  int32_t value = 0;
  char why[WHY_SIZE];
  if (e->counter && !call_i32(e->program.api, e->counter, &value, why)) fail(sample, "%s", why);
  return value;
}

static bool equal(const wasm_val_t *a, const wasm_val_t *b) {
  bool wide = b->kind == WASM_I64 || b->kind == WASM_F64;
  return a->kind == b->kind && (wide ? a->of.i64 == b->of.i64 : a->of.i32 == b->of.i32);
}

static void run(void *state, uint64_t iterations, struct sample *sample) {
  struct exported *e = state;
  const struct api *api = e->program.api;
  const struct bench_case *c = e->c;
  wasm_val_t arguments[MAX_ARGS], result = {.kind = WASM_I32, .of = {.i64 = 0}};
  for (size_t i = 0; i < c->arg_count; i++) arguments[i] = c->args[i];
  wasm_val_vec_t args = {c->arg_count, arguments}, results = {c->has_result, &result};
  int32_t before = count(e, sample);
  uint64_t calls_before = e->running.counts->calls;
  int32_t wrong = 0;
  wasm_trap_t *trap = NULL;

  uint64_t start = batch_ns();
  for (uint64_t i = 0; i < iterations; i++) {
    trap = api->func_call(e->func, &args, &results);
    if (trap) break;
    // Half of a 64-bit result is enough here; the last one is compared in full.
    wrong |= result.of.i32 ^ c->expected.of.i32;
  }
  sample->ns = batch_ns() - start;

  if (trap) {
    char why[WHY_SIZE];
    take_trap(api, trap, why);
    fail(sample, "%s", why);
  }
  if (c->has_result && (wrong || !equal(&result, &c->expected)))
    fail(sample, "wrong answer: %" PRId64 " instead of %" PRId64, result.of.i64, c->expected.of.i64);
  if (e->counter && (uint32_t)(count(e, sample) - before) != (uint32_t)iterations)
    fail(sample, "not every call arrived");
  uint64_t calls = e->running.counts->calls - calls_before;
  if (e->running.imports.size && calls != iterations * c->operations)
    fail(sample, "%" PRIu64 " callbacks instead of %" PRIu64, calls, iterations * c->operations);
}

const struct case_kind exported_kind = {.setup = setup, .run = run, .teardown = teardown};
