// Compile jobs: modules compiled in the background, also from bytes that arrive in pieces.

#define _GNU_SOURCE
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"
#include "process.h"

static const uint64_t MODES[] = {WASMRT_COMPILE_TIERED, WASMRT_COMPILE_LAZY_BASELINE, WASMRT_COMPILE_BASELINE,
                                 WASMRT_COMPILE_OPTIMIZED, WASMRT_COMPILE_BOTH};
enum { MODE_COUNT = sizeof MODES / sizeof *MODES, FUNCTIONS = 200 };

static own wasm_engine_t* engine_of(uint64_t compile, uint64_t workers) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, compile));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  CHECK(engine);
  return engine;
}

static own wasmrt_job_t* new_job(wasm_engine_t* engine) {
  own wasmrt_job_t* job = wasmrt_job_new(engine, NULL);
  CHECK(job && wasmrt_job_poll(job, NULL) == WASMRT_JOB_RUNNING);
  return job;
}

static void feed_all(wasmrt_job_t* job, const wasm_byte_vec_t* binary, size_t piece) {
  for (size_t at = 0; at < binary->size; at += piece) {
    size_t left = binary->size - at;
    CHECK(wasmrt_job_feed(job, binary->data + at, left < piece ? left : piece));
  }
  CHECK(wasmrt_job_feed(job, NULL, 0));
}

static wasmrt_progress_t progress_of(const wasmrt_job_t* job) {
  wasmrt_progress_t progress = {.struct_size = sizeof progress};
  CHECK(wasmrt_job_poll(job, &progress));
  return progress;
}

// The module of a job can be used.
static void use_module(wasmrt_job_t* job, wasm_engine_t* engine) {
  own wasm_store_t* store = wasm_store_new(engine);
  use_large(store, wasmrt_job_module(job, store));
  wasm_store_delete(store);
}

// --- Whole modules ---

TEST(a_module_is_compiled_in_the_background_in_every_mode) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (int mode = 0; mode < MODE_COUNT; ++mode) {
    for (uint64_t workers = 0; workers < 4; ++workers) {
      own wasm_engine_t* engine = engine_of(MODES[mode], workers);
      own wasmrt_job_t* job = new_job(engine);
      feed_all(job, &binary, binary.size);
      CHECK(workers || wasmrt_job_poll(job, NULL) == WASMRT_JOB_DONE);
      CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
      CHECK(!wasmrt_job_error(job));
      wasmrt_progress_t progress = progress_of(job);
      CHECK(progress.bytes == binary.size && progress.functions == FUNCTIONS && progress.done == FUNCTIONS);
      bool baseline = MODES[mode] == WASMRT_COMPILE_BASELINE || MODES[mode] == WASMRT_COMPILE_BOTH;
      CHECK(progress.baseline.functions == (baseline ? FUNCTIONS : 0));
      CHECK(progress.optimized.functions == (MODES[mode] == WASMRT_COMPILE_OPTIMIZED ? FUNCTIONS : 0));
      use_module(job, engine);
      use_module(job, engine);
      wasmrt_job_delete(job);
      wasm_engine_delete(engine);
    }
  }
  wasm_byte_vec_delete(&binary);
}

TEST(a_job_may_ask_for_a_tier) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (int mode = 0; mode < MODE_COUNT; ++mode) {
    for (wasmrt_tier_t tier = WASMRT_TIER_BASELINE; tier <= WASMRT_TIER_OPTIMIZED; ++tier) {
      own wasm_engine_t* engine = engine_of(MODES[mode], 2);
      wasmrt_job_options_t options = {.struct_size = sizeof options, .tier = tier};
      own wasmrt_job_t* job = wasmrt_job_new(engine, &options);
      feed_all(job, &binary, 1000);
      CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
      wasmrt_progress_t progress = progress_of(job);
      CHECK(progress.baseline.functions == (tier == WASMRT_TIER_BASELINE ? FUNCTIONS : 0));
      CHECK(progress.optimized.functions == (tier == WASMRT_TIER_OPTIMIZED ? FUNCTIONS : 0));
      use_module(job, engine);
      wasmrt_job_delete(job);
      wasm_engine_delete(engine);
    }
  }
  wasm_byte_vec_delete(&binary);
}

