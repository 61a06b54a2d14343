// Linear memory: the host reads and writes the bytes of the guest, grows them, and respects their end.

#include "common.h"

// Offsets come from the guest, so they are checked before they become pointers. The pointer is valid until host or guest
// grows the memory.
static wasm_byte_t* bytes_at(const wasm_memory_t* memory, uint64_t offset, uint64_t size) {
  return need(wasmrt_memory_bytes(memory, offset, size), "reach these bytes");
}

static own wasm_trap_t* upper(const wasm_func_t* func, uint32_t at, uint32_t size) {
  wasm_val_t values[] = {WASM_I32_VAL((int32_t)at), WASM_I32_VAL((int32_t)size)};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values);
  wasm_val_vec_t results = WASM_EMPTY_VEC;
  return wasm_func_call(func, &args, &results);
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "memory.wasm");
  wasm_extern_vec_t no_imports = WASM_EMPTY_VEC;
  own wasm_instance_t* instance = instantiate(store, module, &no_imports);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_memory_t* memory = find_memory(module, &exports, "memory");
  wasm_func_t* upper_func = find_func(module, &exports, "upper");

  // The host reads the guest's bytes.
  printf("%u page of %zu bytes\n", (unsigned)wasm_memory_size(memory), wasm_memory_data_size(memory));
  printf("at 16: %s\n", bytes_at(memory, 16, 18));

  // The host writes, the guest changes, the host reads.
  const char text[] = "written by the host";
  memcpy(bytes_at(memory, 1000, sizeof text), text, sizeof text);
  no_trap(upper(upper_func, 1000, sizeof text - 1), "call upper");
  printf("at 1000: %s\n", bytes_at(memory, 1000, sizeof text));

  // Growing adds zeroed pages, up to the maximum that the module declares.
  if (!wasm_memory_grow(memory, 2)) die("grow the memory");
  printf("%u pages after growing\n", (unsigned)wasm_memory_size(memory));
  printf("growing past the maximum: %s\n", wasm_memory_grow(memory, 1) ? "done" : "refused");

  // The engine holds the guest to the same end.
  own wasm_trap_t* trap = upper(upper_func, (uint32_t)wasm_memory_data_size(memory) - 4, 8);
  if (!trap) die("get a trap past the end");
  print_trap(stdout, trap);
  wasm_trap_delete(trap);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
