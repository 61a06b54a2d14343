// Failed allocations: the result is a null handle, an invalid vector or a trap, and nothing leaks.

#include "test.hh"

#include <memory>

namespace {
int refuse_after = -1;  // so many allocations without exceptions succeed before one fails; -1: all do

auto allocate(size_t size) -> void* {
  if (refuse_after == 0) {
    refuse_after = -1;
    return nullptr;
  }
  if (refuse_after > 0) --refuse_after;
  return std::malloc(size ? size : 1);
}

int finalized = 0;
void count(void*) { ++finalized; }
}  // namespace

auto operator new(size_t size, const std::nothrow_t&) noexcept -> void* { return allocate(size); }
auto operator new[](size_t size, const std::nothrow_t&) noexcept -> void* { return allocate(size); }
auto operator new(size_t size) -> void* { return std::malloc(size ? size : 1); }
auto operator new[](size_t size) -> void* { return std::malloc(size ? size : 1); }
void operator delete(void* data) noexcept { std::free(data); }
void operator delete[](void* data) noexcept { std::free(data); }
void operator delete(void* data, size_t) noexcept;
void operator delete(void* data, size_t) noexcept { std::free(data); }
void operator delete[](void* data, size_t) noexcept;
void operator delete[](void* data, size_t) noexcept { std::free(data); }

TEST(vector_without_memory_is_invalid) {
  auto two = vec<Val>::make(Val::i32(1), Val::i32(2));
  for (int way = 0; way < 5; ++way) {
    refuse_after = 0;
    bool good = true;
    switch (way) {
      case 0: good = vec<byte_t>::make_uninitialized(10); break;
      case 1: good = wasm::Name::make("name"); break;
      case 2: good = wasm::Name::make_nt("name"); break;
      case 3: good = vec<Val>::make(Val::i32(1)); break;
      default: good = two.deep_copy(); break;
    }
    CHECK(!good && refuse_after == -1);
  }
  refuse_after = 0;
  CHECK(!wasm::FuncType::make(types(Kind::I32), types()));
}

TEST(lists_without_memory_are_invalid) {
  world w;
  w.instantiate();
  auto trap = wasm::Trap::make(w.store.get(), wasm::Message::make_nt("why"));
  refuse_after = 0;
  CHECK(!trap->message());
  refuse_after = 0;
  CHECK(!w.module->imports());
  refuse_after = 0;
  CHECK(!w.module->exports());
  refuse_after = 0;
  CHECK(!w.instance->exports());
  CHECK(w.instance->exports() && refuse_after == -1);
}

TEST(function_without_memory_is_null_and_finalized) {
  world w;
  auto type = ints(0, 0);
  wasm::Func::callback_with_env nothing =
      [](void*, const vec<Val>&, vec<Val>&) -> own<wasm::Trap> { return nullptr; };
  refuse_after = 0;
  CHECK(!wasm::Func::make(w.store.get(), type.get(), nothing, &finalized, count));
  CHECK(finalized == 1);
  auto object = wasm::Foreign::make(w.store.get());
  std::shared_ptr<int> captured = std::make_shared<int>(1);
  auto closure = [captured](const vec<Val>&, vec<Val>&) -> own<wasm::Trap> { return nullptr; };
  for (int after = 0; after < 2; ++after) {
    refuse_after = after;
    CHECK(!wasm::Func::make(w.store.get(), type.get(), closure));
    CHECK(captured.use_count() == 2);  // here and in `closure`
  }
}

TEST(host_function_without_memory_for_its_results_is_a_trap) {
  world w;
  const wasm::Func* call = w.instantiate().func("call");
  auto args = vec<Val>::make(Val::i32(1)), results = vec<Val>::make(Val::i32(7));
  refuse_after = 0;
  auto trap = call->call(args, results);
  CHECK(trap && std::strcmp(trap->message().get(), "out of memory") == 0 && results[0].i32() == 7);
  CHECK(!call->call(args, results) && results[0].i32() == 1);
}

TEST(results_that_hold_references_are_assigned_without_memory_too) {
  world w;
  const wasm::Func* turn = w.instantiate().func("turn");
  auto object = wasm::Foreign::make(w.store.get());
  auto args = vec<Val>::make(Val::i64(-5), Val::f32(1.5f), Val::f64(2.5), Val::ref(object->copy()));
  auto results = vec<Val>::make(Val::ref(object->copy()), Val(), Val::ref(object->copy()), Val());
  refuse_after = 0;
  CHECK(!turn->call(args, results) && refuse_after == -1);
  CHECK(results[0].ref()->same(object.get()) && results[2].f32() == 1.5f);
}
