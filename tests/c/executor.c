// The host's executor: background work on its threads, at once, later or never.

#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "crowd.h"
#include "tasks.h"

// --- Executors ---

enum { MOST_TASKS = 100 };

// Keeps tasks until the test runs them.
typedef struct {
  pthread_mutex_t lock;
  task_t tasks[MOST_TASKS];
  int waiting;
  atomic_int submitted, finalized;
  bool refuses, runs_at_once, starts_threads;
} executor_t;

static bool submit(void* env, wasmrt_run_t run, void* task) {
  executor_t* executor = env;
  atomic_fetch_add(&executor->submitted, 1);
  if (executor->refuses) return false;
  if (executor->runs_at_once) {
    run(task);
    return true;
  }
  if (executor->starts_threads) return start_task(NULL, run, task);
  pthread_mutex_lock(&executor->lock);
  CHECK(executor->waiting < MOST_TASKS);
  executor->tasks[executor->waiting++] = (task_t){run, task};
  pthread_mutex_unlock(&executor->lock);
  return true;
}

static void note_end(void* env) { atomic_fetch_add(&((executor_t*)env)->finalized, 1); }

// Runs the tasks that wait. How many there were.
static int run_all(executor_t* executor) {
  int count = 0;
  for (;;) {
    pthread_mutex_lock(&executor->lock);
    task_t task = executor->waiting ? executor->tasks[--executor->waiting] : (task_t){0};
    pthread_mutex_unlock(&executor->lock);
    if (!task.run) return count;
    task.run(task.task);
    ++count;
  }
}

static own wasm_engine_t* engine_with(executor_t* executor, uint64_t compile, uint64_t workers) {
  *executor = (executor_t){.lock = PTHREAD_MUTEX_INITIALIZER,
                           .refuses = executor->refuses,
                           .runs_at_once = executor->runs_at_once,
                           .starts_threads = executor->starts_threads};
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, 1));
  wasmrt_config_set_executor(config, submit, executor, note_end);
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  CHECK(engine);
  return engine;
}

static own wasmrt_job_t* fed_job(wasm_engine_t* engine, const wasmrt_job_options_t* options) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  own wasmrt_job_t* job = wasmrt_job_new(engine, options);
  CHECK(job && wasmrt_job_feed(job, binary.data, binary.size) && wasmrt_job_feed(job, NULL, 0));
  wasm_byte_vec_delete(&binary);
  return job;
}

static int threads_of_process(void) {
  int count = 0;
  DIR* tasks = opendir("/proc/self/task");
  CHECK(tasks);
  while (readdir(tasks)) ++count;
  closedir(tasks);
  return count;
}

// --- Jobs ---

TEST(tasks_do_the_work_when_the_host_runs_them) {
  executor_t executor = {0};
  int before = threads_of_process();
  for (uint64_t compile = WASMRT_COMPILE_TIERED; compile <= WASMRT_COMPILE_BOTH; ++compile) {
    own wasm_engine_t* engine = engine_with(&executor, compile, 3);
    own wasmrt_job_t* job = fed_job(engine, NULL);
    CHECK(executor.waiting >= 1 && executor.waiting <= 3);
    CHECK(wasmrt_job_wait(job, 1000000) == WASMRT_JOB_RUNNING);
    CHECK(run_all(&executor) >= 1);
    CHECK(wasmrt_job_poll(job, NULL) == WASMRT_JOB_DONE);
    CHECK(threads_of_process() == before);
    wasmrt_job_delete(job);
    wasm_engine_delete(engine);
    CHECK(executor.finalized == 1 && executor.waiting == 0);
  }
}

// Work is done by the time that the call which wants it has returned.
static void does_all_at_once(executor_t* executor) {
  own wasm_engine_t* engine = engine_with(executor, WASMRT_COMPILE_OPTIMIZED, 2);
  own wasmrt_job_t* job = fed_job(engine, NULL);
  CHECK(wasmrt_job_poll(job, NULL) == WASMRT_JOB_DONE && executor->submitted >= 1);
  wasmrt_job_delete(job);
  compile_large(engine);
  wasm_engine_delete(engine);
  CHECK(executor->finalized == 1);
}

TEST(tasks_may_run_within_the_call_that_submits_them) { does_all_at_once(&(executor_t){.runs_at_once = true}); }

TEST(tasks_may_run_on_threads) {
  executor_t executor = {.starts_threads = true};
  own wasm_engine_t* engine = engine_with(&executor, WASMRT_COMPILE_OPTIMIZED, 3);
  for (int i = 0; i < (slow() ? 3 : 20); ++i) {
    own wasmrt_job_t* job = fed_job(engine, NULL);
    if (i % 3 == 2) wasmrt_job_cancel(job);
    wasmrt_job_state_t state = wasmrt_job_wait(job, UINT64_MAX);
    CHECK(state == (i % 3 == 2 ? WASMRT_JOB_CANCELLED : WASMRT_JOB_DONE) || state == WASMRT_JOB_DONE);
    wasmrt_job_delete(job);
    compile_large(engine);
  }
  wasm_engine_delete(engine);
  while (!atomic_load(&executor.finalized)) usleep(1000);
}

TEST(a_task_that_is_refused_is_done_by_who_asked) { does_all_at_once(&(executor_t){.refuses = true}); }

