// The log: levels, ownership of the environment, and that nothing is printed.

#include <sys/resource.h>

#include "host.h"
#include "process.h"

typedef struct {
  pthread_mutex_t lock;
  int count[5];  // by level
  char last[5][256];
  int finalized;
} heard_t;

static heard_t* listen(void) {
  heard_t* heard = calloc(1, sizeof *heard);
  CHECK(heard && pthread_mutex_init(&heard->lock, NULL) == 0);
  return heard;
}

static void forget(heard_t* heard) {
  pthread_mutex_destroy(&heard->lock);
  free(heard);
}

static void hear(void* env, wasmrt_level_t level, const char* text) {
  heard_t* heard = env;
  CHECK(level >= WASMRT_LEVEL_ERROR && level <= WASMRT_LEVEL_DEBUG && !heard->finalized);
  pthread_mutex_lock(&heard->lock);
  ++heard->count[level];
  snprintf(heard->last[level], sizeof heard->last[level], "%s", text);
  pthread_mutex_unlock(&heard->lock);
}

static void finalize(void* env) { ++((heard_t*)env)->finalized; }

static own wasm_config_t* logging(wasmrt_level_t level, heard_t* heard) {
  own wasm_config_t* config = test_config();
  wasmrt_config_set_log(config, level, hear, heard, finalize);
  CHECK(!heard->finalized);
  return config;
}

// An engine with a module, made and deleted.
static void live(own wasm_config_t* config) {
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  CHECK(w.engine);
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "state");
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  close_world(&w);
}

TEST(engine_says_its_settings_and_what_it_compiles) {
  heard_t* heard = listen();
  live(logging(WASMRT_LEVEL_DEBUG, heard));
  CHECK(heard->count[WASMRT_LEVEL_ERROR] == 0 && heard->count[WASMRT_LEVEL_INFO] == 1);
  CHECK(strstr(heard->last[WASMRT_LEVEL_INFO], "engine with"));
  CHECK(heard->count[WASMRT_LEVEL_DEBUG] == 1 && strstr(heard->last[WASMRT_LEVEL_DEBUG], "functions"));
  CHECK(heard->finalized == 1);
  forget(heard);
}

TEST(less_important_messages_stay_away) {
  for (wasmrt_level_t level = WASMRT_LEVEL_ERROR; level <= WASMRT_LEVEL_DEBUG; ++level) {
    heard_t* heard = listen();
    live(logging(level, heard));
    CHECK((heard->count[WASMRT_LEVEL_INFO] != 0) == (level >= WASMRT_LEVEL_INFO));
    CHECK((heard->count[WASMRT_LEVEL_DEBUG] != 0) == (level >= WASMRT_LEVEL_DEBUG));
    CHECK(heard->finalized == 1);
    forget(heard);
  }
}

TEST(finalizer_runs_when_the_last_owner_goes) {
  heard_t *first = listen(), *second = listen();
  own wasm_config_t* config = logging(WASMRT_LEVEL_INFO, first);
  wasmrt_config_set_log(config, WASMRT_LEVEL_INFO, hear, second, finalize);
  CHECK(first->finalized == 1 && second->finalized == 0);
  wasm_config_delete(config);
  CHECK(second->finalized == 1);
  forget(first);
  forget(second);

  heard_t* heard = listen();
  own wasm_engine_t* engine = wasm_engine_new_with_config(logging(WASMRT_LEVEL_INFO, heard));
  own wasm_store_t* store = wasm_store_new(engine);
  wasm_engine_delete(engine);
  CHECK(!heard->finalized);  // the store keeps the engine
  wasm_store_delete(store);
  CHECK(heard->finalized == 1);
  forget(heard);
}

static wasm_config_t* changing;
static heard_t* third;

static void finalize_and_change_again(void* env) {
  finalize(env);
  if (third) {
    heard_t* next = third;
    third = NULL;
    wasmrt_config_set_log(changing, WASMRT_LEVEL_ERROR, hear, next, finalize);
  }
}