TEST(a_module_without_functions_is_done_as_well) {
  static const char empty[] = "\0asm\1\0\0\0";
  for (uint64_t workers = 0; workers < 2; ++workers) {
    own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_TIERED, workers);
    own wasmrt_job_t* job = new_job(engine);
    CHECK(wasmrt_job_feed(job, empty, 8) && wasmrt_job_feed(job, NULL, 0));
    CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
    own wasm_store_t* store = wasm_store_new(engine);
    own wasm_module_t* module = wasmrt_job_module(job, store);
    CHECK(module);
    wasm_module_delete(module);
    wasmrt_job_delete(job);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
  }
}

// --- Pieces ---

TEST(pieces_may_have_any_size) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  static const size_t pieces[] = {1, 2, 3, 7, 64, 1000, 4096, 100000};
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; ++i) {
    for (uint64_t workers = 0; workers < 3; workers += 2) {
      own wasm_engine_t* engine = engine_of(MODES[i % MODE_COUNT], workers);
      own wasmrt_job_t* job = new_job(engine);
      feed_all(job, &binary, pieces[i]);
      CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
      use_module(job, engine);
      wasmrt_job_delete(job);
      wasm_engine_delete(engine);
    }
  }
  wasm_byte_vec_delete(&binary);
}

TEST(functions_are_compiled_before_the_last_byte_has_arrived) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (int mode = 0; mode < MODE_COUNT; ++mode) {
    for (uint64_t workers = 0; workers < 3; workers += 2) {
      own wasm_engine_t* engine = engine_of(MODES[mode], workers);
      own wasmrt_job_t* job = new_job(engine);
      CHECK(wasmrt_job_feed(job, binary.data, binary.size / 2));
      while (progress_of(job).done < FUNCTIONS / 3) usleep(1000);
      CHECK(progress_of(job).bytes == binary.size / 2);
      own wasm_store_t* store = wasm_store_new(engine);
      forget_error();
      CHECK(!wasmrt_job_module(job, store) && has_error());
      CHECK(wasmrt_job_wait(job, 1000) == WASMRT_JOB_RUNNING);
      CHECK(wasmrt_job_feed(job, binary.data + binary.size / 2, binary.size - binary.size / 2));
      CHECK(wasmrt_job_feed(job, NULL, 0));
      CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
      use_module(job, engine);
      wasmrt_job_delete(job);
      wasm_store_delete(store);
      wasm_engine_delete(engine);
    }
  }
  wasm_byte_vec_delete(&binary);
}

// --- Errors ---

static void check_error(const wasmrt_job_t* job, uint32_t kind, uint64_t offset, uint32_t function) {
  own wasmrt_error_t* error = wasmrt_job_error(job);
  CHECK(error);
  wasmrt_error_info_t info = {.struct_size = sizeof info};
  wasmrt_error_info(error, &info);
  CHECK(info.kind == kind && info.offset == offset && info.function == function);
  wasmrt_error_delete(error);
}

TEST(an_error_is_reported_as_soon_as_its_bytes_are_there) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  size_t body = (size_t)(strstr(binary.data + 300, "\x5e") - binary.data);
  binary.data[body + 4] = 0x0b;  // the 1st function that follows ends too early
  for (uint64_t workers = 0; workers < 3; workers += 2) {
    own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_TIERED, workers);
    own wasm_store_t* store = wasm_store_new(engine);
    own wasmrt_job_t* job = new_job(engine);
    size_t at = 0;
    while (at < body + 200 && wasmrt_job_feed(job, binary.data + at, 1)) ++at;
    CHECK(at > body + 4);
    CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_FAILED);
    own wasmrt_error_t* error = wasmrt_job_error(job);
    wasmrt_error_info_t info = {.struct_size = sizeof info};
    wasmrt_error_info(error, &info);
    CHECK(info.kind == WASMRT_ERROR_MALFORMED || info.kind == WASMRT_ERROR_INVALID);
    CHECK(info.function < 3 && info.offset < body + 200);
    wasmrt_error_delete(error);
    forget_error();
    CHECK(!wasmrt_job_feed(job, binary.data + at, 1) && has_error());
    CHECK(!wasmrt_job_module(job, store) && has_error());
    CHECK(wasmrt_job_poll(job, NULL) == WASMRT_JOB_FAILED);
    wasmrt_job_delete(job);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
  }
  wasm_byte_vec_delete(&binary);
}

// Looks for the error of a job all the time, until there is one.
static void* watch_for_error(void* argument) {
  own wasmrt_error_t* error;
  while (!(error = wasmrt_job_error(argument))) {
  }
  CHECK(wasmrt_job_poll(argument, NULL) == WASMRT_JOB_FAILED);
  wasmrt_error_delete(error);
  return NULL;
}

