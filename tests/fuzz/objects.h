// The operations on modules, instances, functions, globals, tables and memories.

#ifndef FUZZ_OBJECTS_H
#define FUZZ_OBJECTS_H

#include "exceptions.h"

// --- Modules ---

enum { BINARIES = 6 };
static const char* const binary_names[BINARIES] = {"empty", "everything", "imports", "starts", "traps", "throws"};
static wasm_byte_vec_t binaries[BINARIES];

static void load_binaries(const char* folder) {
  for (int i = 0; i < BINARIES; ++i) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.wasm", folder, binary_names[i]);
    FILE* file = fopen(path, "rb");
    CHECK(file && fseek(file, 0, SEEK_END) == 0);
    wasm_byte_vec_new_uninitialized(&binaries[i], (size_t)ftell(file));
    rewind(file);
    CHECK(fread(binaries[i].data, 1, binaries[i].size, file) == binaries[i].size);
    fclose(file);
  }
}

// Changes a byte, or cuts the end off; the bytes are the program's own.
static void damage(wasm_byte_vec_t* bytes) {
  if (bytes->size == 0) return;
  if (chance(20)) bytes->size = below((uint32_t)bytes->size);
  else bytes->data[below((uint32_t)bytes->size)] ^= (char)(1u << below(8));
}

static void do_module(void) {
  own wasm_byte_vec_t bytes;
  wasm_byte_vec_copy(&bytes, &binaries[below(BINARIES)]);
  bool damaged = chance(25);
  if (damaged) damage(&bytes);
  wasm_store_t* store = some_store();
  if (chance(20)) {
    CHECK(!wasm_module_validate(store, chance(98) ? &bytes : NULL) || store);
  } else {
    own wasm_module_t* module = wasm_module_new(store, chance(98) ? &bytes : NULL);
    if (!module) expect_error();
    keep_tainted(MODULE, module, preferred, damaged);
  }
  wasm_byte_vec_delete(&bytes);
}

static void keep_some(const vec_family_t* family, any_vec_t* vec) {
  while (vec->size && chance(30)) {
    size_t i = below((uint32_t)vec->size);
    if (vec->data[i]) keep(family->kind, vec->data[i], preferred);
    vec->data[i] = NULL;
  }
  family->delete(vec);
}

static void do_read_module(void) {
  const wasm_module_t* module = lent(MODULE);
  own any_vec_t types;
  memset(&types, 0xaa, sizeof types);
  wasm_module_imports(module, (wasm_importtype_vec_t*)&types);
  for (size_t i = 0; i < types.size; ++i) read_externtype(wasm_importtype_type(types.data[i]));
  keep_some(&vec_families[8], &types);
  memset(&types, 0xaa, sizeof types);
  wasm_module_exports(module, (wasm_exporttype_vec_t*)&types);
  keep_some(&vec_families[9], &types);
  own wasm_name_t name, bytes;
  memset(&name, 0xaa, sizeof name);
  wasmrt_stats_t stats = {.struct_size = sizeof stats};
  wasmrt_module_stats(module, chance(90) ? &stats : NULL);
  wasmrt_engine_stats(lent(ENGINE), &stats);
  CHECK(stats.functions < 1000000);
  if (chance(20) && !wasmrt_module_compile(lent(MODULE), below(4))) expect_error();
  if (chance(20) && !wasmrt_module_keep(module)) expect_error();
  wasmrt_module_name(module, &name);
  wasm_name_delete(&name);
  if (!wasmrt_module_func_name(module, below(30), &name)) CHECK(name.size == 0);
  wasm_name_delete(&name);
  if (!wasmrt_module_tag_name(module, below(6), &name)) CHECK(name.size == 0);
  wasm_name_delete(&name);
  size_t sections = wasmrt_module_custom_section_count(module);
  wasm_name_new_empty(&bytes);
  bool there = wasmrt_module_custom_section(module, below(3), &name, chance(90) ? &bytes : NULL);
  CHECK(!there || sections > 0);
  wasm_name_delete(&name);
  wasm_byte_vec_delete(&bytes);
}

static void do_share(void) {
  item_t module = lent_item(MODULE);
  own wasm_shared_module_t* shared = wasm_module_share(module.handle);
  keep_tainted(SHARED, shared, 0, module.tainted);
  item_t kept = lent_item(SHARED);
  wasm_store_t* store = some_store();
  own wasm_module_t* obtained = wasm_module_obtain(store, kept.handle);
  keep_tainted(MODULE, obtained, preferred, kept.tainted);
  if (!kept.handle) wasm_shared_module_delete(NULL);
}

