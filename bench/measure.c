// How one case is measured so that the libraries can be compared.
//
// A machine has slow phases. The libraries therefore take turns, batch by batch, each
// in a process of its own that waits while another works; every phase hits all of
// them. A batch is as many iterations as take some milliseconds. Addresses differ
// from process to process and change the time of small loops, so the whole is done
// with several generations of processes. What is reported is the median of all
// batches of all generations.
//
// Cases that need a fresh process for each sample (compile time, peak memory, cold
// start) take turns in the same way, as often as a time budget allows.
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker.h"

enum { MAX_FRESH = 15 };

struct series {
  double *values[MAX_PARTS];
  size_t count, capacity;
};

struct measuring {
  const struct bench_case *c;
  const struct library *libraries;
  size_t count;
  const struct options *options;
  struct outcome *outcomes;
  struct series series[MAX_LIBRARIES];
  uint64_t iterations[MAX_LIBRARIES], answers[MAX_LIBRARIES];
};

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static struct summary summarize(double *values, size_t count) {
  struct summary s = {0, 0};
  if (!count) return s;
  qsort(values, count, sizeof *values, ascending);
  s.median = count & 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
  if (s.median > 0) s.spread = (values[count * 3 / 4] - values[count / 4]) / 2 / s.median;
  return s;
}

static size_t part_count(const struct bench_case *c) { return c->part_count ? c->part_count : 1; }

static void append(struct series *s, const double *parts, size_t count) {
  if (s->count == s->capacity) {
    s->capacity = s->capacity ? 2 * s->capacity : 64;
    for (size_t i = 0; i < count; i++) {
      s->values[i] = realloc(s->values[i], s->capacity * sizeof(double));
      if (!s->values[i]) abort();
    }
  }
  for (size_t i = 0; i < count; i++) s->values[i][s->count] = parts[i];
  s->count++;
}

static void mark_failed(struct measuring *m, size_t library, const char *why) {
  struct outcome *o = &m->outcomes[library];
  if (o->failed) return;
  o->failed = true;
  snprintf(o->why, sizeof o->why, "%.*s", WHY_SIZE - 1, why[0] ? why : "no memory for the case");
}

static double unit_ns(const char *unit) {
  return strcmp(unit, "ms") == 0 ? 1e6 : strcmp(unit, "us") == 0 ? 1e3 : 1;
}

static void record(struct measuring *m, size_t library, const struct sample *sample) {
  double parts[MAX_PARTS] = {0};
  if (m->c->part_count) {
    memcpy(parts, sample->parts, sizeof parts);
  } else {
    double operations = (double)m->iterations[library] * (double)m->c->operations;
    parts[0] = (double)sample->ns / operations / unit_ns(m->c->unit);
  }
  append(&m->series[library], parts, part_count(m->c));
  m->answers[library] = sample->answer;
}

// Finds how many iterations make a batch of the wanted length.
static bool calibrate(struct measuring *m, size_t library, struct worker *w) {
  double wanted = m->options->batch_ms * 1e6;
  uint64_t iterations = 1;
  for (;;) {
    struct sample sample;
    if (!worker_run(w, iterations, &sample, m->options->timeout_s)) {
      mark_failed(m, library, sample.why);
      return false;
    }
    double took = sample.ns ? (double)sample.ns : 1, factor = wanted / took;
    if (factor < 2) {
      uint64_t exact = (uint64_t)((double)iterations * factor + 0.5);
      m->iterations[library] = exact ? exact : 1;
      return true;
    }
    iterations = (uint64_t)((double)iterations * (factor > 50 ? 50 : factor));
  }
}

static void start_workers(struct measuring *m, struct worker *workers) {
  for (size_t i = 0; i < m->count; i++) {
    char why[WHY_SIZE] = "";
    workers[i] = (struct worker){0};
    if (m->outcomes[i].failed) continue;
    if (!worker_start(&workers[i], m->libraries[i].path, m->c, m->options->timeout_s, why))
      mark_failed(m, i, why);
  }
}

static void stop_worker(struct measuring *m, size_t library, struct worker *w) {
  char why[WHY_SIZE] = "";
  if (!worker_stop(w, m->options->timeout_s, why)) {
    char text[WHY_SIZE + 16];
    snprintf(text, sizeof text, "at the end: %s", why);
    mark_failed(m, library, text);
  }
}

// One turn of each library, beginning with another one each time.
static void round_robin(struct measuring *m, struct worker *workers, size_t round) {
  for (size_t turn = 0; turn < m->count; turn++) {
    size_t i = (turn + round) % m->count;
    struct sample sample;
    if (m->outcomes[i].failed || !workers[i].pid) continue;
    if (worker_run(&workers[i], m->iterations[i], &sample, m->options->timeout_s)) record(m, i, &sample);
    else mark_failed(m, i, sample.why);
  }
}

static void measure_batches(struct measuring *m) {
  struct worker workers[MAX_LIBRARIES];
  for (unsigned generation = 0; generation < m->options->processes; generation++) {
    start_workers(m, workers);
    for (size_t i = 0; i < m->count; i++) {
      struct sample warm_up;
      if (m->outcomes[i].failed) continue;
      if (generation == 0) calibrate(m, i, &workers[i]);
      else if (!worker_run(&workers[i], m->iterations[i], &warm_up, m->options->timeout_s))
        mark_failed(m, i, warm_up.why);
    }
    for (unsigned round = 0; round < m->options->rounds; round++) round_robin(m, workers, round + generation);
    for (size_t i = 0; i < m->count; i++) stop_worker(m, i, &workers[i]);
  }
}

static void measure_fresh(struct measuring *m) {
  uint64_t start = now_ns();
  double budget = m->options->budget_s * 1e9;
  for (size_t i = 0; i < m->count; i++) m->iterations[i] = 1;
  for (size_t round = 0; round < MAX_FRESH; round++) {
    double spent = (double)(now_ns() - start);
    if (round && spent + spent / (double)round > budget) break;
    for (size_t turn = 0; turn < m->count; turn++) {
      size_t i = (turn + round) % m->count;
      struct worker w = {0};
      struct sample sample;
      char why[WHY_SIZE] = "";
      if (m->outcomes[i].failed) continue;
      if (!worker_start(&w, m->libraries[i].path, m->c, m->options->timeout_s, why)) {
        mark_failed(m, i, why);
        continue;
      }
      if (worker_run(&w, 1, &sample, m->options->timeout_s)) record(m, i, &sample);
      else mark_failed(m, i, sample.why);
      stop_worker(m, i, &w);
    }
  }
}

// Where there is no expected answer, the libraries must at least agree.
static void compare_answers(struct measuring *m) {
  for (size_t i = 1; i < m->count; i++)
    if (!m->outcomes[0].failed && !m->outcomes[i].failed && m->answers[i] != m->answers[0]) {
      mark_failed(m, 0, "the answer differs from the peer's");
      return;
    }
}

void measure(const struct bench_case *c, const struct library *libraries, size_t count,
             const struct options *options, struct outcome *outcomes) {
  struct measuring m = {.c = c, .libraries = libraries, .count = count, .options = options, .outcomes = outcomes};
  memset(outcomes, 0, count * sizeof *outcomes);
  if (c->kind->fresh) measure_fresh(&m);
  else measure_batches(&m);
  compare_answers(&m);
  for (size_t i = 0; i < count; i++) {
    outcomes[i].samples = m.series[i].count;
    for (size_t p = 0; p < part_count(c); p++) {
      outcomes[i].parts[p] = summarize(m.series[i].values[p], m.series[i].count);
      free(m.series[i].values[p]);
    }
  }
}