TEST(job_that_has_an_error_has_failed) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  binary.data[binary.size - 2] = 0x20;
  own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_TIERED, 1);
  for (int i = 0; i < (slow() ? 5 : 300); ++i) {
    own wasmrt_job_t* job = new_job(engine);
    pthread_t threads[3];
    for (int k = 0; k < 3; ++k) threads[k] = start_thread(0, watch_for_error, job);
    wasmrt_job_feed(job, binary.data, binary.size);
    for (int k = 0; k < 3; ++k) CHECK(!pthread_join(threads[k], NULL));
    CHECK(progress_of(job).bytes == binary.size);
    wasmrt_job_delete(job);
  }
  wasm_engine_delete(engine);
  wasm_byte_vec_delete(&binary);
}

TEST(other_bytes_than_a_module_are_refused) {
  for (uint64_t workers = 0; workers < 3; workers += 2) {
    own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_TIERED, workers);
    own wasmrt_job_t* job = new_job(engine);
    CHECK(!wasmrt_job_feed(job, "\0asm\2\0\0\0", 8));
    CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_FAILED);
    check_error(job, WASMRT_ERROR_MALFORMED, 4, UINT32_MAX);
    wasmrt_job_delete(job);
    job = new_job(engine);
    CHECK(wasmrt_job_feed(job, "(module", 7) && !wasmrt_job_feed(job, NULL, 0));
    check_error(job, WASMRT_ERROR_MALFORMED, 0, UINT32_MAX);
    wasmrt_job_delete(job);
    job = new_job(engine);
    CHECK(!wasmrt_job_feed(job, NULL, 0));
    check_error(job, WASMRT_ERROR_MALFORMED, 0, UINT32_MAX);
    wasmrt_job_delete(job);
    wasm_engine_delete(engine);
  }
}

TEST(a_module_beyond_the_limit_is_refused_when_it_gets_there) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_MODULE_SIZE, 5000));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  for (size_t piece = 1; piece < 10000; piece += 1249) {
    own wasmrt_job_t* job = new_job(engine);
    size_t at = 0;
    while (at < binary.size - piece && wasmrt_job_feed(job, binary.data + at, piece)) at += piece;
    CHECK(at <= 5000 && at + piece > 5000);
    CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_FAILED);
    check_error(job, WASMRT_ERROR_LIMIT, UINT64_MAX, UINT32_MAX);
    wasmrt_job_delete(job);
  }
  wasm_engine_delete(engine);
  wasm_byte_vec_delete(&binary);
}

TEST(wrong_arguments_are_refused) {
  own wasm_engine_t* engine = test_engine();
  own wasm_engine_t* other = test_engine();
  own wasm_store_t* store = wasm_store_new(other);
  forget_error();
  CHECK(!wasmrt_job_new(NULL, NULL) && has_error());
  wasmrt_job_options_t options = {.struct_size = sizeof options, .tier = 7};
  CHECK(!wasmrt_job_new(engine, &options) && has_error());
  options = (wasmrt_job_options_t){.priority = 1};
  CHECK(!wasmrt_job_new(engine, &options) && has_error());
  CHECK(!wasmrt_job_feed(NULL, "", 1) && has_error());
  CHECK(!wasmrt_job_poll(NULL, NULL) && has_error());
  CHECK(!wasmrt_job_wait(NULL, 0) && has_error());
  wasmrt_job_cancel(NULL);
  CHECK(!wasmrt_job_module(NULL, store) && has_error());
  CHECK(!wasmrt_job_error(NULL));
  wasmrt_job_delete(NULL);
  own wasmrt_job_t* job = new_job(engine);
  CHECK(!wasmrt_job_feed(job, NULL, 1) && has_error());
  CHECK(!wasmrt_job_module(job, NULL) && has_error());
  CHECK(wasmrt_job_feed(job, "\0asm\1\0\0\0", 8) && wasmrt_job_feed(job, NULL, 0));
  CHECK(!wasmrt_job_feed(job, NULL, 0) && has_error());
  CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
  CHECK(!wasmrt_job_feed(job, "x", 1) && has_error());
  CHECK(!wasmrt_job_module(job, store) && has_error());
  wasmrt_job_delete(job);
  wasm_store_delete(store);
  wasm_engine_delete(other);
  wasm_engine_delete(engine);
}

