// Host functions: plain, with an environment, of a closure; what they may do with their vectors.

#include "test.hh"

namespace {
auto add_env(void* env, const vec<Val>& args, vec<Val>& results) -> own<wasm::Trap> {
  results[0] = Val::i32(args[0].i32() + *static_cast<int32_t*>(env));
  return nullptr;
}

// Counts how many of it there are.
struct counted {
  static int alive;
  int32_t by;
  explicit counted(int32_t n) : by(n) { ++alive; }
  counted(const counted& that) : by(that.by) { ++alive; }
  ~counted() { --alive; }
  auto operator()(const vec<Val>& args, vec<Val>& results) -> own<wasm::Trap> {
    results[0] = Val::i32(args[0].i32() * by);
    return nullptr;
  }
};
int counted::alive = 0;
}  // namespace

TEST(plain_function_is_called) {
  world w;
  auto func = wasm::Func::make(w.store.get(), ints(1, 1).get(), same_number);
  CHECK(call_i32(func.get(), Val::i32(9)) == 9);
  CHECK(call_i32(w.instantiate().func("call"), Val::i32(10)) == 10);
}

TEST(environment_reaches_the_function) {
  world w;
  int32_t env = 30;
  w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(), add_env, &env);
  CHECK(call_i32(w.instantiate().func("call"), Val::i32(12)) == 42);
}

TEST(closure_is_called_and_dies_with_its_function) {
  {
    world w;
    w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(), counted(6));
    CHECK(counted::alive == 1);
    CHECK(call_i32(w.instantiate().func("call"), Val::i32(7)) == 42);
    int calls = 0;
    auto counting = [&calls](const vec<Val>&, vec<Val>&) -> own<wasm::Trap> {
      ++calls;
      return nullptr;
    };
    auto func = wasm::Func::make(w.store.get(), ints(0, 0).get(), counting);
    auto none = vec<Val>::make();
    CHECK(!func->call(none, none) && !func->call(none, none) && calls == 2);
  }
  CHECK(counted::alive == 0);
}

TEST(closure_dies_at_once_when_there_is_no_function) {
  world w;
  CHECK(!wasm::Func::make(nullptr, ints(1, 1).get(), counted(6)));
  CHECK(!wasm::Func::make(w.store.get(), nullptr, counted(6)));
  CHECK(counted::alive == 0);
}

TEST(results_arrive_as_zeros_of_their_kinds) {
  world w;
  auto type = wasm::FuncType::make(types(), types(Kind::I64, Kind::F32, Kind::FUNCREF));
  bool good = false;
  auto func = wasm::Func::make(w.store.get(), type.get(), [&](const vec<Val>&, vec<Val>& results) {
    good = results.size() == 3 && results[0].i64() == 0 && results[1].f32() == 0 &&
           results[2].kind() == Kind::FUNCREF && !results[2].ref();
    return own<wasm::Trap>();
  });
  auto args = vec<Val>::make(), results = vec<Val>::make_uninitialized(3);
  CHECK(!func->call(args, results) && good && results[0].i64() == 0);
}

TEST(function_may_replace_its_results_as_a_whole) {
  world w;
  auto object = wasm::Foreign::make(w.store.get());
  auto func = wasm::Func::make(w.store.get(), ref_to_ref().get(), [&](const vec<Val>& args, vec<Val>& results) {
    results = args.deep_copy();
    return own<wasm::Trap>();
  });
  auto args = vec<Val>::make(Val::ref(object->copy())), results = vec<Val>::make_uninitialized(1);
  CHECK(!func->call(args, results) && results[0].ref()->same(object.get()));

  auto longer = wasm::Func::make(w.store.get(), ref_to_ref().get(), [&](const vec<Val>&, vec<Val>& r) {
    r = vec<Val>::make(Val::ref(object->copy()), Val::ref(object->copy()));
    return own<wasm::Trap>();
  });
  trap_of(longer.get(), Val::ref(object->copy()));

  auto moved = wasm::Func::make(w.store.get(), ref_to_ref().get(), [&](const vec<Val>&, vec<Val>& r) {
    auto gone = std::move(r);
    gone[0] = Val::ref(object->copy());
    return own<wasm::Trap>();
  });
  trap_of(moved.get(), Val::ref(object->copy()));
}

TEST(wrong_results_are_a_trap) {
  world w;
  auto object = wasm::Foreign::make(w.store.get());
  w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(), [&](const vec<Val>&, vec<Val>& results) {
    results[0] = Val::ref(object->copy());
    return own<wasm::Trap>();
  });
  trap_of(w.instantiate().func("call"), Val::i32(1));
}

TEST(function_may_call_grow_and_delete) {
  world w;
  int depth = 0;
  w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(), [&](const vec<Val>& args, vec<Val>& results) {
    w.find("memory")->memory()->grow(1);
    w.instance.reset();
    if (++depth < 3) return w.func("call")->call(args, results);
    results[0] = args[0].copy();
    return own<wasm::Trap>();
  });
  CHECK(call_i32(w.instantiate().func("call"), Val::i32(5)) == 5 && depth == 3);
  CHECK(w.find("memory")->memory()->size() == 4);
}
