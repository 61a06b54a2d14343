// Measuring one case with every library; see measure.c.
#ifndef WASMRT_BENCH_MEASURE_H
#define WASMRT_BENCH_MEASURE_H

#include "bench.h"

enum { MAX_LIBRARIES = 6 };

struct library {
  const char *name, *path;
};

struct summary {
  double median;
  double spread;   // half the distance between the quartiles, relative to the median
};

// What a case gave with one library: one summary, or one for each part.
struct outcome {
  bool failed;
  char why[WHY_SIZE];
  struct summary parts[MAX_PARTS];
  size_t samples;
};

void measure(const struct bench_case *c, const struct library *libraries, size_t count,
             const struct options *options, struct outcome *outcomes);

#endif
