// A good neighbour in the process: no thread before it is needed, two copies of the library side by side, a
// library that can be loaded and unloaded.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crowd.h"

// Replaces the C library's, also for the library under test, and counts.
static int started;

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  int (*next)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  void* symbol = dlsym(RTLD_NEXT, "pthread_create");
  CHECK(symbol);
  memcpy(&next, &symbol, sizeof symbol);  // a function pointer, in the way that POSIX allows
  ++started;
  return next(thread, attributes, run, argument);
}

static int threads_now(void) {
  int count = 0;
  DIR* folder = opendir("/proc/self/task");
  CHECK(folder);
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;) count += entry->d_name[0] != '.';
  closedir(folder);
  return count;
}

// Waits until there are as many threads as before. The system shows one for a moment after it has been waited for.
static void wait_for_threads(int before) {
  for (int i = 0; threads_now() != before && i < 60000; ++i) usleep(1000);
  CHECK(threads_now() == before);
}

TEST(no_thread_exists_before_something_is_compiled) {
  int before = threads_now();
  world_t w;
  open_store(&w, NULL);
  CHECK(threads_now() == before);
  close_world(&w);
}

static int started_by_a_compilation(uint64_t workers) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_OPTIMIZED));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  CHECK(engine);
  started = 0;
  compile_large(engine);
  wasm_engine_delete(engine);
  return started;
}

TEST(without_workers_no_thread_ever_exists) {
  int before = threads_now();
  CHECK(started_by_a_compilation(0) == 0);
  CHECK(started_by_a_compilation(1) == 0);
  CHECK(threads_now() == before);
}

TEST(workers_are_as_many_as_asked_for_and_end_with_their_job) {
  int before = threads_now();
  CHECK(started_by_a_compilation(4) == 3);  // the calling thread is the fourth
  wait_for_threads(before);
}

// --- In the default mode ---

// The nice value of the thread that optimizes hot functions; -100 if there is none.
static int niceness_of_optimizer(void) {
  int found = -100;
  DIR* folder = opendir("/proc/self/task");
  CHECK(folder);
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;) {
    char path[300], line[1024] = "";
    snprintf(path, sizeof path, "/proc/self/task/%s/stat", entry->d_name);
    FILE* file = fopen(path, "r");
    if (!file) continue;
    if (!fgets(line, sizeof line, file)) *line = 0;
    fclose(file);
    // Field 19 of proc(5), of which the second is the name.
    const char* at = strstr(line, "(wasmrt-optimize) ");
    for (int field = 2; at && field < 19; ++field) at = strchr(at + 1, ' ');
    if (at) found = atoi(at);
  }
  closedir(folder);
  return found;
}

static own wasm_engine_t* default_engine(void) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, WASMRT_COMPILE_TIERED));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 2));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, 1));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  CHECK(engine);
  return engine;
}

// Calls a function until it is hot. Whether the thread that optimizes it was seen, with its priority.
static bool heat_up(int before) {
  world_t w = {.engine = default_engine()};
  w.store = wasm_store_new(w.engine);
  own wasm_byte_vec_t binary;
  large_module(&binary);
  started = 0;
  w.module = wasm_module_new(w.store, &binary);
  wasm_byte_vec_delete(&binary);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "f", VALS(I32(12))) == 42);
  CHECK(started == 0 && threads_now() == before);

  for (int i = 0; i < 1000; ++i) CHECK(call_i32(&w, "f", VALS(I32(i))) == i + 30);
  const int own_niceness = getpriority(PRIO_PROCESS, 0), expected = own_niceness > 10 ? own_niceness : 10;
  int seen = -100;
  // It may have begun to run, or have ended already.
  for (int i = 0; i < 1000 && seen != expected && threads_now() != before; ++i) {
    seen = niceness_of_optimizer();
    usleep(1000);
  }
  wait_for_threads(before);
  CHECK(started == 1);
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(w.module, &stats);
  CHECK(stats.optimized.functions == 1);
  for (int i = 0; i < 1000; ++i) CHECK(call_i32(&w, "f", VALS(I32(i))) == i + 30);
  CHECK(started == 1);
  close_world(&w);
  return seen == expected;
}

TEST(a_hot_function_has_one_thread_of_low_priority_which_ends_when_nothing_is_hot) {
  int before = threads_now(), rounds = 0;
  while (!heat_up(before)) CHECK(++rounds < 50);
}

// --- Opened by path ---

