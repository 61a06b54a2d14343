// The vector of results belongs to the callback: it may write into it, delete it, and replace it. Deleting what
// was lent, results and arguments, does no harm.

#include "host.h"

// A host function of two results, and how its callback returns them.
typedef struct {
  void (*give)(wasm_val_vec_t* results, wasm_val_t first, wasm_val_t second);
  const char* trap;
  wasm_store_t* store;
} giver_t;

static void write(wasm_val_vec_t* results, wasm_val_t first, wasm_val_t second) {
  results->data[0] = first;
  results->data[1] = second;
}

static void make(wasm_val_vec_t* results, wasm_val_t first, wasm_val_t second) {
  wasm_val_vec_new(results, 2, (wasm_val_t[]){first, second});
}

static void delete_and_make(wasm_val_vec_t* results, wasm_val_t first, wasm_val_t second) {
  wasm_val_vec_delete(results);
  CHECK(results->size == 0 && !results->data);
  make(results, first, second);
}

static void make_and_delete(wasm_val_vec_t* results, wasm_val_t first, wasm_val_t second) {
  wasm_val_vec_t lent = *results;
  make(results, first, second);
  wasm_val_vec_delete(&lent);
}

static void make_uninitialized(wasm_val_vec_t* results, wasm_val_t first, wasm_val_t second) {
  wasm_val_vec_new_uninitialized(results, 2);
  write(results, first, second);
}

static void write_and_move(wasm_val_vec_t* results, wasm_val_t first, wasm_val_t second) {
  write(results, first, second);
  wasm_val_vec_new(results, 2, results->data);
}

static void write_and_copy(wasm_val_vec_t* results, wasm_val_t first, wasm_val_t second) {
  write(results, first, second);
  wasm_val_vec_t lent = *results;
  wasm_val_vec_copy(results, &lent);
  wasm_val_vec_delete(&lent);
}

static void write_twice(wasm_val_vec_t* results, wasm_val_t first, wasm_val_t second) {
  wasm_val_t copies[2];
  wasm_val_copy(&copies[0], &first);
  wasm_val_copy(&copies[1], &second);
  write(results, first, second);
  delete_and_make(results, copies[0], copies[1]);
}

static void (*const ways[])(wasm_val_vec_t*, wasm_val_t, wasm_val_t) = {
    write, make, delete_and_make, make_and_delete, make_uninitialized, write_and_move, write_and_copy, write_twice};
#define EACH_WAY(i) for (size_t i = 0; i < sizeof ways / sizeof *ways; ++i)

// Returns its arguments in reverse order.
static own wasm_trap_t* swap(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  const giver_t* giver = env;
  wasm_val_t first, second;
  wasm_val_copy(&first, &args->data[1]);
  wasm_val_copy(&second, &args->data[0]);
  giver->give(results, first, second);
  return giver->trap ? trap_saying(giver->store, giver->trap) : NULL;
}

TEST(numbers_in_a_vector_of_the_callbacks_own_are_the_results) {
  world_t w;
  open_store(&w, NULL);
  EACH_WAY(i) {
    giver_t giver = {.give = ways[i]};
    own wasm_func_t* func = host_func(w.store, "Ff", "fF", swap, &giver, NULL);
    wasm_val_t out[2];
    for (int n = 0; n < 3; ++n) {
      CHECK(!wasm_func_call(func, &VALS(F64(n + 0.5), F32(n)), &(wasm_val_vec_t){2, out}));
      CHECK(out[0].kind == WASM_F32 && out[0].of.f32 == (float)n);
      CHECK(out[1].kind == WASM_F64 && out[1].of.f64 == n + 0.5);
    }
    wasm_func_delete(func);
  }
  close_world(&w);
}

// Whether wasm that calls `swap` gets the same objects, in the order in which they were given.
static void check_swapped(const world_t* w, const char* name, wasm_val_t object, wasm_val_t func) {
  wasm_val_t out[2];
  CHECK(!wasm_func_call(func_of(w, name), &VALS(object, func), &(wasm_val_vec_t){2, out}));
  CHECK(out[0].kind == WASM_FUNCREF && wasm_ref_same(out[0].of.ref, func.of.ref));
  CHECK(out[1].kind == WASM_EXTERNREF && wasm_ref_same(out[1].of.ref, object.of.ref));
  wasm_val_delete(&out[0]);
  wasm_val_delete(&out[1]);
}

static void open_swap(world_t* w, wasm_func_callback_with_env_t callback, void* env) {
  open_store(w, "references");
  own wasm_func_t* func = host_func(w->store, "rR", "Rr", callback, env, NULL);
  instantiate(w, IMPORTS(wasm_func_as_extern(func)));
  wasm_func_delete(func);
}

