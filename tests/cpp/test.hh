// What the C++ tests share. A test is `TEST(what_a_user_would_notice) { ... }`, a claim in it is
// `CHECK(condition)`. The program runs all of its tests, or those that its command line names.
//
// Everything here also compiles as C++11 and without exceptions.

#ifndef TEST_HH
#define TEST_HH

#include <wasm.hh>
#include <wasmrt.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

using wasm::own;
using wasm::ownvec;
using wasm::Val;
using wasm::vec;

// --- Tests ---

struct test {
  const char* name;
  void (*run)();
  test* next;

  test(const char* called, void (*what)()) : name(called), run(what), next(nullptr) {
    test** last = &first();
    while (*last) last = &(*last)->next;
    *last = this;
  }
  static auto first() -> test*& {
    static test* list = nullptr;
    return list;
  }
};

#define TEST(name)                        \
  static void name();                     \
  static test test_##name(#name, name);   \
  static void name()

#define CHECK(...) ((__VA_ARGS__) ? static_cast<void>(0) : failed(__FILE__, __LINE__, #__VA_ARGS__))

[[noreturn]] inline void failed(const char* file, int line, const char* what) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
  std::exit(1);
}

// --- An engine as the environment asks for it: WASMRT_TEST_CONFIG="workers=0 bounds=2 signals=0" ---

inline auto asked(const char* option, uint64_t otherwise) -> uint64_t {
  const char* config = std::getenv("WASMRT_TEST_CONFIG");
  const char* found = config ? std::strstr(config, option) : nullptr;
  return found ? std::strtoull(found + std::strlen(option), nullptr, 10) : otherwise;
}

inline auto test_engine() -> own<wasm::Engine> {
  auto config = wasm::Config::make();
  CHECK(config);
  wasm_config_t* c = wasm::to_c(config.get());
  CHECK(wasmrt_config_set(c, WASMRT_OPTION_WORKERS, asked("workers=", 2)));
  CHECK(wasmrt_config_set(c, WASMRT_OPTION_BOUNDS, asked("bounds=", 0)));
  CHECK(wasmrt_config_set(c, WASMRT_OPTION_SIGNALS, asked("signals=", 1)));
  auto engine = wasm::Engine::make(std::move(config));
  CHECK(engine && !config);
  return engine;
}

inline auto read_module(const std::string& name) -> vec<byte_t> {
  std::FILE* file = std::fopen((MODULES "/" + name + ".wasm").c_str(), "rb");
  CHECK(file && std::fseek(file, 0, SEEK_END) == 0);
  auto bytes = vec<byte_t>::make_uninitialized(static_cast<size_t>(std::ftell(file)));
  std::rewind(file);
  CHECK(bytes && std::fread(bytes.get(), 1, bytes.size(), file) == bytes.size());
  std::fclose(file);
  return bytes;
}

// --- Types ---

using Kind = wasm::ValKind;

inline auto types() -> ownvec<wasm::ValType> { return ownvec<wasm::ValType>::make(); }

template<class... Kinds>
auto types(Kind kind, Kinds... kinds) -> ownvec<wasm::ValType> {
  return ownvec<wasm::ValType>::make(wasm::ValType::make(kind), wasm::ValType::make(kinds)...);
}

inline auto ints(size_t params, size_t results) -> own<wasm::FuncType> {
  auto p = ownvec<wasm::ValType>::make_uninitialized(params);
  auto r = ownvec<wasm::ValType>::make_uninitialized(results);
  for (auto& type : p) type = wasm::ValType::make(Kind::I32);
  for (auto& type : r) type = wasm::ValType::make(Kind::I32);
  return wasm::FuncType::make(std::move(p), std::move(r));
}

inline auto ref_to_ref() -> own<wasm::FuncType> {
  return wasm::FuncType::make(types(Kind::EXTERNREF), types(Kind::EXTERNREF));
}

// --- A world: engine, store, and an instance of objects.wat with two host functions ---

inline auto same_number(const vec<Val>& args, vec<Val>& results) -> own<wasm::Trap> {
  results[0] = args[0].copy();
  return nullptr;
}

struct world {
  own<wasm::Engine> engine;
  own<wasm::Store> store;
  own<wasm::Module> module;
  own<wasm::Func> one;
  own<wasm::Func> any;
  own<wasm::Instance> instance;
  ownvec<wasm::Extern> exports;

  world() : engine(test_engine()), store(wasm::Store::make(engine.get())), exports(ownvec<wasm::Extern>::make()) {
    module = wasm::Module::make(store.get(), read_module("objects"));
    CHECK(store && module);
  }

  auto instantiate() -> world& {
    if (!one) one = wasm::Func::make(store.get(), ints(1, 1).get(), same_number);
    if (!any) any = wasm::Func::make(store.get(), ref_to_ref().get(), same_number);
    auto imports = vec<wasm::Extern*>::make(one.get(), any.get());
    own<wasm::Trap> trap;
    instance = wasm::Instance::make(store.get(), module.get(), imports, &trap);
    CHECK(instance && !trap);
    exports = instance->exports();
    return *this;
  }

  // Lent by the world.
  auto find(const std::string& name) -> wasm::Extern* {
    auto export_types = module->exports();
    for (size_t i = 0; i < export_types.size(); ++i) {
      const wasm::Name& found = export_types[i]->name();
      if (std::string(found.get(), found.size()) == name) return exports[i].get();
    }
    failed(__FILE__, __LINE__, name.c_str());
  }
  auto func(const std::string& name) -> wasm::Func* { return find(name)->func(); }
};

// --- Calls ---

template<class... Vals>
auto call_i32(const wasm::Func* func, Vals&&... vals) -> int32_t {
  auto args = vec<Val>::make(std::forward<Vals>(vals)...);
  auto results = vec<Val>::make_uninitialized(1);
  CHECK(!func->call(args, results));
  return results[0].i32();
}

template<class... Vals>
auto trap_of(const wasm::Func* func, Vals&&... vals) -> std::string {
  auto args = vec<Val>::make(std::forward<Vals>(vals)...);
  auto results = vec<Val>::make_uninitialized(func->result_arity());
  auto trap = func->call(args, results);
  CHECK(trap);
  auto message = trap->message();
  CHECK(message && message.size() > 0 && message[message.size() - 1] == '\0');
  return std::string(message.get());
}

}  // namespace

int main(int argc, char** argv) {
  int run = 0;
  for (const test* t = test::first(); t; t = t->next) {
    bool wanted = argc == 1;
    for (int i = 1; i < argc; ++i) wanted = wanted || std::strcmp(argv[i], t->name) == 0;
    if (!wanted) continue;
    std::printf("%s\n", t->name);
    std::fflush(stdout);
    t->run();
    ++run;
  }
  if (!run) std::fprintf(stderr, "no such test\n");
  return run ? 0 : 2;
}

#endif
