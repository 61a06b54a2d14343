// Host info: one pointer per object, whichever handle or name it is accessed through, and a finalizer that runs
// exactly once, at the latest with the store.

#include "host.h"
#include "process.h"

static int finalized;
static void* last_finalized;

static void count(void* info) {
  ++finalized;
  last_finalized = info;
}

static int a, b;

// --- The slot, through all ten names ---

#define EVERY_FUNCTION(type, expression)                                                         \
  do {                                                                                           \
    wasm_##type##_t* object = (expression);                                                      \
    CHECK(object);                                                                               \
    CHECK(!wasm_##type##_get_host_info(object));                                                 \
    finalized = 0;                                                                               \
    wasm_##type##_set_host_info(object, &a);                                                     \
    CHECK(wasm_##type##_get_host_info(object) == &a);                                            \
    wasm_##type##_set_host_info_with_finalizer(object, &b, count);                               \
    own wasm_##type##_t* copy = wasm_##type##_copy(object);                                      \
    CHECK(wasm_##type##_get_host_info(copy) == &b && !finalized);                                \
    wasm_##type##_set_host_info(copy, NULL);                                                     \
    CHECK(finalized == 1 && last_finalized == &b);                                               \
    CHECK(!wasm_##type##_get_host_info(object));                                                 \
    wasm_##type##_delete(copy);                                                                  \
    CHECK(!has_error());                                                                         \
    CHECK(!wasm_##type##_get_host_info(NULL) && has_error());                                    \
    wasm_##type##_set_host_info(NULL, &a);                                                       \
    CHECK(has_error());                                                                          \
    wasm_##type##_set_host_info_with_finalizer(NULL, &a, count);                                 \
    CHECK(has_error() && finalized == 1);                                                        \
  } while (0)

TEST(every_reference_type_holds_host_info) {
  world_t w = open_world("state");
  own wasm_trap_t* trap = trap_saying(w.store, "a trap");
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  EVERY_FUNCTION(trap, trap);
  EVERY_FUNCTION(foreign, foreign);
  EVERY_FUNCTION(module, w.module);
  EVERY_FUNCTION(func, func_of(&w, "seven"));
  EVERY_FUNCTION(global, wasm_extern_as_global(export_of(&w, "counter")));
  EVERY_FUNCTION(table, wasm_extern_as_table(export_of(&w, "table")));
  EVERY_FUNCTION(memory, wasm_extern_as_memory(export_of(&w, "memory")));
  EVERY_FUNCTION(instance, w.instance);
  EVERY_FUNCTION(extern, export_of(&w, "memory"));
  EVERY_FUNCTION(ref, wasm_foreign_as_ref(foreign));
  wasm_trap_delete(trap);
  wasm_foreign_delete(foreign);
  close_world(&w);
}

TEST(all_names_of_an_object_see_one_host_info) {
  world_t w = open_world("state");
  wasm_extern_t* memory = export_of(&w, "memory");
  wasm_extern_set_host_info(memory, &a);
  CHECK(wasm_memory_get_host_info(wasm_extern_as_memory(memory)) == &a);
  CHECK(wasm_ref_get_host_info(wasm_extern_as_ref(memory)) == &a);
  own wasm_extern_vec_t again;
  wasm_instance_exports(w.instance, &again);
  bool seen = false;
  for (size_t i = 0; i < again.size; ++i) seen = seen || wasm_extern_get_host_info(again.data[i]) == &a;
  CHECK(seen);
  wasm_extern_vec_delete(&again);
  CHECK(!wasm_instance_get_host_info(w.instance));
  close_world(&w);
}

// --- When the finalizer runs ---

TEST(replaced_host_info_is_finalized_once_after_the_new_is_there) {
  world_t w;
  open_store(&w, NULL);
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  finalized = 0;
  wasm_foreign_set_host_info_with_finalizer(foreign, &a, count);
  wasm_foreign_set_host_info_with_finalizer(foreign, &b, count);
  CHECK(finalized == 1 && last_finalized == &a && wasm_foreign_get_host_info(foreign) == &b);
  wasm_foreign_delete(foreign);
  close_world(&w);
  CHECK(finalized == 2 && last_finalized == &b);
}

TEST(equal_pointer_replaces_nothing) {
  world_t w;
  open_store(&w, NULL);
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  finalized = 0;
  wasm_foreign_set_host_info_with_finalizer(foreign, &a, count);
  wasm_foreign_set_host_info_with_finalizer(foreign, &a, count);
  CHECK(finalized == 0 && wasm_foreign_get_host_info(foreign) == &a);
  wasm_foreign_delete(foreign);
  close_world(&w);
  CHECK(finalized == 1);
}

TEST(no_finalizer_is_no_problem) {
  world_t w;
  open_store(&w, NULL);
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  wasm_foreign_set_host_info_with_finalizer(foreign, &a, NULL);
  CHECK(wasm_foreign_get_host_info(foreign) == &a);
  wasm_foreign_set_host_info(foreign, NULL);
  wasm_foreign_delete(foreign);
  close_world(&w);
}

TEST(deleting_a_store_finalizes_what_still_has_handles) {
  world_t w;
  open_store(&w, NULL);
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  finalized = 0;
  wasm_foreign_set_host_info_with_finalizer(foreign, &a, count);
  wasm_store_delete(w.store);
  w.store = NULL;
  CHECK(finalized == 1 && last_finalized == &a);
  forget_error();
  CHECK(!wasm_foreign_get_host_info(foreign) && error_says("store has been deleted"));
  wasm_foreign_set_host_info(foreign, &b);
  CHECK(error_says("store has been deleted"));
  wasm_foreign_set_host_info_with_finalizer(foreign, &b, count);
  CHECK(error_says("store has been deleted") && finalized == 1);
  CHECK(!wasm_foreign_get_host_info(foreign));
  wasm_foreign_delete(foreign);
  close_world(&w);
  CHECK(finalized == 1);
}

TEST(objects_without_handles_are_finalized_before_the_store_goes) {
  const int many = slow() ? 12000 : 100000;
  world_t w;
  open_store(&w, NULL);
  finalized = 0;
  int most = 0;
  for (int i = 1; i <= many; ++i) {
    own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
    wasm_foreign_set_host_info_with_finalizer(foreign, &a, count);
    wasm_foreign_delete(foreign);
    if (i - finalized > most) most = i - finalized;
  }
  CHECK(most < 10000);
  close_world(&w);
  CHECK(finalized == many);
}

TEST(traps_that_nobody_keeps_are_finalized_before_the_store_goes) {
  world_t w = open_world("traps");
  wasm_func_t* nested = func_of(&w, "nested");
  finalized = 0;
  int most = 0;
  for (int i = 1; i <= 12000; ++i) {
    own wasm_trap_t* trap = i % 2 ? call_trap(nested, VALS(I32(0))) : trap_saying(w.store, "made");
    wasm_trap_set_host_info_with_finalizer(trap, &a, count);
    wasm_trap_delete(trap);
    if (i - finalized > most) most = i - finalized;
  }
  CHECK(most < 10000);
  close_world(&w);
  CHECK(finalized == 12000);
}

TEST(what_wasm_refers_to_keeps_its_host_info) {
  world_t w = open_world("state");
  finalized = 0;
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  wasm_foreign_set_host_info_with_finalizer(foreign, &a, count);
  wasm_table_t* externs = wasm_extern_as_table(export_of(&w, "externs"));
  CHECK(wasm_table_set(externs, 0, wasm_foreign_as_ref(foreign)));
  wasm_foreign_delete(foreign);
  for (int i = 0; i < 20000; ++i) wasm_foreign_delete(wasm_foreign_new(w.store));
  own wasm_ref_t* found = wasm_table_get(externs, 0);
  CHECK(!finalized && wasm_ref_get_host_info(found) == &a);
  CHECK(wasm_table_set(externs, 0, NULL));
  wasm_ref_delete(found);
  for (int i = 0; i < 20000; ++i) wasm_foreign_delete(wasm_foreign_new(w.store));
  CHECK(finalized == 1);
  close_world(&w);
}

// --- What a finalizer may do ---

static wasm_foreign_t* others[3];

static void delete_others(void* info) {
  count(info);
  for (int i = 0; i < 3; ++i) wasm_foreign_delete(others[i]);
}

TEST(finalizer_may_delete_handles_also_of_its_own_object) {
  world_t w;
  open_store(&w, NULL);
  finalized = 0;
  for (int i = 0; i < 3; ++i) others[i] = wasm_foreign_new(w.store);
  wasm_foreign_set_host_info_with_finalizer(others[1], &a, delete_others);
  close_world(&w);
  CHECK(finalized == 1);

  open_store(&w, NULL);
  for (int i = 0; i < 3; ++i) others[i] = wasm_foreign_new(w.store);
  wasm_foreign_set_host_info_with_finalizer(others[1], &a, delete_others);
  wasm_foreign_set_host_info(others[1], NULL);
  CHECK(finalized == 2);
  close_world(&w);
}

static wasm_store_t* dying;
static wasm_foreign_t* survivor;

static void use_the_dying_store(void* info) {
  count(info);
  forget_error();
  CHECK(!wasm_foreign_new(dying) && error_says("store is being deleted"));
  CHECK(!wasm_foreign_get_host_info(survivor));
  wasm_foreign_set_host_info_with_finalizer(survivor, info, use_the_dying_store);
  own wasm_message_t text = WASM_EMPTY_VEC;
  CHECK(!wasm_trap_new(dying, &text));
  wasm_store_delete(dying);
}

TEST(finalizer_cannot_use_its_dying_store) {
  world_t w;
  open_store(&w, NULL);
  dying = w.store;
  survivor = wasm_foreign_new(w.store);
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  finalized = 0;
  wasm_foreign_set_host_info_with_finalizer(foreign, &a, use_the_dying_store);
  wasm_foreign_set_host_info_with_finalizer(survivor, &b, use_the_dying_store);
  wasm_foreign_delete(foreign);
  close_world(&w);
  CHECK(finalized == 2);
  wasm_foreign_delete(survivor);
}

static void delete_the_store(void* store) {
  count(store);
  wasm_store_delete(store);
}

TEST(finalizer_may_delete_the_store) {
  world_t w;
  open_store(&w, NULL);
  finalized = 0;
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  wasm_foreign_set_host_info_with_finalizer(foreign, w.store, delete_the_store);
  wasm_foreign_set_host_info_with_finalizer(foreign, &a, count);  // deletes the store, which finalizes this
  CHECK(finalized == 2 && last_finalized == &a);
  CHECK(!wasm_foreign_get_host_info(foreign));
  wasm_foreign_delete(foreign);

  w.store = wasm_store_new(w.engine);
  foreign = wasm_foreign_new(w.store);
  wasm_foreign_set_host_info_with_finalizer(foreign, w.store, delete_the_store);
  wasm_foreign_delete(foreign);
  own wasm_foreign_t* last = NULL;
  while (finalized == 2) {
    wasm_foreign_delete(last);
    last = wasm_foreign_new(w.store);
  }
  wasm_foreign_delete(last);
  w.store = NULL;
  close_world(&w);
  CHECK(finalized == 3);
}

// Traps are collected right after the call that trapped.
TEST(finalizer_may_delete_the_store_when_a_call_traps) {
  world_t w = open_world("traps");
  finalized = 0;
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  wasm_foreign_set_host_info_with_finalizer(foreign, w.store, delete_the_store);
  wasm_foreign_delete(foreign);
  wasm_func_t* unreachable = func_of(&w, "unreachable");
  own wasm_trap_t* last = NULL;
  while (!finalized) {
    wasm_trap_delete(last);
    last = wasm_func_call(unreachable, &NO_VALS, &(wasm_val_vec_t){0, NULL});
    CHECK(last);
  }
  CHECK(wasmrt_trap_code(last) == WASMRT_TRAP_NONE && error_says("store has been deleted"));
  wasm_trap_delete(last);
  w.store = NULL;
  close_world(&w);
  CHECK(finalized == 1);
}

static wasm_foreign_t* renewed;

static void attach_again(void* info) {
  count(info);
  if (info == &a) wasm_foreign_set_host_info_with_finalizer(renewed, NULL, count);
}

TEST(finalizer_may_attach_something_else) {
  world_t w;
  open_store(&w, NULL);
  renewed = wasm_foreign_new(w.store);
  finalized = 0;
  wasm_foreign_set_host_info_with_finalizer(renewed, &a, attach_again);
  wasm_foreign_set_host_info_with_finalizer(renewed, &b, count);  // finalizes a, which takes b away
  CHECK(finalized == 2 && last_finalized == &b && !wasm_foreign_get_host_info(renewed));
  wasm_foreign_delete(renewed);
  close_world(&w);
}

// --- Beside other things ---

static own wasm_trap_t* environment_is_a(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  results->data[0] = I32(env == &a);
  return NULL;
}

TEST(host_info_of_a_function_is_not_its_environment) {
  world_t w;
  open_store(&w, NULL);
  finalized = 0;
  own wasm_func_t* func = host_func(w.store, "", "i", environment_is_a, &a, count);
  CHECK(!wasm_func_get_host_info(func));
  wasm_func_set_host_info_with_finalizer(func, &b, count);
  CHECK(call(func, NO_VALS).of.i32 == 1);
  wasm_func_set_host_info(func, NULL);
  CHECK(finalized == 1 && last_finalized == &b);
  CHECK(call(func, NO_VALS).of.i32 == 1);
  wasm_func_set_host_info_with_finalizer(func, &b, count);
  wasm_func_delete(func);
  close_world(&w);
  CHECK(finalized == 3);
}

static own wasm_trap_t* trap_with_info(void* store, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  own wasm_trap_t* trap = trap_saying(store, "with info");
  wasm_trap_set_host_info_with_finalizer(trap, &a, count);
  return trap;
}

TEST(trap_keeps_its_host_info_on_the_way_through_wasm) {
  world_t w;
  open_store(&w, "callbacks");
  finalized = 0;
  own wasm_func_t* four = host_func(w.store, "iIfF", "iIfF", trap_with_info, w.store, NULL);
  own wasm_func_t* one = host_func(w.store, "i", "i", trap_with_info, w.store, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(four), wasm_func_as_extern(one)));
  own wasm_trap_t* trap = call_trap(func_of(&w, "call"), VALS(I32(0)));
  CHECK(wasm_trap_get_host_info(trap) == &a && !finalized);
  CHECK(says(trap, "with info"));
  wasm_func_delete(four);
  wasm_func_delete(one);
  close_world(&w);
  CHECK(finalized == 1);
}

// --- 100,001 instances, twice ---

// AddressSanitizer keeps freed memory for a while, which says nothing about the library.
#ifdef __SANITIZE_ADDRESS__
static const bool frees_at_once = false;
#else
static const bool frees_at_once = true;
#endif

static int live_instances;
static void one_less(void* info) {
  CHECK(info == &live_instances);
  --live_instances;
}

static int make_instances(world_t* w, int many) {
  int most = 0;
  for (int i = 0; i < many; ++i) {
    own wasm_instance_t* instance = wasm_instance_new(w->store, w->module, &NO_IMPORTS, NULL);
    CHECK(instance);
    wasm_instance_set_host_info_with_finalizer(instance, &live_instances, one_less);
    ++live_instances;
    wasm_instance_delete(instance);
    if (live_instances > most) most = live_instances;
  }
  return most;
}

TEST(a_hundred_thousand_instances_twice_in_bounded_memory) {
  const int many = slow() ? 2001 : 100001;
  world_t w;
  open_store(&w, "arithmetic");
  live_instances = 0;
  make_instances(&w, many / 10);
  size_t before = resident_now();
  for (int round = 0; round < 2; ++round) {
    CHECK(make_instances(&w, many) < 20000);
    CHECK(!frees_at_once || resident_now() < before + ((size_t)64 << 20));
  }
  wasm_store_delete(w.store);
  CHECK(live_instances == 0);
  w.store = NULL;
  close_world(&w);
}

TEST(instances_that_somebody_reaches_stay) {
  world_t w = open_world("state");
  live_instances = 1;
  wasm_instance_set_host_info_with_finalizer(w.instance, &live_instances, one_less);
  wasm_instance_delete(w.instance);
  w.instance = NULL;
  make_instances(&w, slow() ? 5000 : 20000);
  CHECK(live_instances >= 1);
  CHECK(call_i32(&w, "count", NO_VALS) == 1);  // the exports keep the instance
  close_world(&w);
  CHECK(live_instances == 0);
}
