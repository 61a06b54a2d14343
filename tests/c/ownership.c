// Ownership: handles may be deleted in any order, reachable objects live, dead objects of a deleted store can
// still be deleted. Leaks and double frees are found by running this under a sanitizer and valgrind.

#include "host.h"

static int finalized;
static void count_finalizer(void* env) {
  (void)env;
  ++finalized;
}

static own wasm_trap_t* one(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  (void)args;
  if (results->size) results->data[0] = I32(1);
  return NULL;
}

enum { ENGINE, STORE, MODULE, INSTANCE, EXPORTS, FUNC, PARTS };

static void delete_part(world_t* w, own wasm_func_t* func, int part) {
  switch (part) {
    case ENGINE: wasm_engine_delete(w->engine); break;
    case STORE: wasm_store_delete(w->store); break;
    case MODULE: wasm_module_delete(w->module); break;
    case INSTANCE: wasm_instance_delete(w->instance); break;
    case EXPORTS: wasm_extern_vec_delete(&w->exports); break;
    default: wasm_func_delete(func);
  }
}

// The permutation with that number.
static void permute(int number, int* order) {
  int left[PARTS] = {0, 1, 2, 3, 4, 5}, count = PARTS, factorial = 120;
  for (int i = 0; i < PARTS; ++i) {
    int pick = number / factorial;
    number %= factorial;
    order[i] = left[pick];
    memmove(left + pick, left + pick + 1, (size_t)(--count - pick) * sizeof *left);
    if (count) factorial /= count;
  }
}

TEST(everything_may_be_deleted_in_any_order) {
  for (int number = 0; number < 720; number += slow() ? 37 : 1) {
    finalized = 0;
    world_t w;
    open_store(&w, "callbacks");
    own wasm_func_t* four = host_func(w.store, "iIfF", "iIfF", one, NULL, count_finalizer);
    own wasm_func_t* func = host_func(w.store, "i", "i", one, NULL, count_finalizer);
    instantiate(&w, IMPORTS(wasm_func_as_extern(four), wasm_func_as_extern(func)));
    wasm_func_delete(four);
    CHECK(call_i32(&w, "call", VALS(I32(0))) == 1);
    int order[PARTS];
    permute(number, order);
    for (int i = 0; i < PARTS; ++i) delete_part(&w, func, order[i]);
    CHECK(finalized == 2);
  }
}

TEST(handles_left_by_a_store_are_dead_objects) {
  world_t w = open_world("state");
  own wasm_func_t* func = wasm_func_copy(func_of(&w, "seven"));
  own wasm_global_t* global = wasm_global_copy(wasm_extern_as_global(export_of(&w, "counter")));
  own wasm_memory_t* memory = wasm_memory_copy(wasm_extern_as_memory(export_of(&w, "memory")));
  own wasm_table_t* table = wasm_table_copy(wasm_extern_as_table(export_of(&w, "table")));
  own wasm_instance_t* instance = wasm_instance_copy(w.instance);
  own wasm_trap_t* trap = trap_saying(w.store, "left behind");
  close_world(&w);

  wasm_val_t out[1] = {I32(-1)};
  wasm_val_vec_t results = {1, out};
  wasm_trap_delete(wasm_func_call(func, &NO_VALS, &results));
  CHECK(out[0].of.i32 == -1);
  wasm_global_get(global, out);
  CHECK(wasm_valkind_is_ref(out[0].kind) && !out[0].of.ref);
  CHECK(wasm_memory_size(memory) == 0 && wasm_memory_data_size(memory) == 0 && !wasm_memory_grow(memory, 1));
  CHECK(wasm_table_size(table) == 0 && !wasm_table_get(table, 1) && !wasm_table_set(table, 0, NULL));
  own wasm_extern_vec_t exports = {9, (void*)9};
  wasm_instance_exports(instance, &exports);
  CHECK(exports.size == 0);

  own wasm_func_t* copy = wasm_func_copy(func);
  wasm_func_delete(copy);
  wasm_func_delete(func);
  wasm_global_delete(global);
  wasm_memory_delete(memory);
  wasm_table_delete(table);
  wasm_instance_delete(instance);
  wasm_trap_delete(trap);
}

TEST(what_an_instance_imports_lives_as_long_as_it) {
  world_t w;
  open_store(&w, "callbacks");
  finalized = 0;
  own wasm_func_t* four = host_func(w.store, "iIfF", "iIfF", one, NULL, count_finalizer);
  own wasm_func_t* func = host_func(w.store, "i", "i", one, NULL, count_finalizer);
  instantiate(&w, IMPORTS(wasm_func_as_extern(four), wasm_func_as_extern(func)));
  wasm_func_delete(four);
  wasm_func_delete(func);
  own wasm_func_t* call_func = wasm_func_copy(func_of(&w, "call"));
  wasm_extern_vec_delete(&w.exports);
  wasm_instance_delete(w.instance);
  w.instance = NULL;
  CHECK(call(call_func, VALS(I32(0))).of.i32 == 1);
  CHECK(finalized == 0);
  wasm_func_delete(call_func);
  close_world(&w);
  CHECK(finalized == 2);
}

TEST(unreachable_host_functions_go_while_the_store_lives) {
  world_t w;
  open_store(&w, NULL);
  finalized = 0;
  int rounds = slow() ? 5000 : 100000;
  for (int i = 0; i < rounds; ++i) wasm_func_delete(host_func(w.store, "i", "i", one, NULL, count_finalizer));
  CHECK(finalized > rounds / 2);
  close_world(&w);
  CHECK(finalized == rounds);
}

TEST(unreachable_cycles_go_while_the_store_lives) {
  world_t w;
  open_store(&w, "callbacks");
  finalized = 0;
  enum { ROUNDS = 3000 };
  for (int i = 0; i < ROUNDS; ++i) {
    own wasm_func_t* four = host_func(w.store, "iIfF", "iIfF", one, NULL, NULL);
    own wasm_func_t* func = host_func(w.store, "i", "i", one, NULL, count_finalizer);
    instantiate(&w, IMPORTS(wasm_func_as_extern(four), wasm_func_as_extern(func)));
    // The table of the instance holds a function of the instance: a cycle that reference counts cannot free.
    CHECK(wasm_table_set(wasm_extern_as_table(export_of(&w, "table")), 0, wasm_func_as_ref(func_of(&w, "call"))));
    wasm_func_delete(four);
    wasm_func_delete(func);
    wasm_extern_vec_delete(&w.exports);
    wasm_instance_delete(w.instance);
  }
  w.instance = NULL;
  CHECK(finalized > ROUNDS / 2);
  close_world(&w);
  CHECK(finalized == ROUNDS);
}

TEST(trap_may_outlive_its_store) {
  world_t w = open_world("traps");
  own wasm_trap_t* trap = call_trap(func_of(&w, "unreachable"), NO_VALS);
  own wasm_trap_t* copy = wasm_trap_copy(trap);
  close_world(&w);
  wasm_trap_delete(trap);
  wasm_trap_delete(copy);
}

static void delete_handle(void* env) {
  wasm_func_delete(*(wasm_func_t**)env);
  ++finalized;
}

TEST(finalizer_may_delete_handles) {
  world_t w;
  open_store(&w, NULL);
  finalized = 0;
  own wasm_func_t* other = host_func(w.store, "", "", one, NULL, NULL);
  own wasm_func_t* func = host_func(w.store, "", "", one, &other, delete_handle);
  wasm_store_delete(w.store);
  CHECK(finalized == 1);
  wasm_func_delete(func);
  wasm_engine_delete(w.engine);
}
