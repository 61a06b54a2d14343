// Exception tags and exceptions of WebAssembly.

#include "test.hh"

#include <stdexcept>

namespace {

template<class... Kinds>
auto tag_of(const own<wasm::Store>& store, Kinds... kinds) -> own<wasm::Tag> {
  auto type = wasm::TagType::make(wasm::FuncType::make(types(kinds...)));
  return wasm::Tag::make(store.get(), type.get());
}

// An instance of tags.wat; what its host function does is in `act`.
struct thrower : world {
  own<wasm::Tag> error;
  own<wasm::Tag> reference;
  own<wasm::Trap> (*act)(thrower&, int32_t) = nullptr;

  thrower() {
    error = tag_of(store, Kind::I32, Kind::F64);
    reference = tag_of(store, Kind::EXTERNREF);
    CHECK(error && reference);
    module = wasm::Module::make(store.get(), read_module("tags"));
    CHECK(module);
    auto call = wasm::Func::make(store.get(), ints(1, 1).get(), [this](const vec<Val>& args, vec<Val>& results) {
      results[0] = args[0].copy();
      return act ? act(*this, args[0].i32()) : nullptr;
    });
    auto imports = vec<wasm::Extern*>::make(error.get(), call.get(), reference.get());
    instance = wasm::Instance::make(store.get(), module.get(), imports);
    CHECK(instance);
    exports = instance->exports();
  }

  template<class... Vals>
  auto trap(const std::string& name, Vals&&... vals) -> own<wasm::Trap> {
    auto args = vec<Val>::make(std::forward<Vals>(vals)...);
    auto results = vec<Val>::make();
    auto trap = func(name)->call(args, results);
    CHECK(trap);
    return trap;
  }
};

}  // namespace

TEST(tag_has_a_type_a_kind_and_an_identity) {
  thrower t;
  CHECK(t.error->kind() == wasm::EXTERN_KIND_TAG && t.error->tag() == t.error.get());
  CHECK(!t.error->func() && !t.func("add")->tag());
  CHECK(t.error->type()->functype()->params().size() == 2);
  CHECK(t.error->copy()->same(t.error.get()));
  CHECK(!t.error->same(tag_of(t.store, Kind::I32, Kind::F64).get()));
  const wasm::Extern* own_tag = t.find("own");
  CHECK(own_tag->tag() && own_tag->tag()->type()->functype()->params()[0]->kind() == Kind::I64);
  const auto name = own_tag->tag()->name();
  CHECK(std::string(name.get(), name.size()) == "own" && t.error->name() && t.error->name().size() == 0);
  CHECK(!wasm::Tag::make(t.store.get(), nullptr));
  auto with_result = wasm::TagType::make(ints(0, 1));
  CHECK(!wasm::Tag::make(t.store.get(), with_result.get()));
}

TEST(module_says_which_tags_it_imports_and_exports) {
  thrower t;
  auto imports = t.module->imports();
  CHECK(imports[0]->type()->kind() == wasm::EXTERN_KIND_TAG);
  CHECK(imports[0]->type()->tag()->functype()->params()[1]->kind() == Kind::F64);
  CHECK(!imports[1]->type()->tag());
}

TEST(exception_of_the_guest_comes_out_with_tag_and_values) {
  thrower t;
  auto trap = t.trap("throw_error", Val::i32(-3), Val::f64(1.5));
  const wasm::Exception* exception = trap->exception();
  CHECK(exception && exception->tag()->same(t.error.get()) && trap->trace().size() == 1);
  auto payload = exception->payload();
  CHECK(payload.size() == 2 && payload[0].i32() == -3 && payload[1].f64() == 1.5);
  CHECK(std::strcmp(trap->message().get(), "uncaught exception (i32 -3, f64 1.5)") == 0);
  CHECK(exception->copy()->same(trap.get()));
  CHECK(!t.trap("fail")->exception());
}

TEST(exception_that_carries_references) {
  thrower t;
  auto payload = t.trap("throw_own", Val::i64(7))->exception()->payload();
  CHECK(payload.size() == 2 && payload[0].i64() == 7 && payload[1].kind() == Kind::FUNCREF);
  CHECK(payload[1].ref()->same(t.func("throw_own")));
  auto object = wasm::Foreign::make(t.store.get());
  auto trap = t.trap("throw_reference", Val::ref(object->copy()));
  CHECK(trap->exception()->payload()[0].ref()->same(object.get()));
  CHECK(!t.trap("throw_reference", Val())->exception()->payload()[0].ref());
  auto made = wasm::Exception::make(t.store.get(), t.reference.get(), vec<Val>::make(Val::ref(object->copy())));
  CHECK(made && made->payload()[0].ref()->same(object.get()));
}

TEST(values_with_a_vector_are_an_invalid_payload) {
  thrower t;
  auto object = wasm::Foreign::make(t.store.get());
  auto trap = t.trap("throw_vector", Val::ref(object->copy()));
  CHECK(trap->exception()->tag()->same(t.find("vector")) && !trap->exception()->payload());
}

TEST(guest_catches_the_exception_that_the_host_returns) {
  thrower t;
  CHECK(call_i32(t.func("catch"), Val::i32(1)) == 1001);
  t.act = [](thrower& self, int32_t n) -> own<wasm::Trap> {
    return wasm::Exception::make(self.store.get(), self.error.get(), vec<Val>::make(Val::i32(n), Val::f64(0)));
  };
  CHECK(call_i32(t.func("catch"), Val::i32(-5)) == -5);
  t.act = [](thrower& self, int32_t) { return self.trap("throw_error", Val::i32(44), Val::f64(0)); };
  CHECK(call_i32(t.func("catch"), Val::i32(1)) == 44);
}

TEST(exception_that_nobody_catches_comes_out_as_the_same_object) {
  thrower t;
  static own<wasm::Exception> kept;
  kept = wasm::Exception::make(t.store.get(), tag_of(t.store).get());
  t.act = [](thrower&, int32_t) -> own<wasm::Trap> { return kept->copy(); };
  CHECK(t.trap("catch", Val::i32(1))->same(kept.get()) && kept->payload() && kept->payload().size() == 0);
  kept.reset();
}

TEST(exception_of_the_cpp_program_is_a_trap_that_the_guest_cannot_catch) {
  thrower t;
  t.act = [](thrower&, int32_t) -> own<wasm::Trap> { throw std::runtime_error("of the program"); };
  auto trap = t.trap("catch", Val::i32(1));
  CHECK(!trap->exception() && std::strcmp(trap->message().get(), "of the program") == 0);
}

TEST(exception_that_does_not_fit_its_tag_is_null) {
  thrower t;
  CHECK(!wasm::Exception::make(t.store.get(), t.error.get(), vec<Val>::make(Val::i32(1))));
  CHECK(!wasm::Exception::make(t.store.get(), t.error.get(), vec<Val>::make(Val::i32(1), Val::i32(1))));
  CHECK(!wasm::Exception::make(t.store.get(), t.error.get(), vec<Val>::invalid()));
  CHECK(!wasm::Exception::make(t.store.get(), nullptr));
  auto other = wasm::Store::make(t.engine.get());
  CHECK(!wasm::Exception::make(other.get(), t.error.get(), vec<Val>::make(Val::i32(1), Val::f64(1))));
}

TEST(exception_of_a_store_that_is_gone_is_none) {
  thrower t;
  auto trap = t.trap("throw_error", Val::i32(1), Val::f64(1));
  auto kept = trap->exception()->copy();
  t.exports.reset();
  t.instance.reset();
  t.store.reset();
  CHECK(!trap->exception() && !kept->tag() && !kept->payload());
}
