// Compiled under every standard, never run: each name of the published C++ API with its signature, in
// the header included twice by a program that defines `own` as C programs do.

#define own
#include <wasm.hh>
#include <wasm.hh>
#ifndef own
#error "the program's own definition of own is gone"
#endif
#undef own

using namespace wasm;

// Has a function pointer the type that it should have? Ambiguous overloads are chosen by the type.
#define FUNC(type, function) static_cast<void>(static_cast<type>(&function))
#define SAME(a, b) static_assert(std::is_same<a, b>::value, #a " is " #b)

SAME(byte_t, char);
SAME(float32_t, float);
SAME(float64_t, double);
SAME(Name, vec<byte_t>);
SAME(Message, vec<byte_t>);
SAME(ownvec<ValType>, vec<wasm::own<ValType>>);
SAME(vec<int>::elem_type, int);
SAME(Table::size_t, uint32_t);
SAME(Memory::pages_t, uint32_t);
SAME(decltype(Memory::page_size), const size_t);
SAME(Func::callback, auto (*)(const vec<Val>&, vec<Val>&) -> wasm::own<Trap>);
SAME(Func::callback_with_env, auto (*)(void*, const vec<Val>&, vec<Val>&) -> wasm::own<Trap>);

static_assert(static_cast<int>(ValKind::I32) == 0 && static_cast<int>(ValKind::F64) == 3, "numbers");
static_assert(static_cast<int>(ValKind::EXTERNREF) == 128 && static_cast<int>(ValKind::FUNCREF) == 129, "numbers");
static_assert(static_cast<int>(ExternKind::FUNC) == 0 && static_cast<int>(ExternKind::MEMORY) == 3, "numbers");
static_assert(static_cast<int>(Mutability::CONST) == 0 && static_cast<int>(Mutability::VAR) == 1, "numbers");
static_assert(sizeof(ValKind) == 1 && sizeof(ExternKind) == 1 && sizeof(Mutability) == 1, "bytes");

void vectors();
void vectors() {
  using V = vec<int>;
  FUNC(auto (V::*)() const -> size_t, V::size);
  FUNC(auto (V::*)() const -> const int*, V::get);
  FUNC(auto (V::*)() -> int*, V::get);
  FUNC(auto (V::*)() -> int*, V::release);
  FUNC(void (V::*)(), V::reset);
  FUNC(void (V::*)(V&), V::reset);
  FUNC(auto (V::*)(V&&) -> V&, V::operator=);
  FUNC(auto (V::*)(size_t) -> int&, V::operator[]);
  FUNC(auto (V::*)(size_t) const -> const int&, V::operator[]);
  FUNC(auto (V::*)() const -> V, V::copy);
  FUNC(auto (ownvec<ValType>::*)() const -> ownvec<ValType>, ownvec<ValType>::deep_copy);
  FUNC(auto (*)(size_t) -> V, V::make_uninitialized);
  FUNC(auto (*)(size_t, int*) -> V, V::make);
  FUNC(auto (*)() -> V, V::make);
  FUNC(auto (*)(size_t, int*) -> V, V::adopt);
  FUNC(auto (*)() -> V, V::invalid);
  SAME(decltype(V::make(std::string())), vec<char>);
  SAME(decltype(V::make_nt(std::string())), vec<char>);
  SAME(decltype(V::make(1, 2, 3)), V);
  SAME(decltype(make_own(static_cast<Engine*>(nullptr))), wasm::own<Engine>);
  bool valid = V::make();
  static_cast<void>(valid);
}

