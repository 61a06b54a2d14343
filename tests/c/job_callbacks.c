// The callback that is told the end of a job may take its time, and may use other jobs of the engine.

#define _GNU_SOURCE
#include <stdatomic.h>
#include <unistd.h>

#include "crowd.h"
#include "tasks.h"

typedef struct {
  wasm_engine_t* engine;
  const wasm_byte_vec_t* binary;
  atomic_bool begun, go, finalized;
} callback_t;

static own wasmrt_job_t* whole_job(callback_t* callback, wasmrt_job_done_t done, void (*finalizer)(void*)) {
  wasmrt_job_options_t options = {.struct_size = sizeof options, .done = done, .env = callback, .finalizer = finalizer};
  own wasmrt_job_t* job = wasmrt_job_new(callback->engine, &options);
  CHECK(job && wasmrt_job_feed(job, callback->binary->data, callback->binary->size) && wasmrt_job_feed(job, NULL, 0));
  return job;
}

static void note_end(void* env) { atomic_store(&((callback_t*)env)->finalized, true); }

static void finish_another(void* env, wasmrt_job_state_t state) {
  CHECK(state == WASMRT_JOB_DONE);
  own wasmrt_job_t* other = whole_job(env, NULL, NULL);
  CHECK(wasmrt_job_wait(other, UINT64_MAX) == WASMRT_JOB_DONE);
  wasmrt_job_delete(other);
}

static void take_time(void* env, wasmrt_job_state_t state) {
  (void)state;
  callback_t* callback = env;
  atomic_store(&callback->begun, true);
  while (!atomic_load(&callback->go)) usleep(1000);
}

// With threads of the engine, or of an executor.
static void in_every_mode(uint64_t least_workers, void (*test)(callback_t*)) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_BOTH; ++compile) {
    for (uint64_t n = 2 * least_workers; n < 6; ++n) {
      uint64_t workers = n / 2;
      own wasm_config_t* config = test_config();
      if (n % 2) wasmrt_config_set_executor(config, start_task, NULL, NULL);
      CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile));
      CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
      callback_t callback = {.engine = wasm_engine_new_with_config(config), .binary = &binary};
      test(&callback);
      wasm_engine_delete(callback.engine);
    }
  }
  wasm_byte_vec_delete(&binary);
}

static void wait_within(callback_t* callback) {
  own wasmrt_job_t* job = whole_job(callback, finish_another, note_end);
  while (!atomic_load(&callback->finalized)) usleep(1000);
  wasmrt_job_delete(job);
}

TEST(a_callback_may_wait_for_another_job) { in_every_mode(0, wait_within); }

// One job is there before the callback is called, and one comes while it runs.
static void others_meanwhile(callback_t* callback) {
  own wasmrt_job_t* before = wasmrt_job_new(callback->engine, NULL);
  CHECK(before && wasmrt_job_feed(before, callback->binary->data, 100));
  own wasmrt_job_t* slow_one = whole_job(callback, take_time, note_end);
  while (!atomic_load(&callback->begun)) usleep(1000);
  CHECK(wasmrt_job_feed(before, callback->binary->data + 100, callback->binary->size - 100));
  CHECK(wasmrt_job_feed(before, NULL, 0));
  CHECK(wasmrt_job_wait(before, UINT64_MAX) == WASMRT_JOB_DONE);
  own wasmrt_job_t* after = whole_job(callback, NULL, NULL);
  CHECK(wasmrt_job_wait(after, UINT64_MAX) == WASMRT_JOB_DONE);
  CHECK(!atomic_load(&callback->finalized));
  atomic_store(&callback->go, true);
  while (!atomic_load(&callback->finalized)) usleep(1000);
  wasmrt_job_delete(before);
  wasmrt_job_delete(slow_one);
  wasmrt_job_delete(after);
}

TEST(other_jobs_go_on_while_a_callback_runs) { in_every_mode(1, others_meanwhile); }
