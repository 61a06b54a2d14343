// Native signatures: host and WebAssembly call each other as plain C functions, without arrays of values.
// For functions of numbers with at most one result, where every nanosecond of a call counts.

#include "common.h"

typedef struct {
  wasm_store_t* store;
  double rate;
} bank_t;

// What WebAssembly calls as (param i32 f64) (result f64): first the environment and the place for a
// trap, then the parameters.
static double interest(void* env, own wasm_trap_t** trap, int32_t year, double amount) {
  const bank_t* bank = env;
  if (amount < 0) {
    own wasm_message_t message;
    wasm_name_new_from_string_nt(&message, "no interest on debts");
    *trap = wasm_trap_new(bank->store, &message);
    wasm_name_delete(&message);
    return 0;
  }
  printf("  after year %d: %.2f\n", (int)year, amount + amount * bank->rate);
  return amount * bank->rate;
}

// The type determines the prototype of the C function, which is passed as a wasmrt_native_t.
static own wasm_func_t* make_interest(wasm_store_t* store, bank_t* bank) {
  own wasm_functype_t* type =
      wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_f64(), wasm_valtype_new_f64());
  own wasm_func_t* func = wasmrt_func_new_native(store, type, (wasmrt_native_t)interest, bank, NULL);
  wasm_functype_delete(type);
  return need(func, "make the function interest");
}

// The C type of the export (param f64 i32) (result f64).
typedef double savings_t(void* context, own wasm_trap_t** trap, double amount, int32_t years);

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "native.wasm");

  bank_t bank = {.store = store, .rate = 0.05};
  own wasm_func_t* interest_func = make_interest(store, &bank);
  wasm_extern_t* externs[] = {wasm_func_as_extern(interest_func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  wasm_func_delete(interest_func);

  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  const wasm_func_t* export = find_func(module, &exports, "savings");

  // Pointer and context are valid as long as the function lives; here, as long as its instance.
  void* context;
  savings_t* savings = (savings_t*)wasmrt_func_native(export, &context);
  if (!savings) die("call the export natively");

  own wasm_trap_t* trap = NULL;
  printf("1000 for three years:\n");
  double amount = savings(context, &trap, 1000, 3);
  no_trap(trap, "call savings");
  printf("makes %.2f\n", amount);

  printf("-1000 for three years:\n");
  savings(context, &trap, -1000, 3);
  print_trap(stdout, trap);
  wasm_trap_delete(trap);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
