// The WebAssembly C++ API on top of wasm.h: header only, C++11 and later, with or without exceptions
// and RTTI, source compatible with the published wasm.hh.
//
// How it works:
// - A class such as wasm::Func has no data. A pointer to it is the handle of the C API under another
//   type, and each function here calls the corresponding C function. So the classes cost nothing, and
//   both APIs can be mixed: `to_c` and `from_c` convert pointers.
// - `own<T>` is a handle that is deleted at the end of its scope; it can be moved, but not copied. A
//   plain `T*` or `T&` is borrowed: an argument must be valid during the call, and a result is valid as
//   long as the object that it was obtained from. `vec<T>` is a sequence that owns its elements; it can
//   be moved, but not copied.
// - A function that fails returns a null `own`, or an invalid `vec` (one that converts to `false`);
//   wasmrt_last_error in wasmrt.h returns the reason. Null pointers are allowed as arguments wherever
//   the C function allows NULL, but not as the object whose member is called.
// - No function of this header throws. An exception that a host function throws becomes a trap with the
//   text of `what()`; one that its finalizer throws is dropped.
// - Threads: a store with all its objects is used by one thread at a time. Config, Engine,
//   Shared<Module>, Shared<Memory> and type objects are not bound to a thread.
#ifndef WASM_HH
#define WASM_HH

// C programs may define `own`; their definition is restored at the end.
#pragma push_macro("own")
#undef own
#include "wasm.h"
#include "wasmrt.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

// Whether this translation unit can catch exceptions. Functions that depend on it must not be shared
// with translation units that differ (see impl::guard).
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define WASM_HH_CATCHES 1
#else
#define WASM_HH_CATCHES 0
#endif
#if defined(__GNUC__)
#define WASM_HH_INLINE __attribute__((always_inline)) inline
#else
#define WASM_HH_INLINE inline
#endif

