// Functions: every kind of value through calls in both directions, wrong calls, environments and when they are
// deleted.

#include <math.h>

#include "host.h"

TEST(every_number_comes_back_as_it_went) {
  world_t w = open_world("arithmetic");
  CHECK(call_i32(&w, "add", VALS(I32(INT32_MAX), I32(1))) == INT32_MIN);
  CHECK(call(func_of(&w, "negate"), VALS(I64(INT64_MAX))).of.i64 == -INT64_MAX);
  CHECK(call(func_of(&w, "f32"), VALS(F32(0.1f))).of.f32 == 0.1f);
  CHECK(call(func_of(&w, "f64"), VALS(F64(-0.1))).of.f64 == -0.1);
  CHECK(signbit(call(func_of(&w, "f64"), VALS(F64(-0.0))).of.f64));
  close_world(&w);
}

TEST(bits_of_a_nan_survive_a_call) {
  world_t w = open_world("arithmetic");
  wasm_val_t nan = I64(0x7ff4000000abcdef);
  nan.kind = WASM_F64;
  CHECK(call(func_of(&w, "f64"), VALS(nan)).of.i64 == 0x7ff4000000abcdef);
  wasm_val_t nan32 = I32(0x7fa00abc);
  nan32.kind = WASM_F32;
  CHECK(call(func_of(&w, "f32"), VALS(nan32)).of.i32 == 0x7fa00abc);
  close_world(&w);
}

TEST(twenty_one_arguments_arrive_in_their_places) {
  world_t w = open_world("arithmetic");
  wasm_val_vec_t args = VALS(I32(1), I64(2), F32(3), F64(4), I32(5), I64(6), F32(7), F64(8), I32(9), I64(10), F32(11),
                             F64(12), I32(13), I64(14), F32(15), F64(16), I32(17), I64(18), F32(19), F64(20), I64(21));
  CHECK(call(func_of(&w, "many"), args).of.f64 == 3311);  // the sum of the first 21 squares
  close_world(&w);
}

TEST(several_results_arrive_in_order_with_their_kinds) {
  world_t w = open_world("arithmetic");
  wasm_val_t out[8];  // uninitialised, as callers may leave it
  wasm_val_vec_t results = {4, out};
  CHECK(!wasm_func_call(func_of(&w, "four"), &NO_VALS, &results));
  CHECK(out[0].kind == WASM_I32 && out[0].of.i32 == 1 && out[1].kind == WASM_I64 && out[1].of.i64 == 2);
  CHECK(out[2].kind == WASM_F32 && out[2].of.f32 == 3 && out[3].kind == WASM_F64 && out[3].of.f64 == 4);
  results.size = 8;
  CHECK(!wasm_func_call(func_of(&w, "eight"), &VALS(I32(10)), &results));
  for (int i = 0; i < 8; ++i) CHECK(out[i].kind == WASM_I32 && out[i].of.i32 == 10 + i);
  close_world(&w);
}

TEST(references_pass_through_and_belong_to_the_caller) {
  world_t w = open_world("arithmetic");
  wasm_func_t* add = func_of(&w, "add");
  wasm_val_t ref = {.kind = WASM_FUNCREF, .of = {.ref = wasm_func_as_ref(add)}};
  wasm_val_t back = call(func_of(&w, "funcref"), VALS(ref));
  CHECK(back.kind == WASM_FUNCREF && wasm_ref_same(back.of.ref, ref.of.ref));
  CHECK(call(wasm_ref_as_func(back.of.ref), VALS(I32(2), I32(3))).of.i32 == 5);
  wasm_val_delete(&back);
  ref.kind = WASM_EXTERNREF;  // any object is an externref; either kind is accepted where the object matches
  back = call(func_of(&w, "externref"), VALS(ref));
  CHECK(back.kind == WASM_EXTERNREF && wasm_ref_same(back.of.ref, ref.of.ref));
  wasm_val_delete(&back);
  back = call(func_of(&w, "funcref"), VALS(ref));
  CHECK(back.kind == WASM_FUNCREF && wasm_ref_same(back.of.ref, ref.of.ref));
  wasm_val_delete(&back);
  close_world(&w);
}

