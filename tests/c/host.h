// What the tests do again and again: an engine as configured by the environment, a module from the folder of
// assembled ones, an instance with its exports by name, calls in one line.

#ifndef HOST_H
#define HOST_H

#include "test.h"

#include <wasm.h>
#include <wasmrt.h>

#define own

// --- Engine: WASMRT_TEST_CONFIG is a list like "workers=0 bounds=2 signals=0" ---

static inline uint64_t asked(const char* option, uint64_t otherwise) {
  const char* config = getenv("WASMRT_TEST_CONFIG");
  const char* found = config ? strstr(config, option) : NULL;
  return found ? strtoull(found + strlen(option), NULL, 10) : otherwise;
}

// Under valgrind long loops are shortened.
static inline bool slow(void) { return asked("slow=", 0) != 0; }

static inline own wasm_config_t* test_config(void) {
  own wasm_config_t* config = wasm_config_new();
  CHECK(config);
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_WORKERS, asked("workers=", 2)));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, asked("bounds=", 0)));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, asked("signals=", 1)));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_COMPILE, asked("compile=", WASMRT_COMPILE_TIERED)));
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, asked("tier_up=", 100)));
  // WASMRT_TEST_CACHE is a folder in which the engines keep code.
  const char* folder = getenv("WASMRT_TEST_CACHE");
  if (folder) CHECK(wasmrt_config_set_cache(config, folder, 100 << 20));
  return config;
}

static inline own wasm_engine_t* test_engine(void) {
  own wasm_engine_t* engine = wasm_engine_new_with_config(test_config());
  CHECK(engine);
  return engine;
}

// --- Modules: NAME.wat beside the tests, assembled into MODULES ---

static inline void read_module(const char* name, own wasm_byte_vec_t* out) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s.wasm", MODULES, name);
  FILE* file = fopen(path, "rb");
  CHECK(file && fseek(file, 0, SEEK_END) == 0);
  long size = ftell(file);
  rewind(file);
  wasm_byte_vec_new_uninitialized(out, (size_t)size);
  CHECK(fread(out->data, 1, out->size, file) == (size_t)size);
  fclose(file);
}

static inline own wasm_module_t* load(wasm_store_t* store, const char* name) {
  own wasm_byte_vec_t binary;
  read_module(name, &binary);
  own wasm_module_t* module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  return module;
}

// --- A world: one engine, store, module and instance ---

typedef struct {
  own wasm_engine_t* engine;
  own wasm_store_t* store;
  own wasm_module_t* module;
  own wasm_instance_t* instance;
  own wasm_extern_vec_t exports;
} world_t;

#define NO_IMPORTS ((wasm_extern_vec_t){0, NULL})
#define IMPORTS(...) \
  ((wasm_extern_vec_t){sizeof((wasm_extern_t*[]){__VA_ARGS__}) / sizeof(wasm_extern_t*), (wasm_extern_t*[]){__VA_ARGS__}})

static inline void open_store(world_t* w, const char* name) {
  w->engine = test_engine();
  w->store = wasm_store_new(w->engine);
  CHECK(w->store);
  w->module = name ? load(w->store, name) : NULL;
  CHECK(!name || w->module);
  w->instance = NULL;
  wasm_extern_vec_new_empty(&w->exports);
}

static inline void instantiate(world_t* w, wasm_extern_vec_t imports) {
  own wasm_trap_t* trap = NULL;
  w->instance = wasm_instance_new(w->store, w->module, &imports, &trap);
  CHECK(!trap && w->instance);
  wasm_instance_exports(w->instance, &w->exports);
}

static inline world_t open_world(const char* name) {
  world_t w;
  open_store(&w, name);
  instantiate(&w, NO_IMPORTS);
  return w;
}

// In an engine of its own configuration.
static inline world_t open_world_with(own wasm_config_t* config, const char* name) {
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  CHECK(w.store);
  w.module = load(w.store, name);
  CHECK(w.module);
  instantiate(&w, NO_IMPORTS);
  return w;
}