/// The WebAssembly C++ API.
namespace wasm {
#ifdef WASM_HH_NAMESPACE
// For headers of a library with a symbol prefix: two copies in one program are two APIs.
inline namespace WASM_HH_NAMESPACE {
#endif

// ================================================================================================
// Ownership
// ================================================================================================

/// The deleter of `own`.
class destroyer {
public:
  /// Deletes the object, which must not be null.
  template<class T> void operator()(T* object) { object->destroy(); }
};

/// An owning handle: null, or deleted when it goes out of scope. It can be moved, but not copied; the
/// `copy` functions of the classes make a second handle.
template<class T> using own = std::unique_ptr<T, destroyer>;

/// Takes ownership of a handle that was released from another owner; null stays null.
template<class T> auto make_own(T* object) -> own<T> { return own<T>(object); }

// ================================================================================================
// Vectors
// ================================================================================================

/// A sequence of fixed length that owns its elements. It has elements, or it is empty (size 0 and a
/// null pointer), or it is *invalid*: the result of a failure, or moved from. Only an invalid vector
/// converts to `false`.
///
/// It has the layout of the C API's vectors, but its memory comes from `new[]`.
template<class T>
class vec {
  static constexpr size_t invalid_size = static_cast<size_t>(-1);

  size_t size_;
  T* data_;

  vec(size_t size, T* data) : size_(size), data_(data) {}

  static auto allocate(size_t size) -> vec {
    if (size == 0) return vec(0, nullptr);
    if (size > static_cast<size_t>(PTRDIFF_MAX) / sizeof(T) - 1) return invalid();
    // A NUL follows characters, not counted, so that a name can be read as a C string.
    const size_t room = size + (std::is_same<T, char>::value ? 1 : 0);
    T* data = std::is_arithmetic<T>::value ? new (std::nothrow) T[room] : new (std::nothrow) T[room]();
    if (!data) return invalid();
    if (room > size) data[size] = T();
    return vec(size, data);
  }

  void fill(size_t) {}

  template<class First, class... Rest>
  void fill(size_t at, First&& first, Rest&&... rest) {
    data_[at] = std::forward<First>(first);
    fill(at + 1, std::forward<Rest>(rest)...);
  }

  // Copies an element; false when memory is short.
  template<class U>
  static auto copy_to(own<U>& to, const own<U>& from) -> bool {
    if (from) to = from->copy();
    return !from == !to;
  }

  template<class U>
  static auto copy_to(U& to, const U& from) -> decltype(from.is_ref()) {
    to = from.copy();
    return !from.is_ref() || !from.ref() == !to.ref();
  }

  template<class...> struct all_fit : std::true_type {};
  template<class First, class... Rest>
  struct all_fit<First, Rest...>
      : std::integral_constant<bool, std::is_convertible<First, T>::value && all_fit<Rest...>::value> {};

public:
  /// The type of the elements.
  using elem_type = T;

  /// Moves the contents of `that`, which becomes invalid.
  vec(vec&& that) noexcept : size_(that.size_), data_(that.release()) {}

  /// Deletes the elements and moves the contents of `that`, which becomes invalid.
  auto operator=(vec&& that) noexcept -> vec& {
    reset(that);
    return *this;
  }

  /// Deletes the elements.
  ~vec() { delete[] data_; }

  /// False if the vector is invalid; true otherwise, even if it is empty.
  operator bool() const { return size_ != invalid_size; }

  /// The number of elements; meaningless if the vector is invalid.
  auto size() const -> size_t { return size_; }

  /// The elements; null if there are none.
  auto get() const -> const T* { return data_; }
  /// The elements; null if there are none.
  auto get() -> T* { return data_; }

  /// Element `i`, which must be less than the size (asserted).
  auto operator[](size_t i) -> T& {
    assert(*this && i < size_);
    return data_[i];
  }
  /// Element `i`, which must be less than the size (asserted).
  auto operator[](size_t i) const -> const T& {
    assert(*this && i < size_);
    return data_[i];
  }

  /// The first element, for range-based `for`.
  auto begin() -> T* { return data_; }
  /// The end of the elements.
  auto end() -> T* { return data_ + (*this ? size_ : 0); }
  /// The first element, for range-based `for`.
  auto begin() const -> const T* { return data_; }
  /// The end of the elements.
  auto end() const -> const T* { return data_ + (*this ? size_ : 0); }

  /// Releases the elements, which the caller must delete with `delete[]`; null if there are none. The
  /// vector becomes invalid.
  auto release() -> T* {
    T* data = data_;
    size_ = invalid_size;
    data_ = nullptr;
    return data;
  }

  /// Deletes the elements; the vector becomes invalid.
  void reset() { delete[] release(); }

  /// Deletes the elements and moves those of `that`, which becomes invalid.
  void reset(vec& that) {
    if (this == &that) return;
    T* former = data_;
    size_ = that.size_;
    data_ = that.release();
    delete[] former;
  }

  /// A copy of the vector, for elements that can be assigned. Invalid when memory is short.
  auto copy() const -> vec {
    vec result = *this ? allocate(size_) : invalid();
    if (result) for (size_t i = 0; i < size_; ++i) result.data_[i] = data_[i];
    return result;
  }

  /// A copy of the vector, for `ownvec<T>` and `vec<Val>`: each element is copied with its `copy`, and
  /// null stays null. Invalid when memory is short.
  auto deep_copy() const -> vec {
    vec result = *this ? allocate(size_) : invalid();
    bool good = result;
    for (size_t i = 0; good && i < size_; ++i) good = copy_to(result.data_[i], data_[i]);
    return good ? std::move(result) : invalid();
  }

  /// A vector of `size` elements to be filled in: numbers and characters are uninitialised, pointers
  /// are null, values are null references. Invalid when memory is short.
  static auto make_uninitialized(size_t size = 0) -> vec { return allocate(size); }

  /// An empty vector.
  static auto make() -> vec { return vec(0, nullptr); }

  /// A vector of the `size` elements at `init`, which are moved. Invalid when memory is short.
  static auto make(size_t size, T init[]) -> vec {
    vec result = allocate(size);
    if (result) for (size_t i = 0; i < size; ++i) result.data_[i] = std::move(init[i]);
    return result;
  }

  /// A vector with a copy of the `size` constant elements at `init`, for bytes and other numbers: a module in
  /// an array of the program. Invalid when memory is short.
  template<class U = T, class = typename std::enable_if<std::is_arithmetic<U>::value>::type>
  static auto make(size_t size, const T init[]) -> vec {
    vec result = allocate(size);
    if (result && size != 0) std::memcpy(result.data_, init, size * sizeof(T));
    return result;
  }

  /// A vector of the given elements, which are moved if possible. Invalid when memory is short.
  template<class... Ts, class = typename std::enable_if<all_fit<Ts&&...>::value>::type>
  static auto make(Ts&&... elements) -> vec {
    vec result = allocate(sizeof...(Ts));
    if (result) result.fill(0, std::forward<Ts>(elements)...);
    return result;
  }

  /// The characters of a string, for names; the size does not count a NUL. Invalid when memory is short.
  static auto make(const std::string& text) -> vec<char> {
    auto result = vec<char>::make_uninitialized(text.size());
    if (result && !text.empty()) std::memcpy(result.get(), text.data(), text.size());
    return result;
  }

  /// The characters of a string and a NUL, for messages. Invalid when memory is short.
  static auto make_nt(const std::string& text) -> vec<char> {
    auto result = vec<char>::make_uninitialized(text.size() + 1);
    if (result) std::memcpy(result.get(), text.c_str(), text.size() + 1);
    return result;
  }

  /// Takes ownership of an array of `size` elements that was made with `new[]`; null if the size is 0.
  static auto adopt(size_t size, T data[]) -> vec {
    assert((size == 0) == (data == nullptr));
    return vec(size, data);
  }

  /// An invalid vector, which functions return when they fail.
  static auto invalid() -> vec { return vec(invalid_size, nullptr); }
};

/// A vector of owned handles.
template<class T> using ownvec = vec<own<T>>;

/// A name: UTF-8, which may contain NULs. After the last byte of a non-empty name that the library or
/// this header makes, there is a NUL that the size does not count.
using Name = vec<byte_t>;

/// A message: text that ends in a NUL, which its size counts.
using Message = vec<byte_t>;

/// The contents of a file. Invalid if it cannot be read (`errno` says why), or memory is short.
inline auto read_file(const std::string& path) -> vec<byte_t> {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) return vec<byte_t>::invalid();
  auto bytes = vec<byte_t>::invalid();
  const long size = std::fseek(file, 0, SEEK_END) == 0 ? std::ftell(file) : -1;
  if (size >= 0 && std::fseek(file, 0, SEEK_SET) == 0) {
    bytes = vec<byte_t>::make_uninitialized(static_cast<size_t>(size));
    if (bytes && std::fread(bytes.get(), 1, bytes.size(), file) != bytes.size()) bytes.reset();
  }
  std::fclose(file);
  return bytes;
}

// ================================================================================================
// The C objects behind the classes
// ================================================================================================

class Config;
class Engine;
class Store;
class ValType;
class ExternType;
class FuncType;
class GlobalType;
class TableType;
class MemoryType;
class TagType;
class ImportType;
class ExportType;
class Ref;
class Val;
class Frame;
class Trap;
class Module;
template<class T> class Shared;
class Foreign;
class Extern;
class Func;
class Global;
class Table;
class Memory;
class Tag;
class Exception;
class Instance;
class Linker;
class Job;

/// Implementation; not part of the API.
namespace impl {

// Only the library makes and deletes objects of the classes.
class handle {
public:
  handle() = delete;
  handle(const handle&) = delete;
  auto operator=(const handle&) -> handle& = delete;
  ~handle() = delete;
};

template<class T> struct c_of;
template<> struct c_of<Config> { using type = wasm_config_t; };
template<> struct c_of<Engine> { using type = wasm_engine_t; };
template<> struct c_of<Store> { using type = wasm_store_t; };
template<> struct c_of<ValType> { using type = wasm_valtype_t; };
template<> struct c_of<ExternType> { using type = wasm_externtype_t; };
template<> struct c_of<FuncType> { using type = wasm_functype_t; };
template<> struct c_of<GlobalType> { using type = wasm_globaltype_t; };
template<> struct c_of<TableType> { using type = wasm_tabletype_t; };
template<> struct c_of<MemoryType> { using type = wasm_memorytype_t; };
template<> struct c_of<TagType> { using type = wasm_tagtype_t; };
template<> struct c_of<ImportType> { using type = wasm_importtype_t; };
template<> struct c_of<ExportType> { using type = wasm_exporttype_t; };
template<> struct c_of<Ref> { using type = wasm_ref_t; };
template<> struct c_of<Frame> { using type = wasm_frame_t; };
template<> struct c_of<Trap> { using type = wasm_trap_t; };
template<> struct c_of<Module> { using type = wasm_module_t; };
template<> struct c_of<Shared<Module>> { using type = wasm_shared_module_t; };
template<> struct c_of<Foreign> { using type = wasm_foreign_t; };
template<> struct c_of<Extern> { using type = wasm_extern_t; };
template<> struct c_of<Func> { using type = wasm_func_t; };
template<> struct c_of<Global> { using type = wasm_global_t; };
template<> struct c_of<Table> { using type = wasm_table_t; };
template<> struct c_of<Memory> { using type = wasm_memory_t; };
template<> struct c_of<Shared<Memory>> { using type = wasmrt_shared_memory_t; };
template<> struct c_of<Tag> { using type = wasm_extern_t; };
template<> struct c_of<Exception> { using type = wasm_trap_t; };
template<> struct c_of<Instance> { using type = wasm_instance_t; };
template<> struct c_of<Linker> { using type = wasmrt_linker_t; };
template<> struct c_of<Job> { using type = wasmrt_job_t; };

}  // namespace impl

/// The same object as a handle of the C API; ownership does not change. Null for null. For functions
/// that exist only in C: `wasmrt_config_set(to_c(config.get()), ...)`.
template<class T>
auto to_c(T* object) -> typename impl::c_of<T>::type* {
  return reinterpret_cast<typename impl::c_of<T>::type*>(object);
}
/// The same object as a handle of the C API; ownership does not change. Null for null.
template<class T>
auto to_c(const T* object) -> const typename impl::c_of<T>::type* {
  return reinterpret_cast<const typename impl::c_of<T>::type*>(object);
}

/// A handle of the C API as an object of the class; ownership does not change. Null for null:
/// `make_own(from_c<Memory>(memory))`.
template<class T>
auto from_c(typename impl::c_of<T>::type* handle) -> T* {
  return reinterpret_cast<T*>(handle);
}
/// A handle of the C API as an object of the class; ownership does not change. Null for null.
template<class T>
auto from_c(const typename impl::c_of<T>::type* handle) -> const T* {
  return reinterpret_cast<const T*>(handle);
}

namespace impl {

static_assert(sizeof(own<Engine>) == sizeof(void*), "own<T> must be a pointer, as in C vectors");
static_assert(sizeof(vec<char>) == sizeof(wasm_byte_vec_t), "vec<T> must be laid out like a C vector");

// An owned C handle in an `own`.
template<class T>
auto owned(typename c_of<T>::type* handle) -> own<T> { return own<T>(from_c<T>(handle)); }

// A view of a C vector inside a type.
inline auto view(const wasm_byte_vec_t* bytes) -> const Name& {
  return *reinterpret_cast<const Name*>(bytes);
}
inline auto view(const wasm_valtype_vec_t* types) -> const ownvec<ValType>& {
  return *reinterpret_cast<const ownvec<ValType>*>(types);
}

// A C vector that borrows the bytes.
inline auto lend(const vec<byte_t>& bytes) -> wasm_byte_vec_t {
  wasm_byte_vec_t c = {bytes.size(), const_cast<byte_t*>(bytes.get())};
  return c;
}

// Copies bytes to a vector that C owns. False when memory is short.
inline auto give(const vec<byte_t>& bytes, wasm_byte_vec_t* out) -> bool {
  wasm_byte_vec_new_empty(out);
  if (!bytes) return false;
  wasm_byte_vec_new(out, bytes.size(), bytes.get());
  return out->size == bytes.size();
}

// Moves types to a vector that C owns. False when memory is short or the vector is invalid; then the
// caller still owns the types.
inline auto give(ownvec<ValType>& types, wasm_valtype_vec_t* out) -> bool {
  wasm_valtype_vec_new_empty(out);
  if (!types) return false;
  wasm_valtype_vec_new_uninitialized(out, types.size());
  if (out->size != types.size()) return false;
  for (size_t i = 0; i < out->size; ++i) out->data[i] = to_c(types[i].release());
  return true;
}

// Copies bytes out of a C vector and deletes it. Invalid when memory is short.
inline auto take(wasm_byte_vec_t* bytes) -> vec<byte_t> {
  auto result = vec<byte_t>::make_uninitialized(bytes->size);
  if (result && bytes->size) std::memcpy(result.get(), bytes->data, bytes->size);
  wasm_byte_vec_delete(bytes);
  return result;
}

// Moves handles out of a C vector and deletes it. Invalid when memory is short.
template<class T, class CVec>
auto take(CVec* handles, void (*delete_vec)(CVec*)) -> ownvec<T> {
  auto result = ownvec<T>::make_uninitialized(handles->size);
  for (size_t i = 0; result && i < handles->size; ++i) {
    result[i] = owned<T>(handles->data[i]);
    handles->data[i] = nullptr;
  }
  delete_vec(handles);
  return result;
}

}  // namespace impl

// ================================================================================================
// Environment
// ================================================================================================

/// Settings of an engine. The functions that change them are in wasmrt.h: `wasmrt_config_set` with
/// `to_c(config.get())`.
class Config : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_config_delete(to_c(this)); }

public:
  /// The default settings. Null when memory is short.
  static auto make() -> own<Config> { return impl::owned<Config>(wasm_config_new()); }
};

/// An engine: it compiles modules and owns what stores share. A program may have several; any threads
/// may use one at the same time.
class Engine : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_engine_delete(to_c(this)); }

public:
  /// An engine with the given settings, which it takes ownership of; null means the defaults. Null on
  /// failure.
  static auto make(own<Config>&& config = Config::make()) -> own<Engine> {
    return impl::owned<Engine>(wasm_engine_new_with_config(to_c(config.release())));
  }
};

/// A store: the objects of a group of instances, used by one thread at a time. Deleting it destroys the
/// objects and runs their finalizers; remaining handles can only be copied, cast, compared and deleted.
class Store : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_store_delete(to_c(this)); }

public:
  /// A store of the engine, which it keeps alive. Null for null or when memory is short.
  static auto make(Engine* engine) -> own<Store> {
    return impl::owned<Store>(wasm_store_new(to_c(engine)));
  }
};

// ================================================================================================
// Types
// ================================================================================================

