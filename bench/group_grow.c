// Growing a memory: by one page from the host with wasm_memory_grow, and by nothing
// from inside, which is what programs do to learn the size. A memory that has grown
// by some hundred pages is replaced by a fresh one outside of the time.
#include <stdio.h>
#include <stdlib.h>

#include "exported.h"

enum { PER_MEMORY = 512 };

struct growing {
  struct program program;
};

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  struct growing *g = calloc(1, sizeof *g);
  if (g && program_open(&g->program, api, c->module, why)) return g;
  free(g);
  return NULL;
}

static void teardown(void *state) {
  struct growing *g = state;
  program_close(&g->program);
  free(g);
}

static uint64_t grow_one_memory(const struct program *outer, uint64_t count, struct sample *sample) {
  struct program p = *outer;
  struct running r;
  char why[WHY_SIZE];
  uint64_t spent = 0;
  p.store = p.api->store_new(p.engine);
  if (!p.store) {
    fail(sample, "wasm_store_new returned NULL");
  } else if (!running_start(&r, &p, why)) {
    fail(sample, "%s", why);
  } else {
    wasm_memory_t *memory = find_memory(&p, &r, "memory");
    bool ok = memory != NULL;
    uint64_t start = batch_ns();
    for (uint64_t i = 0; ok && i < count; i++) ok = p.api->memory_grow(memory, 1);
    spent = batch_ns() - start;
    if (!ok || p.api->memory_size(memory) != count + 1) fail(sample, "the memory did not grow");
    running_stop(&r, &p);
  }
  if (p.store) p.api->store_delete(p.store);
  return spent;
}

static void run(void *state, uint64_t iterations, struct sample *sample) {
  struct growing *g = state;
  while (iterations && !sample->failed) {
    uint64_t count = iterations < PER_MEMORY ? iterations : PER_MEMORY;
    sample->ns += grow_one_memory(&g->program, count, sample);
    iterations -= count;
  }
}

static const struct case_kind grow_kind = {.setup = setup, .run = run, .teardown = teardown};

void add_grow_cases(struct case_list *list, const struct options *options) {
  enum { N = 1000 };
  struct bench_case host = {.group = "grow", .name = "wasm_memory_grow by 1 page", .kind = &grow_kind,
                            .module = path_in(options->modules, "grow")};
  struct bench_case inside = {.group = "grow", .name = "memory.grow 0", .kind = &exported_kind,
                              .module = host.module, .export_name = "grow_by_nothing", .operations = N,
                              .arg_count = 1, .args = {I32(N)}, .has_result = true, .expected = I32(N)};
  case_add(list, host);
  case_add(list, inside);
}
