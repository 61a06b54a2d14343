// Hosts that delete, grow, call and pass things at the wrong moment. None of it may harm the process.

#include "host.h"
#include "process.h"

typedef struct {
  world_t* world;
  own wasm_func_t* target;  // what a callback calls or passes on
  void (*act)(void*);
  void* with;
  int runs;
} script_t;

static own wasm_trap_t* on_get(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  script_t* script = env;
  (void)args;
  ++script->runs;
  results->data[0].kind = WASM_FUNCREF;
  results->data[0].of.ref = wasm_func_as_ref(script->target);
  script->target = NULL;
  if (script->act) script->act(script->with);
  return NULL;
}

static own wasm_trap_t* on_do(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  script_t* script = env;
  ++script->runs;
  results->data[0] = (wasm_val_t)WASM_I32_VAL(args->data[0].of.i32);
  if (script->act) script->act(script->with);
  return NULL;
}

static own wasm_trap_t* on_null(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env; (void)args;
  if (results->size) results->data[0] = (wasm_val_t)WASM_I32_VAL(11);
  return NULL;
}

static void delete_store(void* store) { wasm_store_delete(store); }

static void open_clumsy(world_t* w, script_t* script) {
  open_store(w, "clumsy");
  own wasm_func_t* get = host_func(w->store, "r", "R", on_get, script, NULL);
  own wasm_func_t* act = host_func(w->store, "i", "i", on_do, script, NULL);
  instantiate(w, IMPORTS(wasm_func_as_extern(get), wasm_func_as_extern(act)));
  wasm_func_delete(get);
  wasm_func_delete(act);
}

// Everything but the store, which is deleted.
static void close_rest(world_t* w) {
  wasm_extern_vec_delete(&w->exports);
  wasm_instance_delete(w->instance);
  wasm_module_delete(w->module);
  wasm_engine_delete(w->engine);
}

static void reference_from_a_call_that_deletes(const char* name) {
  world_t w;
  script_t script = {.world = &w};
  open_clumsy(&w, &script);
  script.target = host_func(w.store, "", "i", on_null, NULL, NULL);
  script.act = delete_store;
  script.with = w.store;
  wasm_val_t arg = WASM_INIT_VAL, out = WASM_INIT_VAL;
  wasm_val_vec_t args = {1, &arg}, results = {1, &out};
  CHECK(!wasm_func_call(func_of(&w, name), &args, &results));
  CHECK(script.runs == 1 && out.kind == WASM_FUNCREF && out.of.ref);
  // The argument is a dead object: it may be copied and deleted, but has no other use.
  own wasm_ref_t* copy = wasm_ref_copy(out.of.ref);
  CHECK(wasm_ref_same(copy, out.of.ref));
  CHECK(!wasm_func_type(wasm_ref_as_func(copy)));
  wasm_ref_delete(copy);
  wasm_val_delete(&out);
  close_rest(&w);
}

TEST(reference_result_of_a_call_that_deleted_its_store) { reference_from_a_call_that_deletes("get"); }
TEST(own_function_from_a_call_that_deleted_its_store) { reference_from_a_call_that_deletes("get_own"); }

TEST(trap_of_a_call_that_deleted_its_store) {
  world_t w;
  script_t script = {.world = &w};
  open_clumsy(&w, &script);
  script.target = host_func(w.store, "", "i", on_null, NULL, NULL);
  script.act = delete_store;
  script.with = w.store;
  wasm_val_t arg = WASM_INIT_VAL;
  own wasm_trap_t* trap = call_trap(func_of(&w, "get_trap"), (wasm_val_vec_t){1, &arg});
  CHECK(!wasm_trap_origin(trap));
  wasm_trap_delete(trap);
  close_rest(&w);
}

static int finalized;
static void finalize_by_deleting_store(void* store) {
  if (finalized++ == 0) wasm_store_delete(store);
}

// A finalizer runs when some object is made, because enough garbage has accumulated by then.
static void delete_store_in_collection(int kind) {
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_module_t* module = load(store, "arithmetic");
  own wasm_functype_t* type = functype_of("", "i");
  wasm_limits_t limits = {1, 1};
  own wasm_memorytype_t* memory_type = wasm_memorytype_new(&limits);
  own wasm_tabletype_t* table_type = wasm_tabletype_new(valtype_of('R'), &limits);
  own wasm_globaltype_t* global_type = wasm_globaltype_new(valtype_of('i'), WASM_VAR);
  wasm_val_t zero = WASM_I32_VAL(0);
  own wasm_byte_vec_t binary;
  read_module("arithmetic", &binary);
  finalized = 0;
  own wasm_ref_t* last = NULL;
  for (int i = 0; i < 10000 && !finalized; ++i) {
    wasm_func_delete(host_func(store, "", "i", on_null, NULL, NULL));
    if (i == 0) wasm_func_delete(host_func(store, "", "i", on_null, store, finalize_by_deleting_store));
    if (finalized) break;
    wasm_ref_delete(last);
    wasm_extern_vec_t none = NO_IMPORTS;
    switch (kind) {
      case 0: last = (wasm_ref_t*)wasm_memory_new(store, memory_type); break;
      case 1: last = (wasm_ref_t*)wasm_table_new(store, table_type, NULL); break;
      case 2: last = (wasm_ref_t*)wasm_global_new(store, global_type, &zero); break;
      case 3: last = (wasm_ref_t*)wasm_instance_new(store, module, &none, NULL); break;
      case 4: last = (wasm_ref_t*)wasm_func_new_with_env(store, type, on_null, NULL, NULL); break;
    }
    CHECK(last);
  }
  CHECK(finalized == 1);
  wasm_ref_delete(last);
  wasm_byte_vec_delete(&binary);
  wasm_functype_delete(type);
  wasm_memorytype_delete(memory_type);
  wasm_tabletype_delete(table_type);
  wasm_globaltype_delete(global_type);
  wasm_module_delete(module);
  wasm_engine_delete(engine);
}

