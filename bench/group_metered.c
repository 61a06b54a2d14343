// What fuel, deadlines and interrupts cost: each kernel runs in four stores of one process in turns, and the
// quotients over the first one are lines of their own. Libraries without these functions fail here.
#include <stdio.h>
#include <stdlib.h>

#include "host.h"

const struct part metered_parts[METERED_PARTS] = {
    {"asks for nothing", "ms", 0},
    {"asks for nothing, beside stores that do", "", 0},
    {"fuel", "", 0},
    {"deadline, interrupt", "", 0},
};

struct metered {
  const struct bench_case *c;
  struct program program;                   // the engine and the module, and the first store
  struct program stores[METERED_PARTS];     // the same with a store of its own
  struct running running[METERED_PARTS];
  wasmrt_interrupt_t *interrupt;
  unsigned turn;
};

static void teardown(void *state) {
  struct metered *m = state;
  const struct api *api = m->program.api;
  for (int i = METERED_PARTS - 1; i >= 0; i--) {
    running_stop(&m->running[i], &m->stores[i]);
    if (i && m->stores[i].store) api->store_delete(m->stores[i].store);
  }
  if (m->interrupt) api->interrupt_delete(m->interrupt);
  program_close(&m->program);
  free(m);
}

static bool start(struct metered *m, int i, char *why) {
  const struct api *api = m->program.api;
  m->stores[i] = m->program;
  if (i) m->stores[i].store = api->store_new(m->program.engine);
  wasm_store_t *store = m->stores[i].store;
  bool ok = store != NULL;
  if (ok && i == 2) ok = api->store_set_fuel(store, UINT64_MAX);
  if (ok && i == 3)
    ok = api->store_set_deadline(store, UINT64_C(3600000000000)) && (m->interrupt = api->interrupt_new(store));
  if (!ok) snprintf(why, WHY_SIZE, "a store is refused");
  return ok && running_start(&m->running[i], &m->stores[i], why);
}

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  if (!api->store_set_fuel || !api->store_set_deadline || !api->interrupt_new) {
    snprintf(why, WHY_SIZE, "has no fuel, deadlines and interrupts");
    return NULL;
  }
  struct metered *m = calloc(1, sizeof *m);
  if (!m) return NULL;
  m->c = c;
  if (!program_open(&m->program, api, c->module, why)) {
    free(m);
    return NULL;
  }
  bool ok = true;
  for (int i = 0; ok && i < METERED_PARTS; i++) ok = start(m, i, why);
  if (ok) return m;
  teardown(m);
  return NULL;
}

static uint64_t call(struct metered *m, unsigned i, uint64_t iterations, struct sample *sample) {
  const struct api *api = m->program.api;
  const wasm_func_t *func = find_func(&m->stores[i], &m->running[i], m->c->export_name);
  wasm_val_t arguments[1] = {m->c->args[0]}, result = {.kind = WASM_I32, .of = {.i64 = 0}};
  wasm_val_vec_t args = {1, arguments}, results = {1, &result};
  bool trapped = !func;
  uint64_t start = batch_ns();
  for (uint64_t k = 0; k < iterations && !trapped; k++) trapped = api->func_call(func, &args, &results) != NULL;
  uint64_t took = batch_ns() - start;
  if (trapped || result.of.i32 != m->c->expected.of.i32) fail(sample, "wrong answer in store %u", i);
  return took;
}

static void run(void *state, uint64_t iterations, struct sample *sample) {
  struct metered *m = state;
  uint64_t took[METERED_PARTS];
  for (unsigned k = 0; k < METERED_PARTS; k++) {
    unsigned i = (k + m->turn) % METERED_PARTS;
    took[i] = call(m, i, iterations, sample);
  }
  m->turn++;
  sample->ns = took[0];
  sample->parts[0] = (double)took[0] / (double)iterations / 1e6;
  for (unsigned i = 1; i < METERED_PARTS; i++) sample->parts[i] = (double)took[i] / (double)took[0];
}

static const struct case_kind metered_kind = {.setup = setup, .run = run, .teardown = teardown};

void add_metered_cases(struct case_list *list, const struct options *options) {
  add_kernels(list, options,
              &(struct bench_case){.group = "metered", .kind = &metered_kind, .parts = metered_parts,
                                   .part_count = METERED_PARTS});
}
