// The lives of engines, stores and modules, of jobs, and of what is kept of modules: serialized, shared, in a cache folder.

#ifndef SPACE_MODULES_H
#define SPACE_MODULES_H

#include "types.h"

#include <ftw.h>
#include <sys/stat.h>

// --- Engines ---

static char folder[256];

static bool run_at_once(void* env, wasmrt_run_t run, void* task) {
  (void)env;
  run(task);
  return true;
}

static own wasm_config_t* full_config(void) {
  own wasm_config_t* config = life_config();
  char secret[] = "secret";
  wasm_byte_vec_t key = {sizeof secret, secret};
  wasmrt_config_set_executor(config, run_at_once, NULL, NULL);
  if (config && wasmrt_config_set_serialize_key(config, &key) && wasmrt_config_set_cache(config, folder, 100 << 20) &&
      wasmrt_config_set_profiler_folder(config, folder) &&
      wasmrt_config_set(config, WASMRT_OPTION_PROFILER, WASMRT_PROFILER_JITDUMP)) {
    return config;
  }
  wasm_config_delete(config);
  return NULL;
}

static own wasm_engine_t* full_engine(void) {
  own wasm_config_t* config = full_config();
  return config ? wasm_engine_new_with_config(config) : NULL;
}

// --- What modules say of themselves ---

static void read_module_names(wasm_module_t* module) {
  own wasm_name_t name;
  MAY_FAIL(wasmrt_module_set_name(module, "a name that the host has given to this module"));
  MAY_FAIL((wasmrt_module_name(module, &name), name.size > 0));
  wasm_name_delete(&name);
  // False is also the answer where there is no name.
  MAY_DO_NOTHING(wasmrt_module_func_name(module, 0, &name));
  wasm_name_delete(&name);
  JUST(wasmrt_module_tag_name(module, 0, &name));
  wasm_name_delete(&name);
}

static void read_sections(const wasm_module_t* module) {
  size_t count = 0;
  own wasm_name_t name;
  own wasm_byte_vec_t bytes;
  JUST(count = wasmrt_module_custom_section_count(module));
  for (size_t i = 0; i < count; ++i) {
    MAY_FAIL(wasmrt_module_custom_section(module, i, &name, &bytes));
    wasm_name_delete(&name);
    wasm_byte_vec_delete(&bytes);
  }
}

static void read_module_types(const wasm_module_t* module) {
  own wasm_importtype_vec_t imports;
  own wasm_exporttype_vec_t exports;
  forget_error();
  JUST(wasm_module_imports(module, &imports));
  CHECK(imports.size == 0);
  MAY_FAIL((wasm_module_exports(module, &exports), exports.size > 0));
  wasm_exporttype_vec_delete(&exports);
}

static void count_event(void* env, const wasmrt_event_info_t* info) {
  (void)info;
  ++*(int*)env;
}

static void use_module(const world_t* w, wasm_module_t* module) {
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  static int events;
  read_module_names(module);
  read_sections(module);
  read_module_types(module);
  JUST(wasmrt_module_stats(module, &stats));
  JUST(wasmrt_engine_stats(w->engine, &stats));
  JUST(wasmrt_module_set_event(module, count_event, &events, NULL));
  bool is_final = compile_mode == WASMRT_COMPILE_BASELINE;
  MAY_FAIL(wasmrt_module_compile(module, WASMRT_TIER_BASELINE));
  if (!is_final) MAY_FAIL(wasmrt_module_compile(module, WASMRT_TIER_OPTIMIZED));
  JUST(wasmrt_module_set_event(module, NULL, NULL, NULL));
}

// --- What is kept of them ---

static void load_again(wasm_store_t* store, const wasm_byte_vec_t* bytes) {
  own wasm_module_t* module;
  TAKE(module, wasm_module_deserialize(store, bytes));
  wasm_module_delete(module);
  char path[300];
  snprintf(path, sizeof path, "%s/module", folder);
  FILE* file = fopen(path, "wb");
  CHECK(file && fwrite(bytes->data, 1, bytes->size, file) == bytes->size && !fclose(file));
  TAKE(module, wasmrt_module_deserialize_file(store, path));
  wasm_module_delete(module);
}

static void keep_module(wasm_store_t* store, const wasm_module_t* module) {
  own wasm_byte_vec_t bytes;
  MAY_FAIL((wasm_module_serialize(module, &bytes), bytes.size > 0));
  load_again(store, &bytes);
  wasm_byte_vec_delete(&bytes);
  for (wasmrt_serialize_t what = WASMRT_SERIALIZE_EXISTING; what <= WASMRT_SERIALIZE_BASELINE; ++what) {
    MAY_FAIL((wasmrt_module_serialize(module, what, &bytes), bytes.size > 0));
    load_again(store, &bytes);
    wasm_byte_vec_delete(&bytes);
  }
  // In another engine the cache has nothing to write to; there, it is refused.
  JUST(wasmrt_module_keep(module));
}

