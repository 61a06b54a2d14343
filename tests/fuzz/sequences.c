// Random sequences of calls of all functions of wasm.h and wasmrt.h: objects of every kind in pools, arguments
// that are mostly valid and sometimes not (NULL, other kinds, other stores, deleted stores), deletions in any
// order, host functions that do all of this from within. Nothing may crash or leak, the CHECKs must hold, and
// every finalizer must have run exactly once when everything is deleted.
//
//   sequences FOLDER [--seed N] [--rounds N] [--steps N] [--seconds N] [--threads N] [--trace]
//
// FOLDER holds the modules. A round begins and ends with nothing; its number is its seed, so that one that fails
// can be run alone. Compiled with -DLIBFUZZER -fsanitize=fuzzer, the fuzzer's bytes decide instead.

#include "jobs.h"
#include "linkers.h"

#include <time.h>

// Under AddressSanitizer every round is checked for leaks, and requests beyond all memory get NULL as
// elsewhere.
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define LEAKS() __lsan_do_recoverable_leak_check()
const char* __asan_default_options(void);
const char* __asan_default_options(void) {
  return "allocator_may_return_null=1:detect_stack_use_after_return=0:exitcode=99";
}
#else
#define LEAKS() 0
#endif

typedef struct {
  const char* name;
  void (*run)(void);
  unsigned weight;
  _Atomic unsigned long runs;
} operation_t;

#define ROW(weight, name) {#name, name, weight, 0}
static operation_t operations[] = {
    ROW(1, do_config), ROW(2, do_engine), ROW(5, do_store), ROW(1, do_delete_store), ROW(1, do_delete_engine),
    ROW(1, do_store_limits), ROW(1, do_limiter), ROW(1, do_stack), ROW(1, do_bounds), ROW(1, do_interrupt), ROW(1, do_profile), ROW(1, do_version),
    ROW(2, do_bytes), ROW(4, do_valtype), ROW(4, do_functype), ROW(4, do_globaltype), ROW(4, do_tabletype),
    ROW(4, do_memorytype), ROW(1, do_tagtype), ROW(1, do_wide_types), ROW(2, do_importtype), ROW(2, do_exporttype), ROW(3, do_read_type),
    ROW(3, do_cast_type), ROW(3, do_copy_type), ROW(4, do_vector), ROW(3, do_vals),
    ROW(8, do_delete), ROW(8, do_copy_ref), ROW(4, do_same), ROW(6, do_host_info), ROW(4, do_cast_ref), ROW(3, do_extern),
    ROW(3, do_trap), ROW(3, do_read_trap), ROW(2, do_frame), ROW(2, do_error),
    ROW(3, do_module), ROW(2, do_read_module), ROW(2, do_share), ROW(3, do_job), ROW(1, do_event), ROW(1, do_exchange), ROW(1, do_serialize), ROW(2, do_deserialize),
    ROW(5, do_func), ROW(2, do_native_func), ROW(4, do_call_native), ROW(25, do_call), ROW(5, do_wide_call),
    ROW(4, do_global), ROW(6, do_use_global), ROW(3, do_table), ROW(6, do_use_table), ROW(3, do_memory),
    ROW(5, do_use_memory), ROW(3, do_share_memory), ROW(3, do_tag), ROW(2, do_read_tag), ROW(3, do_exception), ROW(3, do_read_exception), ROW(4, do_foreign), ROW(12, do_instance), ROW(10, do_exports),
    ROW(2, do_linker), ROW(8, do_define), ROW(4, do_link), ROW(3, do_named_exports), ROW(4, do_bytes_of_memory), ROW(2, do_store_data)};
#undef ROW
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static bool traced;

static operation_t* some_operation(void) {
  unsigned all = 0;
  for (int i = 0; i < OPERATIONS; ++i) all += operations[i].weight;
  unsigned at = below(all);
  operation_t* operation_there = operations;
  while (at >= operation_there->weight) at -= operation_there++->weight;
  return operation_there;
}

static void do_something(void) {
  operation_t* chosen_one = some_operation();
  operation = chosen_one->name;
  ++chosen_one->runs;
  --budget;
  ++step;
  if (traced) fprintf(stderr, "%*s%ld %s\n", 2 * depth, "", step, operation);
  size_t mark = n_pins;
  unsigned long outer_plays = plays_before;
  plays_before = n_plays;
  item_t* store = find(has_kind, STORE);
  preferred = store ? store->store : 0;
  chosen_one->run();
  n_pins = mark;
  plays_before = outer_plays;
  forget_error();
}

