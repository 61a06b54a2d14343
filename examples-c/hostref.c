// References to host objects. A foreign object stands for one. Its host info is a pointer that every
// handle of the object returns, with a finalizer that runs when neither host nor guest refers to the
// object any more.

#include "common.h"

static int words_freed;

static void free_word(void* word) {
  free(word);
  ++words_freed;
}

// From here on the object owns the word.
static own wasm_ref_t* make_word(wasm_store_t* store, const char* text) {
  char* word = need(malloc(strlen(text) + 1), "copy a word");
  strcpy(word, text);
  own wasm_foreign_t* object = need(wasm_foreign_new(store), "make a foreign object");
  wasm_foreign_set_host_info_with_finalizer(object, word, free_word);
  return wasm_foreign_as_ref(object);  // the same handle under a more general name
}

static const char* word_of(const wasm_ref_t* object) {
  return object ? wasm_ref_get_host_info(object) : "nothing";
}

// Arguments are borrowed: they are read, not deleted.
static own wasm_trap_t* length(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  wasm_val_t result = WASM_I32_VAL((int32_t)strlen(word_of(args->data[0].of.ref)));
  results->data[0] = result;
  return NULL;
}

static own wasm_func_t* make_length(wasm_store_t* store) {
  own wasm_functype_t* type = wasm_functype_new_1_1(wasm_valtype_new_externref(), wasm_valtype_new_i32());
  own wasm_func_t* func = wasm_func_new(store, need(type, "make a type"), length);
  wasm_functype_delete(type);
  return need(func, "make the function length");
}

// A reference in a result belongs to the caller.
static own wasm_ref_t* longer(const wasm_func_t* func, wasm_ref_t* a, wasm_ref_t* b) {
  wasm_val_t values[] = {WASM_REF_VAL(a), WASM_REF_VAL(b)}, result = WASM_INIT_VAL;
  wasm_val_vec_t args = WASM_ARRAY_VEC(values), results = {1, &result};
  no_trap(wasm_func_call(func, &args, &results), "call longer");
  return result.of.ref;
}

int main(void) {
  own wasm_engine_t* engine = need(wasm_engine_new(), "make an engine");
  own wasm_store_t* store = need(wasm_store_new(engine), "make a store");
  own wasm_module_t* module = load_module(store, "hostref.wasm");
  own wasm_func_t* length_func = make_length(store);
  wasm_extern_t* externs[] = {wasm_func_as_extern(length_func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  own wasm_instance_t* instance = instantiate(store, module, &imports);
  wasm_func_delete(length_func);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  own wasm_ref_t* jam = make_word(store, "jam");
  own wasm_ref_t* marmalade = make_word(store, "marmalade");
  own wasm_ref_t* found = longer(find_func(module, &exports, "longer"), jam, marmalade);
  printf("the longer word is %s\n", word_of(found));
  printf("it is %s object that was passed\n", wasm_ref_same(found, marmalade) ? "the very" : "another");
  wasm_ref_delete(found);

  // An object in the guest's table stays alive just as one with a handle.
  wasm_val_t value = WASM_REF_VAL(marmalade), kept = WASM_INIT_VAL;
  wasm_val_vec_t args = {1, &value}, results = {1, &kept}, none = WASM_EMPTY_VEC;
  no_trap(wasm_func_call(find_func(module, &exports, "keep"), &args, &none), "call keep");
  wasm_ref_delete(jam);
  wasm_ref_delete(marmalade);
  no_trap(wasm_func_call(find_func(module, &exports, "kept"), &none, &results), "call kept");
  printf("the guest has kept %s\n", word_of(kept.of.ref));
  wasm_val_delete(&kept);

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  printf("%d words are freed at the latest with the store\n", words_freed);
  wasm_engine_delete(engine);
  return 0;
}