TEST(without_workers_nothing_is_submitted) {
  executor_t executor = {0};
  own wasm_engine_t* engine = engine_with(&executor, WASMRT_COMPILE_OPTIMIZED, 0);
  own wasmrt_job_t* job = fed_job(engine, NULL);
  CHECK(wasmrt_job_poll(job, NULL) == WASMRT_JOB_DONE);
  wasmrt_job_delete(job);
  compile_large(engine);
  wasm_engine_delete(engine);
  CHECK(executor.submitted == 0 && executor.finalized == 1);
}

TEST(a_host_that_runs_no_task_waits_no_longer_than_it_wants) {
  executor_t executor = {0};
  own wasm_engine_t* engine = engine_with(&executor, WASMRT_COMPILE_OPTIMIZED, 2);
  own wasmrt_job_t* job = fed_job(engine, NULL);
  for (int i = 0; i < 10; ++i) CHECK(wasmrt_job_wait(job, 1000000) == WASMRT_JOB_RUNNING);
  compile_large(engine);  // by the calling thread alone
  wasmrt_job_delete(job);
  job = fed_job(engine, NULL);
  wasmrt_job_cancel(job);
  CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_CANCELLED);
  wasmrt_job_delete(job);
  wasm_engine_delete(engine);
  CHECK(executor.finalized == 1);
  // What they were for is gone.
  CHECK(run_all(&executor) >= 1);
}

static int order[2], ended;

static void note_order(void* env, wasmrt_job_state_t state) {
  CHECK(state == WASMRT_JOB_DONE);
  order[ended++] = (int)(intptr_t)env;
}

TEST(jobs_of_higher_priority_come_first) {
  for (int first = -1; first <= 1; first += 2) {
    executor_t executor = {0};
    own wasm_engine_t* engine = engine_with(&executor, WASMRT_COMPILE_OPTIMIZED, 1);
    ended = 0;
    own wasmrt_job_t* jobs[2];
    for (int i = 0; i < 2; ++i) {
      wasmrt_job_options_t options = {.struct_size = sizeof options,
                                      .priority = i ? -first : first,
                                      .done = note_order,
                                      .env = (void*)(intptr_t)i};
      jobs[i] = fed_job(engine, &options);
    }
    CHECK(run_all(&executor) == 1 && ended == 2);
    CHECK(order[0] == (first < 0) && order[1] == (first > 0));
    for (int i = 0; i < 2; ++i) wasmrt_job_delete(jobs[i]);
    wasm_engine_delete(engine);
  }
}

// --- Hot functions ---

static world_t open_hot(executor_t* executor) {
  world_t w = {.engine = engine_with(executor, WASMRT_COMPILE_TIERED, 2)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "first_calls");
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  return w;
}

static uint64_t optimized(const world_t* w) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(w->module, &stats);
  return stats.optimized.functions;
}

// Functions that wait to be optimized; module and engine agree.
static uint64_t waiting(const world_t* w) {
  wasmrt_stats_t module = {.struct_size = sizeof module}, engine = {.struct_size = sizeof engine};
  wasmrt_module_stats(w->module, &module);
  wasmrt_engine_stats(w->engine, &engine);
  CHECK(module.waiting == engine.waiting);
  return module.waiting;
}

static void be_hot(const world_t* w) {
  CHECK(call_i32(w, "repeat", VALS(I32(100000), I32(3))) == 100000 * 103);
}

TEST(hot_functions_are_optimized_by_tasks) {
  executor_t executor = {0};
  int before = threads_of_process();
  world_t w = open_hot(&executor);
  be_hot(&w);
  be_hot(&w);
  CHECK(optimized(&w) == 0 && executor.waiting == 1 && waiting(&w) == 2);
  CHECK(run_all(&executor) == 1 && optimized(&w) == 2 && waiting(&w) == 0);
  be_hot(&w);
  CHECK(threads_of_process() == before);
  close_world(&w);
  CHECK(executor.finalized == 1);

  executor = (executor_t){.runs_at_once = true};
  w = open_hot(&executor);
  be_hot(&w);
  CHECK(optimized(&w) > 0);
  close_world(&w);

  executor = (executor_t){.refuses = true};
  w = open_hot(&executor);
  be_hot(&w);
  CHECK(optimized(&w) == 0 && executor.submitted > 0 && waiting(&w) == 0);
  close_world(&w);

  // Tasks outlive what they were for.
  executor = (executor_t){0};
  w = open_hot(&executor);
  be_hot(&w);
  close_world(&w);
  CHECK(executor.finalized == 1 && run_all(&executor) == 1);
}

TEST(setting_an_executor_ends_the_former_one) {
  executor_t one = {0}, two = {0};
  own wasm_config_t* config = test_config();
  wasmrt_config_set_executor(config, submit, &one, note_end);
  wasmrt_config_set_executor(config, submit, &two, note_end);
  CHECK(one.finalized == 1 && two.finalized == 0);
  wasmrt_config_set_executor(config, NULL, &one, note_end);
  CHECK(one.finalized == 2 && two.finalized == 1);
  wasm_config_delete(config);
  forget_error();
  wasmrt_config_set_executor(NULL, submit, &one, note_end);
  CHECK(one.finalized == 3 && has_error());
}