void types();
void types() {
  FUNC(auto (*)() -> wasm::own<Config>, Config::make);
  FUNC(auto (*)(wasm::own<Config>&&) -> wasm::own<Engine>, Engine::make);
  FUNC(auto (*)(Engine*) -> wasm::own<Store>, Store::make);
  FUNC(auto (*)(ValKind) -> bool, is_num);
  FUNC(auto (*)(ValKind) -> bool, is_ref);
  FUNC(auto (*)(ValKind) -> wasm::own<ValType>, ValType::make);
  FUNC(auto (ValType::*)() const -> wasm::own<ValType>, ValType::copy);
  FUNC(auto (ValType::*)() const -> ValKind, ValType::kind);
  FUNC(auto (ValType::*)() const -> bool, ValType::is_num);
  FUNC(auto (ValType::*)() const -> bool, ValType::is_ref);
  FUNC(auto (ExternType::*)() const -> wasm::own<ExternType>, ExternType::copy);
  FUNC(auto (ExternType::*)() const -> ExternKind, ExternType::kind);
  FUNC(auto (ExternType::*)() -> FuncType*, ExternType::func);
  FUNC(auto (ExternType::*)() -> GlobalType*, ExternType::global);
  FUNC(auto (ExternType::*)() -> TableType*, ExternType::table);
  FUNC(auto (ExternType::*)() -> MemoryType*, ExternType::memory);
  FUNC(auto (ExternType::*)() const -> const FuncType*, ExternType::func);
  FUNC(auto (ExternType::*)() const -> const GlobalType*, ExternType::global);
  FUNC(auto (ExternType::*)() const -> const TableType*, ExternType::table);
  FUNC(auto (ExternType::*)() const -> const MemoryType*, ExternType::memory);
  FUNC(auto (*)(ownvec<ValType>&&, ownvec<ValType>&&) -> wasm::own<FuncType>, FuncType::make);
  FUNC(auto (FuncType::*)() const -> wasm::own<FuncType>, FuncType::copy);
  FUNC(auto (FuncType::*)() const -> const ownvec<ValType>&, FuncType::params);
  FUNC(auto (FuncType::*)() const -> const ownvec<ValType>&, FuncType::results);
  FUNC(auto (*)(wasm::own<ValType>&&, Mutability) -> wasm::own<GlobalType>, GlobalType::make);
  FUNC(auto (GlobalType::*)() const -> wasm::own<GlobalType>, GlobalType::copy);
  FUNC(auto (GlobalType::*)() const -> const ValType*, GlobalType::content);
  FUNC(auto (GlobalType::*)() const -> Mutability, GlobalType::mutability);
  FUNC(auto (*)(wasm::own<ValType>&&, Limits) -> wasm::own<TableType>, TableType::make);
  FUNC(auto (TableType::*)() const -> wasm::own<TableType>, TableType::copy);
  FUNC(auto (TableType::*)() const -> const ValType*, TableType::element);
  FUNC(auto (TableType::*)() const -> const Limits&, TableType::limits);
  FUNC(auto (*)(Limits) -> wasm::own<MemoryType>, MemoryType::make);
  FUNC(auto (MemoryType::*)() const -> wasm::own<MemoryType>, MemoryType::copy);
  FUNC(auto (MemoryType::*)() const -> const Limits&, MemoryType::limits);
  FUNC(auto (*)(Name&&, Name&&, wasm::own<ExternType>&&) -> wasm::own<ImportType>, ImportType::make);
  FUNC(auto (ImportType::*)() const -> wasm::own<ImportType>, ImportType::copy);
  FUNC(auto (ImportType::*)() const -> const Name&, ImportType::module);
  FUNC(auto (ImportType::*)() const -> const Name&, ImportType::name);
  FUNC(auto (ImportType::*)() const -> const ExternType*, ImportType::type);
  FUNC(auto (*)(Name&&, wasm::own<ExternType>&&) -> wasm::own<ExportType>, ExportType::make);
  FUNC(auto (ExportType::*)() const -> wasm::own<ExportType>, ExportType::copy);
  FUNC(auto (ExportType::*)() const -> const Name&, ExportType::name);
  FUNC(auto (ExportType::*)() const -> const ExternType*, ExportType::type);
  Limits limits = 3;
  SAME(decltype(limits.min), uint32_t);
  SAME(decltype(limits.max), uint32_t);
  auto defaults = FuncType::make();
  auto engine = Engine::make();
}