static wasm_val_t funcref(wasm_func_t* func) {
  return (wasm_val_t){.kind = WASM_FUNCREF, .of = {.ref = wasm_func_as_ref(func)}};
}

TEST(references_in_a_vector_of_the_callbacks_own_are_the_results) {
  EACH_WAY(i) {
    giver_t giver = {.give = ways[i]};
    world_t w;
    open_swap(&w, swap, &giver);
    own wasm_foreign_t* object = wasm_foreign_new(w.store);
    for (int n = 0; n < 3; ++n) {
      check_swapped(&w, "swap", (wasm_val_t)WASM_REF_VAL(wasm_foreign_as_ref(object)), funcref(func_of(&w, "seven")));
    }
    wasm_foreign_delete(object);
    close_world(&w);
  }
}

TEST(results_of_a_callback_that_traps_are_deleted_wherever_they_are) {
  EACH_WAY(i) {
    giver_t giver = {.give = ways[i], .trap = "not today"};
    world_t w;
    open_swap(&w, swap, &giver);
    giver.store = w.store;
    own wasm_foreign_t* object = wasm_foreign_new(w.store);
    wasm_val_vec_t args = VALS(WASM_REF_VAL(wasm_foreign_as_ref(object)), funcref(func_of(&w, "seven")));
    CHECK(says(call_trap(func_of(&w, "swap"), args), "not today"));
    own wasm_func_t* numbers = host_func(w.store, "iI", "Ii", swap, &giver, NULL);
    CHECK(says(call_trap(numbers, VALS(I32(1), I64(2))), "not today"));
    wasm_func_delete(numbers);
    wasm_foreign_delete(object);
    close_world(&w);
  }
}

TEST(kinds_in_a_vector_of_the_callbacks_own_are_checked) {
  world_t w;
  open_store(&w, NULL);
  EACH_WAY(i) {
    giver_t giver = {.give = ways[i]};
    own wasm_foreign_t* object = wasm_foreign_new(w.store);
    own wasm_func_t* wrong = host_func(w.store, "ri", "ir", swap, &giver, NULL);
    wasm_val_vec_t args = VALS(WASM_REF_VAL(wasm_foreign_as_ref(object)), I32(7));
    wasm_val_t out[2] = {WASM_INIT_VAL, WASM_INIT_VAL};
    CHECK(!wasm_func_call(wrong, &args, &(wasm_val_vec_t){2, out}));
    wasm_val_delete(&out[1]);
    wasm_func_delete(wrong);
    wrong = host_func(w.store, "ri", "ri", swap, &giver, NULL);
    CHECK(says(call_trap(wrong, args), "a value of the wrong type: result 0 is i32, expected externref"));
    wasm_func_delete(wrong);
    wrong = host_func(w.store, "iI", "iI", swap, &giver, NULL);
    CHECK(says(call_trap(wrong, VALS(I32(1), I64(2))), "a value of the wrong type: result 0 is i64, expected i32"));
    wasm_func_delete(wrong);
    wasm_foreign_delete(object);
  }
  close_world(&w);
}

// Replaces the results by as many copies of its first argument as `env` says.
static own wasm_trap_t* give_many(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  wasm_val_vec_new_uninitialized(results, *(size_t*)env);
  for (size_t i = 0; i < results->size; ++i) wasm_val_copy(&results->data[i], &args->data[0]);
  return NULL;
}

static void check_many(wasm_store_t* store, const char* params, const char* results, wasm_val_t arg) {
  for (size_t many = 0; many < 5; ++many) {
    own wasm_func_t* func = host_func(store, params, results, give_many, &many, NULL);
    wasm_val_t out[4];
    wasm_val_vec_t vector = {strlen(results), out};
    own wasm_trap_t* trap = wasm_func_call(func, &VALS(arg), &vector);
    if (many == vector.size) {
      CHECK(!trap);
      for (size_t i = 0; i < many; ++i) wasm_val_delete(&out[i]);
    } else {
      char words[80];
      snprintf(words, sizeof words, "a host function returned %zu results, expected %zu", many, vector.size);
      CHECK(says(trap, words));
    }
    wasm_func_delete(func);
  }
}

