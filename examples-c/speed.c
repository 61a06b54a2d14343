// What a call costs on this machine: from host to guest and back, with arrays of values and as plain C
// functions, compared with a call from C to C; and how long it takes to make an engine, a module and an
// instance. `speed COUNT` makes COUNT calls of each kind. Every sum is checked, so no call can have
// been skipped.

#include <time.h>

#include "common.h"

// The function that every line calls: as a C function, and in both directions between host and guest.
static int32_t add(void* env, own wasm_trap_t** trap, int32_t a, int32_t b) {
  (void)env;
  (void)trap;
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

static own wasm_trap_t* add_values(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  results->data[0] = (wasm_val_t)WASM_I32_VAL(add(NULL, NULL, args->data[0].of.i32, args->data[1].of.i32));
  return NULL;
}

// The exports of an instance that imports this function.
typedef struct {
  own wasm_instance_t* instance;
  own wasm_extern_vec_t exports;
  const wasm_func_t *add, *sum;
} guest_t;

static own guest_t guest_new(wasm_store_t* store, const wasm_module_t* module, wasm_func_t* host_add) {
  guest_t guest;
  wasm_extern_t* externs[] = {wasm_func_as_extern(host_add)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  guest.instance = instantiate(store, module, &imports);
  wasm_instance_exports(guest.instance, &guest.exports);
  guest.add = find_func(module, &guest.exports, "add");
  guest.sum = find_func(module, &guest.exports, "sum");
  return guest;
}

static void guest_delete(own guest_t* guest) {
  wasm_extern_vec_delete(&guest->exports);
  wasm_instance_delete(guest->instance);
}

// --- What is measured: each adds up 0, 1, 2, ... with one call per number --------------------------------

typedef int32_t add_t(void* env, own wasm_trap_t** trap, int32_t a, int32_t b);

static int32_t sum_natively(add_t* function, void* env, int32_t count) {
  own wasm_trap_t* trap = NULL;
  int32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) sum = function(env, &trap, sum, i);
  no_trap(trap, "call natively");
  return sum;
}

static int32_t c_to_c(const guest_t* guest, int32_t count) {
  (void)guest;
  add_t* volatile function = add;  // or else the compiler would inline the addition
  return sum_natively(function, NULL, count);
}

static int32_t host_to_guest_natively(const guest_t* guest, int32_t count) {
  void* context;
  add_t* function = (add_t*)wasmrt_func_native(guest->add, &context);
  if (!function) die("call the guest natively");
  return sum_natively(function, context, count);
}

static int32_t host_to_guest(const guest_t* guest, int32_t count) {
  wasm_val_t values[] = {WASM_I32_VAL(0), WASM_I32_VAL(0)}, sum[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values), results = WASM_ARRAY_VEC(sum);
  for (int32_t i = 0; i < count; ++i) {
    values[1].of.i32 = i;
    own wasm_trap_t* trap = wasm_func_call(guest->add, &args, &results);
    if (trap) no_trap(trap, "call the guest");
    values[0].of.i32 = sum[0].of.i32;
  }
  return values[0].of.i32;
}

static int32_t guest_to_host(const guest_t* guest, int32_t count) {
  wasm_val_t values[] = {WASM_I32_VAL(count)}, sum[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values), results = WASM_ARRAY_VEC(sum);
  no_trap(wasm_func_call(guest->sum, &args, &results), "let the guest call");
  return sum[0].of.i32;
}

// --- Measuring ------------------------------------------------------------------------------------------

static double now(void) {
  struct timespec time;
  timespec_get(&time, TIME_UTC);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// The best of several runs, because other programs disturb the measurement.
static void calls(const char* what, int32_t (*run)(const guest_t*, int32_t), const guest_t* guest, int32_t count) {
  int32_t expected = (int32_t)((uint64_t)count * (uint64_t)(count - 1) / 2);
  double best = 0;
  for (int i = 0; i < 7; ++i) {
    double start = now();
    int32_t sum = run(guest, count);
    double time = now() - start;
    if (sum != expected) die("get the right sum");
    if (i == 0 || time < best) best = time;
  }
  printf("  %-48s %7.2f ns, %4.0f million per second\n", what, best / count * 1e9, count / best / 1e6);
}

static void instances(wasm_store_t* store, const wasm_module_t* module, const wasm_extern_vec_t* imports, long count) {
  double start = now();
  for (long i = 0; i < count; ++i) wasm_instance_delete(instantiate(store, module, imports));
  double time = now() - start;
  printf("  %-48s %7.2f us, %4.0f thousand per second\n", "one more instance, and its end", time / (double)count * 1e6,
         (double)count / time / 1e3);
}

int main(int argc, char** argv) {
  long count = argc > 1 ? strtol(argv[1], NULL, 10) : 5000000;
  if (count < 1 || count > 100000000) {
    fprintf(stderr, "usage: %s [COUNT OF CALLS]\n", argv[0]);
    return 2;
  }

  double start = now();
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "speed.wasm");
  own wasm_functype_t* type =
      wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32());
  own wasm_func_t* host_values = need(wasm_func_new(store, type, add_values), "make a host function");
  guest_t values = guest_new(store, module, host_values);
  host_to_guest(&values, 1);
  double first_result = now() - start;
  own wasm_func_t* host_native = wasmrt_func_new_native(store, type, (wasmrt_native_t)add, NULL, NULL);
  guest_t native = guest_new(store, module, need(host_native, "make a native host function"));

  printf("calls of (i32, i32) -> i32:\n");
  calls("C to C, through a pointer", c_to_c, NULL, (int32_t)count);
  calls("host to guest, native signature", host_to_guest_natively, &native, (int32_t)count);
  calls("host to guest, wasm_func_call", host_to_guest, &values, (int32_t)count);
  calls("guest to host, native signature", guest_to_host, &native, (int32_t)count);
  calls("guest to host, wasm_func_new", guest_to_host, &values, (int32_t)count);
  printf("start-up:\n");
  printf("  %-48s %7.2f ms\n", "engine, store, module, instance, first result", first_result * 1e3);
  wasm_extern_t* externs[] = {wasm_func_as_extern(host_values)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  instances(store, module, &imports, count / 1000 + 1);

  guest_delete(&native);
  guest_delete(&values);
  wasm_func_delete(host_native);
  wasm_func_delete(host_values);
  wasm_functype_delete(type);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
