// Exceptions of host functions become traps; none leaves the library.

#include "test.hh"

#include <stdexcept>

namespace {
struct silent : std::exception {
  auto what() const noexcept -> const char* override { return nullptr; }
};

struct uncopyable_today {
  uncopyable_today() = default;
  uncopyable_today(const uncopyable_today&) { throw std::runtime_error("not today"); }
  auto operator()(const vec<Val>&, vec<Val>&) -> own<wasm::Trap> { return nullptr; }
};

auto throw_by_number(const vec<Val>& args, vec<Val>&) -> own<wasm::Trap> {
  switch (args[0].i32()) {
    case 0: throw std::runtime_error("of the library");
    case 1: throw 7;
    case 2: throw silent();
    case 3: throw std::runtime_error("");
    case 4: std::string().at(5); break;
    default: break;
  }
  return nullptr;
}

auto throw_with_env(void* env, const vec<Val>&, vec<Val>&) -> own<wasm::Trap> {
  throw std::logic_error(static_cast<const char*>(env));
}

int thrown;
void throwing_finalizer(void*) { throw ++thrown; }
}  // namespace

TEST(exception_becomes_a_trap_with_its_text) {
  world w;
  w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(), throw_by_number);
  const wasm::Func* call = w.instantiate().func("call");
  CHECK(trap_of(call, Val::i32(0)) == "of the library");
  CHECK(trap_of(call, Val::i32(1)) == "exception of an unknown type");
  CHECK(trap_of(call, Val::i32(2)) == "exception without a text");
  CHECK(trap_of(call, Val::i32(3)).empty());
  CHECK(trap_of(call, Val::i32(4)).find("at") != std::string::npos);
  CHECK(call_i32(call, Val::i32(5)) == 0);
}

TEST(exception_in_a_function_that_no_guest_called_is_a_trap_too) {
  world w;
  auto func = wasm::Func::make(w.store.get(), ints(1, 1).get(), throw_by_number);
  CHECK(trap_of(func.get(), Val::i32(0)) == "of the library");
}

TEST(trap_of_an_exception_has_the_guests_frames) {
  world w;
  w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(), throw_by_number);
  auto args = vec<Val>::make(Val::i32(0)), results = vec<Val>::make_uninitialized(1);
  auto trap = w.instantiate().func("call")->call(args, results);
  CHECK(trap && trap->origin() && trap->trace()[0]->func_index() == 2);
}

TEST(exception_with_an_environment_and_of_a_closure) {
  world w;
  char text[] = "env";
  auto func = wasm::Func::make(w.store.get(), ints(1, 1).get(), throw_with_env, text);
  CHECK(trap_of(func.get(), Val::i32(0)) == "env");
  std::string kept = "closure";
  auto closure = wasm::Func::make(w.store.get(), ints(1, 1).get(),
      [kept](const vec<Val>&, vec<Val>&) -> own<wasm::Trap> { throw std::runtime_error(kept); });
  CHECK(trap_of(closure.get(), Val::i32(0)) == "closure");
}

TEST(exception_passes_through_nested_calls_as_one_trap) {
  world w;
  int unwound = 0;
  struct guard {
    int& count;
    ~guard() { ++count; }
  };
  w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(), [&](const vec<Val>& args, vec<Val>& results) {
    guard on_the_stack = {unwound};
    const int32_t depth = args[0].i32();
    if (depth == 5) throw std::runtime_error("innermost");
    auto deeper = vec<Val>::make(Val::i32(depth + 1));
    return w.func("count_and_call")->call(deeper, results);
  });
  CHECK(trap_of(w.instantiate().func("call"), Val::i32(0)) == "innermost");
  CHECK(unwound == 6 && w.find("count")->global()->get().i32() == 7 + 5);
}

TEST(trap_may_become_an_exception_again) {
  world w;
  int level = 0;
  w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(), [&](const vec<Val>& args, vec<Val>& results) {
    if (++level == 2) throw std::runtime_error("inner");
    auto trap = w.func("call")->call(args, results);
    CHECK(trap);
    if (trap) throw std::runtime_error(std::string("outer of ") + trap->message().get());
    return trap;
  });
  CHECK(trap_of(w.instantiate().func("call"), Val::i32(0)) == "outer of inner");
}

TEST(host_may_catch_what_it_throws) {
  world w;
  w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(), [](const vec<Val>& args, vec<Val>& results) {
    try {
      throw_by_number(args, results);
    } catch (const std::exception&) {
      results[0] = Val::i32(-1);
    }
    return own<wasm::Trap>();
  });
  CHECK(call_i32(w.instantiate().func("call"), Val::i32(0)) == -1);
}

TEST(results_written_before_the_exception_are_released) {
  world w;
  auto object = wasm::Foreign::make(w.store.get());
  w.any = wasm::Func::make(w.store.get(), ref_to_ref().get(),
      [&](const vec<Val>&, vec<Val>& results) -> own<wasm::Trap> {
        results[0] = Val::ref(object->copy());
        throw std::runtime_error("late");
      });
  CHECK(trap_of(w.instantiate().func("pass"), Val()) == "late");
}

TEST(exception_in_the_start_function_comes_with_the_missing_instance) {
  world w;
  w.module = wasm::Module::make(w.store.get(), read_module("starts"));
  auto start = wasm::Func::make(w.store.get(), ints(0, 0).get(),
      [](const vec<Val>&, vec<Val>&) -> own<wasm::Trap> { throw std::runtime_error("no start"); });
  own<wasm::Trap> trap;
  CHECK(!wasm::Instance::make(w.store.get(), w.module.get(), vec<wasm::Extern*>::make(start.get()), &trap));
  CHECK(trap && std::strcmp(trap->message().get(), "no start") == 0);
}

TEST(exception_of_a_finalizer_is_dropped) {
  world w;
  auto func = wasm::Func::make(w.store.get(), ints(1, 1).get(), throw_with_env, nullptr, throwing_finalizer);
  CHECK(func);
  func.reset();
  w.store.reset();
  CHECK(thrown == 1);
  CHECK(!wasm::Func::make(nullptr, nullptr, throw_with_env, nullptr, throwing_finalizer));
  CHECK(thrown == 2);
}

TEST(closure_that_cannot_be_copied_gives_no_function) {
  world w;
  const uncopyable_today object;
  CHECK(!wasm::Func::make(w.store.get(), ints(1, 1).get(), object));
}
