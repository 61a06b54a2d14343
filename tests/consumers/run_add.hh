// What program.h does, with the C++ API. RUN_ADD_CXX is the name of the function.
#include <cstring>
#include <wasm.hh>

#ifndef RUN_ADD_CXX
#define RUN_ADD_CXX run_add_in_cxx
#endif

// The sum from a new instance, or -1 on failure.
int RUN_ADD_CXX(int a, int b);
int RUN_ADD_CXX(int a, int b) {
  static const char bytes[] =
      "\0asm\1\0\0\0\1\7\1`\2\x7f\x7f\1\x7f\3\2\1\0\7\7\1\3add\0\0\n\t\1\7\0 \0 \1j\v";
  auto engine = wasm::Engine::make();
  auto store = wasm::Store::make(engine.get());
  auto binary = wasm::vec<byte_t>::make_uninitialized(sizeof bytes - 1);
  std::memcpy(binary.get(), bytes, binary.size());
  auto module = wasm::Module::make(store.get(), binary);
  auto instance = wasm::Instance::make(store.get(), module.get(), wasm::vec<wasm::Extern*>::make());
  auto exports = instance->exports();
  auto args = wasm::vec<wasm::Val>::make(wasm::Val::i32(a), wasm::Val::i32(b));
  auto results = wasm::vec<wasm::Val>::make_uninitialized(1);
  return exports[0]->func()->call(args, results) ? -1 : results[0].i32();
}