// All but the engine, which other worlds use as well.
static inline void close_but_engine(world_t* w) {
  wasm_extern_vec_delete(&w->exports);
  wasm_instance_delete(w->instance);
  wasm_module_delete(w->module);
  wasm_store_delete(w->store);
}

static inline void close_world(world_t* w) {
  close_but_engine(w);
  wasm_engine_delete(w->engine);
}

// Borrowed from the world.
static inline wasm_extern_t* export_of(const world_t* w, const char* name) {
  own wasm_exporttype_vec_t types;
  wasm_module_exports(w->module, &types);
  wasm_extern_t* found = NULL;
  for (size_t i = 0; i < types.size && !found; ++i) {
    const wasm_name_t* n = wasm_exporttype_name(types.data[i]);
    if (n->size == strlen(name) && memcmp(n->data, name, n->size) == 0) found = w->exports.data[i];
  }
  wasm_exporttype_vec_delete(&types);
  CHECK(found);
  return found;
}

static inline wasm_func_t* func_of(const world_t* w, const char* name) {
  wasm_func_t* func = wasm_extern_as_func(export_of(w, name));
  CHECK(func);
  return func;
}

// --- Calls ---

#define I32(x) ((wasm_val_t)WASM_I32_VAL(x))
#define I64(x) ((wasm_val_t)WASM_I64_VAL(x))
#define F32(x) ((wasm_val_t)WASM_F32_VAL(x))
#define F64(x) ((wasm_val_t)WASM_F64_VAL(x))
#define VALS(...) \
  ((wasm_val_vec_t){sizeof((wasm_val_t[]){__VA_ARGS__}) / sizeof(wasm_val_t), (wasm_val_t[]){__VA_ARGS__}})
#define NO_VALS ((wasm_val_vec_t){0, NULL})

// Calls, expects no trap, and returns the only result (or a meaningless value if there is none).
static inline wasm_val_t call(const wasm_func_t* func, wasm_val_vec_t args) {
  wasm_val_t out[1] = {WASM_INIT_VAL};
  wasm_val_vec_t results = {wasm_func_result_arity(func), out};
  CHECK(results.size <= 1);
  own wasm_trap_t* trap = wasm_func_call(func, &args, &results);
  CHECK(!trap);
  return out[0];
}

static inline int32_t i32_of(wasm_val_t value) {
  CHECK(value.kind == WASM_I32);
  return value.of.i32;
}

static inline int32_t call_i32(const world_t* w, const char* name, wasm_val_vec_t args) {
  return i32_of(call(func_of(w, name), args));
}

// Calls and returns the trap, which must occur; there is room for up to four results.
static inline own wasm_trap_t* call_trap(const wasm_func_t* func, wasm_val_vec_t args) {
  wasm_val_t out[4] = {WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL, WASM_INIT_VAL};
  wasm_val_vec_t results = {wasm_func_result_arity(func), out};
  CHECK(results.size <= 4);
  own wasm_trap_t* trap = wasm_func_call(func, &args, &results);
  CHECK(trap);
  return trap;
}

// --- Messages ---

static inline bool message_has(const wasm_message_t* message, const char* words) {
  CHECK(message->size > 0 && message->data[message->size - 1] == '\0');
  return !*words || strstr(message->data, words) != NULL;
}

// Whether the trap has a message, whatever it says. Consumes the trap.
static inline bool has_message(own wasm_trap_t* trap) {
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  bool good = message_has(&message, "") && message.size > 1;
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  return good;
}

// Whether the trap's message contains the text. Consumes the trap.
static inline bool says(own wasm_trap_t* trap, const char* words) {
  CHECK(trap && *words);
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  bool good = message_has(&message, words);
  if (!good) fprintf(stderr, "the trap says: %s\n", message.data);
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  return good;
}

// Whether there is a last error that contains the text. Takes it.
static inline bool error_says(const char* words) {
  CHECK(*words);
  own wasmrt_error_t* error = wasmrt_last_error();
  if (!error) return false;
  own wasm_message_t message;
  wasmrt_error_message(error, &message);
  bool good = message_has(&message, words);
  if (!good) fprintf(stderr, "the last error says: %s\n", message.data);
  wasm_name_delete(&message);
  wasmrt_error_delete(error);
  return good;
}