typedef struct {
  void* handle;
  own wasm_config_t* (*config_new)(void);
  bool (*config_set)(wasm_config_t*, wasmrt_option_t, uint64_t);
  own wasm_engine_t* (*engine_new_with_config)(own wasm_config_t*);
  own wasm_engine_t* (*engine_new)(void);
  void (*engine_delete)(own wasm_engine_t*);
  own wasm_store_t* (*store_new)(wasm_engine_t*);
  void (*store_delete)(own wasm_store_t*);
  own wasm_module_t* (*module_new)(wasm_store_t*, const wasm_byte_vec_t*);
  void (*module_delete)(own wasm_module_t*);
  own wasm_instance_t* (*instance_new)(wasm_store_t*, const wasm_module_t*, const wasm_extern_vec_t*, own wasm_trap_t**);
  void (*instance_exports)(const wasm_instance_t*, own wasm_extern_vec_t*);
  void (*instance_delete)(own wasm_instance_t*);
  wasm_func_t* (*extern_as_func)(wasm_extern_t*);
  void (*externs_delete)(own wasm_extern_vec_t*);
  own wasm_trap_t* (*func_call)(const wasm_func_t*, const wasm_val_vec_t*, wasm_val_vec_t*);
  void (*trap_delete)(own wasm_trap_t*);
} library_t;

static void find(const library_t* library, const char* name, void* into) {
  void* symbol = dlsym(library->handle, name);
  CHECK(symbol);
  memcpy(into, &symbol, sizeof symbol);  // a function pointer, in the way that POSIX allows
}

