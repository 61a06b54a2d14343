// Serialized modules: round trips, what is refused and why, keys, files.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host.h"

static own wasm_engine_t* keyed_engine(const char* secret) {
  own wasm_config_t* config = test_config();
  if (secret) {
    wasm_byte_vec_t key = {strlen(secret), (wasm_byte_t*)secret};
    CHECK(wasmrt_config_set_serialize_key(config, &key));
  }
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  CHECK(engine);
  return engine;
}

// The serialized form of a module of the folder, made by an engine that is deleted afterwards.
static void serialized(const char* name, const char* secret, own wasm_byte_vec_t* out) {
  own wasm_engine_t* engine = keyed_engine(secret);
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_module_t* module = load(store, name);
  CHECK(module);
  wasm_module_serialize(module, out);
  CHECK(out->size > 0 && out->data);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

static bool refused_kind(const char* words) {
  own wasmrt_error_t* error = wasmrt_last_error();
  if (!error) return false;
  wasmrt_error_info_t info = {.struct_size = sizeof info};
  wasmrt_error_info(error, &info);
  own wasm_message_t message;
  wasmrt_error_message(error, &message);
  bool good = info.kind == WASMRT_ERROR_SERIALIZED && message_has(&message, words);
  if (!good) fprintf(stderr, "kind %u: %s\n", info.kind, message.data);
  wasm_name_delete(&message);
  wasmrt_error_delete(error);
  return good;
}

// Whether the bytes are refused with that message.
static bool refused(wasm_store_t* store, const wasm_byte_vec_t* bytes, const char* words) {
  forget_error();
  own wasm_module_t* module = wasm_module_deserialize(store, bytes);
  wasm_module_delete(module);
  return !module && refused_kind(words);
}

static void open_serialized(world_t* w, const wasm_byte_vec_t* bytes) {
  open_store(w, NULL);
  w->module = wasm_module_deserialize(w->store, bytes);
  CHECK(w->module);
}

TEST(module_runs_after_the_original_is_gone) {
  own wasm_byte_vec_t bytes;
  serialized("state", NULL, &bytes);
  world_t w;
  open_serialized(&w, &bytes);
  wasm_byte_vec_delete(&bytes);  // borrowed for the call only
  instantiate(&w, NO_IMPORTS);
  CHECK(w.exports.size == 22);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  CHECK(call_i32(&w, "count", NO_VALS) == 2);
  close_world(&w);
}

TEST(module_runs_in_the_store_that_serialized_it) {
  world_t w;
  open_store(&w, "state");
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(w.module, &bytes);
  wasm_module_delete(w.module);
  w.module = wasm_module_deserialize(w.store, &bytes);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  wasm_byte_vec_delete(&bytes);
  close_world(&w);
}

TEST(serializing_again_gives_the_same_bytes) {
  own wasm_byte_vec_t first, second, third;
  serialized("traps", NULL, &first);
  serialized("traps", NULL, &second);
  world_t w;
  open_serialized(&w, &first);
  wasm_module_serialize(w.module, &third);
  CHECK(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
  CHECK(first.size == third.size && memcmp(first.data, third.data, first.size) == 0);
  wasm_byte_vec_delete(&first);
  wasm_byte_vec_delete(&second);
  wasm_byte_vec_delete(&third);
  close_world(&w);
}

TEST(module_without_functions_survives) {
  own wasm_byte_vec_t binary, bytes;
  wasm_byte_vec_new(&binary, 8, "\0asm\1\0\0\0");
  world_t w;
  open_store(&w, NULL);
  own wasm_module_t* module = wasm_module_new(w.store, &binary);
  wasm_module_serialize(module, &bytes);
  wasm_module_delete(module);
  w.module = wasm_module_deserialize(w.store, &bytes);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  CHECK(w.exports.size == 0);
  wasm_byte_vec_delete(&binary);
  wasm_byte_vec_delete(&bytes);
  close_world(&w);
}

// A trap as text: message and, for each frame, function, offsets and name.
static void describe(const wasm_trap_t* trap, char* out, size_t size) {
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  int at = snprintf(out, size, "%s", message.data);
  wasm_name_delete(&message);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  for (size_t i = 0; i < frames.size; ++i) {
    own wasm_name_t name;
    wasmrt_frame_func_name(frames.data[i], &name);
    at += snprintf(out + at, size - (size_t)at, " | %u +%zu @%zu %.*s", wasm_frame_func_index(frames.data[i]),
                   wasm_frame_func_offset(frames.data[i]), wasm_frame_module_offset(frames.data[i]), (int)name.size,
                   name.size ? name.data : "");
    wasm_name_delete(&name);
  }
  CHECK(frames.size > 0 && (size_t)at < size - 1);
  wasm_frame_vec_delete(&frames);
}

// The traps of all functions of the module that take nothing, described one after the other.
static void trap_all(world_t* w, char* out, size_t size) {
  own wasm_trap_t* none = NULL;
  w->instance = wasm_instance_new(w->store, w->module, &NO_IMPORTS, &none);
  CHECK(w->instance);
  wasm_instance_exports(w->instance, &w->exports);
  size_t at = 0, traps = 0;
  for (size_t i = 0; i < w->exports.size; ++i) {
    const wasm_func_t* func = wasm_extern_as_func(w->exports.data[i]);
    if (!func || wasm_func_param_arity(func) || wasm_func_result_arity(func) > 4) continue;
    wasm_val_t values[4] = {WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL};
    wasm_val_vec_t results = {wasm_func_result_arity(func), values};
    own wasm_trap_t* trap = wasm_func_call(func, &NO_VALS, &results);
    if (!trap) continue;
    describe(trap, out + at, size - at);
    at += strlen(out + at);
    ++traps;
    wasm_trap_delete(trap);
  }
  CHECK(traps >= 3);
}

TEST(traps_have_the_same_frames_offsets_and_names) {
  static char fresh[1 << 16], loaded[1 << 16];
  world_t w;
  open_store(&w, "traps");
  trap_all(&w, fresh, sizeof fresh);
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(w.module, &bytes);
  close_world(&w);
  open_serialized(&w, &bytes);
  wasm_byte_vec_delete(&bytes);
  trap_all(&w, loaded, sizeof loaded);
  CHECK(strcmp(fresh, loaded) == 0);
  close_world(&w);
}

TEST(imports_and_exports_are_listed_as_before) {
  own wasm_byte_vec_t bytes;
  serialized("imports", NULL, &bytes);
  world_t w;
  open_serialized(&w, &bytes);
  own wasm_importtype_vec_t imports;
  wasm_module_imports(w.module, &imports);
  CHECK(imports.size == 6 && wasm_importtype_module(imports.data[0])->size == 4);
  wasm_importtype_vec_delete(&imports);
  wasm_byte_vec_delete(&bytes);
  close_world(&w);
}

TEST(every_truncation_is_refused_with_a_reason) {
  own wasm_byte_vec_t bytes;
  serialized("link", NULL, &bytes);
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  for (size_t size = 0; size < bytes.size; size += 1 + (slow() ? 50 : 0)) {
    wasm_byte_vec_t prefix = {size, bytes.data};
    CHECK(refused(store, &prefix, ""));
  }
  wasm_byte_vec_t prefix = {bytes.size - 1, bytes.data};
  CHECK(refused(store, &prefix, "truncated"));
  wasm_byte_vec_delete(&bytes);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

TEST(damage_anywhere_is_refused_with_a_reason) {
  own wasm_byte_vec_t bytes;
  serialized("link", NULL, &bytes);
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  for (size_t i = 0; i < bytes.size; i += 1 + (slow() ? 50 : 0)) {
    bytes.data[i] ^= (wasm_byte_t)(1 << i % 8);
    CHECK(refused(store, &bytes, ""));
    bytes.data[i] ^= (wasm_byte_t)(1 << i % 8);
  }
  bytes.data[bytes.size / 2] ^= 1;
  CHECK(refused(store, &bytes, "checksum"));
  wasm_byte_vec_delete(&bytes);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

TEST(bytes_that_are_no_serialized_module_are_refused) {
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_byte_vec_t binary;
  read_module("state", &binary);
  CHECK(refused(store, &binary, "no serialized module"));
  CHECK(refused(store, NULL, "no serialized module"));
  CHECK(refused(store, &(wasm_byte_vec_t){0, NULL}, "no serialized module"));
  CHECK(!wasm_module_deserialize(store, &(wasm_byte_vec_t){8, NULL}));
  CHECK(error_says("without data"));
  wasm_byte_vec_delete(&binary);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

TEST(module_is_no_serialized_one_and_the_other_way_round) {
  own wasm_byte_vec_t bytes;
  serialized("link", NULL, &bytes);
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  CHECK(!wasm_module_new(store, &bytes) && has_error());
  CHECK(!wasm_module_validate(store, &bytes) && has_error());
  wasm_byte_vec_delete(&bytes);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

// --- Engines of another kind ---

// The module "state", in an engine as the other tests have it.
static void loads_and_counts(const wasm_byte_vec_t* bytes) {
  world_t w;
  open_serialized(&w, bytes);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  close_world(&w);
}

TEST(engine_that_runs_code_in_another_way_compiles_what_is_missing) {
  own wasm_byte_vec_t bytes, both;
  serialized("state", NULL, &bytes);
  own wasm_config_t* config = wasm_config_new();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, !asked("signals=", 1)));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT));
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  w.module = wasm_module_deserialize(w.store, &bytes);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  wasm_module_serialize(w.module, &both);  // now with the code of both
  CHECK(both.size > bytes.size);
  close_world(&w);
  loads_and_counts(&both);
  wasm_byte_vec_delete(&bytes);
  wasm_byte_vec_delete(&both);
}

TEST(limits_of_the_engine_hold_for_serialized_modules) {
  own wasm_byte_vec_t bytes;
  serialized("state", NULL, &bytes);
  static const wasmrt_option_t options[] = {WASMRT_OPTION_MAX_MODULE_SIZE, WASMRT_OPTION_MAX_FUNCTION_SIZE};
  for (int i = 0; i < 2; ++i) {
    own wasm_config_t* config = test_config();
    CHECK(wasmrt_config_set(config, options[i], 4));
    own wasm_engine_t* engine = wasm_engine_new_with_config(config);
    own wasm_store_t* store = wasm_store_new(engine);
    CHECK(!wasm_module_deserialize(store, &bytes));
    CHECK(error_says("limit"));
    wasm_store_delete(store);
    wasm_engine_delete(engine);
  }
  wasm_byte_vec_delete(&bytes);
}

TEST(code_for_any_processor_loads_on_this_one) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_CPU_FEATURES, 0));
  world_t w = open_world_with(config, "state");
  own wasm_byte_vec_t plain, native;
  wasm_module_serialize(w.module, &plain);
  serialized("state", NULL, &native);
  own wasm_module_t* module = wasm_module_deserialize(w.store, &native);
  // Refused where this processor has more than the minimum: the engine was told not to use it.
  CHECK(module || refused_kind("extensions of the processor"));
  wasm_module_delete(module);
  close_world(&w);
  loads_and_counts(&plain);
  wasm_byte_vec_delete(&plain);
  wasm_byte_vec_delete(&native);
}

