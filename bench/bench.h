// The words that the parts of the benchmark share: what a case is, what one timed
// batch of it answers, and where the input files are.
//
// A case is a row of the table. Its kind holds the code that runs it, always inside
// a process of its own for each library (worker.c), so that neither signal handlers
// nor memory nor a crash of one library reaches the other. The parent lets the
// libraries take turns, batch by batch (measure.c).
#ifndef WASMRT_BENCH_BENCH_H
#define WASMRT_BENCH_BENCH_H

#include <inttypes.h>

#include "api.h"

enum { MAX_PARTS = 8, MAX_ARGS = 4, WHY_SIZE = 240 };

// What a worker answers for one batch.
struct sample {
  bool failed;
  char why[WHY_SIZE];
  uint64_t ns;                // the timed part of the batch
  double parts[MAX_PARTS];    // for kinds that measure several things at once
  uint64_t answer;            // must be the same for every library
};

struct bench_case;

struct case_kind {
  // Prepares everything that is not timed; NULL and a reason on failure.
  void *(*setup)(const struct api *api, const struct bench_case *c, char *why);
  // Runs the case `iterations` times, checks the results and fills the sample.
  void (*run)(void *state, uint64_t iterations, struct sample *sample);
  void (*teardown)(void *state);
  // A fresh process for every single sample, as for compile time and peak memory.
  bool fresh;
  // Instead of the three functions: the whole measurement in a process of its own,
  // which opens the library itself.
  void (*alone)(const char *library, const struct bench_case *c, struct sample *sample);
};

// One line of the table that a case fills from parts[]; a case without such lines
// has one line, the time for one operation.
struct part {
  const char *name, *unit;
  double goal;
  double limit;   // the first library's value must be at most this; 0 means no limit
};

struct bench_case {
  const char *group, *name;
  const struct case_kind *kind;
  const char *unit;         // "ns", "us" or "ms"
  double goal;              // first library / peer at most this; 0 means no goal
  const char *module;       // path of the .wasm file
  const char *export_name;
  size_t arg_count;
  wasm_val_t args[MAX_ARGS];
  bool has_result;
  wasm_val_t expected;
  uint64_t operations;      // how many operations one call makes
  const char *counter;      // an export that must go up by one with each call
  const char *phrase;       // what a trap's message must contain
  size_t frames;            // how many frames a trap's trace must have at least
  const struct part *parts;
  size_t part_count;
};

struct case_list {
  struct bench_case *items;
  size_t count, capacity;
};

struct options {
  const char *modules;    // folder of the assembled modules/*.wat
  const char *kernels;    // folder of the compiled kernels
  const char *expected;   // kernels/expected.txt
  const char **real;      // paths of real modules
  size_t real_count;
  unsigned rounds, processes;
  double batch_ms, budget_s;
  int timeout_s;
};

void case_add(struct case_list *list, struct bench_case c);
const char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
// FOLDER/NAME.wasm
const char *path_in(const char *folder, const char *name);

// One function per group; each is in a file of that name.
void add_call_cases(struct case_list *list, const struct options *options);
void add_callback_cases(struct case_list *list, const struct options *options);
void add_native_cases(struct case_list *list, const struct options *options);
void add_calls_cases(struct case_list *list, const struct options *options);
void add_kernel_cases(struct case_list *list, const struct options *options);
void add_metered_cases(struct case_list *list, const struct options *options);
void add_trap_cases(struct case_list *list, const struct options *options);
void add_instance_cases(struct case_list *list, const struct options *options);
// Instances that stay alive, a part of the group `instance`.
void add_alive_cases(struct case_list *list, const struct options *options);
void add_density_cases(struct case_list *list, const struct options *options);
void add_grow_cases(struct case_list *list, const struct options *options);
void add_compile_cases(struct case_list *list, const struct options *options);
void add_manyfuncs_cases(struct case_list *list, const struct options *options);
void add_cold_cases(struct case_list *list, const struct options *options);
// Whole programs in new processes; in group_cold.c as well.
void add_jobs_cases(struct case_list *list, const struct options *options);

// A case like the given one for each program of kernels/expected.txt.
void add_kernels(struct case_list *list, const struct options *options, const struct bench_case *like);

// The lines of each case of the group `metered`; all but the first are quotients.
enum { METERED_PARTS = 4 };
extern const struct part metered_parts[METERED_PARTS];

// The program as started by group_cold.c: measures itself and writes one sample.
int cold_main(int argc, char **argv);

uint64_t now_ns(void);
// The clock of the batches: wall time, or the thread's processor time if asked for.
uint64_t batch_ns(void);
void use_processor_time(void);
// Processor time of the whole process, all its threads.
uint64_t process_cpu_ns(void);
// Peak resident size of this process since it was executed, in KiB.
uint64_t peak_kib(void);
// Resident size of this process now, in KiB.
uint64_t resident_kib(void);

// Marks the sample as failed; the first reason stays.
void fail(struct sample *sample, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
