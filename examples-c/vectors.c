// Vectors of 128 bits: wasmrt_val_t has space for them and otherwise works like wasm_val_t, in calls,
// host functions and globals. Also the names and custom sections of a module.

#include "common.h"

static void print_pixels(const char* what, const wasmrt_val_t* value) {
  printf("%s:", what);
  for (int i = 0; i < 16; i += 4) {
    const uint8_t* pixel = &value->of.v128[i];
    printf(" #%02x%02x%02x%02x", pixel[0], pixel[1], pixel[2], pixel[3]);
  }
  printf("\n");
}

// Arguments and results are arrays with lengths; the results array is zeroed and has its kinds set.
static own wasm_trap_t* show(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results,
                             size_t n_results) {
  (void)n_args, (void)n_results;
  int32_t* shown = env;
  print_pixels("the host sees", &args[0]);
  results[0].of.i32 = ++*shown;
  return NULL;
}

static own wasm_func_t* make_show(wasm_store_t* store, int32_t* shown) {
  own wasm_functype_t* type = wasm_functype_new_1_1(wasm_valtype_new(WASMRT_V128), wasm_valtype_new_i32());
  own wasm_func_t* func = wasmrt_func_new(store, type, show, shown, NULL);
  wasm_functype_delete(type);
  return need(func, "make the host function");
}

// An export by its name; the caller owns it.
static own wasm_extern_t* get(const wasm_instance_t* instance, const char* text) {
  own wasm_name_t name;
  wasm_name_new_from_string(&name, text);
  own wasm_extern_t* found = wasmrt_instance_export(instance, &name);
  wasm_name_delete(&name);
  return need(found, "find an export");
}

static void describe(const wasm_module_t* module) {
  own wasm_name_t name;
  wasmrt_module_name(module, &name);
  printf("module '%.*s'\n", (int)name.size, name.data);
  wasm_name_delete(&name);
  for (size_t i = 0; i < wasmrt_module_custom_section_count(module); ++i) {
    own wasm_byte_vec_t bytes;
    if (!wasmrt_module_custom_section(module, i, &name, &bytes)) die("read a custom section");
    // The name section is one of them; it is binary.
    const bool text = !name_is(&name, "name");
    if (text) printf("  %.*s: %.*s\n", (int)name.size, name.data, (int)bytes.size, bytes.data);
    wasm_name_delete(&name);
    wasm_byte_vec_delete(&bytes);
  }
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "vectors.wasm");
  describe(module);

  int32_t shown = 0;
  own wasm_func_t* host = make_show(store, &shown);
  wasm_extern_t* externs[] = {wasm_func_as_extern(host)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  own wasm_extern_t* develop = get(instance, "develop");
  own wasm_extern_t* fog = get(instance, "fog");

  wasmrt_val_t pixels = WASMRT_V128_VAL({0x80, 0, 0, 0xff, 0, 0x80, 0, 0xff, 0, 0, 0x80, 0xff, 0x40, 0x40, 0x40, 0xff});
  print_pixels("before", &pixels);
  wasmrt_val_t results[2];
  no_trap(wasmrt_func_call(wasm_extern_as_func(develop), &pixels, 1, results, 2), "call develop");
  print_pixels("after", &results[0]);

  // A global set by the host: half of that fog.
  wasmrt_val_t value;
  wasmrt_global_get(wasm_extern_as_global(fog), &value);
  for (int i = 0; i < 16; ++i) value.of.v128[i] /= 2;
  if (!wasmrt_global_set(wasm_extern_as_global(fog), &value)) die("set the fog");
  no_trap(wasmrt_func_call(wasm_extern_as_func(develop), &pixels, 1, results, 2), "call develop");
  printf("shown %d times\n", (int)results[1].of.i32);

  wasm_extern_delete(fog);
  wasm_extern_delete(develop);
  wasm_instance_delete(instance);
  wasm_func_delete(host);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
