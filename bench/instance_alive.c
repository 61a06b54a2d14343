// What an instance costs that stays alive, as in a host that keeps one for each user
// or document: all instances of a sample are in one store and are kept to the end.
// Each sample has a fresh process, so that nothing can be reused from an instance
// that was deleted.
//
// The first instance, the second and those that follow are reported apart, because a
// library may prepare the module when it is used for the first or the second time.
// The resident size is the difference over some more instances, none of which has run
// anything yet. Free memory is returned to the system before: a compiler may leave so much
// that a hundred instances would seem to need none.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

// Stores of some libraries hold 10,000 instances at most, and the large modules should
// stay within some hundred MiB with a library that copies everything.
enum { CHUNKS = 10, RESIDENT_CHUNKS = 5, MAX_PER_CHUNK = 100, LARGE_PER_CHUNK = 10 };

enum { FIRST, SECOND, FOLLOWING, RESIDENT, PARTS };

struct alive {
  const struct bench_case *c;
  struct program program;
  struct host_counts counts;
  wasm_extern_vec_t imports;
  wasm_instance_t *instances[2 + (CHUNKS + RESIDENT_CHUNKS) * MAX_PER_CHUNK];
  size_t count;
};

static void teardown(void *state) {
  struct alive *s = state;
  const struct api *api = s->program.api;
  for (size_t i = 0; i < s->count; i++) api->instance_delete(s->instances[i]);
  drop_imports(api, &s->imports);
  program_close(&s->program);
  free(s);
}

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  struct alive *s = malloc(sizeof *s);
  if (!s) return NULL;
  // All bytes written: the array must not become resident while instances are made.
  memset(s, 0xff, sizeof *s);
  s->c = c;
  s->imports = (wasm_extern_vec_t){0, NULL};
  s->counts = (struct host_counts){0};
  s->count = 0;
  if (!program_open(&s->program, api, c->module, why)) {
    free(s);
    return NULL;
  }
  if (make_imports(api, s->program.store, s->program.module, &s->counts, &s->imports, why)) return s;
  teardown(s);
  return NULL;
}

// The nanoseconds of making `count` more instances.
static double add_instances(struct alive *s, size_t count, struct sample *sample) {
  const struct api *api = s->program.api;
  wasm_trap_t *trap = NULL;
  uint64_t start = batch_ns();
  for (size_t i = 0; i < count && !sample->failed; i++) {
    wasm_instance_t *made = api->instance_new(s->program.store, s->program.module, &s->imports, &trap);
    if (made) s->instances[s->count++] = made;
    else fail(sample, "instance %zu could not be made", s->count + 1);
  }
  double spent = (double)(batch_ns() - start);
  if (trap) {
    sample->failed = false;
    char why[WHY_SIZE];
    take_trap(api, trap, why);
    fail(sample, "instance %zu: %s", s->count + 1, why);
  }
  return spent;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// The median of the chunks' means.
static double add_chunks(struct alive *s, size_t per_chunk, struct sample *sample) {
  double means[CHUNKS];
  for (size_t i = 0; i < CHUNKS; i++) means[i] = add_instances(s, per_chunk, sample) / (double)per_chunk;
  qsort(means, CHUNKS, sizeof *means, ascending);
  return (means[CHUNKS / 2 - 1] + means[CHUNKS / 2]) / 2;
}

// The resident KiB of each of `count` more instances.
static double add_resident(struct alive *s, size_t count, struct sample *sample) {
  malloc_trim(0);
  uint64_t before = resident_kib();
  add_instances(s, count, sample);
  uint64_t after = resident_kib();
  return after > before ? (double)(after - before) / (double)count : 0;
}

static uint64_t checksum(const struct api *api, wasm_memory_t *memory) {
  const unsigned char *data = (const unsigned char *)api->memory_data(memory);
  size_t size = api->memory_data_size(memory);
  uint64_t sum = size;
  for (size_t at = 0; at + 8 <= size; at += 8) {
    uint64_t word;
    memcpy(&word, data + at, sizeof word);
    sum = (sum ^ word) * 0x9E3779B97F4A7C15u;
    sum ^= sum >> 32;
  }
  return sum;
}

// Every library must give an instance the same memories.
static uint64_t memories_of(const struct api *api, const wasm_instance_t *instance) {
  wasm_extern_vec_t exports = {0, NULL};
  uint64_t sum = 0;
  api->instance_exports(instance, &exports);
  for (size_t i = 0; i < exports.size; i++)
    if (api->extern_kind(exports.data[i]) == WASM_EXTERN_MEMORY)
      sum += checksum(api, api->extern_as_memory(exports.data[i]));
  api->extern_vec_delete(&exports);
  return sum;
}

static void run(void *state, uint64_t iterations, struct sample *sample) {
  struct alive *s = state;
  (void)iterations;
  size_t per_chunk = s->c->operations;
  sample->parts[FIRST] = add_instances(s, 1, sample) / 1e3;
  sample->parts[SECOND] = add_instances(s, 1, sample) / 1e3;
  sample->parts[FOLLOWING] = add_chunks(s, per_chunk, sample) / 1e3;
  sample->parts[RESIDENT] = add_resident(s, RESIDENT_CHUNKS * per_chunk, sample);
  if (!sample->failed) sample->answer = memories_of(s->program.api, s->instances[s->count - 1]);
}

static const struct case_kind kind = {.setup = setup, .run = run, .teardown = teardown, .fresh = true};

// What is wanted of each module: ratios to the peer, and never more than 15 us.
static const struct module {
  const char *name, *file;
  double following, resident;
} modules[] = {
    {"sql.js", "/sql-wasm.wasm", 0.7, 0},
    {"resvg", "/index_bg.wasm", 0.7, 0},
    {"canvaskit", "/canvaskit.wasm", 0.7, 1.2},
    {"esbuild", "/esbuild.wasm", 0.8, 1.2},
};

static void add_case(struct case_list *list, const struct module *module, const char *path, size_t per_chunk) {
  // The parts live as long as the program, as the texts do.
  static struct part kept[1 + sizeof modules / sizeof *modules][PARTS];
  static size_t used;
  struct part *parts = kept[used++];
  parts[FIRST] = (struct part){.name = "first", .unit = "us"};
  parts[SECOND] = (struct part){.name = "second", .unit = "us"};
  parts[FOLLOWING] = (struct part){.name = "following, <= 15 us", .unit = "us", .goal = module->following, .limit = 15};
  parts[RESIDENT] = (struct part){.name = "resident", .unit = "KiB", .goal = module->resident};
  case_add(list, (struct bench_case){.group = "instance", .name = text_of("%s, all alive", module->name), .kind = &kind,
                                     .module = path, .operations = per_chunk, .parts = parts, .part_count = PARTS});
}

void add_alive_cases(struct case_list *list, const struct options *options) {
  static const struct module small = {.name = "small library", .following = 0.6};
  add_case(list, &small, path_in(options->modules, "library"), MAX_PER_CHUNK);
  for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
    for (size_t k = 0; k < options->real_count; k++) {
      const char *path = options->real[k], *file = strrchr(path, '/');
      if (file && strcmp(file, modules[i].file) == 0) add_case(list, &modules[i], path, LARGE_PER_CHUNK);
    }
}
