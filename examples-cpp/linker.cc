// The sixth step: imports by name, with a linker, and a guest that passes text. Functions of wasmrt.h that have no member
// here are called with `to_c`.

#include "common.hh"

#include <stdexcept>

int main() {
  auto engine = need(wasm::Engine::make(), "start an engine");
  auto store = need(wasm::Store::make(engine.get()), "make a store");
  auto module = load_module(store.get(), "linker.wasm");

  // A pointer and a length from the guest become an address in its memory, or null if they lead out of it.
  std::string said;
  auto i32 = [] { return wasm::ValType::make(wasm::ValKind::I32); };
  auto type = wasm::FuncType::make(wasm::ownvec<wasm::ValType>::make(i32(), i32()));
  auto say = wasm::Func::make(store.get(), type.get(),
      [&](const wasm::vec<wasm::Val>& args, wasm::vec<wasm::Val>&) -> wasm::own<wasm::Trap> {
        const auto at = static_cast<uint32_t>(args[0].i32()), size = static_cast<uint32_t>(args[1].i32());
        const char* text = wasmrt_store_caller_bytes(wasm::to_c(store.get()), at, size);
        if (!text) throw std::out_of_range("the text is not in the memory");
        said.append(text, size);
        return nullptr;
      });

  // What is missing is reported by name, all of it at once.
  auto linker = need(wasm::Linker::make(store.get()), "make a linker");
  wasm::own<wasm::Trap> trap;
  if (!linker->instantiate(module.get(), &trap)) std::cout << trap->message().get() << std::endl;

  if (!linker->define("host", "say", say.get())) die("define the function");
  auto instance = need(linker->instantiate(module.get(), &trap), "instantiate the module");
  auto nothing = wasm::vec<wasm::Val>::make();
  auto none = wasm::vec<wasm::Val>::make();
  no_trap(need(instance->func("greet"), "find greet")->call(nothing, none), "call greet");
  std::cout << said << std::endl;

  trap = need(instance->func("overreach"), "find overreach")->call(nothing, none);
  std::cout << "trap: " << (trap ? trap->message().get() : "none") << std::endl;
}
