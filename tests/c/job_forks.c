// Compile jobs in a process that forks: a child may finish, cancel or delete the jobs of its parent.

#define _GNU_SOURCE
#include <unistd.h>

#include "crowd.h"
#include "process.h"

static own wasmrt_job_t* begun_job(wasm_engine_t* engine, size_t size) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  own wasmrt_job_t* job = wasmrt_job_new(engine, NULL);
  CHECK(job && wasmrt_job_feed(job, binary.data, size < binary.size ? size : binary.size));
  if (size >= binary.size) CHECK(wasmrt_job_feed(job, NULL, 0));
  wasm_byte_vec_delete(&binary);
  return job;
}

static void feed_rest(wasmrt_job_t* job, size_t size) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  if (size < binary.size) {
    CHECK(wasmrt_job_feed(job, binary.data + size, binary.size - size));
    CHECK(wasmrt_job_feed(job, NULL, 0));
  }
  wasm_byte_vec_delete(&binary);
}

static void finish(wasmrt_job_t* job, wasm_engine_t* engine, size_t size) {
  feed_rest(job, size);
  CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
  own wasm_store_t* store = wasm_store_new(engine);
  use_large(store, wasmrt_job_module(job, store));
  wasm_store_delete(store);
}

TEST(a_child_may_do_what_its_parent_does_with_a_job) {
  static const size_t sizes[] = {1, 300, 5000, 100000};
  for (int round = 0; round < 40; ++round) {
    size_t size = sizes[round % 4];
    own wasm_engine_t* engine = engine_with_workers((uint64_t)(round / 4 % 3));
    own wasmrt_job_t* job = begun_job(engine, size);
    if (round % 5) usleep((unsigned)round * 20);
    pid_t child = start_child();
    if (!child) {
      wasmrt_progress_t progress = {.struct_size = sizeof progress};
      CHECK(wasmrt_job_poll(job, &progress) && progress.bytes >= 1);
      switch (round % 3) {
        case 0: finish(job, engine, size); break;
        case 1: wasmrt_job_cancel(job); break;
        default: CHECK(wasmrt_job_wait(job, 1000)); break;
      }
      wasmrt_job_delete(job);
      wasm_engine_delete(engine);
      _exit(0);
    }
    finish(job, engine, size);
    wasmrt_job_delete(job);
    CHECK(outcome_of(child) == 0);
    wasm_engine_delete(engine);
  }
}

TEST(a_child_has_jobs_of_its_own) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  SKIP("the sanitizer's allocator may be locked in the child by a thread that it does not have");
#endif
  own wasm_engine_t* engine = engine_with_workers(2);
  for (int round = 0; round < 10; ++round) {
    own wasmrt_job_t* parents = begun_job(engine, 5000);
    pid_t child = start_child();
    if (!child) {
      own wasmrt_job_t* job = begun_job(engine, 100000);
      finish(job, engine, 100000);
      wasmrt_job_delete(job);
      _exit(0);
    }
    CHECK(outcome_of(child) == 0);
    wasmrt_job_delete(parents);
  }
  wasm_engine_delete(engine);
}
