// The groups that are only tables of exported functions: calls from the host into
// wasm, callbacks from wasm into the host, calls inside wasm, and the kernels, whose
// table is kernels/expected.txt.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exported.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void add_all(struct case_list *list, const struct options *options, const char *module,
                    const struct bench_case *cases, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct bench_case c = cases[i];
    c.kind = &exported_kind;
    c.module = path_in(options->modules, module);
    case_add(list, c);
  }
}

void add_call_cases(struct case_list *list, const struct options *options) {
  const struct bench_case cases[] = {
      {.group = "call", .name = "no arguments", .goal = 0.1, .export_name = "tick", .counter = "ticks"},
      {.group = "call", .name = "(i32, i32) -> i32", .goal = 0.1, .export_name = "add",
       .arg_count = 2, .args = {I32(40), I32(2)}, .has_result = true, .expected = I32(42)},
      {.group = "call", .name = "(i64, f64, i32, f32) -> f64", .goal = 0.1, .export_name = "mix",
       .arg_count = 4, .args = {I64(1), F64(2.5), I32(3), F32(0.25f)}, .has_result = true,
       .expected = F64(6.75)},
  };
  add_all(list, options, "call", cases, COUNT(cases));
}

void add_callback_cases(struct case_list *list, const struct options *options) {
  enum { N = 10000 };
  const struct bench_case cases[] = {
      {.group = "callback", .name = "no arguments", .goal = 0.4, .export_name = "tick", .operations = N,
       .arg_count = 1, .args = {I32(N)}, .has_result = true, .expected = I32(N)},
      {.group = "callback", .name = "(i32, i32) -> i32", .goal = 0.125, .export_name = "add",
       .operations = N, .arg_count = 1, .args = {I32(N)}, .has_result = true, .expected = I32(49995000)},
      {.group = "callback", .name = "(i64, f64, i32, f32) -> f64", .export_name = "mix", .operations = N,
       .arg_count = 1, .args = {I32(N)}, .has_result = true, .expected = I32(50010000)},
  };
  add_all(list, options, "callback", cases, COUNT(cases));
}

void add_calls_cases(struct case_list *list, const struct options *options) {
  enum { N = 100000 };
  const struct bench_case cases[] = {
      {.group = "calls", .name = "direct", .goal = 1, .export_name = "direct", .operations = N,
       .arg_count = 1, .args = {I32(N)}, .has_result = true, .expected = I32(705282704)},
      {.group = "calls", .name = "indirect, one target", .goal = 1 / 1.2, .export_name = "indirect_one",
       .operations = N, .arg_count = 1, .args = {I32(N)}, .has_result = true, .expected = I32(705382704)},
      {.group = "calls", .name = "indirect, 16 targets in runs", .goal = 1 / 1.2, .export_name = "indirect_many",
       .operations = N, .arg_count = 1, .args = {I32(N)}, .has_result = true, .expected = I32(705785808)},
      {.group = "calls", .name = "indirect, 16 targets at random", .export_name = "indirect_random",
       .operations = N, .arg_count = 1, .args = {I32(N)}, .has_result = true, .expected = I32(705732017)},
  };
  add_all(list, options, "calls", cases, COUNT(cases));
}

void add_kernels(struct case_list *list, const struct options *options, const struct bench_case *like) {
  FILE *file = fopen(options->expected, "r");
  if (!file) {
    fprintf(stderr, "%s: cannot read %s\n", like->group, options->expected);
    return;
  }
  char line[256], name[64], features[64];
  int32_t n, sum;
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%63s %" SCNd32 " %63s %" SCNd32, name, &n, features, &sum) != 4 || name[0] == '#')
      continue;
    struct bench_case c = *like;
    c.name = text_of("%s", name);
    c.module = path_in(options->kernels, name);
    c.export_name = "run";
    c.arg_count = 1;
    c.args[0] = (wasm_val_t)I32(n);
    c.has_result = true;
    c.expected = (wasm_val_t)I32(sum);
    case_add(list, c);
  }
  fclose(file);
}

void add_kernel_cases(struct case_list *list, const struct options *options) {
  add_kernels(list, options, &(struct bench_case){.group = "kernels", .kind = &exported_kind, .unit = "ms"});
}
