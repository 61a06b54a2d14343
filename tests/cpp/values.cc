// Values: numbers of every kind, references that are owned and given up.

#include "test.hh"

static_assert(!std::is_copy_constructible<Val>::value && !std::is_copy_assignable<Val>::value, "values move");
static_assert(std::is_nothrow_move_constructible<Val>::value, "values move");

TEST(numbers_keep_kind_and_value) {
  CHECK(Val(int32_t(-1)).i32() == -1 && Val::i32(5).kind() == Kind::I32);
  CHECK(Val(int64_t(-1)).i64() == -1 && Val::i64(5).kind() == Kind::I64);
  CHECK(Val(1.5f).f32() == 1.5f && Val::f32(2).kind() == Kind::F32);
  CHECK(Val(1.5).f64() == 1.5 && Val::f64(2).kind() == Kind::F64);
  CHECK(Val::i32(1).is_num() && !Val::i32(1).is_ref());
}

TEST(make_and_get_by_type) {
  CHECK(Val::make<int32_t>(-2).get<int32_t>() == -2);
  CHECK(Val::make<int64_t>(-2).get<int64_t>() == -2);
  CHECK(Val::make<float32_t>(2).get<float32_t>() == 2);
  CHECK(Val::make<float64_t>(2).get<float64_t>() == 2);
  CHECK(Val::make<uint32_t>(0xfffffffe).get<uint32_t>() == 0xfffffffe);
  CHECK(Val::make<uint64_t>(~uint64_t(1)).get<uint64_t>() == ~uint64_t(1));
  CHECK(Val::make(uint32_t(7)).kind() == Kind::I32);
}

TEST(default_value_is_the_null_reference) {
  Val val;
  CHECK(val.kind() == Kind::EXTERNREF && val.is_ref() && !val.ref() && !val.get<wasm::Ref*>());
  CHECK(!val.release_ref() && !val.copy().ref());
}

TEST(reference_is_owned_moved_and_given_up) {
  world w;
  auto object = wasm::Foreign::make(w.store.get());
  Val val = Val::ref(object->copy());
  CHECK(val.ref()->same(object.get()) && val.get<wasm::Ref*>() == val.ref());
  Val moved = std::move(val);
  CHECK(!val.ref() && moved.ref()->same(object.get()));
  val = std::move(moved);
  CHECK(!moved.ref() && val.ref());
  Val& itself = val;
  val = std::move(itself);
  CHECK(val.ref());
  own<wasm::Ref> ref = val.release_ref();
  CHECK(ref->same(object.get()) && val.is_ref() && !val.ref());
}

TEST(reference_of_any_class_makes_a_value) {
  world w;
  auto object = wasm::Foreign::make(w.store.get());
  Val made = Val::make(object->copy());
  Val of_ref = Val::make<wasm::Ref>(object->copy());
  Val of_func = Val::make(wasm::Func::make(w.store.get(), ints(1, 1).get(), same_number));
  CHECK(made.ref()->same(of_ref.ref()) && !of_func.ref()->same(made.ref()));
}

TEST(copy_is_a_second_handle_and_reset_drops_one) {
  world w;
  auto object = wasm::Foreign::make(w.store.get());
  Val val = Val::ref(object->copy());
  Val copy = val.copy();
  val.reset();
  CHECK(!val.ref() && val.is_ref() && copy.ref()->same(object.get()));
  Val number = Val::i32(3);
  number.reset();
  CHECK(number.i32() == 3);
  number.reset(copy);
  CHECK(number.ref()->same(object.get()) && !copy.ref());
  number.reset(number);
  CHECK(number.ref());
  number = Val::f32(1);
  CHECK(number.f32() == 1 && number.copy().f32() == 1);
}
