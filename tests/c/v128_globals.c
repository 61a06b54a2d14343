// Globals by values with room for a v128.

#include "wide.h"

static own wasm_func_t* nothing(wasm_store_t* store, const char* params, const char* results) {
  own wasm_functype_t* type = wide_type(params, results);
  own wasm_func_t* func = wasmrt_func_new(store, type, (wasmrt_func_callback_t)abort, NULL, NULL);
  wasm_functype_delete(type);
  return func;
}

// The module's imports are never called here.
static world_t open_globals(void) {
  world_t w;
  open_store(&w, "v128");
  own wasm_func_t* a = nothing(w.store, "vv", "vv");
  own wasm_func_t* b = nothing(w.store, "vivfvIvFvvvvvvFviIIIv", "vIvvvvvvvvviFv");
  own wasm_func_t* c = nothing(w.store, "rvR", "Rvr");
  instantiate(&w, IMPORTS(wasm_func_as_extern(a), wasm_func_as_extern(b), wasm_func_as_extern(c)));
  wasm_func_delete(a);
  wasm_func_delete(b);
  wasm_func_delete(c);
  return w;
}

static own wasm_global_t* make(wasm_store_t* store, char letter, wasm_mutability_t mutability, const wasmrt_val_t* value) {
  own wasm_valtype_t* content = letter == 'v' ? wasm_valtype_new(WASMRT_V128) : valtype_of(letter);
  own wasm_globaltype_t* type = wasm_globaltype_new(content, mutability);
  own wasm_global_t* global = wasmrt_global_new(store, type, value);
  wasm_globaltype_delete(type);
  return global;
}

static wasmrt_val_t get(const wasm_global_t* global) {
  wasmrt_val_t value;
  fill(&value, 1);
  wasmrt_global_get(global, &value);
  return value;
}

TEST(host_made_globals_hold_every_type) {
  world_t w;
  open_store(&w, NULL);
  const wasmrt_val_t v = vector(3);
  own wasm_global_t* all[] = {make(w.store, 'i', WASM_VAR, &W_I32(-5)),  make(w.store, 'I', WASM_CONST, &W_I64(INT64_MIN)),
                              make(w.store, 'f', WASM_VAR, &W_F32(1.5f)), make(w.store, 'F', WASM_CONST, &W_F64(-2.5)),
                              make(w.store, 'r', WASM_VAR, &W_NULL),      make(w.store, 'R', WASM_VAR, &W_NULL),
                              make(w.store, 'v', WASM_VAR, &v)};
  for (size_t i = 0; i < 7; ++i) CHECK(all[i]);
  CHECK(get(all[0]).kind == WASM_I32 && get(all[0]).of.i32 == -5 && get(all[1]).of.i64 == INT64_MIN);
  CHECK(get(all[2]).of.f32 == 1.5f && get(all[3]).of.f64 == -2.5);
  CHECK(get(all[4]).kind == WASM_EXTERNREF && !get(all[4]).of.ref);
  CHECK(get(all[5]).kind == WASM_FUNCREF && !get(all[5]).of.ref);
  const wasmrt_val_t seen = get(all[6]);
  CHECK(is_vector(&seen, 3));
  own wasm_globaltype_t* type = wasm_global_type(all[6]);
  CHECK(wasm_valtype_kind(wasm_globaltype_content(type)) == WASMRT_V128);
  wasm_globaltype_delete(type);
  for (size_t i = 0; i < 7; ++i) wasm_global_delete(all[i]);
  close_world(&w);
}

TEST(wasm_and_the_host_see_one_vector) {
  world_t w = open_globals();
  wasm_global_t* kept = wasm_extern_as_global(export_of(&w, "kept"));
  CHECK(get(kept).of.v128[0] == 1 && get(kept).of.v128[12] == 4);
  const wasmrt_val_t v = vector(1);
  CHECK(!wasmrt_func_call(func_of(&w, "keep"), &v, 1, NULL, 0));
  wasmrt_val_t seen = get(kept);
  CHECK(is_vector(&seen, 1));
  seen = vector(0);
  memset(seen.of.v128, 0, 16);
  seen.of.v128[0] = 40;
  seen.of.v128[12] = 2;
  CHECK(wasmrt_global_set(kept, &seen));
  CHECK(call_i32(&w, "kept_sum", NO_VALS) == 42);
  close_world(&w);
}

