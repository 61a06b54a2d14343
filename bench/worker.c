// Both ends of the pipe: see worker.h. Orders are iteration counts, zero means stop;
// answers are whole samples, which fit into a pipe's atomic write.
#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(sizeof(struct sample) <= PIPE_BUF, "a sample is written at once");

static void answer(int to_parent, const struct sample *sample) {
  if (write(to_parent, sample, sizeof *sample) != (ssize_t)sizeof *sample) _exit(3);
}

// The child's life. It ends with exit, so that the library's own destructors run.
static void serve(const char *library, const struct bench_case *c, int orders, int to_parent) {
  struct sample sample = {0};
  struct api api;
  void *state = NULL;
  uint64_t iterations;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!c->kind->alone) {
    if (!api_open(&api, library, sample.why, WHY_SIZE)) sample.failed = true;
    else if (!(state = c->kind->setup(&api, c, sample.why))) sample.failed = true;
  }
  answer(to_parent, &sample);
  if (sample.failed) exit(0);
  while (read(orders, &iterations, sizeof iterations) == (ssize_t)sizeof iterations && iterations) {
    sample = (struct sample){0};
    if (c->kind->alone) c->kind->alone(library, c, &sample);
    else c->kind->run(state, iterations, &sample);
    answer(to_parent, &sample);
  }
  if (state) c->kind->teardown(state);
  exit(0);
}

static void reap(struct worker *w, char *why) {
  int status = 0;
  close(w->to);
  close(w->from);
  waitpid(w->pid, &status, 0);
  w->pid = 0;
  if (WIFSIGNALED(status))
    snprintf(why, WHY_SIZE, "crashed: %s", strsignal(WTERMSIG(status)));
  else if (WEXITSTATUS(status))
    snprintf(why, WHY_SIZE, "ended with status %d", WEXITSTATUS(status));
}

static void kill_worker(struct worker *w, char *why) {
  char ignored[WHY_SIZE];
  kill(w->pid, SIGKILL);
  reap(w, ignored);
  snprintf(why, WHY_SIZE, "no answer in time");
}

// Waits until something is there to read (or the other end is gone).
static bool wait_readable(int fd, int timeout_s) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  int ready;
  do ready = poll(&p, 1, timeout_s * 1000);
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

static bool receive(struct worker *w, struct sample *sample, int timeout_s) {
  *sample = (struct sample){0};
  if (!wait_readable(w->from, timeout_s)) {
    kill_worker(w, sample->why);
    sample->failed = true;
  } else if (read(w->from, sample, sizeof *sample) != (ssize_t)sizeof *sample) {
    *sample = (struct sample){.failed = true, .why = "ended without an answer"};
    reap(w, sample->why);
  }
  return !sample->failed;
}

bool worker_start(struct worker *w, const char *library, const struct bench_case *c, int timeout_s, char *why) {
  int orders[2], answers[2];
  *w = (struct worker){0};
  fflush(NULL);
  // Both pairs close at exec, and the child closes what belongs to the parent: a
  // dead worker is then seen as the end of its pipe.
  if (pipe2(orders, O_CLOEXEC) != 0) return false;
  if (pipe2(answers, O_CLOEXEC) != 0) {
    close(orders[0]);
    close(orders[1]);
    return false;
  }
  pid_t pid = fork();
  if (pid == 0) {
    close(orders[1]);
    close(answers[0]);
    serve(library, c, orders[0], answers[1]);
  }
  close(orders[0]);
  close(answers[1]);
  if (pid < 0) {
    close(orders[1]);
    close(answers[0]);
    snprintf(why, WHY_SIZE, "fork: %s", strerror(errno));
    return false;
  }
  *w = (struct worker){.pid = pid, .to = orders[1], .from = answers[0]};
  struct sample ready;
  if (receive(w, &ready, timeout_s)) return true;
  snprintf(why, WHY_SIZE, "%s", ready.why);
  if (w->pid) reap(w, why);
  return false;
}

bool worker_run(struct worker *w, uint64_t iterations, struct sample *sample, int timeout_s) {
  if (write(w->to, &iterations, sizeof iterations) != (ssize_t)sizeof iterations) {
    *sample = (struct sample){.failed = true, .why = "gone"};
    reap(w, sample->why);
    return false;
  }
  return receive(w, sample, timeout_s);
}

bool worker_stop(struct worker *w, int timeout_s, char *why) {
  if (!w->pid) return true;
  uint64_t stop = 0;
  why[0] = 0;
  if (write(w->to, &stop, sizeof stop) != (ssize_t)sizeof stop || !wait_readable(w->from, timeout_s)) {
    kill_worker(w, why);
    return false;
  }
  reap(w, why);
  return why[0] == 0;
}
