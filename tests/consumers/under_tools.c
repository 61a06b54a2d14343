// Two threads, each with a store of its own, run one module; its calls come back to the host, return, and trap. Tools of the
// system look on, and must find no fault except for one that the program is asked to make:
//
//   under_tools [careful] [race | uninitialized]
//
// `careful` is an engine without guard pages and signals, which valgrind asks for.
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasm.h>
#include <wasmrt.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : (fprintf(stderr, "line %d: failed: %s\n", __LINE__, #condition), exit(1)))

enum { THREADS = 2, CALLS = 300, TYPES = 300 };

static bool races, is_uninitialized;
static wasm_engine_t *engine;
static wasm_shared_module_t *shared;
static int calls_of_all, calls_of[THREADS];

// (import "" "" (func $host (param i32) (result i32)))
// (func (export "run") (param i32) (result i32) (i32.div_s (i32.const 100) (call $host (local.get 0))))
static const char bytes[] =
    "\0asm\1\0\0\0\1\6\1\x60\1\x7f\1\x7f\2\5\1\0\0\0\0\3\2\1\0\7\7\1\3run\0\1\x0a\x0c\1\x0a\0\x41\xe4\0\x20\0\x10\0\x6d\x0b";

static wasm_trap_t *on_call(void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results) {
  ++*(int *)env;
  if (races) ++calls_of_all;
  int *number = malloc(sizeof *number);
  CHECK(number);
  if (!is_uninitialized) *number = 0;
  if (*number == 77) ++*(int *)env;
  free(number);
  results->data[0] = args->data[0];
  return NULL;
}

static void call(const wasm_func_t *func, int argument) {
  wasm_val_t arg[] = {WASM_I32_VAL(argument)}, result[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg), results = WASM_ARRAY_VEC(result);
  wasm_trap_t *trap = wasm_func_call(func, &args, &results);
  CHECK(trap ? argument == 0 : result[0].of.i32 == 100 / argument);
  if (!trap) return;
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  CHECK(strstr(message.data, "divide by zero"));
  wasm_byte_vec_delete(&message);
  wasm_trap_delete(trap);
}

// Functions of types that the library has not seen, of which it keeps a list for all threads.
static void make_functions(wasm_store_t *store, int number) {
  for (int i = 0; i < TYPES; i++) {
    wasm_valtype_t *types[10];
    for (int bit = 0; bit < 10; bit++) types[bit] = wasm_valtype_new((number * TYPES + i) >> bit & 1 ? WASM_I32 : WASM_F64);
    wasm_valtype_vec_t params, results = WASM_EMPTY_VEC;
    wasm_valtype_vec_new(&params, 10, types);
    wasm_functype_t *type = wasm_functype_new(&params, &results);
    wasm_func_t *func = wasm_func_new_with_env(store, type, on_call, NULL, NULL);
    CHECK(func);
    wasm_func_delete(func);
    wasm_functype_delete(type);
  }
}

static void *run(void *count) {
  wasm_store_t *store = wasm_store_new(engine);
  make_functions(store, (int)((int *)count - calls_of));
  wasm_module_t *module = wasm_module_obtain(store, shared);
  wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t *host = wasm_func_new_with_env(store, type, on_call, count, NULL);
  wasm_functype_delete(type);
  wasm_extern_t *import[] = {wasm_func_as_extern(host)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(import), exports;
  wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
  CHECK(instance);
  wasm_instance_exports(instance, &exports);
  for (int i = 0; i < CALLS; i++) call(wasm_extern_as_func(exports.data[0]), i % 10);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_func_delete(host);
  wasm_module_delete(module);
  wasm_store_delete(store);
  return NULL;
}

static void share_module(bool is_careful) {
  wasm_config_t *config = wasm_config_new();
  if (is_careful) {
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, 0));
  }
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, 0));
  engine = wasm_engine_new_with_config(config);
  wasm_store_t *store = wasm_store_new(engine);
  wasm_byte_vec_t binary;
  wasm_byte_vec_new(&binary, sizeof bytes - 1, bytes);
  wasm_module_t *module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  shared = wasm_module_share(module);
  CHECK(shared);
  wasm_module_delete(module);
  wasm_store_delete(store);
}

int main(int argc, char **argv) {
  bool is_careful = false;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "careful") == 0) is_careful = true;
    else if (strcmp(argv[i], "race") == 0) races = true;
    else if (strcmp(argv[i], "uninitialized") == 0) is_uninitialized = true;
    else return 2;
  }
  share_module(is_careful);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) CHECK(!pthread_create(&threads[i], NULL, run, &calls_of[i]));
  for (int i = 0; i < THREADS; i++) CHECK(!pthread_join(threads[i], NULL));
  wasm_shared_module_delete(shared);
  wasm_engine_delete(engine);
  printf("%d calls\n", calls_of[0] + calls_of[1]);
  return 0;
}
