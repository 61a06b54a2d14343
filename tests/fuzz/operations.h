// The operations: each calls one function of the headers, or a few that belong together, with arguments that
// are mostly valid, and checks what must hold for any arguments.

#ifndef FUZZ_OPERATIONS_H
#define FUZZ_OPERATIONS_H

#include "host.h"

static uint32_t small(void) { return chance(90) ? below(4) : below(40); }

// A store to make an object in: its number becomes the preferred one.
static wasm_store_t* some_store(void) {
  item_t item = lent_item(STORE);
  if (item.handle) preferred = item.store;
  return item.handle;
}

// --- Names and bytes ---

static const char* const words[] = {"", "a", "host", "memory", "add", "f\xc3\xbcr", "not utf-8: \xff\xfe", "long enough to be on the heap"};

static void some_name(own wasm_name_t* out) {
  if (chance(3)) {
    wasm_name_new_empty(out);
  } else if (chance(10)) {
    wasm_name_new_from_string_nt(out, ONE_OF(words));
  } else {
    wasm_name_new_from_string(out, ONE_OF(words));
  }
}

static void do_bytes(void) {
  own wasm_byte_vec_t a, b;
  memset(&a, 0xaa, sizeof a);
  wasm_byte_vec_new_uninitialized(&a, chance(2) ? SIZE_MAX / 64 / (1 + below(4)) : small());
  CHECK(a.size == 0 || a.data);
  for (size_t i = 0; i < a.size; ++i) a.data[i] = (char)below(256);
  memset(&b, 0xaa, sizeof b);
  wasm_byte_vec_copy(&b, chance(95) ? &a : NULL);
  CHECK(b.size == 0 || (b.size == a.size && memcmp(a.data, b.data, a.size) == 0));
  if (a.size && chance(30)) --a.size;
  wasm_byte_vec_delete(&a);
  wasm_byte_vec_delete(&a);
  wasm_byte_vec_delete(&b);
  wasm_byte_vec_delete(NULL);
  wasm_byte_vec_new_empty(NULL);
  wasm_byte_vec_new_uninitialized(NULL, 3);
}

// --- Configurations, engines, stores ---

static void hear(void* env, wasmrt_level_t level, const char* text) {
  (void)env;
  CHECK(level > 0 && text[strlen(text)] == '\0');
}

static char some_env[1];

static bool run_or_refuse(void* env, wasmrt_run_t run, void* task) {
  if (!env) return false;
  run(task);
  return true;
}

static const wasmrt_option_t switches[] = {WASMRT_OPTION_METERED, WASMRT_OPTION_SPECTRE_MASKS, WASMRT_OPTION_DEBUGGER,
                                           WASMRT_OPTION_UNWINDER, WASMRT_OPTION_TIMELINE};

static void do_config(void) {
  if (chance(70)) keep_made(CONFIG, wasm_config_new(), 0);
  wasm_config_t* config = lent(CONFIG);
  if (chance(10) && !threaded) {  // an engine that changes hands must not take a record along
    record_t* record = new_record();
    record->armed = 1;
    wasmrt_config_set_log(config, below(6), chance(90) ? hear : NULL, record, finalize);
  }
  if (chance(10)) wasmrt_config_set_executor(config, chance(90) ? run_or_refuse : NULL, chance(70) ? some_env : NULL, NULL);
  for (uint32_t n = below(4); n; --n) {
    switch (below(9)) {
      case 6: wasmrt_config_set(config, WASMRT_OPTION_COMPILE, below(6)); break;
      case 7: wasmrt_config_set(config, WASMRT_OPTION_TIER_UP, below(3)); break;
      case 0: wasmrt_config_set(config, WASMRT_OPTION_WORKERS, below(4)); break;
      case 1: wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, below(4)); break;
      case 2: wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, below(3)); break;
      case 3: wasmrt_config_set(config, WASMRT_OPTION_CPU_FEATURES, below(3)); break;
      case 4: wasmrt_config_set(config, WASMRT_OPTION_MAX_WASM_STACK, below(2000000)); break;
      case 5: CHECK(wasmrt_config_set(config, switches[below(sizeof switches / sizeof *switches)], below(2)) || !config); break;
      default: wasmrt_config_set(config, below(40), chance(50) ? below(100000) : UINT64_MAX - below(3)); break;
    }
  }
  if (chance(10)) {
    char secret[] = "secret";
    wasm_byte_vec_t key = {below(5), secret};
    forget_error();
    if (!wasmrt_config_set_serialize_key(config, chance(90) ? &key : NULL)) expect_error();
  }
  // FUZZ_CACHE is a folder, or nothing can be kept.
  if (chance(10)) {
    const char* folder = getenv("FUZZ_CACHE");
    wasmrt_config_set_cache(config, chance(90) ? folder ? folder : "/dev/null/cache" : NULL, below(1000000));
    if (!wasmrt_config_set_cache(NULL, "/", 1)) expect_error();
  }
  if (chance(5)) {
    forget_error();
    if (!wasmrt_config_set_profiler_folder(config, chance(90) ? "/nonexistent" : NULL)) expect_error();
  }
}