TEST(finalizer_deletes_the_store_while_a_memory_is_made) { delete_store_in_collection(0); }
TEST(finalizer_deletes_the_store_while_a_table_is_made) { delete_store_in_collection(1); }
TEST(finalizer_deletes_the_store_while_a_global_is_made) { delete_store_in_collection(2); }
TEST(finalizer_deletes_the_store_while_an_instance_is_made) { delete_store_in_collection(3); }
TEST(finalizer_deletes_the_store_while_a_function_is_made) { delete_store_in_collection(4); }

static void start_that_deletes(int answer) {
  world_t w;
  script_t script = {.world = &w, .act = delete_store};
  open_store(&w, "clumsy_start");
  script.with = w.store;
  own wasm_func_t* act = host_func(w.store, "i", "i", on_do, &script, NULL);
  if (!answer) { wasm_func_delete(act); act = host_func(w.store, "i", "i", on_null, NULL, NULL); }
  wasm_limits_t limits = {1, 1000};
  own wasm_tabletype_t* type = wasm_tabletype_new(valtype_of('R'), &limits);
  own wasm_table_t* table = wasm_table_new(w.store, type, NULL);
  wasm_tabletype_delete(type);
  own wasm_trap_t* trap = NULL;
  wasm_extern_vec_t imports = IMPORTS(wasm_func_as_extern(act), wasm_table_as_extern(table));
  own wasm_instance_t* instance = wasm_instance_new(w.store, w.module, &imports, &trap);
  CHECK(!instance && trap);
  wasm_func_delete(act);
  if (!answer) {
    // The instance trapped in its start function, but its function stays in the table, with its memory.
    for (int i = 0; i < 9000; ++i) wasm_func_delete(host_func(w.store, "", "i", on_null, NULL, NULL));
    own wasm_ref_t* nine = wasm_table_get(table, 0);
    CHECK(nine && i32_of(call(wasm_ref_as_func(nine), NO_VALS)) == 9);
    wasm_ref_delete(nine);
    wasm_store_delete(w.store);
  }
  wasm_trap_delete(trap);
  CHECK(wasm_table_size(table) == 0);
  wasm_table_delete(table);
  close_rest(&w);
}

TEST(start_function_deletes_the_store_and_traps) { start_that_deletes(1); }
TEST(function_of_an_instance_that_never_was_stays_in_a_table) { start_that_deletes(0); }

static own wasm_trap_t* on_deep(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  script_t* script = env;
  ++script->runs;
  return wasm_func_call(script->target, args, results);
}

static void* recurse(void* unused) {
  (void)unused;
  world_t w;
  script_t script = {.world = &w};
  open_store(&w, "clumsy");
  own wasm_func_t* get = host_func(w.store, "r", "R", on_get, &script, NULL);
  own wasm_func_t* act = host_func(w.store, "i", "i", on_deep, &script, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(get), wasm_func_as_extern(act)));
  wasm_func_delete(get);
  wasm_val_t arg = WASM_I32_VAL(1);
  script.target = func_of(&w, "deep");
  CHECK(says(call_trap(script.target, (wasm_val_vec_t){1, &arg}), "stack"));
  CHECK(script.runs > 5);
  // Host functions that call themselves, without any guest frame.
  script.target = act;
  script.runs = 0;
  CHECK(says(call_trap(act, (wasm_val_vec_t){1, &arg}), "stack"));
  CHECK(script.runs > 5);
  wasm_func_delete(act);
  wasm_store_delete(w.store);
  close_rest(&w);
  return NULL;
}

TEST(recursion_through_the_host_ends_in_a_trap) { recurse(NULL); }

TEST(recursion_through_the_host_ends_in_a_trap_on_a_small_thread) {
  run_on_thread(64 << 10, recurse, NULL);
}

static own wasm_trap_t* on_wide(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  script_t* script = env;
  CHECK(args->size == 1000 && results->size == 1000);
  if (script->runs++ < 3) {
    // Another wide call in between, which uses the same buffer.
    static wasm_val_t in[1000], out[1000];
    for (int i = 0; i < 1000; ++i) in[i] = (wasm_val_t)WASM_I64_VAL(-i);
    wasm_val_vec_t inner = {1000, in}, inner_results = {1000, out};
    CHECK(!wasm_func_call(script->target, &inner, &inner_results));
    CHECK(out[0].of.i64 == 999 * -1 && out[999].of.i64 == 0);
  }
  for (int i = 0; i < 1000; ++i) results->data[i] = args->data[999 - i];
  return NULL;
}

