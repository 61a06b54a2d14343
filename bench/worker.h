// A process that runs one case with one library and takes orders over a pipe. The
// parent never opens a library itself: whatever one does to its process, crashes
// included, stays there and becomes a sentence in the table.
#ifndef WASMRT_BENCH_WORKER_H
#define WASMRT_BENCH_WORKER_H

#include <sys/types.h>

#include "bench.h"

struct worker {
  pid_t pid;   // 0 when there is none
  int to, from;
};

// Starts the process and waits until the case is set up.
bool worker_start(struct worker *w, const char *library, const struct bench_case *c, int timeout_s, char *why);
// Orders one batch. On failure the sample says why, and the process may be gone.
bool worker_run(struct worker *w, uint64_t iterations, struct sample *sample, int timeout_s);
// Lets the process take everything down and waits; false if that went wrong.
bool worker_stop(struct worker *w, int timeout_s, char *why);

#endif
