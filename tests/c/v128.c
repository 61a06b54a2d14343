// Values with room for a v128: calls and host functions of every type.

#include "wide.h"

#define LADDER_PARAMS "vivfvIvFvvvvvvFviIIIv"
#define LADDER_RESULTS "vIvvvvvvvvviFv"
enum { LADDER_IN = 21, LADDER_OUT = 14 };

static int calls;

static own wasm_trap_t* swap(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results, size_t n_results) {
  (void)env;
  CHECK(n_args == 2 && n_results == 2);
  static const uint8_t zeros[16];
  CHECK(results[0].kind == WASMRT_V128 && memcmp(results[0].of.v128, zeros, 16) == 0);
  ++calls;
  results[0] = args[1];
  results[1] = args[0];
  return NULL;
}

// The n-th value of a list of types, with the seed n for vectors.
static wasmrt_val_t nth(const char* types, size_t n) {
  const int number = (int)n + 1;
  switch (types[n]) {
    case 'i': return W_I32(-number);
    case 'I': return W_I64(-number * INT64_C(1000000000));
    case 'f': return W_F32((float)number / 4);
    case 'F': return W_F64(number / 8.0);
    default: return vector(number);
  }
}

static bool same(const wasmrt_val_t* a, const wasmrt_val_t* b) {
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case WASM_I32: return a->of.i32 == b->of.i32;
    case WASM_I64: return a->of.i64 == b->of.i64;
    case WASM_F32: return a->of.f32 == b->of.f32;
    case WASM_F64: return a->of.f64 == b->of.f64;
    default: return memcmp(a->of.v128, b->of.v128, 16) == 0;
  }
}

static own wasm_trap_t* ladder(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results,
                               size_t n_results) {
  (void)env;
  CHECK(n_args == LADDER_IN && n_results == LADDER_OUT);
  for (size_t i = 0; i < n_args; ++i) {
    const wasmrt_val_t expected = nth(LADDER_PARAMS, i);
    CHECK(same(&args[i], &expected));
  }
  for (size_t i = 0; i < n_results; ++i) results[i] = nth(LADDER_RESULTS, i);
  ++calls;
  return NULL;
}

// Returns its references in reverse order.
static own wasm_trap_t* refs(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results, size_t n_results) {
  (void)env;
  CHECK(n_args == 3 && n_results == 3);
  CHECK(args[0].kind == WASM_EXTERNREF && args[2].kind == WASM_FUNCREF && is_vector(&args[1], 9));
  CHECK(results[0].kind == WASM_FUNCREF && !results[0].of.ref && results[2].kind == WASM_EXTERNREF && !results[2].of.ref);
  results[0].of.ref = wasm_ref_copy(args[2].of.ref);
  results[1] = args[1];
  results[2].of.ref = wasm_ref_copy(args[0].of.ref);
  return NULL;
}

static world_t open_vectors(void) {
  world_t w;
  open_store(&w, "v128");
  own wasm_func_t* a = wide_func(w.store, "vv", "vv", swap, NULL);
  own wasm_func_t* b = wide_func(w.store, LADDER_PARAMS, LADDER_RESULTS, ladder, NULL);
  own wasm_func_t* c = wide_func(w.store, "rvR", "Rvr", refs, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(a), wasm_func_as_extern(b), wasm_func_as_extern(c)));
  wasm_func_delete(a);
  wasm_func_delete(b);
  wasm_func_delete(c);
  return w;
}

static own wasm_trap_t* run(const wasm_func_t* func, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* out, size_t n) {
  return wasmrt_func_call(func, args, n_args, out, n);
}

TEST(kind_of_vectors_makes_a_value_type) {
  own wasm_valtype_t* type = wasm_valtype_new(WASMRT_V128);
  own wasm_valtype_t* copy = wasm_valtype_copy(type);
  CHECK(wasm_valtype_kind(type) == WASMRT_V128 && wasm_valtype_kind(copy) == WASMRT_V128);
  CHECK(wasm_valkind_is_num(wasm_valtype_kind(type)));
  wasm_valtype_delete(copy);
  wasm_valtype_delete(type);
}