/// Whether a global may change.
enum class Mutability : uint8_t {
  CONST,  ///< It never changes.
  VAR,    ///< It may be set.
};

/// Size limits of a memory, in pages, or of a table, in elements.
struct Limits {
  uint32_t min;  ///< Minimum size.
  uint32_t max;  ///< Maximum size; the greatest `uint32_t` if there is none.

  /// Limits, by default without a maximum.
  Limits(uint32_t least, uint32_t greatest = std::numeric_limits<uint32_t>::max())
      : min(least), max(greatest) {}
};

static_assert(sizeof(Limits) == sizeof(wasm_limits_t), "Limits must be laid out like wasm_limits_t");

namespace impl {
inline auto view(const wasm_limits_t* limits) -> const Limits& {
  return *reinterpret_cast<const Limits*>(limits);
}
}  // namespace impl

/// Kinds of values. Those from EXTERNREF on are references.
enum class ValKind : uint8_t {
  I32,              ///< 32-bit integer
  I64,              ///< 64-bit integer
  F32,              ///< 32-bit float
  F64,              ///< 64-bit float
  EXTERNREF = 128,  ///< reference to any object, or null
  FUNCREF,          ///< reference to a function, or null
};

/// Whether values of the kind are numbers.
inline auto is_num(ValKind kind) -> bool { return kind < ValKind::EXTERNREF; }
/// Whether values of the kind are references.
inline auto is_ref(ValKind kind) -> bool { return kind >= ValKind::EXTERNREF; }

/// The type of a value.
class ValType : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_valtype_delete(to_c(this)); }

public:
  /// The type of that kind. Null for an unknown kind or when memory is short.
  static auto make(ValKind kind) -> own<ValType> {
    return impl::owned<ValType>(wasm_valtype_new(static_cast<wasm_valkind_t>(kind)));
  }
  /// A copy. Null when memory is short.
  auto copy() const -> own<ValType> { return impl::owned<ValType>(wasm_valtype_copy(to_c(this))); }

  /// Its kind.
  auto kind() const -> ValKind { return static_cast<ValKind>(wasm_valtype_kind(to_c(this))); }
  /// Whether values of the type are numbers.
  auto is_num() const -> bool { return wasm::is_num(kind()); }
  /// Whether values of the type are references.
  auto is_ref() const -> bool { return wasm::is_ref(kind()); }
};

/// Kinds of imports and exports. `EXTERN_KIND_TAG` is a further kind; it is not a member, so that a
/// `switch` over the published kinds stays complete.
enum class ExternKind : uint8_t {
  FUNC,    ///< function
  GLOBAL,  ///< global
  TABLE,   ///< table
  MEMORY,  ///< memory
};

/// The kind of exception tags.
constexpr ExternKind EXTERN_KIND_TAG = static_cast<ExternKind>(4);

/// The type of an import or export, of any kind. The functions named after a kind return the same type
/// as an object of its own class, borrowed; null if it is of another kind.
class ExternType : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_externtype_delete(to_c(this)); }

public:
  /// A copy. Null when memory is short.
  auto copy() const -> own<ExternType> {
    return impl::owned<ExternType>(wasm_externtype_copy(to_c(this)));
  }

  /// Its kind.
  auto kind() const -> ExternKind {
    return static_cast<ExternKind>(wasm_externtype_kind(to_c(this)));
  }

  /// As the type of a function.
  auto func() -> FuncType* { return from_c<FuncType>(wasm_externtype_as_functype(to_c(this))); }
  /// As the type of a global.
  auto global() -> GlobalType* {
    return from_c<GlobalType>(wasm_externtype_as_globaltype(to_c(this)));
  }
  /// As the type of a table.
  auto table() -> TableType* { return from_c<TableType>(wasm_externtype_as_tabletype(to_c(this))); }
  /// As the type of a memory.
  auto memory() -> MemoryType* {
    return from_c<MemoryType>(wasm_externtype_as_memorytype(to_c(this)));
  }
  /// As the type of a tag.
  auto tag() -> TagType* { return from_c<TagType>(wasm_externtype_as_tagtype(to_c(this))); }

  /// As the type of a function.
  auto func() const -> const FuncType* {
    return from_c<FuncType>(wasm_externtype_as_functype_const(to_c(this)));
  }
  /// As the type of a global.
  auto global() const -> const GlobalType* {
    return from_c<GlobalType>(wasm_externtype_as_globaltype_const(to_c(this)));
  }
  /// As the type of a table.
  auto table() const -> const TableType* {
    return from_c<TableType>(wasm_externtype_as_tabletype_const(to_c(this)));
  }
  /// As the type of a memory.
  auto memory() const -> const MemoryType* {
    return from_c<MemoryType>(wasm_externtype_as_memorytype_const(to_c(this)));
  }
  /// As the type of a tag.
  auto tag() const -> const TagType* {
    return from_c<TagType>(wasm_externtype_as_tagtype_const(to_c(this)));
  }
};

/// The type of a function.
class FuncType : public ExternType {
  friend class destroyer;
  void destroy() { wasm_functype_delete(to_c(this)); }

public:
  /// A function type with the given parameter and result types, which it takes ownership of. Null if a
  /// vector is invalid, an element is null, or memory is short.
  static auto make(ownvec<ValType>&& params = ownvec<ValType>::make(),
                   ownvec<ValType>&& results = ownvec<ValType>::make()) -> own<FuncType> {
    wasm_valtype_vec_t c_params, c_results;
    const bool good_params = impl::give(params, &c_params);
    const bool good_results = impl::give(results, &c_results);
    params.reset();
    results.reset();
    if (good_params && good_results) {
      return impl::owned<FuncType>(wasm_functype_new(&c_params, &c_results));
    }
    wasm_valtype_vec_delete(&c_params);
    wasm_valtype_vec_delete(&c_results);
    return nullptr;
  }
  /// A copy. Null when memory is short.
  auto copy() const -> own<FuncType> {
    return impl::owned<FuncType>(wasm_functype_copy(to_c(this)));
  }

  /// The parameter types, borrowed.
  auto params() const -> const ownvec<ValType>& {
    return impl::view(wasm_functype_params(to_c(this)));
  }
  /// The result types, borrowed.
  auto results() const -> const ownvec<ValType>& {
    return impl::view(wasm_functype_results(to_c(this)));
  }
};

/// The type of a global.
class GlobalType : public ExternType {
  friend class destroyer;
  void destroy() { wasm_globaltype_delete(to_c(this)); }

public:
  /// A global type for values of type `content`, which it takes ownership of. Null if `content` is null
  /// or memory is short.
  static auto make(own<ValType>&& content, Mutability mutability) -> own<GlobalType> {
    return impl::owned<GlobalType>(wasm_globaltype_new(
        to_c(content.release()), static_cast<wasm_mutability_t>(mutability)));
  }
  /// A copy. Null when memory is short.
  auto copy() const -> own<GlobalType> {
    return impl::owned<GlobalType>(wasm_globaltype_copy(to_c(this)));
  }

  /// The type of the value, borrowed.
  auto content() const -> const ValType* {
    return from_c<ValType>(wasm_globaltype_content(to_c(this)));
  }
  /// Whether the value may change.
  auto mutability() const -> Mutability {
    return static_cast<Mutability>(wasm_globaltype_mutability(to_c(this)));
  }
};

/// The type of a table.
class TableType : public ExternType {
  friend class destroyer;
  void destroy() { wasm_tabletype_delete(to_c(this)); }

public:
  /// A table type for elements of type `element`, which it takes ownership of. Null if `element` is null,
  /// the minimum is greater than the maximum, or memory is short. Elements that are not references are
  /// allowed here, but `Table::make` refuses them.
  static auto make(own<ValType>&& element, Limits limits) -> own<TableType> {
    const wasm_limits_t c_limits = {limits.min, limits.max};
    return impl::owned<TableType>(wasm_tabletype_new(to_c(element.release()), &c_limits));
  }
  /// A copy. Null when memory is short.
  auto copy() const -> own<TableType> {
    return impl::owned<TableType>(wasm_tabletype_copy(to_c(this)));
  }

  /// The type of the elements, borrowed.
  auto element() const -> const ValType* {
    return from_c<ValType>(wasm_tabletype_element(to_c(this)));
  }
  /// The limits in elements, borrowed.
  auto limits() const -> const Limits& { return impl::view(wasm_tabletype_limits(to_c(this))); }
};

/// The type of a memory.
class MemoryType : public ExternType {
  friend class destroyer;
  void destroy() { wasm_memorytype_delete(to_c(this)); }

public:
  /// A memory type. Null if the minimum is greater than the maximum or memory is short.
  static auto make(Limits limits) -> own<MemoryType> {
    const wasm_limits_t c_limits = {limits.min, limits.max};
    return impl::owned<MemoryType>(wasm_memorytype_new(&c_limits));
  }
  /// A copy. Null when memory is short.
  auto copy() const -> own<MemoryType> {
    return impl::owned<MemoryType>(wasm_memorytype_copy(to_c(this)));
  }

  /// The limits in pages, borrowed.
  auto limits() const -> const Limits& { return impl::view(wasm_memorytype_limits(to_c(this))); }
};

/// The type of an exception tag.
class TagType : public ExternType {
  friend class destroyer;
  void destroy() { wasm_tagtype_delete(to_c(this)); }

public:
  /// A tag type whose exceptions carry the parameters of a function type, which it takes ownership of.
  /// Null for null or when memory is short.
  static auto make(own<FuncType>&& payload) -> own<TagType> {
    return impl::owned<TagType>(wasm_tagtype_new(to_c(payload.release())));
  }
  /// A copy. Null when memory is short.
  auto copy() const -> own<TagType> { return impl::owned<TagType>(wasm_tagtype_copy(to_c(this))); }

