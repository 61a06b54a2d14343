// Runs a program for WASI: run [--dir HOST::GUEST] [--read-only HOST::GUEST] [--env NAME=VALUE] [--listen PORT]
// program.wasm [argument]...
//
// The exit code is the guest's; 134 if it trapped, 2 if it could not be started.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasm.h>
#include <wasmrt.h>
#include <wasmrt_wasi.h>

static int say(const char* what, const wasm_message_t* message) {
  fprintf(stderr, "%s: %.*s\n", what, (int)message->size, message->data);
  return 2;
}

// Says what the engine or this library left as its last error.
static int fail(const char* what) {
  wasm_message_t message;
  wasmrt_error_t* error = wasmrt_last_error();
  if (error)
    wasmrt_error_message(error, &message);
  else
    wasmrt_wasi_last_error(&message);
  int code = say(what, &message);
  wasm_byte_vec_delete(&message);
  if (error) wasmrt_error_delete(error);
  return code;
}

static bool add_folder(wasmrt_wasi_t* wasi, char* both, wasmrt_wasi_access_t access) {
  char* guest = strstr(both, "::");
  if (!guest) return wasmrt_wasi_preopen_dir(wasi, both, both, access);
  *guest = 0;
  return wasmrt_wasi_preopen_dir(wasi, both, guest + 2, access);
}

static bool set_env(wasmrt_wasi_t* wasi, char* both) {
  char* value = strchr(both, '=');
  if (!value) return wasmrt_wasi_set_env(wasi, both, "");
  *value = 0;
  return wasmrt_wasi_set_env(wasi, both, value + 1);
}

// Returns the index of the first argument that is no option, or -1.
static int options(wasmrt_wasi_t* wasi, int argc, char** argv) {
  int i = 1;
  for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
    const char* name = argv[i] + 2;
    bool ok = false;
    if (strcmp(name, "dir") == 0) ok = add_folder(wasi, argv[i + 1], WASMRT_WASI_READ_WRITE);
    if (strcmp(name, "read-only") == 0) ok = add_folder(wasi, argv[i + 1], WASMRT_WASI_READ_ONLY);
    if (strcmp(name, "env") == 0) ok = set_env(wasi, argv[i + 1]);
    if (strcmp(name, "socket") == 0) ok = wasmrt_wasi_preopen_socket(wasi, atoi(argv[i + 1]));
    if (!ok) return -1;
  }
  return i < argc ? i : -1;
}

static bool read_file(const char* path, wasm_byte_vec_t* out) {
  FILE* file = fopen(path, "rb");
  if (!file) return false;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  wasm_byte_vec_new_uninitialized(out, size > 0 ? (size_t)size : 0);
  bool ok = fread(out->data, 1, out->size, file) == out->size;
  fclose(file);
  return ok;
}

static int start(const wasm_instance_t* instance) {
  uint32_t code = 0;
  wasm_trap_t* trap = wasmrt_wasi_start(instance, &code);
  if (!trap) return (int)code;
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  say("trap", &message);
  wasm_byte_vec_delete(&message);
  wasm_trap_delete(trap);
  return 134;
}

static int run(wasmrt_wasi_t* wasi, wasm_store_t* store, const wasm_byte_vec_t* binary) {
  wasm_module_t* module = wasm_module_new(store, binary);
  if (!module) return fail("the module is not valid");
  wasm_extern_vec_t imports;
  if (!wasmrt_wasi_imports(wasi, store, module, &imports)) return fail("imports");
  wasm_trap_t* trap = NULL;
  wasm_instance_t* instance = wasm_instance_new(store, module, &imports, &trap);
  int code = instance ? start(instance) : fail("cannot be instantiated");
  if (trap) wasm_trap_delete(trap);
  if (instance) wasm_instance_delete(instance);
  wasm_extern_vec_delete(&imports);
  wasm_module_delete(module);
  return code;
}

int main(int argc, char** argv) {
  wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  int program = options(wasi, argc, argv);
  if (program < 0) return fail("bad options");
  wasmrt_wasi_add_args(wasi, (const char* const*)argv + program, (size_t)(argc - program));
  wasmrt_wasi_inherit_stdio(wasi);
  wasm_byte_vec_t binary;
  if (!read_file(argv[program], &binary)) return fail("cannot be read");
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  int code = run(wasi, store, &binary);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  wasm_byte_vec_delete(&binary);
  wasmrt_wasi_delete(wasi);
  return code;
}