void references();
void references() {
  FUNC(auto (Ref::*)() const -> wasm::own<Ref>, Ref::copy);
  FUNC(auto (Ref::*)(const Ref*) const -> bool, Ref::same);
  FUNC(auto (Ref::*)() const -> void*, Ref::get_host_info);
  FUNC(void (Ref::*)(void*, void (*)(void*)), Ref::set_host_info);
  FUNC(auto (*)(int32_t) -> Val, Val::i32);
  FUNC(auto (*)(int64_t) -> Val, Val::i64);
  FUNC(auto (*)(float32_t) -> Val, Val::f32);
  FUNC(auto (*)(float64_t) -> Val, Val::f64);
  FUNC(auto (*)(wasm::own<Ref>&&) -> Val, Val::ref);
  FUNC(void (Val::*)(), Val::reset);
  FUNC(void (Val::*)(Val&), Val::reset);
  FUNC(auto (Val::*)(Val&&) -> Val&, Val::operator=);
  FUNC(auto (Val::*)() const -> ValKind, Val::kind);
  FUNC(auto (Val::*)() const -> int32_t, Val::i32);
  FUNC(auto (Val::*)() const -> int64_t, Val::i64);
  FUNC(auto (Val::*)() const -> float32_t, Val::f32);
  FUNC(auto (Val::*)() const -> float64_t, Val::f64);
  FUNC(auto (Val::*)() const -> Ref*, Val::ref);
  FUNC(auto (Val::*)() -> wasm::own<Ref>, Val::release_ref);
  FUNC(auto (Val::*)() const -> Val, Val::copy);
  FUNC(auto (Frame::*)() const -> wasm::own<Frame>, Frame::copy);
  FUNC(auto (Frame::*)() const -> Instance*, Frame::instance);
  FUNC(auto (Frame::*)() const -> uint32_t, Frame::func_index);
  FUNC(auto (Frame::*)() const -> size_t, Frame::func_offset);
  FUNC(auto (Frame::*)() const -> size_t, Frame::module_offset);
  FUNC(auto (*)(Store*, const Message&) -> wasm::own<Trap>, Trap::make);
  FUNC(auto (Trap::*)() const -> wasm::own<Trap>, Trap::copy);
  FUNC(auto (Trap::*)() const -> Message, Trap::message);
  FUNC(auto (Trap::*)() const -> wasm::own<Frame>, Trap::origin);
  FUNC(auto (Trap::*)() const -> ownvec<Frame>, Trap::trace);
  FUNC(auto (*)(Store*) -> wasm::own<Foreign>, Foreign::make);
  FUNC(auto (Foreign::*)() const -> wasm::own<Foreign>, Foreign::copy);
}

void modules();
void modules() {
  FUNC(auto (*)(Store*, const vec<byte_t>&) -> bool, Module::validate);
  FUNC(auto (*)(Store*, const vec<byte_t>&) -> wasm::own<Module>, Module::make);
  FUNC(auto (Module::*)() const -> wasm::own<Module>, Module::copy);
  FUNC(auto (Module::*)() const -> ownvec<ImportType>, Module::imports);
  FUNC(auto (Module::*)() const -> ownvec<ExportType>, Module::exports);
  FUNC(auto (Module::*)() const -> wasm::own<Shared<Module>>, Module::share);
  FUNC(auto (*)(Store*, const Shared<Module>*) -> wasm::own<Module>, Module::obtain);
  FUNC(auto (Module::*)() const -> vec<byte_t>, Module::serialize);
  FUNC(auto (*)(Store*, const vec<byte_t>&) -> wasm::own<Module>, Module::deserialize);
}