// With several threads, shared modules and engines change hands between them.
static pthread_mutex_t exchange_lock = PTHREAD_MUTEX_INITIALIZER;
static item_t exchange[4];

static void do_exchange(void) {
  if (!threaded) return;
  item_t mine = {NULL, chance(70) ? SHARED : ENGINE, 0, false};
  item_t* item = find(is_free, mine.kind);
  if (item) mine = removed((size_t)(item - items));
  pthread_mutex_lock(&exchange_lock);
  item_t* slot = &ONE_OF(exchange);
  item_t theirs = *slot;
  *slot = mine;
  pthread_mutex_unlock(&exchange_lock);
  if (theirs.handle) keep_tainted(theirs.kind, theirs.handle, 0, theirs.tainted);
}

// Blobs are kept with what module they are of; damage is always found.
static void do_serialize(void) {
  item_t module = lent_item(MODULE);
  own wasm_byte_vec_t* blob = malloc(sizeof *blob);
  CHECK(blob);
  memset(blob, 0xaa, sizeof *blob);
  if (chance(50)) wasm_module_serialize(module.handle, blob);
  else wasmrt_module_serialize(module.handle, below(5), blob);
  keep_tainted(BLOB, blob, 0, module.tainted);
}

static void do_deserialize(void) {
  item_t blob = lent_item(BLOB);
  wasm_store_t* store = some_store();
  if (!blob.handle || chance(10)) {
    own wasm_module_t* none = wasm_module_deserialize(store, NULL);
    CHECK(!none);
    CHECK(!wasmrt_module_deserialize_file(store, chance(50) ? NULL : "/no/such/file"));
    return;
  }
  own wasm_byte_vec_t bytes;
  wasm_byte_vec_copy(&bytes, blob.handle);
  bool damaged = chance(40);
  if (damaged) damage(&bytes);
  own wasm_module_t* module = wasm_module_deserialize(store, &bytes);
  CHECK(!module || !damaged);
  if (!module) expect_error();
  keep_tainted(MODULE, module, preferred, blob.tainted);
  wasm_byte_vec_delete(&bytes);
}

// --- Functions ---

static own wasm_func_t* make_func(wasm_store_t* store, const wasm_functype_t* type) {
  if (chance(20)) return wasm_func_new(store, type, chance(97) ? host_function : NULL);
  record_t* record = new_record();
  record->armed = 1;
  own wasm_func_t* func =
      chance(70) ? wasm_func_new_with_env(store, type, chance(97) ? host_function_with_env : NULL, record, finalize)
                 : wasmrt_func_new(store, type, chance(97) ? wide_host_function : NULL, record, finalize);
  CHECK(func || record->runs == 1);
  return func;
}

static void do_func(void) {
  own wasm_functype_t* made = chance(60) ? some_functype() : NULL;
  const wasm_functype_t* type = made ? made : lent(FUNCTYPE);
  keep_made(FUNC, make_func(some_store(), type), preferred);
  wasm_functype_delete(made);
}

static void do_native_func(void) {
  own wasm_functype_t* type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  record_t* record = new_record();
  record->armed = 1;
  own wasm_func_t* func = wasmrt_func_new_native(some_store(), type, chance(97) ? (wasmrt_native_t)native_function : NULL,
                                                 record, finalize);
  wasm_functype_delete(type);
  CHECK(func || record->runs == 1);
  keep_made(FUNC, func, preferred);
}

static bool is_one_to_one(const wasm_functype_t* type) {
  const wasm_valtype_vec_t *params = wasm_functype_params(type), *results = wasm_functype_results(type);
  return params && params->size == 1 && results->size == 1 && wasm_valtype_kind(params->data[0]) == WASM_I32 &&
         wasm_valtype_kind(results->data[0]) == WASM_I32;
}

static void do_call_native(void) {
  item_t func = lent_item(FUNC);
  void* context = &context;
  wasmrt_native_t code = wasmrt_func_native(func.handle, chance(97) ? &context : NULL);
  if (!code) return;
  own wasm_functype_t* type = wasm_func_type(func.handle);
  bool fits = is_one_to_one(type);
  wasm_functype_delete(type);
  if (!fits || context == &context) return;
  refuel(func.store);
  own wasm_trap_t* trap = NULL;
  int32_t (*call)(void*, wasm_trap_t**, int32_t) = (int32_t (*)(void*, wasm_trap_t**, int32_t))code;
  call(context, chance(90) ? &trap : NULL, (int32_t)below(100));
  keep_trap(trap);
}