TEST(vectors_go_in_and_come_out) {
  world_t w = open_vectors();
  wasmrt_val_t args[] = {vector(1), vector(2)}, out[1];
  args[0].of.v128[0] = 200;
  args[1].of.v128[0] = 100;
  fill(out, 1);
  CHECK(!run(func_of(&w, "add"), args, 2, out, 1));
  CHECK(out[0].kind == WASMRT_V128 && out[0].of.v128[0] == 300 - 256 && out[0].of.v128[1] == 17 + 33 + 1);
  CHECK(!run(func_of(&w, "splat"), &W_I32(7), 1, out, 1));
  CHECK(out[0].of.v128[0] == 7 && out[0].of.v128[15] == 7);
  close_world(&w);
}

TEST(vectors_reach_the_host_and_return) {
  world_t w = open_vectors();
  const wasmrt_val_t args[] = {vector(3), vector(4)};
  wasmrt_val_t out[3];
  calls = 0;
  for (int i = 0; i < 1000; ++i) {
    fill(out, 3);
    CHECK(!run(func_of(&w, "swap"), args, 2, out, 2));
    CHECK(is_vector(&out[0], 4) && is_vector(&out[1], 3) && is_filled(&out[2], 1));
  }
  CHECK(calls == 1000);
  close_world(&w);
}

TEST(vectors_beyond_the_registers_keep_their_places) {
  world_t w = open_vectors();
  wasmrt_val_t args[LADDER_IN], out[LADDER_OUT + 2];
  for (size_t i = 0; i < LADDER_IN; ++i) args[i] = nth(LADDER_PARAMS, i);
  for (int round = 0; round < 3; ++round) {
    fill(out, LADDER_OUT + 2);
    calls = 0;
    CHECK(!run(func_of(&w, "ladder"), args, LADDER_IN, out, LADDER_OUT + 2));
    CHECK(calls == 1 && is_filled(&out[LADDER_OUT], 2));
    for (size_t i = 0; i < LADDER_OUT; ++i) {
      const wasmrt_val_t expected = nth(LADDER_RESULTS, i);
      CHECK(same(&out[i], &expected));
    }
  }
  close_world(&w);
}

TEST(host_function_can_be_called_by_the_host) {
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* func = wide_func(w.store, LADDER_PARAMS, LADDER_RESULTS, ladder, NULL);
  wasmrt_val_t args[LADDER_IN], out[LADDER_OUT];
  for (size_t i = 0; i < LADDER_IN; ++i) args[i] = nth(LADDER_PARAMS, i);
  CHECK(!run(func, args, LADDER_IN, out, LADDER_OUT));
  const wasmrt_val_t last = nth(LADDER_RESULTS, LADDER_OUT - 1);
  CHECK(same(&out[LADDER_OUT - 1], &last));
  own wasm_functype_t* type = wasm_func_type(func);
  const wasm_valtype_vec_t* params = wasm_functype_params(type);
  CHECK(params->size == LADDER_IN && wasm_valtype_kind(params->data[2]) == WASMRT_V128);
  wasm_functype_delete(type);
  wasm_func_delete(func);
  close_world(&w);
}

TEST(types_without_vectors_are_called_too) {
  world_t w = open_vectors();
  const wasmrt_val_t args[] = {W_I32(-1), W_I64(INT64_MIN), W_F32(0.5f), W_F64(0.25)};
  wasmrt_val_t out[4];
  fill(out, 4);
  CHECK(!run(func_of(&w, "plain"), args, 4, out, 4));
  CHECK(same(&out[0], &args[3]) && same(&out[1], &args[2]) && same(&out[2], &args[1]) && same(&out[3], &args[0]));
  CHECK(!run(func_of(&w, "keep"), &(wasmrt_val_t){.kind = WASMRT_V128}, 1, NULL, 0));
  CHECK(!run(func_of(&w, "kept_sum"), NULL, 0, out, 1));
  CHECK(out[0].kind == WASM_I32 && out[0].of.i32 == 0);
  close_world(&w);
}

