// Foreign objects, and references of either kind, wherever wasm passes them: calls, callbacks, globals, tables.

#include "host.h"

static int finalized;
static void count(void* info) {
  (void)info;
  ++finalized;
}

static own wasm_trap_t* swap(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  CHECK(args->size == 2 && args->data[0].kind == WASM_EXTERNREF && args->data[1].kind == WASM_FUNCREF);
  CHECK(results->size == 2 && results->data[0].kind == WASM_FUNCREF && results->data[1].kind == WASM_EXTERNREF);
  CHECK(!results->data[0].of.ref && !results->data[1].of.ref);
  wasm_val_copy(&results->data[0], &args->data[1]);
  wasm_val_copy(&results->data[1], &args->data[0]);
  return NULL;
}

static world_t open_references(wasm_func_callback_with_env_t callback, void* env) {
  world_t w;
  open_store(&w, "references");
  own wasm_func_t* func = host_func(w.store, "rR", "Rr", callback, env, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(func)));
  wasm_func_delete(func);
  return w;
}

static own wasm_ref_t* foreign(wasm_store_t* store, void* info) {
  own wasm_foreign_t* object = wasm_foreign_new(store);
  CHECK(object);
  wasm_foreign_set_host_info_with_finalizer(object, info, count);
  return wasm_foreign_as_ref(object);
}

#define EXTERN(r) ((wasm_val_t){.kind = WASM_EXTERNREF, .of = {.ref = (r)}})
#define FUNC(r) ((wasm_val_t){.kind = WASM_FUNCREF, .of = {.ref = (r)}})

// Whether the function returns its argument, as a reference of that kind.
static bool echoes(const world_t* w, const char* name, wasm_val_t argument, wasm_valkind_t kind) {
  own wasm_val_t result = call(func_of(w, name), VALS(argument));
  bool good = result.kind == kind && wasm_ref_same(result.of.ref, argument.of.ref);
  wasm_val_delete(&result);
  return good;
}

TEST(foreign_object_needs_a_store) {
  CHECK(!wasm_foreign_new(NULL) && has_error());
  CHECK(!wasm_foreign_copy(NULL));
  wasm_foreign_delete(NULL);
}

TEST(foreign_object_comes_back_from_a_call) {
  world_t w = open_references(swap, NULL);
  int info;
  own wasm_ref_t* a = foreign(w.store, &info);
  CHECK(echoes(&w, "echo", EXTERN(a), WASM_EXTERNREF));
  CHECK(echoes(&w, "echo", EXTERN(NULL), WASM_EXTERNREF));
  own wasm_val_t result = call(func_of(&w, "echo"), VALS(EXTERN(a)));
  CHECK(wasm_ref_get_host_info(result.of.ref) == &info && wasm_ref_as_foreign(result.of.ref));
  wasm_val_delete(&result);
  CHECK(call(func_of(&w, "is_null"), VALS(EXTERN(a))).of.i32 == 0);
  CHECK(call(func_of(&w, "is_null"), VALS(EXTERN(NULL))).of.i32 == 1);
  wasm_ref_delete(a);
  close_world(&w);
}

TEST(any_object_is_an_externref) {
  world_t w = open_references(swap, NULL);
  CHECK(echoes(&w, "echo", EXTERN(wasm_func_as_ref(func_of(&w, "seven"))), WASM_EXTERNREF));
  CHECK(echoes(&w, "echo", EXTERN(wasm_instance_as_ref(w.instance)), WASM_EXTERNREF));
  CHECK(echoes(&w, "echo", EXTERN(wasm_module_as_ref(w.module)), WASM_EXTERNREF));
  CHECK(echoes(&w, "echo", EXTERN(wasm_extern_as_ref(export_of(&w, "extern"))), WASM_EXTERNREF));
  CHECK(echoes(&w, "echo", EXTERN(wasm_extern_as_ref(export_of(&w, "externs"))), WASM_EXTERNREF));
  own wasm_trap_t* trap = trap_saying(w.store, "a trap");
  CHECK(echoes(&w, "echo", EXTERN(wasm_trap_as_ref(trap)), WASM_EXTERNREF));
  wasm_trap_delete(trap);
  close_world(&w);
}

