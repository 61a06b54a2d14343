// A real guest: a Markdown renderer in C, compiled for WebAssembly, gets a file through linear memory,
// and its HTML is written to standard output. `render renderer.wasm FILE.md`

#include "common.h"

// Calls a function of the guest with at most one i32 and returns its i32 result.
static uint32_t call(const wasm_func_t* func, size_t count, uint32_t value, const char* what) {
  wasm_val_t values[] = {WASM_I32_VAL((int32_t)value)};
  wasm_val_t out[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = {count, values};
  wasm_val_vec_t results = WASM_ARRAY_VEC(out);
  no_trap(wasm_func_call(func, &args, &results), what);
  return (uint32_t)out[0].of.i32;
}

// A guest's pointer is a number that can be anything, so it is checked. The bytes stay in place until
// the memory grows, which every call of the guest may do, so this is called again after each.
static byte_t* guest_bytes(wasm_memory_t* memory, uint32_t pointer, size_t size) {
  size_t all = wasm_memory_data_size(memory);
  if (pointer > all || size > all - pointer) die("use a pointer of the guest: it leaves the memory");
  return wasm_memory_data(memory) + pointer;
}

static void render(const wasm_module_t* module, const wasm_extern_vec_t* exports, const wasm_byte_vec_t* text) {
  wasm_memory_t* memory = find_memory(module, exports, "memory");

  uint32_t in = call(find_func(module, exports, "document"), 1, (uint32_t)text->size, "make room for the document");
  if (text->size) memcpy(guest_bytes(memory, in, text->size), text->data, text->size);

  uint32_t size = call(find_func(module, exports, "render"), 0, 0, "render the document");
  uint32_t out = call(find_func(module, exports, "page"), 0, 0, "find the page");
  if (size && fwrite(guest_bytes(memory, out, size), 1, size, stdout) != size) die("write the page");
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s renderer.wasm FILE.md\n", argv[0]);
    return 2;
  }
  own wasm_byte_vec_t text;
  if (!read_file(argv[2], &text) || text.size > INT32_MAX) die("read the document");

  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, argv[1]);
  wasm_extern_vec_t no_imports = WASM_EMPTY_VEC;
  own wasm_instance_t* instance = instantiate(store, module, &no_imports);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  render(module, &exports, &text);

  wasm_byte_vec_delete(&text);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