TEST(code_without_masks_is_refused_where_masks_are_wanted) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_SPECTRE_MASKS, 1));
  world_t w = open_world_with(config, "state");
  own wasm_byte_vec_t masked, unmasked;
  wasm_module_serialize(w.module, &masked);
  serialized("state", NULL, &unmasked);
  CHECK(!wasm_module_deserialize(w.store, &unmasked));
  CHECK(refused_kind("speculation past checks"));
  close_world(&w);
  loads_and_counts(&masked);
  wasm_byte_vec_delete(&masked);
  wasm_byte_vec_delete(&unmasked);
}

// --- Keys ---

TEST(sealed_module_loads_with_the_same_key_only) {
  own wasm_byte_vec_t open, sealed;
  serialized("link", NULL, &open);
  serialized("link", "correct horse", &sealed);
  static const char* const secrets[] = {NULL, "correct horse", "correct horsf", "c"};
  static const char* const words[] = {"the engine has none", NULL, "seal", "seal"};
  for (int i = 0; i < 4; ++i) {
    own wasm_engine_t* engine = keyed_engine(secrets[i]);
    own wasm_store_t* store = wasm_store_new(engine);
    if (words[i]) {
      CHECK(refused(store, &sealed, words[i]));
    } else {
      own wasm_module_t* module = wasm_module_deserialize(store, &sealed);
      CHECK(module);
      wasm_module_delete(module);
    }
    if (secrets[i]) CHECK(refused(store, &open, "not sealed"));
    wasm_store_delete(store);
    wasm_engine_delete(engine);
  }
  wasm_byte_vec_delete(&open);
  wasm_byte_vec_delete(&sealed);
}