static void share_module(wasm_store_t* store, const wasm_module_t* module) {
  own wasm_shared_module_t* shared;
  own wasm_module_t* obtained;
  TAKE(shared, wasm_module_share(module));
  TAKE(obtained, wasm_module_obtain(store, shared));
  wasm_shared_module_delete(shared);
  wasm_module_delete(obtained);
}

// --- Jobs ---

static void note_done(void* env, wasmrt_job_state_t state) { (void)env, (void)state; }

// A module from bytes in pieces; NULL when a step was refused, of which the job's error tells.
static own wasm_module_t* module_by_job(const world_t* w, const wasm_byte_vec_t* binary) {
  wasmrt_job_options_t options = {.struct_size = sizeof options, .tier = WASMRT_TIER_BASELINE, .done = note_done};
  own wasmrt_job_t* job = wasmrt_job_new(w->engine, &options);
  if (!job) return NULL;
  bool fed = true;
  for (size_t at = 0; fed && at < binary->size; at += 1000) {
    size_t left = binary->size - at;
    fed = wasmrt_job_feed(job, binary->data + at, left < 1000 ? left : 1000);
  }
  if (fed) wasmrt_job_feed(job, NULL, 0);
  wasmrt_progress_t progress = {.struct_size = sizeof progress};
  wasmrt_job_poll(job, &progress);
  wasmrt_job_wait(job, 10000000000u);
  own wasm_module_t* module = wasmrt_job_module(job, w->store);
  wasmrt_error_delete(wasmrt_job_error(job));
  wasmrt_job_delete(job);
  return module;
}

// A job that was refused bytes gets no others.
static own wasmrt_job_t* job_with_a_part(const world_t* w, const wasm_byte_vec_t* binary) {
  own wasmrt_job_t* job = wasmrt_job_new(w->engine, NULL);
  if (wasmrt_job_feed(job, binary->data, binary->size / 2)) return job;
  wasmrt_job_delete(job);
  return NULL;
}

static void use_jobs(const world_t* w, const wasm_byte_vec_t* binary) {
  own wasm_module_t* module;
  TAKE(module, module_by_job(w, binary));
  wasm_module_delete(module);
  own wasmrt_job_t* job;
  TAKE(job, job_with_a_part(w, binary));
  JUST(wasmrt_job_cancel(job));
  wasmrt_job_state_t state = wasmrt_job_poll(job, NULL);
  own wasmrt_error_t* error = wasmrt_job_error(job);
  CHECK(state == WASMRT_JOB_CANCELLED || (state == WASMRT_JOB_FAILED && error));
  wasmrt_error_delete(error);
  wasmrt_job_delete(job);
}

// --- Lives ---

static int remove_one(const char* path, const struct stat* unused, int kind, struct FTW* unused2) {
  (void)unused, (void)kind, (void)unused2;
  return remove(path);
}

static void use_modules(world_t* w, const wasm_byte_vec_t* binary) {
  TAKE(w->store, wasm_store_new(w->engine));
  MAY_FAIL(wasm_module_validate(w->store, binary));
  TAKE(w->module, wasm_module_new(w->store, binary));
  use_module(w, w->module);
  keep_module(w->store, w->module);
  share_module(w->store, w->module);
  use_jobs(w, binary);
  wasm_module_delete(w->module);
  // Bytes that are refused: the message needs memory, too.
  wasm_byte_vec_t wrong = {binary->size - 1, binary->data};
  own wasm_module_t* none;
  JUST(none = wasm_module_new(w->store, &wrong));
  CHECK(!none && has_error());
  JUST(wasm_store_delete(w->store));
  JUST(wasm_engine_delete(w->engine));
}

static void live_modules(void) {
  own wasm_byte_vec_t binary = bytes_of("lines_5");
  snprintf(folder, sizeof folder, "/tmp/wasmrt-space-XXXXXX");
  CHECK(mkdtemp(folder));
  begin();
  world_t w;
  TAKE(w.engine, full_engine());
  use_modules(&w, &binary);
  TAKE(w.engine, life_engine());
  use_modules(&w, &binary);
  TAKE(w.engine, wasm_engine_new());
  TAKE(w.store, wasm_store_new(w.engine));
  wasm_engine_delete(w.engine);
  wasm_store_delete(w.store);
  own wasm_config_t* config;
  TAKE(config, wasm_config_new());
  wasm_config_delete(config);
  wasm_byte_vec_delete(&binary);
  CHECK(!nftw(folder, remove_one, 10, FTW_DEPTH | FTW_PHYS));
}

#endif
