// Exceptions: the guest throws one to the host, which looks at its tag and its values; a host function throws
// one that the guest catches.

#include "common.h"

typedef struct {
  wasm_store_t* store;
  own wasm_extern_t* unknown;  // a tag: exceptions with it carry the number of a product
} shop_t;

// A host function throws by returning an exception, which is a trap that carries a tag and values.
static own wasm_trap_t* price(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  const shop_t* shop = env;
  int32_t product = args->data[0].of.i32;
  if (product != 1) {
    wasmrt_val_t payload = WASMRT_I32_VAL(product);
    return wasmrt_exception_new(shop->store, shop->unknown, &payload, 1);
  }
  results->data[0] = (wasm_val_t)WASM_I32_VAL(30);
  return NULL;
}

static own wasm_func_t* make_price(shop_t* shop) {
  own wasm_functype_t* type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  own wasm_func_t* func = wasm_func_new_with_env(shop->store, type, price, shop, NULL);
  wasm_functype_delete(type);
  return need(func, "make the function price");
}

// The parameters of a tag's type are what its exceptions carry; it has no results.
static own wasm_extern_t* make_tag(wasm_store_t* store) {
  own wasm_tagtype_t* type = wasm_tagtype_new(wasm_functype_new_1_0(wasm_valtype_new_i32()));
  own wasm_extern_t* tag = wasmrt_tag_new(store, type);
  wasm_tagtype_delete(type);
  return need(tag, "make a tag");
}

// What the host makes of a trap. A tag is recognised by its identity, and says which values there are.
static void handle(const shop_t* shop, const wasm_extern_t* too_dear, const wasm_trap_t* trap) {
  own wasm_extern_t* tag;
  wasmrt_val_t payload[2];
  if (!wasmrt_trap_exception(trap, &tag, payload, 2)) {
    print_trap(stdout, trap);
    return;
  }
  if (wasm_extern_same(tag, too_dear)) {
    printf("product %d is too dear: %.2f\n", (int)payload[0].of.i32, payload[1].of.f64);
  } else if (wasm_extern_same(tag, shop->unknown)) {
    printf("there is no product %d\n", (int)payload[0].of.i32);
  }
  wasm_extern_delete(tag);
}

static void buy(const wasm_func_t* func, const shop_t* shop, const wasm_extern_t* too_dear, int product, int count) {
  wasm_val_t values[] = {WASM_I32_VAL(product), WASM_I32_VAL(count)}, out[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values), results = WASM_ARRAY_VEC(out);
  printf("buy(%d, %d): ", product, count);
  own wasm_trap_t* trap = wasm_func_call(func, &args, &results);
  if (trap) handle(shop, too_dear, trap);
  else printf("%.2f\n", out[0].of.f64);
  wasm_trap_delete(trap);
}

static void look(const wasm_func_t* func, int product) {
  wasm_val_t values[] = {WASM_I32_VAL(product)}, out[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(values), results = WASM_ARRAY_VEC(out);
  no_trap(wasm_func_call(func, &args, &results), "call look");
  printf("look(%d): %d\n", product, (int)out[0].of.i32);
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "exception.wasm");

  shop_t shop = {.store = store, .unknown = make_tag(store)};
  own wasm_func_t* price_func = make_price(&shop);
  wasm_extern_t* externs[] = {shop.unknown, wasm_func_as_extern(price_func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  wasm_func_delete(price_func);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  const wasm_extern_t* too_dear = find_export(module, &exports, "too dear");
  const wasm_func_t* buy_func = find_func(module, &exports, "buy");
  buy(buy_func, &shop, too_dear, 1, 3);
  buy(buy_func, &shop, too_dear, 1, 5);  // the guest throws
  buy(buy_func, &shop, too_dear, 7, 1);  // the host throws, and nobody catches it
  const wasm_func_t* look_func = find_func(module, &exports, "look");
  look(look_func, 1);
  look(look_func, 7);                    // the host throws, and the guest catches it

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_extern_delete(shop.unknown);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  return 0;
}