enum { ROOM = 48 };

// Arguments that fit the function's type, mostly; returns how many.
static size_t some_args(const wasm_func_t* func, wasm_val_t* args) {
  own wasm_functype_t* type = wasm_func_type(func);
  const wasm_valtype_vec_t* params = wasm_functype_params(type);
  size_t n = params ? params->size : below(3);
  if (n > ROOM) n = ROOM;
  for (size_t i = 0; i < n; ++i) args[i] = some_val(params && chance(97) ? wasm_valtype_kind(params->data[i]) : some_kind());
  if (chance(3) && n < ROOM) args[n++] = some_val(WASM_I32);
  if (chance(3) && n) --n;
  wasm_functype_delete(type);
  return n;
}

static void do_call(void) {
  item_t func = lent_item(FUNC);
  if (func.store) preferred = func.store;
  refuel(func.store);
  wasm_val_t args[ROOM], results[ROOM];
  size_t n = some_args(func.handle, args);
  size_t arity = wasm_func_result_arity(func.handle);
  wasm_func_param_arity(func.handle);
  size_t room = chance(90) ? arity : below(8);
  if (room > ROOM) room = ROOM;
  memset(results, 0xaa, sizeof results);
  wasm_val_vec_t in = {n, args}, out = {room, results};
  own wasm_trap_t* trap = wasm_func_call(func.handle, chance(98) ? &in : NULL, chance(98) ? &out : NULL);
  CHECK(trap || func.handle);
  if (trap) {
    keep_trap(trap);
    return;
  }
  ++n_returned;
  for (size_t i = 0; i < arity && i < room; ++i) {
    uint64_t untouched = 0xaaaaaaaaaaaaaaaau;
    if (memcmp(&results[i], &untouched, sizeof untouched) == 0) continue;  // a NULL argument
    keep_val(&results[i]);
  }
}

static void do_wide_call(void) {
  item_t func = lent_item(FUNC);
  if (func.store) preferred = func.store;
  refuel(func.store);
  wasm_val_t narrow[ROOM];
  wasmrt_val_t args[ROOM], results[ROOM];
  size_t n = some_args(func.handle, narrow);
  for (size_t i = 0; i < n; ++i) {
    memset(&args[i], 0, sizeof args[i]);
    args[i].kind = narrow[i].kind;
    memcpy(&args[i].of, &narrow[i].of, sizeof narrow[i].of);
  }
  size_t arity = wasm_func_result_arity(func.handle);
  size_t room = chance(90) ? arity : below(8);
  if (room > ROOM) room = ROOM;
  for (size_t i = 0; i < room; ++i) results[i] = (wasmrt_val_t)WASMRT_INIT_VAL;
  own wasm_trap_t* trap = wasmrt_func_call(func.handle, args, n, results, room);
  CHECK(trap || func.handle);
  keep_trap(trap);
  for (size_t i = 0; !trap && i < arity && i < room; ++i) keep_wide_val(&results[i]);
}

// --- Globals ---

static void do_global(void) {
  item_t type = lent_item(GLOBALTYPE);
  const wasm_valtype_t* content = type.kind == GLOBALTYPE ? wasm_globaltype_content(type.handle) : NULL;
  wasm_valkind_t kind = content && chance(95) ? wasm_valtype_kind(content) : some_kind();
  wasm_store_t* store = some_store();
  own wasm_global_t* global;
  if (chance(70) && kind != WASMRT_V128) {
    wasm_val_t val = some_val(kind);
    global = wasm_global_new(store, type.handle, chance(98) ? &val : NULL);
  } else {
    wasmrt_val_t val = some_wide_val(kind);
    global = wasmrt_global_new(store, type.handle, chance(98) ? &val : NULL);
  }
  keep_made(GLOBAL, global, preferred);
}

