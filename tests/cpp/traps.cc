// Traps: messages, frames, and identity when passing through guest and host.

#include "test.hh"

TEST(trap_keeps_its_message) {
  world w;
  auto trap = wasm::Trap::make(w.store.get(), wasm::Message::make_nt("why"));
  auto message = trap->message();
  CHECK(message.size() == 4 && std::strcmp(message.get(), "why") == 0);
  CHECK(!trap->origin() && trap->trace() && trap->trace().size() == 0);
  CHECK(trap->copy()->same(trap.get()));
  auto without_nul = wasm::Trap::make(w.store.get(), wasm::Message::make("why"));
  CHECK(without_nul->message().size() == 4);
  auto empty = wasm::Trap::make(w.store.get(), wasm::Message::make());
  CHECK(empty->message().size() == 1);
  CHECK(!wasm::Trap::make(w.store.get(), wasm::Message::invalid()));
}

TEST(message_of_a_trap_whose_store_has_gone_is_empty) {
  world w;
  auto trap = wasm::Trap::make(w.store.get(), wasm::Message::make_nt("why"));
  w.store.reset();
  auto message = trap->message();
  CHECK(message.size() == 1 && message[0] == '\0');
  CHECK(!trap->origin() && trap->trace().size() == 0);
}

TEST(trap_of_the_guest_has_frames) {
  world w;
  const wasm::Func* fail = w.instantiate().func("fail");
  auto args = vec<Val>::make(), results = vec<Val>::make_uninitialized(1);
  auto trap = fail->call(args, results);
  auto origin = trap->origin();
  auto trace = trap->trace();
  CHECK(origin && trace.size() == 1);
  trap.reset();
  auto copy = trace[0]->copy();
  CHECK(origin->func_index() == 5 && copy->func_index() == 5);
  CHECK(copy->func_offset() == origin->func_offset() && copy->func_offset() > 0);
  CHECK(copy->module_offset() > copy->func_offset());
  CHECK(copy->instance()->same(w.instance.get()));
  CHECK(!copy->source() && copy->source().file.size() == 0);
  w.store.reset();
  CHECK(!copy->instance());
}

TEST(frames_tell_their_place_in_the_source) {
  world w;
  auto module = wasm::Module::make(w.store.get(), read_module("lines_5"));
  auto instance = wasm::Instance::make(w.store.get(), module.get(), vec<wasm::Extern*>::make());
  auto exports = instance->exports();
  auto args = vec<Val>::make(Val::i32(1), Val::i32(0)), results = vec<Val>::make_uninitialized(1);
  auto trap = exports[1]->func()->call(args, results);
  auto source = trap->origin()->source(1);
  CHECK(source && source.line == 13 && source.column == 10);
  CHECK(std::string(source.func.get(), source.func.size()) == "middle");
  CHECK(std::string(source.file.get(), source.file.size()) == "/guest/lines.c");
  CHECK(!trap->origin()->source(3));
}

TEST(trap_of_the_host_comes_out_as_the_same_object) {
  world w;
  int info = 0;
  auto kept = wasm::Trap::make(w.store.get(), wasm::Message::make_nt("kept"));
  kept->set_host_info(&info);
  w.one = wasm::Func::make(w.store.get(), ints(1, 1).get(),
                           [&](const vec<Val>&, vec<Val>&) { return kept->copy(); });
  const wasm::Func* call = w.instantiate().func("call");
  auto args = vec<Val>::make(Val::i32(1)), results = vec<Val>::make_uninitialized(1);
  auto trap = call->call(args, results);
  CHECK(trap->same(kept.get()) && trap->get_host_info() == &info);
}

TEST(trap_in_the_start_function_comes_with_the_missing_instance) {
  world w;
  w.module = wasm::Module::make(w.store.get(), read_module("starts"));
  auto start = wasm::Func::make(w.store.get(), ints(0, 0).get(), [&](const vec<Val>&, vec<Val>&) {
    return wasm::Trap::make(w.store.get(), wasm::Message::make_nt("not yet"));
  });
  auto imports = vec<wasm::Extern*>::make(start.get());
  own<wasm::Trap> trap;
  CHECK(!wasm::Instance::make(w.store.get(), w.module.get(), imports, &trap));
  CHECK(trap && std::strcmp(trap->message().get(), "not yet") == 0);
}
