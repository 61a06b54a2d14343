// Casts keep the address and check the kind; `same` compares objects rather than handles.

#include "host.h"

// One object of each kind, in the order of `kinds`.
enum { TRAP, FOREIGN, MODULE, FUNC, GLOBAL, TABLE, MEMORY, INSTANCE, KINDS };

typedef struct {
  world_t w;
  own wasm_ref_t* objects[KINDS];
} zoo_t;

static own wasm_ref_t* export_ref(const world_t* w, const char* name) {
  return wasm_ref_copy(wasm_extern_as_ref(export_of(w, name)));
}

static zoo_t open_zoo(void) {
  zoo_t zoo = {.w = open_world("state")};
  zoo.objects[TRAP] = wasm_trap_as_ref(trap_saying(zoo.w.store, "a trap"));
  zoo.objects[FOREIGN] = wasm_foreign_as_ref(wasm_foreign_new(zoo.w.store));
  zoo.objects[MODULE] = wasm_module_as_ref(wasm_module_copy(zoo.w.module));
  zoo.objects[FUNC] = export_ref(&zoo.w, "seven");
  zoo.objects[GLOBAL] = export_ref(&zoo.w, "counter");
  zoo.objects[TABLE] = export_ref(&zoo.w, "table");
  zoo.objects[MEMORY] = export_ref(&zoo.w, "memory");
  zoo.objects[INSTANCE] = wasm_instance_as_ref(wasm_instance_copy(zoo.w.instance));
  for (int i = 0; i < KINDS; ++i) CHECK(zoo.objects[i]);
  return zoo;
}

static void close_zoo(zoo_t* zoo) {
  for (int i = 0; i < KINDS; ++i) wasm_ref_delete(zoo->objects[i]);
  close_world(&zoo->w);
}