// Deletes everything in random order, then looks whether all finalizers have run.
static void delete_everything(void) {
  operation = "deleting everything";
  while (n_items) delete_item(removed(below((uint32_t)n_items)));
  while (records) {
    record_t* record = records;
    CHECK(record->runs == record->armed);
    records = record->next;
    free(record);
  }
}

static void run_round(long steps) {
  step = 0;
  depth = 0;
  n_pins = 0;
  n_stores = 0;
  budget = steps;
  do_engine();
  do_store();
  while (budget > 0 && !(chosen && !chosen_left)) do_something();
  budget = 0;
  delete_everything();
  forget_error();
}

#ifdef LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (!binaries[1].data) load_binaries(getenv("MODULES"));
  decide_by_bytes(data, size);
  run_round(2000);
  return 0;
}

#else

static uint64_t first_seed = 1, wanted = 20;
static long steps = 1000;
static double seconds;
static time_t start;
static _Atomic uint64_t taken;  // rounds that some thread has begun

// Runs rounds, in parallel with other threads, until there have been enough.
static void* run_rounds(void* unused) {
  (void)unused;
  while (seconds > 0 ? difftime(time(NULL), start) < seconds : taken < wanted) {
    uint64_t round = taken++;
    if (seconds > 0 && round % 50 == 0) {
      printf("seed %llu\n", (unsigned long long)(first_seed + round));
      fflush(stdout);
    }
    round_seed = first_seed + round;
    decide_by_seed(round_seed);
    run_round(steps);
    if (!threaded && LEAKS()) {
      fprintf(stderr, "seed %llu leaks\n", (unsigned long long)round_seed);
      exit(98);
    }
  }
  return NULL;
}

static void run_threads(size_t n) {
  enum { MOST_THREADS = 64 };
  pthread_t threads[MOST_THREADS];
  threaded = n > 1;
  if (n > MOST_THREADS) n = MOST_THREADS;
  if (!threaded) run_rounds(NULL);
  for (size_t i = 0; threaded && i < n; ++i) CHECK(pthread_create(&threads[i], NULL, run_rounds, NULL) == 0);
  for (size_t i = 0; threaded && i < n; ++i) pthread_join(threads[i], NULL);
  for (size_t i = 0; i < sizeof exchange / sizeof exchange[0]; ++i) {
    if (exchange[i].handle) delete_item(exchange[i]);
  }
}

// In a long run every operation should have happened, or a name is misspelt in some list above.
static void report(uint64_t rounds, bool long_run) {
  unsigned long all = 0;
  for (int i = 0; i < OPERATIONS; ++i) {
    all += operations[i].runs;
    if (long_run && !operations[i].runs && operations[i].run != do_exchange) {
      fprintf(stderr, "%s never ran\n", operations[i].name);
      exit(1);
    }
  }
  printf("%llu rounds, %lu operations, %lu handles of which %lu of instances, %lu refused, %lu calls returned, %lu trapped\n",
         (unsigned long long)rounds, all, n_made, n_of_instances, n_refused, n_returned, n_trapped);
}

int main(int argc, char** argv) {
  size_t n_threads = 1;
  if (argc < 2) return 2;
  for (int i = 2; i < argc; ++i) {
    const char* value = i + 1 < argc ? argv[i + 1] : "0";
    if (strcmp(argv[i], "--trace") == 0) traced = true;
    else if (strcmp(argv[i], "--seed") == 0) first_seed = strtoull(value, NULL, 10), ++i;
    else if (strcmp(argv[i], "--rounds") == 0) wanted = strtoull(value, NULL, 10), ++i;
    else if (strcmp(argv[i], "--steps") == 0) steps = strtol(value, NULL, 10), ++i;
    else if (strcmp(argv[i], "--seconds") == 0) seconds = strtod(value, NULL), ++i;
    else if (strcmp(argv[i], "--threads") == 0) n_threads = strtoull(value, NULL, 10), ++i;
    else return 2;
  }
  load_binaries(argv[1]);
  start = time(NULL);
  run_threads(n_threads);
  for (int i = 0; i < BINARIES; ++i) wasm_byte_vec_delete(&binaries[i]);
  report(taken, taken * (uint64_t)steps > 20000);
}

#endif
