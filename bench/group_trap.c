// What a trap costs from wasm_func_call to wasm_trap_delete, with nobody reading its
// message or its trace. Both are read once before, outside of the time: a trap that
// is fast because it forgot where it happened does not count. A trace may be cut: the
// deep one must show the twenty innermost of its fifty frames.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exported.h"

struct trapping {
  const struct bench_case *c;
  struct program program;
  struct running running;
  const wasm_func_t *func;
};

static wasm_trap_t *call(const struct trapping *t) {
  wasm_val_t argument = t->c->args[0], result = {.kind = WASM_I32, .of = {.i32 = 0}};
  wasm_val_vec_t args = {t->c->arg_count, &argument}, results = {t->c->has_result, &result};
  return t->program.api->func_call(t->func, &args, &results);
}

static bool contains(const wasm_message_t *message, const char *phrase) {
  return memmem(message->data, message->size, phrase, strlen(phrase)) != NULL;
}

static bool right_trap(const struct trapping *t, char *why) {
  const struct api *api = t->program.api;
  wasm_trap_t *trap = call(t);
  if (!trap) {
    snprintf(why, WHY_SIZE, "no trap");
    return false;
  }
  wasm_message_t message = {0, NULL};
  wasm_frame_vec_t frames = {0, NULL};
  api->trap_message(trap, &message);
  api->trap_trace(trap, &frames);
  bool phrase = message.size && contains(&message, t->c->phrase), depth = frames.size >= t->c->frames;
  if (!depth) snprintf(why, WHY_SIZE, "a trace of %zu frames instead of at least %zu", frames.size, t->c->frames);
  if (!phrase)
    snprintf(why, WHY_SIZE, "the message does not say \"%s\": %.*s", t->c->phrase, (int)message.size,
             message.size ? message.data : "");
  api->byte_vec_delete(&message);
  api->frame_vec_delete(&frames);
  api->trap_delete(trap);
  return phrase && depth;
}

static void teardown(void *state) {
  struct trapping *t = state;
  running_stop(&t->running, &t->program);
  program_close(&t->program);
  free(t);
}

static void *setup(const struct api *api, const struct bench_case *c, char *why) {
  struct trapping *t = calloc(1, sizeof *t);
  if (!t) return NULL;
  t->c = c;
  if (!program_open(&t->program, api, c->module, why)) {
    free(t);
    return NULL;
  }
  if (running_start(&t->running, &t->program, why)) {
    t->func = find_func(&t->program, &t->running, c->export_name);
    if (!t->func) snprintf(why, WHY_SIZE, "no export %s", c->export_name);
    else if (right_trap(t, why)) return t;
  }
  teardown(t);
  return NULL;
}

static void run(void *state, uint64_t iterations, struct sample *sample) {
  struct trapping *t = state;
  uint64_t start = batch_ns();
  for (uint64_t i = 0; i < iterations; i++) {
    wasm_trap_t *trap = call(t);
    if (!trap) {
      fail(sample, "no trap");
      break;
    }
    t->program.api->trap_delete(trap);
  }
  sample->ns = batch_ns() - start;
}

static const struct case_kind trap_kind = {.setup = setup, .run = run, .teardown = teardown};

void add_trap_cases(struct case_list *list, const struct options *options) {
  const struct bench_case cases[] = {
      {.name = "unreachable", .goal = 0.2, .export_name = "unreachable", .phrase = "unreachable", .frames = 1},
      {.name = "out of bounds", .goal = 1, .export_name = "out_of_bounds", .phrase = "out of bounds", .frames = 1},
      {.name = "unreachable, 50 frames deep", .goal = 0.2, .export_name = "deep", .arg_count = 1,
       .args = {I32(50)}, .has_result = true, .phrase = "unreachable", .frames = 20},
      {.name = "divide by zero in a callee", .export_name = "divide_by_zero", .phrase = "divide by zero", .frames = 2},
      {.name = "returned by a callback", .export_name = "host_trap", .phrase = "the host says no", .frames = 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct bench_case c = cases[i];
    c.group = "trap";
    c.kind = &trap_kind;
    c.module = path_in(options->modules, "trap");
    case_add(list, c);
  }
}
