// From nothing to the first result: a new process opens the library, makes an engine
// and a store, compiles the hello module, makes an instance and calls it. The process
// times its own steps; the parent times the whole of it.
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

extern char **environ;

static bool first_result(struct program *p, struct sample *sample, uint64_t *times) {
  struct running r;
  int32_t answer = 0;
  char why[WHY_SIZE] = "no export answer";
  p->engine = p->api->engine_new();
  p->store = p->engine ? p->api->store_new(p->engine) : NULL;
  times[2] = now_ns();
  p->module = p->store ? p->api->module_new(p->store, &p->binary) : NULL;
  times[3] = now_ns();
  if (!p->module) {
    fail(sample, "no engine, no store or no module");
    return false;
  }
  if (!running_start(&r, p, why)) {
    fail(sample, "%s", why);
    return false;
  }
  const wasm_func_t *func = find_func(p, &r, "answer");
  if (!func || !call_i32(p->api, func, &answer, why)) fail(sample, "%s", why);
  else if (answer != 42) fail(sample, "wrong answer: %" PRId32, answer);
  times[4] = now_ns();
  running_stop(&r, p);
  return true;
}

int cold_main(const char *library, const char *module) {
  struct sample sample = {0};
  struct api api;
  struct program p = {.api = &api};
  uint64_t times[5] = {0};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!read_binary(module, &p.binary, sample.why)) {
    sample.failed = true;
  } else {
    times[0] = now_ns();
    bool opened = api_open(&api, library, sample.why, WHY_SIZE);
    times[1] = now_ns();
    if (!opened) sample.failed = true;
    else if (first_result(&p, &sample, times))
      for (int i = 0; i < 4; i++) sample.parts[i] = (double)(times[i + 1] - times[i]) / 1e6;
    sample.parts[4] = (double)(times[4] - times[0]) / 1e6;
    if (opened) program_close(&p);
  }
  return write(STDOUT_FILENO, &sample, sizeof sample) == (ssize_t)sizeof sample ? 0 : 1;
}

static void alone(const char *library, const struct bench_case *c, struct sample *sample) {
  int ends[2], status = 0;
  pid_t pid;
  posix_spawn_file_actions_t actions;
  char *arguments[] = {"driver", "--cold", (char *)library, (char *)c->module, NULL};
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
    sample->parts[5] = (double)(now_ns() - start) / 1e6;
    if (!got || status != 0) fail(sample, "the process ended with status %#x", (unsigned)status);
  }
  close(ends[0]);
}

static const struct case_kind kind = {.fresh = true, .alone = alone};

void add_cold_cases(struct case_list *list, const struct options *options) {
  static const struct part parts[] = {
      {"dlopen", "ms", 0},   {"engine and store", "ms", 0},         {"compile", "ms", 0},
      {"instance and first call", "ms", 0}, {"dlopen to first result", "ms", 0.5}, {"whole process", "ms", 0}};
  struct bench_case c = {.group = "cold", .name = "hello", .kind = &kind,
                         .module = path_in(options->modules, "hello"), .parts = parts,
                         .part_count = 6};
  case_add(list, c);
}