// FUZZ_CALM is set where guard pages and signals are noise: under valgrind.
static void do_engine(void) {
  if (n_of_kind[ENGINE] >= 3) return;
  if (getenv("FUZZ_CALM")) {
    own wasm_config_t* config = wasm_config_new();
    wasmrt_config_set(config, WASMRT_OPTION_WORKERS, 0);
    wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_EXPLICIT);
    wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, 0);
    keep_made(ENGINE, wasm_engine_new_with_config(config), 0);
  } else if (chance(50)) {
    keep_made(ENGINE, wasm_engine_new(), 0);
  } else {
    keep_made(ENGINE, wasm_engine_new_with_config(given(CONFIG)), 0);
  }
}

static const wasmrt_store_limits_t generous = {sizeof generous, 100, 100, 1000, 300 * 65536u, 50000};

static void do_store(void) {
  if (n_of_kind[STORE] >= 4 || n_stores == MOST_STORES - 1) return;
  own wasm_store_t* store = wasm_store_new(lent(ENGINE));
  preferred = ++n_stores;
  bounded[preferred] = store && chance(60);
  if (bounded[preferred]) {
    CHECK(wasmrt_store_set_fuel(store, 1000));
    wasmrt_store_set_limits(store, &generous);
  }
  keep_made(STORE, store, preferred);
}

// Before guest code runs in a store.
static void refuel(int number) {
  if (!bounded[number]) return;
  item_t* store = find(has_number, number);
  if (store) wasmrt_store_set_fuel(store->handle, 30000);
}

static void do_bounds(void) {
  wasm_store_t* store = some_store();
  uint64_t left = 7;
  if (!wasmrt_store_fuel(store, &left)) CHECK(left == 0);
  CHECK(!wasmrt_store_fuel(NULL, NULL));
  if (store && !bounded[preferred] && chance(20)) wasmrt_store_set_fuel(store, below(2000));
  forget_error();
  if (!wasmrt_store_set_deadline(store, chance(50) ? 0 : 3600000000000u)) expect_error();
}

static void do_interrupt(void) {
  if (chance(50)) {
    own wasmrt_interrupt_t* made = wasmrt_interrupt_new(some_store());
    if (!made) expect_error();
    keep(INTERRUPT, made, preferred);
  }
  const wasmrt_interrupt_t* interrupt = lent(INTERRUPT);
  if (chance(40)) wasmrt_interrupt_fire(interrupt);
  if (chance(40)) CHECK(!wasmrt_interrupt_clear(interrupt) || interrupt);
  wasmrt_interrupt_delete(NULL);
}

