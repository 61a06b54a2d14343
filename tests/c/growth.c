// Nothing accumulates: what is made and deleted again and again leaves the process as large as it was. Resident
// memory, mappings, descriptors and threads are counted, all from /proc/self. The first rounds fill the caches;
// later, longer rounds must add nothing.

#define _GNU_SOURCE
#include <dirent.h>
#include <unistd.h>

#include "crowd.h"

typedef struct {
  long resident;  // KiB
  long writable;  // KiB of private writable address space, touched or not
  long mappings, descriptors, threads;
} footprint_t;

static long entries_in(const char* path) {
  long count = 0;
  DIR* folder = opendir(path);
  CHECK(folder);
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;) count += entry->d_name[0] != '.';
  closedir(folder);
  return count;
}

static long lines_in(const char* path) {
  long count = 0;
  FILE* file = fopen(path, "r");
  CHECK(file);
  for (int c; (c = fgetc(file)) != EOF;) count += c == '\n';
  fclose(file);
  return count;
}

static long status_of(const char* field) {
  char line[256];
  long value = -1;
  FILE* file = fopen("/proc/self/status", "r");
  CHECK(file);
  while (value < 0 && fgets(line, sizeof line, file)) {
    if (!strncmp(line, field, strlen(field))) value = strtol(line + strlen(field) + 1, NULL, 10);
  }
  fclose(file);
  CHECK(value >= 0);
  return value;
}

static footprint_t footprint(void) {
  return (footprint_t){.resident = status_of("VmRSS"), .writable = status_of("VmData"),
    .mappings = lines_in("/proc/self/maps"), .descriptors = entries_in("/proc/self/fd"),
    .threads = entries_in("/proc/self/task")};
}

// Memory that valgrind and AddressSanitizer keep for themselves says nothing about the library.
static bool memory_is_ours(void) {
#ifdef __SANITIZE_ADDRESS__
  return false;
#else
  return !slow();
#endif
}

// A joined thread may stay in the list for a moment.
static long threads_after_settling(long expected) {
  long threads = entries_in("/proc/self/task");
  for (int i = 0; i < 1000 && threads > expected; ++i) {
    usleep(10000);
    threads = entries_in("/proc/self/task");
  }
  return threads;
}

static void repeat(void (*round)(void), int few, int many) {
  if (slow()) { few = 1; many = 3; }
  for (int i = 0; i < few; ++i) round();
  footprint_t before = footprint();
  for (int i = 0; i < many; ++i) round();
  footprint_t after = footprint();
  printf("resident %ld -> %ld KiB, mappings %ld -> %ld, descriptors %ld -> %ld, threads %ld -> %ld\n", before.resident,
         after.resident, before.mappings, after.mappings, before.descriptors, after.descriptors, before.threads,
         after.threads);
  CHECK(after.descriptors == before.descriptors);
  CHECK(threads_after_settling(before.threads) <= before.threads);
  if (!memory_is_ours()) return;
  CHECK(after.mappings <= before.mappings + 16);
  CHECK(after.resident <= before.resident + 4096);
}

static void use_and_trap(const world_t* w) {
  CHECK(call_i32(w, "nested", VALS(I32(1))) == 3);
  CHECK(says(call_trap(func_of(w, "load"), NO_VALS), "out of bounds memory access"));
}

static void engine_round(void) {
  world_t w = open_world("traps");
  use_and_trap(&w);
  close_world(&w);
}

static void engine_without_store_round(void) { wasm_engine_delete(test_engine()); }

static void two_engines_round(void) {
  world_t a = open_world("traps"), b = open_world("state");
  use_and_trap(&a);
  close_world(&a);
  CHECK(call_i32(&b, "count", NO_VALS) == 1);
  close_world(&b);
}

static wasm_engine_t* shared_engine;

static void store_round(void) {
  world_t w = {.engine = NULL, .store = wasm_store_new(shared_engine)};
  w.module = load(w.store, "traps");
  instantiate(&w, NO_IMPORTS);
  use_and_trap(&w);
  close_world(&w);
}

static world_t kept;
static wasm_func_t* env_func;

static void module_round(void) {
  world_t w = {.engine = NULL, .store = kept.store, .module = load(kept.store, "traps")};
  instantiate(&w, NO_IMPORTS);
  use_and_trap(&w);
  w.store = NULL;
  close_world(&w);
}

