// Compiling real modules: the wall time of wasm_module_new, the processor time of
// all its threads, and the peak resident size of the process that does it. Each sample
// has a fresh process, so that no earlier compilation has warmed or fragmented
// anything. The peak holds the program and the module's bytes as well; they are the
// same for every library.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host.h"

struct compiling {
  const struct api *api;
  wasm_byte_vec_t binary;
  wasm_engine_t *engine;
  wasm_store_t *store;
  wasm_module_t *module;
};

static void teardown(void *state) {
  struct compiling *s = state;
  if (s->module) s->api->module_delete(s->module);
  if (s->store) s->api->store_delete(s->store);
  if (s->engine) s->api->engine_delete(s->engine);
  free(s->binary.data);
  free(s);
}

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  struct compiling *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->api = api;
  if (read_binary(c->module, &s->binary, why)) {
    s->engine = engine_as_set(api);
    s->store = s->engine ? api->store_new(s->engine) : NULL;
    if (s->store) return s;
    snprintf(why, WHY_SIZE, "no engine or no store");
  }
  teardown(s);
  return NULL;
}

// Every library must see the same imports and exports in the module.
static uint64_t count_externs(const struct compiling *s) {
  wasm_importtype_vec_t imports = {0, NULL};
  wasm_exporttype_vec_t exports = {0, NULL};
  s->api->module_imports(s->module, &imports);
  s->api->module_exports(s->module, &exports);
  uint64_t counts = (uint64_t)imports.size << 32 | exports.size;
  s->api->importtype_vec_delete(&imports);
  s->api->exporttype_vec_delete(&exports);
  return counts;
}

static void run(void *state, uint64_t iterations, struct sample *sample) {
  struct compiling *s = state;
  (void)iterations;
  uint64_t cpu = process_cpu_ns(), start = now_ns();
  s->module = s->api->module_new(s->store, &s->binary);
  sample->ns = now_ns() - start;
  sample->parts[0] = (double)sample->ns / 1e6;
  sample->parts[1] = (double)(process_cpu_ns() - cpu) / 1e6;
  sample->parts[2] = (double)peak_kib() / 1024;
  if (s->module) sample->answer = count_externs(s);
  else fail(sample, "wasm_module_new returned NULL");
}

static const struct case_kind compile_kind = {.setup = setup, .run = run, .teardown = teardown, .fresh = true};

void add_compile_cases(struct case_list *list, const struct options *options) {
  static const struct part parts[] = {{"time", "ms", 1}, {"processor time", "ms", 0}, {"peak memory", "MiB", 0.7}};
  for (size_t i = 0; i < options->real_count; i++) {
    const char *path = options->real[i], *slash = strrchr(path, '/');
    struct stat info;
    if (stat(path, &info) != 0) {
      fprintf(stderr, "compile: cannot read %s\n", path);
      continue;
    }
    const char *name = text_of("%s (%.2f MB)", slash ? slash + 1 : path, (double)info.st_size / 1e6);
    struct bench_case c = {.group = "compile", .name = name, .kind = &compile_kind, .module = path,
                           .parts = parts, .part_count = 3};
    case_add(list, c);
  }
}
