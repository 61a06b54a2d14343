// A good neighbour in the process: no thread before it is needed, two copies of the library side by side, a library
// that can be opened and closed.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <unistd.h>

#include "host.h"

static int threads_now(void) {
  int count = 0;
  DIR* folder = opendir("/proc/self/task");
  CHECK(folder);
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;) count += entry->d_name[0] != '.';
  closedir(folder);
  return count;
}

TEST(no_thread_exists_before_something_is_compiled) {
  int before = threads_now();
  world_t w;
  open_store(&w, NULL);
  CHECK(threads_now() == before);
  close_world(&w);
}

TEST(without_workers_no_thread_ever_exists) {
  int before = threads_now();
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 0));
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "traps");
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "nested", VALS(I32(1))) == 3);
  CHECK(threads_now() == before);
  close_world(&w);
}

static void use(const world_t* w) {
  CHECK(call_i32(w, "nested", VALS(I32(1))) == 3);
  CHECK(says(call_trap(func_of(w, "load"), NO_VALS), "out of bounds memory access"));
  CHECK(says(call_trap(func_of(w, "nested"), VALS(I32(0))), "integer divide by zero"));
  CHECK(says(call_trap(func_of(w, "recurse"), NO_VALS), "call stack exhausted"));
}

// --- Opened by path ---

typedef struct {
  void* handle;
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

TEST(two_copies_of_the_library_trap_side_by_side) {
  char path[1024];
  snprintf(path, sizeof path, "%s/copy-%d.so", MODULES, (int)getpid());
  copy_file(LIBRARY, path);
  library_t copy = open_library(path);
  unlink(path);
  world_t w = open_world("traps");  // the library that we are linked with
  own wasm_engine_t* engine = copy.engine_new();
  CHECK(engine);
  for (int i = 0; i < 3; ++i) {
    use_library(&copy, engine, LOAD);
    use(&w);
    use_library(&copy, engine, DIVIDE);
  }
  copy.engine_delete(engine);
  use(&w);
  close_world(&w);
  dlclose(copy.handle);
  w = open_world("traps");
  use(&w);
  close_world(&w);
}

TEST(library_can_be_closed_and_opened_again) {
  char path[1024];
  snprintf(path, sizeof path, "%s/again-%d.so", MODULES, (int)getpid());
  copy_file(LIBRARY, path);
  for (int i = 0; i < 3; ++i) {
    library_t library = open_library(path);
    own wasm_engine_t* engine = library.engine_new();
    use_library(&library, engine, UNREACHABLE);
    library.engine_delete(engine);
    dlclose(library.handle);
  }
  unlink(path);
}
