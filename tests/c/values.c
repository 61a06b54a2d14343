// Values: numbers are copied, references are handles with an owner.

#include "host.h"

TEST(numbers_are_copied_bit_by_bit) {
  static const wasm_val_t all[] = {WASM_I32_VAL(INT32_MIN), WASM_I64_VAL(INT64_MIN), WASM_F32_VAL(-0.0f),
                                   WASM_F64_VAL(1e300)};
  for (size_t i = 0; i < 4; ++i) {
    wasm_val_t copy;
    memset(&copy, 0x5a, sizeof copy);
    wasm_val_copy(&copy, &all[i]);
    CHECK(copy.kind == all[i].kind && copy.of.i64 << (i % 2 ? 0 : 32) == all[i].of.i64 << (i % 2 ? 0 : 32));
    wasm_val_delete(&copy);
  }
}

TEST(null_references_can_be_copied_and_deleted) {
  wasm_val_t null = WASM_INIT_VAL, copy;
  memset(&copy, 0x5a, sizeof copy);
  wasm_val_copy(&copy, &null);
  CHECK(copy.kind == WASM_EXTERNREF && !copy.of.ref);
  wasm_val_delete(&copy);
  wasm_val_delete(&null);
  wasm_val_delete(NULL);
  memset(&copy, 0x5a, sizeof copy);
  wasm_val_copy(&copy, NULL);
  CHECK(wasm_valkind_is_ref(copy.kind) && !copy.of.ref);
}

TEST(copy_of_a_reference_outlives_the_original) {
  world_t w = open_world("state");
  own wasm_func_t* func = wasm_func_copy(func_of(&w, "seven"));
  wasm_val_t original = {.kind = WASM_FUNCREF, .of = {.ref = wasm_func_as_ref(func)}};
  wasm_val_t copy;
  wasm_val_copy(&copy, &original);
  CHECK(copy.kind == WASM_FUNCREF && copy.of.ref);
  CHECK(wasm_ref_same(copy.of.ref, original.of.ref));
  wasm_val_delete(&original);
  CHECK(call(wasm_ref_as_func(copy.of.ref), NO_VALS).of.i32 == 7);
  wasm_val_delete(&copy);
  close_world(&w);
}

TEST(vector_of_values_copies_its_references) {
  world_t w = open_world("state");
  wasm_val_t two[] = {WASM_I32_VAL(5), {.kind = WASM_FUNCREF, .of = {.ref = NULL}}};
  two[1].of.ref = wasm_func_as_ref(wasm_func_copy(func_of(&w, "seven")));
  own wasm_val_vec_t v, copy;
  wasm_val_vec_new(&v, 2, two);
  wasm_val_vec_copy(&copy, &v);
  wasm_val_vec_delete(&v);
  CHECK(copy.data[0].of.i32 == 5);
  CHECK(call(wasm_ref_as_func(copy.data[1].of.ref), NO_VALS).of.i32 == 7);
  wasm_val_vec_delete(&copy);
  close_world(&w);
}

TEST(pointers_travel_in_values) {
  int here = 0;
  wasm_val_t value;
  wasm_val_init_ptr(&value, &here);
  CHECK(wasm_val_ptr(&value) == &here);
}

TEST(reference_is_the_function_it_was_cast_from) {
  world_t w = open_world("state");
  wasm_func_t* func = func_of(&w, "seven");
  wasm_ref_t* ref = wasm_func_as_ref(func);
  CHECK((void*)ref == (void*)func && wasm_ref_as_func(ref) == func);
  CHECK(wasm_ref_as_func_const(wasm_func_as_ref_const(func)) == func);
  own wasm_ref_t* copy = wasm_ref_copy(ref);
  CHECK(wasm_ref_same(copy, ref));
  CHECK(!wasm_ref_same(copy, wasm_func_as_ref(func_of(&w, "count"))));
  CHECK(call(wasm_ref_as_func(copy), NO_VALS).of.i32 == 7);
  wasm_ref_delete(copy);
  close_world(&w);
}

TEST(nothing_is_the_same_as_nothing_only) {
  world_t w = open_world("state");
  CHECK(wasm_ref_same(NULL, NULL));
  CHECK(!wasm_ref_same(NULL, wasm_func_as_ref(func_of(&w, "seven"))));
  CHECK(!wasm_ref_same(wasm_func_as_ref(func_of(&w, "seven")), NULL));
  close_world(&w);
}