static void do_profile(void) {
  if (chance(50)) {
    own wasmrt_profile_t* made = wasmrt_profile_new(some_store(), below(3));
    if (!made) expect_error();
    keep(PROFILE, made, preferred);
  }
  const wasmrt_profile_t* profile = lent(PROFILE);
  if (chance(20)) wasmrt_profile_stop(profile);
  own wasm_byte_vec_t bytes;
  bool has_samples = wasmrt_profile_samples(profile) > 0;
  if (wasmrt_profile_write(profile, below(4), &bytes)) CHECK(!has_samples || bytes.size > 0);
  else expect_error();
  wasm_byte_vec_delete(&bytes);
  if (wasmrt_engine_timeline(lent(ENGINE), below(4), &bytes)) CHECK(bytes.size > 0);
  else expect_error();
  wasm_byte_vec_delete(&bytes);
  wasmrt_profile_delete(NULL);
}

static void do_delete_store(void) {
  if (depth > 0 && !chance(20)) return;
  item_t* item = find(has_kind, STORE);
  if (!item) return;
  delete_item(removed((size_t)(item - items)));
}

static void do_delete_engine(void) {
  item_t* item = find(is_free, ENGINE);
  if (item) delete_item(removed((size_t)(item - items)));
}

static void do_store_limits(void) {
  wasmrt_store_limits_t limits = {sizeof limits, below(6), below(6), below(12), below(40) * 65536u, below(300)};
  if (chance(10)) limits.struct_size = below(64);
  wasm_store_t* store = some_store();
  wasmrt_store_set_limits(store, chance(40) ? &limits : store && bounded[preferred] ? &generous : NULL);
}

static void do_limiter(void) {
  wasm_store_t* store = some_store();
  if (chance(40)) {
    record_t* record = new_record();
    wasmrt_store_set_limiter(store, NULL, record, finalize);
    CHECK(record->runs == 1);
    record->armed = 1;
    return;
  }
  record_t* record = new_record();
  record->armed = 1;
  wasmrt_store_set_limiter(store, limiter, record, finalize);
  CHECK(store || record->runs == 1);
}

static void do_stack(void) { wasmrt_store_set_stack(some_store(), NULL, below(2)); }

// --- Types ---

static void do_valtype(void) {
  static own wasm_valtype_t* (*const make[])(void) = {wasm_valtype_new_i32, wasm_valtype_new_i64, wasm_valtype_new_f32,
                                                      wasm_valtype_new_f64, wasm_valtype_new_externref, wasm_valtype_new_funcref};
  if (chance(20)) {
    keep_made(VALTYPE, ONE_OF(make)(), 0);
    return;
  }
  wasm_valkind_t kind = some_kind();
  own wasm_valtype_t* type = wasm_valtype_new(kind);
  CHECK(!type || wasm_valtype_kind(type) == kind);
  CHECK(!type || wasm_valtype_is_num(type) == wasm_valkind_is_num(kind));
  keep_made(VALTYPE, type, 0);
}

// A vector of value types, taken from the pool or new; seldom with a hole.
static void some_valtypes(own wasm_valtype_vec_t* out) {
  wasm_valtype_vec_new_uninitialized(out, small());
  for (size_t i = 0; i < out->size; ++i) {
    out->data[i] = chance(20) ? given(VALTYPE) : wasm_valtype_new(ONE_OF(kinds));
  }
}

static own wasm_functype_t* some_functype(void) {
  own wasm_valtype_vec_t params, results;
  some_valtypes(&params);
  some_valtypes(&results);
  own wasm_functype_t* type = wasm_functype_new(chance(98) ? &params : NULL, &results);
  if (!type) {
    wasm_valtype_vec_delete(&params);
    CHECK(results.size == 0 && !results.data);
    return NULL;
  }
  CHECK(results.size == 0 && !results.data);
  wasm_valtype_vec_delete(&params);
  return type;
}

static void do_functype(void) { keep_made(FUNCTYPE, some_functype(), 0); }

static void do_globaltype(void) {
  keep_made(GLOBALTYPE, wasm_globaltype_new(given(VALTYPE), (wasm_mutability_t)(chance(95) ? below(2) : 7)), 0);
}