static inline bool has_error(void) {
  own wasmrt_error_t* error = wasmrt_last_error();
  wasmrt_error_delete(error);
  return error != NULL;
}
static inline void forget_error(void) { wasmrt_error_delete(wasmrt_last_error()); }

// Calls the exports of the module `traps`, from a result to a stack overflow.
static inline void use_traps(const world_t* w) {
  CHECK(call_i32(w, "nested", VALS(I32(1))) == 3);
  CHECK(says(call_trap(func_of(w, "nested"), VALS(I32(0))), "integer divide by zero"));
  CHECK(says(call_trap(func_of(w, "load"), NO_VALS), "out of bounds memory access"));
  CHECK(says(call_trap(func_of(w, "recurse"), NO_VALS), "call stack exhausted"));
  CHECK(call_i32(w, "nested", VALS(I32(1))) == 3);
}

// A trap with that text, as host functions return them.
static inline own wasm_trap_t* trap_saying(wasm_store_t* store, const char* text) {
  own wasm_message_t message;
  wasm_name_new_from_string_nt(&message, text);
  own wasm_trap_t* trap = wasm_trap_new(store, &message);
  wasm_name_delete(&message);
  return trap;
}

// --- Host functions: the type is given in letters: i I f F for i32 i64 f32 f64, r R for externref funcref ---

static inline own wasm_valtype_t* valtype_of(char letter) {
  static const char letters[] = "iIfFrR";
  static const wasm_valkind_t kinds[] = {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF};
  const char* found = strchr(letters, letter);
  CHECK(found && *found);
  return wasm_valtype_new(kinds[found - letters]);
}

static inline void valtypes_of(const char* letters, own wasm_valtype_vec_t* out) {
  wasm_valtype_vec_new_uninitialized(out, strlen(letters));
  for (size_t i = 0; i < out->size; ++i) out->data[i] = valtype_of(letters[i]);
}

static inline own wasm_functype_t* functype_of(const char* params, const char* results) {
  own wasm_valtype_vec_t p, r;
  valtypes_of(params, &p);
  valtypes_of(results, &r);
  own wasm_functype_t* type = wasm_functype_new(&p, &r);
  CHECK(type);
  return type;
}

static inline own wasm_func_t* host_func(wasm_store_t* store, const char* params, const char* results,
                                         wasm_func_callback_with_env_t callback, void* env,
                                         void (*finalizer)(void*)) {
  own wasm_functype_t* type = functype_of(params, results);
  own wasm_func_t* func = wasm_func_new_with_env(store, type, callback, env, finalizer);
  wasm_functype_delete(type);
  CHECK(func);
  return func;
}

// A host function that does nothing.
static inline own wasm_trap_t* ignore(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  (void)args;
  (void)results;
  return NULL;
}

// --- Other objects of the host's; NULL when they are refused ---

#define NO_MAX wasm_limits_max_default

static inline own wasm_memory_t* new_memory(wasm_store_t* store, uint32_t min, uint32_t max) {
  own wasm_memorytype_t* type = wasm_memorytype_new(&(wasm_limits_t){min, max});
  CHECK(type);
  own wasm_memory_t* memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  return memory;
}

static inline own wasm_table_t* new_table(wasm_store_t* store, char letter, uint32_t min, uint32_t max,
                                          wasm_ref_t* init) {
  own wasm_tabletype_t* type = wasm_tabletype_new(valtype_of(letter), &(wasm_limits_t){min, max});
  CHECK(type);
  own wasm_table_t* table = wasm_table_new(store, type, init);
  wasm_tabletype_delete(type);
  return table;
}

static inline own wasm_global_t* new_global(wasm_store_t* store, char letter, wasm_mutability_t mutability,
                                            wasm_val_t value) {
  own wasm_globaltype_t* type = wasm_globaltype_new(valtype_of(letter), mutability);
  CHECK(type);
  own wasm_global_t* global = wasm_global_new(store, type, &value);
  wasm_globaltype_delete(type);
  return global;
}

#endif
