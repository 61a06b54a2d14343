// From nothing to the result, in a new process, which opens the library, makes an engine and a store, compiles a module,
// makes an instance and calls it. The process times its own steps; the parent times the whole of it.
//
// `cold` does that with the hello module, and shows each step. `jobs` does it with each kernel, called once and called
// often: what a user waits for who runs a program for some milliseconds and for about a second. There code that is
// compiled quickly and code that runs fast pay against each other.
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exported.h"

extern char **environ;

// The lines of the table, in their order.
enum { TO_RESULT, WHOLE_PROCESS, FIRST_STEP, STEPS = 4 };
static const struct part parts[FIRST_STEP + STEPS] = {
    {"dlopen to first result", "ms", 0.25}, {"whole process", "ms", 1 / 1.8}, {"dlopen", "ms", 0},
    {"engine and store", "ms", 0}, {"compile", "ms", 0}, {"instance and call", "ms", 0}};

// Moments: before and after each step.
enum { BEGAN, OPENED, HAS_STORE, COMPILED, CALLED, TIMES };

// What is called, how often, and what it must return.
struct job {
  const char *export_name;
  int32_t argument, expected;
  bool has_argument;
  unsigned long calls;
};

static bool call_often(const struct api *api, const wasm_func_t *func, const struct job *job, struct sample *sample) {
  wasm_val_t argument = I32(job->argument), result = I32(0);
  wasm_val_vec_t args = {job->has_argument, &argument}, results = {1, &result};
  for (unsigned long i = 0; i < job->calls; i++) {
    wasm_trap_t *trap = api->func_call(func, &args, &results);
    if (trap) {
      char why[WHY_SIZE];
      take_trap(api, trap, why);
      fail(sample, "%s", why);
      return false;
    }
    if (result.of.i32 != job->expected) {
      fail(sample, "wrong answer: %" PRId32, result.of.i32);
      return false;
    }
  }
  return true;
}

static void do_job(struct program *p, const struct job *job, struct sample *sample, uint64_t *times) {
  struct running r;
  char why[WHY_SIZE];
  p->engine = engine_as_set(p->api);
  p->store = p->engine ? p->api->store_new(p->engine) : NULL;
  times[HAS_STORE] = now_ns();
  p->module = p->store ? p->api->module_new(p->store, &p->binary) : NULL;
  times[COMPILED] = now_ns();
  if (!p->module) {
    fail(sample, "no engine, no store or no module");
    return;
  }
  if (!running_start(&r, p, why)) {
    fail(sample, "%s", why);
    return;
  }
  const wasm_func_t *func = find_func(p, &r, job->export_name);
  if (!func) fail(sample, "no export %s", job->export_name);
  else call_often(p->api, func, job, sample);
  times[CALLED] = now_ns();
  running_stop(&r, p);
}

// The arguments are LIBRARY MODULE EXPORT CALLS EXPECTED [ARGUMENT].
int cold_main(int argc, char **argv) {
  struct sample sample = {0};
  struct api api;
  struct program p = {.api = &api};
  uint64_t times[TIMES] = {0};
  struct job job = {.export_name = argv[2], .calls = strtoul(argv[3], NULL, 10), .expected = atoi(argv[4]),
                    .has_argument = argc > 5, .argument = argc > 5 ? atoi(argv[5]) : 0};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!read_binary(argv[1], &p.binary, sample.why)) {
    sample.failed = true;
  } else {
    times[BEGAN] = now_ns();
    bool opened = api_open(&api, argv[0], sample.why, WHY_SIZE);
    times[OPENED] = now_ns();
    if (opened) do_job(&p, &job, &sample, times);
    else sample.failed = true;
    sample.parts[TO_RESULT] = (double)(times[CALLED] - times[BEGAN]) / 1e6;
    for (int i = 0; i < STEPS; i++) sample.parts[FIRST_STEP + i] = (double)(times[i + 1] - times[i]) / 1e6;
    if (opened) program_close(&p);
  }
  return write(STDOUT_FILENO, &sample, sizeof sample) == (ssize_t)sizeof sample ? 0 : 1;
}

static void alone(const char *library, const struct bench_case *c, struct sample *sample) {
  int ends[2], status = 0;
  pid_t pid;
  posix_spawn_file_actions_t actions;
  char calls[24], expected[16], argument[16];
  snprintf(calls, sizeof calls, "%" PRIu64, c->operations);
  snprintf(expected, sizeof expected, "%" PRId32, c->expected.of.i32);
  snprintf(argument, sizeof argument, "%" PRId32, c->args[0].of.i32);
  char *arguments[] = {"driver", "--cold", (char *)library, (char *)c->module, (char *)c->export_name, calls, expected,
                       c->arg_count ? argument : NULL, NULL};
  if (pipe(ends) != 0 || posix_spawn_file_actions_init(&actions) != 0) {
    fail(sample, "no pipe");
    return;
  }
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  uint64_t start = now_ns();
  int error = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, arguments, environ);
  close(ends[1]);
  posix_spawn_file_actions_destroy(&actions);
  if (error) {
    fail(sample, "cannot start a process: %s", strerror(error));
  } else {
    bool got = read(ends[0], sample, sizeof *sample) == (ssize_t)sizeof *sample;
    waitpid(pid, &status, 0);
    sample->parts[WHOLE_PROCESS] = (double)(now_ns() - start) / 1e6;
    if (!got || status != 0) fail(sample, "the process ended with status %#x", (unsigned)status);
  }
  close(ends[0]);
}

static const struct case_kind kind = {.fresh = true, .alone = alone};

void add_cold_cases(struct case_list *list, const struct options *options) {
  case_add(list, (struct bench_case){.group = "cold", .name = "hello", .kind = &kind, .operations = 1,
                                     .module = path_in(options->modules, "hello"), .export_name = "answer",
                                     .expected = I32(42), .parts = parts, .part_count = FIRST_STEP + STEPS});
}

void add_jobs_cases(struct case_list *list, const struct options *options) {
  static const struct part once = {"once", "ms", 1}, often = {"150 times", "ms", 1};
  add_kernels(list, options, &(struct bench_case){.group = "jobs", .kind = &kind, .operations = 1,
                                                  .parts = &once, .part_count = 1});
  add_kernels(list, options, &(struct bench_case){.group = "jobs", .kind = &kind, .operations = 150,
                                                  .parts = &often, .part_count = 1});
}