TEST(sealed_module_that_was_changed_is_refused) {
  own wasm_byte_vec_t sealed;
  serialized("link", "secret", &sealed);
  own wasm_engine_t* engine = keyed_engine("secret");
  own wasm_store_t* store = wasm_store_new(engine);
  for (size_t i = 0; i < sealed.size; i += slow() ? 61 : 7) {
    sealed.data[i] ^= 4;
    CHECK(refused(store, &sealed, ""));
    sealed.data[i] ^= 4;
  }
  wasm_byte_vec_delete(&sealed);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

TEST(key_is_copied_and_an_empty_one_refused) {
  wasm_byte_t secret[] = {1, 2, 3};
  wasm_byte_vec_t key = {3, secret};
  CHECK(!wasmrt_config_set_serialize_key(NULL, &key) && error_says("config is NULL"));
  own wasm_config_t* config = test_config();
  CHECK(!wasmrt_config_set_serialize_key(config, NULL) && error_says("empty"));
  CHECK(!wasmrt_config_set_serialize_key(config, &(wasm_byte_vec_t){0, secret}) && error_says("empty"));
  CHECK(!wasmrt_config_set_serialize_key(config, &(wasm_byte_vec_t){3, NULL}) && has_error());
  CHECK(wasmrt_config_set_serialize_key(config, &key));
  secret[0] = 99;
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "link");
  own wasm_byte_vec_t sealed;
  wasm_module_serialize(w.module, &sealed);
  close_world(&w);
  own wasm_engine_t* engine = keyed_engine("\1\2\3");
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_module_t* module = wasm_module_deserialize(store, &sealed);
  CHECK(module);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  wasm_byte_vec_delete(&sealed);
}