TEST(fewer_places_than_results_get_the_first_ones) {
  world_t w = open_vectors();
  const wasmrt_val_t args[] = {vector(3), vector(4)};
  wasmrt_val_t out[2];
  fill(out, 2);
  calls = 0;
  CHECK(!run(func_of(&w, "swap"), args, 2, out, 1));
  CHECK(is_vector(&out[0], 4) && is_filled(&out[1], 1));
  CHECK(!run(func_of(&w, "swap"), args, 2, NULL, 0));
  CHECK(calls == 2);
  close_world(&w);
}

TEST(arguments_that_do_not_fit_are_named) {
  world_t w = open_vectors();
  const wasm_func_t* func = func_of(&w, "swap");
  const wasmrt_val_t args[] = {vector(3), W_I64(4), vector(4)};
  wasmrt_val_t out[2];
  fill(out, 2);
  calls = 0;
  CHECK(says(run(func, args, 1, out, 2), "expected 2 arguments, got 1"));
  CHECK(says(run(func, args, 3, out, 2), "expected 2 arguments, got 3"));
  CHECK(says(run(func, args, 2, out, 2), "argument 1 is of type i64, expected v128"));
  CHECK(says(run(func, NULL, 2, out, 2), "arguments have a size"));
  CHECK(says(run(func, args, SIZE_MAX, out, 2), "expected 2"));
  const wasmrt_val_t good[] = {vector(3), vector(4)};
  CHECK(says(run(func, good, 2, NULL, 2), "results have a size"));
  CHECK(calls == 0 && is_filled(out, 2));
  forget_error();
  CHECK(says(run(NULL, good, 2, out, 2), "the function is NULL"));
  CHECK(has_error() && is_filled(out, 2));
  close_world(&w);
}

TEST(narrow_calls_of_vectors_trap_in_words) {
  world_t w = open_vectors();
  CHECK(says(call_trap(func_of(&w, "splat"), VALS(I32(1))), "v128"));
  wasm_val_t vectors[] = {{.kind = WASMRT_V128, .of = {.i64 = 1}}, {.kind = WASMRT_V128, .of = {.i64 = 1}}};
  wasm_val_vec_t args = {2, vectors};
  calls = 0;
  CHECK(says(call_trap(func_of(&w, "swap"), args), "v128") && calls == 0);
  // The same once the wide stub was used.
  const wasmrt_val_t one = W_I32(1);
  wasmrt_val_t out[1];
  CHECK(!run(func_of(&w, "splat"), &one, 1, out, 1));
  CHECK(says(call_trap(func_of(&w, "splat"), VALS(I32(1))), "v128"));
  close_world(&w);
}

TEST(trap_leaves_the_results_alone) {
  world_t w = open_vectors();
  const wasmrt_val_t args[] = {vector(3), W_I32(0)};
  wasmrt_val_t out[1];
  fill(out, 1);
  CHECK(says(run(func_of(&w, "divide"), args, 2, out, 1), "integer divide by zero") && is_filled(out, 1));
  CHECK(says(run(func_of(&w, "deeper"), args, 1, out, 1), "call stack exhausted") && is_filled(out, 1));
  CHECK(says(run(func_of(&w, "load"), &W_I32(65521), 1, out, 1), "out of bounds") && is_filled(out, 1));
  CHECK(!run(func_of(&w, "load"), &W_I32(65520), 1, out, 1) && out[0].kind == WASMRT_V128);
  close_world(&w);
}

