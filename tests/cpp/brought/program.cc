// A program with a C++ header of its own (wasm.hh beside it), whose members are in libwasmrt_cxx.a.

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "wasm.hh"

using wasm::own;
using wasm::Val;
using wasm::vec;

#define CHECK(condition) \
  ((condition) ? void(0) : (std::fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition), std::exit(1)))

// (module (import "host" "f" (func $f (param i32) (result i32)))
//   (func (export "g") (param i32) (result i32) (call $f (local.get 0))))
static const unsigned char module_bytes[] = {
    0, 'a', 's', 'm', 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 2, 10, 1, 4, 'h', 'o', 's', 't', 1, 'f', 0, 0,
    3, 2, 1, 0, 7, 5, 1, 1, 'g', 0, 1, 10, 8, 1, 6, 0, 0x20, 0, 0x10, 0, 0x0b};

static auto bytes(const void* data, size_t size) -> vec<byte_t> {
  vec<byte_t> result(size);
  std::memcpy(&result[0], data, size);
  return result;
}

static auto one(wasm::ValKind kind) -> wasm::ownvec<wasm::ValType> {
  wasm::ownvec<wasm::ValType> types(1);
  types[0] = wasm::ValType::make(kind);
  return types;
}

static auto double_or_trap(void* store, const vec<Val>& args, vec<Val>& results) -> own<wasm::Trap> {
  if (args[0].i32() < 0) return wasm::Trap::make(static_cast<wasm::Store*>(store), bytes("negative", 8));
  results[0] = Val(2 * args[0].i32());
  return nullptr;
}

static auto echo(void* count, const vec<Val>& args, vec<Val>& results) -> own<wasm::Trap> {
  ++*static_cast<int*>(count);
  results[0] = Val(args[0].ref()->copy());
  return nullptr;
}

static void finish(void* count) { *static_cast<int*>(count) += 100; }

static void call_through_a_module(wasm::Store* store) {
  auto module = wasm::Module::make(store, bytes(module_bytes, sizeof module_bytes));
  CHECK(module);
  auto imports = module->imports();
  CHECK(imports.size() == 1 && std::strcmp(imports[0]->module().get(), "host") == 0 && imports[0]->name().size() == 1);
  auto type = wasm::FuncType::make(one(wasm::ValKind::I32), one(wasm::ValKind::I32));
  CHECK(type->kind() == wasm::ExternKind::FUNC && type->params()[0]->kind() == wasm::ValKind::I32);
  auto func = wasm::Func::make(store, type.get(), double_or_trap, store, nullptr);
  vec<wasm::Extern*> externs(1);
  externs[0] = func.get();
  auto instance = wasm::Instance::make(store, module.get(), externs);
  auto exports = instance->exports();
  vec<Val> args(1), results(1);
  args[0] = Val(21);
  CHECK(!exports[0]->func()->call(args, results) && results[0].i32() == 42);
  args[0] = Val(-1);
  auto trap = exports[0]->func()->call(args, results);
  CHECK(trap && std::strcmp(trap->message().get(), "negative") == 0);
}

static void call_with_references(wasm::Store* store, int* count) {
  auto type = wasm::FuncType::make(one(wasm::ValKind::EXTERNREF), one(wasm::ValKind::EXTERNREF));
  auto func = wasm::Func::make(store, type.get(), echo, count, finish);
  auto object = wasm::Foreign::make(store);
  vec<Val> args(1), results(1);
  args[0] = Val(object->copy());
  for (int i = 0; i < 3; ++i) CHECK(!func->call(args, results) && results[0].ref()->same(object.get()));
}

int main() {
  int count = 0;
  {
    auto engine = wasm::Engine::make();
    auto store = wasm::Store::make(engine.get());
    call_through_a_module(store.get());
    call_with_references(store.get(), &count);
    auto type = wasm::MemoryType::make({2, 3});
    auto memory = wasm::Memory::make(store.get(), type.get());
    const size_t& page_size = wasm::Memory::page_size;
    CHECK(type->limits().max == 3 && memory->data_size() == 2 * page_size);
  }
  CHECK(count == 103);
  std::puts("good");
}
