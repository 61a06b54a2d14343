// The half of no_exceptions.cc that has exceptions.

#include <wasm.hh>

#include <stdexcept>

using wasm::own;
using wasm::Val;
using wasm::vec;

static auto throwing(const vec<Val>&, vec<Val>&) -> own<wasm::Trap> {
  throw std::runtime_error("from the other unit");
}

auto make_throwing(wasm::Store* store, const wasm::FuncType* type) -> own<wasm::Func>;

auto make_throwing(wasm::Store* store, const wasm::FuncType* type) -> own<wasm::Func> {
  return wasm::Func::make(store, type, throwing);
}