  /// The function type, borrowed.
  auto functype() const -> const FuncType* {
    return from_c<FuncType>(wasm_tagtype_functype(to_c(this)));
  }
};

/// An import of a module: module name, name and type.
class ImportType : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_importtype_delete(to_c(this)); }

public:
  /// An import type of the given parts, which it takes ownership of. Null if one is invalid or null, or
  /// memory is short.
  static auto make(Name&& module, Name&& name, own<ExternType>&& type) -> own<ImportType> {
    wasm_byte_vec_t c_module, c_name;
    const bool good_module = impl::give(module, &c_module);
    const bool good_name = impl::give(name, &c_name);
    module.reset();
    name.reset();
    own<ExternType> taken = std::move(type);
    if (good_module && good_name) {
      return impl::owned<ImportType>(wasm_importtype_new(&c_module, &c_name, to_c(taken.release())));
    }
    wasm_byte_vec_delete(&c_module);
    wasm_byte_vec_delete(&c_name);
    return nullptr;
  }
  /// A copy. Null when memory is short.
  auto copy() const -> own<ImportType> {
    return impl::owned<ImportType>(wasm_importtype_copy(to_c(this)));
  }

  /// The name of the module, borrowed.
  auto module() const -> const Name& { return impl::view(wasm_importtype_module(to_c(this))); }
  /// The name in the module, borrowed.
  auto name() const -> const Name& { return impl::view(wasm_importtype_name(to_c(this))); }
  /// The type, borrowed.
  auto type() const -> const ExternType* {
    return from_c<ExternType>(wasm_importtype_type(to_c(this)));
  }
};

/// An export of a module: name and type.
class ExportType : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_exporttype_delete(to_c(this)); }

public:
  /// An export type of the given parts, which it takes ownership of. Null if one is invalid or null, or
  /// memory is short.
  static auto make(Name&& name, own<ExternType>&& type) -> own<ExportType> {
    wasm_byte_vec_t c_name;
    const bool good = impl::give(name, &c_name);
    name.reset();
    own<ExternType> taken = std::move(type);
    if (good) {
      return impl::owned<ExportType>(wasm_exporttype_new(&c_name, to_c(taken.release())));
    }
    wasm_byte_vec_delete(&c_name);
    return nullptr;
  }
  /// A copy. Null when memory is short.
  auto copy() const -> own<ExportType> {
    return impl::owned<ExportType>(wasm_exporttype_copy(to_c(this)));
  }

  /// The name, borrowed.
  auto name() const -> const Name& { return impl::view(wasm_exporttype_name(to_c(this))); }
  /// The type, borrowed.
  auto type() const -> const ExternType* {
    return from_c<ExternType>(wasm_exporttype_type(to_c(this)));
  }
};

// ================================================================================================
// References and values
// ================================================================================================

/// A reference to any object of a store. `same` tells whether two handles refer to the same object.
class Ref : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_ref_delete(to_c(this)); }

public:
  /// A second handle to the same object. Null when memory is short.
  auto copy() const -> own<Ref> { return impl::owned<Ref>(wasm_ref_copy(to_c(this))); }

  /// Whether both are the same object; false for null.
  auto same(const Ref* that) const -> bool { return wasm_ref_same(to_c(this), to_c(that)); }

  /// The pointer that was last attached to the object, through any of its handles; null if there is none.
  auto get_host_info() const -> void* { return wasm_ref_get_host_info(to_c(this)); }

  /// Attaches a pointer to the object. The finalizer, if not null, runs once with the pointer: when
  /// another pointer is attached or the object is destroyed, no later than its store. It must not throw.
  void set_host_info(void* info, void (*finalizer)(void*) = nullptr) {
    wasm_ref_set_host_info_with_finalizer(to_c(this), info, finalizer);
  }
};

/// A value: a number, or a reference, which it owns. It can be moved, but not copied; see `copy`.
class Val {
  friend struct impl_val;
  wasm_val_t val_;

public:
  /// The null reference.
  Val() : val_() { val_.kind = WASM_EXTERNREF; }
  /// A 32-bit integer.
  explicit Val(int32_t number) : val_() {
    val_.kind = WASM_I32;
    val_.of.i32 = number;
  }
  /// A 64-bit integer.
  explicit Val(int64_t number) : val_() {
    val_.kind = WASM_I64;
    val_.of.i64 = number;
  }
  /// A 32-bit float.
  explicit Val(float32_t number) : val_() {
    val_.kind = WASM_F32;
    val_.of.f32 = number;
  }
  /// A 64-bit float.
  explicit Val(float64_t number) : val_() {
    val_.kind = WASM_F64;
    val_.of.f64 = number;
  }
  /// A reference, which it takes ownership of, or null. Its kind is EXTERNREF, which is accepted wherever
  /// the object fits; values from the library have the kind of their type.
  explicit Val(own<Ref>&& object) : val_() {
    val_.kind = WASM_EXTERNREF;
    val_.of.ref = to_c(object.release());
  }

  /// Moves the value; a reference in `that` becomes null.
  Val(Val&& that) noexcept : val_(that.val_) { that.forget(); }

  /// Deletes the reference, if any, and moves the value of `that`.
  auto operator=(Val&& that) noexcept -> Val& {
    reset(that);
    return *this;
  }

  /// Deletes the reference, if any.
  ~Val() { reset(); }

  /// A 32-bit integer.
  static auto i32(int32_t number) -> Val { return Val(number); }
  /// A 64-bit integer.
  static auto i64(int64_t number) -> Val { return Val(number); }
  /// A 32-bit float.
  static auto f32(float32_t number) -> Val { return Val(number); }
  /// A 64-bit float.
  static auto f64(float64_t number) -> Val { return Val(number); }
  /// A reference, which it takes ownership of, or null.
  static auto ref(own<Ref>&& object) -> Val { return Val(std::move(object)); }

  /// A number: `T` is int32_t, int64_t, uint32_t, uint64_t, float32_t or float64_t.
  template<class T> static auto make(T number) -> Val;
  /// A reference, which it takes ownership of, or null.
  template<class T> static auto make(own<T>&& object) -> Val {
    return Val(own<Ref>(std::move(object)));
  }

  /// Its kind.
  auto kind() const -> ValKind { return static_cast<ValKind>(val_.kind); }
  /// Whether it is a number.
  auto is_num() const -> bool { return wasm::is_num(kind()); }
  /// Whether it is a reference, null included.
  auto is_ref() const -> bool { return wasm::is_ref(kind()); }

  /// The number; the kind must be I32 (asserted).
  auto i32() const -> int32_t {
    assert(kind() == ValKind::I32);
    return val_.of.i32;
  }
  /// The number; the kind must be I64 (asserted).
  auto i64() const -> int64_t {
    assert(kind() == ValKind::I64);
    return val_.of.i64;
  }
  /// The number; the kind must be F32 (asserted).
  auto f32() const -> float32_t {
    assert(kind() == ValKind::F32);
    return val_.of.f32;
  }
  /// The number; the kind must be F64 (asserted).
  auto f64() const -> float64_t {
    assert(kind() == ValKind::F64);
    return val_.of.f64;
  }
  /// The object, borrowed, or null. The value must be a reference (asserted).
  auto ref() const -> Ref* {
    assert(is_ref());
    return from_c<Ref>(val_.of.ref);
  }
  /// The number or object: `T` is one of the types of `make`, or `Ref*`.
  template<class T> auto get() const -> T;

  /// Releases the reference and leaves null. The value must be a reference (asserted).
  auto release_ref() -> own<Ref> {
    assert(is_ref());
    own<Ref> object = impl::owned<Ref>(val_.of.ref);
    forget();
    return object;
  }

  /// Deletes the reference and leaves null. A number does not change.
  void reset() {
    wasm_ref_t* former = is_ref() ? val_.of.ref : nullptr;
    forget();
    if (former) wasm_ref_delete(former);
  }

  /// Deletes the reference, if any, and moves the value of `that`; a reference in `that` becomes null.
  void reset(Val& that) {
    if (this == &that) return;
    const wasm_val_t value = that.val_;
    that.forget();
    reset();
    val_ = value;
  }

  /// The same number, or a second handle to the same object (null when memory is short).
  auto copy() const -> Val {
    Val result;
    result.val_ = val_;
    if (is_ref()) result.val_.of.ref = wasm_ref_copy(val_.of.ref);
    return result;
  }

private:
  void forget() {
    if (is_ref()) val_.of.ref = nullptr;
  }
};

/// @cond specialisations of the templates above
template<> inline auto Val::make<int32_t>(int32_t number) -> Val { return Val(number); }
template<> inline auto Val::make<int64_t>(int64_t number) -> Val { return Val(number); }
template<> inline auto Val::make<float32_t>(float32_t number) -> Val { return Val(number); }
template<> inline auto Val::make<float64_t>(float64_t number) -> Val { return Val(number); }
template<> inline auto Val::make<uint32_t>(uint32_t number) -> Val {
  return Val(static_cast<int32_t>(number));
}
template<> inline auto Val::make<uint64_t>(uint64_t number) -> Val {
  return Val(static_cast<int64_t>(number));
}

