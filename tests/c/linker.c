// Linkers: what is defined by name is what modules of the store import.

#include "host.h"

typedef struct {
  own wasm_engine_t* engine;
  own wasm_store_t* store;
  own wasmrt_linker_t* linker;
} scene_t;

static scene_t open_scene(void) {
  scene_t scene = {.engine = test_engine()};
  scene.store = wasm_store_new(scene.engine);
  scene.linker = wasmrt_linker_new(scene.store);
  CHECK(scene.linker && !has_error());
  return scene;
}

static void close_scene(scene_t* scene) {
  wasmrt_linker_delete(scene->linker);
  wasm_store_delete(scene->store);
  wasm_engine_delete(scene->engine);
}

static own wasm_trap_t* add(void* env, const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  ++*(int*)env;
  results->data[0] = I32(args->data[0].of.i32 + args->data[1].of.i32);
  return NULL;
}

static own wasm_trap_t* add_wide(void* env, const wasmrt_val_t* args, size_t n_args, own wasmrt_val_t* results,
                                 size_t n_results) {
  ++*(int*)env;
  CHECK(n_args == 2 && n_results == 1);
  results[0].of.i32 = args[0].of.i32 + args[1].of.i32;
  return NULL;
}

static int32_t add_native(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  CHECK(!*trap);
  ++*(int*)env;
  return a + b;
}

static int finalized;
static void count_end(void* env) { (void)env; ++finalized; }

// The three ways to define env.add.
typedef bool (*define_t)(scene_t*, const wasm_functype_t*, int*);
static bool by_callback(scene_t* s, const wasm_functype_t* type, int* calls) {
  return wasmrt_linker_define_callback(s->linker, "env", "add", type, add, calls, count_end);
}
static bool by_values(scene_t* s, const wasm_functype_t* type, int* calls) {
  return wasmrt_linker_define_func(s->linker, "env", "add", type, add_wide, calls, count_end);
}
static bool by_native(scene_t* s, const wasm_functype_t* type, int* calls) {
  return wasmrt_linker_define_native(s->linker, "env", "add", type, (wasmrt_native_t)add_native, calls, count_end);
}
static const define_t ways[] = {by_callback, by_values, by_native};

static bool define(scene_t* scene, const char* name, own wasm_extern_t* object) {
  CHECK(object);
  bool defined = wasmrt_linker_define(scene->linker, "env", name, object);
  wasm_extern_delete(object);
  return defined;
}

// All of env but the function, and an instance as `state`.
static void define_rest(scene_t* scene) {
  CHECK(define(scene, "offset", wasm_global_as_extern(new_global(scene->store, 'i', WASM_CONST, I32(100)))));
  CHECK(define(scene, "memory", wasm_memory_as_extern(new_memory(scene->store, 1, NO_MAX))));
  CHECK(define(scene, "table", wasm_table_as_extern(new_table(scene->store, 'R', 1, NO_MAX, NULL))));
  own wasm_module_t* module = load(scene->store, "state");
  own wasm_trap_t* trap;
  own wasm_instance_t* state = wasmrt_linker_instantiate(scene->linker, module, &trap);
  CHECK(state && !trap && wasmrt_linker_define_instance(scene->linker, "state", state));
  wasm_instance_delete(state);
  wasm_module_delete(module);
}

static own wasm_instance_t* instance_of(scene_t* scene, const char* name) {
  own wasm_module_t* module = load(scene->store, name);
  CHECK(module);
  own wasm_trap_t* trap;
  own wasm_instance_t* instance = wasmrt_linker_instantiate(scene->linker, module, &trap);
  CHECK(instance && !trap && !has_error());
  wasm_module_delete(module);
  return instance;
}

static int32_t run(const wasm_instance_t* instance, wasm_val_vec_t args) {
  own wasm_func_t* func = wasmrt_instance_func(instance, "run");
  CHECK(func);
  int32_t result = i32_of(call(func, args));
  wasm_func_delete(func);
  return result;
}

