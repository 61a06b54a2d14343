// The first step: an engine, a store, a module, an instance, and a call of an export. Every object is
// owned by a variable and is deleted with it.

#include "common.hh"

int main() {
  auto engine = need(wasm::Engine::make(), "start an engine");
  auto store = need(wasm::Store::make(engine.get()), "make a store");
  auto module = load_module(store.get(), "hello.wasm");
  auto instance = instantiate(store.get(), module.get(), wasm::vec<wasm::Extern*>::make());
  auto add = need(instance->func("add"), "find add");

  auto args = wasm::vec<wasm::Val>::make(wasm::Val::i32(40), wasm::Val::i32(2));
  auto results = wasm::vec<wasm::Val>::make_uninitialized(1);
  no_trap(add->call(args, results), "add");
  std::cout << "40 + 2 = " << results[0].i32() << std::endl;
}