TEST(null_references_pass_through_with_the_declared_kind) {
  world_t w = open_world("arithmetic");
  wasm_val_t null = WASM_INIT_VAL;
  wasm_val_t back = call(func_of(&w, "funcref"), VALS(null));
  CHECK(back.kind == WASM_FUNCREF && !back.of.ref);
  back = call(func_of(&w, "externref"), VALS(null));
  CHECK(back.kind == WASM_EXTERNREF && !back.of.ref);
  close_world(&w);
}

TEST(function_knows_its_type_and_arities) {
  world_t w = open_world("arithmetic");
  const wasm_func_t* func = func_of(&w, "four");
  own wasm_functype_t* type = wasm_func_type(func);
  CHECK(wasm_functype_params(type)->size == 0 && wasm_functype_results(type)->size == 4);
  CHECK(wasm_valtype_kind(wasm_functype_results(type)->data[2]) == WASM_F32);
  CHECK(wasm_func_param_arity(func) == 0 && wasm_func_result_arity(func) == 4);
  CHECK(wasm_func_param_arity(func_of(&w, "many")) == 21);
  wasm_functype_delete(type);
  close_world(&w);
}

// --- Host functions ---

typedef struct {
  int calls, finalized;
  wasm_val_t seen[4];
  wasm_valkind_t kinds_before[4];
  bool zero_before;
} witness_t;

static own wasm_trap_t* mirror(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  witness_t* witness = env;
  witness->calls += 1;
  witness->zero_before = true;
  for (size_t i = 0; i < results->size && i < 4; ++i) {
    witness->kinds_before[i] = results->data[i].kind;
    witness->zero_before = witness->zero_before && results->data[i].of.i64 == 0;
  }
  for (size_t i = 0; i < args->size && i < 4; ++i) {
    witness->seen[i] = args->data[i];
    if (i < results->size) results->data[i].of = args->data[i].of;  // the kind stays as it was set
  }
  return NULL;
}

static void count_finalizer(void* env) { ((witness_t*)env)->finalized += 1; }

TEST(host_function_can_be_called_by_the_host) {
  world_t w;
  open_store(&w, NULL);
  witness_t witness = {0};
  own wasm_func_t* func = host_func(w.store, "iIfF", "iIfF", mirror, &witness, count_finalizer);
  wasm_val_t out[4];
  wasm_val_vec_t results = {4, out};
  CHECK(!wasm_func_call(func, &VALS(I32(-1), I64(-2), F32(-3), F64(-4)), &results));
  CHECK(out[0].of.i32 == -1 && out[1].of.i64 == -2 && out[2].of.f32 == -3 && out[3].of.f64 == -4);
  CHECK(out[3].kind == WASM_F64 && witness.calls == 1);
  wasm_func_delete(func);
  close_world(&w);
  CHECK(witness.finalized == 1);
}

TEST(results_of_a_callback_arrive_with_their_kinds_and_zero) {
  world_t w;
  open_store(&w, NULL);
  witness_t witness = {0};
  own wasm_func_t* func = host_func(w.store, "", "IfR", mirror, &witness, NULL);
  wasm_val_t out[3];
  wasm_val_vec_t results = {3, out};
  CHECK(!wasm_func_call(func, &NO_VALS, &results));
  CHECK(witness.kinds_before[0] == WASM_I64 && witness.kinds_before[1] == WASM_F32);
  CHECK(witness.kinds_before[2] == WASM_FUNCREF && witness.zero_before);
  CHECK(out[0].of.i64 == 0 && out[2].of.ref == NULL);
  wasm_func_delete(func);
  close_world(&w);
}

