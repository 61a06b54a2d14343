// The lives of objects that hosts make: values, globals, tables, memories, functions, tags and exceptions.

#ifndef SPACE_OBJECTS_H
#define SPACE_OBJECTS_H

#include "types.h"

static own wasm_externtype_t* type_of(const wasm_extern_t* object) {
  own wasm_externtype_t* type;
  TAKE(type, wasm_extern_type(object));
  CHECK(wasm_externtype_kind(type) == wasm_extern_kind(object));
  return type;
}

static void use_extern(const wasm_extern_t* object) { wasm_externtype_delete(type_of(object)); }

// --- Bytes and values ---

static bool copy_value(const wasm_val_t* value, own wasm_val_t* out) {
  wasm_val_copy(out, value);
  return out->of.ref != NULL;
}

static void use_values(wasm_store_t* store) {
  own wasm_byte_vec_t bytes, copy;
  MAY_FAIL((wasm_byte_vec_new_uninitialized(&bytes, 1 << 20), bytes.size == 1 << 20));
  MAY_FAIL((wasm_byte_vec_copy(&copy, &bytes), copy.size == 1 << 20));
  wasm_byte_vec_delete(&copy);
  MAY_FAIL((wasm_byte_vec_new(&copy, bytes.size, bytes.data), copy.size == 1 << 20));
  wasm_byte_vec_delete(&copy);
  wasm_byte_vec_delete(&bytes);
  JUST(wasm_byte_vec_new_empty(&bytes));
  own wasm_foreign_t* foreign;
  TAKE(foreign, wasm_foreign_new(store));
  wasm_val_t value = WASM_REF_VAL(wasm_foreign_as_ref(foreign)), again;
  MAY_FAIL(copy_value(&value, &again));
  wasm_val_delete(&again);
  own wasm_val_vec_t values, others;
  JUST(wasm_val_vec_new_empty(&values));
  MAY_FAIL((wasm_val_vec_new(&values, 2, (wasm_val_t[]){I32(1), F64(2)}), values.size == 2));
  MAY_FAIL((wasm_val_vec_copy(&others, &values), others.size == 2));
  wasm_val_vec_delete(&values);
  wasm_val_vec_delete(&others);
  MAY_FAIL((wasm_val_vec_new_uninitialized(&values, 100000), values.size == 100000));
  wasm_val_vec_delete(&values);
  wasm_foreign_delete(foreign);
}

// --- Globals and tables ---

static void use_globals(wasm_store_t* store, wasm_ref_t* ref) {
  own wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_new_externref(), WASM_VAR);
  wasm_val_t value = WASM_REF_VAL(ref), out;
  wasmrt_val_t wide = WASMRT_REF_VAL(ref), wide_out;
  own wasm_global_t *global, *other;
  own wasm_globaltype_t* found;
  TAKE(global, wasm_global_new(store, type, &value));
  TAKE(other, wasmrt_global_new(store, type, &wide));
  TAKE(found, wasm_global_type(global));
  wasm_globaltype_delete(found);
  use_extern(wasm_global_as_extern(global));
  JUST(wasm_global_set(global, &value));
  MAY_FAIL(wasmrt_global_set(other, &wide));
  MAY_FAIL((wasm_global_get(global, &out), out.of.ref != NULL));
  wasm_val_delete(&out);
  MAY_FAIL((wasmrt_global_get(other, &wide_out), wide_out.of.ref != NULL));
  wasmrt_val_delete(&wide_out);
  wasm_global_delete(global);
  wasm_global_delete(other);
  wasm_globaltype_delete(type);
}

static void use_tables(wasm_store_t* store, wasm_ref_t* ref) {
  own wasm_tabletype_t* type = wasm_tabletype_new(wasm_valtype_new_externref(), &(wasm_limits_t){1000, 9000000});
  own wasm_table_t* table;
  own wasm_tabletype_t* found;
  own wasm_ref_t* element;
  TAKE(table, wasm_table_new(store, type, ref));
  TAKE(found, wasm_table_type(table));
  wasm_tabletype_delete(found);
  use_extern(wasm_table_as_extern(table));
  TAKE(element, wasm_table_get(table, 999));
  MAY_FAIL(wasm_table_set(table, 1, element));
  wasm_ref_delete(element);
  MAY_FAIL(wasm_table_grow(table, 1000, ref));
  MAY_FAIL(wasm_table_grow(table, 1000000, ref));
  CHECK(wasm_table_size(table) == 1002000);
  wasm_table_delete(table);
  wasm_tabletype_delete(type);
}

// --- Memories ---

static void use_bytes(wasm_memory_t* memory) {
  own wasm_name_t text;
  char bytes[4] = "abc";
  CHECK(wasmrt_memory_write(memory, 65536, bytes, 4) && wasmrt_memory_read(memory, 65536, bytes, 4));
  CHECK(wasmrt_memory_bytes(memory, 65536, 4) && wasm_memory_data(memory)[65536] == 'a');
  MAY_FAIL((wasmrt_memory_string(memory, 65536, WASMRT_STRING_NUL, &text), text.size == 3));
  wasm_name_delete(&text);
  MAY_FAIL((wasmrt_memory_string(memory, 0, 65536, &text), text.size == 65536));
  wasm_name_delete(&text);
}