TEST(only_functions_are_funcrefs) {
  world_t w = open_references(swap, NULL);
  own wasm_ref_t* a = foreign(w.store, NULL);
  wasm_func_t* echo = func_of(&w, "echo_func");
  CHECK(says(call_trap(echo, VALS(FUNC(a))), "no function"));
  CHECK(says(call_trap(echo, VALS(FUNC(wasm_instance_as_ref(w.instance)))), "no function"));
  CHECK(echoes(&w, "echo_func", FUNC(wasm_func_as_ref(func_of(&w, "seven"))), WASM_FUNCREF));
  CHECK(echoes(&w, "echo_func", FUNC(NULL), WASM_FUNCREF));
  CHECK(says(call_trap(func_of(&w, "needs_func"), VALS(FUNC(NULL))), "null"));
  CHECK(call(func_of(&w, "needs_func"), VALS(FUNC(wasm_func_as_ref(echo)))).of.i32 == 1);
  wasm_ref_delete(a);
  close_world(&w);
}

TEST(kind_of_a_reference_follows_the_declared_type) {
  world_t w = open_references(swap, NULL);
  own wasm_ref_t* a = foreign(w.store, NULL);
  CHECK(echoes(&w, "echo", FUNC(a), WASM_EXTERNREF));
  CHECK(echoes(&w, "echo", FUNC(NULL), WASM_EXTERNREF));
  CHECK(echoes(&w, "echo_func", EXTERN(wasm_func_as_ref(func_of(&w, "seven"))), WASM_FUNCREF));
  CHECK(echoes(&w, "echo_func", EXTERN(NULL), WASM_FUNCREF));
  CHECK(says(call_trap(func_of(&w, "echo"), VALS(I64(0))), "of type i64, expected externref"));
  wasm_ref_delete(a);
  close_world(&w);
}

TEST(references_cross_a_callback_in_both_directions) {
  world_t w = open_references(swap, NULL);
  own wasm_ref_t* a = foreign(w.store, NULL);
  wasm_func_t* seven = func_of(&w, "seven");
  wasm_val_t out[2];
  wasm_val_vec_t results = WASM_ARRAY_VEC(out);
  wasm_val_vec_t args = VALS(EXTERN(a), FUNC(wasm_func_as_ref(seven)));
  for (int i = 0; i < 3; ++i) {
    CHECK(!wasm_func_call(func_of(&w, "swap"), &args, &results));
    CHECK(out[0].kind == WASM_FUNCREF && wasm_ref_same(out[0].of.ref, wasm_func_as_ref(seven)));
    CHECK(out[1].kind == WASM_EXTERNREF && wasm_ref_same(out[1].of.ref, a));
    CHECK(call(wasm_ref_as_func(out[0].of.ref), NO_VALS).of.i32 == 7);
    wasm_val_delete(&out[0]);
    wasm_val_delete(&out[1]);
  }
  args = VALS(EXTERN(NULL), FUNC(NULL));
  CHECK(!wasm_func_call(func_of(&w, "swap"), &args, &results));
  CHECK(out[0].kind == WASM_FUNCREF && !out[0].of.ref && out[1].kind == WASM_EXTERNREF && !out[1].of.ref);
  wasm_ref_delete(a);
  close_world(&w);
}

TEST(fewer_results_than_wasm_gives_leak_nothing) {
  world_t w = open_references(swap, NULL);
  finalized = 0;
  own wasm_ref_t* a = foreign(w.store, NULL);
  wasm_val_vec_t args = VALS(EXTERN(a), FUNC(wasm_func_as_ref(func_of(&w, "seven"))));
  CHECK(!wasm_func_call(func_of(&w, "swap"), &args, &NO_VALS));
  wasm_ref_delete(a);
  for (int i = 0; i < 10000; ++i) wasm_foreign_delete(wasm_foreign_new(w.store));
  CHECK(finalized == 1);
  close_world(&w);
}