static library_t open_library(const char* path) {
  library_t l = {.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
  if (!l.handle) fprintf(stderr, "%s\n", dlerror());
  CHECK(l.handle);
  find(&l, "wasm_config_new", &l.config_new);
  find(&l, "wasmrt_config_set", &l.config_set);
  find(&l, "wasm_engine_new_with_config", &l.engine_new_with_config);
  find(&l, "wasm_engine_new", &l.engine_new);
  find(&l, "wasm_engine_delete", &l.engine_delete);
  find(&l, "wasm_store_new", &l.store_new);
  find(&l, "wasm_store_delete", &l.store_delete);
  find(&l, "wasm_module_new", &l.module_new);
  find(&l, "wasm_module_delete", &l.module_delete);
  find(&l, "wasm_instance_new", &l.instance_new);
  find(&l, "wasm_instance_exports", &l.instance_exports);
  find(&l, "wasm_instance_delete", &l.instance_delete);
  find(&l, "wasm_extern_as_func", &l.extern_as_func);
  find(&l, "wasm_extern_vec_delete", &l.externs_delete);
  find(&l, "wasm_func_call", &l.func_call);
  find(&l, "wasm_trap_delete", &l.trap_delete);
  return l;
}

// Export number `trapping` traps.
static void use_library(const library_t* l, wasm_engine_t* engine, size_t trapping) {
  own wasm_byte_vec_t binary;
  read_module("traps", &binary);
  own wasm_store_t* store = l->store_new(engine);
  own wasm_module_t* module = l->module_new(store, &binary);
  CHECK(module);
  own wasm_instance_t* instance = l->instance_new(store, module, &NO_IMPORTS, NULL);
  CHECK(instance);
  own wasm_extern_vec_t exports;
  l->instance_exports(instance, &exports);
  wasm_val_t out[1];
  wasm_val_vec_t results = {1, out};
  own wasm_trap_t* trap = l->func_call(l->extern_as_func(exports.data[trapping]), &NO_VALS, &results);
  CHECK(trap);
  l->trap_delete(trap);
  l->externs_delete(&exports);
  l->instance_delete(instance);
  l->module_delete(module);
  l->store_delete(store);
  wasm_byte_vec_delete(&binary);
}

static void copy_file(const char* from, const char* to) {
  FILE* in = fopen(from, "rb");
  FILE* out = fopen(to, "wb");
  CHECK(in && out);
  static char buffer[1 << 16];
  for (size_t size; (size = fread(buffer, 1, sizeof buffer, in)) > 0;) CHECK(fwrite(buffer, 1, size, out) == size);
  CHECK(!fclose(out));
  fclose(in);
}

enum { UNREACHABLE = 0, DIVIDE = 1, LOAD = 7 };  // exports of traps.wat by position

static library_t open_copy(const char* name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s-%d.so", MODULES, name, (int)getpid());
  copy_file(LIBRARY, path);
  library_t library = open_library(path);
  unlink(path);
  return library;
}

// --- Faults of the host beside all that ---

static sigjmp_buf escape;
static volatile sig_atomic_t hits;

static void on_fault(int number) {
  (void)number;
  ++hits;
  siglongjmp(escape, 1);
}

static void handle_faults(void) {
  struct sigaction action = {.sa_handler = on_fault};
  sigemptyset(&action.sa_mask);
  CHECK(!sigaction(SIGSEGV, &action, NULL));
}

static void fault(void) {
  static volatile char* nowhere;
  if (!nowhere) nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int before = hits;
  if (!sigsetjmp(escape, 1)) (void)nowhere[0];
  CHECK(hits == before + 1);
}

TEST(two_copies_of_the_library_trap_side_by_side) {
  library_t copy = open_copy("copy");
  world_t w = open_world("traps");  // the library that we are linked with
  own wasm_engine_t* engine = copy.engine_new();
  CHECK(engine);
  for (int i = 0; i < 3; ++i) {
    use_library(&copy, engine, LOAD);
    use_traps(&w);
    use_library(&copy, engine, DIVIDE);
  }
  copy.engine_delete(engine);
  use_traps(&w);
  close_world(&w);
  dlclose(copy.handle);
  w = open_world("traps");
  use_traps(&w);
  close_world(&w);
}

// Whichever is unloaded first, the other one's traps and the host's faults are delivered correctly.
TEST(two_copies_of_the_library_go_in_either_order) {
  library_t copies[2] = {open_copy("first"), open_copy("second")};
  handle_faults();
  for (int order = 0; order < 8; ++order) {
    int made_first = order & 1, deleted_first = order >> 1 & 1;
    own wasm_engine_t* engines[2];
    for (int i = 0; i < 2; ++i) {
      int which = i ^ made_first;
      engines[which] = copies[which].engine_new();
      CHECK(engines[which]);
      use_library(&copies[which], engines[which], LOAD);
    }
    for (int i = 0; i < 2; ++i) {
      use_library(&copies[i], engines[i], LOAD);
      fault();
    }
    copies[deleted_first].engine_delete(engines[deleted_first]);
    fault();
    use_library(&copies[!deleted_first], engines[!deleted_first], LOAD);
    use_library(&copies[!deleted_first], engines[!deleted_first], DIVIDE);
    copies[!deleted_first].engine_delete(engines[!deleted_first]);
    fault();
  }
  for (int i = 0; i < 2; ++i) {
    dlclose(copies[i].handle);
    fault();
  }
  signal(SIGSEGV, SIG_DFL);
}

TEST(library_can_be_closed_and_opened_again) {
  char path[1024];
  snprintf(path, sizeof path, "%s/again-%d.so", MODULES, (int)getpid());
  copy_file(LIBRARY, path);
  handle_faults();
  for (int i = 0; i < 5; ++i) {
    library_t library = open_library(path);
    own wasm_engine_t* engine = library.engine_new();
    use_library(&library, engine, UNREACHABLE);
    use_library(&library, engine, LOAD);
    library.engine_delete(engine);
    dlclose(library.handle);
    fault();
  }
  unlink(path);
  struct sigaction now;
  CHECK(!sigaction(SIGSEGV, NULL, &now) && now.sa_handler == on_fault);
  signal(SIGSEGV, SIG_DFL);
}

// Every function is optimized in the background as soon as it is called.
TEST(library_closed_during_an_optimization_harms_nobody) {
  handle_faults();
  for (int i = 0; i < 5; ++i) {
    library_t library = open_copy("busy");
    own wasm_config_t* config = library.config_new();
    CHECK(library.config_set(config, WASMRT_OPTION_TIER_UP, 0));
    own wasm_engine_t* engine = library.engine_new_with_config(config);
    use_library(&library, engine, LOAD);
    dlclose(library.handle);
    fault();
    use_library(&library, engine, LOAD);
    library.engine_delete(engine);
    fault();
  }
  signal(SIGSEGV, SIG_DFL);
}

TEST(library_closed_with_an_engine_left_behind_harms_nobody) {
  handle_faults();
  library_t library = open_copy("left");
  own wasm_engine_t* engine = library.engine_new();
  use_library(&library, engine, LOAD);
  dlclose(library.handle);
  fault();
  use_library(&library, engine, LOAD);  // it is still there
  library.engine_delete(engine);
  fault();
  signal(SIGSEGV, SIG_DFL);
}
