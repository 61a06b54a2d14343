// The bytes of guest memories: those of the caller in a host function, and access that is checked.

#include "host.h"

typedef struct {
  world_t world;
  own wasm_func_t* look;
  int looked;
  bool found;
  byte_t* data;
  size_t size;
  byte_t *third, *last, *beyond;  // bytes from 2 on, none at the end, one too many
} scene_t;

static own wasm_trap_t* look(void* env, const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  scene_t* scene = env;
  ++scene->looked;
  scene->data = (byte_t*)"";
  scene->size = 1;
  const wasm_store_t* store = scene->world.store;
  scene->found = wasmrt_store_caller_memory(store, &scene->data, &scene->size);
  if (!scene->found) return NULL;
  scene->third = wasmrt_store_caller_bytes(store, 2, scene->size - 2);
  scene->last = wasmrt_store_caller_bytes(store, scene->size, 0);
  scene->beyond = wasmrt_store_caller_bytes(store, UINT64_MAX, 2);
  CHECK(error_says("out of bounds"));
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
  CHECK(scene->looked == 1 && scene->found && scene->third == scene->data + 2);
  CHECK(scene->last == scene->data + scene->size && !scene->beyond);
  return !has_error() && scene->size == pages * 65536 && strcmp(scene->data, text) == 0;
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
  CHECK(scene.looked == 1 && !scene.found && !scene.data && !scene.size && error_says("no guest code is calling"));
  CHECK(!wasmrt_store_caller_memory(scene.world.store, &scene.data, NULL) && error_says("no guest code is calling"));
  CHECK(!wasmrt_store_caller_memory(NULL, NULL, &scene.size) && error_says("NULL"));
  CHECK(!wasmrt_store_caller_bytes(scene.world.store, 0, 0) && error_says("no guest code is calling"));
  CHECK(!wasmrt_store_caller_bytes(NULL, 0, 0) && error_says("NULL"));
  close_scene(&scene);
}

// A memory of one page that ends in "the end" without a NUL, with text at 8.
static own wasm_memory_t* memory_with_text(wasm_store_t* store) {
  own wasm_memory_t* memory = new_memory(store, 1, NO_MAX);
  CHECK(wasmrt_memory_write(memory, 8, "text", 5) && wasmrt_memory_write(memory, 65536 - 7, "the end", 7));
  return memory;
}

TEST(bytes_are_copied_up_to_the_last_one_of_a_memory) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = memory_with_text(w.store);
  char copied[8] = "-------";
  CHECK(wasmrt_memory_read(memory, 65536 - 7, copied, 7) && strcmp(copied, "the end") == 0);
  CHECK(wasmrt_memory_read(memory, 65536, NULL, 0) && wasmrt_memory_write(memory, 65536, NULL, 0));
  CHECK(wasmrt_memory_bytes(memory, 8, 5) == wasm_memory_data(memory) + 8);
  CHECK(wasmrt_memory_bytes(memory, 65536, 0) == wasm_memory_data(memory) + 65536 && !has_error());
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(out_of_bounds_nothing_is_copied) {
  static const struct { uint64_t offset; size_t size; } beyond[] = {
      {65530, 7}, {65536, 1}, {65537, 0}, {0, 65537}, {UINT64_MAX, 1}, {UINT64_MAX - 3, 8}, {8, SIZE_MAX}};
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = memory_with_text(w.store);
  for (size_t i = 0; i < sizeof beyond / sizeof *beyond; ++i) {
    char copied[8] = "-------";
    CHECK(!wasmrt_memory_read(memory, beyond[i].offset, copied, beyond[i].size) && error_says("out of bounds"));
    CHECK(strcmp(copied, "-------") == 0);
    CHECK(!wasmrt_memory_write(memory, beyond[i].offset, copied, beyond[i].size) && error_says("out of bounds"));
    CHECK(!wasmrt_memory_bytes(memory, beyond[i].offset, beyond[i].size) && error_says("out of bounds"));
    CHECK(memcmp(wasm_memory_data(memory) + 65536 - 7, "the end", 7) == 0);
  }
  wasm_memory_delete(memory);
  close_world(&w);
}

static bool string_is(const wasm_memory_t* memory, uint64_t offset, uint64_t size, const char* text) {
  own wasm_name_t name;
  memset(&name, 0xaa, sizeof name);
  CHECK(wasmrt_memory_string(memory, offset, size, &name) && !has_error());
  bool is = name.size == strlen(text) && strcmp(name.data, text) == 0;
  wasm_name_delete(&name);
  return is;
}

static bool no_string(const wasm_memory_t* memory, uint64_t offset, uint64_t size, const char* why) {
  own wasm_name_t name;
  memset(&name, 0xaa, sizeof name);
  return !wasmrt_memory_string(memory, offset, size, &name) && !name.data && !name.size && error_says(why);
}

TEST(text_is_copied_with_its_length_or_up_to_its_nul) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = memory_with_text(w.store);
  CHECK(string_is(memory, 8, 4, "text") && string_is(memory, 8, 2, "te") && string_is(memory, 8, 0, ""));
  CHECK(string_is(memory, 8, WASMRT_STRING_NUL, "text") && string_is(memory, 12, WASMRT_STRING_NUL, ""));
  CHECK(string_is(memory, 65536 - 7, 7, "the end") && string_is(memory, 65536, 0, ""));
  CHECK(no_string(memory, 65536 - 7, 8, "out of bounds"));
  CHECK(no_string(memory, 65536 - 7, WASMRT_STRING_NUL, "no NUL") && no_string(memory, 65536, WASMRT_STRING_NUL, "no NUL"));
  CHECK(no_string(memory, UINT64_MAX, WASMRT_STRING_NUL, "out of bounds") && no_string(memory, UINT64_MAX, 1, "out of bounds"));
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(guest_memory_functions_refuse_null) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = memory_with_text(w.store);
  char copied[2];
  CHECK(!wasmrt_memory_read(NULL, 0, copied, 1) && has_error());
  CHECK(!wasmrt_memory_read(memory, 0, NULL, 1) && has_error());
  CHECK(!wasmrt_memory_write(NULL, 0, copied, 1) && has_error());
  CHECK(!wasmrt_memory_write(memory, 0, NULL, 1) && has_error());
  CHECK(!wasmrt_memory_string(memory, 0, 0, NULL) && has_error());
  CHECK(no_string(NULL, 0, 0, "NULL") && !wasmrt_memory_bytes(NULL, 0, 0) && has_error());
  wasm_memory_delete(memory);
  close_world(&w);
}
