// Globals are cells that host and guest share: each sees at once what the other writes.

#include "common.h"

static own wasm_global_t* make_speed(wasm_store_t* store, int32_t start) {
  own wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new_i32(), WASM_VAR);
  wasm_val_t value = WASM_I32_VAL(start);
  own wasm_global_t* global = wasm_global_new(store, type, &value);
  wasm_globaltype_delete(type);
  return need(global, "make the global speed");
}

// Reading a global makes a copy, which for a reference would have to be deleted.
static void show(const wasm_global_t* speed, const wasm_global_t* distance) {
  wasm_val_t s, d;
  wasm_global_get(speed, &s);
  wasm_global_get(distance, &d);
  printf("speed %d, distance %lld\n", (int)s.of.i32, (long long)d.of.i64);
}

static wasm_global_t* find_global(const wasm_module_t* module, const wasm_extern_vec_t* exports, const char* name) {
  return need(wasm_extern_as_global(find_export(module, exports, name)), "use the export as a global");
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "global.wasm");

  own wasm_global_t* speed = make_speed(store, 10);
  wasm_extern_t* externs[] = {wasm_global_as_extern(speed)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);

  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_global_t* distance = find_global(module, &exports, "distance");
  wasm_func_t* step = find_func(module, &exports, "step");
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_val_vec_t nothing = WASM_EMPTY_VEC;

  show(speed, distance);
  no_trap(wasm_func_call(step, &none, &nothing), "call step");
  show(speed, distance);

  wasm_val_t faster = WASM_I32_VAL(100);
  wasm_global_set(speed, &faster);
  no_trap(wasm_func_call(step, &none, &nothing), "call step");
  show(speed, distance);

  // A constant global cannot be changed: setting it has no effect, and the last error says why.
  wasm_global_t* limit = find_global(module, &exports, "limit");
  wasm_val_t other = WASM_F64_VAL(99), now;
  wasm_global_set(limit, &other);
  own wasmrt_error_t* error = wasmrt_last_error();
  wasm_global_get(limit, &now);
  printf("limit %g, %s\n", now.of.f64, error ? "setting it was refused" : "setting it was not refused");
  wasmrt_error_delete(error);

  wasm_global_delete(speed);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