template<> inline auto Val::get<int32_t>() const -> int32_t { return i32(); }
template<> inline auto Val::get<int64_t>() const -> int64_t { return i64(); }
template<> inline auto Val::get<float32_t>() const -> float32_t { return f32(); }
template<> inline auto Val::get<float64_t>() const -> float64_t { return f64(); }
template<> inline auto Val::get<uint32_t>() const -> uint32_t { return static_cast<uint32_t>(i32()); }
template<> inline auto Val::get<uint64_t>() const -> uint64_t { return static_cast<uint64_t>(i64()); }
template<> inline auto Val::get<Ref*>() const -> Ref* { return ref(); }
/// @endcond

static_assert(std::is_standard_layout<Val>::value && sizeof(Val) == sizeof(wasm_val_t),
              "Val must be laid out like wasm_val_t");

/// @cond implementation; not part of the API
struct impl_val {
  // Moves an owned C value to a Val, and back; a reference in the source becomes null.
  static auto take(wasm_val_t& c) -> Val {
    Val result;
    result.val_ = c;
    if (result.is_ref()) c.of.ref = nullptr;
    return result;
  }
  static auto give(Val& val) -> wasm_val_t {
    const wasm_val_t c = val.val_;
    val.forget();
    return c;
  }

  // Views of values, for C and from C.
  static auto lend(const Val& val) -> const wasm_val_t* { return &val.val_; }
  static auto lend(const vec<Val>& values) -> wasm_val_vec_t {
    wasm_val_vec_t c = {values.size(), reinterpret_cast<wasm_val_t*>(const_cast<Val*>(values.get()))};
    return c;
  }
  static auto view(const wasm_val_vec_t* values) -> const vec<Val>& {
    return *reinterpret_cast<const vec<Val>*>(values);
  }

  // The same for the values of wasmrt.h, which are wider.
  static auto take_wide(const wasmrt_val_t& wide) -> Val {
    Val result;
    result.val_.kind = wide.kind;
    std::memcpy(&result.val_.of, &wide.of, sizeof result.val_.of);
    return result;
  }
  static auto lend_wide(const Val& val) -> wasmrt_val_t {
    wasmrt_val_t wide = wasmrt_val_t();
    wide.kind = val.val_.kind;
    std::memcpy(&wide.of, &val.val_.of, sizeof val.val_.of);
    return wide;
  }

  // Whether one of the values is a reference to an object.
  static auto any_object(const vec<Val>& values) -> bool {
    for (const Val& val : values) {
      if (val.is_ref() && val.ref()) return true;
    }
    return false;
  }
};
/// @endcond

// ================================================================================================
// Traps
// ================================================================================================

/// A guest frame of a backtrace, independent of the trap it came from.
class Frame : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_frame_delete(to_c(this)); }

public:
  /// A copy. Null when memory is short.
  auto copy() const -> own<Frame> { return impl::owned<Frame>(wasm_frame_copy(to_c(this))); }

  /// The instance, borrowed: valid as long as the frame. Null if it is unknown, and after its store has
  /// been deleted.
  auto instance() const -> Instance* { return from_c<Instance>(wasm_frame_instance(to_c(this))); }
  /// The index of the function in its module, imported functions included.
  auto func_index() const -> uint32_t { return wasm_frame_func_index(to_c(this)); }
  /// The byte offset in the function's body.
  auto func_offset() const -> size_t { return wasm_frame_func_offset(to_c(this)); }
  /// The byte offset in the module.
  auto module_offset() const -> size_t { return wasm_frame_module_offset(to_c(this)); }

  /// A place in the source. Lines and columns count from 1.
  struct Source {
    /// The function.
    Name func;
    /// The path of the file.
    Name file;
    /// 0 if the place is not known.
    uint32_t line;
    /// 0 if it is unknown.
    uint32_t column;
    /// Whether the place is known.
    explicit operator bool() const { return line != 0; }
  };
  /// The place of the frame's instruction in the source, as `wasmrt_frame_source` describes it: depth 0 is the
  /// innermost function that was inlined there, and so on up to the frame's own.
  auto source(size_t depth = 0) const -> Source {
    wasm_name_t func, file;
    uint32_t line, column;
    wasmrt_frame_source(to_c(this), depth, &func, &file, &line, &column);
    return Source{impl::take(&func), impl::take(&file), line, column};
  }
};

/// The reason why guest code stopped.
class Trap : public Ref {
  friend class destroyer;
  void destroy() { wasm_trap_delete(to_c(this)); }

public:
  /// A trap with a message, which may end in a NUL. Null if the store is null or the message is invalid.
  /// When memory is short, the result is a trap that says so.
  static auto make(Store* store, const Message& message) -> own<Trap> {
    const wasm_byte_vec_t c_message = impl::lend(message);
    return impl::owned<Trap>(wasm_trap_new(to_c(store), &c_message));
  }
  /// A second handle to the same trap. Null when memory is short.
  auto copy() const -> own<Trap> { return impl::owned<Trap>(wasm_trap_copy(to_c(this))); }

  /// The message, which ends in a NUL. Invalid when memory is short.
  auto message() const -> Message {
    wasm_byte_vec_t c_message;
    wasm_trap_message(to_c(this), &c_message);
    return c_message.size ? impl::take(&c_message) : Message::make_nt(std::string());
  }
  /// The innermost guest frame; null if the trap did not come from guest code.
  auto origin() const -> own<Frame> { return impl::owned<Frame>(wasm_trap_origin(to_c(this))); }
  /// The guest frames, innermost first; possibly empty. Invalid when memory is short.
  auto trace() const -> ownvec<Frame> {
    wasm_frame_vec_t frames;
    wasm_trap_trace(to_c(this), &frames);
    return impl::take<Frame>(&frames, wasm_frame_vec_delete);
  }

  /// As an exception, borrowed; null if the trap does not carry one, and after its store has been deleted.
  auto exception() -> Exception* {
    return wasmrt_trap_exception(to_c(this), nullptr, nullptr, 0) ? from_c<Exception>(to_c(this)) : nullptr;
  }
  /// As an exception, borrowed; null if the trap does not carry one, and after its store has been deleted.
  auto exception() const -> const Exception* {
    return wasmrt_trap_exception(to_c(this), nullptr, nullptr, 0) ? from_c<Exception>(to_c(this)) : nullptr;
  }
};

// ================================================================================================
// Modules
// ================================================================================================

/// An object outside of any store, which threads can share. Modules and memories can be shared.
template<class T> class Shared;

/// A module outside of any store. Several threads may use it at the same time. It outlives the module
/// and the store that it was made from.
template<> class Shared<Module> : public impl::handle {
  friend class destroyer;
  void destroy() { wasm_shared_module_delete(to_c(this)); }
};

/// A compiled module.
class Module : public Ref {
  friend class destroyer;
  void destroy() { wasm_module_delete(to_c(this)); }

public:
  /// Whether the bytes are a valid module.
  static auto validate(Store* store, const vec<byte_t>& binary) -> bool {
    const wasm_byte_vec_t c_binary = impl::lend(binary);
    return wasm_module_validate(to_c(store), &c_binary);
  }
  /// Validates and compiles a module; the bytes are borrowed. Null on failure.
  static auto make(Store* store, const vec<byte_t>& binary) -> own<Module> {
    const wasm_byte_vec_t c_binary = impl::lend(binary);
    return impl::owned<Module>(wasm_module_new(to_c(store), &c_binary));
  }
  /// A second handle to the same module. Null when memory is short.
  auto copy() const -> own<Module> { return impl::owned<Module>(wasm_module_copy(to_c(this))); }

  /// Its imports, in order. Invalid when memory is short.
  auto imports() const -> ownvec<ImportType> {
    wasm_importtype_vec_t types;
    wasm_module_imports(to_c(this), &types);
    return impl::take<ImportType>(&types, wasm_importtype_vec_delete);
  }
  /// Its exports, in order. Invalid when memory is short.
  auto exports() const -> ownvec<ExportType> {
    wasm_exporttype_vec_t types;
    wasm_module_exports(to_c(this), &types);
    return impl::take<ExportType>(&types, wasm_exporttype_vec_delete);
  }

  /// A shared module, for other stores and any threads. Null when memory is short.
  auto share() const -> own<Shared<Module>> {
    return impl::owned<Shared<Module>>(wasm_module_share(to_c(this)));
  }
  /// A module of the store from a shared one (borrowed). Null if an argument is null, the store belongs
  /// to another engine, or memory is short.
  static auto obtain(Store* store, const Shared<Module>* shared) -> own<Module> {
    return impl::owned<Module>(wasm_module_obtain(to_c(store), to_c(shared)));
  }

  /// The module with its machine code, as bytes for `deserialize`. Invalid on failure.
  auto serialize() const -> vec<byte_t> {
    wasm_byte_vec_t bytes;
    wasm_module_serialize(to_c(this), &bytes);
    return bytes.size ? impl::take(&bytes) : vec<byte_t>::invalid();
  }
  /// A module from bytes that `serialize` made. Null for other or damaged bytes. The bytes contain machine
  /// code that will run: their source must be as trustworthy as the program itself.
  static auto deserialize(Store* store, const vec<byte_t>& serialized) -> own<Module> {
    const wasm_byte_vec_t c_serialized = impl::lend(serialized);
    return impl::owned<Module>(wasm_module_deserialize(to_c(store), &c_serialized));
  }
};

// ================================================================================================
// Objects of a store
// ================================================================================================

