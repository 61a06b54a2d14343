// Modules: validation, imports and exports, other stores and threads, bytes and back.

#include "test.hh"

#include <thread>

namespace {
auto add_in(wasm::Engine* engine, const wasm::Shared<wasm::Module>* shared) -> int32_t {
  auto store = wasm::Store::make(engine);
  auto module = wasm::Module::obtain(store.get(), shared);
  CHECK(module && module->imports().size() == 2);
  auto one = wasm::Func::make(store.get(), ints(1, 1).get(), same_number);
  auto any = wasm::Func::make(store.get(), ref_to_ref().get(), same_number);
  auto imports = vec<wasm::Extern*>::make(one.get(), any.get());
  auto instance = wasm::Instance::make(store.get(), module.get(), imports);
  auto exports = instance->exports();
  for (auto& object : exports) {
    if (object->func() && object->func()->param_arity() == 2 && object->func()->result_arity() == 1) {
      return call_i32(object->func(), Val::i32(20), Val::i32(22));
    }
  }
  return 0;
}
}  // namespace

TEST(valid_and_invalid_bytes) {
  world w;
  auto bytes = read_module("objects");
  CHECK(wasm::Module::validate(w.store.get(), bytes));
  bytes[bytes.size() / 2] = static_cast<byte_t>(bytes[bytes.size() / 2] ^ 0x55);
  bytes[4] = 9;
  CHECK(!wasm::Module::validate(w.store.get(), bytes) && !wasm::Module::make(w.store.get(), bytes));
  CHECK(!wasm::Module::make(w.store.get(), vec<byte_t>::make()));
  CHECK(!wasm::Module::make(w.store.get(), vec<byte_t>::invalid()));
}

TEST(imports_and_exports_are_listed_in_order) {
  world w;
  auto imports = w.module->imports();
  CHECK(imports.size() == 2 && imports[1]->name().size() == 3 && imports[1]->type()->func());
  CHECK(std::memcmp(imports[0]->module().get(), "host", 4) == 0);
  auto exports = w.module->exports();
  CHECK(exports[0]->type()->memory()->limits().max == 4);
  CHECK(exports[1]->type()->table()->element()->kind() == Kind::FUNCREF);
  CHECK(w.module->copy()->same(w.module.get()));
}

TEST(shared_module_outlives_its_store_and_serves_threads) {
  auto engine = test_engine();
  own<wasm::Shared<wasm::Module>> shared;
  {
    auto store = wasm::Store::make(engine.get());
    shared = wasm::Module::make(store.get(), read_module("objects"))->share();
    CHECK(shared);
  }
  int32_t sums[4] = {};
  std::thread threads[4];
  for (int i = 0; i < 4; ++i) {
    threads[i] = std::thread([&, i] { sums[i] = add_in(engine.get(), shared.get()); });
  }
  for (auto& thread : threads) thread.join();
  for (int32_t sum : sums) CHECK(sum == 42);
}

TEST(shared_module_stays_with_its_engine) {
  world w;
  auto shared = w.module->share();
  auto other = test_engine();
  auto store = wasm::Store::make(other.get());
  CHECK(!wasm::Module::obtain(store.get(), shared.get()));
  CHECK(!wasm::Module::obtain(w.store.get(), nullptr));
}

TEST(shared_memory_outlives_its_store_and_serves_others) {
  auto engine = test_engine();
  wasmrt_limits_t limits = {1, 2, WASMRT_LIMITS_HAS_MAX | WASMRT_LIMITS_SHARED};
  own<wasm::Shared<wasm::Memory>> shared;
  {
    auto store = wasm::Store::make(engine.get());
    auto type = wasm::make_own(wasm::from_c<wasm::MemoryType>(wasmrt_memorytype_new(&limits)));
    auto memory = wasm::Memory::make(store.get(), type.get());
    memory->data()[100] = 42;
    shared = memory->share();
    CHECK(shared && !wasm::Memory::make(store.get(), wasm::MemoryType::make(wasm::Limits(1)).get())->share());
  }
  auto store = wasm::Store::make(engine.get());
  auto memory = wasm::Memory::obtain(store.get(), shared.get());
  CHECK(memory && memory->data()[100] == 42 && memory->grow(1) && memory->size() == 2);
  CHECK(!wasm::Memory::obtain(nullptr, shared.get()) && !wasm::Memory::obtain(store.get(), nullptr));
}

TEST(serialized_module_comes_back) {
  world w;
  auto bytes = w.module->serialize();
  CHECK(bytes && bytes.size() > 0);
  w.module = wasm::Module::deserialize(w.store.get(), bytes);
  CHECK(w.module);
  bytes.reset();
  CHECK(call_i32(w.instantiate().func("add"), Val::i32(40), Val::i32(2)) == 42);
}

TEST(damaged_bytes_are_refused) {
  world w;
  auto bytes = w.module->serialize();
  bytes[bytes.size() - 1] = static_cast<byte_t>(bytes[bytes.size() - 1] ^ 1);
  CHECK(!wasm::Module::deserialize(w.store.get(), bytes));
  CHECK(!wasm::Module::deserialize(w.store.get(), vec<byte_t>::make()));
  CHECK(!wasm::Module::deserialize(w.store.get(), vec<byte_t>::invalid()));
  CHECK(!wasm::Module::deserialize(w.store.get(), read_module("objects")));
}