TEST(finalizer_may_set_another_log) {
  heard_t *first = listen(), *second = listen(), *last = listen();
  changing = test_config();
  third = last;
  wasmrt_config_set_log(changing, WASMRT_LEVEL_ERROR, hear, first, finalize_and_change_again);
  wasmrt_config_set_log(changing, WASMRT_LEVEL_ERROR, hear, second, finalize_and_change_again);
  CHECK(first->finalized == 1 && second->finalized == 1 && !last->finalized);
  wasm_config_delete(changing);
  CHECK(first->finalized == 1 && second->finalized == 1 && last->finalized == 1);
  forget(first);
  forget(second);
  forget(last);
}

TEST(engine_outlived_by_a_shared_module_keeps_its_log) {
  heard_t* heard = listen();
  own wasm_engine_t* engine = wasm_engine_new_with_config(logging(WASMRT_LEVEL_DEBUG, heard));
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_module_t* module = load(store, "state");
  own wasm_shared_module_t* shared = wasm_module_share(module);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  CHECK(!heard->finalized);
  wasm_shared_module_delete(shared);
  CHECK(heard->finalized == 1);
  forget(heard);
}

TEST(null_means_no_log) {
  heard_t *first = listen(), *second = listen();
  own wasm_config_t* config = logging(WASMRT_LEVEL_DEBUG, first);
  wasmrt_config_set_log(config, WASMRT_LEVEL_DEBUG, NULL, second, finalize);
  CHECK(first->finalized == 1 && second->finalized == 1);
  live(config);
  CHECK(first->count[WASMRT_LEVEL_INFO] == 0);
  config = wasm_config_new();
  wasmrt_config_set_log(config, WASMRT_LEVEL_DEBUG, hear, first, NULL);
  wasm_config_delete(config);
  forget(first);
  forget(second);
}

TEST(wrong_arguments_are_refused_and_the_environment_released) {
  heard_t* heard = listen();
  forget_error();
  wasmrt_config_set_log(NULL, WASMRT_LEVEL_INFO, hear, heard, finalize);
  CHECK(heard->finalized == 1 && error_says("NULL"));
  heard->finalized = 0;
  own wasm_config_t* config = logging(WASMRT_LEVEL_INFO, heard);
  heard_t* other = listen();
  wasmrt_config_set_log(config, 0, hear, other, finalize);
  CHECK(other->finalized == 1 && error_says("unknown level 0"));
  wasmrt_config_set_log(config, 5, hear, other, finalize);
  CHECK(other->finalized == 2 && error_says("unknown level 5"));
  CHECK(!heard->finalized);  // the former log stays
  live(config);
  CHECK(heard->count[WASMRT_LEVEL_INFO] == 1 && heard->finalized == 1);
  forget(other);
  forget(heard);
}

static void* live_in_a_thread(void* heard) {
  live(logging(WASMRT_LEVEL_DEBUG, heard));
  return NULL;
}

TEST(logs_of_several_engines_do_not_mix) {
  enum { THREADS = 4 };
  pthread_t threads[THREADS];
  heard_t* heard[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    heard[i] = listen();
    CHECK(pthread_create(&threads[i], NULL, live_in_a_thread, heard[i]) == 0);
  }
  for (int i = 0; i < THREADS; ++i) {
    CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(heard[i]->count[WASMRT_LEVEL_INFO] == 1 && heard[i]->count[WASMRT_LEVEL_DEBUG] == 1 && heard[i]->finalized == 1);
    forget(heard[i]);
  }
}

