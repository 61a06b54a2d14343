// Linkers, exports by name, and bytes from arrays and files.

#include "test.hh"

TEST(module_gets_its_imports_by_name) {
  world w;
  auto linker = wasm::Linker::make(w.store.get());
  CHECK(linker && !wasm::Linker::make(nullptr));
  own<wasm::Trap> trap;
  CHECK(!linker->instantiate(w.module.get(), &trap) && trap);
  CHECK(std::strstr(trap->message().get(), "2 imports are missing"));
  CHECK(linker->define_traps(w.module.get()));
  auto instance = linker->instantiate(w.module.get(), &trap);
  CHECK(instance && !trap);
}

TEST(linker_takes_functions_and_instances) {
  world w;
  w.instantiate();
  auto linker = wasm::Linker::make(w.store.get());
  auto types = w.module->imports();
  auto name = [&](size_t i) { return std::string(types[i]->name().get(), types[i]->name().size()); };
  auto module = [&](size_t i) { return std::string(types[i]->module().get(), types[i]->module().size()); };
  CHECK(linker->define(module(0), name(0), w.one.get()) && linker->define(module(1), name(1), w.any.get()));
  CHECK(!linker->define(module(0), name(0), w.one.get()));
  linker->allow_shadowing(true);
  CHECK(linker->define(module(0), name(0), w.one.get()));
  CHECK(linker->get(module(0), name(0))->func()->same(w.one.get()) && !linker->get("none", "none"));
  CHECK(linker->instantiate(w.module.get()));
  CHECK(linker->define("objects", w.instance.get()));
  auto exported = w.module->exports();
  const wasm::Name& first = exported[0]->name();
  CHECK(linker->get("objects", std::string(first.get(), first.size())));
}

TEST(exports_are_found_by_name) {
  world w;
  w.instantiate();
  auto exported = w.module->exports();
  for (size_t i = 0; i < exported.size(); ++i) {
    const std::string name(exported[i]->name().get(), exported[i]->name().size());
    const bool is_func = exported[i]->type()->kind() == wasm::ExternKind::FUNC;
    CHECK(!w.instance->func(name) == !is_func);
  }
  CHECK(!w.instance->func("none") && !w.instance->memory("none") && !w.instance->table("none") &&
        !w.instance->global("none"));
}

TEST(bytes_come_from_constant_arrays_and_from_files) {
  static const byte_t empty_module[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  auto bytes = vec<byte_t>::make(sizeof empty_module, empty_module);
  CHECK(bytes && bytes.size() == 8 && std::memcmp(bytes.get(), empty_module, 8) == 0);
  world w;
  CHECK(wasm::Module::make(w.store.get(), bytes));
  CHECK(vec<byte_t>::make(0, static_cast<const byte_t*>(nullptr)).size() == 0);
  auto file = wasm::read_file(MODULES "/objects.wasm");
  CHECK(file && wasm::Module::make(w.store.get(), file));
  CHECK(!wasm::read_file(MODULES "/none.wasm"));
}