// --- Files ---

static void file_name(char* out, size_t size) {
  const char* folder = getenv("TMPDIR");
  snprintf(out, size, "%s/wasmrt-serialize-%p.bin", folder ? folder : "/tmp", (void*)out);
}

TEST(module_loads_from_a_file) {
  own wasm_byte_vec_t bytes;
  serialized("state", NULL, &bytes);
  char path[512];
  file_name(path, sizeof path);
  FILE* file = fopen(path, "wb");
  CHECK(file && fwrite(bytes.data, 1, bytes.size, file) == bytes.size && !fclose(file));
  world_t w;
  open_store(&w, NULL);
  w.module = wasmrt_module_deserialize_file(w.store, path);
  CHECK(w.module);
  file = fopen(path, "wb");  // the file may go, or change
  CHECK(file && fwrite(bytes.data, 1, bytes.size / 2, file) == bytes.size / 2 && !fclose(file));
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  CHECK(!wasmrt_module_deserialize_file(w.store, path) && refused_kind("truncated"));
  CHECK(remove(path) == 0);
  wasm_byte_vec_delete(&bytes);
  close_world(&w);
}

TEST(module_loads_from_a_file_that_the_host_has_mapped) {
  own wasm_byte_vec_t bytes;
  serialized("state", NULL, &bytes);
  char path[512];
  file_name(path, sizeof path);
  FILE* file = fopen(path, "wb");
  CHECK(file && fwrite(bytes.data, 1, bytes.size, file) == bytes.size && !fclose(file));
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  void* mapping = mmap(NULL, bytes.size, PROT_READ, MAP_SHARED, fd, 0);
  CHECK(fd >= 0 && mapping != MAP_FAILED && !close(fd));
  world_t w;
  open_store(&w, NULL);
  wasm_byte_vec_t mapped = {bytes.size, mapping};
  w.module = wasm_module_deserialize(w.store, &mapped);
  CHECK(w.module);
  CHECK(!truncate(path, 0) && !remove(path));  // reading the mapping would be a SIGBUS now
  instantiate(&w, NO_IMPORTS);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  own wasm_byte_vec_t again;
  wasm_module_serialize(w.module, &again);
  CHECK(again.size == bytes.size && !memcmp(again.data, bytes.data, bytes.size));
  CHECK(!munmap(mapping, bytes.size));
  wasm_byte_vec_delete(&again);
  wasm_byte_vec_delete(&bytes);
  close_world(&w);
}