// Uses another engine from within the callback.
static void meddle(void* env, wasmrt_level_t level, const char* text) {
  (void)level, (void)text;
  int* depth = env;
  if ((*depth)++) return;
  own wasm_engine_t* engine = wasm_engine_new();
  CHECK(engine);
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_module_t* module = load(store, "state");
  CHECK(module);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

TEST(log_may_use_another_engine) {
  int depth = 0;
  own wasm_config_t* config = test_config();
  wasmrt_config_set_log(config, WASMRT_LEVEL_DEBUG, meddle, &depth, NULL);
  live(config);
  CHECK(depth == 2);
}

// Runs with 2 GiB of address space, less than a guard needs; 0 when there was a warning.
static int short_of_space(void) {
  heard_t* heard = listen();
  const rlim_t most = (rlim_t)2 << 30;
  CHECK(!setrlimit(RLIMIT_AS, &(struct rlimit){most, most}));
  live(logging(WASMRT_LEVEL_WARNING, heard));
  return heard->count[WASMRT_LEVEL_WARNING] == 1 && strstr(heard->last[WASMRT_LEVEL_WARNING], "guard pages") ? 0 : 1;
}

// The number of warnings when a module that was compiled at once in a plain store is used in both kinds of stores.
static int warnings_with(uint64_t metered, char last[256]) {
  heard_t* heard = listen();
  own wasm_config_t* config = logging(WASMRT_LEVEL_WARNING, heard);
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_OPTIMIZED));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_METERED, metered));
  world_t w = open_world_with(config, "state");
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  own wasm_store_t* metered_store = wasm_store_new(w.engine);
  CHECK(wasmrt_store_set_fuel(metered_store, 1000000));
  for (int i = 0; i < 2; ++i) {
    own wasm_instance_t* instance = wasm_instance_new(metered_store, w.module, &NO_IMPORTS, NULL);
    CHECK(instance);
    wasm_instance_delete(instance);
  }
  wasm_store_delete(metered_store);
  close_world(&w);
  int warnings = heard->count[WASMRT_LEVEL_WARNING];
  memcpy(last, heard->last[WASMRT_LEVEL_WARNING], 256);
  forget(heard);
  return warnings;
}

TEST(module_that_is_compiled_once_more_is_a_warning) {
  char last[256];
  CHECK(warnings_with(WASMRT_METERED_AS_NEEDED, last) == 1);
  CHECK(strstr(last, "once more") && strstr(last, "fuel"));
  CHECK(warnings_with(WASMRT_METERED_ONLY, last) == 1);
  CHECK(strstr(last, "once more") && strstr(last, "without fuel"));
  CHECK(warnings_with(WASMRT_METERED_BOTH, last) == 0);
}

TEST(memory_that_cannot_have_a_guard_is_a_warning) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs all of the address space");
#endif
  if (asked("bounds=", 0) != 0 || !asked("signals=", 1)) SKIP("no guard is wanted in this configuration");
  const pid_t child = start_child();
  if (!child) _exit(short_of_space());
  CHECK(outcome_of(child) == 0);
}

// Forks from within the callback, and uses the library in both processes.
static void fork_and_meddle(void* env, wasmrt_level_t level, const char* text) {
  if (level != WASMRT_LEVEL_WARNING || !strstr(text, "is not told")) return;
  ++*(int*)env;
  const pid_t child = start_child();
  int depth = 0;
  meddle(&depth, level, text);
  if (!child) _exit(0);
  CHECK(outcome_of(child) == 0);
}

// A child that hangs in the callback is ended by its alarm.
static int warned_by_tools(void) {
  int warnings = 0;
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_PROFILER, WASMRT_PROFILER_JITDUMP));
  CHECK(wasmrt_config_set_profiler_folder(config, "/proc/nowhere"));
  wasmrt_config_set_log(config, WASMRT_LEVEL_WARNING, fork_and_meddle, &warnings, NULL);
  live(config);
  return warnings ? 0 : 1;
}

TEST(log_may_fork_where_a_profiler_gets_no_file) {
  const pid_t child = start_child();
  if (!child) _exit(warned_by_tools());
  CHECK(outcome_of(child) == 0);
}