void externs();
void externs() {
  FUNC(auto (Extern::*)() const -> wasm::own<Extern>, Extern::copy);
  FUNC(auto (Extern::*)() const -> ExternKind, Extern::kind);
  FUNC(auto (Extern::*)() const -> wasm::own<ExternType>, Extern::type);
  FUNC(auto (Extern::*)() -> Func*, Extern::func);
  FUNC(auto (Extern::*)() -> Global*, Extern::global);
  FUNC(auto (Extern::*)() -> Table*, Extern::table);
  FUNC(auto (Extern::*)() -> Memory*, Extern::memory);
  FUNC(auto (Extern::*)() const -> const Func*, Extern::func);
  FUNC(auto (Extern::*)() const -> const Global*, Extern::global);
  FUNC(auto (Extern::*)() const -> const Table*, Extern::table);
  FUNC(auto (Extern::*)() const -> const Memory*, Extern::memory);
  FUNC(auto (*)(Store*, const FuncType*, Func::callback) -> wasm::own<Func>, Func::make);
  FUNC(auto (*)(Store*, const FuncType*, Func::callback_with_env, void*, void (*)(void*)) -> wasm::own<Func>,
       Func::make);
  FUNC(auto (Func::*)() const -> wasm::own<Func>, Func::copy);
  FUNC(auto (Func::*)() const -> wasm::own<FuncType>, Func::type);
  FUNC(auto (Func::*)() const -> size_t, Func::param_arity);
  FUNC(auto (Func::*)() const -> size_t, Func::result_arity);
  FUNC(auto (Func::*)(const vec<Val>&, vec<Val>&) const -> wasm::own<Trap>, Func::call);
  FUNC(auto (*)(Store*, const GlobalType*, const Val&) -> wasm::own<Global>, Global::make);
  FUNC(auto (Global::*)() const -> wasm::own<Global>, Global::copy);
  FUNC(auto (Global::*)() const -> wasm::own<GlobalType>, Global::type);
  FUNC(auto (Global::*)() const -> Val, Global::get);
  FUNC(void (Global::*)(const Val&), Global::set);
  FUNC(auto (*)(Store*, const TableType*, const Ref*) -> wasm::own<Table>, Table::make);
  FUNC(auto (Table::*)() const -> wasm::own<Table>, Table::copy);
  FUNC(auto (Table::*)() const -> wasm::own<TableType>, Table::type);
  FUNC(auto (Table::*)(uint32_t) const -> wasm::own<Ref>, Table::get);
  FUNC(auto (Table::*)(uint32_t, const Ref*) -> bool, Table::set);
  FUNC(auto (Table::*)() const -> uint32_t, Table::size);
  FUNC(auto (Table::*)(uint32_t, const Ref*) -> bool, Table::grow);
  FUNC(auto (*)(Store*, const MemoryType*) -> wasm::own<Memory>, Memory::make);
  FUNC(auto (Memory::*)() const -> wasm::own<Memory>, Memory::copy);
  FUNC(auto (Memory::*)() const -> wasm::own<MemoryType>, Memory::type);
  FUNC(auto (Memory::*)() const -> byte_t*, Memory::data);
  FUNC(auto (Memory::*)() const -> size_t, Memory::data_size);
  FUNC(auto (Memory::*)() const -> uint32_t, Memory::size);
  FUNC(auto (Memory::*)(uint32_t) -> bool, Memory::grow);
  FUNC(auto (*)(Store*, const Module*, const vec<Extern*>&, wasm::own<Trap>*) -> wasm::own<Instance>,
       Instance::make);
  FUNC(auto (Instance::*)() const -> wasm::own<Instance>, Instance::copy);
  FUNC(auto (Instance::*)() const -> ownvec<Extern>, Instance::exports);
}

// Classes and members that the published header lacks.
void additions();
void additions() {
  FUNC(auto (ExternType::*)() -> TagType*, ExternType::tag);
  FUNC(auto (ExternType::*)() const -> const TagType*, ExternType::tag);
  FUNC(auto (*)(wasm::own<FuncType>&&) -> wasm::own<TagType>, TagType::make);
  FUNC(auto (TagType::*)() const -> wasm::own<TagType>, TagType::copy);
  FUNC(auto (TagType::*)() const -> const FuncType*, TagType::functype);
  FUNC(auto (Extern::*)() -> Tag*, Extern::tag);
  FUNC(auto (Extern::*)() const -> const Tag*, Extern::tag);
  FUNC(auto (*)(Store*, const TagType*) -> wasm::own<Tag>, Tag::make);
  FUNC(auto (Tag::*)() const -> wasm::own<Tag>, Tag::copy);
  FUNC(auto (Tag::*)() const -> wasm::own<TagType>, Tag::type);
  FUNC(auto (Tag::*)() const -> Name, Tag::name);
  FUNC(auto (Trap::*)() -> Exception*, Trap::exception);
  FUNC(auto (Trap::*)() const -> const Exception*, Trap::exception);
  FUNC(auto (*)(Store*, const Tag*, const vec<Val>&) -> wasm::own<Exception>, Exception::make);
  FUNC(auto (Exception::*)() const -> wasm::own<Exception>, Exception::copy);
  FUNC(auto (Exception::*)() const -> wasm::own<Tag>, Exception::tag);
  FUNC(auto (Exception::*)() const -> vec<Val>, Exception::payload);
  FUNC(auto (Memory::*)() const -> wasm::own<Shared<Memory>>, Memory::share);
  FUNC(auto (*)(Store*, const Shared<Memory>*) -> wasm::own<Memory>, Memory::obtain);
}
