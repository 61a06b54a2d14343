// Type objects: they return what they were made of, borrowed parts stay, bad parts give null.

#include "test.hh"

namespace {
auto text(const wasm::Name& name) -> std::string { return std::string(name.get(), name.size()); }
}  // namespace

TEST(value_types_of_all_kinds) {
  for (Kind kind : {Kind::I32, Kind::I64, Kind::F32, Kind::F64, Kind::EXTERNREF, Kind::FUNCREF}) {
    auto type = wasm::ValType::make(kind);
    auto copy = type->copy();
    CHECK(copy != type && copy->kind() == kind);
    CHECK(type->is_ref() == (kind >= Kind::EXTERNREF) && type->is_num() != type->is_ref());
  }
  CHECK(!wasm::ValType::make(static_cast<Kind>(77)));
}

TEST(function_types) {
  auto params = types(Kind::I32, Kind::FUNCREF), results = types(Kind::F64);
  auto type = wasm::FuncType::make(std::move(params), std::move(results));
  CHECK(type && !params && !results);
  CHECK(type->params().size() == 2 && type->params()[1]->kind() == Kind::FUNCREF);
  CHECK(type->results().size() == 1 && type->results()[0]->kind() == Kind::F64);
  auto copy = type->copy();
  type.reset();
  CHECK(copy->params()[0]->kind() == Kind::I32);
  CHECK(copy->params().deep_copy().size() == 2);
  auto empty = wasm::FuncType::make();
  CHECK(empty->params().size() == 0 && empty->results().size() == 0);
}

TEST(function_type_of_bad_parts_is_null_and_deletes_them) {
  CHECK(!wasm::FuncType::make(ownvec<wasm::ValType>::invalid(), types(Kind::I32)));
  CHECK(!wasm::FuncType::make(types(Kind::I32), ownvec<wasm::ValType>::invalid()));
  CHECK(!wasm::FuncType::make(ownvec<wasm::ValType>::make_uninitialized(2), types(Kind::I32)));
  auto params = types(Kind::I32, Kind::I64);
  auto results = ownvec<wasm::ValType>::invalid();
  CHECK(!wasm::FuncType::make(std::move(params), std::move(results)));
  CHECK(!params);
}

TEST(global_types) {
  auto type = wasm::GlobalType::make(wasm::ValType::make(Kind::F32), wasm::Mutability::VAR);
  CHECK(type->content()->kind() == Kind::F32 && type->mutability() == wasm::Mutability::VAR);
  CHECK(type->copy()->mutability() == wasm::Mutability::VAR);
  CHECK(!wasm::GlobalType::make(nullptr, wasm::Mutability::CONST));
}

TEST(table_types) {
  auto type = wasm::TableType::make(wasm::ValType::make(Kind::FUNCREF), wasm::Limits(2, 5));
  CHECK(type->element()->kind() == Kind::FUNCREF && type->limits().min == 2 && type->limits().max == 5);
  CHECK(type->copy()->limits().max == 5);
  CHECK(wasm::TableType::make(wasm::ValType::make(Kind::I32), wasm::Limits(2))->element()->kind() == Kind::I32);
  CHECK(!wasm::TableType::make(wasm::ValType::make(Kind::FUNCREF), wasm::Limits(2, 1)));
}

TEST(memory_types) {
  auto type = wasm::MemoryType::make(wasm::Limits(3));
  CHECK(type->limits().min == 3 && type->limits().max == wasm::Limits(0).max);
  CHECK(type->copy()->limits().min == 3);
  CHECK(!wasm::MemoryType::make(wasm::Limits(2, 1)));
}

TEST(tag_types) {
  auto type = wasm::TagType::make(ints(2, 0));
  CHECK(type && type->functype()->params().size() == 2 && type->copy()->functype());
  CHECK(type->kind() == wasm::EXTERN_KIND_TAG);
  wasm::ExternType* as_extern = type.get();
  CHECK(as_extern->tag() == type.get() && !as_extern->func());
  CHECK(!wasm::TagType::make(nullptr));
}

TEST(extern_types_know_their_kind) {
  auto types = ownvec<wasm::ExternType>::make(
      ints(1, 0), wasm::GlobalType::make(wasm::ValType::make(Kind::I32), wasm::Mutability::CONST),
      wasm::TableType::make(wasm::ValType::make(Kind::EXTERNREF), wasm::Limits(1)),
      wasm::MemoryType::make(wasm::Limits(1)));
  for (size_t i = 0; i < types.size(); ++i) {
    auto copy = types[i]->copy();
    const wasm::ExternType* constant = copy.get();
    CHECK(copy->kind() == static_cast<wasm::ExternKind>(i));
    CHECK((copy->func() != nullptr) == (i == 0) && constant->func() == copy->func());
    CHECK((copy->global() != nullptr) == (i == 1) && constant->global() == copy->global());
    CHECK((copy->table() != nullptr) == (i == 2) && constant->table() == copy->table());
    CHECK((copy->memory() != nullptr) == (i == 3) && constant->memory() == copy->memory());
    CHECK(!copy->tag() && !constant->tag());
  }
  CHECK(types[0]->func()->params().size() == 1);
}

TEST(import_and_export_types) {
  auto module = wasm::Name::make("m"), name = wasm::Name::make("n");
  own<wasm::ExternType> type = ints(0, 1);
  auto import = wasm::ImportType::make(std::move(module), std::move(name), std::move(type));
  CHECK(import && !module && !name && !type);
  CHECK(text(import->module()) == "m" && text(import->name()) == "n");
  CHECK(import->type()->func()->results().size() == 1);
  auto copy = import->copy();
  import.reset();
  CHECK(text(copy->name()) == "n");

  auto exported = wasm::ExportType::make(wasm::Name::make(), wasm::MemoryType::make(wasm::Limits(1)));
  CHECK(exported->name().size() == 0 && exported->type()->memory());
  CHECK(exported->copy()->type()->kind() == wasm::ExternKind::MEMORY);
}

TEST(import_and_export_types_of_bad_parts_are_null) {
  own<wasm::ExternType> type = ints(0, 1);
  CHECK(!wasm::ImportType::make(wasm::Name::invalid(), wasm::Name::make("n"), std::move(type)));
  CHECK(!type);
  CHECK(!wasm::ImportType::make(wasm::Name::make("m"), wasm::Name::invalid(), ints(0, 0)));
  CHECK(!wasm::ImportType::make(wasm::Name::make("m"), wasm::Name::make("n"), nullptr));
  CHECK(!wasm::ExportType::make(wasm::Name::invalid(), ints(0, 0)));
  CHECK(!wasm::ExportType::make(wasm::Name::make("n"), nullptr));
}
