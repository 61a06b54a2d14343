// Helpers that every example needs: reading a file, reporting a failure. An example that fails ends its program; code
// inside a larger host would return an error instead.

#ifndef EXAMPLES_COMMON_HH
#define EXAMPLES_COMMON_HH

#include <wasm.hh>
#include <wasmrt.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

// Ends the program with a message that says what failed, and the reason that the library keeps.
[[noreturn]] inline void die(const std::string& what) {
  std::cerr << "error: cannot " << what;
  if (wasmrt_error_t* error = wasmrt_last_error()) {
    wasm_message_t message;
    wasmrt_error_message(error, &message);
    std::cerr << ": " << (message.data ? message.data : "out of memory");
    wasm_byte_vec_delete(&message);
    wasmrt_error_delete(error);
  }
  std::cerr << std::endl;
  std::exit(EXIT_FAILURE);
}

// Functions that make an object return null on failure: pass their result through this.
template<class T>
auto need(wasm::own<T> object, const std::string& what) -> wasm::own<T> {
  if (!object) die(what);
  return object;
}

// For calls that return a trap, where an example expects none.
inline void no_trap(const wasm::own<wasm::Trap>& trap, const std::string& what) {
  if (!trap) return;
  std::cerr << "error: cannot " << what << ": " << trap->message().get() << std::endl;
  std::exit(EXIT_FAILURE);
}

// Reads and compiles a module. The bytes are only needed for the call.
inline auto load_module(wasm::Store* store, const std::string& path) -> wasm::own<wasm::Module> {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  auto binary = wasm::vec<byte_t>::make_uninitialized(file ? static_cast<size_t>(file.tellg()) : 0);
  file.seekg(0);
  if (!binary || !file.read(binary.get(), static_cast<std::streamsize>(binary.size()))) die("read " + path);
  return need(wasm::Module::make(store, binary), "compile " + path);
}

// An instance of the module. The trap lists missing imports.
inline auto instantiate(wasm::Store* store, const wasm::Module* module, const wasm::vec<wasm::Extern*>& imports)
    -> wasm::own<wasm::Instance> {
  wasm::own<wasm::Trap> trap;
  auto instance = wasm::Instance::make(store, module, imports, &trap);
  no_trap(trap, "instantiate the module");
  return need(std::move(instance), "instantiate the module");
}

#endif