/// A host object that modules can pass around but not inspect; `set_host_info` gives it a meaning.
class Foreign : public Ref {
  friend class destroyer;
  void destroy() { wasm_foreign_delete(to_c(this)); }

public:
  /// A new object. Null if the store is null or memory is short.
  static auto make(Store* store) -> own<Foreign> {
    return impl::owned<Foreign>(wasm_foreign_new(to_c(store)));
  }
  /// A second handle to the same object. Null when memory is short.
  auto copy() const -> own<Foreign> { return impl::owned<Foreign>(wasm_foreign_copy(to_c(this))); }
};

/// Anything that can be imported or exported. The functions named after a kind return the same object as
/// one of its own class, borrowed; null if it is of another kind.
class Extern : public Ref {
  friend class destroyer;
  void destroy() { wasm_extern_delete(to_c(this)); }

public:
  /// A second handle to the same object. Null when memory is short.
  auto copy() const -> own<Extern> { return impl::owned<Extern>(wasm_extern_copy(to_c(this))); }

  /// Its kind.
  auto kind() const -> ExternKind { return static_cast<ExternKind>(wasm_extern_kind(to_c(this))); }
  /// Its type; for memories and tables, the minimum is the current size. Null when memory is short.
  auto type() const -> own<ExternType> {
    return impl::owned<ExternType>(wasm_extern_type(to_c(this)));
  }

  /// As a function.
  auto func() -> Func* { return from_c<Func>(wasm_extern_as_func(to_c(this))); }
  /// As a global.
  auto global() -> Global* { return from_c<Global>(wasm_extern_as_global(to_c(this))); }
  /// As a table.
  auto table() -> Table* { return from_c<Table>(wasm_extern_as_table(to_c(this))); }
  /// As a memory.
  auto memory() -> Memory* { return from_c<Memory>(wasm_extern_as_memory(to_c(this))); }
  /// As an exception tag.
  auto tag() -> Tag* { return kind() == EXTERN_KIND_TAG ? from_c<Tag>(to_c(this)) : nullptr; }

  /// As a function.
  auto func() const -> const Func* { return from_c<Func>(wasm_extern_as_func_const(to_c(this))); }
  /// As a global.
  auto global() const -> const Global* {
    return from_c<Global>(wasm_extern_as_global_const(to_c(this)));
  }
  /// As a table.
  auto table() const -> const Table* {
    return from_c<Table>(wasm_extern_as_table_const(to_c(this)));
  }
  /// As a memory.
  auto memory() const -> const Memory* {
    return from_c<Memory>(wasm_extern_as_memory_const(to_c(this)));
  }
  /// As an exception tag.
  auto tag() const -> const Tag* {
    return kind() == EXTERN_KIND_TAG ? from_c<Tag>(to_c(this)) : nullptr;
  }
};

namespace impl {

// A trap for a host function to return. Never null, which would mean success, even when memory is short.
inline auto trap_saying(wasm_store_t* store, const char* text) -> wasm_trap_t* {
  wasm_byte_vec_t message = {std::strlen(text), const_cast<char*>(text)};
  return wasm_trap_new(store, &message);
}

// Runs host code so that no exception escapes. Translation units with exceptions use one type, those
// without use another, so that the linker cannot take a function of one for that of the other.
#if WASM_HH_CATCHES
struct catching {
  template<class Body>
  static auto call(wasm_store_t* store, const Body& body) -> wasm_trap_t* {
    try {
      return body();
    } catch (const std::exception& exception) {
      const char* text = exception.what();
      return trap_saying(store, text ? text : "exception without a text");
    } catch (...) {
      return trap_saying(store, "exception of an unknown type");
    }
  }
  static void finish(void (*finalizer)(void*), void* env) {
    try {
      if (finalizer) finalizer(env);
    } catch (...) {
    }
  }
  // A copy, or null when memory is short or copying throws.
  template<class T, class From>
  static auto hold(From&& from) -> T* {
    try {
      return new (std::nothrow) T(std::forward<From>(from));
    } catch (...) {
      return nullptr;
    }
  }
};
using guard = catching;
#else
struct not_catching {
  template<class Body>
  static auto call(wasm_store_t*, const Body& body) -> wasm_trap_t* { return body(); }
  static void finish(void (*finalizer)(void*), void* env) {
    if (finalizer) finalizer(env);
  }
  template<class T, class From>
  static auto hold(From&& from) -> T* { return new (std::nothrow) T(std::forward<From>(from)); }
};
using guard = not_catching;
#endif

// The environment of a host function in the C API.
template<class Guard>
struct host_func {
  using plain = own<Trap> (*)(const vec<Val>&, vec<Val>&);
  using with_env = own<Trap> (*)(void*, const vec<Val>&, vec<Val>&);

  wasm_store_t* store;
  plain callback;
  with_env callback_with_env;
  void* env;
  void (*finalizer)(void*);

  static auto make(const host_func& what, const wasm_functype_t* type) -> wasm_func_t* {
    host_func* self = new (std::nothrow) host_func(what);
    if (!self) {
      Guard::finish(what.finalizer, what.env);
      return nullptr;
    }
    const bool callable = what.callback || what.callback_with_env;
    return wasm_func_new_with_env(what.store, type, callable ? &call : nullptr, self, &finish);
  }

  static auto call(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) -> wasm_trap_t* {
    const host_func& self = *static_cast<const host_func*>(env);
    return Guard::call(self.store, [&]() -> wasm_trap_t* { return self.run(args, results); });
  }

  static void finish(void* env) {
    host_func* self = static_cast<host_func*>(env);
    Guard::finish(self->finalizer, self->env);
    delete self;
  }

  // The callback gets its own vector of results, which it may replace. C handles a wrong number of them.
  auto run(const wasm_val_vec_t* c_args, wasm_val_vec_t* c_results) const -> wasm_trap_t* {
    const vec<Val>& args = impl_val::view(c_args);
    auto results = vec<Val>::make_uninitialized(c_results->size);
    if (!results) return trap_saying(store, "out of memory");
    for (size_t i = 0; i < results.size(); ++i) results[i] = impl_val::take(c_results->data[i]);
    own<Trap> trap = callback ? callback(args, results) : callback_with_env(env, args, results);
    if (trap) return to_c(trap.release());
    const size_t count = results ? results.size() : 0;
    if (count != c_results->size) wasm_val_vec_new_uninitialized(c_results, count);
    for (size_t i = 0; i < count && i < c_results->size; ++i) {
      c_results->data[i] = impl_val::give(results[i]);
    }
    return nullptr;
  }
};

// Calls a callable object as a callback with environment.
template<class F>
struct closure {
  static auto call(void* env, const vec<Val>& args, vec<Val>& results) -> own<Trap> {
    return (*static_cast<F*>(env))(args, results);
  }
  static void finish(void* env) { delete static_cast<F*>(env); }
};

// Whether objects of class F have the signature of a host function.
template<class F>
struct is_callable {
  template<class G>
  static auto test(G* g) -> std::is_convertible<
      decltype((*g)(std::declval<const vec<Val>&>(), std::declval<vec<Val>&>())), own<Trap>>;
  template<class> static auto test(...) -> std::false_type;
  static constexpr bool value = std::is_class<F>::value && decltype(test<F>(nullptr))::value;
};

}  // namespace impl

/// A function: of a module, or of the host.
class Func : public Extern {
  friend class destroyer;
  void destroy() { wasm_func_delete(to_c(this)); }

public:
  /// A host function. The arguments are borrowed. `results` has one element for each result of the
  /// function's type, of the right kind, zero or null. The function assigns the elements or the whole
  /// vector; a wrong number of results, or an invalid vector, makes the call trap. Null means success. A
  /// returned trap or a thrown exception ends the calling guest code.
  using callback = auto (*)(const vec<Val>& args, vec<Val>& results) -> own<Trap>;
  /// A host function that also gets the environment that it was made with.
  using callback_with_env = auto (*)(void* env, const vec<Val>& args, vec<Val>& results) -> own<Trap>;

  /// Makes a host function. Null if an argument is null or memory is short.
  static WASM_HH_INLINE auto make(Store* store, const FuncType* type, callback function) -> own<Func> {
    return impl::owned<Func>(impl::host_func<impl::guard>::make(
        {to_c(store), function, nullptr, nullptr, nullptr}, to_c(type)));
  }

  /// Makes a host function with an environment. The finalizer, if not null, runs once with `env`: when the
  /// function is destroyed, no later than the store, or immediately if no function is made. Null if
  /// store, type or function is null or memory is short.
  static WASM_HH_INLINE auto make(Store* store, const FuncType* type, callback_with_env function,
                                  void* env, void (*finalizer)(void*) = nullptr) -> own<Func> {
    return impl::owned<Func>(impl::host_func<impl::guard>::make(
        {to_c(store), nullptr, function, env, finalizer}, to_c(type)));
  }

  /// Makes a host function from a lambda or another callable object, which is copied or moved, and
  /// deleted when the function is destroyed. Null if store or type is null, memory is short or copying throws.
  template<class F, class Object = typename std::decay<F>::type,
           class = typename std::enable_if<impl::is_callable<Object>::value>::type>
  static WASM_HH_INLINE auto make(Store* store, const FuncType* type, F&& function) -> own<Func> {
    Object* object = impl::guard::hold<Object>(std::forward<F>(function));
    if (!object) return nullptr;
    return make(store, type, &impl::closure<Object>::call, object, &impl::closure<Object>::finish);
  }