TEST(global_and_table_of_wasm_keep_what_the_host_let_go) {
  world_t w = open_references(swap, NULL);
  finalized = 0;
  int infos[2];
  own wasm_ref_t* a = foreign(w.store, &infos[0]);
  own wasm_ref_t* b = foreign(w.store, &infos[1]);
  call(func_of(&w, "keep"), VALS(EXTERN(a)));
  call(func_of(&w, "put"), VALS(I32(3), EXTERN(b)));
  wasm_ref_delete(a);
  wasm_ref_delete(b);
  for (int i = 0; i < 10000; ++i) wasm_foreign_delete(wasm_foreign_new(w.store));
  CHECK(!finalized);
  own wasm_val_t kept = call(func_of(&w, "kept"), NO_VALS);
  CHECK(wasm_ref_get_host_info(kept.of.ref) == &infos[0]);
  wasm_val_delete(&kept);
  kept = call(func_of(&w, "get"), VALS(I32(3)));
  CHECK(wasm_ref_get_host_info(kept.of.ref) == &infos[1]);
  wasm_val_delete(&kept);
  call(func_of(&w, "keep"), VALS(EXTERN(NULL)));
  call(func_of(&w, "put"), VALS(I32(3), EXTERN(NULL)));
  for (int i = 0; i < 10000; ++i) wasm_foreign_delete(wasm_foreign_new(w.store));
  CHECK(finalized == 2);
  close_world(&w);
}

TEST(host_sees_references_in_globals_and_tables_of_wasm) {
  world_t w = open_references(swap, NULL);
  own wasm_ref_t* a = foreign(w.store, NULL);
  wasm_global_t* global = wasm_extern_as_global(export_of(&w, "extern"));
  wasm_table_t* table = wasm_extern_as_table(export_of(&w, "externs"));
  wasm_global_set(global, &EXTERN(a));
  CHECK(echoes(&w, "echo", EXTERN(a), WASM_EXTERNREF));
  own wasm_val_t value = call(func_of(&w, "kept"), NO_VALS);
  CHECK(wasm_ref_same(value.of.ref, a));
  wasm_val_delete(&value);
  wasm_global_get(global, &value);
  CHECK(value.kind == WASM_EXTERNREF && wasm_ref_same(value.of.ref, a));
  wasm_val_delete(&value);
  CHECK(wasm_table_set(table, 2, a));
  value = call(func_of(&w, "get"), VALS(I32(2)));
  CHECK(wasm_ref_same(value.of.ref, a));
  wasm_val_delete(&value);
  CHECK(wasm_table_grow(table, 2, a));
  for (wasm_table_size_t i = 0; i < 6; ++i) {
    own wasm_ref_t* element = wasm_table_get(table, i);
    CHECK(wasm_ref_same(element, i == 2 || i >= 4 ? a : NULL));
    wasm_ref_delete(element);
  }
  wasm_ref_delete(a);
  close_world(&w);
}

TEST(function_table_refuses_what_is_no_function) {
  world_t w = open_references(swap, NULL);
  own wasm_ref_t* a = foreign(w.store, NULL);
  wasm_table_t* table = wasm_extern_as_table(export_of(&w, "funcs"));
  CHECK(!wasm_table_set(table, 0, a) && error_says("no function"));
  CHECK(!wasm_table_grow(table, 1, a) && wasm_table_size(table) == 4);
  CHECK(wasm_table_set(table, 0, wasm_func_as_ref(func_of(&w, "seven"))));
  CHECK(call_i32(&w, "call", VALS(I32(0))) == 7);
  wasm_global_t* global = wasm_extern_as_global(export_of(&w, "func"));
  forget_error();
  wasm_global_set(global, &EXTERN(a));
  CHECK(error_says("no function"));
  own wasm_val_t value;
  wasm_global_get(global, &value);
  CHECK(value.kind == WASM_FUNCREF && !value.of.ref);
  wasm_ref_delete(a);
  close_world(&w);
}