static void do_tabletype(void) {
  wasm_limits_t limits = {small(), chance(50) ? wasm_limits_max_default : small()};
  own wasm_valtype_t* element = chance(60) ? wasm_valtype_new(WASM_FUNCREF + (uint8_t)(chance(40) ? -1 : 0)) : given(VALTYPE);
  keep_made(TABLETYPE, wasm_tabletype_new(element, chance(97) ? &limits : NULL), 0);
}

static void do_memorytype(void) {
  wasm_limits_t limits = {small(), chance(50) ? wasm_limits_max_default : small()};
  if (chance(2)) limits.min = 60000 + below(10000);
  if (chance(3)) limits.max = 65530 + below(12);
  keep_made(MEMORYTYPE, wasm_memorytype_new(chance(97) ? &limits : NULL), 0);
}

static void some_wide_limits(wasmrt_limits_t* limits) {
  limits->min = small();
  limits->max = chance(90) ? limits->min + below(9) : below(3);
  limits->flags = chance(60) ? below(4) : chance(90) ? below(16) : below(32);
  if (chance(3)) limits->min = (uint64_t)1 << below(64);
}

static void do_wide_types(void) {
  wasmrt_limits_t limits, read;
  some_wide_limits(&limits);
  own wasm_memorytype_t* memory = wasmrt_memorytype_new(chance(97) ? &limits : NULL);
  memset(&read, 0xaa, sizeof read);
  wasmrt_memorytype_limits(memory, &read);
  CHECK(read.min == (memory ? limits.min : 0) && (!memory || read.flags == limits.flags));
  keep_made(MEMORYTYPE, memory, 0);
  own wasm_tabletype_t* table = wasmrt_tabletype_new(chance(80) ? wasm_valtype_new_funcref() : given(VALTYPE), &limits);
  memset(&read, 0xaa, sizeof read);
  wasmrt_tabletype_limits(table, &read);
  CHECK(read.min == (table ? limits.min : 0) && (!table || read.flags == limits.flags));
  keep(TABLETYPE, table, 0);
}

static void do_tagtype(void) { keep_made(TAGTYPE, wasm_tagtype_new(given(FUNCTYPE)), 0); }

static own wasm_externtype_t* given_externtype(void) { return given((kind_t)(FUNCTYPE + (int)below(5))); }

static void do_importtype(void) {
  own wasm_name_t module, name;
  some_name(&module);
  some_name(&name);
  keep_made(IMPORTTYPE, wasm_importtype_new(&module, &name, given_externtype()), 0);
  CHECK(!module.data && !name.data);
}

static void do_exporttype(void) {
  own wasm_name_t name;
  some_name(&name);
  keep_made(EXPORTTYPE, wasm_exporttype_new(chance(97) ? &name : NULL, given_externtype()), 0);
  wasm_name_delete(&name);
}

// Reads everything that a type lends.
static void read_functype(const wasm_functype_t* type) {
  const wasm_valtype_vec_t* lists[] = {wasm_functype_params(type), wasm_functype_results(type)};
  for (int i = 0; i < 2; ++i) {
    for (size_t j = 0; lists[i] && j < lists[i]->size; ++j) wasm_valtype_kind(lists[i]->data[j]);
  }
}

static void read_externtype(const wasm_externtype_t* type) {
  wasm_externkind_t kind = wasm_externtype_kind(type);
  read_functype(wasm_externtype_as_functype_const(type));
  const wasm_globaltype_t* global = wasm_externtype_as_globaltype_const(type);
  if (global) CHECK(wasm_globaltype_content(global) && wasm_globaltype_mutability(global) <= WASM_VAR);
  const wasm_tabletype_t* table = wasm_externtype_as_tabletype_const(type);
  if (table) CHECK(wasm_tabletype_element(table) && wasm_tabletype_limits(table));
  const wasm_memorytype_t* memory = wasm_externtype_as_memorytype_const(type);
  if (memory) CHECK(wasm_memorytype_limits(memory)->min <= wasm_memorytype_limits(memory)->max);
  const wasm_tagtype_t* tag = wasm_externtype_as_tagtype_const(type);
  if (tag) read_functype(wasm_tagtype_functype(tag));
  CHECK(!type || kind <= WASM_EXTERN_TAG);
}

