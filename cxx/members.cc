// The members that the published wasm.hh declares and leaves to a library, for programs that bring that header.
//
// libwasmrt's own wasm.hh defines all of them inline, over wasm.h, in classes of the same names and layouts, so that a
// compiler that emits them here emits what such programs ask for: the same mangled names, called in the same way.
// tests/cpp/published.cc holds the signatures together. Here every member is named once, with its type because many
// are overloaded; an explicit instantiation may also name the private ones.

#include <wasm.hh>

namespace wasm {
namespace {

template<class Function, Function function>
struct emitted {
  static Function address;
};
template<class Function, Function function>
__attribute__((used)) Function emitted<Function, function>::address = function;

#define STATIC(Class, name, Result, ...) template struct emitted<auto (*)(__VA_ARGS__) -> Result, &Class::name>;
#define MEMBER(Class, name, Result, ...) template struct emitted<auto (Class::*)(__VA_ARGS__) -> Result, &Class::name>;
#define CONST_MEMBER(Class, name, Result, ...) \
  template struct emitted<auto (Class::*)(__VA_ARGS__) const -> Result, &Class::name>;
#define DESTROY(Class) MEMBER(Class, destroy, void)
#define COPY(Class) CONST_MEMBER(Class, copy, own<Class>)

using Bytes = vec<byte_t>;
using Finalizer = void (*)(void*);
using SharedModule = Shared<Module>;

// --- Environment ---

DESTROY(Config)
STATIC(Config, make, own<Config>)
DESTROY(Engine)
STATIC(Engine, make, own<Engine>, own<Config>&&)
DESTROY(Store)
STATIC(Store, make, own<Store>, Engine*)

// --- Types ---

DESTROY(ValType)
COPY(ValType)
STATIC(ValType, make, own<ValType>, ValKind)
CONST_MEMBER(ValType, kind, ValKind)

DESTROY(ExternType)
COPY(ExternType)
CONST_MEMBER(ExternType, kind, ExternKind)
MEMBER(ExternType, func, FuncType*)
MEMBER(ExternType, global, GlobalType*)
MEMBER(ExternType, table, TableType*)
MEMBER(ExternType, memory, MemoryType*)
CONST_MEMBER(ExternType, func, const FuncType*)
CONST_MEMBER(ExternType, global, const GlobalType*)
CONST_MEMBER(ExternType, table, const TableType*)
CONST_MEMBER(ExternType, memory, const MemoryType*)

DESTROY(FuncType)
COPY(FuncType)
STATIC(FuncType, make, own<FuncType>, ownvec<ValType>&&, ownvec<ValType>&&)
CONST_MEMBER(FuncType, params, const ownvec<ValType>&)
CONST_MEMBER(FuncType, results, const ownvec<ValType>&)

DESTROY(GlobalType)
COPY(GlobalType)
STATIC(GlobalType, make, own<GlobalType>, own<ValType>&&, Mutability)
CONST_MEMBER(GlobalType, content, const ValType*)
CONST_MEMBER(GlobalType, mutability, Mutability)

DESTROY(TableType)
COPY(TableType)
STATIC(TableType, make, own<TableType>, own<ValType>&&, Limits)
CONST_MEMBER(TableType, element, const ValType*)
CONST_MEMBER(TableType, limits, const Limits&)

DESTROY(MemoryType)
COPY(MemoryType)
STATIC(MemoryType, make, own<MemoryType>, Limits)
CONST_MEMBER(MemoryType, limits, const Limits&)

DESTROY(ImportType)
COPY(ImportType)
STATIC(ImportType, make, own<ImportType>, Name&&, Name&&, own<ExternType>&&)
CONST_MEMBER(ImportType, module, const Name&)
CONST_MEMBER(ImportType, name, const Name&)
CONST_MEMBER(ImportType, type, const ExternType*)

DESTROY(ExportType)
COPY(ExportType)
STATIC(ExportType, make, own<ExportType>, Name&&, own<ExternType>&&)
CONST_MEMBER(ExportType, name, const Name&)
CONST_MEMBER(ExportType, type, const ExternType*)

// --- References, traps, modules ---

DESTROY(Ref)
COPY(Ref)
CONST_MEMBER(Ref, same, bool, const Ref*)
CONST_MEMBER(Ref, get_host_info, void*)
MEMBER(Ref, set_host_info, void, void*, Finalizer)

DESTROY(Frame)
COPY(Frame)
CONST_MEMBER(Frame, instance, Instance*)
CONST_MEMBER(Frame, func_index, uint32_t)
CONST_MEMBER(Frame, func_offset, std::size_t)
CONST_MEMBER(Frame, module_offset, std::size_t)

DESTROY(Trap)
COPY(Trap)
STATIC(Trap, make, own<Trap>, Store*, const Message&)
CONST_MEMBER(Trap, message, Message)
CONST_MEMBER(Trap, origin, own<Frame>)
CONST_MEMBER(Trap, trace, ownvec<Frame>)

DESTROY(Module)
COPY(Module)
STATIC(Module, validate, bool, Store*, const Bytes&)
STATIC(Module, make, own<Module>, Store*, const Bytes&)
CONST_MEMBER(Module, imports, ownvec<ImportType>)
CONST_MEMBER(Module, exports, ownvec<ExportType>)
CONST_MEMBER(Module, share, own<SharedModule>)
STATIC(Module, obtain, own<Module>, Store*, const SharedModule*)
CONST_MEMBER(Module, serialize, Bytes)
STATIC(Module, deserialize, own<Module>, Store*, const Bytes&)
DESTROY(SharedModule)

DESTROY(Foreign)
COPY(Foreign)
STATIC(Foreign, make, own<Foreign>, Store*)

// --- Externals and instances ---

DESTROY(Extern)
COPY(Extern)
CONST_MEMBER(Extern, kind, ExternKind)
CONST_MEMBER(Extern, type, own<ExternType>)
MEMBER(Extern, func, Func*)
MEMBER(Extern, global, Global*)
MEMBER(Extern, table, Table*)
MEMBER(Extern, memory, Memory*)
CONST_MEMBER(Extern, func, const Func*)
CONST_MEMBER(Extern, global, const Global*)
CONST_MEMBER(Extern, table, const Table*)
CONST_MEMBER(Extern, memory, const Memory*)

DESTROY(Func)
COPY(Func)
STATIC(Func, make, own<Func>, Store*, const FuncType*, Func::callback)
STATIC(Func, make, own<Func>, Store*, const FuncType*, Func::callback_with_env, void*, Finalizer)
CONST_MEMBER(Func, type, own<FuncType>)
CONST_MEMBER(Func, param_arity, std::size_t)
CONST_MEMBER(Func, result_arity, std::size_t)
CONST_MEMBER(Func, call, own<Trap>, const vec<Val>&, vec<Val>&)

DESTROY(Global)
COPY(Global)
STATIC(Global, make, own<Global>, Store*, const GlobalType*, const Val&)
CONST_MEMBER(Global, type, own<GlobalType>)
CONST_MEMBER(Global, get, Val)
MEMBER(Global, set, void, const Val&)

DESTROY(Table)
COPY(Table)
STATIC(Table, make, own<Table>, Store*, const TableType*, const Ref*)
CONST_MEMBER(Table, type, own<TableType>)
CONST_MEMBER(Table, get, own<Ref>, uint32_t)
MEMBER(Table, set, bool, uint32_t, const Ref*)
CONST_MEMBER(Table, size, uint32_t)
MEMBER(Table, grow, bool, uint32_t, const Ref*)

DESTROY(Memory)
COPY(Memory)
STATIC(Memory, make, own<Memory>, Store*, const MemoryType*)
CONST_MEMBER(Memory, type, own<MemoryType>)
CONST_MEMBER(Memory, data, byte_t*)
CONST_MEMBER(Memory, data_size, std::size_t)
CONST_MEMBER(Memory, size, uint32_t)
MEMBER(Memory, grow, bool, uint32_t)

DESTROY(Instance)
COPY(Instance)
STATIC(Instance, make, own<Instance>, Store*, const Module*, const vec<Extern*>&, own<Trap>*)
CONST_MEMBER(Instance, exports, ownvec<Extern>)

}  // namespace
}  // namespace wasm

// The one constant among them, which wasm.hh keeps in a base class.
extern const std::size_t memory_page_size __asm__("_ZN4wasm6Memory9page_sizeE");
const std::size_t memory_page_size = wasm::Memory::page_size;
