// The fourth step: one module, many threads. The module is compiled once and shared; each thread has a
// store of its own, and obtains the module there without compiling it again.

#include "common.hh"

#include <thread>
#include <vector>

namespace {

auto primes(wasm::Engine* engine, const wasm::Shared<wasm::Module>* shared, int32_t from, int32_t to) -> int32_t {
  auto store = need(wasm::Store::make(engine), "make a store");
  auto module = need(wasm::Module::obtain(store.get(), shared), "obtain the module");
  auto instance = instantiate(store.get(), module.get(), wasm::vec<wasm::Extern*>::make());
  auto count = need(instance->func("primes"), "find primes");
  auto args = wasm::vec<wasm::Val>::make(wasm::Val::i32(from), wasm::Val::i32(to));
  auto results = wasm::vec<wasm::Val>::make_uninitialized(1);
  no_trap(count->call(args, results), "count");
  return results[0].i32();
}

}  // namespace

int main() {
  auto engine = need(wasm::Engine::make(), "start an engine");
  wasm::own<wasm::Shared<wasm::Module>> shared;
  {
    auto store = need(wasm::Store::make(engine.get()), "make a store");
    shared = need(load_module(store.get(), "threads.wasm")->share(), "share the module");
  }  // the shared module does not need that store or that module

  const int32_t parts = 4, length = 10000;
  std::vector<int32_t> counts(parts);
  std::vector<std::thread> threads;
  for (int32_t i = 0; i < parts; ++i) {
    threads.emplace_back([&, i] { counts[i] = primes(engine.get(), shared.get(), i * length, (i + 1) * length); });
  }
  for (auto& thread : threads) thread.join();

  int32_t sum = 0;
  for (int32_t i = 0; i < parts; ++i) {
    std::cout << "from " << i * length << ": " << counts[i] << " primes" << std::endl;
    sum += counts[i];
  }
  std::cout << "below " << parts * length << ": " << sum << " primes" << std::endl;
}
