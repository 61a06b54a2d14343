// The third step: host objects that the guest can keep and return but not look into. A Foreign object
// carries a pointer; its finalizer runs when neither host nor guest can reach the object any more.

#include "common.hh"

namespace {

struct person {
  std::string name;
  ~person() { std::cout << name << " leaves" << std::endl; }
};

auto make_person(wasm::Store* store, const std::string& name) -> wasm::Val {
  auto object = need(wasm::Foreign::make(store), "make an object");
  object->set_host_info(new person{name}, [](void* info) { delete static_cast<person*>(info); });
  return wasm::Val::make(std::move(object));
}

auto greet(const wasm::vec<wasm::Val>& args, wasm::vec<wasm::Val>&) -> wasm::own<wasm::Trap> {
  const auto* who = static_cast<const person*>(args[0].ref()->get_host_info());
  std::cout << "Hello, " << who->name << "!" << std::endl;
  return nullptr;
}

}  // namespace

int main() {
  auto engine = need(wasm::Engine::make(), "start an engine");
  auto store = need(wasm::Store::make(engine.get()), "make a store");
  auto module = load_module(store.get(), "host_references.wasm");

  auto type = wasm::FuncType::make(wasm::ownvec<wasm::ValType>::make(wasm::ValType::make(wasm::ValKind::EXTERNREF)));
  auto greeter = need(wasm::Func::make(store.get(), type.get(), greet), "make a function");
  auto imports = wasm::vec<wasm::Extern*>::make(greeter.get());
  auto instance = instantiate(store.get(), module.get(), imports);
  auto arrive = need(instance->func("arrive"), "find arrive");
  auto greet_all = need(instance->func("greet_all"), "find greet_all");

  auto none = wasm::vec<wasm::Val>::make();
  for (const char* name : {"Ada", "Grace"}) {
    auto args = wasm::vec<wasm::Val>::make(make_person(store.get(), name));
    no_trap(arrive->call(args, none), "arrive");
  }  // from here on only the guest's table refers to them
  no_trap(greet_all->call(none, none), "greet");

  std::cout << "Closing the store" << std::endl;
  store.reset();  // every finalizer has run by now
  std::cout << "Closed" << std::endl;
}