TEST(a_module_gets_its_imports_by_name) {
  for (size_t way = 0; way < 3; ++way) {
    scene_t scene = open_scene();
    int calls = 0;
    finalized = 0;
    own wasm_functype_t* type = functype_of("ii", "i");
    CHECK(ways[way](&scene, type, &calls) && finalized == 0);
    wasm_functype_delete(type);
    define_rest(&scene);
    own wasm_instance_t* instance = instance_of(&scene, "linker");
    CHECK(run(instance, VALS(I32(1))) == 102 && run(instance, VALS(I32(1))) == 103 && calls == 4);
    own wasm_instance_t* other = instance_of(&scene, "linker");
    CHECK(run(other, VALS(I32(0))) == 103);
    wasm_instance_delete(instance);
    wasm_instance_delete(other);
    close_scene(&scene);
    CHECK(finalized == 1);
  }
}

TEST(instances_live_on_without_their_linker) {
  scene_t scene = open_scene();
  int calls = 0;
  finalized = 0;
  own wasm_functype_t* type = functype_of("ii", "i");
  CHECK(by_native(&scene, type, &calls));
  wasm_functype_delete(type);
  define_rest(&scene);
  own wasm_instance_t* instance = instance_of(&scene, "linker");
  wasmrt_linker_delete(scene.linker);
  scene.linker = NULL;
  CHECK(run(instance, VALS(I32(1))) == 102 && finalized == 0);
  wasm_instance_delete(instance);
  close_scene(&scene);
  CHECK(finalized == 1);
}

TEST(all_missing_imports_are_listed_together_and_those_of_wasi_named) {
  scene_t scene = open_scene();
  own wasm_module_t* module = load(scene.store, "linker_missing");
  own wasm_trap_t* trap;
  CHECK(!wasmrt_linker_instantiate(scene.linker, module, &trap) && trap);
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_REFUSED);
  own wasmrt_error_t* error = wasmrt_last_error();
  CHECK(error && wasmrt_error_imports(error, NULL, 0) == 5);
  wasmrt_error_delete(error);
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  CHECK(message_has(&message, "5 imports are missing"));
  CHECK(message_has(&message, "\"env\" \"first\"") && message_has(&message, "\"env\" \"wide\""));
  CHECK(message_has(&message, "WASI"));
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  CHECK(!wasmrt_linker_instantiate(scene.linker, module, NULL));
  forget_error();
  wasm_module_delete(module);
  close_scene(&scene);
}

TEST(what_does_not_fit_is_said_as_without_a_linker) {
  scene_t scene = open_scene();
  int calls = 0;
  own wasm_functype_t* type = functype_of("i", "i");
  CHECK(by_callback(&scene, type, &calls));
  wasm_functype_delete(type);
  define_rest(&scene);
  own wasm_module_t* module = load(scene.store, "linker");
  own wasm_trap_t* trap;
  CHECK(!wasmrt_linker_instantiate(scene.linker, module, &trap));
  CHECK(says(trap, "incompatible import type: import 0 \"env\" \"add\""));
  CHECK(error_says("incompatible import type"));
  wasm_module_delete(module);
  close_scene(&scene);
}

static own wasm_trap_t* trap_of(const wasm_instance_t* instance, const char* name) {
  own wasm_func_t* func = wasmrt_instance_func(instance, name);
  own wasm_trap_t* trap = call_trap(func, NO_VALS);
  wasm_func_delete(func);
  return trap;
}

TEST(missing_functions_may_trap_when_they_are_called) {
  scene_t scene = open_scene();
  own wasm_module_t* module = load(scene.store, "linker_missing");
  CHECK(wasmrt_linker_define_traps(scene.linker, module) && wasmrt_linker_define_traps(scene.linker, module));
  wasm_module_delete(module);
  own wasm_instance_t* instance = instance_of(&scene, "linker_missing");
  own wasm_func_t* none = wasmrt_instance_func(instance, "none");
  CHECK(i32_of(call(none, NO_VALS)) == 7);
  wasm_func_delete(none);
  CHECK(says(trap_of(instance, "first"), "the unknown import \"env\" \"first\" was called"));
  CHECK(says(trap_of(instance, "again"), "the unknown import \"env\" \"first\" was called"));
  CHECK(says(trap_of(instance, "second"), "the unknown import \"env\" \"second\" was called"));
  own wasm_trap_t* trap = trap_of(instance, "wide");
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 1);
  wasm_frame_vec_delete(&frames);
  CHECK(says(trap, "the unknown import \"env\" \"wide\" was called"));
  own wasm_extern_t* defined = wasmrt_linker_get(scene.linker, "env", "first");
  CHECK(says(call_trap(wasm_extern_as_func(defined), NO_VALS), "env"));
  wasm_extern_delete(defined);
  wasm_instance_delete(instance);
  close_scene(&scene);
}