static void do_use_global(void) {
  item_t global = lent_item(GLOBAL);
  if (global.store) preferred = global.store;
  own wasm_globaltype_t* type = wasm_global_type(global.handle);
  wasm_valkind_t kind = type ? wasm_valtype_kind(wasm_globaltype_content(type)) : WASM_I32;
  wasm_globaltype_delete(type);
  if (chance(3)) kind = some_kind();
  if (chance(50)) {
    wasm_val_t val = some_val(kind);
    wasm_global_set(global.handle, chance(98) ? &val : NULL);
    memset(&val, 0xaa, sizeof val);
    wasm_global_get(global.handle, &val);
    keep_val(&val);
  } else {
    wasmrt_val_t val = some_wide_val(kind);
    forget_error();
    if (!wasmrt_global_set(global.handle, chance(98) ? &val : NULL)) expect_error();
    memset(&val, 0xaa, sizeof val);
    wasmrt_global_get(global.handle, &val);
    keep_wide_val(&val);
  }
  wasm_global_get(global.handle, NULL);
}

// --- Tables ---

static void do_table(void) {
  const wasm_tabletype_t* type = lent(TABLETYPE);
  wasm_ref_t* init = some_ref(chance(80) ? WASM_FUNCREF : WASM_EXTERNREF);
  own wasm_table_t* table = wasm_table_new(some_store(), type, init);
  CHECK(!table || wasm_valtype_is_ref(wasm_tabletype_element(type)));
  keep(TABLE, table, preferred);
}

static void do_use_table(void) {
  item_t table = lent_item(TABLE);
  if (table.store) preferred = table.store;
  wasm_table_size_t size = wasm_table_size(table.handle);
  wasm_table_size_t index = chance(90) && size ? below(size) : below(UINT32_MAX);
  wasm_ref_t* ref = some_ref(chance(80) ? WASM_FUNCREF : WASM_EXTERNREF);
  if (wasm_table_set(table.handle, index, ref)) {
    CHECK(index < size || !alone());
    own wasm_ref_t* there = wasm_table_get(table.handle, index);
    CHECK(wasm_ref_same(there, ref) || !alone());
    keep_ref(there);
  } else {
    wasm_ref_delete(wasm_table_get(table.handle, index));
  }
  own wasm_tabletype_t* type = wasm_table_type(table.handle);
  CHECK(!type || wasm_tabletype_limits(type)->min == size || !alone());
  wasm_tabletype_delete(type);
  uint32_t delta = chance(95) ? small() : 20000 + below(UINT32_MAX - 20000);
  if (delta > 200000 || size < 200000) {
    bool grew = wasm_table_grow(table.handle, delta > 200000 ? UINT32_MAX - 5 : delta, ref);
    wasm_table_size_t now = wasm_table_size(table.handle);
    CHECK(!grew || now >= size || !alone());
  }
}

// --- Memories ---

static void do_memory(void) { keep(MEMORY, wasm_memory_new(some_store(), lent(MEMORYTYPE)), preferred); }

static void do_use_memory(void) {
  item_t memory = lent_item(MEMORY);
  wasm_memory_pages_t pages = wasm_memory_size(memory.handle);
  byte_t* data = wasm_memory_data(memory.handle);
  size_t size = wasm_memory_data_size(memory.handle);
  own wasm_memorytype_t* type = wasm_memory_type(memory.handle);
  wasmrt_limits_t limits;
  wasmrt_memorytype_limits(type, &limits);
  const size_t page = limits.flags & WASMRT_LIMITS_BYTE_PAGES ? 1 : MEMORY_PAGE_SIZE;
  CHECK(!type || (size == pages * page && (size == 0 || data)));
  if (size) {
    data[0] = (char)below(256);
    data[size - 1] = (char)below(256);
    data[below((uint32_t)(size < UINT32_MAX ? size : UINT32_MAX))] ^= 1;
  }
  CHECK(wasmrt_memory_size(memory.handle) == pages || !alone());
  CHECK(!type || wasm_memorytype_limits(type)->min == pages || !alone());
  wasm_memorytype_delete(type);
  if (!chance(40)) return;
  uint32_t delta = chance(95) ? below(3) : below(UINT32_MAX);
  bool grew = chance(50) ? wasm_memory_grow(memory.handle, delta) : wasmrt_memory_grow(memory.handle, delta);
  wasm_memory_pages_t now = wasm_memory_size(memory.handle);
  CHECK(!grew || now >= pages || !alone());
}

// They are not exchanged between threads: what one thread writes to their memories, the other would read.
static void do_share_memory(void) {
  item_t memory = lent_item(MEMORY);
  own wasmrt_shared_memory_t* shared = wasmrt_memory_share(memory.handle);
  keep_tainted(SHARED_MEMORY, shared, 0, memory.tainted);
  item_t kept = lent_item(SHARED_MEMORY);
  own wasm_memory_t* obtained = wasmrt_memory_obtain(some_store(), kept.handle);
  keep_tainted(MEMORY, obtained, preferred, kept.tainted);
  if (!kept.handle) wasmrt_shared_memory_delete(NULL);
}

