// The operations on tags and exceptions.

#ifndef FUZZ_EXCEPTIONS_H
#define FUZZ_EXCEPTIONS_H

#include "operations.h"

static bool same_params(const wasm_functype_t* a, const wasm_functype_t* b) {
  const wasm_valtype_vec_t *left = wasm_functype_params(a), *right = wasm_functype_params(b);
  if (!left || !right || left->size != right->size) return false;
  for (size_t i = 0; i < left->size; ++i) {
    if (wasm_valtype_kind(left->data[i]) != wasm_valtype_kind(right->data[i])) return false;
  }
  return true;
}

// A tag of that type: one that exists, so that several instances share it, or a new one. NULL for neither.
static own wasm_extern_t* make_tag(wasm_store_t* store, const wasm_tagtype_t* type) {
  const item_t* item = chance(60) ? find(is_at_home, TAG) : NULL;
  if (item) {
    own wasm_tagtype_t* there = wasmrt_tag_type(item->handle);
    const bool fits = there && same_params(wasm_tagtype_functype(there), wasm_tagtype_functype(type));
    wasm_tagtype_delete(there);
    if (fits) return wasm_extern_copy(item->handle);
  }
  return wasmrt_tag_new(store, type);
}

static void do_tag(void) {
  wasm_store_t* store = some_store();
  const int number = preferred;
  own wasm_tagtype_t* made = NULL;
  if (chance(70)) made = wasm_tagtype_new(wasm_functype_new_1_0(wasm_valtype_new(chance(60) ? WASM_I32 : ONE_OF(kinds))));
  own wasm_extern_t* tag = wasmrt_tag_new(store, made ? made : lent(TAGTYPE));
  wasm_tagtype_delete(made);
  keep_made(TAG, tag, number);
}

static void do_read_tag(void) {
  const wasm_extern_t* tag = lent(TAG);
  own wasm_tagtype_t* type = wasmrt_tag_type(tag);
  if (type) CHECK(wasm_extern_kind(tag) == WASM_EXTERN_TAG && wasm_functype_results(wasm_tagtype_functype(type))->size == 0);
  if (type && chance(20)) keep(TAGTYPE, type, 0);
  else wasm_tagtype_delete(type);
  own wasm_name_t name;
  memset(&name, 0xaa, sizeof name);
  wasmrt_tag_name(tag, &name);
  wasm_name_delete(&name);
  wasmrt_tag_name(tag, NULL);
}

static void do_exception(void) {
  wasm_store_t* store = some_store();
  const int number = preferred;
  keep_made(TRAP, some_exception(store, lent(TAG)), number);
}

// Takes tag and values out of a trap.
static void do_read_exception(void) {
  item_t trap = lent_item(TRAP);
  if (trap.store) preferred = trap.store;
  wasmrt_val_t payload[MOST_VALUES];
  memset(payload, 0, sizeof payload);
  own wasm_extern_t* tag = NULL;
  const bool thrown = wasmrt_trap_exception(trap.handle, chance(80) ? &tag : NULL, chance(90) ? payload : NULL, below(MOST_VALUES));
  CHECK(!thrown || wasmrt_trap_code(trap.handle) == WASMRT_TRAP_EXCEPTION);
  CHECK(!tag || (thrown && wasm_extern_kind(tag) == WASM_EXTERN_TAG));
  if (tag) keep(TAG, tag, preferred);
  for (size_t i = 0; i < MOST_VALUES; ++i) keep_wide_val(&payload[i]);
}

#endif