static void call_round(void) {
  for (int i = 0; i < 20; ++i) use_and_trap(&kept);
}

TEST(engines_made_and_deleted_leave_nothing) { repeat(engine_round, 100, 500); }
TEST(engines_that_never_worked_leave_nothing) { repeat(engine_without_store_round, 100, 2000); }
TEST(engines_side_by_side_leave_nothing) { repeat(two_engines_round, 50, 200); }

TEST(stores_of_one_engine_leave_nothing) {
  shared_engine = test_engine();
  repeat(store_round, 200, 1000);
  wasm_engine_delete(shared_engine);
}

TEST(modules_and_instances_of_one_store_leave_nothing) {
  open_store(&kept, NULL);
  repeat(module_round, 500, 1500);
  close_world(&kept);
}

static own wasm_trap_t* refuse(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  return trap_saying(env, "no");
}

// A host that only causes traps: in guests, by itself, for wrong arguments, without any call.
static void trap_round(void) {
  for (int i = 0; i < 20; ++i) {
    wasm_trap_delete(call_trap(env_func, NO_VALS));
    wasm_trap_delete(call_trap(env_func, VALS(I32(1))));
    wasm_trap_delete(trap_saying(kept.store, "made and never thrown"));
  }
}

TEST(traps_of_host_functions_leave_nothing) {
  open_store(&kept, NULL);
  env_func = host_func(kept.store, "", "", refuse, kept.store, NULL);
  repeat(trap_round, 1000, 2000);
  wasm_func_delete(env_func);
  close_world(&kept);
}

TEST(calls_and_traps_leave_nothing) {
  kept = open_world("traps");
  repeat(call_round, 1000, 2000);
  close_world(&kept);
}

// --- What else there is ---

static long finalized;
static void count_finalizer(void* unused) {
  (void)unused;
  ++finalized;
}

static void ignore_log(void* env, wasmrt_level_t level, const char* text) {
  (void)env;
  (void)level;
  (void)text;
}

static bool allow(void* env, const wasmrt_growth_t* growth) {
  (void)env;
  return growth->desired < 100000000;
}

static int32_t native_sum(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  if (a < 0) *trap = trap_saying(env, "negative");
  return a + b;
}

static void use_natives(wasm_store_t* store) {
  own wasm_functype_t* type = functype_of("ii", "i");
  own wasm_func_t* func = wasmrt_func_new_native(store, type, (wasmrt_native_t)native_sum, store, count_finalizer);
  wasm_functype_delete(type);
  void* context;
  int32_t (*code)(void*, wasm_trap_t**, int32_t, int32_t) =
    (int32_t (*)(void*, wasm_trap_t**, int32_t, int32_t))wasmrt_func_native(func, &context);
  own wasm_trap_t* trap = NULL;
  CHECK(code(context, &trap, 40, 2) == 42 && !trap);
  code(context, &trap, -1, 2);
  CHECK(says(trap, "negative"));
  own wasm_ref_t* ref = wasm_ref_copy(wasm_func_as_ref(func));
  wasm_ref_set_host_info_with_finalizer(ref, store, count_finalizer);
  wasm_ref_delete(ref);
  wasm_func_delete(func);
}

static void use_modules(wasm_store_t* store, own wasm_module_t* module) {
  own wasm_byte_vec_t blob;
  wasm_module_serialize(module, &blob);
  own wasm_module_t* again = wasm_module_deserialize(store, &blob);
  CHECK(again);
  blob.data[blob.size / 2] ^= 1;
  CHECK(!wasm_module_deserialize(store, &blob) && has_error());
  wasm_byte_vec_delete(&blob);
  own wasm_shared_module_t* shared = wasm_module_share(again);
  own wasm_module_t* obtained = wasm_module_obtain(store, shared);
  CHECK(obtained);
  own wasm_name_t name;
  wasmrt_module_name(obtained, &name);
  wasm_name_delete(&name);
  wasm_shared_module_delete(shared);
  wasm_module_delete(again);
  wasm_module_delete(obtained);
  wasm_module_delete(module);
}

