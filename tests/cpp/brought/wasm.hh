// A header that a program provides itself: as much of the published C++ API as the program beside it needs,
// declared and not defined, in the published layout. It stands for the published wasm.hh, whose members are in
// a library.

#ifndef BROUGHT_WASM_HH
#define BROUGHT_WASM_HH

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

using byte_t = char;

namespace wasm {

struct destroyer {
  template<class T> void operator()(T* object) { object->destroy(); }
};
template<class T> using own = std::unique_ptr<T, destroyer>;

template<class T>
class vec {
  size_t size_;
  std::unique_ptr<T[]> data_;

public:
  vec() : size_(0) {}
  explicit vec(size_t size) : size_(size), data_(size ? new T[size] : nullptr) {}
  vec(vec&& that) : size_(that.size_), data_(std::move(that.data_)) { that.size_ = SIZE_MAX; }
  operator bool() const { return size_ != SIZE_MAX; }
  auto size() const -> size_t { return size_; }
  auto get() const -> const T* { return data_.get(); }
  auto operator[](size_t i) -> T& { return data_[i]; }
  auto operator[](size_t i) const -> const T& { return data_[i]; }
  void reset() {
    size_ = SIZE_MAX;
    data_.reset();
  }
};
template<class T> using ownvec = vec<own<T>>;

enum class ValKind : uint8_t { I32, I64, F32, F64, EXTERNREF = 128, FUNCREF };
enum class ExternKind : uint8_t { FUNC, GLOBAL, TABLE, MEMORY };

struct Limits {
  uint32_t min, max;
};

// What all classes have.
#define BROUGHT(Class) \
  friend struct destroyer; \
  void destroy(); \
protected: \
  Class() = default; \
  ~Class() = default; \
public:

class Config {
  BROUGHT(Config)
  static auto make() -> own<Config>;
};

class Engine {
  BROUGHT(Engine)
  static auto make(own<Config>&& = Config::make()) -> own<Engine>;
};

class Store {
  BROUGHT(Store)
  static auto make(Engine*) -> own<Store>;
};

class ValType {
  BROUGHT(ValType)
  static auto make(ValKind) -> own<ValType>;
  auto kind() const -> ValKind;
};

class ExternType {
  BROUGHT(ExternType)
  auto kind() const -> ExternKind;
};

class FuncType : public ExternType {
  BROUGHT(FuncType)
  static auto make(ownvec<ValType>&&, ownvec<ValType>&&) -> own<FuncType>;
  auto params() const -> const ownvec<ValType>&;
};

class MemoryType : public ExternType {
  BROUGHT(MemoryType)
  static auto make(Limits) -> own<MemoryType>;
  auto limits() const -> const Limits&;
};

class ImportType {
  BROUGHT(ImportType)
  auto module() const -> const vec<byte_t>&;
  auto name() const -> const vec<byte_t>&;
};

class Ref {
  BROUGHT(Ref)
  auto copy() const -> own<Ref>;
  auto same(const Ref*) const -> bool;
};

class Val {
  ValKind kind_;
  union {
    int32_t i32;
    int64_t i64;
    Ref* ref;
  } of_;

public:
  Val() : kind_(ValKind::EXTERNREF) { of_.ref = nullptr; }
  explicit Val(int32_t i) : kind_(ValKind::I32) { of_.i32 = i; }
  explicit Val(own<Ref>&& ref) : kind_(ValKind::EXTERNREF) { of_.ref = ref.release(); }
  Val(const Val&) = delete;
  auto operator=(Val&& that) -> Val& {
    std::swap(kind_, that.kind_);
    std::swap(of_, that.of_);
    return *this;
  }
  ~Val() {
    if (kind_ >= ValKind::EXTERNREF && of_.ref) destroyer()(of_.ref);
  }
  auto kind() const -> ValKind { return kind_; }
  auto i32() const -> int32_t { return of_.i32; }
  auto ref() const -> Ref* { return of_.ref; }
};

class Trap : public Ref {
  BROUGHT(Trap)
  static auto make(Store*, const vec<byte_t>&) -> own<Trap>;
  auto message() const -> vec<byte_t>;
};

class Module : public Ref {
  BROUGHT(Module)
  static auto make(Store*, const vec<byte_t>&) -> own<Module>;
  auto imports() const -> ownvec<ImportType>;
};

class Foreign : public Ref {
  BROUGHT(Foreign)
  static auto make(Store*) -> own<Foreign>;
};

class Func;
class Memory;

class Extern : public Ref {
  BROUGHT(Extern)
  auto func() -> Func*;
  auto memory() -> Memory*;
};

class Func : public Extern {
  BROUGHT(Func)
  using callback_with_env = auto (*)(void*, const vec<Val>&, vec<Val>&) -> own<Trap>;
  static auto make(Store*, const FuncType*, callback_with_env, void*, void (*)(void*)) -> own<Func>;
  auto call(const vec<Val>&, vec<Val>&) const -> own<Trap>;
};

class Memory : public Extern {
  BROUGHT(Memory)
  static const size_t page_size = 0x10000;
  static auto make(Store*, const MemoryType*) -> own<Memory>;
  auto data_size() const -> size_t;
};

class Instance : public Ref {
  BROUGHT(Instance)
  static auto make(Store*, const Module*, const vec<Extern*>&, own<Trap>* = nullptr) -> own<Instance>;
  auto exports() const -> ownvec<Extern>;
};

#undef BROUGHT

}  // namespace wasm

#endif  // BROUGHT_WASM_HH
