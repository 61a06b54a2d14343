// What profilers of the system read about guest code.

#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <utime.h>

#include "process.h"
#include "symbols.h"

// --- The perf map ---

static void map_path(pid_t process, char* path) { snprintf(path, PATH_MAX, "/tmp/perf-%d.map", (int)process); }

static own map_t read_map(void) {
  char path[PATH_MAX], line[1024];
  map_path(getpid(), path);
  FILE* file = fopen(path, "r");
  CHECK(file);
  map_t map = {NULL, 0};
  while (fgets(line, sizeof line, file)) {
    uintptr_t start, length;
    char name[256];
    CHECK(sscanf(line, "%zx %zx %255[^\n]", &start, &length, name) == 3);
    add_symbol(&map, start, length, name);
  }
  fclose(file);
  return map;
}

static void remove_map(pid_t process) {
  char path[PATH_MAX];
  map_path(process, path);
  unlink(path);
}

TEST(perf_map_names_the_functions_on_the_stack_in_every_mode) {
  for (int i = 0; i < WAY_COUNT; ++i) {
    const way_t* way = &WAYS[i];
    trace_t trace;
    observer_t observer = {walk, &trace, 0};
    remove_map(getpid());
    world_t w = open_observed(observed_config(way, WASMRT_OPTION_PROFILER, WASMRT_PROFILER_PERF_MAP), &observer);
    look_in(&w, way, &observer);
    own map_t map = read_map();
    CHECK(names_stack(&map, &trace, way));
    free(map.symbols);
    close_world(&w);
  }
  remove_map(getpid());
}

TEST(functions_keep_their_names_when_they_are_optimized) {
  trace_t trace;
  observer_t observer = {walk, &trace, 0};
  remove_map(getpid());
  way_t way = {"optimized", WASMRT_COMPILE_TIERED, 0, false};
  world_t w = open_observed(observed_config(&way, WASMRT_OPTION_PROFILER, WASMRT_PROFILER_PERF_MAP), &observer);
  look_in(&w, &way, &observer);
  own map_t map = read_map();
  CHECK(has_name(&map, "inner [baseline]") && has_name(&map, "inner [optimized]"));
  CHECK(!has_name(&map, "spin [baseline]") && has_name(&map, "wasm stubs of functions without code"));
  free(map.symbols);
  close_world(&w);
  remove_map(getpid());
}

// perf ignores the map for addresses in a named file.
static bool is_unnamed(uintptr_t address) {
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[512];
  bool unnamed = false;
  while (fgets(line, sizeof line, maps)) {
    uintptr_t start, end;
    char file[256] = "";
    CHECK(sscanf(line, "%zx-%zx %*s %*s %*s %*s %255s", &start, &end, file) >= 2);
    if (address - start < end - start) unnamed = !*file || !strncmp(file, "/dev/zero", 9);
  }
  fclose(maps);
  return unnamed;
}

static void check_unnamed(void* context) {
  trace_t trace;
  walk(&trace);
  own map_t map = read_map();
  bool* found = context;
  for (int i = 0; i < DEPTH; ++i) {
    if (!*name_of(&map, trace.addresses[i])) continue;
    CHECK(is_unnamed(trace.addresses[i]));
    *found = true;
  }
  free(map.symbols);
}

TEST(code_is_where_perf_looks_names_up) {
  for (int i = 0; i < WAY_COUNT; ++i) {
    bool found = false;
    observer_t observer = {check_unnamed, &found, 0};
    remove_map(getpid());
    world_t w = open_observed(observed_config(&WAYS[i], WASMRT_OPTION_PROFILER, WASMRT_PROFILER_PERF_MAP), &observer);
    look_in(&w, &WAYS[i], &observer);
    CHECK(found);
    close_world(&w);
  }
  remove_map(getpid());
}