static void do_read_type(void) {
  item_t item = lent_by(is_any_externtype, FUNCTYPE);
  read_externtype(item.handle);
  wasm_functype_params(lent(FUNCTYPE));
  wasm_globaltype_content(lent(GLOBALTYPE));
  wasm_globaltype_mutability(lent(GLOBALTYPE));
  wasm_tabletype_element(lent(TABLETYPE));
  wasm_tabletype_limits(lent(TABLETYPE));
  wasm_memorytype_limits(lent(MEMORYTYPE));
  wasm_tagtype_functype(lent(TAGTYPE));
  const wasm_importtype_t* import = lent(IMPORTTYPE);
  read_externtype(wasm_importtype_type(import));
  CHECK(!import || (wasm_importtype_module(import) && wasm_importtype_name(import)));
  const wasm_exporttype_t* exported = lent(EXPORTTYPE);
  read_externtype(wasm_exporttype_type(exported));
  CHECK(!exported || wasm_exporttype_name(exported));
}

static void do_cast_type(void) {
  item_t item = lent_by(is_any_externtype, FUNCTYPE);
  for (int i = 0; i < 5; ++i) {
    bool same = item.handle && item.kind == (kind_t)(FUNCTYPE + i);
    CHECK(externtype_casts[i].down(item.handle) == (same ? item.handle : NULL));
    CHECK(externtype_casts[i].down_const(item.handle) == (same ? item.handle : NULL));
    if (same) CHECK(externtype_casts[i].up(item.handle) == item.handle && externtype_casts[i].up_const(item.handle) == item.handle);
    CHECK(!externtype_casts[i].up(NULL));
  }
}

static void do_copy_type(void) {
  static const kind_t copied[] = {VALTYPE, IMPORTTYPE, EXPORTTYPE, FRAME, FUNCTYPE, GLOBALTYPE, TABLETYPE, MEMORYTYPE, TAGTYPE};
  item_t item = lent_item(ONE_OF(copied));
  void* copy = type_functions_for(item.kind)->copy(item.handle);
  CHECK(!copy == !item.handle && (!copy || copy != item.handle));
  if (copy) keep(item.kind, copy, item.store);
  type_functions_for(item.kind)->delete(NULL);
}

// --- Vectors of handles ---

static void delete_vec(const vec_family_t* family, any_vec_t* vec) {
  if (vec->size && chance(10)) {  // one is taken out
    keep(family->kind, vec->data[0], 0);
    vec->data[0] = NULL;
  }
  family->delete(vec);
  CHECK(vec->size == 0 && !vec->data);
  if (chance(20)) family->delete(vec);
}

static void do_vector(void) {
  const vec_family_t* family = &ONE_OF(vec_families);
  void* array[8];
  uint32_t n = below(9);
  for (uint32_t i = 0; i < n; ++i) array[i] = given(family->kind);
  any_vec_t vec, copy;
  memset(&vec, 0xaa, sizeof vec);
  memset(&copy, 0xaa, sizeof copy);
  family->new(&vec, n, array);
  CHECK(vec.size == n || vec.size == 0);
  family->copy(&copy, chance(97) ? &vec : NULL);
  for (size_t i = 0; i < copy.size; ++i) CHECK(!copy.data[i] == !vec.data[i]);
  delete_vec(family, &vec);
  delete_vec(family, &copy);
  family->new_uninitialized(&vec, chance(3) ? SIZE_MAX / 64 / (1 + below(20)) : small());
  for (size_t i = 0; i < vec.size; ++i) CHECK(!vec.data[i]);
  delete_vec(family, &vec);
  family->new_empty(&vec);
  delete_vec(family, &vec);
  family->delete(NULL);
  family->new_empty(NULL);
  family->new_uninitialized(NULL, 2);
}

