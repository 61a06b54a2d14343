// Functions, globals, tables, memories, foreign objects, externs and instances.

#include "test.hh"

TEST(function_has_type_and_arity) {
  world w;
  const wasm::Func* turn = w.instantiate().func("turn");
  CHECK(turn->param_arity() == 4 && turn->result_arity() == 4);
  CHECK(turn->type()->params()[1]->kind() == Kind::F32 && turn->type()->results()[0]->kind() == Kind::EXTERNREF);
  CHECK(turn->copy()->same(turn) && turn->kind() == wasm::ExternKind::FUNC);
}

TEST(call_gives_and_takes_every_kind) {
  world w;
  const wasm::Func* turn = w.instantiate().func("turn");
  auto object = wasm::Foreign::make(w.store.get());
  auto args = vec<Val>::make(Val::i64(-5), Val::f32(1.5f), Val::f64(2.5), Val::ref(object->copy()));
  auto results = vec<Val>::make_uninitialized(4);
  for (int again = 0; again < 3; ++again) {  // the second time, references are there already
    CHECK(!turn->call(args, results));
    CHECK(results[0].ref()->same(object.get()) && results[1].f64() == 2.5);
    CHECK(results[2].f32() == 1.5f && results[3].i64() == -5);
  }
  CHECK(args[3].ref()->same(object.get()));
}

TEST(results_may_be_fewer_or_more_than_the_function_has) {
  world w;
  const wasm::Func* turn = w.instantiate().func("turn");
  auto object = wasm::Foreign::make(w.store.get());
  auto args = vec<Val>::make(Val::i64(-5), Val::f32(1.5f), Val::f64(2.5), Val::ref(object->copy()));
  auto none = vec<Val>::make();
  CHECK(!turn->call(args, none));
  auto invalid = vec<Val>::invalid();
  CHECK(!turn->call(args, invalid));
  auto two = vec<Val>::make(Val::ref(object->copy()), Val::ref(object->copy()));
  CHECK(!turn->call(args, two) && two[1].f64() == 2.5);
  auto five = vec<Val>::make(Val(), Val(), Val(), Val(), Val::ref(object->copy()));
  CHECK(!turn->call(args, five) && five[3].i64() == -5 && five[4].ref()->same(object.get()));
}

TEST(results_stay_as_they_are_on_a_trap) {
  world w;
  const wasm::Func* fail = w.instantiate().func("fail");
  auto object = wasm::Foreign::make(w.store.get());
  auto args = vec<Val>::make();
  auto results = vec<Val>::make(Val::ref(object->copy()));
  CHECK(fail->call(args, results) && results[0].ref()->same(object.get()));
  results[0] = Val::i64(9);
  CHECK(fail->call(args, results) && results[0].i64() == 9);
}

TEST(arguments_may_also_be_the_results) {
  world w;
  auto object = wasm::Foreign::make(w.store.get());
  w.instantiate();
  auto both = vec<Val>::make(Val::ref(object->copy()));
  CHECK(!w.func("pass")->call(both, both) && both[0].ref()->same(object.get()));
  auto number = vec<Val>::make(Val::i32(21));
  CHECK(!w.func("double")->call(number, number) && number[0].i32() == 42);
}

TEST(wrong_arguments_are_a_trap) {
  world w;
  const wasm::Func* add = w.instantiate().func("add");
  CHECK(trap_of(add, Val::i32(1)).find("arguments") != std::string::npos);
  CHECK(trap_of(add, Val::i32(1), Val::f32(1)).find("argument 1") != std::string::npos);
  auto results = vec<Val>::make_uninitialized(1);
  CHECK(add->call(vec<Val>::invalid(), results));
}

TEST(global_is_read_and_set) {
  world w;
  w.instantiate();
  wasm::Global* count = w.find("count")->global();
  CHECK(count->get().i32() == 7);
  count->set(Val::i32(8));
  CHECK(count->get().i32() == 8 && count->copy()->same(count));
  count->set(Val::f32(1));
  CHECK(count->get().i32() == 8);
  wasm::Global* fixed = w.find("fixed")->global();
  fixed->set(Val::f64(2));
  CHECK(fixed->get().f64() == 1.5 && fixed->type()->mutability() == wasm::Mutability::CONST);
  auto object = wasm::Foreign::make(w.store.get());
  wasm::Global* ref = w.find("ref")->global();
  CHECK(!ref->get().ref());
  const Val val = Val::ref(object->copy());
  ref->set(val);
  CHECK(ref->get().ref()->same(object.get()) && val.ref());
  ref->set(Val());
  CHECK(!ref->get().ref());
}

TEST(global_of_the_host) {
  world w;
  auto type = wasm::GlobalType::make(wasm::ValType::make(Kind::I64), wasm::Mutability::VAR);
  auto global = wasm::Global::make(w.store.get(), type.get(), Val::i64(3));
  CHECK(global->get().i64() == 3 && global->type()->content()->kind() == Kind::I64);
  CHECK(!wasm::Global::make(w.store.get(), type.get(), Val::i32(3)));
}

