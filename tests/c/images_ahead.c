// With much data, what instances begin with is prepared while other threads validate the module. Whatever the host
// does between that and the first instance, each instance begins with what its module says.

#define _GNU_SOURCE
#include <dirent.h>
#include <sys/resource.h>

#include "crowd.h"
#include "process.h"

enum { START = 100, DATA = 80000, FUNCS = 100, BODY = 5000, SIZE = 2 * 65536 };

// A memory of two pages with data, and bodies that are worth several threads; the last one may be wrong.
static void module_with_data(bool is_valid, own wasm_byte_vec_t* out) {
  static const unsigned char head[] = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0};
  static const unsigned char memory[] = {5, 3, 1, 0, 2, 7, 10, 1, 6, 'm', 'e', 'm', 'o', 'r', 'y', 2, 0};
  enum { CODE = FUNCS * (BODY + 2) + 1, LENGTH = sizeof head + 4 + FUNCS + sizeof memory + 5 + CODE + 15 + DATA };
  wasm_byte_vec_new_uninitialized(out, LENGTH);
  unsigned char* at = (unsigned char*)out->data;
  memcpy(at, head, sizeof head);
  at += sizeof head;
  *at++ = 3, at = put_leb(at, FUNCS + 1, 2), *at++ = FUNCS;
  memset(at, 0, FUNCS);
  at += FUNCS;
  memcpy(at, memory, sizeof memory);
  at += sizeof memory;
  *at++ = 10, at = put_leb(at, CODE, 4), *at++ = FUNCS;
  for (int i = 0; i < FUNCS; ++i) {
    at = put_leb(at, BODY, 2);
    memset(at, 1, BODY);  // `nop`
    at[0] = 0, at[BODY - 1] = 0x0b;
    at += BODY;
  }
  if (!is_valid) at[-2] = 0x1a;  // `drop` of nothing
  *at++ = 11, at = put_leb(at, 10 + DATA, 4), *at++ = 1, *at++ = 0, *at++ = 0x41;
  at = put_leb(at, START, 2), *at++ = 0x0b, at = put_leb(at, DATA, 4);
  for (int i = 0; i < DATA; ++i) *at++ = (unsigned char)(i % 251);
  CHECK(at == (unsigned char*)out->data + out->size);
}

static bool is_fresh(const wasm_memory_t* memory) {
  static char expected[SIZE];
  for (int i = 0; i < DATA; ++i) expected[START + i] = (char)(i % 251);
  return wasm_memory_data_size(memory) == SIZE && memcmp(wasm_memory_data((wasm_memory_t*)memory), expected, SIZE) == 0;
}

// Makes some instances, each of which writes to its memory.
static void make_some(wasm_store_t* store, const wasm_module_t* module) {
  for (int i = 0; i < 6; ++i) {
    own wasm_instance_t* instance = wasm_instance_new(store, module, &NO_IMPORTS, NULL);
    CHECK(instance);
    own wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    wasm_memory_t* memory = wasm_extern_as_memory(exports.data[0]);
    CHECK(is_fresh(memory));
    memset(wasm_memory_data(memory), 0x77, SIZE);
    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(instance);
  }
}

// Of files in memory that hold what memories begin with.
static int descriptors(void) {
  int count = 0;
  DIR* folder = opendir("/proc/self/fd");
  CHECK(folder);
  for (const struct dirent* entry; (entry = readdir(folder));) {
    char target[100] = "";
    if (readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1) > 0)
      count += strstr(target, "wasmrt-memory") != NULL;
  }
  closedir(folder);
  return count;
}

typedef struct {
  own wasm_engine_t* engine;
  own wasm_store_t* store;
  own wasm_module_t* module;
} made_t;

static made_t open_with(uint64_t workers, bool is_valid) {
  made_t made;
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
  CHECK(made.engine = wasm_engine_new_with_config(config));
  CHECK(made.store = wasm_store_new(made.engine));
  own wasm_byte_vec_t binary;
  module_with_data(is_valid, &binary);
  made.module = wasm_module_new(made.store, &binary);
  CHECK(is_valid == (made.module != NULL));
  wasm_byte_vec_delete(&binary);
  return made;
}

static void close_made(made_t made) {
  if (made.module) wasm_module_delete(made.module);
  wasm_store_delete(made.store);
  wasm_engine_delete(made.engine);
}

TEST(a_module_that_several_threads_validate_is_prepared_for_its_first_instance) {
  made_t made = open_with(2, true);
  CHECK(descriptors() == 1);
  make_some(made.store, made.module);
  CHECK(descriptors() == 1);
  close_made(made);
}

TEST(a_thread_that_validates_alone_prepares_nothing_that_may_not_be_needed) {
  made_t made = open_with(0, true);
  CHECK(descriptors() == 0);
  make_some(made.store, made.module);
  close_made(made);
}

TEST(a_job_prepares_its_module) {
  for (uint64_t workers = 0; workers < 3; ++workers) {
    own wasm_config_t* config = test_config();
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, workers));
    own wasm_engine_t* engine = wasm_engine_new_with_config(config);
    own wasmrt_job_t* job = wasmrt_job_new(engine, NULL);
    own wasm_byte_vec_t binary;
    module_with_data(true, &binary);
    CHECK(job && wasmrt_job_feed(job, binary.data, binary.size) && wasmrt_job_feed(job, NULL, 0));
    wasm_byte_vec_delete(&binary);
    CHECK(wasmrt_job_wait(job, UINT64_MAX) == WASMRT_JOB_DONE);
    CHECK(descriptors() == 1);
    own wasm_store_t* store = wasm_store_new(engine);
    own wasm_module_t* module = wasmrt_job_module(job, store);
    make_some(store, module);
    wasm_module_delete(module);
    wasmrt_job_delete(job);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    CHECK(descriptors() == 0);
  }
}

TEST(modules_without_instances_and_invalid_ones_leave_no_descriptor) {
  for (int i = 0; i < 10; ++i) {
    close_made(open_with(2, true));
    close_made(open_with(2, false));
    CHECK(descriptors() == 0);
  }
}

TEST(a_fork_between_module_and_first_instance_gives_both_processes_instances) {
  made_t made = open_with(2, true);
  pid_t child = start_child();
  if (!child) {
    make_some(made.store, made.module);
    close_made(made);
    _exit(0);
  }
  make_some(made.store, made.module);
  CHECK(outcome_of(child) == 0);
  // What the child has written and closed was its own.
  make_some(made.store, made.module);
  close_made(made);
}

TEST(where_no_file_may_be_made_or_kept_instances_begin_the_same_way) {
  static const int limits[] = {RLIMIT_FSIZE, RLIMIT_NOFILE};
  for (int i = 0; i < 4; ++i) {
    pid_t child = start_child();
    if (!child) {
      const struct rlimit none = {0, 0};
      const bool before = i % 2;
      if (before) CHECK(!setrlimit(limits[i / 2], &none));
      made_t made = open_with(2, true);
      if (!before) CHECK(!setrlimit(limits[i / 2], &none));
      make_some(made.store, made.module);
      close_made(made);
      _exit(0);
    }
    CHECK(outcome_of(child) == 0);
  }
}

TEST(a_host_may_close_the_descriptor_before_the_first_instance) {
  pid_t child = start_child();
  if (!child) {
    made_t made = open_with(2, true);
    for (int d = 3; d < 200; ++d) close(d);
    make_some(made.store, made.module);
    close_made(made);
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
}
