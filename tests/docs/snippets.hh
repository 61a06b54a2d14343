// The same for C++.

#include <cstdio>
#include <vector>

#include <wasm.hh>
#include <wasmrt.h>

#define GUIDE_FUNCTION void guide()

extern wasm::own<wasm::Engine> engine;
extern wasm::own<wasm::Store> store;
extern wasm::own<wasm::FuncType> type;
extern wasm::own<wasm::Func> func;
extern wasm::own<wasm::Tag> not_found;
extern wasm::vec<wasm::Val> args, results;
extern wasm::vec<byte_t> binary;
extern std::vector<int> lines;