TEST(what_is_defined_stays_when_the_missing_is_filled) {
  scene_t scene = open_scene();
  int calls = 0;
  own wasm_functype_t* type = functype_of("ii", "i");
  CHECK(by_native(&scene, type, &calls));
  wasm_functype_delete(type);
  own wasm_module_t* module = load(scene.store, "linker_start");
  CHECK(wasmrt_linker_define_traps(scene.linker, module));
  own wasm_trap_t* trap;
  CHECK(!wasmrt_linker_instantiate(scene.linker, module, &trap));
  CHECK(says(trap, "the unknown import \"env\" \"start\" was called") && calls == 0);
  wasm_module_delete(module);
  module = load(scene.store, "linker");
  CHECK(wasmrt_linker_define_traps(scene.linker, module));
  CHECK(!wasmrt_linker_instantiate(scene.linker, module, &trap));
  CHECK(says(trap, "3 imports are missing"));
  forget_error();
  wasm_module_delete(module);
  close_scene(&scene);
}

TEST(a_name_is_defined_once_unless_shadowing_is_allowed) {
  scene_t scene = open_scene();
  int calls = 0, others = 0;
  finalized = 0;
  own wasm_functype_t* type = functype_of("ii", "i");
  CHECK(by_callback(&scene, type, &calls));
  CHECK(!by_native(&scene, type, &others) && finalized == 1);
  CHECK(error_says("\"env\" \"add\" is already defined"));
  CHECK(!define(&scene, "add", wasm_global_as_extern(new_global(scene.store, 'i', WASM_CONST, I32(1)))));
  forget_error();
  define_rest(&scene);
  own wasm_instance_t* first = instance_of(&scene, "linker");
  CHECK(run(first, VALS(I32(1))) == 102 && calls == 2);
  wasmrt_linker_allow_shadowing(scene.linker, true);
  CHECK(by_native(&scene, type, &others));
  own wasm_instance_t* second = instance_of(&scene, "linker");
  CHECK(run(second, VALS(I32(1))) == 103 && calls == 2 && others == 2);
  CHECK(run(first, VALS(I32(1))) == 104 && calls == 4 && others == 2);
  wasmrt_linker_allow_shadowing(scene.linker, false);
  CHECK(!by_values(&scene, type, &others) && has_error());
  wasm_instance_delete(first);
  wasm_instance_delete(second);
  wasm_functype_delete(type);
  close_scene(&scene);
  CHECK(finalized == 4);
}

TEST(an_instance_is_defined_with_all_its_exports_or_not_at_all) {
  scene_t scene = open_scene();
  own wasm_instance_t* state = instance_of(&scene, "state");
  own wasm_global_t* counter = wasmrt_instance_global(state, "counter");
  CHECK(counter && wasmrt_linker_define(scene.linker, "state", "counter", wasm_global_as_extern(counter)));
  CHECK(!wasmrt_linker_define_instance(scene.linker, "state", state));
  CHECK(error_says("\"state\" \"counter\" is already defined"));
  CHECK(!wasmrt_linker_get(scene.linker, "state", "count") && has_error());
  CHECK(wasmrt_linker_define_instance(scene.linker, "other", state));
  own wasm_extern_t* found = wasmrt_linker_get(scene.linker, "other", "counter");
  CHECK(found && wasm_extern_same(found, wasm_global_as_extern(counter)));
  wasm_extern_delete(found);
  found = wasmrt_linker_get(scene.linker, "other", "count");
  CHECK(found && wasm_extern_kind(found) == WASM_EXTERN_FUNC);
  wasm_extern_delete(found);
  CHECK(!wasmrt_linker_get(scene.linker, "othercount", "") && !wasmrt_linker_get(scene.linker, "", "othercount"));
  CHECK(error_says("no extern is defined with the name"));
  wasm_global_delete(counter);
  wasm_instance_delete(state);
  close_scene(&scene);
}

// Defines env.add anew while a module is being instantiated, and lets the former one be collected.
static own wasm_trap_t* redefine(void* env, const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  static int others;
  scene_t* scene = env;
  own wasm_functype_t* type = functype_of("ii", "i");
  wasmrt_linker_allow_shadowing(scene->linker, true);
  CHECK(by_values(scene, type, &others));
  wasm_functype_delete(type);
  return NULL;
}

