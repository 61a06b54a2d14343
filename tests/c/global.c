// Globals: cells shared by host and instances.

#include "host.h"

static wasm_global_t* global_of(const world_t* w, const char* name) {
  wasm_global_t* global = wasm_extern_as_global(export_of(w, name));
  CHECK(global);
  return global;
}

static wasm_val_t get(const wasm_global_t* global) {
  wasm_val_t value;
  memset(&value, 0x5a, sizeof value);
  wasm_global_get(global, &value);
  return value;
}

TEST(host_made_globals_hold_every_kind) {
  world_t w;
  open_store(&w, NULL);
  own wasm_global_t* all[] = {new_global(w.store, 'i', WASM_VAR, I32(-5)),
                              new_global(w.store, 'I', WASM_CONST, I64(INT64_MIN)),
                              new_global(w.store, 'f', WASM_VAR, F32(1.5f)),
                              new_global(w.store, 'F', WASM_CONST, F64(-2.5)),
                              new_global(w.store, 'r', WASM_VAR, (wasm_val_t)WASM_INIT_VAL),
                              new_global(w.store, 'R', WASM_VAR, (wasm_val_t)WASM_INIT_VAL)};
  for (size_t i = 0; i < 6; ++i) CHECK(all[i]);
  CHECK(get(all[0]).of.i32 == -5 && get(all[1]).of.i64 == INT64_MIN);
  CHECK(get(all[2]).of.f32 == 1.5f && get(all[3]).of.f64 == -2.5);
  CHECK(get(all[4]).kind == WASM_EXTERNREF && !get(all[4]).of.ref);
  CHECK(get(all[5]).kind == WASM_FUNCREF && !get(all[5]).of.ref);
  for (size_t i = 0; i < 6; ++i) wasm_global_delete(all[i]);
  close_world(&w);
}

TEST(value_of_another_kind_makes_no_global) {
  world_t w;
  open_store(&w, NULL);
  CHECK(!new_global(w.store, 'i', WASM_VAR, I64(1)));
  CHECK(has_error());
  CHECK(!new_global(w.store, 'R', WASM_VAR, I32(0)));
  CHECK(has_error());
  close_world(&w);
}

TEST(host_sees_what_wasm_writes_and_wasm_what_the_host_writes) {
  world_t w = open_world("state");
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  CHECK(get(global_of(&w, "counter")).of.i32 == 1);
  wasm_global_set(global_of(&w, "counter"), &I32(100));
  CHECK(call_i32(&w, "count", NO_VALS) == 101);
  wasm_global_set(global_of(&w, "f64"), &F64(8.5));
  CHECK(call(func_of(&w, "get_f64"), NO_VALS).of.f64 == 8.5);
  wasm_global_set(global_of(&w, "f32"), &F32(0.25f));
  CHECK(get(global_of(&w, "f32")).of.f32 == 0.25f);
  close_world(&w);
}

TEST(constant_cannot_be_set) {
  world_t w = open_world("state");
  forget_error();
  wasm_global_set(global_of(&w, "constant"), &I64(8));
  CHECK(has_error());
  CHECK(get(global_of(&w, "constant")).of.i64 == 7);
  CHECK(call(func_of(&w, "get_i64"), NO_VALS).of.i64 == 7);
  close_world(&w);
}

TEST(value_of_another_kind_is_not_set) {
  world_t w = open_world("state");
  forget_error();
  wasm_global_set(global_of(&w, "counter"), &I64(8));
  CHECK(has_error());
  wasm_global_set(global_of(&w, "counter"), NULL);
  CHECK(has_error());
  CHECK(get(global_of(&w, "counter")).of.i32 == 0);
  close_world(&w);
}

TEST(references_live_in_globals) {
  world_t w = open_world("state");
  CHECK(call_i32(&w, "funcref_is_null", NO_VALS) == 1);
  wasm_val_t seven = {.kind = WASM_FUNCREF, .of = {.ref = wasm_func_as_ref(func_of(&w, "seven"))}};
  wasm_global_set(global_of(&w, "funcref"), &seven);
  CHECK(call_i32(&w, "funcref_is_null", NO_VALS) == 0);
  wasm_val_t back = get(global_of(&w, "funcref"));
  CHECK(back.kind == WASM_FUNCREF && wasm_ref_same(back.of.ref, seven.of.ref));
  CHECK(call(wasm_ref_as_func(back.of.ref), NO_VALS).of.i32 == 7);
  wasm_val_delete(&back);
  wasm_global_set(global_of(&w, "funcref"), &(wasm_val_t)WASM_INIT_VAL);
  CHECK(call_i32(&w, "funcref_is_null", NO_VALS) == 1);
  wasm_global_set(global_of(&w, "externref"), &seven);
  back = get(global_of(&w, "externref"));
  CHECK(back.kind == WASM_EXTERNREF && wasm_ref_same(back.of.ref, seven.of.ref));
  wasm_val_delete(&back);
  close_world(&w);
}

TEST(global_knows_its_type) {
  world_t w = open_world("state");
  own wasm_globaltype_t* type = wasm_global_type(global_of(&w, "constant"));
  CHECK(wasm_valtype_kind(wasm_globaltype_content(type)) == WASM_I64);
  CHECK(wasm_globaltype_mutability(type) == WASM_CONST);
  wasm_globaltype_delete(type);
  close_world(&w);
}

TEST(copy_of_a_global_is_the_same_cell) {
  world_t w;
  open_store(&w, NULL);
  own wasm_global_t* global = new_global(w.store, 'i', WASM_VAR, I32(1));
  own wasm_global_t* copy = wasm_global_copy(global);
  wasm_global_set(copy, &I32(2));
  CHECK(get(global).of.i32 == 2);
  wasm_global_delete(global);
  CHECK(get(copy).of.i32 == 2);
  wasm_global_delete(copy);
  close_world(&w);
}

TEST(global_outlives_its_instance) {
  world_t w = open_world("state");
  own wasm_global_t* counter = wasm_global_copy(global_of(&w, "counter"));
  CHECK(call_i32(&w, "count", NO_VALS) == 1);
  wasm_extern_vec_delete(&w.exports);
  wasm_instance_delete(w.instance);
  w.instance = NULL;
  CHECK(get(counter).of.i32 == 1);
  wasm_global_set(counter, &I32(5));
  CHECK(get(counter).of.i32 == 5);
  wasm_global_delete(counter);
  close_world(&w);
}
