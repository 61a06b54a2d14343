// Guest code that does not end by itself, stopped in three ways: when its fuel is used up, at a deadline, and by another
// thread. After each, the instance is as usable as before.

#include <pthread.h>

#include "common.h"

static const uint64_t PLENTY = UINT64_MAX, MILLISECOND = 1000000;

static void count_to(const wasm_func_t* count, int64_t n) {
  wasmrt_val_t arg = WASMRT_I64_VAL(n), result;
  own wasm_trap_t* trap = wasmrt_func_call(count, &arg, 1, &result, 1);
  if (!trap) {
    printf("counted to %lld\n", (long long)result.of.i64);
    return;
  }
  // The code says why it was stopped; a trap of another kind would be a fault of the guest.
  switch (wasmrt_trap_code(trap)) {
    case WASMRT_TRAP_OUT_OF_FUEL: printf("stopped: no fuel is left\n"); break;
    case WASMRT_TRAP_DEADLINE: printf("stopped: the deadline has passed\n"); break;
    case WASMRT_TRAP_INTERRUPTED: printf("stopped: another thread asked for it\n"); break;
    default: print_trap(stdout, trap);
  }
  wasm_trap_delete(trap);
}

// Fuel counts work, so the same call always takes the same amount.
static void with_fuel(wasm_store_t* store, const wasm_func_t* count) {
  uint64_t left;
  if (!wasmrt_store_set_fuel(store, 10000)) die("set the fuel");
  count_to(count, 100);
  if (!wasmrt_store_fuel(store, &left)) die("ask for the fuel");
  printf("that took %d units of fuel\n", (int)(10000 - left));
  count_to(count, INT64_MAX);
  if (!wasmrt_store_set_fuel(store, PLENTY)) die("set the fuel");
}

// A deadline counts time, from the next call on, and holds until there is another.
static void with_deadline(wasm_store_t* store, const wasm_func_t* count) {
  if (!wasmrt_store_set_deadline(store, 20 * MILLISECOND)) die("set a deadline");
  count_to(count, INT64_MAX);
  if (!wasmrt_store_set_deadline(store, 0)) die("remove the deadline");
}

// An interrupt may be fired on any thread, and in a signal handler. If no call is running, it stops the next one.
static void* fire(void* interrupt) {
  wasmrt_interrupt_fire(interrupt);
  return NULL;
}

static void with_interrupt(wasmrt_interrupt_t* interrupt, const wasm_func_t* count) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, fire, interrupt) != 0) die("start a thread");
  count_to(count, INT64_MAX);
  pthread_join(thread, NULL);
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");

  // One of the three is requested before the first instance: code that can be stopped is compiled differently. Then
  // the others may follow at any time.
  own wasmrt_interrupt_t* interrupt = need(wasmrt_interrupt_new(store), "make an interrupt");

  own wasm_module_t* module = load_module(store, "stop.wasm");
  wasm_extern_vec_t no_imports = WASM_EMPTY_VEC;
  own wasm_instance_t* instance = instantiate(store, module, &no_imports);
  own wasm_func_t* count = need(wasmrt_instance_func(instance, "count"), "find the export");

  with_fuel(store, count);
  with_deadline(store, count);
  with_interrupt(interrupt, count);
  count_to(count, 100);

  wasm_func_delete(count);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasmrt_interrupt_delete(interrupt);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