TEST(defining_during_instantiation_is_for_later_instances) {
  scene_t scene = open_scene();
  int calls = 0;
  own wasm_functype_t* type = functype_of("ii", "i");
  CHECK(by_native(&scene, type, &calls));
  wasm_functype_delete(type);
  type = functype_of("", "");
  CHECK(wasmrt_linker_define_callback(scene.linker, "env", "start", type, redefine, &scene, NULL));
  wasm_functype_delete(type);
  own wasm_instance_t* instance = instance_of(&scene, "linker_start");
  CHECK(run(instance, NO_VALS) == 42 && calls == 1);
  wasm_instance_delete(instance);
  close_scene(&scene);
}

TEST(a_linker_takes_only_what_its_store_owns) {
  scene_t scene = open_scene(), other = open_scene();
  own wasm_global_t* global = new_global(other.store, 'i', WASM_CONST, I32(1));
  CHECK(!wasmrt_linker_define(scene.linker, "a", "b", wasm_global_as_extern(global)) && error_says("another store"));
  wasm_global_delete(global);
  own wasm_instance_t* state = instance_of(&other, "state");
  CHECK(!wasmrt_linker_define_instance(scene.linker, "a", state) && error_says("another store"));
  CHECK(!wasmrt_linker_define(scene.linker, "a", "b", (wasm_extern_t*)state) && has_error());
  wasm_instance_delete(state);
  own wasm_module_t* module = load(other.store, "linker_missing");
  CHECK(!wasmrt_linker_define_traps(scene.linker, module) && error_says("another engine"));
  own wasm_trap_t* trap;
  CHECK(!wasmrt_linker_instantiate(scene.linker, module, &trap));
  CHECK(says(trap, "another engine"));
  forget_error();
  wasm_module_delete(module);
  close_scene(&scene);
  close_scene(&other);
}

TEST(a_linker_outlives_its_store_only_to_be_deleted) {
  scene_t scene = open_scene();
  define_rest(&scene);
  own wasm_module_t* module = load(scene.store, "linker");
  wasm_store_delete(scene.store);
  scene.store = NULL;
  own wasm_trap_t* trap = (wasm_trap_t*)&scene;
  CHECK(!wasmrt_linker_instantiate(scene.linker, module, &trap) && !trap && error_says("deleted"));
  CHECK(!wasmrt_linker_get(scene.linker, "env", "memory") && error_says("deleted"));
  wasm_module_delete(module);
  close_scene(&scene);
}

TEST(null_is_refused_by_linkers) {
  scene_t scene = open_scene();
  finalized = 0;
  own wasm_functype_t* type = functype_of("ii", "i");
  own wasm_trap_t* trap = (wasm_trap_t*)&scene;
  CHECK(!wasmrt_linker_new(NULL) && has_error());
  wasmrt_linker_allow_shadowing(NULL, true);
  CHECK(!wasmrt_linker_define(scene.linker, "a", "b", NULL) && has_error());
  CHECK(!wasmrt_linker_define_func(NULL, "a", "b", type, add_wide, NULL, count_end) && finalized == 1 && has_error());
  CHECK(!wasmrt_linker_define_func(scene.linker, NULL, "b", type, add_wide, NULL, count_end) && finalized == 2);
  CHECK(!wasmrt_linker_define_func(scene.linker, "a", NULL, type, add_wide, NULL, count_end) && finalized == 3);
  CHECK(!wasmrt_linker_define_func(scene.linker, "a", "b", NULL, add_wide, NULL, count_end) && finalized == 4);
  CHECK(!wasmrt_linker_define_func(scene.linker, "a", "b", type, NULL, NULL, count_end) && finalized == 5);
  CHECK(has_error() && !wasmrt_linker_get(scene.linker, "a", "b") && has_error());
  CHECK(!wasmrt_linker_define_instance(scene.linker, "a", NULL) && has_error());
  CHECK(!wasmrt_linker_define_traps(scene.linker, NULL) && has_error());
  CHECK(!wasmrt_linker_instantiate(NULL, NULL, &trap) && !trap && has_error());
  CHECK(!wasmrt_linker_instantiate(scene.linker, NULL, &trap) && says(trap, "NULL"));
  forget_error();
  wasmrt_linker_delete(NULL);
  wasm_functype_delete(type);
  close_scene(&scene);
}