static void use_memory(own wasm_memory_t* memory) {
  own wasm_memorytype_t* type;
  TAKE(type, wasm_memory_type(memory));
  wasm_memorytype_delete(type);
  use_extern(wasm_memory_as_extern(memory));
  MAY_FAIL(wasm_memory_grow(memory, 1));
  MAY_FAIL(wasmrt_memory_grow(memory, 1));
  CHECK(wasm_memory_size(memory) == 3 && wasmrt_memory_size(memory) == 3 && wasm_memory_data_size(memory) == 3 * 65536);
  use_bytes(memory);
  wasm_memory_delete(memory);
}

static void use_memories(wasm_store_t* store) {
  own wasm_memorytype_t* types[] = {make_memorytype(), make_wide_memorytype(WASMRT_LIMITS_INDEX64),
                                    make_wide_memorytype(WASMRT_LIMITS_SHARED)};
  own wasm_memory_t* memory = NULL;
  for (int i = 0; i < 3; ++i) {
    TAKE(memory, wasm_memory_new(store, types[i]));
    if (i < 2) use_memory(memory);
    wasm_memorytype_delete(types[i]);
  }
  own wasmrt_shared_memory_t* shared;
  own wasm_memory_t* obtained;
  TAKE(shared, wasmrt_memory_share(memory));
  TAKE(obtained, wasmrt_memory_obtain(store, shared));
  wasmrt_shared_memory_delete(shared);
  wasm_memory_delete(memory);
  use_memory(obtained);
}

// --- Tags and exceptions ---

static void use_exception(wasm_store_t* store, const wasm_extern_t* tag, wasm_ref_t* ref) {
  const wasmrt_val_t payload = WASMRT_REF_VAL(ref);
  own wasm_trap_t* trap;
  own wasm_extern_t* thrown;
  wasmrt_val_t value;
  TAKE(trap, wasmrt_exception_new(store, tag, &payload, 1));
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_EXCEPTION);
  MAY_FAIL(wasmrt_trap_exception(trap, &thrown, &value, 1) && thrown && value.of.ref);
  wasmrt_val_delete(&value);
  wasm_extern_delete(thrown);
  wasm_trap_delete(trap);
}

static void use_tags(wasm_store_t* store, wasm_ref_t* ref) {
  own wasm_tagtype_t* type = wasm_tagtype_new(wasm_functype_new_1_0(wasm_valtype_new_externref()));
  own wasm_extern_t* tag;
  own wasm_tagtype_t* found;
  own wasm_name_t name;
  TAKE(tag, wasmrt_tag_new(store, type));
  TAKE(found, wasmrt_tag_type(tag));
  wasm_tagtype_delete(found);
  JUST(wasmrt_tag_name(tag, &name));
  wasm_name_delete(&name);
  use_extern(tag);
  use_exception(store, tag, ref);
  wasm_extern_delete(tag);
  wasm_tagtype_delete(type);
}

// --- Functions of the host ---

static own wasm_trap_t* nothing(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  return NULL;
}

static own wasm_trap_t* nothing_wide(void* env, const wasmrt_val_t* args, size_t n_args, wasmrt_val_t* results, size_t n) {
  (void)env, (void)args, (void)n_args, (void)results, (void)n;
  return NULL;
}

static void nothing_native(void* env, own wasm_trap_t** trap) { (void)env, (void)trap; }

typedef void native_t(void* context, own wasm_trap_t** trap);

static void use_func(own wasm_func_t* func) {
  own wasm_functype_t* type;
  wasm_val_vec_t none = {0, NULL};
  void* context;
  native_t* code = NULL;
  TAKE(type, wasm_func_type(func));
  wasm_functype_delete(type);
  use_extern(wasm_func_as_extern(func));
  CHECK(wasm_func_param_arity(func) == 0 && wasm_func_result_arity(func) == 0);
  MAY_TRAP(wasm_func_call(func, &none, &none));
  MAY_TRAP(wasmrt_func_call(func, NULL, 0, NULL, 0));
  MAY_FAIL((code = (native_t*)wasmrt_func_native(func, &context)) != NULL);
  own wasm_trap_t* trap = NULL;
  JUST(code(context, &trap));
  CHECK(!trap || says(trap, "memory"));
  wasm_func_delete(func);
}

static void use_host_functions(wasm_store_t* store) {
  own wasm_functype_t* type = wasm_functype_new_0_0();
  own wasm_func_t* func;
  TAKE(func, wasm_func_new(store, type, nothing));
  use_func(func);
  TAKE(func, wasm_func_new_with_env(store, type, ignore, &infos, NULL));
  use_func(func);
  TAKE(func, wasmrt_func_new(store, type, nothing_wide, &infos, NULL));
  use_func(func);
  TAKE(func, wasmrt_func_new_native(store, type, (wasmrt_native_t)nothing_native, &infos, NULL));
  use_func(func);
  wasm_functype_delete(type);
}

static void live_objects(void) {
  world_t w = life_world(NULL);
  own wasm_foreign_t* foreign = wasm_foreign_new(w.store);
  wasm_ref_t* ref = wasm_foreign_as_ref(foreign);
  begin();
  use_values(w.store);
  use_globals(w.store, ref);
  use_tables(w.store, ref);
  use_memories(w.store);
  use_tags(w.store, ref);
  use_host_functions(w.store);
  wasm_foreign_delete(foreign);
  wasm_store_delete(w.store);
  wasm_engine_delete(w.engine);
}

#endif