TEST(file_that_cannot_be_read_is_refused_with_a_reason) {
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  CHECK(!wasmrt_module_deserialize_file(store, NULL) && error_says("NULL"));
  CHECK(!wasmrt_module_deserialize_file(NULL, "/dev/null") && error_says("store is NULL"));
  CHECK(!wasmrt_module_deserialize_file(store, "/no/such/file") && error_says("/no/such/file"));
  CHECK(!wasmrt_module_deserialize_file(store, "/") && error_says("regular"));
  CHECK(!wasmrt_module_deserialize_file(store, "/dev/zero") && error_says("regular"));
  CHECK(!wasmrt_module_deserialize_file(store, "/proc/self/status") && refused_kind(""));
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

// --- Arguments ---

TEST(output_is_initialised_on_every_path) {
  wasm_module_serialize(NULL, NULL);
  wasm_byte_vec_t out = {77, (wasm_byte_t*)77};
  forget_error();
  wasm_module_serialize(NULL, &out);
  CHECK(out.size == 0 && !out.data && has_error());
  world_t w;
  open_store(&w, "link");
  wasm_module_serialize(w.module, NULL);
  wasm_store_delete(w.store);
  w.store = NULL;
  out = (wasm_byte_vec_t){77, (wasm_byte_t*)77};
  wasm_module_serialize(w.module, &out);
  CHECK(out.size == 0 && !out.data && has_error());
  wasm_byte_vec_delete(&out);
  CHECK(!wasm_module_deserialize(NULL, &out) && error_says("store is NULL"));
  close_world(&w);
}

static int released;
static void release(void* info) { *(int*)info = ++released; }

TEST(deserialized_module_keeps_host_info_and_is_shared_like_any_other) {
  own wasm_byte_vec_t bytes;
  serialized("link", NULL, &bytes);
  world_t w;
  open_serialized(&w, &bytes);
  int info = 0;
  wasm_module_set_host_info_with_finalizer(w.module, &info, release);
  own wasm_module_t* copy = wasm_module_copy(w.module);
  CHECK(wasm_module_same(copy, w.module) && wasm_module_get_host_info(copy) == &info);
  wasm_module_delete(copy);
  own wasm_shared_module_t* shared = wasm_module_share(w.module);
  own wasm_store_t* other = wasm_store_new(w.engine);
  own wasm_module_t* obtained = wasm_module_obtain(other, shared);
  CHECK(obtained);
  own wasm_byte_vec_t again;
  wasm_module_serialize(obtained, &again);
  CHECK(again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0);
  wasm_byte_vec_delete(&again);
  wasm_module_delete(obtained);
  wasm_shared_module_delete(shared);
  wasm_store_delete(other);
  wasm_byte_vec_delete(&bytes);
  close_world(&w);
  CHECK(info == 1);
}
