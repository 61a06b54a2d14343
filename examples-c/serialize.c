// A compiled module kept in a file: it is compiled once and loaded by every later run. The file holds
// machine code, so it is sealed with a key: without the key, nobody can make a file that loads.

#include "common.h"

// An engine that seals what it serializes and loads only what is sealed. A real secret is random, stays
// the same as long as the files exist, and is kept where those who may write the files cannot read it.
static own wasm_engine_t* sealing_engine(void) {
  static char secret[] = "32 random bytes belong here ....";
  wasm_byte_vec_t key = {sizeof secret - 1, secret};
  own wasm_config_t* config = need(wasm_config_new(), "make a configuration");
  if (!wasmrt_config_set_serialize_key(config, &key)) die("set the key");
  return need(wasm_engine_new_with_config(config), "make an engine");
}

// If the file cannot be written, the next run only takes longer.
static void save(const wasm_module_t* module, const char* path) {
  own wasm_byte_vec_t bytes;
  wasm_module_serialize(module, &bytes);
  FILE* file = bytes.size ? fopen(path, "wb") : NULL;
  bool good = file && fwrite(bytes.data, 1, bytes.size, file) == bytes.size;
  if (file && fclose(file) != 0) good = false;
  if (!good) remove(path);
  printf("  %s\n", good ? "compiled and kept" : "compiled, but could not be kept");
  wasm_byte_vec_delete(&bytes);
}

// Says why the file is not used.
static void print_refusal(void) {
  own wasmrt_error_t* error = wasmrt_last_error();
  own wasm_message_t message;
  wasmrt_error_message(error, &message);
  wasmrt_error_info_t info = {.struct_size = sizeof info};
  wasmrt_error_info(error, &info);
  if (info.kind == WASMRT_ERROR_SERIALIZED) printf("  %s\n", message.data ? message.data : "out of memory");
  else printf("  no file yet\n");
  wasm_name_delete(&message);
  wasmrt_error_delete(error);
}

// Loads the module from the file, or else compiles it. The file is all that one visit leaves to the
// next.
static void visit(const char* path) {
  own wasm_engine_t* engine = sealing_engine();
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = wasmrt_module_deserialize_file(store, path);
  if (module) {
    printf("  loaded\n");
  } else {
    print_refusal();
    module = load_module(store, "serialize.wasm");
    save(module, path);
  }

  wasm_extern_vec_t imports = WASM_EMPTY_VEC;
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_val_t in[] = {WASM_I32_VAL(20)}, out[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(in), results = WASM_ARRAY_VEC(out);
  no_trap(wasm_func_call(find_func(module, &exports, "fibonacci"), &args, &results), "call fibonacci");
  printf("  fibonacci(20) = %d\n", (int)out[0].of.i32);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

// What a bad disk does, or somebody without the key.
static void change_a_byte(const char* path) {
  FILE* file = fopen(path, "r+b");
  if (!file) return;
  if (fseek(file, 200, SEEK_SET) == 0) fputc('!', file);
  fclose(file);
}

int main(int argc, char** argv) {
  char path[4096];
  snprintf(path, sizeof path, "%s.cache", argc > 0 ? argv[0] : "serialize");
  remove(path);

  printf("first visit:\n");
  visit(path);
  printf("second visit:\n");
  visit(path);
  change_a_byte(path);
  printf("after somebody changed a byte:\n");
  visit(path);
  printf("last visit:\n");
  visit(path);

  remove(path);
  return 0;
}
