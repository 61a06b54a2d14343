// The table of results: printed line by line as they come, and written as Markdown at
// the end.
#ifndef WASMRT_BENCH_REPORT_H
#define WASMRT_BENCH_REPORT_H

#include <stdio.h>

#include "measure.h"

struct row {
  const char *group;
  const char *name;
  const char *part;   // NULL where the case has only one
  const char *unit;
  double goal, limit;
  bool mean;          // a geometric mean of ratios: has no values of its own
  double values[MAX_LIBRARIES], spread;
  double ratios[MAX_LIBRARIES];   // first library / this one
  bool failed[MAX_LIBRARIES];
  char why[MAX_LIBRARIES][WHY_SIZE];
};

struct report {
  const struct library *libraries;
  size_t library_count;
  struct row *rows;
  size_t count, capacity;
};

void report_case(struct report *r, const struct bench_case *c, const struct outcome *outcomes);
// Adds the geometric mean of the ratios of the group's rows for that part.
void report_mean(struct report *r, const char *group, const char *part, double goal);
// Adds the geometric mean, for each library, of the values of the group's rows for that part, and the greatest.
void report_quotients(struct report *r, const char *group, const char *part);
void report_markdown(const struct report *r, FILE *out, const struct options *options);
// How many cases the first library failed, and how many goals it missed.
size_t report_failures(const struct report *r);
size_t report_missed(const struct report *r);
void report_free(struct report *r);

#endif