TEST(vector_of_another_size_is_a_trap_that_says_so) {
  world_t w;
  open_store(&w, NULL);
  own wasm_foreign_t* object = wasm_foreign_new(w.store);
  wasm_val_t reference = WASM_REF_VAL(wasm_foreign_as_ref(object));
  check_many(w.store, "i", "", I32(1));
  check_many(w.store, "i", "i", I32(1));
  check_many(w.store, "i", "ii", I32(1));
  check_many(w.store, "r", "", reference);
  check_many(w.store, "r", "r", reference);
  check_many(w.store, "r", "rrr", reference);
  wasm_foreign_delete(object);
  close_world(&w);
}

static own wasm_trap_t* delete_results(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  (void)args;
  wasm_val_vec_delete(results);
  wasm_val_vec_delete(results);
  return NULL;
}

TEST(deleted_results_are_missing) {
  world_t w;
  open_store(&w, NULL);
  own wasm_func_t* none = host_func(w.store, "", "", delete_results, NULL, NULL);
  CHECK(!wasm_func_call(none, &NO_VALS, NULL));
  own wasm_func_t* some = host_func(w.store, "", "iR", delete_results, NULL, NULL);
  CHECK(says(call_trap(some, NO_VALS), "a host function returned 0 results, expected 2"));
  wasm_func_delete(none);
  wasm_func_delete(some);
  close_world(&w);
}

// Deletes its arguments although they are lent, all at once or one by one.
static own wasm_trap_t* delete_args(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  own wasm_trap_t* trap = swap(env, args, results);
  wasm_val_vec_t lent = *args;
  wasm_val_delete(&lent.data[0]);
  wasm_val_vec_delete(&lent);
  return trap;
}

TEST(deleting_lent_arguments_does_no_harm) {
  EACH_WAY(i) {
    giver_t giver = {.give = ways[i]};
    world_t w;
    open_swap(&w, delete_args, &giver);
    own wasm_foreign_t* object = wasm_foreign_new(w.store);
    for (int n = 0; n < 3; ++n) {
      check_swapped(&w, "swap", (wasm_val_t)WASM_REF_VAL(wasm_foreign_as_ref(object)), funcref(func_of(&w, "seven")));
    }
    own wasm_func_t* numbers = host_func(w.store, "iI", "Ii", delete_args, &giver, NULL);
    wasm_val_t out[2];
    CHECK(!wasm_func_call(numbers, &VALS(I32(1), I64(2)), &(wasm_val_vec_t){2, out}));
    CHECK(out[0].of.i64 == 2 && out[1].of.i32 == 1);
    wasm_func_delete(numbers);
    wasm_foreign_delete(object);
    close_world(&w);
  }
}

// Returns the arguments as the results, without copying them.
static own wasm_trap_t* lend_on(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  *results = *args;
  return NULL;
}

TEST(arguments_are_not_to_be_returned_as_a_vector) {
  world_t w;
  open_store(&w, NULL);
  own wasm_foreign_t* object = wasm_foreign_new(w.store);
  own wasm_func_t* numbers = host_func(w.store, "i", "i", lend_on, NULL, NULL);
  CHECK(says(call_trap(numbers, VALS(I32(1))), "a vector that it does not own"));
  own wasm_func_t* references = host_func(w.store, "r", "r", lend_on, NULL, NULL);
  wasm_val_t reference = WASM_REF_VAL(wasm_foreign_as_ref(object));
  CHECK(says(call_trap(references, VALS(reference)), "a vector that it does not own"));
  wasm_func_delete(numbers);
  wasm_func_delete(references);
  wasm_foreign_delete(object);
  close_world(&w);
}

// The same freedom with wide values, where there is an array and no vector.
static own wasm_trap_t* delete_wide(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results,
                                    size_t n_results) {
  (void)env;
  CHECK(n_args == 1 && n_results == 1);
  results[0] = args[0];
  results[0].of.ref = wasm_ref_copy(args[0].of.ref);
  wasmrt_val_delete((wasmrt_val_t*)args);
  return NULL;
}

TEST(deleting_lent_wide_arguments_does_no_harm) {
  world_t w;
  open_store(&w, NULL);
  own wasm_foreign_t* object = wasm_foreign_new(w.store);
  own wasm_functype_t* type = functype_of("r", "r");
  own wasm_func_t* func = wasmrt_func_new(w.store, type, delete_wide, NULL, NULL);
  wasm_functype_delete(type);
  wasm_val_t out[1];
  wasm_val_t reference = WASM_REF_VAL(wasm_foreign_as_ref(object));
  CHECK(!wasm_func_call(func, &VALS(reference), &(wasm_val_vec_t){1, out}));
  CHECK(wasm_ref_same(out[0].of.ref, wasm_foreign_as_ref(object)));
  wasm_val_delete(&out[0]);
  wasm_func_delete(func);
  wasm_foreign_delete(object);
  close_world(&w);
}