// --- Being told ---

typedef struct {
  atomic_int called, finalized;
  atomic_uint state;
} told_t;

static void note_done(void* env, wasmrt_job_state_t state) {
  told_t* told = env;
  atomic_store(&told->state, state);
  atomic_fetch_add(&told->called, 1);
}

static void note_end(void* env) { atomic_fetch_add(&((told_t*)env)->finalized, 1); }

static own wasmrt_job_t* new_told_job(wasm_engine_t* engine, told_t* told) {
  *told = (told_t){0};
  wasmrt_job_options_t options = {
      .struct_size = sizeof options, .done = note_done, .env = told, .finalizer = note_end};
  own wasmrt_job_t* job = wasmrt_job_new(engine, &options);
  CHECK(job);
  return job;
}

static void wait_for(atomic_int* counter) {
  while (!atomic_load(counter)) usleep(1000);
}

TEST(the_end_of_a_job_is_told_once) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (uint64_t workers = 0; workers < 3; workers += 2) {
    own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_OPTIMIZED, workers);
    told_t told;
    own wasmrt_job_t* job = new_told_job(engine, &told);
    feed_all(job, &binary, binary.size);
    wait_for(&told.finalized);
    CHECK(told.called == 1 && told.state == WASMRT_JOB_DONE);
    use_module(job, engine);
    wasmrt_job_cancel(job);
    CHECK(wasmrt_job_poll(job, NULL) == WASMRT_JOB_DONE);
    wasmrt_job_delete(job);
    CHECK(told.called == 1 && told.finalized == 1);

    job = new_told_job(engine, &told);
    CHECK(!wasmrt_job_feed(job, NULL, 0));
    wait_for(&told.finalized);
    CHECK(told.called == 1 && told.state == WASMRT_JOB_FAILED);
    wasmrt_job_delete(job);

    job = new_told_job(engine, &told);
    wasmrt_job_cancel(job);
    wasmrt_job_cancel(job);
    CHECK(told.called == 1 && told.finalized == 1 && told.state == WASMRT_JOB_CANCELLED);
    CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_CANCELLED && !wasmrt_job_error(job));
    CHECK(!wasmrt_job_feed(job, "", 1));
    wasmrt_job_delete(job);

    // Whoever deletes a job is not told any more.
    job = new_told_job(engine, &told);
    wasmrt_job_delete(job);
    CHECK(told.called == 0 && told.finalized == 1);
    wasm_engine_delete(engine);
  }
  told_t told = {0};
  wasmrt_job_options_t options = {.struct_size = sizeof options, .env = &told, .finalizer = note_end};
  CHECK(!wasmrt_job_new(NULL, &options) && told.finalized == 1);
  wasm_byte_vec_delete(&binary);
}

static void delete_job(void* env, wasmrt_job_state_t state) {
  CHECK(state == WASMRT_JOB_DONE);
  wasmrt_job_t** job = env;
  while (!__atomic_load_n(job, __ATOMIC_ACQUIRE)) usleep(1000);
  wasmrt_job_delete(*job);
}

static void note_gone(void* env) { __atomic_store_n((wasmrt_job_t**)env, NULL, __ATOMIC_RELEASE); }

TEST(a_job_may_be_deleted_by_its_own_callback) {
  for (uint64_t workers = 0; workers < 3; workers += 2) {
    own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_OPTIMIZED, workers);
    wasmrt_job_t* job = NULL;
    wasmrt_job_options_t options = {
        .struct_size = sizeof options, .done = delete_job, .env = &job, .finalizer = note_gone};
    wasmrt_job_t* made = wasmrt_job_new(engine, &options);
    wasm_engine_delete(engine);
    __atomic_store_n(&job, made, __ATOMIC_RELEASE);
    CHECK(wasmrt_job_feed(made, "\0asm\1\0\0\0", 8));
    wasmrt_job_feed(made, NULL, 0);
    while (__atomic_load_n(&job, __ATOMIC_ACQUIRE)) usleep(1000);
  }
}

// --- Giving up, in any order ---

