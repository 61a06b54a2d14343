// Vectors: three states, ownership of elements, what moves and what copies.

#include "test.hh"

static_assert(!std::is_copy_constructible<vec<Val>>::value, "vectors move");
static_assert(!std::is_copy_assignable<vec<Val>>::value, "vectors move");
static_assert(std::is_nothrow_move_constructible<vec<Val>>::value, "vectors move");
static_assert(std::is_nothrow_move_assignable<vec<Val>>::value, "vectors move");

TEST(empty_vector_is_valid_and_has_no_data) {
  auto none = vec<int>::make();
  CHECK(none && none.size() == 0 && !none.get());
  CHECK(none.begin() == none.end());
  auto zero = vec<int>::make_uninitialized(0);
  CHECK(zero && zero.size() == 0 && !zero.get());
  CHECK(vec<int>::make_uninitialized());
  auto adopted = vec<int>::adopt(0, nullptr);
  CHECK(adopted && adopted.size() == 0);
}

TEST(names_have_a_nul_behind_them) {
  auto name = wasm::Name::make(std::string("abc"));
  CHECK(name.size() == 3 && std::strcmp(name.get(), "abc") == 0 && std::strcmp(name.copy().get(), "abc") == 0);
  auto type = wasm::ExportType::make(std::move(name), wasm::MemoryType::make(wasm::Limits(1)));
  CHECK(type->name().size() == 3 && std::strcmp(type->name().get(), "abc") == 0);
  CHECK(std::strcmp(type->name().copy().get(), "abc") == 0);
}

TEST(invalid_vector_is_false_and_harmless) {
  auto none = vec<int>::invalid();
  CHECK(!none && !none.get() && none.begin() == none.end());
  CHECK(!none.copy());
  CHECK(!none.release());
  none.reset();
  auto moved = std::move(none);
  CHECK(!moved);
}

TEST(vector_of_values_given_one_by_one) {
  auto three = vec<int>::make(1, 2, 3);
  CHECK(three && three.size() == 3 && three[0] == 1 && three[2] == 3);
  int sum = 0;
  for (int i : three) sum += i;
  CHECK(sum == 6);
  const auto& constant = three;
  for (const int& i : constant) sum += i;
  CHECK(sum == 12 && constant[1] == 2 && constant.get() == three.get());
}

TEST(vector_of_an_array_moves_its_elements) {
  own<wasm::ValType> array[] = {wasm::ValType::make(Kind::I64), wasm::ValType::make(Kind::F32)};
  auto both = ownvec<wasm::ValType>::make(2, array);
  CHECK(both.size() == 2 && !array[0] && !array[1]);
  CHECK(both[0]->kind() == Kind::I64 && both[1]->kind() == Kind::F32);
}

TEST(moved_vector_is_invalid_and_gives_everything) {
  auto from = vec<int>::make(4, 5);
  const int* data = from.get();
  auto to = std::move(from);
  CHECK(!from && to.size() == 2 && to.get() == data);
  auto assigned = vec<int>::make(9);
  assigned = std::move(to);
  CHECK(!to && assigned.get() == data && assigned[1] == 5);
  vec<int>& itself = assigned;
  assigned = std::move(itself);
  CHECK(assigned && assigned.get() == data);
}

TEST(reset_with_a_vector_takes_it_over) {
  auto from = vec<int>::make(4, 5);
  auto to = vec<int>::make(1, 2, 3);
  to.reset(from);
  CHECK(!from && to.size() == 2 && to[0] == 4);
  to.reset(to);
  CHECK(to.size() == 2);
  to.reset();
  CHECK(!to);
}

TEST(released_array_is_the_callers_and_can_be_adopted) {
  auto from = vec<int>::make(6, 7);
  int* array = from.release();
  CHECK(!from && array[1] == 7);
  auto again = vec<int>::adopt(2, array);
  CHECK(again.size() == 2 && again.get() == array);
  delete[] again.release();
}

TEST(copies_are_independent) {
  auto from = vec<int>::make(1, 2);
  auto to = from.copy();
  to[0] = 8;
  CHECK(to.size() == 2 && from[0] == 1 && to[1] == 2);
  CHECK(vec<int>::make().copy().size() == 0);
}

TEST(deep_copy_copies_handles_values_and_null) {
  auto from = ownvec<wasm::ValType>::make_uninitialized(2);
  CHECK(!from[0] && !from[1]);
  from[1] = wasm::ValType::make(Kind::F64);
  auto to = from.deep_copy();
  CHECK(to && !to[0] && to[1]->kind() == Kind::F64 && to[1] != from[1]);

  world w;
  auto object = wasm::Foreign::make(w.store.get());
  auto values = vec<Val>::make(Val::i64(3), Val::ref(object->copy()), Val());
  auto copies = values.deep_copy();
  CHECK(copies[0].i64() == 3 && copies[1].ref()->same(object.get()) && !copies[2].ref());
  CHECK(values[1].ref()->same(object.get()));
}

TEST(uninitialized_elements_are_null_where_they_can_be) {
  auto pointers = vec<wasm::Extern*>::make_uninitialized(3);
  CHECK(!pointers[0] && !pointers[2]);
  auto values = vec<Val>::make_uninitialized(2);
  CHECK(values[1].kind() == Kind::EXTERNREF && !values[1].ref());
}

TEST(vector_beyond_all_memory_is_invalid) {
  CHECK(!vec<Val>::make_uninitialized(SIZE_MAX / 16));
  CHECK(!vec<Val>::make_uninitialized(SIZE_MAX / 16 + 2));
  CHECK(!vec<byte_t>::make_uninitialized(SIZE_MAX / 2));
  CHECK(!vec<byte_t>::make_uninitialized(SIZE_MAX - 1));
}

TEST(names_have_no_nul_and_messages_one) {
  auto name = wasm::Name::make(std::string("hello"));
  CHECK(name.size() == 5 && std::memcmp(name.get(), "hello", 5) == 0);
  auto message = wasm::Message::make_nt("hello");
  CHECK(message.size() == 6 && std::strcmp(message.get(), "hello") == 0);
  std::string with_nul("a\0b", 3);
  CHECK(wasm::Name::make(with_nul).size() == 3 && wasm::Name::make(with_nul)[2] == 'b');
  auto empty = wasm::Name::make(std::string());
  CHECK(empty && empty.size() == 0 && !empty.get());
  CHECK(wasm::Name::make_nt(std::string()).size() == 1);
}

TEST(elements_of_a_derived_class_fit) {
  auto upcast = vec<wasm::Extern*>::make(static_cast<wasm::Func*>(nullptr), static_cast<wasm::Memory*>(nullptr));
  CHECK(upcast.size() == 2);
  auto owned = ownvec<wasm::ExternType>::make(ints(1, 1), wasm::MemoryType::make(wasm::Limits(1)));
  CHECK(owned[0]->kind() == wasm::ExternKind::FUNC && owned[1]->kind() == wasm::ExternKind::MEMORY);
}