TEST(globals_and_tables_of_the_host_hold_references) {
  world_t w;
  open_store(&w, NULL);
  own wasm_ref_t* a = foreign(w.store, NULL);
  own wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new_externref(), WASM_VAR);
  own wasm_global_t* global = wasm_global_new(w.store, type, &EXTERN(a));
  CHECK(global);
  own wasm_val_t value;
  wasm_global_get(global, &value);
  CHECK(wasm_ref_same(value.of.ref, a));
  wasm_val_delete(&value);
  wasm_global_set(global, &FUNC(NULL));
  wasm_global_get(global, &value);
  CHECK(value.kind == WASM_EXTERNREF && !value.of.ref);
  wasm_globaltype_delete(type);
  wasm_global_delete(global);

  own wasm_tabletype_t* table_type = wasm_tabletype_new(wasm_valtype_new_externref(), &(wasm_limits_t){3, 3});
  own wasm_table_t* table = wasm_table_new(w.store, table_type, a);
  own wasm_ref_t* element = wasm_table_get(table, 2);
  CHECK(wasm_ref_same(element, a));
  wasm_ref_delete(element);
  wasm_tabletype_delete(table_type);
  wasm_table_delete(table);
  wasm_ref_delete(a);
  close_world(&w);
}

TEST(references_of_another_store_are_refused) {
  world_t w = open_references(swap, NULL);
  own wasm_store_t* elsewhere = wasm_store_new(w.engine);
  own wasm_ref_t* a = foreign(elsewhere, NULL);
  CHECK(says(call_trap(func_of(&w, "echo"), VALS(EXTERN(a))), "another store"));
  forget_error();
  wasm_global_set(wasm_extern_as_global(export_of(&w, "extern")), &EXTERN(a));
  CHECK(error_says("another store"));
  CHECK(!wasm_table_set(wasm_extern_as_table(export_of(&w, "externs")), 0, a) && error_says("another store"));
  wasm_store_delete(elsewhere);
  CHECK(says(call_trap(func_of(&w, "echo"), VALS(EXTERN(a))), "another store"));
  wasm_ref_delete(a);
  close_world(&w);
}

// --- Callbacks whose results do not match ---

static wasm_store_t* elsewhere;
static wasm_store_t* here;
typedef enum { FOREIGN_AS_FUNC, OTHER_STORE, NUMBER, TRAP_AND_RESULTS } misdeed_t;

static own wasm_trap_t* misbehave(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  const misdeed_t misdeed = *(misdeed_t*)env;
  results->data[1] = EXTERN(foreign(misdeed == OTHER_STORE ? elsewhere : here, NULL));
  if (misdeed == FOREIGN_AS_FUNC) results->data[0] = FUNC(foreign(here, NULL));
  if (misdeed == NUMBER) results->data[0] = I32(1);
  return misdeed == TRAP_AND_RESULTS ? trap_saying(here, "on purpose") : NULL;
}

TEST(results_of_a_callback_that_do_not_fit_are_a_trap_and_released) {
  misdeed_t misdeed;
  world_t w = open_references(misbehave, &misdeed);
  here = w.store;
  elsewhere = wasm_store_new(w.engine);
  finalized = 0;
  wasm_val_vec_t args = VALS(EXTERN(NULL), FUNC(NULL));
  for (int i = FOREIGN_AS_FUNC; i <= TRAP_AND_RESULTS; ++i) {
    misdeed = (misdeed_t)i;
    const char* words = misdeed == TRAP_AND_RESULTS ? "on purpose" : "a host function returned";
    CHECK(says(call_trap(func_of(&w, "swap"), args), words));
  }
  for (int i = 0; i < 10000; ++i) {
    wasm_foreign_delete(wasm_foreign_new(here));
    wasm_foreign_delete(wasm_foreign_new(elsewhere));
  }
  CHECK(finalized == 5);
  wasm_store_delete(elsewhere);
  close_world(&w);
}

TEST(trap_after_a_callback_leaves_no_reference_behind) {
  world_t w = open_references(swap, NULL);
  finalized = 0;
  own wasm_ref_t* a = foreign(w.store, NULL);
  CHECK(says(call_trap(func_of(&w, "swap_traps_later"), VALS(EXTERN(a), FUNC(NULL))), "unreachable"));
  wasm_ref_delete(a);
  for (int i = 0; i < 10000; ++i) wasm_foreign_delete(wasm_foreign_new(w.store));
  CHECK(finalized == 1);
  close_world(&w);
}