TEST(table_of_functions) {
  world w;
  w.instantiate();
  wasm::Table* table = w.find("table")->table();
  CHECK(table->size() == 2 && table->get(0) && !table->get(1) && !table->get(2));
  CHECK(table->get(0)->same(w.func("double")));
  CHECK(table->set(1, w.one.get()) && !table->set(2, nullptr));
  CHECK(call_i32(w.func("indirect"), Val::i32(1), Val::i32(5)) == 5);
  CHECK(call_i32(w.func("indirect"), Val::i32(0), Val::i32(5)) == 10);
  CHECK(table->grow(3, w.one.get()) && table->size() == 5 && table->get(4)->same(w.one.get()));
  CHECK(!table->grow(6) && table->grow(0) && table->type()->limits().min == 5);
  CHECK(table->copy()->same(table));
  auto foreign = wasm::Foreign::make(w.store.get());
  CHECK(!table->set(1, foreign.get()));
}

TEST(table_of_the_host) {
  world w;
  auto foreign = wasm::Foreign::make(w.store.get());
  auto type = wasm::TableType::make(wasm::ValType::make(Kind::EXTERNREF), wasm::Limits(2, 3));
  auto table = wasm::Table::make(w.store.get(), type.get(), foreign.get());
  CHECK(table->get(1)->same(foreign.get()) && table->set(0, nullptr) && !table->get(0));
  wasm::Table::size_t size = table->size();
  CHECK(size == 2);
  CHECK(wasm::Table::make(w.store.get(), type.get())->size() == 2);
}

TEST(memory_is_read_written_and_grown) {
  world w;
  w.instantiate();
  wasm::Memory* memory = w.find("memory")->memory();
  CHECK(memory->size() == 1 && memory->data_size() == wasm::Memory::page_size);
  CHECK(std::memcmp(memory->data(), "hello", 5) == 0);
  CHECK(memory->grow(2) && memory->size() == 3 && !memory->grow(2) && memory->grow(0));
  memory->data()[memory->data_size() - 1] = 'x';
  CHECK(memory->copy()->data()[3 * wasm::Memory::page_size - 1] == 'x');
  CHECK(memory->type()->limits().min == 3 && memory->type()->limits().max == 4);
  const size_t& by_reference = wasm::Memory::page_size;
  CHECK(by_reference == 65536);
}

TEST(memory_of_the_host) {
  world w;
  auto memory = wasm::Memory::make(w.store.get(), wasm::MemoryType::make(wasm::Limits(5, 5)).get());
  CHECK(memory->size() == 5 && !memory->grow(1) && memory->grow(0) && memory->copy()->same(memory.get()));
}

TEST(foreign_object_passes_through_the_guest) {
  world w;
  w.instantiate();
  int info = 0;
  auto object = wasm::Foreign::make(w.store.get());
  object->set_host_info(&info);
  auto args = vec<Val>::make(Val::ref(object->copy()));
  auto results = vec<Val>::make_uninitialized(1);
  CHECK(!w.func("pass")->call(args, results));
  CHECK(results[0].ref()->same(object.get()) && results[0].ref()->get_host_info() == &info);
  CHECK(!object->same(nullptr) && !object->same(w.one.get()));
}

TEST(externs_know_their_kind) {
  world w;
  w.instantiate();
  const char* names[] = {"add", "count", "table", "memory"};
  for (int i = 0; i < 4; ++i) {
    auto object = w.find(names[i])->copy();
    const wasm::Extern* constant = object.get();
    CHECK(object->kind() == static_cast<wasm::ExternKind>(i) && object->type()->kind() == object->kind());
    CHECK((object->func() != nullptr) == (i == 0) && constant->func() == object->func());
    CHECK((object->global() != nullptr) == (i == 1) && constant->global() == object->global());
    CHECK((object->table() != nullptr) == (i == 2) && constant->table() == object->table());
    CHECK((object->memory() != nullptr) == (i == 3) && constant->memory() == object->memory());
  }
}

TEST(instance_has_its_exports_in_order) {
  world w;
  w.instantiate();
  auto exports = w.instance->exports();
  CHECK(exports.size() == w.module->exports().size());
  for (size_t i = 0; i < exports.size(); ++i) CHECK(exports[i]->same(w.exports[i].get()));
  CHECK(w.instance->copy()->same(w.instance.get()));
}

TEST(instance_that_cannot_be_made_is_null_and_says_why) {
  world w;
  own<wasm::Trap> trap;
  auto none = vec<wasm::Extern*>::make();
  CHECK(!wasm::Instance::make(w.store.get(), w.module.get(), none, &trap) && trap);
  CHECK(!wasm::Instance::make(w.store.get(), w.module.get(), none));
  CHECK(!wasm::Instance::make(w.store.get(), w.module.get(), vec<wasm::Extern*>::make_uninitialized(2)));
  CHECK(!wasm::Instance::make(w.store.get(), w.module.get(), vec<wasm::Extern*>::invalid()));
}
