// The operations on linkers, and the small helpers of hosts: exports by C string, bytes of memories, a store's pointer.

#ifndef FUZZ_LINKERS_H
#define FUZZ_LINKERS_H

#include "objects.h"

// --- Linkers ---

static const char* const import_names[] = {"plain", "one", "refs", "memory", "funcs", "i", "c", "r", "f", "begin", ""};

static const char* some_import(void) { return chance(97) ? ONE_OF(import_names) : NULL; }
static const char* some_module(void) { return chance(80) ? "host" : chance(90) ? "other" : NULL; }

// A linker, and its store as the preferred one.
static wasmrt_linker_t* some_linker(void) {
  item_t linker = lent_item(LINKER);
  if (linker.store) preferred = linker.store;
  return linker.handle;
}

static void do_linker(void) {
  keep_made(LINKER, wasmrt_linker_new(some_store()), preferred);
  wasmrt_linker_allow_shadowing(some_linker(), chance(70));
  wasmrt_linker_delete(NULL);
}

static bool define_something(wasmrt_linker_t* linker) {
  if (chance(40)) return wasmrt_linker_define(linker, some_module(), some_import(), lent_by(is_any_extern, FUNC).handle);
  if (chance(20)) return wasmrt_linker_define_instance(linker, some_module(), lent(INSTANCE));
  if (chance(20)) return wasmrt_linker_define_traps(linker, lent(MODULE));
  own wasm_functype_t* type = chance(50) ? wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32()) : some_functype();
  record_t* record = new_record();
  record->armed = 1;
  const char *module = some_module(), *name = some_import();
  bool defined;
  if (chance(40)) {
    defined = wasmrt_linker_define_func(linker, module, name, type, chance(97) ? wide_host_function : NULL, record, finalize);
  } else if (chance(50)) {
    defined = wasmrt_linker_define_callback(linker, module, name, type, host_function_with_env, record, finalize);
  } else {
    own wasm_functype_t* one = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    defined = wasmrt_linker_define_native(linker, module, name, one, (wasmrt_native_t)native_function, record, finalize);
    wasm_functype_delete(one);
  }
  wasm_functype_delete(type);
  CHECK(defined || record->runs == 1 || !alone());
  return defined;
}

static void do_define(void) {
  wasmrt_linker_t* linker = some_linker();
  forget_error();
  if (!define_something(linker)) expect_error();
  keep_extern(wasmrt_linker_get(linker, some_module(), some_import()));
}

static void do_link(void) {
  wasmrt_linker_t* linker = some_linker();
  item_t module = lent_item(MODULE);
  if (module.tainted && !bounded[preferred]) return;
  refuel(preferred);
  if (chance(50)) wasmrt_linker_define_traps(linker, module.handle);
  own wasm_trap_t* trap = (wasm_trap_t*)&module;
  bool asks = chance(90);
  own wasm_instance_t* instance = wasmrt_linker_instantiate(linker, module.handle, asks ? &trap : NULL);
  if (asks) {
    CHECK(!instance || !trap);
    keep_trap(trap);
  }
  keep(INSTANCE, instance, preferred);
}

// --- Helpers ---

static void do_named_exports(void) {
  item_t instance = lent_item(INSTANCE);
  if (instance.store) preferred = instance.store;
  static const char* const exported[] = {"memory", "funcs", "add_one", "i", "l", "call", "none"};
  const char* name = chance(97) ? ONE_OF(exported) : NULL;
  keep(FUNC, wasmrt_instance_func(instance.handle, name), preferred);
  keep(GLOBAL, wasmrt_instance_global(instance.handle, name), preferred);
  keep(TABLE, wasmrt_instance_table(instance.handle, name), preferred);
  keep(MEMORY, wasmrt_instance_memory(instance.handle, name), preferred);
  if (chance(10) && !wasmrt_module_set_name(lent(MODULE), ONE_OF(words))) expect_error();
}

static void do_bytes_of_memory(void) {
  wasm_memory_t* memory = lent(MEMORY);
  uint64_t size = wasm_memory_data_size(memory);
  uint64_t offset = chance(50) ? below(16) : chance(50) ? size - below(16) : UINT64_MAX - below(16);
  uint64_t length = chance(90) ? below(16) : UINT64_MAX - below(16);
  bool within = wasm_memory_data(memory) && length <= size && offset <= size - length;
  byte_t copied[16] = {0};
  CHECK(!wasmrt_memory_bytes(memory, offset, length) == !within || !alone());
  if (length <= sizeof copied) {
    CHECK(wasmrt_memory_read(memory, offset, copied, length) == within || !alone());
    CHECK(wasmrt_memory_write(memory, offset, copied, length) == within || !alone());
  }
  own wasm_name_t text;
  memset(&text, 0xaa, sizeof text);
  bool found = wasmrt_memory_string(memory, offset, chance(50) ? WASMRT_STRING_NUL : length, &text);
  CHECK(!found || (text.data && text.data[text.size] == '\0'));
  wasm_name_delete(&text);
}

static void do_store_data(void) {
  wasm_store_t* store = some_store();
  record_t* record = new_record();
  wasmrt_store_set_data(store, record, finalize);
  if (!is_owned(store)) store = NULL;  // a finalizer may have deleted it
  bool attached = wasmrt_store_data(store) == record;
  record->armed = attached || record->runs;  // a finalizer may have replaced it already
}

#endif