TEST(global_refuses_what_does_not_fit) {
  world_t w = open_globals();
  wasm_global_t* kept = wasm_extern_as_global(export_of(&w, "kept"));
  wasm_global_t* constant = wasm_extern_as_global(export_of(&w, "constant"));
  const wasmrt_val_t v = vector(1);
  forget_error();
  CHECK(!wasmrt_global_set(constant, &v) && error_says("WASM_CONST") && get(constant).of.v128[8] == 6);
  CHECK(!wasmrt_global_set(kept, &W_I64(1)) && error_says("of type i64, and the global holds v128") && get(kept).of.v128[0] == 1);
  CHECK(!wasmrt_global_set(kept, NULL) && has_error() && !wasmrt_global_set(NULL, &v) && has_error());
  CHECK(!make(w.store, 'v', WASM_VAR, &W_I32(1)) && has_error() && !make(w.store, 'i', WASM_VAR, &v) && has_error());
  CHECK(!make(w.store, 'v', WASM_VAR, NULL) && has_error() && !make(NULL, 'v', WASM_VAR, &v) && has_error());
  CHECK(!wasmrt_global_new(w.store, NULL, &v) && has_error());
  close_world(&w);
}

TEST(narrow_values_do_not_reach_a_vector) {
  world_t w = open_globals();
  wasm_global_t* kept = wasm_extern_as_global(export_of(&w, "kept"));
  wasm_val_t narrow = {.kind = WASMRT_V128, .of = {.i64 = 77}};
  forget_error();
  wasm_global_set(kept, &narrow);
  CHECK(has_error() && get(kept).of.v128[0] == 1);
  memset(&narrow, 0x5a, sizeof narrow);
  wasm_global_get(kept, &narrow);
  CHECK(narrow.kind == WASM_EXTERNREF && !narrow.of.ref && error_says("v128"));
  own wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new(WASMRT_V128), WASM_VAR);
  narrow = (wasm_val_t){.kind = WASMRT_V128, .of = {.i64 = 77}};
  CHECK(!wasm_global_new(w.store, type, &narrow) && has_error());
  wasm_globaltype_delete(type);
  close_world(&w);
}

TEST(references_in_globals_are_counted) {
  world_t w = open_globals();
  own wasm_global_t* global = make(w.store, 'R', WASM_VAR, &W_NULL);
  wasmrt_val_t value = {.kind = WASM_EXTERNREF, .of = {.ref = wasm_func_as_ref(func_of(&w, "add"))}};
  CHECK(wasmrt_global_set(global, &value));
  own wasmrt_val_t seen = get(global);
  CHECK(seen.kind == WASM_FUNCREF && wasm_ref_same(seen.of.ref, value.of.ref));
  wasmrt_global_get(global, NULL);
  wasmrt_val_delete(&seen);
  wasmrt_val_delete(&seen);
  wasmrt_val_delete(NULL);
  wasm_global_delete(global);
  close_world(&w);
}

TEST(global_of_nothing_is_the_null_reference) {
  forget_error();
  wasmrt_val_t value = get(NULL);
  CHECK(value.kind == WASM_EXTERNREF && !value.of.ref && has_error());
  world_t w = open_globals();
  own wasm_global_t* kept = wasm_global_copy(wasm_extern_as_global(export_of(&w, "kept")));
  close_world(&w);
  value = get(kept);
  CHECK(value.kind == WASM_EXTERNREF && !value.of.ref && has_error());
  value = vector(1);
  CHECK(!wasmrt_global_set(kept, &value) && has_error());
  wasm_global_delete(kept);
}

TEST(imported_global_is_shared) {
  world_t w;
  open_store(&w, "v128_import");
  const wasmrt_val_t v = vector(4);
  own wasm_global_t* global = make(w.store, 'v', WASM_VAR, &v);
  instantiate(&w, IMPORTS(wasm_global_as_extern(global)));
  wasmrt_val_t out[1];
  CHECK(!wasmrt_func_call(func_of(&w, "get"), NULL, 0, out, 1) && is_vector(&out[0], 4));
  const wasmrt_val_t other = vector(5);
  CHECK(!wasmrt_func_call(func_of(&w, "set"), &other, 1, NULL, 0));
  wasm_extern_t* exported = export_of(&w, "global");
  CHECK(exported == wasm_global_as_extern(global));
  const wasmrt_val_t seen = get(global);
  CHECK(is_vector(&seen, 5));
  wasm_global_delete(global);
  close_world(&w);
}