static void do_foreign(void) { keep_made(FOREIGN, wasm_foreign_new(some_store()), preferred); }

// --- Instances ---

// Something new of that type, or NULL.
static own wasm_extern_t* make_extern(wasm_store_t* store, const wasm_externtype_t* type) {
  if (wasm_externtype_as_functype_const(type)) {
    return wasm_func_as_extern(make_func(store, wasm_externtype_as_functype_const(type)));
  }
  if (wasm_externtype_as_globaltype_const(type)) {
    const wasm_globaltype_t* global = wasm_externtype_as_globaltype_const(type);
    wasm_val_t val = some_val(wasm_valtype_kind(wasm_globaltype_content(global)));
    return wasm_global_as_extern(wasm_global_new(store, global, &val));
  }
  if (wasm_externtype_as_tabletype_const(type)) {
    return wasm_table_as_extern(wasm_table_new(store, wasm_externtype_as_tabletype_const(type), NULL));
  }
  if (wasm_externtype_as_tagtype_const(type)) return make_tag(store, wasm_externtype_as_tagtype_const(type));
  return wasm_memory_as_extern(wasm_memory_new(store, wasm_externtype_as_memorytype_const(type)));
}

static void keep_extern(own wasm_extern_t* object) {
  if (!object) return;
  if (wasm_extern_kind(object) == WASM_EXTERN_TAG) {
    keep(TAG, object, preferred);
    return;
  }
  static const kind_t of_externkind[] = {FUNC, GLOBAL, TABLE, MEMORY};
  for (int i = 0; i < 4; ++i) {
    if (extern_casts[i].down(object)) {
      keep(of_externkind[i], object, preferred);
      return;
    }
  }
  wasm_extern_delete(object);
}

// Imports for a module, in order: made to fit, or taken from what there is. Lent.
static size_t some_imports(wasm_store_t** store, const wasm_module_t* module, wasm_extern_t** imports) {
  own wasm_importtype_vec_t types;
  wasm_module_imports(module, &types);
  size_t n = types.size < ROOM ? types.size : ROOM;
  for (size_t i = 0; i < n; ++i) {
    imports[i] = NULL;
    if (chance(92)) {
      own wasm_extern_t* made = make_extern(*store, wasm_importtype_type(types.data[i]));
      // A finalizer may have deleted the store, which the call survived; the next one would not.
      if (!is_owned(*store)) *store = NULL;
      pin(made);
      imports[i] = made;
      keep_extern(made);
    }
    if (!imports[i]) imports[i] = lent_by(is_any_extern, FUNC).handle;
  }
  wasm_importtype_vec_delete(&types);
  if (chance(3) && n) --n;
  if (chance(3) && n < ROOM) imports[n++] = NULL;
  return n;
}

static void do_instance(void) {
  item_t module = lent_item(MODULE);
  wasm_store_t* store = some_store();
  if (module.tainted && store && !bounded[preferred]) return;
  refuel(preferred);
  wasm_extern_t* imports[ROOM];
  wasm_extern_vec_t vec = {0, imports};
  vec.size = some_imports(&store, module.handle, imports);
  own wasm_trap_t* trap = (wasm_trap_t*)&vec;
  bool asks = chance(90);
  own wasm_instance_t* instance = wasm_instance_new(store, module.handle, chance(97) ? &vec : NULL, asks ? &trap : NULL);
  if (asks) {
    CHECK(!instance || !trap);
    keep_trap(trap);
  }
  keep(INSTANCE, instance, preferred);
}

static void do_exports(void) {
  item_t instance = lent_item(INSTANCE);
  own wasm_extern_vec_t exports;
  memset(&exports, 0xaa, sizeof exports);
  wasm_instance_exports(instance.handle, &exports);
  if (instance.store) preferred = instance.store;
  for (size_t i = 0; i < exports.size; ++i) {
    if (!chance(30)) continue;
    keep_extern(exports.data[i]);
    exports.data[i] = NULL;
  }
  wasm_extern_vec_delete(&exports);
  wasm_instance_exports(instance.handle, NULL);
  own wasm_name_t wanted;
  wasm_name_new_from_string(&wanted, ONE_OF(words));
  keep_extern(wasmrt_instance_export(instance.handle, chance(97) ? &wanted : NULL));
  wasm_name_delete(&wanted);
}

#endif