static own wasm_trap_t* plain(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  results->data[0] = I32(args->data[0].of.i32 + 1);
  return NULL;
}

TEST(host_function_without_environment) {
  world_t w;
  open_store(&w, NULL);
  own wasm_functype_t* type = functype_of("i", "i");
  own wasm_func_t* func = wasm_func_new(w.store, type, plain);
  wasm_functype_delete(type);
  CHECK(call(func, VALS(I32(41))).of.i32 == 42);
  wasm_func_delete(func);
  close_world(&w);
}

TEST(wasm_calls_the_host_with_every_kind_of_number) {
  world_t w;
  open_store(&w, "callbacks");
  witness_t witness = {0};
  own wasm_func_t* func = host_func(w.store, "iIfF", "iIfF", mirror, &witness, count_finalizer);
  own wasm_func_t* other = host_func(w.store, "i", "i", mirror, &witness, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(func), wasm_func_as_extern(other)));
  CHECK(call(func_of(&w, "sum"), VALS(I32(1), I64(2), F32(3.5f), F64(4.25))).of.f64 == 10.75);
  CHECK(witness.calls == 1 && witness.seen[2].kind == WASM_F32 && witness.seen[2].of.f32 == 3.5f);
  wasm_func_delete(func);
  wasm_func_delete(other);
  CHECK(witness.finalized == 0);  // the instance still refers to it
  close_world(&w);
  CHECK(witness.finalized == 1);
}

TEST(finalizer_runs_once_however_many_handles_there_were) {
  world_t w;
  open_store(&w, NULL);
  witness_t witness = {0};
  own wasm_func_t* func = host_func(w.store, "i", "i", mirror, &witness, count_finalizer);
  own wasm_func_t* copy = wasm_func_copy(func);
  wasm_func_delete(func);
  CHECK(witness.finalized == 0);
  CHECK(call(copy, VALS(I32(6))).of.i32 == 6);
  wasm_func_delete(copy);
  close_world(&w);
  CHECK(witness.finalized == 1);
}

TEST(finalizer_runs_at_the_latest_with_the_store) {
  world_t w;
  open_store(&w, NULL);
  witness_t witness = {0};
  own wasm_func_t* func = host_func(w.store, "i", "i", mirror, &witness, count_finalizer);
  wasm_store_delete(w.store);
  CHECK(witness.finalized == 1);
  wasm_func_delete(func);
  CHECK(witness.finalized == 1);
  w.store = NULL;
  close_world(&w);
}

TEST(refused_host_function_still_finalizes_its_environment) {
  witness_t witness = {0};
  own wasm_functype_t* type = functype_of("", "");
  CHECK(!wasm_func_new_with_env(NULL, type, mirror, &witness, count_finalizer));
  CHECK(has_error());
  CHECK(witness.finalized == 1);
  wasm_functype_delete(type);
}

// --- Wrong calls ---

TEST(wrong_number_of_arguments_is_a_trap_and_nothing_runs) {
  world_t w;
  open_store(&w, NULL);
  witness_t witness = {0};
  own wasm_func_t* func = host_func(w.store, "i", "i", mirror, &witness, NULL);
  wasm_val_t out[1] = {I64(99)};
  wasm_val_vec_t results = {1, out};
  CHECK(says(wasm_func_call(func, &NO_VALS, &results), "expected 1 argument, got 0"));
  CHECK(says(wasm_func_call(func, &VALS(I32(1), I32(2)), &results), "expected 1 argument, got 2"));
  CHECK(says(wasm_func_call(func, NULL, &results), "expected 1 argument, got 0"));
  CHECK(witness.calls == 0 && out[0].kind == WASM_I64 && out[0].of.i64 == 99);
  wasm_func_delete(func);
  close_world(&w);
}

