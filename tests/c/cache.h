// Cache folders of a test's own, and engines that use them.

#ifndef CACHE_H
#define CACHE_H

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "host.h"
#include "process.h"

enum { FUNCTIONS = 8 };

typedef struct {
  char path[512];
  uint64_t max_bytes;  // 0: enough
} folder_t;

static inline folder_t new_folder(void) {
  folder_t folder = {.max_bytes = 0};
  const char* parent = getenv("TMPDIR");
  snprintf(folder.path, sizeof folder.path, "%s/wasmrt-cache-XXXXXX", parent ? parent : "/tmp");
  CHECK(mkdtemp(folder.path));
  return folder;
}

// Not made yet.
static inline folder_t folder_in(const folder_t* parent, const char* name) {
  folder_t folder = {.max_bytes = 0};
  CHECK(strlen(parent->path) + strlen(name) + 2 < sizeof folder.path);
  strcpy(folder.path, parent->path);
  strcat(strcat(folder.path, "/"), name);
  return folder;
}

static inline bool ends_with(const char* text, const char* end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && !strcmp(text + n - m, end);
}

// The next file of a folder: its name, or NULL.
static inline const char* next_file(DIR* list) {
  for (struct dirent* entry; (entry = readdir(list));) {
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) return entry->d_name;
  }
  return NULL;
}

// How many files there are, or how many with that end.
static inline int count_files(const folder_t* folder, const char* end) {
  DIR* list = opendir(folder->path);
  int count = 0;
  if (!list) return 0;
  for (const char* name; (name = next_file(list));) count += ends_with(name, end);
  closedir(list);
  return count;
}

static inline int files_in(const folder_t* folder) { return count_files(folder, ""); }
static inline int entries_in(const folder_t* folder) { return count_files(folder, ".wasmrt"); }

// The path of the only file with an end.
static inline void path_of(const folder_t* folder, const char* end, char* out, size_t size) {
  DIR* list = opendir(folder->path);
  CHECK(list);
  int found = 0;
  for (const char* name; (name = next_file(list));) {
    if (ends_with(name, end)) found += snprintf(out, size, "%s/%s", folder->path, name) > 0;
  }
  closedir(list);
  CHECK(found == 1);
}

// The path of the only entry with code.
static inline void entry_path(const folder_t* folder, char* out, size_t size) { path_of(folder, ".wasmrt", out, size); }

// Gives every entry but one a time of last use.
static inline void each_entry(const folder_t* folder, const char* but, const struct utimbuf* time) {
  DIR* list = opendir(folder->path);
  CHECK(list);
  for (const char* name; (name = next_file(list));) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    if (strcmp(path, but)) CHECK(!utime(path, time));
  }
  closedir(list);
}

static inline long bytes_in(const folder_t* folder) {
  DIR* list = opendir(folder->path);
  CHECK(list);
  long sum = 0;
  for (const char* name; (name = next_file(list));) {
    char path[1024];
    struct stat file;
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    if (!stat(path, &file)) sum += file.st_size;
  }
  closedir(list);
  return sum;
}

static inline void remove_folder(const folder_t* folder) {
  DIR* list = opendir(folder->path);
  CHECK(list);
  for (const char* name; (name = next_file(list));) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    CHECK(!remove(path));
  }
  closedir(list);
  CHECK(!rmdir(folder->path));
}

// --- Engines ---

// What a log was told.
typedef struct {
  const char* words;
  int count;
  char last[512];
} heard_t;

static inline void hear(void* env, wasmrt_level_t level, const char* text) {
  heard_t* heard = env;
  (void)level;
  ++heard->count;
  snprintf(heard->last, sizeof heard->last, "%s", text);
}

typedef struct {
  uint64_t compile, workers;
  wasmrt_option_t option;  // one more, with its value
  uint64_t value;
  bool metered;
  const char* secret;
  const char* module;  // NULL: `first_calls`
  heard_t* heard;
} setup_t;

static inline own wasm_config_t* cached_config(const folder_t* folder, setup_t setup) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, setup.compile));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, setup.workers));
  if (setup.option) CHECK(wasmrt_config_set(config, setup.option, setup.value));
  if (setup.heard) wasmrt_config_set_log(config, WASMRT_LEVEL_WARNING, hear, setup.heard, NULL);
  if (setup.secret) {
    wasm_byte_vec_t key = {strlen(setup.secret), (wasm_byte_t*)setup.secret};
    CHECK(wasmrt_config_set_serialize_key(config, &key));
  }
  CHECK(wasmrt_config_set_cache(config, folder->path, folder->max_bytes ? folder->max_bytes : 1 << 30));
  return config;
}

static inline world_t open_cached(const folder_t* folder, setup_t setup) {
  const char* name = setup.module ? setup.module : "first_calls";
  if (!setup.metered) return open_world_with(cached_config(folder, setup), name);
  world_t w = {.engine = wasm_engine_new_with_config(cached_config(folder, setup))};
  w.store = wasm_store_new(w.engine);
  CHECK(wasmrt_store_set_fuel(w.store, 1000000000));
  w.module = load(w.store, name);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  return w;
}

static inline wasmrt_stats_t stats_of(const world_t* w) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(w->module, &stats);
  return stats;
}

static inline uint64_t compiled_in(const world_t* w) {
  wasmrt_stats_t stats = stats_of(w);
  return stats.baseline.functions + stats.optimized.functions;
}

static inline int repeat(const world_t* w, int n, int which) {
  return call_i32(w, "repeat", VALS(I32(n), I32(which)));
}

static inline void use_all(const world_t* w) {
  for (int which = 0; which < FUNCTIONS; ++which) CHECK(repeat(w, 1 + which, which) == (1 + which) * (100 + which));
  CHECK(call_i32(w, "tail", VALS(I32(1))) == 108);
  CHECK(call_i32(w, "deep", VALS(I32(20), I32(2))) == 122);
}

#endif