  /// A second handle to the same function. Null when memory is short.
  auto copy() const -> own<Func> { return impl::owned<Func>(wasm_func_copy(to_c(this))); }

  /// Its type. Null when memory is short.
  auto type() const -> own<FuncType> { return impl::owned<FuncType>(wasm_func_type(to_c(this))); }
  /// The number of parameters.
  auto param_arity() const -> size_t { return wasm_func_param_arity(to_c(this)); }
  /// The number of results.
  auto result_arity() const -> size_t { return wasm_func_result_arity(to_c(this)); }

  /// Calls the function. The arguments must match its parameters in number and kind; otherwise it does
  /// not run and a trap is returned. Null means success: the results are assigned, up to the size of the
  /// vector. If the result is a trap, `results` stays unchanged (but references in it may be lost when
  /// memory is short).
  auto call(const vec<Val>& args, vec<Val>& results) const -> own<Trap> {
    // C overwrites results without deleting references. So it writes to another vector if there are any.
    const bool apart = impl_val::any_object(results) || (args.get() && args.get() == results.get());
    auto fresh = apart ? vec<Val>::make_uninitialized(results.size()) : vec<Val>::invalid();
    if (!fresh) {
      if (apart) for (Val& val : results) val.reset();
      return call_into(args, results);
    }
    own<Trap> trap = call_into(args, fresh);
    const size_t arity = result_arity();
    for (size_t i = 0; !trap && i < arity && i < fresh.size(); ++i) results[i].reset(fresh[i]);
    return trap;
  }

private:
  auto call_into(const vec<Val>& args, vec<Val>& results) const -> own<Trap> {
    const wasm_val_vec_t c_args = impl_val::lend(args);
    wasm_val_vec_t c_results = impl_val::lend(results);
    return impl::owned<Trap>(wasm_func_call(to_c(this), &c_args, results ? &c_results : nullptr));
  }
};

/// A global: a cell with a value.
class Global : public Extern {
  friend class destroyer;
  void destroy() { wasm_global_delete(to_c(this)); }

public:
  /// A global with an initial value, which is borrowed and copied. Null if an argument is null, the value
  /// is not of the type, or memory is short.
  static auto make(Store* store, const GlobalType* type, const Val& value) -> own<Global> {
    return impl::owned<Global>(wasm_global_new(to_c(store), to_c(type), impl_val::lend(value)));
  }
  /// A second handle to the same global. Null when memory is short.
  auto copy() const -> own<Global> { return impl::owned<Global>(wasm_global_copy(to_c(this))); }

  /// Its type. Null when memory is short.
  auto type() const -> own<GlobalType> {
    return impl::owned<GlobalType>(wasm_global_type(to_c(this)));
  }
  /// Its value.
  auto get() const -> Val {
    wasm_val_t value;
    wasm_global_get(to_c(this), &value);
    return impl_val::take(value);
  }
  /// Sets its value; `value` is borrowed and copied. Does nothing if the global is constant or the value
  /// is not of its type.
  void set(const Val& value) { wasm_global_set(to_c(this), impl_val::lend(value)); }
};

/// A table of references.
class Table : public Extern {
  friend class destroyer;
  void destroy() { wasm_table_delete(to_c(this)); }

public:
  /// A number of elements.
  using size_t = wasm_table_size_t;

  /// A table of the minimum size of its type, filled with `init`, which is borrowed. Null if store or type
  /// is null, `init` does not fit, a limit is exceeded, or memory is short.
  static auto make(Store* store, const TableType* type, const Ref* init = nullptr) -> own<Table> {
    return impl::owned<Table>(wasm_table_new(to_c(store), to_c(type), const_cast<wasm_ref_t*>(to_c(init))));
  }
  /// A second handle to the same table. Null when memory is short.
  auto copy() const -> own<Table> { return impl::owned<Table>(wasm_table_copy(to_c(this))); }

  /// Its type, with the current size as the minimum. Null when memory is short.
  auto type() const -> own<TableType> { return impl::owned<TableType>(wasm_table_type(to_c(this))); }
  /// The element at `index`; null for the null reference and for an index out of bounds.
  auto get(size_t index) const -> own<Ref> {
    return impl::owned<Ref>(wasm_table_get(to_c(this), index));
  }
  /// Sets the element at `index` to a reference, which is borrowed, or null. False, and no change, if the
  /// index is out of bounds or the reference does not fit the type of the table.
  auto set(size_t index, const Ref* element) -> bool {
    return wasm_table_set(to_c(this), index, const_cast<wasm_ref_t*>(to_c(element)));
  }
  /// Its size.
  auto size() const -> size_t { return wasm_table_size(to_c(this)); }
  /// Adds `delta` elements, all `init`, which is borrowed. False, and no change, beyond the maximum or a
  /// limit, if `init` does not fit, or if memory is short.
  auto grow(size_t delta, const Ref* init = nullptr) -> bool {
    return wasm_table_grow(to_c(this), delta, const_cast<wasm_ref_t*>(to_c(init)));
  }
};

namespace impl {
// A template, because before C++17 a header may define static constants of templates only.
template<class Base>
class with_page_size : public Base {
public:
  /// Bytes in a page, unless the type of a memory says otherwise (`WASMRT_LIMITS_BYTE_PAGES`).
  static const std::size_t page_size = 0x10000;
};
template<class Base> const std::size_t with_page_size<Base>::page_size;
}  // namespace impl

/// A shared memory outside of any store. Several threads may use it at the same time. It outlives the
/// store that it was made in.
template<> class Shared<Memory> : public impl::handle {
  friend class destroyer;
  void destroy() { wasmrt_shared_memory_delete(to_c(this)); }
};

/// A linear memory.
class Memory : public impl::with_page_size<Extern> {
  friend class destroyer;
  void destroy() { wasm_memory_delete(to_c(this)); }

public:
  /// A number of pages.
  using pages_t = wasm_memory_pages_t;

  /// A memory of the minimum size of its type, filled with zeros. Null if an argument is null, a limit is
  /// exceeded, or memory is short.
  static auto make(Store* store, const MemoryType* type) -> own<Memory> {
    return impl::owned<Memory>(wasm_memory_new(to_c(store), to_c(type)));
  }
  /// A second handle to the same memory. Null when memory is short.
  auto copy() const -> own<Memory> { return impl::owned<Memory>(wasm_memory_copy(to_c(this))); }

  /// Its type, with the current size as the minimum. Null when memory is short.
  auto type() const -> own<MemoryType> {
    return impl::owned<MemoryType>(wasm_memory_type(to_c(this)));
  }
  /// Its bytes, which the host may read and write; valid until the guest or the host grows the memory.
  auto data() const -> byte_t* {
    return wasm_memory_data(const_cast<wasm_memory_t*>(to_c(this)));
  }
  /// Its size in bytes.
  auto data_size() const -> size_t { return wasm_memory_data_size(to_c(this)); }
  /// Its size in pages.
  auto size() const -> pages_t { return wasm_memory_size(to_c(this)); }
  /// Adds `delta` pages of zeros. False, and no change, beyond the maximum or a limit, or if memory is
  /// short.
  auto grow(pages_t delta) -> bool { return wasm_memory_grow(to_c(this), delta); }

  /// The same memory for other stores and any threads. Null if its type is not shared
  /// (`WASMRT_LIMITS_SHARED` in `wasmrt_memorytype_new`) or memory is short.
  auto share() const -> own<Shared<Memory>> {
    return impl::owned<Shared<Memory>>(wasmrt_memory_share(to_c(this)));
  }
  /// A memory of the store with the bytes of a shared one (borrowed). Null if an argument is null, the
  /// store belongs to another engine, a limit is exceeded, or memory is short.
  static auto obtain(Store* store, const Shared<Memory>* shared) -> own<Memory> {
    return impl::owned<Memory>(wasmrt_memory_obtain(to_c(store), to_c(shared)));
  }
};

/// An exception tag. An exception is caught by the very tag that it was thrown with: two tags are different
/// even if their types are equal.
class Tag : public Extern {
  friend class destroyer;
  void destroy() { wasm_extern_delete(to_c(this)); }

public:
  /// A tag of the type. Null if an argument is null, the function type has results or too many parameters,
  /// or memory is short.
  static auto make(Store* store, const TagType* type) -> own<Tag> {
    return impl::owned<Tag>(wasmrt_tag_new(to_c(store), to_c(type)));
  }
  /// A second handle to the same tag. Null when memory is short.
  auto copy() const -> own<Tag> { return impl::owned<Tag>(wasm_extern_copy(to_c(this))); }

  /// Its type. Null when memory is short.
  auto type() const -> own<TagType> { return impl::owned<TagType>(wasmrt_tag_type(to_c(this))); }
  /// Its name in the module that defines it: from the name section, or else from an export. Empty if there is
  /// neither or the host made the tag. Invalid when memory is short.
  auto name() const -> Name {
    wasm_name_t c_name;
    wasmrt_tag_name(to_c(this), &c_name);
    return impl::take(&c_name);
  }
};

