// Jobs, engines, stores and modules are deleted in any order, on any thread, at any moment, and by the callbacks that
// jobs and modules call.

#define _GNU_SOURCE
#include <malloc.h>
#include <stdatomic.h>
#include <unistd.h>

#include "crowd.h"
#include "process.h"

static const uint64_t MODES[] = {WASMRT_COMPILE_TIERED, WASMRT_COMPILE_LAZY_BASELINE, WASMRT_COMPILE_BASELINE,
                                 WASMRT_COMPILE_OPTIMIZED, WASMRT_COMPILE_BOTH};

// What a program has of a module that it compiles in the background.
typedef struct {
  wasm_engine_t* engine;
  wasmrt_job_t* job;
  wasm_store_t* store;
  wasm_module_t* module;
  wasm_instance_t* instance;
} belongings_t;

enum { KINDS = 5, ORDERS = 120 };

static void delete_one(belongings_t* all, int kind) {
  switch (kind) {
    case 0: wasm_engine_delete(all->engine); break;
    case 1: wasmrt_job_delete(all->job); break;
    case 2: wasm_store_delete(all->store); break;
    case 3: wasm_module_delete(all->module); break;
    default: wasm_instance_delete(all->instance);
  }
}

// Makes `kinds` the permutation with that number.
static void permutation(int number, int kinds[KINDS]) {
  for (int i = 0; i < KINDS; ++i) {
    int at = number % (i + 1);
    number /= i + 1;
    kinds[i] = kinds[at];
    kinds[at] = i;
  }
}

static void delete_all(belongings_t* all, int order) {
  int kinds[KINDS];
  permutation(order, kinds);
  for (int i = 0; i < KINDS; ++i) delete_one(all, kinds[i]);
}

static belongings_t new_belongings(uint64_t compile, uint64_t workers, const wasmrt_job_options_t* options) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, 1));
  belongings_t all = {.engine = wasm_engine_new_with_config(config)};
  all.store = wasm_store_new(all.engine);
  all.job = wasmrt_job_new(all.engine, options);
  CHECK(all.store && all.job);
  return all;
}

static void add_module(belongings_t* all) {
  CHECK(wasmrt_job_wait(all->job, UINT64_MAX) == WASMRT_JOB_DONE);
  all->module = wasmrt_job_module(all->job, all->store);
  all->instance = wasm_instance_new(all->store, all->module, &NO_IMPORTS, NULL);
  CHECK(all->instance);
}

// --- On other threads ---

typedef struct {
  belongings_t* all;
  int kind;
} deletion_t;

static void* delete_there(void* argument) {
  deletion_t* deletion = argument;
  delete_one(deletion->all, deletion->kind);
  return NULL;
}

TEST(everything_goes_in_any_order_at_any_moment_on_any_thread) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (int order = 0; order < ORDERS; order += slow() ? 7 : 1) {
    for (int moment = 0; moment < 4; ++moment) {
      belongings_t all = new_belongings(MODES[order % 5], (uint64_t)(order % 3), NULL);
      if (moment > 0) CHECK(wasmrt_job_feed(all.job, binary.data, binary.size / 2));
      if (moment > 1) CHECK(wasmrt_job_feed(all.job, binary.data + binary.size / 2, binary.size - binary.size / 2));
      if (moment > 1) CHECK(wasmrt_job_feed(all.job, NULL, 0));
      if (moment > 2) add_module(&all);
      int kinds[KINDS];
      permutation(order, kinds);
      for (int i = 0; i < KINDS; ++i) {
        deletion_t deletion = {&all, kinds[i]};
        run_on_thread(0, delete_there, &deletion);
      }
    }
  }
  wasm_byte_vec_delete(&binary);
}

// --- By callbacks ---

typedef struct {
  belongings_t all;
  int order;
  atomic_bool ready, begun, finalized;
} owner_t;

static void delete_by_callback(owner_t* owner) {
  if (atomic_exchange(&owner->begun, true)) return;
  while (!atomic_load(&owner->ready)) usleep(100);
  delete_all(&owner->all, owner->order);
}

static void note_finalized(void* env) { atomic_store(&((owner_t*)env)->finalized, true); }

static void delete_when_done(void* env, wasmrt_job_state_t state) {
  CHECK(state == WASMRT_JOB_DONE);
  delete_by_callback(env);
}

TEST(everything_may_be_deleted_by_the_callback_of_a_job) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (int order = 0; order < ORDERS; order += slow() ? 7 : 1) {
    owner_t owner = {.order = order};
    wasmrt_job_options_t options = {
        .struct_size = sizeof options, .done = delete_when_done, .env = &owner, .finalizer = note_finalized};
    uint64_t workers = (uint64_t)(order % 3);
    owner.all = new_belongings(MODES[order % 5], workers, &options);
    wasmrt_job_t* job = owner.all.job;
    CHECK(wasmrt_job_feed(job, binary.data, binary.size));
    // Without workers, and where the rest was done already, it is deleted within this call.
    atomic_store(&owner.ready, true);
    CHECK(wasmrt_job_feed(job, NULL, 0));
    while (!atomic_load(&owner.finalized)) usleep(100);
  }
  wasm_byte_vec_delete(&binary);
}

static void delete_when_optimized(void* env, const wasmrt_event_info_t* info) {
  if (info->kind == WASMRT_EVENT_OPTIMIZED) delete_by_callback(env);
}

// The function is called until it is hot; a thread of the engine tells that it was optimized, and deletes everything. Nobody
// is left then who waits for that thread, whose stack must go all the same.
TEST(everything_may_be_deleted_by_the_callback_of_a_module) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  mallopt(M_ARENA_MAX, 1);  // threads would reserve address space
  size_t before = 0;
  for (int order = 0; order < ORDERS; order += slow() ? 40 : 2) {
    if (order < 20) before = address_space_now();
    owner_t owner = {.order = order};
    owner.all = new_belongings(WASMRT_COMPILE_TIERED, 1 + (uint64_t)(order % 2), NULL);
    CHECK(wasmrt_job_feed(owner.all.job, binary.data, binary.size) && wasmrt_job_feed(owner.all.job, NULL, 0));
    add_module(&owner.all);
    wasmrt_module_set_event(owner.all.module, delete_when_optimized, &owner, note_finalized);
    own wasm_extern_vec_t exports;
    wasm_instance_exports(owner.all.instance, &exports);
    for (int i = 0; !atomic_load(&owner.begun); ++i) {
      CHECK(call(wasm_extern_as_func(exports.data[0]), VALS(I32(12))).of.i32 == 42);
      if (i > 1000) usleep(100);
    }
    wasm_extern_vec_delete(&exports);
    atomic_store(&owner.ready, true);
    while (!atomic_load(&owner.finalized)) usleep(100);
  }
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
  // Others end after a while, and the C library keeps 40 MB of stacks for new threads.
  for (int i = 0; !slow() && address_space_now() > before + (64 << 20); ++i) {
    CHECK(i < 1000);
    usleep(10000);
  }
#endif
  (void)before;
  wasm_byte_vec_delete(&binary);
}
