// The header without exceptions and RTTI, alone and beside a translation unit that has them
// (with_exceptions.cc): each keeps its own way of calling host functions.

#include "test.hh"

auto make_throwing(wasm::Store* store, const wasm::FuncType* type) -> own<wasm::Func>;

#if defined(__cpp_exceptions) || defined(__GXX_RTTI)
#error "to be compiled with -fno-exceptions -fno-rtti"
#endif

TEST(everything_works_without_exceptions) {
  world w;
  CHECK(call_i32(w.instantiate().func("call"), Val::i32(3)) == 3);
  int calls = 0;
  auto counting = [&calls](const vec<Val>&, vec<Val>&) -> own<wasm::Trap> {
    ++calls;
    return nullptr;
  };
  auto func = wasm::Func::make(w.store.get(), ints(0, 0).get(), counting);
  auto none = vec<Val>::make();
  CHECK(!func->call(none, none) && calls == 1);
  CHECK(trap_of(w.func("fail")).find("unreachable") != std::string::npos);
}

TEST(function_of_a_unit_with_exceptions_still_catches_them) {
  world w;
  w.one = make_throwing(w.store.get(), ints(1, 1).get());
  CHECK(trap_of(w.instantiate().func("call"), Val::i32(3)) == "from the other unit");
}
