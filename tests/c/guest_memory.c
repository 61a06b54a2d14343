// The bytes of guest memories: those of the caller, in a host function.

#include "host.h"

typedef struct {
  world_t world;
  own wasm_func_t* look;
  int looked;
  bool found;
  byte_t* data;
  size_t size;
} scene_t;

static own wasm_trap_t* look(void* env, const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  scene_t* scene = env;
  ++scene->looked;
  scene->data = (byte_t*)"";
  scene->size = 1;
  scene->found = wasmrt_store_caller_memory(scene->world.store, &scene->data, &scene->size);
  return NULL;
}

static void open_scene(scene_t* scene, const char* name, wasm_memory_t* (*make)(wasm_store_t*)) {
  open_store(&scene->world, name);
  scene->look = host_func(scene->world.store, "", "", look, scene, NULL);
  own wasm_memory_t* memory = make ? make(scene->world.store) : NULL;
  instantiate(&scene->world, IMPORTS(wasm_func_as_extern(scene->look), wasm_memory_as_extern(memory)));
  wasm_memory_delete(memory);
}

static void close_scene(scene_t* scene) {
  wasm_func_delete(scene->look);
  close_world(&scene->world);
}

static bool finds(scene_t* scene, const char* caller, const char* text, size_t pages) {
  scene->looked = 0;
  call(func_of(&scene->world, caller), NO_VALS);
  CHECK(scene->looked == 1);
  return scene->found && !has_error() && scene->size == pages * 65536 && strcmp(scene->data, text) == 0;
}

static own wasm_memory_t* plain_memory(wasm_store_t* store) { return new_memory(store, 1, NO_MAX); }

static own wasm_memory_t* shared_memory(wasm_store_t* store) {
  own wasm_memorytype_t* type = wasmrt_memorytype_new(&(wasmrt_limits_t){1, 3, WASMRT_LIMITS_HAS_MAX | WASMRT_LIMITS_SHARED});
  own wasm_memory_t* memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  CHECK(memory);
  strcpy(wasm_memory_data(memory), "shared");
  return memory;
}

TEST(a_host_function_gets_the_first_memory_of_its_caller) {
  scene_t scene;
  open_scene(&scene, "guest_memory", NULL);
  CHECK(finds(&scene, "direct", "first", 1));
  CHECK(finds(&scene, "indirect", "first", 1));
  CHECK(scene.data == wasm_memory_data(wasm_extern_as_memory(export_of(&scene.world, "first"))));
  CHECK(finds(&scene, "grow", "first", 2));
  close_scene(&scene);
}

TEST(a_caller_with_several_memories_has_the_one_exported_as_memory) {
  scene_t scene;
  open_scene(&scene, "guest_memory_named", plain_memory);
  CHECK(finds(&scene, "direct", "named", 2));
  close_scene(&scene);
}

TEST(a_caller_may_have_imported_its_memory_and_share_it) {
  scene_t scene;
  open_scene(&scene, "guest_memory_other", shared_memory);
  CHECK(finds(&scene, "direct", "shared", 1));
  CHECK(finds(&scene, "memory", "shared", 2));
  close_scene(&scene);
}

TEST(a_caller_without_a_memory_is_said_to_have_none) {
  scene_t scene;
  open_scene(&scene, "guest_memory_none", NULL);
  scene.looked = 0;
  call(func_of(&scene.world, "direct"), NO_VALS);
  CHECK(scene.looked == 1 && !scene.found && !scene.data && !scene.size);
  CHECK(error_says("the caller has no memory"));
  close_scene(&scene);
}

TEST(there_is_no_caller_outside_of_host_functions_called_by_guest_code) {
  scene_t scene;
  open_scene(&scene, "guest_memory", NULL);
  scene.looked = 0;
  call(scene.look, NO_VALS);
  CHECK(scene.looked == 1 && !scene.found && !scene.data && !scene.size && error_says("no caller"));
  CHECK(!wasmrt_store_caller_memory(scene.world.store, &scene.data, NULL) && error_says("no caller"));
  CHECK(!wasmrt_store_caller_memory(NULL, NULL, &scene.size) && error_says("NULL"));
  close_scene(&scene);
}