/// An exception of WebAssembly: a trap that carries a tag and values. `Trap::exception` tells whether a trap
/// is one. A host function that returns it throws it in the guest code that called, which may catch it.
class Exception : public Trap {
  friend class destroyer;
  void destroy() { wasm_trap_delete(to_c(this)); }

public:
  /// An exception with a tag and a value for each parameter of the tag, all borrowed. Null if an argument is
  /// null or invalid, the tag is not one of the store, the values do not fit, or memory is short.
  static auto make(Store* store, const Tag* tag, const vec<Val>& payload = vec<Val>::make()) -> own<Exception> {
    auto values = vec<wasmrt_val_t>::make_uninitialized(payload ? payload.size() : 0);
    if (!payload || !values) return nullptr;
    for (size_t i = 0; i < values.size(); ++i) values[i] = impl_val::lend_wide(payload[i]);
    return impl::owned<Exception>(wasmrt_exception_new(to_c(store), to_c(tag), values.get(), values.size()));
  }
  /// A second handle to the same exception. Null when memory is short.
  auto copy() const -> own<Exception> { return impl::owned<Exception>(wasm_trap_copy(to_c(this))); }

  /// Its tag. Null when memory is short.
  auto tag() const -> own<Tag> {
    wasm_extern_t* tag = nullptr;
    wasmrt_trap_exception(to_c(this), &tag, nullptr, 0);
    return impl::owned<Tag>(tag);
  }
  /// Its values. Invalid if one is a v128, which only `wasmrt_trap_exception` returns, or memory is short.
  auto payload() const -> vec<Val> {
    const own<Tag> its_tag = tag();
    const own<TagType> type = its_tag ? its_tag->type() : nullptr;
    auto wide = type ? vec<wasmrt_val_t>::make_uninitialized(type->functype()->params().size())
                     : vec<wasmrt_val_t>::invalid();
    auto values = wide ? vec<Val>::make_uninitialized(wide.size()) : vec<Val>::invalid();
    if (!values || !wasmrt_trap_exception(to_c(this), nullptr, wide.get(), wide.size())) return vec<Val>::invalid();
    bool narrow = true;
    for (size_t i = 0; i < wide.size(); ++i) {
      if (wide[i].kind == WASMRT_V128) narrow = false;
      else values[i] = impl_val::take_wide(wide[i]);
    }
    return narrow ? std::move(values) : vec<Val>::invalid();
  }
};

/// An instance of a module.
class Instance : public Ref {
  friend class destroyer;
  void destroy() { wasm_instance_delete(to_c(this)); }

public:
  /// Instantiates a module with imports in the order of `Module::imports`, all borrowed, and runs its
  /// start function. On success `*trap` is null. Otherwise the result is null, and `*trap` has the
  /// reason: an import is missing or does not fit, or a segment or the start function trapped. `trap`
  /// may be null.
  static auto make(Store* store, const Module* module, const vec<Extern*>& imports,
                   own<Trap>* trap = nullptr) -> own<Instance> {
    const wasm_extern_vec_t c_imports = {
        imports.size(), reinterpret_cast<wasm_extern_t**>(const_cast<Extern**>(imports.get()))};
    wasm_trap_t* c_trap = nullptr;
    own<Instance> instance = impl::owned<Instance>(
        wasm_instance_new(to_c(store), to_c(module), &c_imports, trap ? &c_trap : nullptr));
    if (trap) *trap = impl::owned<Trap>(c_trap);
    return instance;
  }
  /// A second handle to the same instance. Null when memory is short.
  auto copy() const -> own<Instance> { return impl::owned<Instance>(wasm_instance_copy(to_c(this))); }

  /// Its exports, in the order of `Module::exports`. Invalid when memory is short.
  auto exports() const -> ownvec<Extern> {
    wasm_extern_vec_t externs;
    wasm_instance_exports(to_c(this), &externs);
    return impl::take<Extern>(&externs, wasm_extern_vec_delete);
  }

  /// The function that it exports under a name. Null if there is none.
  auto func(const std::string& name) const -> own<Func> {
    return impl::owned<Func>(wasmrt_instance_func(to_c(this), name.c_str()));
  }
  /// The global that it exports under a name. Null if there is none.
  auto global(const std::string& name) const -> own<Global> {
    return impl::owned<Global>(wasmrt_instance_global(to_c(this), name.c_str()));
  }
  /// The table that it exports under a name. Null if there is none.
  auto table(const std::string& name) const -> own<Table> {
    return impl::owned<Table>(wasmrt_instance_table(to_c(this), name.c_str()));
  }
  /// The memory that it exports under a name. Null if there is none.
  auto memory(const std::string& name) const -> own<Memory> {
    return impl::owned<Memory>(wasmrt_instance_memory(to_c(this), name.c_str()));
  }
};

/// What modules may import, by module and name, in one store. It keeps what is defined in it.
class Linker : public impl::handle {
  friend class destroyer;
  void destroy() { wasmrt_linker_delete(to_c(this)); }

public:
  /// A linker in which nothing is defined. Null for null or when memory is short.
  static auto make(Store* store) -> own<Linker> { return impl::owned<Linker>(wasmrt_linker_new(to_c(store))); }

  /// Says whether a name may be defined again; by default it is refused.
  void allow_shadowing(bool allow) { wasmrt_linker_allow_shadowing(to_c(this), allow); }

  /// Defines an object of the store, which is borrowed. False if the name is taken, the object is of
  /// another store, or memory is short.
  auto define(const std::string& module, const std::string& name, const Extern* object) -> bool {
    return wasmrt_linker_define(to_c(this), module.c_str(), name.c_str(), to_c(object));
  }
  /// Defines all exports of an instance of the store, or none.
  auto define(const std::string& module, const Instance* instance) -> bool {
    return wasmrt_linker_define_instance(to_c(this), module.c_str(), to_c(instance));
  }
  /// Defines the functions that a module imports and that are not defined yet; they trap when they are called.
  auto define_traps(const Module* module) -> bool { return wasmrt_linker_define_traps(to_c(this), to_c(module)); }

  /// What is defined for an import. Null if nothing is.
  auto get(const std::string& module, const std::string& name) const -> own<Extern> {
    return impl::owned<Extern>(wasmrt_linker_get(to_c(this), module.c_str(), name.c_str()));
  }

  /// Instantiates a module (borrowed) with what is defined for its imports. Otherwise as `Instance::make`.
  auto instantiate(const Module* module, own<Trap>* trap = nullptr) const -> own<Instance> {
    wasm_trap_t* c_trap = nullptr;
    own<Instance> instance = impl::owned<Instance>(
        wasmrt_linker_instantiate(to_c(this), to_c(module), trap ? &c_trap : nullptr));
    if (trap) *trap = impl::owned<Trap>(c_trap);
    return instance;
  }
};

/// How a compile job stands.
enum class JobState : wasmrt_job_state_t {
  RUNNING = WASMRT_JOB_RUNNING,      ///< It waits for bytes, or is compiling.
  DONE = WASMRT_JOB_DONE,            ///< The module can be had.
  FAILED = WASMRT_JOB_FAILED,        ///< The module is invalid, or memory was short.
  CANCELLED = WASMRT_JOB_CANCELLED,  ///< By `cancel`.
};

/// A module that is compiled in the background, also from bytes that are still arriving. Any thread may use it. When
/// it is deleted and not over, it is cancelled.
class Job : public impl::handle {
  friend class destroyer;
  void destroy() { wasmrt_job_delete(to_c(this)); }

public:
  /// A job that waits for the bytes of a module. Null for null or when memory is short.
  static auto make(Engine* engine) -> own<Job> { return impl::owned<Job>(wasmrt_job_new(to_c(engine), nullptr)); }
  /// The same with options, among them a function that is called when the job is over.
  static auto make(Engine* engine, const wasmrt_job_options_t& options) -> own<Job> {
    return impl::owned<Job>(wasmrt_job_new(to_c(engine), &options));
  }

  /// Takes the next bytes of the module; an empty piece changes nothing. False if the job is over or had its end.
  auto feed(size_t size, const byte_t* bytes) -> bool {
    return size == 0 || wasmrt_job_feed(to_c(this), bytes, size);
  }
  /// The same with the bytes of a vector.
  auto feed(const vec<byte_t>& bytes) -> bool { return feed(bytes.size(), bytes.get()); }
  /// Says that all bytes have arrived. False as for `feed`, or if the module is known to be invalid now.
  auto end() -> bool { return wasmrt_job_feed(to_c(this), nullptr, 0); }

  /// How the job stands. Never waits.
  auto state() const -> JobState { return static_cast<JobState>(wasmrt_job_poll(to_c(this), nullptr)); }
  /// How far the job is. Never waits.
  auto progress() const -> wasmrt_progress_t {
    wasmrt_progress_t progress = wasmrt_progress_t();
    progress.struct_size = sizeof progress;
    wasmrt_job_poll(to_c(this), &progress);
    return progress;
  }
  /// Waits until the job is over, at most for so many nanoseconds. A job whose module has no end yet is not over.
  auto wait(uint64_t nanoseconds = UINT64_MAX) -> JobState {
    return static_cast<JobState>(wasmrt_job_wait(to_c(this), nanoseconds));
  }
  /// Ends a job that is not over. Waits for nothing.
  void cancel() { wasmrt_job_cancel(to_c(this)); }

  /// A module of a store from a job that is done, as often as it is wanted. Null if the job is not done; if it has
  /// failed, the last error is its reason.
  auto module(Store* store) -> own<Module> { return impl::owned<Module>(wasmrt_job_module(to_c(this), to_c(store))); }
};

#ifdef WASM_HH_NAMESPACE
}  // inline namespace
#endif
}  // namespace wasm

#undef WASM_HH_CATCHES
#undef WASM_HH_INLINE
#pragma pop_macro("own")

#endif  // WASM_HH