TEST(no_file_appears_unless_asked_for) {
  trace_t trace;
  observer_t observer = {walk, &trace, 0};
  char path[PATH_MAX];
  map_path(getpid(), path);
  remove_map(getpid());
  world_t w = open_observed(observed_config(&WAYS[3], WASMRT_OPTION_PROFILER, WASMRT_PROFILER_NONE), &observer);
  look_in(&w, &WAYS[3], &observer);
  CHECK(access(path, F_OK) != 0);
  close_world(&w);
}

// Only what is written from now on counts.
static void use_perf_map(void) {
  trace_t trace;
  observer_t observer = {walk, &trace, 0};
  world_t w = open_observed(observed_config(&WAYS[0], WASMRT_OPTION_PROFILER, WASMRT_PROFILER_PERF_MAP), &observer);
  look_in(&w, &WAYS[0], &observer);
  close_world(&w);
}

static void write_file(const char* path, const char* text) {
  FILE* file = fopen(path, "a");
  CHECK(file && fputs(text, file) >= 0 && !fclose(file));
}

TEST(lines_of_an_earlier_process_are_removed_and_those_of_others_in_this_one_kept) {
  pid_t child = start_child();
  if (!child) {
    char path[PATH_MAX];
    map_path(getpid(), path);
    remove_map(getpid());
    write_file(path, "1000 10 of an earlier process\n");
    CHECK(!utime(path, &(struct utimbuf){1, 1}));
    use_perf_map();
    own map_t map = read_map();
    CHECK(!has_name(&map, "of an earlier process") && has_name(&map, "outer [optimized]"));
    free(map.symbols);
    write_file(path, "1000 10 of another maker of code\n");
    use_perf_map();
    map = read_map();
    CHECK(has_name(&map, "of another maker of code"));
    free(map.symbols);
    remove_map(getpid());
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
}

TEST(child_of_a_fork_has_the_names_of_code_that_it_inherited) {
  trace_t trace;
  observer_t observer = {walk, &trace, 0};
  remove_map(getpid());
  way_t way = {"baseline", WASMRT_COMPILE_TIERED, 100, false};
  world_t w = open_observed(observed_config(&way, WASMRT_OPTION_PROFILER, WASMRT_PROFILER_PERF_MAP), &observer);
  look_in(&w, &way, &observer);
  pid_t child = start_child();
  if (!child) {
    CHECK(call_i32(&w, "spin", VALS(I32(3))) == 1);
    own map_t map = read_map();
    CHECK(has_name(&map, "inner [baseline]") && has_name(&map, "spin [baseline]"));
    free(map.symbols);
    remove_map(getpid());
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
  own map_t map = read_map();
  CHECK(!has_name(&map, "spin [baseline]"));
  free(map.symbols);
  close_world(&w);
  remove_map(getpid());
}

TEST(link_in_place_of_the_file_is_not_followed) {
  pid_t child = start_child();
  if (!child) {
    char path[PATH_MAX], victim[PATH_MAX];
    map_path(getpid(), path);
    snprintf(victim, sizeof victim, "/tmp/wasmrt-victim-%d", (int)getpid());
    remove_map(getpid());
    write_file(victim, "");
    CHECK(!symlink(victim, path));
    use_perf_map();
    struct stat about;
    CHECK(!stat(victim, &about) && about.st_size == 0);
    unlink(victim);
    remove_map(getpid());
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
}

// --- The jitdump ---

typedef struct {
  uint32_t magic, version, size, machine, padding, process;
  uint64_t time, flags;
} dump_header_t;

typedef struct {
  uint32_t kind, size;
  uint64_t time;
} record_t;

typedef struct {
  record_t record;
  uint32_t process, thread;
  uint64_t mapped, address, size, number;
} load_t;

// Names, and the code as it was written, which must be what runs.
static own map_t read_dump(const char* folder, pid_t process, bool is_running) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/jit-%d.dump", folder, (int)process);
  FILE* file = fopen(path, "rb");
  CHECK(file && !fseek(file, 0, SEEK_END));
  long size = ftell(file);
  rewind(file);
  char* bytes = malloc((size_t)size);
  CHECK(bytes && fread(bytes, 1, (size_t)size, file) == (size_t)size && !fclose(file));
  dump_header_t header;
  memcpy(&header, bytes, sizeof header);
  CHECK(header.magic == 0x4a695444 && header.version == 1 && header.size == sizeof header);
  CHECK(header.process == (uint32_t)process && header.time > 0);
  map_t map = {NULL, 0};
  uint64_t time = header.time;
  for (long at = header.size; at < size;) {
    load_t load;
    memcpy(&load, bytes + at, sizeof load);
    CHECK(load.record.kind == 0 && load.record.time >= time && load.process == header.process);
    const char* name = bytes + at + sizeof load;
    const char* code = name + strlen(name) + 1;
    CHECK(code + load.size == bytes + at + load.record.size);
    CHECK(!is_running || !memcmp(code, (void*)load.address, load.size));
    add_symbol(&map, load.address, load.size, name);
    time = load.record.time;
    at += load.record.size;
  }
  free(bytes);
  unlink(path);
  return map;
}

static own wasm_config_t* dump_config(const way_t* way, const char* folder) {
  own wasm_config_t* config = observed_config(way, WASMRT_OPTION_PROFILER, WASMRT_PROFILER_JITDUMP);
  CHECK(wasmrt_config_set_profiler_folder(config, folder));
  return config;
}

TEST(jitdump_has_names_and_code_of_functions_in_every_mode) {
  char folder[] = "/tmp/wasmrt-dump-XXXXXX";
  CHECK(mkdtemp(folder));
  for (int i = 0; i < WAY_COUNT; ++i) {
    trace_t trace;
    observer_t observer = {walk, &trace, 0};
    world_t w = open_observed(dump_config(&WAYS[i], folder), &observer);
    look_in(&w, &WAYS[i], &observer);
    own map_t map = read_dump(folder, getpid(), true);
    CHECK(names_stack(&map, &trace, &WAYS[i]));
    free(map.symbols);
    close_world(&w);
  }
  CHECK(!rmdir(folder));
}

TEST(folder_of_profiler_that_does_not_exist_stops_nothing) {
  trace_t trace;
  observer_t observer = {walk, &trace, 0};
  world_t w = open_observed(dump_config(&WAYS[3], "/nonexistent/folder"), &observer);
  look_in(&w, &WAYS[3], &observer);
  close_world(&w);
  own wasm_config_t* config = wasm_config_new();
  CHECK(!wasmrt_config_set_profiler_folder(config, "") && error_says("empty"));
  CHECK(!wasmrt_config_set_profiler_folder(config, NULL) && error_says("NULL"));
  CHECK(!wasmrt_config_set_profiler_folder(NULL, "/tmp") && error_says("NULL"));
  wasm_config_delete(config);
}

TEST(limit_of_file_sizes_ends_no_process) {
  char folder[] = "/tmp/wasmrt-dump-XXXXXX", path[PATH_MAX];
  CHECK(mkdtemp(folder));
  for (int i = 0; i < 2; ++i) {
    pid_t child = start_child();
    if (!child) {
      CHECK(!setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, 100}));
      if (i) {
        trace_t trace;
        observer_t observer = {walk, &trace, 0};
        world_t w = open_observed(dump_config(&WAYS[3], folder), &observer);
        look_in(&w, &WAYS[3], &observer);
        close_world(&w);
      } else {
        use_perf_map();
      }
      _exit(0);
    }
    CHECK(outcome_of(child) == 0);
    snprintf(path, sizeof path, "%s/jit-%d.dump", folder, (int)child);
    CHECK((unlink(path) == 0) == (i == 1));
    remove_map(child);
  }
  CHECK(!rmdir(folder));
}