TEST(a_job_may_be_cancelled_or_deleted_at_any_moment) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (int round = 0; round < (slow() ? 20 : 200); ++round) {
    own wasm_engine_t* engine = engine_of(MODES[round % MODE_COUNT], (uint64_t)(round % 4));
    own wasmrt_job_t* job = new_job(engine);
    if (round % 2) wasm_engine_delete(engine);
    size_t size = (size_t)round * 7919 % binary.size;
    if (size) CHECK(wasmrt_job_feed(job, binary.data, size));
    if (round % 3 == 0) {
      CHECK(wasmrt_job_feed(job, binary.data + size, binary.size - size));
      CHECK(wasmrt_job_feed(job, NULL, 0));
    }
    if (round % 5 == 0) usleep((unsigned)round * 10);
    if (round % 7) wasmrt_job_cancel(job);
    wasmrt_job_state_t state = wasmrt_job_poll(job, NULL);
    CHECK(state == WASMRT_JOB_RUNNING || state == WASMRT_JOB_DONE || state == WASMRT_JOB_CANCELLED);
    wasmrt_job_delete(job);
    if (round % 2 == 0) wasm_engine_delete(engine);
  }
  wasm_byte_vec_delete(&binary);
}

TEST(a_module_outlives_its_job_and_its_engine) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_BOTH, 2);
  own wasm_store_t* store = wasm_store_new(engine);
  own wasmrt_job_t* job = new_job(engine);
  wasm_engine_delete(engine);
  feed_all(job, &binary, 3000);
  CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
  own wasm_module_t* module = wasmrt_job_module(job, store);
  wasmrt_job_delete(job);
  own wasm_instance_t* instance = wasm_instance_new(store, module, &NO_IMPORTS, NULL);
  CHECK(instance);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_byte_vec_delete(&binary);
}

// --- Threads ---

typedef struct {
  wasm_engine_t* engine;
  wasmrt_job_t* job;
  int number;
} visitor_t;

static void* visit(void* argument) {
  visitor_t* visitor = argument;
  for (int i = 0; i < 50; ++i) progress_of(visitor->job);
  if (visitor->number == 0) wasmrt_job_cancel(visitor->job);
  wasmrt_job_state_t state = wasmrt_job_wait(visitor->job, UINT64_MAX);
  CHECK(state == WASMRT_JOB_DONE || state == WASMRT_JOB_CANCELLED);
  if (state == WASMRT_JOB_DONE) use_module(visitor->job, visitor->engine);
  return NULL;
}

TEST(threads_share_a_job) {
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (int round = 0; round < (slow() ? 3 : 20); ++round) {
    own wasm_engine_t* engine = engine_of(MODES[round % MODE_COUNT], 2);
    own wasmrt_job_t* job = new_job(engine);
    enum { THREADS = 3 };
    pthread_t threads[THREADS];
    visitor_t visitors[THREADS];
    for (int i = 0; i < THREADS; ++i) {
      visitors[i] = (visitor_t){engine, job, i + (round % 2)};
      threads[i] = start_thread(0, visit, &visitors[i]);
    }
    for (size_t at = 0; at < binary.size; at += 512) {
      wasmrt_job_feed(job, binary.data + at, binary.size - at < 512 ? binary.size - at : 512);
    }
    wasmrt_job_feed(job, NULL, 0);
    for (int i = 0; i < THREADS; ++i) CHECK(!pthread_join(threads[i], NULL));
    wasmrt_job_delete(job);
    wasm_engine_delete(engine);
  }
  wasm_byte_vec_delete(&binary);
}

static void* compile_one(void* argument) {
  wasm_engine_t* engine = argument;
  own wasm_byte_vec_t binary;
  large_module(&binary);
  for (int i = 0; i < (slow() ? 1 : 5); ++i) {
    own wasmrt_job_t* job = new_job(engine);
    feed_all(job, &binary, 1 + (size_t)i * 2000);
    CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
    use_module(job, engine);
    wasmrt_job_delete(job);
  }
  wasm_byte_vec_delete(&binary);
  return NULL;
}

TEST(an_engine_has_many_jobs_at_once) {
  own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_OPTIMIZED, 3);
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) threads[i] = start_thread(0, compile_one, engine);
  for (int i = 0; i < 4; ++i) CHECK(!pthread_join(threads[i], NULL));
  wasm_engine_delete(engine);
}

static void* compile_on_little_stack(void* argument) { return compile_one(argument); }

TEST(small_stacks_suffice) {
  for (uint64_t workers = 0; workers < 2; ++workers) {
    own wasm_engine_t* engine = engine_of(WASMRT_COMPILE_OPTIMIZED, workers);
    run_on_thread(64 << 10, compile_on_little_stack, engine);
    wasm_engine_delete(engine);
  }
}
