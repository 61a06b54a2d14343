// Compile jobs.

#include "test.hh"

#include <atomic>
#include <thread>

using wasm::Job;
using wasm::JobState;

TEST(module_is_compiled_while_its_bytes_arrive) {
  world w;
  auto binary = read_module("objects");
  auto job = Job::make(w.engine.get());
  CHECK(job && !Job::make(nullptr) && job->state() == JobState::RUNNING);
  CHECK(!job->module(w.store.get()));
  CHECK(job->feed(0, nullptr) && job->state() == JobState::RUNNING);
  for (size_t i = 0; i < binary.size(); ++i) CHECK(job->feed(1, binary.get() + i));
  CHECK(job->wait(0) == JobState::RUNNING && job->progress().bytes == binary.size());
  CHECK(job->end() && job->wait() == JobState::DONE);
  CHECK(!job->end() && !job->feed(binary));
  const wasmrt_progress_t progress = job->progress();
  CHECK(progress.functions > 0 && progress.done == progress.functions);
  w.module = job->module(w.store.get());
  CHECK(w.module && job->module(w.store.get()));
  job.reset();
  w.instantiate();
}

TEST(invalid_bytes_and_cancelling_end_a_job) {
  world w;
  auto invalid = Job::make(w.engine.get());
  static const byte_t text[] = {'(', 'm', 'o', 'd', 'u', 'l', 'e', ')'};
  invalid->feed(sizeof text, text);
  invalid->end();
  CHECK(invalid->wait() == JobState::FAILED && !invalid->module(w.store.get()));
  auto cancelled = Job::make(w.engine.get());
  cancelled->cancel();
  CHECK(cancelled->state() == JobState::CANCELLED && !cancelled->feed(sizeof text, text));
}

namespace {
std::atomic<wasmrt_job_state_t> told(0);
std::atomic<int> finalized(0);
void tell(void*, wasmrt_job_state_t state) { told = state; }
void finalize(void*) { ++finalized; }
}  // namespace

TEST(options_have_a_tier_and_a_function_that_is_told_the_end) {
  world w;
  wasmrt_job_options_t options = wasmrt_job_options_t();
  options.struct_size = sizeof options;
  options.tier = WASMRT_TIER_OPTIMIZED;
  options.done = tell;
  options.finalizer = finalize;
  auto job = Job::make(w.engine.get(), options);
  CHECK(job && job->feed(read_module("objects")) && job->end() && job->wait() == JobState::DONE);
  CHECK(job->progress().optimized.functions == job->progress().functions);
  // It may still be running.
  while (finalized == 0) std::this_thread::yield();
  CHECK(told == WASMRT_JOB_DONE && finalized == 1);
}