TEST(references_travel_beside_vectors) {
  world_t w = open_vectors();
  wasm_ref_t* func = wasm_func_as_ref(func_of(&w, "add"));
  own wasm_ref_t* object = wasm_func_as_ref(wide_func(w.store, "v", "", swap, NULL));
  wasmrt_val_t args[] = {{.kind = WASM_EXTERNREF}, vector(9), {.kind = WASM_FUNCREF}}, out[3];
  args[0].of.ref = object;
  args[2].of.ref = func;
  fill(out, 3);
  CHECK(!run(func_of(&w, "refs"), args, 3, out, 3));
  CHECK(out[0].kind == WASM_FUNCREF && wasm_ref_same(out[0].of.ref, func));
  CHECK(out[2].kind == WASM_EXTERNREF && wasm_ref_same(out[2].of.ref, object) && is_vector(&out[1], 9));
  for (int i = 0; i < 3; ++i) wasmrt_val_delete(&out[i]);
  CHECK(!out[0].of.ref && !out[2].of.ref && is_vector(&out[1], 9));
  // Either kind is accepted, null is null, and superfluous references are given back.
  args[0].kind = WASM_FUNCREF;
  args[2] = W_NULL;
  CHECK(!run(func_of(&w, "refs"), args, 3, out, 1));
  CHECK(out[0].kind == WASM_FUNCREF && !out[0].of.ref);
  args[2] = (wasmrt_val_t){.kind = WASM_EXTERNREF, .of = {.ref = object}};
  CHECK(!run(func_of(&w, "refs"), args, 3, NULL, 0));
  wasm_ref_delete(object);
  close_world(&w);
}

TEST(references_of_another_store_are_refused) {
  world_t w = open_vectors(), other = open_vectors();
  wasmrt_val_t args[] = {W_NULL, vector(9), {.kind = WASM_FUNCREF}}, out[3];
  args[2].of.ref = wasm_func_as_ref(func_of(&other, "add"));
  fill(out, 3);
  CHECK(says(run(func_of(&w, "refs"), args, 3, out, 3), "another store") && is_filled(out, 3));
  close_world(&other);
  close_world(&w);
}

// --- Host functions that misbehave ---

typedef struct {
  wasm_store_t* store;
  wasm_ref_t* reference;
  int mistake;
} clumsy_t;

// Returns v128 and externref; what goes wrong is a number.
static own wasm_trap_t* clumsy(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results, size_t n_results) {
  const clumsy_t* c = env;
  CHECK(!args && n_args == 0);
  CHECK(n_results == 2);
  results[0] = vector(5);
  results[1] = (wasmrt_val_t){.kind = WASM_EXTERNREF, .of = {.ref = wasm_ref_copy(c->reference)}};
  switch (c->mistake) {
    case 1: results[0] = W_I64(5); break;
    case 2: results[1].kind = WASM_I64; wasm_ref_delete(results[1].of.ref); break;
    case 3: return trap_saying(c->store, "no");
    default: break;
  }
  return NULL;
}

TEST(results_of_the_wrong_kind_are_a_trap) {
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* object = wide_func(w.store, "v", "", swap, NULL);
  clumsy_t c = {w.store, wasm_func_as_ref(object), 0};
  own wasm_func_t* func = wide_func(w.store, "", "vr", clumsy, &c);
  wasmrt_val_t out[2];
  static const char* const words[] = {"", "wrong type", "wrong type", "no"};
  for (c.mistake = 1; c.mistake <= 3; ++c.mistake) {
    fill(out, 2);
    own wasm_trap_t* trap = run(func, NULL, 0, out, 2);
    CHECK(wasmrt_trap_code(trap) == (c.mistake < 3 ? WASMRT_TRAP_BAD_HOST_RESULT : WASMRT_TRAP_NONE));
    CHECK(says(trap, words[c.mistake]) && is_filled(out, 2));
  }
  c.mistake = 0;
  CHECK(!run(func, NULL, 0, out, 2));
  CHECK(is_vector(&out[0], 5) && wasm_ref_same(out[1].of.ref, c.reference));
  wasmrt_val_delete(&out[1]);
  wasm_func_delete(func);
  wasm_func_delete(object);
  close_world(&w);
}

static own wasm_trap_t* foreign(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results, size_t n_results) {
  (void)args, (void)n_args, (void)n_results;
  results[0] = (wasmrt_val_t){.kind = WASM_FUNCREF, .of = {.ref = wasm_ref_copy(env)}};
  return NULL;
}