static void do_vals(void) {
  own wasm_val_vec_t a, b, c;
  memset(&a, 0xaa, sizeof a);
  wasm_val_vec_new_uninitialized(&a, chance(2) ? SIZE_MAX / 64 / (1 + below(20)) : small());
  for (size_t i = 0; i < a.size; ++i) {
    wasm_val_t lent_val = some_val(some_kind());
    memset(&a.data[i], 0xaa, sizeof a.data[i]);
    wasm_val_copy(&a.data[i], chance(97) ? &lent_val : NULL);
  }
  memset(&b, 0xaa, sizeof b);
  wasm_val_vec_copy(&b, chance(97) ? &a : NULL);
  for (size_t i = 0; i < b.size; ++i) CHECK(b.data[i].kind == a.data[i].kind);
  wasm_val_t given_vals[2] = {WASM_I32_VAL(1), WASM_REF_VAL(wasm_ref_copy(some_ref(WASM_EXTERNREF)))};
  wasm_val_vec_new(&c, 2, given_vals);
  if (a.size) {
    wasm_val_delete(&a.data[0]);
    a.data[0].kind = WASM_I32;
  }
  wasm_val_vec_delete(&a);
  wasm_val_vec_delete(&b);
  wasm_val_vec_delete(&c);
  wasm_val_vec_new_empty(&c);
  wasm_val_vec_delete(&c);
  wasm_val_delete(NULL);
}

// --- Objects in general ---

static void do_delete(void) {
  item_t* item = find(is_any_free, 0);
  if (item) delete_item(removed((size_t)(item - items)));
}

static void do_copy_ref(void) {
  item_t item = lent_by(is_any_ref, TRAP);
  const ref_family_t* functions = functions_for(item.kind);
  void* copy = functions->copy(item.handle);
  CHECK(!copy == !item.handle);
  CHECK(functions->same(copy, item.handle) && ref_family.same(item.handle, copy));
  CHECK(!copy || !functions->same(copy, NULL));
  if (copy) keep_tainted(item.kind, copy, item.store, item.tainted);
  functions->delete(NULL);
}

static void do_same(void) {
  item_t a = lent_by(is_any_ref, TRAP), b = lent_by(is_any_ref, TRAP);
  bool same = ref_family.same(a.handle, b.handle);
  CHECK(same == ref_family.same(b.handle, a.handle));
  CHECK(!same || a.kind == b.kind || !a.handle);
  functions_for(a.kind)->same(a.handle, b.handle);
}

static void do_host_info(void) {
  item_t item = lent_by(is_any_ref, TRAP);
  const ref_family_t* functions = functions_for(item.kind);
  static int marker;
  if (chance(30)) {
    functions->set_info(item.handle, chance(50) ? &marker : NULL);
  } else {
    record_t* record = new_record();
    functions->set_info_with(item.handle, record, finalize);
    bool attached = functions->get_info(item.handle) == record;
    record->armed = attached || record->runs;  // the finalizer of the one before may have replaced it already
    if (attached) {
      if (chance(20)) functions->set_info_with(item.handle, record, finalize);
    }
  }
  ref_family.get_info(item.handle);
}

static void do_cast_ref(void) {
  item_t item = lent_by(is_any_ref, TRAP);
  for (int i = 0; i < 9; ++i) {
    bool same = item.kind == (kind_t)(TRAP + i) || (i == 8 && is_extern(item.kind));
    void* down = ref_casts[i].down(item.handle);
    CHECK(!down || (same && down == item.handle));
    CHECK(down == ref_casts[i].down_const(item.handle));
    if (!same) continue;
    void* up = ref_casts[i].up(item.handle);
    CHECK(up == item.handle && ref_casts[i].up_const(item.handle) == up);
  }
  for (int i = 0; i < 4; ++i) {
    void* down = is_extern(item.kind) ? extern_casts[i].down(item.handle) : NULL;
    CHECK(!down || (item.kind == (kind_t)(FUNC + i) && down == item.handle));
    if (item.kind != (kind_t)(FUNC + i)) continue;
    CHECK(extern_casts[i].down_const(item.handle) == down);
    CHECK(extern_casts[i].up(item.handle) == item.handle && extern_casts[i].up_const(item.handle) == item.handle);
  }
}

