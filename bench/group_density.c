// How many instances of a small module one process can have at the same time, up to
// 100,000, and what each of them keeps resident. Address space, the system's limit of
// mappings and limits of the library end it. The group runs only when it is named.
//
// Stores of some libraries hold 10,000 instances at most, so there are several.
#include <stdlib.h>

#include "host.h"

enum { WANTED = 100000, PER_STORE = 5000, STORES = WANTED / PER_STORE };

enum { LIVE, TIME, RESIDENT, PARTS };

struct dense {
  struct program program;
  wasm_store_t *stores[STORES];
  size_t store_count;
  wasm_instance_t *instances[WANTED];
  size_t count;
};

static void teardown(void *state) {
  struct dense *s = state;
  const struct api *api = s->program.api;
  for (size_t i = 0; i < s->count; i++) api->instance_delete(s->instances[i]);
  for (size_t i = 0; i < s->store_count; i++) api->store_delete(s->stores[i]);
  program_close(&s->program);
  free(s);
}

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  struct dense *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  if (program_open(&s->program, api, c->module, why)) return s;
  free(s);
  return NULL;
}

// Makes one more instance, in a new store when the last one is full.
static bool add_instance(struct dense *s, char *why) {
  const struct api *api = s->program.api;
  wasm_extern_vec_t imports = {0, NULL};
  wasm_trap_t *trap = NULL;
  if (s->count == s->store_count * PER_STORE) {
    wasm_store_t *store = api->store_new(s->program.engine);
    if (!store) return false;
    s->stores[s->store_count++] = store;
  }
  wasm_instance_t *made = api->instance_new(s->stores[s->store_count - 1], s->program.module, &imports, &trap);
  if (trap) take_trap(api, trap, why);
  if (made) s->instances[s->count++] = made;
  return made != NULL;
}

static void check_newest(const struct dense *s, struct sample *sample) {
  const struct api *api = s->program.api;
  wasm_extern_vec_t exports = {0, NULL};
  int32_t answer = 0;
  char why[WHY_SIZE];
  api->instance_exports(s->instances[s->count - 1], &exports);
  if (!call_i32(api, api->extern_as_func(exports.data[0]), &answer, why)) fail(sample, "%s", why);
  else if (answer != 42) fail(sample, "wrong answer: %" PRId32, answer);
  api->extern_vec_delete(&exports);
}

static void run(void *state, uint64_t iterations, struct sample *sample) {
  struct dense *s = state;
  char why[WHY_SIZE] = "NULL without a trap";
  (void)iterations;
  uint64_t before = resident_kib(), start = batch_ns();
  if (!add_instance(s, why)) {
    fail(sample, "%s", why);
    return;
  }
  // What a thread needs for its first call is made here, while there is room for it.
  check_newest(s, sample);
  while (s->count < WANTED && add_instance(s, why)) {}
  double spent = (double)(batch_ns() - start), count = (double)s->count;
  check_newest(s, sample);
  sample->parts[LIVE] = count;
  sample->parts[TIME] = spent / 1e3 / count;
  sample->parts[RESIDENT] = (double)(resident_kib() - before) / count;
}

static const struct case_kind kind = {.setup = setup, .run = run, .teardown = teardown, .fresh = true};

void add_density_cases(struct case_list *list, const struct options *options) {
  static const struct part parts[PARTS] = {
      [LIVE] = {.name = "live, more is better", .unit = ""},
      [TIME] = {.name = "time for each", .unit = "us"},
      [RESIDENT] = {.name = "resident for each", .unit = "KiB"},
  };
  static const char *const modules[][2] = {{"memory of 1 page", "page"}, {"memory of 17 pages", "pages17"}};
  for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
    case_add(list, (struct bench_case){.group = "density", .name = modules[i][0], .kind = &kind,
                                       .module = path_in(options->modules, modules[i][1]), .parts = parts,
                                       .part_count = PARTS});
}
