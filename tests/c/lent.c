// Finalizers that delete what the running call was lent, and have objects collected. The call goes on with it.

#define _GNU_SOURCE
#include "host.h"
#include "shared.h"

typedef struct scene_t {
  own wasm_engine_t* engine;
  own wasm_store_t* store;
  void (*remove)(struct scene_t*);
  own wasm_ref_t* lent;
  own wasmrt_linker_t* linker;
  own wasmrt_shared_memory_t* shared;
  bool removed;
} scene_t;

static own wasm_trap_t* answer(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  results->data[0] = I32((int32_t)(intptr_t)env);
  return NULL;
}

static own wasm_func_t* answering(wasm_store_t* store, intptr_t number) {
  return host_func(store, "", "i", answer, (void*)number, NULL);
}

// Enough garbage that a collection is due several times, in memory that other objects left.
static void make_garbage(wasm_store_t* store) {
  for (int i = 0; i < (slow() ? 6000 : 20000); ++i) wasm_func_delete(answering(store, 1));
}

static void delete_lent(scene_t* scene) {
  wasm_ref_delete(scene->lent);
  scene->lent = NULL;
}

static void delete_linker(scene_t* scene) {
  wasmrt_linker_delete(scene->linker);
  scene->linker = NULL;
}

static void delete_shared(scene_t* scene) {
  wasmrt_shared_memory_delete(scene->shared);
  scene->shared = NULL;
}

static void finalize(void* env) {
  scene_t* scene = env;
  scene->removed = true;
  scene->remove(scene);
  make_garbage(scene->store);
}

static scene_t open_scene(void) {
  scene_t scene = {.engine = test_engine(), .remove = delete_lent};
  scene.store = wasm_store_new(scene.engine);
  scene.linker = wasmrt_linker_new(scene.store);
  CHECK(scene.linker);
  return scene;
}

// From now on the next collection removes what is lent.
static void set_trap(scene_t* scene) { wasm_func_delete(host_func(scene->store, "", "i", answer, scene, finalize)); }

static void close_scene(scene_t* scene) {
  CHECK(scene->removed);
  wasmrt_linker_delete(scene->linker);
  wasm_store_delete(scene->store);
  wasm_engine_delete(scene->engine);
}

static void check_answer(own wasm_ref_t* ref) {
  CHECK(ref && wasm_ref_as_func(ref) && i32_of(call(wasm_ref_as_func(ref), NO_VALS)) == 42);
  wasm_ref_delete(ref);
}

enum { MANY = 100000 };

TEST(value_of_a_new_global) {
  scene_t scene = open_scene();
  own wasm_globaltype_t* type = wasm_globaltype_new(valtype_of('R'), WASM_CONST);
  scene.lent = wasm_func_as_ref(answering(scene.store, 42));
  set_trap(&scene);
  for (int i = 0; i < MANY && !scene.removed; ++i) {
    wasm_val_t value = {.kind = WASM_FUNCREF, .of = {.ref = scene.lent}};
    own wasm_global_t* global = wasm_global_new(scene.store, type, &value);
    CHECK(global);
    wasm_global_get(global, &value);
    check_answer(value.of.ref);
    wasm_global_delete(global);
  }
  wasm_globaltype_delete(type);
  close_scene(&scene);
}

// A store with a limit collects when the limit is reached, even if it has collected just before.
TEST(element_of_a_new_table) {
  scene_t scene = open_scene();
  own wasm_tabletype_t* type = wasm_tabletype_new(valtype_of('R'), &(wasm_limits_t){1, NO_MAX});
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.tables = 50;
  wasmrt_store_set_limits(scene.store, &limits);
  scene.lent = wasm_func_as_ref(answering(scene.store, 42));
  set_trap(&scene);
  for (int i = 0; i < MANY && !scene.removed; ++i) {
    own wasm_table_t* table = wasm_table_new(scene.store, type, scene.lent);
    CHECK(table);
    check_answer(wasm_table_get(table, 0));
    wasm_table_delete(table);
  }
  wasm_tabletype_delete(type);
  close_scene(&scene);
}

TEST(elements_of_a_table_that_grows) {
  scene_t scene = open_scene();
  own wasm_table_t* table = new_table(scene.store, 'R', 1, NO_MAX, NULL);
  wasm_table_delete(new_table(scene.store, 'R', 1, NO_MAX, NULL));  // what the limit has room for afterwards
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.elements = 2;
  wasmrt_store_set_limits(scene.store, &limits);
  scene.lent = wasm_func_as_ref(answering(scene.store, 42));
  set_trap(&scene);
  CHECK(wasm_table_grow(table, 1, scene.lent) && scene.removed);
  check_answer(wasm_table_get(table, 1));
  wasm_table_delete(table);
  close_scene(&scene);
}

