// The second step: a host function made from a lambda. It may capture anything. If it throws, the guest
// stops, and the call returns a trap with the exception's text.

#include "common.hh"

#include <stdexcept>
#include <vector>

int main() {
  auto engine = need(wasm::Engine::make(), "start an engine");
  auto store = need(wasm::Store::make(engine.get()), "make a store");
  auto module = load_module(store.get(), "callback.wasm");

  std::vector<int32_t> seen;
  auto type = wasm::FuncType::make(wasm::ownvec<wasm::ValType>::make(wasm::ValType::make(wasm::ValKind::I32)));
  auto emit = wasm::Func::make(store.get(), type.get(),
      [&seen](const wasm::vec<wasm::Val>& args, wasm::vec<wasm::Val>&) -> wasm::own<wasm::Trap> {
        if (seen.size() == 20) throw std::length_error("20 numbers are enough");
        seen.push_back(args[0].i32());
        return nullptr;
      });

  auto imports = wasm::vec<wasm::Extern*>::make(emit.get());
  auto instance = instantiate(store.get(), module.get(), imports);
  auto collatz = need(instance->func("collatz"), "find collatz");

  for (int32_t start : {6, 27}) {
    seen.clear();
    auto args = wasm::vec<wasm::Val>::make(wasm::Val::i32(start));
    auto results = wasm::vec<wasm::Val>::make();
    auto trap = collatz->call(args, results);
    for (int32_t number : seen) std::cout << number << ' ';
    std::cout << std::endl;
    if (trap) std::cout << "trap: " << trap->message().get() << std::endl;
  }
}