// Casts down to every type, and back up where that worked.
#define CAST(type, fits)                                                                         \
  do {                                                                                           \
    wasm_##type##_t* down = wasm_ref_as_##type(ref);                                             \
    const wasm_##type##_t* const_down = wasm_ref_as_##type##_const(ref);                         \
    CHECK((void*)down == ((fits) ? (void*)ref : NULL));                                          \
    CHECK(const_down == down);                                                                   \
    CHECK((void*)wasm_##type##_as_ref(down) == (void*)down);                                     \
    CHECK((const void*)wasm_##type##_as_ref_const(down) == (const void*)down);                   \
  } while (0)

static void cast_everywhere(wasm_ref_t* ref, int kind) {
  CAST(trap, kind == TRAP);
  CAST(foreign, kind == FOREIGN);
  CAST(module, kind == MODULE);
  CAST(func, kind == FUNC);
  CAST(global, kind == GLOBAL);
  CAST(table, kind == TABLE);
  CAST(memory, kind == MEMORY);
  CAST(instance, kind == INSTANCE);
  CAST(extern, kind == FUNC || kind == GLOBAL || kind == TABLE || kind == MEMORY);
}

TEST(casts_keep_the_address_and_check_the_kind) {
  zoo_t zoo = open_zoo();
  for (int i = 0; i < KINDS; ++i) cast_everywhere(zoo.objects[i], i);
  CHECK(!has_error());
  close_zoo(&zoo);
}

TEST(casts_of_null_are_null) {
  cast_everywhere(NULL, KINDS);
  CHECK(!wasm_extern_as_func(NULL) && !wasm_extern_as_func_const(NULL));
  CHECK(!wasm_func_as_extern(NULL) && !wasm_func_as_extern_const(NULL));
}

TEST(casts_still_work_when_the_store_is_gone) {
  zoo_t zoo = open_zoo();
  wasm_store_delete(zoo.w.store);
  zoo.w.store = NULL;
  for (int i = 0; i < KINDS; ++i) cast_everywhere(zoo.objects[i], i);
  close_zoo(&zoo);
}

#define EXTERN_CAST(type, fits)                                                                  \
  do {                                                                                           \
    wasm_##type##_t* down = wasm_extern_as_##type(object);                                       \
    CHECK((void*)down == ((fits) ? (void*)object : NULL));                                       \
    CHECK(wasm_extern_as_##type##_const(object) == down);                                        \
    CHECK((void*)wasm_##type##_as_extern(down) == (void*)down);                                  \
    CHECK((const void*)wasm_##type##_as_extern_const(down) == (const void*)down);                \
  } while (0)

TEST(extern_casts_keep_the_address_and_check_the_kind) {
  zoo_t zoo = open_zoo();
  for (int i = FUNC; i <= MEMORY; ++i) {
    wasm_extern_t* object = wasm_ref_as_extern(zoo.objects[i]);
    EXTERN_CAST(func, i == FUNC);
    EXTERN_CAST(global, i == GLOBAL);
    EXTERN_CAST(table, i == TABLE);
    EXTERN_CAST(memory, i == MEMORY);
  }
  close_zoo(&zoo);
}

// A handle made under one name may be deleted under another.
TEST(object_is_deleted_through_a_more_general_name) {
  zoo_t zoo = open_zoo();
  wasm_extern_delete(wasm_func_as_extern(wasm_func_copy(wasm_ref_as_func(zoo.objects[FUNC]))));
  wasm_ref_delete(wasm_memory_as_ref(wasm_memory_copy(wasm_ref_as_memory(zoo.objects[MEMORY]))));
  wasm_ref_delete(wasm_foreign_as_ref(wasm_foreign_new(zoo.w.store)));
  wasm_foreign_delete(wasm_ref_as_foreign(wasm_ref_copy(zoo.objects[FOREIGN])));
  close_zoo(&zoo);
}

#define SAME(type, kind)                                                                         \
  do {                                                                                           \
    wasm_##type##_t* object = wasm_ref_as_##type(zoo.objects[kind]);                             \
    own wasm_##type##_t* copy = wasm_##type##_copy(object);                                      \
    CHECK(wasm_##type##_same(object, copy) && wasm_##type##_same(copy, object));                 \
    CHECK(!wasm_##type##_same(object, NULL) && !wasm_##type##_same(NULL, object));               \
    CHECK(wasm_##type##_same(NULL, NULL));                                                       \
    wasm_##type##_delete(copy);                                                                  \
    CHECK(!wasm_##type##_copy(NULL));                                                            \
    wasm_##type##_delete(NULL);                                                                  \
  } while (0)

static void same_everywhere(zoo_t zoo) {
  SAME(trap, TRAP);
  SAME(foreign, FOREIGN);
  SAME(module, MODULE);
  SAME(func, FUNC);
  SAME(global, GLOBAL);
  SAME(table, TABLE);
  SAME(memory, MEMORY);
  SAME(extern, MEMORY);
  SAME(instance, INSTANCE);
  for (int i = 0; i < KINDS; ++i) {
    for (int k = 0; k < KINDS; ++k) CHECK(wasm_ref_same(zoo.objects[i], zoo.objects[k]) == (i == k));
    CHECK(!wasm_ref_same(zoo.objects[i], NULL) && !wasm_ref_same(NULL, zoo.objects[i]));
  }
  CHECK(wasm_ref_same(NULL, NULL));
}

TEST(copies_are_the_same_object) {
  zoo_t zoo = open_zoo();
  same_everywhere(zoo);
  close_zoo(&zoo);
}

TEST(copies_are_the_same_object_when_the_store_is_gone) {
  zoo_t zoo = open_zoo();
  wasm_store_delete(zoo.w.store);
  zoo.w.store = NULL;
  same_everywhere(zoo);
  close_zoo(&zoo);
}

TEST(two_objects_of_one_kind_are_not_the_same) {
  world_t w = open_world("state");
  own wasm_foreign_t* a = wasm_foreign_new(w.store);
  own wasm_foreign_t* b = wasm_foreign_new(w.store);
  CHECK(!wasm_foreign_same(a, b));
  own wasm_instance_t* other = wasm_instance_new(w.store, w.module, &NO_IMPORTS, NULL);
  CHECK(!wasm_instance_same(w.instance, other));
  own wasm_extern_vec_t exports;
  wasm_instance_exports(other, &exports);
  for (size_t i = 0; i < exports.size; ++i) CHECK(!wasm_extern_same(exports.data[i], w.exports.data[i]));
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(other);
  wasm_foreign_delete(a);
  wasm_foreign_delete(b);
  close_world(&w);
}

TEST(one_object_is_the_same_on_every_way_to_it) {
  world_t w = open_world("state");
  own wasm_extern_vec_t again;
  wasm_instance_exports(w.instance, &again);
  for (size_t i = 0; i < again.size; ++i) CHECK(wasm_extern_same(again.data[i], w.exports.data[i]));
  wasm_extern_vec_delete(&again);

  wasm_func_t* seven = func_of(&w, "seven");
  own wasm_ref_t* element = wasm_table_get(wasm_extern_as_table(export_of(&w, "table")), 1);
  CHECK(wasm_ref_same(element, wasm_func_as_ref(seven)));
  wasm_global_t* global = wasm_extern_as_global(export_of(&w, "funcref"));
  wasm_global_set(global, &(wasm_val_t)WASM_REF_VAL(element));
  own wasm_val_t value;
  wasm_global_get(global, &value);
  CHECK(value.kind == WASM_FUNCREF && wasm_ref_same(value.of.ref, element));
  wasm_val_delete(&value);
  wasm_ref_delete(element);
  close_world(&w);
}
