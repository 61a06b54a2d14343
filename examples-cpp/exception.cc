// The fifth step: exceptions of WebAssembly. The guest throws one to the host, which looks at its tag and its
// values; a host function returns one, and so throws it in the guest, which catches it.

#include "common.hh"

#include <initializer_list>

namespace {

auto types(std::initializer_list<wasm::ValKind> kinds) -> wasm::ownvec<wasm::ValType> {
  auto types = wasm::ownvec<wasm::ValType>::make_uninitialized(kinds.size());
  size_t i = 0;
  for (wasm::ValKind kind : kinds) types[i++] = wasm::ValType::make(kind);
  return types;
}

// A tag: exceptions with it carry the number of a product.
auto make_unknown(wasm::Store* store) -> wasm::own<wasm::Tag> {
  auto type = wasm::TagType::make(wasm::FuncType::make(types({wasm::ValKind::I32})));
  return need(wasm::Tag::make(store, type.get()), "make a tag");
}

auto make_price(wasm::Store* store, const wasm::Tag* unknown) -> wasm::own<wasm::Func> {
  auto type = wasm::FuncType::make(types({wasm::ValKind::I32}), types({wasm::ValKind::I32}));
  return need(wasm::Func::make(store, type.get(),
      [store, unknown](const wasm::vec<wasm::Val>& args, wasm::vec<wasm::Val>& results) -> wasm::own<wasm::Trap> {
        if (args[0].i32() != 1) return wasm::Exception::make(store, unknown, args);
        results[0] = wasm::Val::i32(30);
        return nullptr;
      }), "make the function price");
}

// What the host makes of a trap. The tag says which values there are.
void handle(const wasm::Trap* trap, const wasm::Tag* unknown) {
  const wasm::Exception* exception = trap->exception();
  if (!exception) {
    std::cout << "trap: " << trap->message().get() << std::endl;
    return;
  }
  auto payload = exception->payload();
  if (exception->tag()->same(unknown)) {
    std::cout << "there is no product " << payload[0].i32() << std::endl;
  } else {
    std::cout << "product " << payload[0].i32() << " is too dear: " << payload[1].f64() << std::endl;
  }
}

void buy(const wasm::Func* func, const wasm::Tag* unknown, int32_t product, int32_t count) {
  auto args = wasm::vec<wasm::Val>::make(wasm::Val::i32(product), wasm::Val::i32(count));
  auto results = wasm::vec<wasm::Val>::make_uninitialized(1);
  std::cout << "buy(" << product << ", " << count << "): ";
  if (auto trap = func->call(args, results)) handle(trap.get(), unknown);
  else std::cout << results[0].f64() << std::endl;
}

void look(const wasm::Func* func, int32_t product) {
  auto args = wasm::vec<wasm::Val>::make(wasm::Val::i32(product));
  auto results = wasm::vec<wasm::Val>::make_uninitialized(1);
  no_trap(func->call(args, results), "call look");
  std::cout << "look(" << product << "): " << results[0].i32() << std::endl;
}

}  // namespace

int main() {
  auto engine = need(wasm::Engine::make(), "start an engine");
  auto store = need(wasm::Store::make(engine.get()), "make a store");
  auto module = load_module(store.get(), "exception.wasm");

  auto unknown = make_unknown(store.get());
  auto price = make_price(store.get(), unknown.get());
  auto imports = wasm::vec<wasm::Extern*>::make(unknown.get(), price.get());
  auto instance = instantiate(store.get(), module.get(), imports);

  auto buy_func = need(instance->func("buy"), "find buy");
  buy(buy_func.get(), unknown.get(), 1, 3);
  buy(buy_func.get(), unknown.get(), 1, 5);  // the guest throws
  buy(buy_func.get(), unknown.get(), 7, 1);  // the host throws, and nobody catches it
  auto look_func = need(instance->func("look"), "find look");
  look(look_func.get(), 1);
  look(look_func.get(), 7);                  // the host throws, and the guest catches it
}