static void lend_memory(scene_t* scene, uint32_t flags) {
  wasmrt_limits_t size = {1, 4, WASMRT_LIMITS_HAS_MAX | flags};
  own wasm_memorytype_t* type = wasmrt_memorytype_new(&size);
  scene->lent = wasm_memory_as_ref(wasm_memory_new(scene->store, type));
  wasm_memory_delete(wasm_memory_new(scene->store, type));
  wasm_memorytype_delete(type);
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.bytes = 2 << 16;
  wasmrt_store_set_limits(scene->store, &limits);
  set_trap(scene);
}

TEST(memory_that_grows) {
  for (int shared = 0; shared < 2; ++shared) {
    scene_t scene = open_scene();
    lend_memory(&scene, shared ? WASMRT_LIMITS_SHARED : 0);
    CHECK(wasm_memory_grow(wasm_ref_as_memory(scene.lent), 1));
    close_scene(&scene);
  }
}

TEST(imports_of_an_instance) {
  scene_t scene = open_scene();
  own wasm_module_t* module = load(scene.store, "lent");
  scene.lent = wasm_func_as_ref(answering(scene.store, 42));
  set_trap(&scene);
  for (int i = 0; i < MANY && !scene.removed; ++i) {
    own wasm_instance_t* instance =
        wasm_instance_new(scene.store, module, &IMPORTS(wasm_func_as_extern(wasm_ref_as_func(scene.lent))), NULL);
    CHECK(instance);
    own wasm_func_t* run = wasmrt_instance_func(instance, "run");
    CHECK(i32_of(call(run, NO_VALS)) == 42);
    wasm_func_delete(run);
    wasm_instance_delete(instance);
  }
  wasm_module_delete(module);
  close_scene(&scene);
}

TEST(instance_that_is_defined_in_a_linker) {
  scene_t scene = open_scene();
  own wasm_func_t* import = answering(scene.store, 42);
  own wasm_module_t* module = load(scene.store, "lent");
  scene.lent = wasm_instance_as_ref(
      wasm_instance_new(scene.store, module, &IMPORTS(wasm_func_as_extern(import)), NULL));
  wasm_module_delete(module);
  wasmrt_linker_allow_shadowing(scene.linker, true);
  set_trap(&scene);
  for (int i = 0; i < MANY && !scene.removed; ++i) {
    wasm_func_delete(answering(scene.store, 1));  // the collection that is due after it comes with the next line
    CHECK(wasmrt_linker_define_instance(scene.linker, "a", wasm_ref_as_instance(scene.lent)));
    own wasm_extern_t* run = wasmrt_linker_get(scene.linker, "a", "run");
    CHECK(i32_of(call(wasm_extern_as_func(run), NO_VALS)) == 42);
    wasm_extern_delete(run);
  }
  wasm_func_delete(import);
  close_scene(&scene);
}

static void use_linker_until_removed(int kind) {
  scene_t scene = open_scene();
  scene.remove = delete_linker;
  own wasm_module_t* module = load(scene.store, "lent");
  own wasm_functype_t* type = functype_of("", "i");
  wasmrt_linker_allow_shadowing(scene.linker, true);
  if (kind) CHECK(wasmrt_linker_define_callback(scene.linker, "env", "answer", type, answer, (void*)42, NULL));
  set_trap(&scene);
  for (int i = 0; i < MANY && !scene.removed; ++i) {
    if (!kind) {
      CHECK(wasmrt_linker_define_callback(scene.linker, "env", "answer", type, answer, (void*)42, NULL));
    } else {
      own wasm_instance_t* instance = wasmrt_linker_instantiate(scene.linker, module, NULL);
      CHECK(instance);
      wasm_instance_delete(instance);
    }
  }
  wasm_functype_delete(type);
  wasm_module_delete(module);
  close_scene(&scene);
}

TEST(linker_in_which_a_function_is_defined) { use_linker_until_removed(0); }
TEST(linker_with_which_a_module_is_instantiated) { use_linker_until_removed(1); }

TEST(shared_memory_that_a_store_obtains) {
  scene_t scene = open_scene();
  scene.remove = delete_shared;
  own wasm_memory_t* memory = new_shared_memory(scene.store, 1, 2, 0);
  scene.shared = wasmrt_memory_share(memory);
  wasm_memory_delete(memory);
  set_trap(&scene);
  for (int i = 0; i < MANY && !scene.removed; ++i) {
    own wasm_memory_t* obtained = wasmrt_memory_obtain(scene.store, scene.shared);
    CHECK(obtained && wasm_memory_size(obtained) == 1);
    wasm_memory_delete(obtained);
  }
  close_scene(&scene);
}