static void everything_round(void) {
  own wasm_config_t* config = test_config();
  wasmrt_config_set_log(config, WASMRT_LEVEL_DEBUG, ignore_log, NULL, count_finalizer);
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  wasmrt_store_set_limiter(w.store, allow, NULL, count_finalizer);
  CHECK(wasmrt_store_set_fuel(w.store, 1000000) && wasmrt_store_set_deadline(w.store, UINT64_MAX / 4));
  own wasmrt_interrupt_t* interrupt = wasmrt_interrupt_new(w.store);
  w.module = load(w.store, "traps");
  instantiate(&w, NO_IMPORTS);
  use_and_trap(&w);
  wasmrt_interrupt_fire(interrupt);
  CHECK(says(call_trap(func_of(&w, "nested"), VALS(I32(1))), "interrupted"));
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  wasm_foreign_set_host_info_with_finalizer(foreign, NULL, count_finalizer);
  use_natives(w.store);
  use_modules(w.store, load(w.store, "state"));
  close_world(&w);
  wasm_foreign_delete(foreign);
  wasmrt_interrupt_fire(interrupt);
  wasmrt_interrupt_delete(interrupt);
  forget_error();
}

TEST(everything_else_leaves_nothing) {
  finalized = 0;
  repeat(everything_round, 50, 300);
  CHECK(finalized == 5 * (slow() ? 4 : 350));
}

// --- Types ---

static unsigned next_type;

// Fifty types that no other module has, each with its stubs.
static void new_types_round(void) {
  own wasm_byte_vec_t binary;
  module_of_new_types(&next_type, 50, &binary);
  world_t w = {.engine = NULL, .store = wasm_store_new(shared_engine)};
  w.module = wasm_module_new(w.store, &binary);
  CHECK(w.module);
  wasm_byte_vec_delete(&binary);
  instantiate(&w, NO_IMPORTS);
  call_all(&w.exports);
  close_world(&w);
}

static void new_host_types_round(void) { new_types(shared_engine, &next_type, 50); }

TEST(types_of_modules_that_were_dropped_leave_nothing) {
  shared_engine = test_engine();
  repeat(new_types_round, 200, 1000);
  wasm_engine_delete(shared_engine);
}

TEST(types_of_host_functions_that_were_dropped_leave_nothing) {
  shared_engine = test_engine();
  repeat(new_host_types_round, 200, 2000);
  wasm_engine_delete(shared_engine);
}

// --- Memories ---

// 256 MiB each, 15 GiB in all: most must be freed before the last is made.
static void drop_memories(uint32_t pages, uint32_t more) {
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  wasm_limits_t limits = {pages, 8192};
  own wasm_memorytype_t* type = wasm_memorytype_new(&limits);
  long before = footprint().writable, most = 0;
  for (int i = 0; i < (slow() ? 4 : 60); ++i) {
    own wasm_memory_t* memory = wasm_memory_new(store, type);
    CHECK(memory);
    CHECK(!more || wasm_memory_grow(memory, more));
    wasm_memory_data(memory)[(size_t)(pages + more) * 65536 - 1] = 1;
    wasm_memory_delete(memory);
    long now = footprint().writable - before;
    if (now > most) most = now;
  }
  printf("at most %ld MiB at a time\n", most / 1024);
  if (memory_is_ours()) CHECK(most < 1024 * 1024);
  wasm_memorytype_delete(type);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

TEST(large_memories_that_were_dropped_do_not_pile_up) { drop_memories(4096, 0); }
TEST(memories_that_grew_and_were_dropped_do_not_pile_up) { drop_memories(1, 4095); }

TEST(thousands_of_small_memories_that_were_dropped_do_not_pile_up) {
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  wasm_limits_t limits = {1, 2};
  own wasm_memorytype_t* type = wasm_memorytype_new(&limits);
  long before = footprint().mappings, most = 0;
  for (int i = 0; i < (slow() ? 50 : 5000); ++i) {
    own wasm_memory_t* memory = wasm_memory_new(store, type);
    CHECK(memory);
    wasm_memory_delete(memory);
    if (i % 100 == 0 && lines_in("/proc/self/maps") - before > most) most = lines_in("/proc/self/maps") - before;
  }
  if (memory_is_ours()) CHECK(most < 1000);
  wasm_memorytype_delete(type);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}
