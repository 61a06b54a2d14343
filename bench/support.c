// Small helpers without a subject of their own: the clock, peak memory, texts and
// the growing list of cases.
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

static clockid_t batch_clock = CLOCK_MONOTONIC;

static uint64_t read_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t now_ns(void) { return read_clock(CLOCK_MONOTONIC); }
uint64_t batch_ns(void) { return read_clock(batch_clock); }
void use_processor_time(void) { batch_clock = CLOCK_THREAD_CPUTIME_ID; }
uint64_t process_cpu_ns(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

// The value of a line "NAME: N kB" in a file of /proc; 0 if there is none.
static uint64_t kib_in(const char *path, const char *name) {
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  char line[256];
  size_t length = strlen(name);
  uint64_t kib = 0;
  while (fgets(line, sizeof line, file))
    if (strncmp(line, name, length) == 0 && sscanf(line + length, ": %" SCNu64, &kib) == 1) break;
  fclose(file);
  return kib;
}

// From the address space, not from getrusage: that one remembers the process image
// before exec.
uint64_t peak_kib(void) { return kib_in("/proc/self/status", "VmHWM"); }
// The counters in /proc/self/status lag behind; these are counted when asked for.
uint64_t resident_kib(void) { return kib_in("/proc/self/smaps_rollup", "Rss"); }

void fail(struct sample *sample, const char *format, ...) {
  if (sample->failed) return;
  sample->failed = true;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sample->why, sizeof sample->why, format, arguments);
  va_end(arguments);
}

// Texts of cases live as long as the program; the list says so to leak checkers.
const char *text_of(const char *format, ...) {
  static char **kept;
  static size_t count;
  va_list arguments;
  va_start(arguments, format);
  kept = realloc(kept, (count + 1) * sizeof *kept);
  if (!kept || vasprintf(&kept[count], format, arguments) < 0) abort();
  va_end(arguments);
  return kept[count++];
}

const char *path_in(const char *folder, const char *name) { return text_of("%s/%s.wasm", folder, name); }

void case_add(struct case_list *list, struct bench_case c) {
  if (list->count == list->capacity) {
    list->capacity = list->capacity ? 2 * list->capacity : 32;
    list->items = realloc(list->items, list->capacity * sizeof *list->items);
    if (!list->items) abort();
  }
  if (!c.unit) c.unit = "ns";
  if (!c.operations) c.operations = 1;
  list->items[list->count++] = c;
}
