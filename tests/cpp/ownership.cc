// Ownership: one owner at a time, any order of deletion, finalizers once.

#include "test.hh"

static_assert(sizeof(own<wasm::Store>) == sizeof(void*), "a handle is a pointer");
static_assert(!std::is_copy_constructible<own<wasm::Store>>::value, "handles move");
static_assert(std::is_convertible<wasm::Func*, wasm::Ref*>::value, "a function is a reference");
static_assert(std::is_convertible<own<wasm::Memory>, own<wasm::Extern>>::value, "a memory is an extern");
static_assert(!std::is_convertible<own<wasm::Extern>, own<wasm::Memory>>::value, "an extern may be no memory");

namespace {
int finalized = 0;
void count(void*) { ++finalized; }
}  // namespace

TEST(engine_with_and_without_settings) {
  CHECK(wasm::Engine::make());
  CHECK(wasm::Engine::make(nullptr));
  CHECK(wasm::Engine::make(wasm::Config::make()));
  auto unused = wasm::Config::make();
  CHECK(unused);
}

TEST(nothing_is_made_of_null) {
  CHECK(!wasm::Store::make(nullptr));
  CHECK(!wasm::Foreign::make(nullptr));
  CHECK(!wasm::Trap::make(nullptr, wasm::Message::make_nt("text")));
  CHECK(!wasm::Module::make(nullptr, vec<byte_t>::make()));
  CHECK(!wasm::Module::obtain(nullptr, nullptr));
  CHECK(!wasm::Func::make(nullptr, nullptr, same_number));
  CHECK(!wasm::Global::make(nullptr, nullptr, Val()));
  CHECK(!wasm::Table::make(nullptr, nullptr));
  CHECK(!wasm::Memory::make(nullptr, nullptr));
  CHECK(!wasm::Instance::make(nullptr, nullptr, vec<wasm::Extern*>::make()));
}

TEST(handle_moves_between_owners_of_base_classes) {
  world w;
  own<wasm::Memory> memory = wasm::Memory::make(w.store.get(), wasm::MemoryType::make(wasm::Limits(1)).get());
  wasm::Memory* address = memory.get();
  own<wasm::Extern> external = std::move(memory);
  CHECK(!memory && external->memory() == address);
  own<wasm::Ref> ref = std::move(external);
  CHECK(!external && ref->same(address));
}

TEST(released_handle_can_be_owned_again) {
  auto engine = wasm::Engine::make();
  wasm::Engine* raw = engine.release();
  auto again = wasm::make_own(raw);
  CHECK(wasm::Store::make(again.get()));
}

TEST(both_apis_see_the_same_objects) {
  auto engine = wasm::Engine::make();
  wasm_store_t* c_store = wasm_store_new(wasm::to_c(engine.get()));
  auto store = wasm::make_own(wasm::from_c<wasm::Store>(c_store));
  CHECK(store && wasm::to_c(store.get()) == c_store);
  const wasm::Store* constant = store.get();
  const wasm_store_t* c_constant = wasm::to_c(constant);
  CHECK(c_constant == c_store && wasm::from_c<wasm::Store>(c_constant) == constant);
  CHECK(!wasm::to_c(static_cast<wasm::Store*>(nullptr)));
}

TEST(deletion_in_the_wrong_order_is_harmless) {
  world w;
  w.instantiate();
  auto add = w.func("add")->copy();
  w.engine.reset();
  w.module.reset();
  w.instance.reset();
  CHECK(call_i32(add.get(), Val::i32(40), Val::i32(2)) == 42);
  w.store.reset();
  CHECK(add->same(add.get()) && add->copy());
  auto args = vec<Val>::make(Val::i32(1), Val::i32(2));
  auto results = vec<Val>::make_uninitialized(1);
  add->call(args, results);  // of a deleted store: nothing happens
  CHECK(!results[0].ref());
}

TEST(host_info_finalizer_runs_once_when_the_object_dies) {
  world w;
  finalized = 0;
  int info = 0;
  auto object = wasm::Foreign::make(w.store.get());
  CHECK(!object->get_host_info());
  object->set_host_info(&info, count);
  auto copy = object->copy();
  CHECK(copy->get_host_info() == &info);
  object.reset();
  CHECK(copy->get_host_info() == &info && finalized == 0);
  copy.reset();
  w.store.reset();
  CHECK(finalized == 1);
}

TEST(new_host_info_finalizes_the_old_one) {
  world w;
  finalized = 0;
  int one = 1, two = 2;
  auto object = wasm::Foreign::make(w.store.get());
  object->set_host_info(&one, count);
  object->set_host_info(&two);
  CHECK(finalized == 1 && object->get_host_info() == &two);
  object->set_host_info(nullptr);
  CHECK(finalized == 1 && !object->get_host_info());
}

TEST(environment_finalizer_runs_once) {
  finalized = 0;
  world w;
  wasm::Func::callback_with_env nothing =
      [](void*, const vec<Val>&, vec<Val>&) -> own<wasm::Trap> { return nullptr; };
  auto func = wasm::Func::make(w.store.get(), ints(0, 0).get(), nothing, &finalized, count);
  auto copy = func->copy();
  func.reset();
  CHECK(finalized == 0);
  copy.reset();
  w.store.reset();
  CHECK(finalized == 1);
}

TEST(environment_finalizer_runs_at_once_when_there_is_no_function) {
  finalized = 0;
  world w;
  wasm::Func::callback_with_env none = nullptr;
  CHECK(!wasm::Func::make(w.store.get(), ints(0, 0).get(), none, &finalized, count));
  CHECK(finalized == 1);
  wasm::Func::callback plain = nullptr;
  CHECK(!wasm::Func::make(w.store.get(), ints(0, 0).get(), plain));
}