TEST(thousand_parameters_and_results_cross_a_nested_callback) {
  world_t w;
  script_t script = {.world = &w};
  open_store(&w, "clumsy_wide");
  char letters[1001];
  memset(letters, 'I', 1000);
  letters[1000] = '\0';
  own wasm_func_t* wide = host_func(w.store, letters, letters, on_wide, &script, NULL);
  instantiate(&w, IMPORTS(wasm_func_as_extern(wide)));
  script.target = func_of(&w, "wide");
  wasm_val_t in[1000], out[1000];
  for (int i = 0; i < 1000; ++i) in[i] = (wasm_val_t)WASM_I64_VAL(i);
  wasm_val_vec_t args = {1000, in}, results = {1000, out};
  CHECK(!wasm_func_call(script.target, &args, &results));
  for (int i = 0; i < 1000; ++i) CHECK(out[i].kind == WASM_I64 && out[i].of.i64 == 999 - i);
  // Too few places: the first results are written, and nothing beyond them.
  memset(out, 0x55, sizeof out);
  results.size = 3;
  CHECK(!wasm_func_call(wide, &args, &results));
  CHECK(out[2].of.i64 == 997 && out[3].kind == 0x55);
  wasm_func_delete(wide);
  wasm_store_delete(w.store);
  close_rest(&w);
}

static void grow_both(void* env) {
  world_t* w = env;
  for (size_t i = 0; i < w->exports.size; ++i) {
    wasm_memory_t* memory = wasm_extern_as_memory(w->exports.data[i]);
    wasm_table_t* table = wasm_extern_as_table(w->exports.data[i]);
    if (memory) CHECK(wasm_memory_grow(memory, 40));
    if (table) CHECK(wasm_table_grow(table, 500, NULL));
  }
}

TEST(memory_grown_by_a_callback_is_what_the_code_sees) {
  world_t w;
  script_t script = {.world = &w, .act = grow_both, .with = &w};
  open_clumsy(&w, &script);
  CHECK(call_i32(&w, "after_growth", VALS(I32(1))) == 42);
  wasm_store_delete(w.store);
  close_rest(&w);
}

TEST(references_kept_by_guests_survive_their_handles) {
  world_t w;
  script_t script = {.world = &w};
  open_clumsy(&w, &script);
  script.target = host_func(w.store, "", "i", on_null, NULL, NULL);
  own wasm_func_t* self = wasm_func_copy(func_of(&w, "keep"));
  wasm_val_t arg = WASM_INIT_VAL;
  arg.of.ref = (wasm_ref_t*)w.module;  // any object is an externref
  wasm_val_vec_t args = {1, &arg}, results = {0, NULL};
  CHECK(!wasm_func_call(self, &args, &results));
  own wasm_func_t* call_kept = wasm_func_copy(func_of(&w, "call_kept"));
  wasm_func_delete(self);
  close_rest(&w);  // all handles but one function
  for (int i = 0; i < 9000; ++i) wasm_func_delete(host_func(w.store, "", "i", on_null, NULL, NULL));
  CHECK(i32_of(call(call_kept, NO_VALS)) == 11);
  wasm_func_delete(call_kept);
  wasm_store_delete(w.store);
}

TEST(filled_tables_without_owner_do_not_pile_up) {
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  own wasm_func_t* func = host_func(store, "", "i", on_null, NULL, NULL);
  wasm_limits_t limits = {1 << 20, 1 << 20};  // 32 MiB each, 32 GiB in all
  own wasm_tabletype_t* type = wasm_tabletype_new(valtype_of('R'), &limits);
  for (int i = 0; i < (slow() ? 20 : 1000); ++i) {
    own wasm_table_t* table = wasm_table_new(store, type, i % 20 ? NULL : wasm_func_as_ref(func));
    CHECK(table);
    wasm_table_delete(table);
  }
  // Address space in use: AddressSanitizer and valgrind use a lot of their own, so only a plain run is checked.
  if (!slow() && !getenv("ASAN_OPTIONS")) CHECK(address_space_now() < 12ul << 30);
  wasm_tabletype_delete(type);
  wasm_func_delete(func);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

TEST(vector_with_an_impossible_size) {
  wasm_byte_t byte = 0;
  own wasm_byte_vec_t bytes = {7, &byte};
  wasm_byte_vec_new(&bytes, SIZE_MAX, &byte);
  CHECK(bytes.size == 0 && !bytes.data && has_error());
  wasm_byte_vec_t huge = {SIZE_MAX, &byte};
  wasm_byte_vec_copy(&bytes, &huge);
  CHECK(bytes.size == 0 && !bytes.data && has_error());
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  CHECK(!wasm_module_new(store, &huge) && has_error());
  CHECK(!wasm_trap_new(store, &huge) && has_error());
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}
