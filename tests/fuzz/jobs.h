// Compile jobs: bytes in pieces of any size, looked at, cancelled and deleted at any moment.

#ifndef FUZZ_JOBS_H
#define FUZZ_JOBS_H

#include "objects.h"

// The callback of a job runs on other threads, so it counts in memory of its own.
static void note_done(void* env, wasmrt_job_state_t state) {
  CHECK(state >= WASMRT_JOB_DONE && state <= WASMRT_JOB_CANCELLED);
  __atomic_fetch_add((int*)env, 1, __ATOMIC_RELAXED);
}

static void free_count(void* env) {
  CHECK(*(int*)env <= 1);
  free(env);
}

static void make_job(void) {
  wasmrt_job_options_t options = {.struct_size = sizeof options, .priority = (int32_t)below(3) - 1};
  if (chance(20)) options.tier = below(4);
  if (chance(50)) {
    options.env = calloc(1, sizeof(int));
    options.finalizer = free_count;
    if (chance(90)) options.done = note_done;
  }
  own wasmrt_job_t* job = wasmrt_job_new(lent(ENGINE), options.env || chance(50) ? &options : NULL);
  if (!job) {
    expect_error();
    return;
  }
  own fed_job_t* fed = calloc(1, sizeof *fed);
  CHECK(fed);
  fed->job = job;
  wasm_byte_vec_copy(&fed->bytes, &binaries[below(BINARIES)]);
  bool damaged = chance(25);
  if (damaged) damage(&fed->bytes);
  keep_tainted(JOB, fed, 0, damaged);
}

static void note_event(void* env, const wasmrt_event_info_t* info) {
  (void)env;
  CHECK(info->kind >= WASMRT_EVENT_COMPILED && info->kind <= WASMRT_EVENT_FAILED);
}

static void do_event(void) {
  wasm_module_t* module = lent(MODULE);
  wasmrt_module_set_event(module, chance(80) ? note_event : NULL, NULL, NULL);
}

static void do_job(void) {
  if (chance(40)) make_job();
  item_t item = lent_item(JOB);
  fed_job_t* fed = item.handle;
  wasmrt_job_t* job = fed ? fed->job : NULL;
  for (uint32_t n = 1 + below(4); fed && n; --n) {
    size_t left = fed->bytes.size - fed->at;
    size_t size = chance(30) ? left : left ? below((uint32_t)left + 1) : 0;
    if (size < left && size == 0) size = 1;
    if (!wasmrt_job_feed(job, fed->bytes.data + fed->at, size)) expect_error();
    fed->at += size;
  }
  wasmrt_progress_t progress = {.struct_size = sizeof progress};
  wasmrt_job_state_t state = wasmrt_job_poll(job, chance(50) ? &progress : NULL);
  CHECK(state <= WASMRT_JOB_CANCELLED && progress.done <= progress.functions);
  if (chance(50)) state = wasmrt_job_wait(job, below(1000000));
  if (chance(5)) wasmrt_job_cancel(job);
  wasm_store_t* store = some_store();
  own wasm_module_t* module = wasmrt_job_module(job, store);
  if (!module) expect_error();
  keep_tainted(MODULE, module, preferred, item.tainted);
  own wasmrt_error_t* error = wasmrt_job_error(job);
  CHECK(!error || state == WASMRT_JOB_FAILED || wasmrt_job_poll(job, NULL) == WASMRT_JOB_FAILED);
  check_error(error);
}

#endif