TEST(argument_of_the_wrong_kind_is_a_trap_and_nothing_runs) {
  world_t w;
  open_store(&w, NULL);
  witness_t witness = {0};
  own wasm_func_t* func = host_func(w.store, "iF", "", mirror, &witness, NULL);
  CHECK(says(wasm_func_call(func, &VALS(I64(1), F64(1)), NULL), "argument 0 is of type i64, expected i32"));
  CHECK(says(wasm_func_call(func, &VALS(I32(1), F32(1)), NULL), "argument 1 is of type f32, expected f64"));
  wasm_val_t reference = WASM_INIT_VAL;
  CHECK(says(wasm_func_call(func, &VALS(I32(1), reference), NULL), "argument 1 is of type externref, expected f64"));
  wasm_val_t odd = {.kind = 99, .of = {.i64 = 0}};
  CHECK(says(wasm_func_call(func, &VALS(odd, F64(1)), NULL), "argument 0 has the unknown kind 99, expected i32"));
  CHECK(witness.calls == 0);
  wasm_func_delete(func);
  close_world(&w);
}

TEST(too_little_room_for_results_gets_the_first_ones) {
  world_t w = open_world("arithmetic");
  wasm_val_t out[3] = {I32(-1), I32(-1), I32(-1)};
  wasm_val_vec_t results = {2, out};
  CHECK(!wasm_func_call(func_of(&w, "four"), &NO_VALS, &results));
  CHECK(out[0].of.i32 == 1 && out[1].of.i64 == 2 && out[2].of.i32 == -1);
  CHECK(!wasm_func_call(func_of(&w, "four"), &NO_VALS, NULL));
  close_world(&w);
}

TEST(too_much_room_for_results_stays_as_it_is) {
  world_t w = open_world("arithmetic");
  wasm_val_t out[3] = {I32(-1), I64(-2), I64(-3)};
  wasm_val_vec_t results = {3, out};
  CHECK(!wasm_func_call(func_of(&w, "add"), &VALS(I32(1), I32(1)), &results));
  CHECK(out[0].of.i32 == 2 && out[1].of.i64 == -2 && out[2].of.i64 == -3);
  close_world(&w);
}

TEST(results_stay_untouched_by_a_trap) {
  world_t w = open_world("traps");
  wasm_val_t out[1] = {I64(77)};
  wasm_val_vec_t results = {1, out};
  CHECK(says(wasm_func_call(func_of(&w, "divide_by_zero"), &NO_VALS, &results), "integer divide by zero"));
  CHECK(out[0].kind == WASM_I64 && out[0].of.i64 == 77);
  close_world(&w);
}

TEST(export_can_be_called_when_its_module_and_instance_are_gone) {
  world_t w = open_world("state");
  own wasm_func_t* func = wasm_func_copy(func_of(&w, "count"));
  wasm_extern_vec_delete(&w.exports);
  wasm_instance_delete(w.instance);
  wasm_module_delete(w.module);
  w.instance = NULL;
  w.module = NULL;
  CHECK(call(func, NO_VALS).of.i32 == 1);
  CHECK(call(func, NO_VALS).of.i32 == 2);
  wasm_func_delete(func);
  close_world(&w);
}

TEST(host_function_with_a_hundred_parameters_and_results) {
  char letters[101];
  for (int i = 0; i < 100; ++i) letters[i] = "iIfF"[i % 4];
  letters[100] = 0;
  world_t w;
  open_store(&w, NULL);
  witness_t witness = {0};
  own wasm_func_t* func = host_func(w.store, letters, letters, mirror, &witness, NULL);
  wasm_val_t in[100], out[100];
  for (int i = 0; i < 100; ++i) in[i] = i % 4 == 0 ? I32(i) : i % 4 == 1 ? I64(i) : i % 4 == 2 ? F32((float)i) : F64(i);
  wasm_val_vec_t args = {100, in}, results = {100, out};
  CHECK(!wasm_func_call(func, &args, &results));
  CHECK(out[3].of.f64 == 3 && out[99].kind == WASM_F64);
  wasm_func_delete(func);
  close_world(&w);
}
