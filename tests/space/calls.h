// The lives of instances: linked, called, interrupted, measured, trapping.

#ifndef SPACE_CALLS_H
#define SPACE_CALLS_H

#include "objects.h"

// --- Linkers ---

static own wasm_trap_t* add(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  results->data[0] = I32(args->data[0].of.i32 + args->data[1].of.i32);
  return NULL;
}

static own wasm_trap_t* add_wide(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results, size_t n) {
  (void)env, (void)n_args, (void)n;
  results[0].of.i32 = args[0].of.i32 + args[1].of.i32;
  return NULL;
}

static int32_t add_native(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  (void)env, (void)trap;
  return a + b;
}

// An instance, or NULL with a trap that says why; its message needs memory, too.
#define TAKE_INSTANCE(instance, call)                                    \
  do {                                                                   \
    own wasm_trap_t* trap = NULL;                                        \
    tighten();                                                           \
    instance = (call);                                                   \
    loosen();                                                            \
    if (!instance) {                                                     \
      ++refusals;                                                        \
      HOLDS(trap && says(trap, "memory"), "no reason", #call);           \
      trap = NULL;                                                       \
      HOLDS((instance = (call)) != NULL, "refused with memory", #call);  \
    }                                                                    \
    CHECK(!trap);                                                        \
  } while (0)

static void define_functions(wasmrt_linker_t* linker) {
  own wasm_functype_t* type = wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32());
  JUST(wasmrt_linker_allow_shadowing(linker, true));
  MAY_FAIL(wasmrt_linker_define_callback(linker, "env", "add", type, add, NULL, NULL));
  MAY_FAIL(wasmrt_linker_define_func(linker, "env", "add", type, add_wide, NULL, NULL));
  MAY_FAIL(wasmrt_linker_define_native(linker, "env", "add", type, (wasmrt_native_t)add_native, NULL, NULL));
  wasm_functype_delete(type);
}

static void define_object(wasmrt_linker_t* linker, const char* name, own wasm_extern_t* object) {
  own wasm_extern_t* found;
  MAY_FAIL(wasmrt_linker_define(linker, "env", name, object));
  TAKE(found, wasmrt_linker_get(linker, "env", name));
  CHECK(wasm_extern_same(found, object));
  wasm_extern_delete(found);
  wasm_extern_delete(object);
}

static void define_the_rest(const world_t* w, wasmrt_linker_t* linker, const wasm_module_t* state) {
  define_object(linker, "offset", wasm_global_as_extern(new_global(w->store, 'i', WASM_CONST, I32(100))));
  define_object(linker, "memory", wasm_memory_as_extern(new_memory(w->store, 1, 10)));
  define_object(linker, "table", wasm_table_as_extern(new_table(w->store, 'R', 1, 10, NULL)));
  own wasm_instance_t* instance;
  TAKE_INSTANCE(instance, wasmrt_linker_instantiate(linker, state, &trap));
  MAY_FAIL(wasmrt_linker_define_instance(linker, "state", instance));
  wasm_instance_delete(instance);
}

static void use_export(wasm_instance_t* instance) {
  own wasm_func_t* run;
  TAKE(run, wasmrt_instance_func(instance, "run"));
  wasm_val_t arg[] = {I32(1)}, out[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = {1, arg}, results = {1, out};
  MAY_TRAP(wasm_func_call(run, &args, &results));
  CHECK(out[0].of.i32 == 102 || out[0].of.i32 == 103);
  wasm_func_delete(run);
}

typedef struct {
  world_t w;
  own wasm_module_t* state;
} linked_t;

static void* use_linkers(void* arg) {
  linked_t* l = arg;
  begin();
  own wasmrt_linker_t* linker;
  TAKE(linker, wasmrt_linker_new(l->w.store));
  define_functions(linker);
  define_the_rest(&l->w, linker, l->state);
  TAKE_INSTANCE(l->w.instance, wasmrt_linker_instantiate(linker, l->w.module, &trap));
  use_export(l->w.instance);
  own wasmrt_linker_t* traps;
  TAKE(traps, wasmrt_linker_new(l->w.store));
  MAY_FAIL(wasmrt_linker_define_traps(traps, l->w.module));
  wasmrt_linker_delete(traps);
  wasmrt_linker_delete(linker);
  return NULL;
}

static void live_linkers_on(bool is_new_thread) {
  linked_t l = {.w = life_world("linker")};
  l.state = load(l.w.store, "state");
  if (is_new_thread) run_on_thread(0, use_linkers, &l);
  else use_linkers(&l);
  wasm_module_delete(l.state);
  wasm_extern_vec_new_empty(&l.w.exports);
  close_world(&l.w);
}

static void live_linkers(void) { live_linkers_on(false); }

// A thread whose first calls of the library these are.
static void live_new_threads(void) { live_linkers_on(true); }

// --- Exports ---

static void read_exports(world_t* w) {
  own wasm_extern_t* object;
  own wasm_func_t* func;
  own wasm_global_t* global;
  own wasm_table_t* table;
  own wasm_memory_t* memory;
  const wasm_name_t name = {6, (char[]){"memory"}};
  MAY_FAIL((wasm_instance_exports(w->instance, &w->exports), w->exports.size > 0));
  TAKE(object, wasmrt_instance_export(w->instance, &name));
  TAKE(func, wasmrt_instance_func(w->instance, "count"));
  TAKE(global, wasmrt_instance_global(w->instance, "counter"));
  TAKE(table, wasmrt_instance_table(w->instance, "table"));
  TAKE(memory, wasmrt_instance_memory(w->instance, "memory"));
  wasm_extern_delete(object);
  wasm_func_delete(func);
  wasm_global_delete(global);
  wasm_table_delete(table);
  wasm_memory_delete(memory);
}

static void call_limited(const world_t* w, const char* name, wasm_val_vec_t args) {
  wasm_val_t out[1] = {WASM_INIT_VAL};
  const wasm_func_t* func = func_of(w, name);
  wasm_val_vec_t results = {wasm_func_result_arity(func), out};
  MAY_TRAP(wasm_func_call(func, &args, &results));
}

static void live_instances(void) {
  world_t w = life_world("state");
  const wasm_extern_vec_t none = NO_IMPORTS;
  begin();
  TAKE_INSTANCE(w.instance, wasm_instance_new(w.store, w.module, &none, &trap));
  read_exports(&w);
  for (int round = 0; round < 3; ++round) {  // in code of both tiers
    call_limited(&w, "count", NO_VALS);
    call_limited(&w, "call", VALS(I32(1)));
    call_limited(&w, "grow", VALS(I32(1)));
    call_limited(&w, "grow_table", VALS(I32(1)));
    call_limited(&w, "extern_is_null", VALS(I32(1)));
  }
  // As many more as there is room for.
  for (int i = 0; i < 20; ++i) {
    own wasm_instance_t* instance;
    TAKE_INSTANCE(instance, wasm_instance_new(w.store, w.module, &none, &trap));
    wasm_instance_delete(instance);
  }
  close_world(&w);
}

// --- Traps and their places ---

static void read_frame(const wasm_frame_t* frame) {
  own wasm_name_t name, file;
  uint32_t line, column;
  MAY_DO_NOTHING((wasmrt_frame_func_name(frame, &name), name.size > 0));
  wasm_name_delete(&name);
  MAY_DO_NOTHING((wasmrt_frame_func_display_name(frame, &name), name.size > 0));
  wasm_name_delete(&name);
  JUST(wasmrt_frame_module_name(frame, &name));
  wasm_name_delete(&name);
  MAY_DO_NOTHING(wasmrt_frame_source(frame, 0, &name, &file, &line, &column));
  wasm_name_delete(&name);
  wasm_name_delete(&file);
  CHECK(wasm_frame_instance(frame) && wasm_frame_module_offset(frame) > wasm_frame_func_offset(frame));
  CHECK(wasm_frame_func_index(frame) < 1000);
}

// A trap that says either that the guest divided by zero or that there was no memory for saying so.
static own wasm_trap_t* divide_by_zero(const wasm_func_t* func) {
  wasm_val_t arg[] = {I32(3), I32(0)}, out[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = {2, arg}, results = {1, out};
  own wasm_trap_t* trap;
  JUST(trap = wasm_func_call(func, &args, &results));
  CHECK(trap);
  if (wasmrt_trap_code(trap) == WASMRT_TRAP_INTEGER_DIVIDE_BY_ZERO) return trap;
  ++refusals;
  CHECK(says(trap, "memory"));
  trap = wasm_func_call(func, &args, &results);
  CHECK(trap && wasmrt_trap_code(trap) == WASMRT_TRAP_INTEGER_DIVIDE_BY_ZERO);
  return trap;
}

static void read_trap(const wasm_trap_t* trap) {
  own wasm_message_t message;
  own wasm_frame_vec_t frames;
  own wasm_frame_t* origin;
  MAY_DO_NOTHING((wasm_trap_message(trap, &message), message.size > 0));
  wasm_byte_vec_delete(&message);
  MAY_DO_NOTHING((wasm_trap_trace(trap, &frames), frames.size > 0));
  for (size_t i = 0; i < frames.size; ++i) read_frame(frames.data[i]);
  wasm_frame_vec_delete(&frames);
  MAY_DO_NOTHING((origin = wasm_trap_origin(trap)) != NULL);
  read_frame(origin);
  wasm_frame_delete(origin);
}

static void live_traps(void) {
  world_t w = life_world("lines_5");
  instantiate(&w, NO_IMPORTS);
  begin();
  for (int round = 0; round < 3; ++round) {
    own wasm_trap_t* trap = divide_by_zero(func_of(&w, "run"));
    read_trap(trap);
    wasm_trap_delete(trap);
  }
  own wasm_trap_t* made;
  own wasm_message_t message = {6, (char[]){"words"}};
  JUST(made = wasm_trap_new(w.store, &message));
  CHECK(made && (wasmrt_trap_code(made) == WASMRT_TRAP_NONE ? says(made, "words") : says(made, "memory")));
  close_world(&w);
}

// Errors that a module causes are read with as little.
static void live_errors(void) {
  world_t w = life_world("linker");
  begin();
  own wasm_trap_t* trap = NULL;
  own wasmrt_linker_t* linker = wasmrt_linker_new(w.store);
  own wasm_instance_t* none;
  JUST(none = wasmrt_linker_instantiate(linker, w.module, &trap));
  CHECK(!none && trap);
  wasm_trap_delete(trap);
  own wasmrt_error_t* error;
  JUST(error = wasmrt_last_error());
  if (!error) {
    ++refusals;
  } else {
    wasmrt_error_info_t info = {.struct_size = sizeof info};
    own wasm_message_t message;
    uint32_t missing[10];
    JUST(wasmrt_error_info(error, &info));
    CHECK(info.kind == WASMRT_ERROR_LINK || info.kind == WASMRT_ERROR_OUT_OF_MEMORY);
    MAY_DO_NOTHING((wasmrt_error_message(error, &message), message.size > 0));
    wasm_byte_vec_delete(&message);
    JUST(wasmrt_error_imports(error, missing, 10));
    wasmrt_error_delete(error);
  }
  wasmrt_linker_delete(linker);
  wasm_module_delete(w.module);
  wasm_store_delete(w.store);
  wasm_engine_delete(w.engine);
}

#endif