static void do_extern(void) {
  item_t item = lent_by(is_any_extern, FUNC);
  wasm_externkind_t kind = wasm_extern_kind(item.handle);
  own wasm_externtype_t* type = wasm_extern_type(item.handle);
  CHECK(!type || wasm_externtype_kind(type) == kind);
  read_externtype(type);
  wasm_externtype_delete(type);
}

// --- Traps and frames ---

static void do_trap(void) {
  char text[] = "what?";
  wasm_message_t message = {below(sizeof text + 1), text};
  keep_made(TRAP, wasm_trap_new(some_store(), chance(95) ? &message : NULL), preferred);
}

static void do_read_trap(void) {
  const wasm_trap_t* trap = lent(TRAP);
  own wasm_message_t message;
  memset(&message, 0xaa, sizeof message);
  wasm_trap_message(trap, &message);
  CHECK(message.size == 0 || message.data[message.size - 1] == '\0');
  wasm_name_delete(&message);
  CHECK(wasmrt_trap_code(trap) < 100);
  own wasm_frame_t* origin = wasm_trap_origin(trap);
  own wasm_frame_vec_t frames;
  memset(&frames, 0xaa, sizeof frames);
  wasm_trap_trace(trap, &frames);
  CHECK(!origin || frames.size > 0);
  if (origin) keep(FRAME, origin, 0);
  wasm_frame_vec_delete(&frames);
  wasm_trap_message(trap, NULL);
  wasm_trap_trace(trap, NULL);
}

static void do_frame(void) {
  const wasm_frame_t* frame = lent(FRAME);
  CHECK(wasm_frame_func_offset(frame) <= wasm_frame_module_offset(frame));
  wasm_frame_func_index(frame);
  own wasm_name_t name;
  memset(&name, 0xaa, sizeof name);
  wasmrt_frame_func_name(frame, &name);
  wasm_name_delete(&name);
  wasmrt_frame_func_display_name(frame, &name);
  wasm_name_delete(&name);
  wasmrt_frame_module_name(frame, &name);
  wasm_name_delete(&name);
  uint32_t line = 1;
  CHECK(wasmrt_frame_source(frame, 0, &name, NULL, &line, NULL) || (line == 0 && name.size == 0));
  wasm_name_delete(&name);
  wasm_instance_t* instance = wasm_frame_instance(frame);
  if (instance) keep(INSTANCE, wasm_instance_copy(instance), 0);
}

static void do_error(void) {
  own wasmrt_error_t* error = wasmrt_last_error();
  if (error) keep(ERROR_, error, 0);
  const wasmrt_error_t* kept = lent(ERROR_);
  wasmrt_error_info_t info;
  memset(&info, 0xaa, sizeof info);
  info.struct_size = chance(80) ? sizeof info : below(sizeof info);
  wasmrt_error_info(kept, &info);
  if (kept && info.struct_size == sizeof info) CHECK(info.kind >= 1 && info.kind < 100 && info.phase < 100);
  own wasm_message_t message;
  memset(&message, 0xaa, sizeof message);
  wasmrt_error_message(kept, &message);
  CHECK(message.size == 0 || message.data[message.size - 1] == '\0');
  if (kept && info.struct_size == sizeof info && info.kind == WASMRT_ERROR_INTERNAL) {
    fprintf(stderr, "%s\n", message.data);
    CHECK(!"a fault of the library");
  }
  wasm_name_delete(&message);
  uint32_t imports[2];
  wasmrt_error_imports(kept, imports, below(3));
}

static void do_version(void) {
  CHECK(wasmrt_version_number() == WASMRT_VERSION_NUMBER && wasmrt_build_info());
}

#endif