TEST(result_of_another_store_is_a_trap) {
  world_t w = open_vectors(), other = open_vectors();
  own wasm_func_t* func = wide_func(w.store, "", "R", foreign, wasm_func_as_ref(func_of(&other, "add")));
  wasmrt_val_t out[1];
  CHECK(says(run(func, NULL, 0, out, 1), "another store"));
  wasm_func_delete(func);
  close_world(&other);
  close_world(&w);
}

// Enters the store again, as long as its argument says.
static own wasm_trap_t* again(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results, size_t n_results) {
  wasm_func_t* const* self = env;
  CHECK(n_args == 2 && n_results == 1);
  if (args[0].of.i32 == 0) {
    results[0] = args[1];
    return NULL;
  }
  wasmrt_val_t next[] = {W_I32(args[0].of.i32 - 1), args[1]};
  ++next[1].of.v128[15];
  return wasmrt_func_call(*self, next, 2, results, 1);
}

TEST(host_functions_enter_the_store_again) {
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* func = NULL;
  func = wide_func(w.store, "iv", "v", again, &func);
  const wasmrt_val_t args[] = {W_I32(100), vector(0)};
  wasmrt_val_t out[1];
  CHECK(!run(func, args, 2, out, 1));
  CHECK(out[0].of.v128[15] == 115 && out[0].of.v128[14] == 14);
  const wasmrt_val_t many[] = {W_I32(1000000), vector(0)};
  CHECK(says(run(func, many, 2, out, 1), "call stack exhausted"));
  wasm_func_delete(func);
  close_world(&w);
}

TEST(wide_host_function_without_vectors_serves_narrow_calls) {
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* func = wide_func(w.store, "", "R", foreign, NULL);
  wasm_val_t out[1] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_EMPTY_VEC, results = WASM_ARRAY_VEC(out);
  CHECK(!wasm_func_call(func, &args, &results));
  CHECK(out[0].kind == WASM_FUNCREF && !out[0].of.ref);
  wasm_func_delete(func);
  close_world(&w);
}

static void count(void* env) { ++*(int*)env; }

TEST(finalizer_of_the_environment_runs_once) {
  world_t w;
  open_store(&w, NULL);
  own wasm_functype_t* type = wide_type("v", "v");
  int runs = 0;
  CHECK(!wasmrt_func_new(NULL, type, swap, &runs, count) && runs == 1);
  CHECK(!wasmrt_func_new(w.store, NULL, swap, &runs, count) && runs == 2);
  CHECK(!wasmrt_func_new(w.store, type, NULL, &runs, count) && runs == 3);
  own wasm_func_t* func = wasmrt_func_new(w.store, type, swap, &runs, count);
  CHECK(func && runs == 3);
  wasm_functype_delete(type);
  wasm_func_delete(func);
  close_world(&w);
  CHECK(runs == 4);
}

TEST(function_of_a_deleted_store_traps) {
  world_t w = open_vectors();
  own wasm_func_t* func = wasm_func_copy(func_of(&w, "add"));
  close_world(&w);
  const wasmrt_val_t args[] = {vector(1), vector(2)};
  wasmrt_val_t out[1];
  fill(out, 1);
  forget_error();
  CHECK(says(run(func, args, 2, out, 1), "the store of the function has been deleted"));
  CHECK(has_error() && is_filled(out, 1));
  wasm_func_delete(func);
}

// Deletes the store from within and returns.
static own wasm_trap_t* last(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results, size_t n_results) {
  (void)n_args, (void)n_results;
  wasm_store_delete(env);
  results[0] = args[0];
  return NULL;
}

TEST(store_deleted_by_a_host_function_goes_after_the_call) {
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* func = wide_func(w.store, "v", "v", last, w.store);
  const wasmrt_val_t args[] = {vector(6)};
  wasmrt_val_t out[1];
  CHECK(!run(func, args, 1, out, 1) && is_vector(&out[0], 6));
  wasm_func_delete(func);
  wasm_engine_delete(w.engine);
}
