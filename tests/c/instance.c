// Instances: imports by position, mismatched imports, the start function, partial effects.

#include "host.h"

typedef struct {
  own wasm_func_t *f, *wrong_f;
  own wasm_global_t *g, *constant, *unnamed;
  own wasm_table_t* t;
  own wasm_memory_t* m;
} parts_t;

static own wasm_trap_t* plus_one(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)env;
  results->data[0] = I32(args->data[0].of.i32 + 1);
  return NULL;
}

static own wasm_trap_t* plus(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  results->data[0] = I32(args->data[0].of.i32 + *(int*)env);
  return NULL;
}

static parts_t make_parts(wasm_store_t* store) {
  parts_t p = {.f = host_func(store, "i", "i", plus_one, NULL, NULL),
               .wrong_f = host_func(store, "I", "i", plus_one, NULL, NULL),
               .g = new_global(store, 'i', WASM_VAR, I32(3)),
               .constant = new_global(store, 'i', WASM_CONST, I32(3)),
               .unnamed = new_global(store, 'I', WASM_CONST, I64(64)),
               .t = new_table(store, 'R', 2, 10, NULL),
               .m = new_memory(store, 1, 3)};
  CHECK(p.g && p.constant && p.unnamed && p.t && p.m);
  return p;
}

static void delete_parts(parts_t* p) {
  wasm_func_delete(p->f);
  wasm_func_delete(p->wrong_f);
  wasm_global_delete(p->g);
  wasm_global_delete(p->constant);
  wasm_global_delete(p->unnamed);
  wasm_table_delete(p->t);
  wasm_memory_delete(p->m);
}

#define ALL_OF(p)                                                                                                    \
  wasm_func_as_extern((p).f), wasm_global_as_extern((p).g), wasm_table_as_extern((p).t), wasm_memory_as_extern((p).m), \
      wasm_func_as_extern((p).f), wasm_global_as_extern((p).unnamed)

// Instantiates and expects a refusal; returns its trap.
static own wasm_trap_t* refused(const world_t* w, wasm_extern_vec_t imports) {
  own wasm_trap_t* trap = NULL;
  CHECK(!wasm_instance_new(w->store, w->module, &imports, &trap));
  CHECK(trap);
  return trap;
}

TEST(instance_uses_what_it_imports) {
  world_t w;
  open_store(&w, "imports");
  parts_t p = make_parts(w.store);
  instantiate(&w, IMPORTS(ALL_OF(p)));
  CHECK(call_i32(&w, "call", VALS(I32(40))) == 42);
  call(func_of(&w, "set"), VALS(I32(17)));
  wasm_val_t value;
  wasm_global_get(p.g, &value);
  CHECK(value.of.i32 == 17);
  CHECK(call(func_of(&w, "unnamed"), NO_VALS).of.i64 == 64);
  wasm_memory_data(p.m)[8] = 5;
  CHECK(call_i32(&w, "load", VALS(I32(8))) == 5);
  delete_parts(&p);
  CHECK(call_i32(&w, "call", VALS(I32(1))) == 3);
  CHECK(call_i32(&w, "load", VALS(I32(8))) == 5);
  close_world(&w);
}

TEST(trap_pointer_is_cleared_on_success) {
  world_t w;
  open_store(&w, "arithmetic");
  own wasm_trap_t* trap = (wasm_trap_t*)(uintptr_t)0x5a5a5a58;
  w.instance = wasm_instance_new(w.store, w.module, &NO_IMPORTS, &trap);
  CHECK(w.instance && trap == NULL);
  close_world(&w);
}

TEST(trap_pointer_may_be_missing) {
  world_t w;
  open_store(&w, "imports");
  CHECK(!wasm_instance_new(w.store, w.module, &NO_IMPORTS, NULL));
  CHECK(has_error());
  close_world(&w);
}

TEST(all_missing_imports_are_named_at_once) {
  world_t w;
  open_store(&w, "imports");
  own wasm_trap_t* trap = refused(&w, NO_IMPORTS);
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  CHECK(message_has(&message, "host") && message_has(&message, "f"));
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  own wasmrt_error_t* error = wasmrt_last_error();
  uint32_t numbers[8] = {99, 99, 99, 99, 99, 99, 99, 99};
  CHECK(wasmrt_error_imports(error, NULL, 0) == 6);
  CHECK(wasmrt_error_imports(error, numbers, 2) == 6 && numbers[1] == 1 && numbers[2] == 99);
  CHECK(wasmrt_error_imports(error, numbers, 8) == 6);
  for (uint32_t i = 0; i < 6; ++i) CHECK(numbers[i] == i);
  wasmrt_error_delete(error);
  close_world(&w);
}

TEST(mismatched_imports_are_named_with_both_types) {
  world_t w;
  open_store(&w, "imports");
  parts_t p = make_parts(w.store);
  wasm_extern_t* externs[] = {ALL_OF(p)};
  externs[1] = wasm_global_as_extern(p.constant);
  externs[4] = wasm_func_as_extern(p.wrong_f);
  own wasm_trap_t* trap = refused(&w, (wasm_extern_vec_t){6, externs});
  CHECK(says(trap, "i64"));
  own wasmrt_error_t* error = wasmrt_last_error();
  uint32_t numbers[2];
  CHECK(wasmrt_error_imports(error, numbers, 2) == 2 && numbers[0] == 1 && numbers[1] == 4);
  wasmrt_error_delete(error);
  delete_parts(&p);
  close_world(&w);
}

TEST(import_of_another_kind_is_refused) {
  world_t w;
  open_store(&w, "imports");
  parts_t p = make_parts(w.store);
  wasm_extern_t* externs[] = {ALL_OF(p)};
  externs[3] = wasm_func_as_extern(p.f);
  CHECK(says(refused(&w, (wasm_extern_vec_t){6, externs}), "memory"));
  externs[3] = NULL;
  CHECK(says(refused(&w, (wasm_extern_vec_t){6, externs}), "unknown import: import 3 \"host\" \"m\""));
  delete_parts(&p);
  close_world(&w);
}

TEST(limits_of_imports_are_matched_by_their_present_size) {
  world_t w;
  open_store(&w, "imports");
  parts_t p = make_parts(w.store);
  wasm_extern_t* externs[] = {ALL_OF(p)};
  own wasm_table_t* small = new_table(w.store, 'R', 1, 10, NULL);
  own wasm_memory_t* open_end = new_memory(w.store, 1, 4);
  CHECK(small && open_end);
  externs[2] = wasm_table_as_extern(small);
  CHECK(says(refused(&w, (wasm_extern_vec_t){6, externs}), "\"host\" \"t\": expected"));
  CHECK(wasm_table_grow(small, 1, NULL));  // now it is large enough
  instantiate(&w, (wasm_extern_vec_t){6, externs});
  externs[3] = wasm_memory_as_extern(open_end);  // its maximum is above the one required
  CHECK(says(refused(&w, (wasm_extern_vec_t){6, externs}), "\"host\" \"m\": expected"));
  wasm_table_delete(small);
  wasm_memory_delete(open_end);
  delete_parts(&p);
  close_world(&w);
}

TEST(imports_of_another_store_are_refused) {
  world_t w;
  open_store(&w, "imports");
  own wasm_store_t* store = wasm_store_new(w.engine);
  parts_t p = make_parts(store);
  CHECK(says(refused(&w, IMPORTS(ALL_OF(p))), "found an object of another store"));
  delete_parts(&p);
  wasm_store_delete(store);
  close_world(&w);
}

TEST(more_imports_than_wanted_do_no_harm) {
  world_t w;
  open_store(&w, "arithmetic");
  own wasm_func_t* f = host_func(w.store, "i", "i", plus_one, NULL, NULL);
  own wasm_trap_t* trap = NULL;
  w.instance = wasm_instance_new(w.store, w.module, &IMPORTS(wasm_func_as_extern(f)), &trap);
  CHECK(w.instance && !trap);
  wasm_func_delete(f);
  close_world(&w);
}

// Makes so much of it that the store collects.
static void collect_garbage(wasm_store_t* store) {
  for (int i = 0; i < 30000; ++i) wasm_foreign_delete(wasm_foreign_new(store));
}

TEST(each_instance_gets_its_own_imports_though_others_of_the_module_have_the_same) {
  world_t w;
  open_store(&w, "imports");
  parts_t p = make_parts(w.store);
  int by = 100;
  own wasm_func_t* other = host_func(w.store, "i", "i", plus, &by, NULL);
  wasm_extern_t* externs[] = {ALL_OF(p)};
  own wasm_instance_t* instances[9];
  for (int i = 0; i < 9; ++i) {
    externs[0] = wasm_func_as_extern(i % 4 == 1 ? other : p.f);
    externs[4] = wasm_func_as_extern(i % 4 == 2 ? other : p.f);
    instances[i] = wasm_instance_new(w.store, w.module, &(wasm_extern_vec_t){6, externs}, NULL);
    CHECK(instances[i]);
    externs[5] = wasm_global_as_extern(p.constant);
    CHECK(!wasm_instance_new(w.store, w.module, &(wasm_extern_vec_t){6, externs}, NULL));
    externs[5] = wasm_global_as_extern(p.unnamed);
  }
  delete_parts(&p);
  wasm_func_delete(other);
  collect_garbage(w.store);
  for (int i = 0; i < 9; ++i) {
    own wasm_func_t* f = wasmrt_instance_func(instances[i], "call");
    CHECK(call(f, VALS(I32(1))).of.i32 == (i % 4 == 1 || i % 4 == 2 ? 102 : 3));
    wasm_func_delete(f);
    wasm_instance_delete(instances[i]);
  }
  close_world(&w);
}

typedef struct {
  world_t* world;
  wasm_extern_t** externs;
  own wasm_instance_t* made;
} remake_t;

static void remake(void* info) {
  remake_t* r = info;
  r->made = wasm_instance_new(r->world->store, r->world->module, &(wasm_extern_vec_t){6, r->externs}, NULL);
}

TEST(a_finalizer_may_make_an_instance_like_the_one_that_is_gone) {
  world_t w;
  open_store(&w, "imports");
  parts_t p = make_parts(w.store);
  wasm_extern_t* externs[] = {ALL_OF(p)};
  remake_t r = {&w, externs, NULL};
  own wasm_instance_t* first = wasm_instance_new(w.store, w.module, &(wasm_extern_vec_t){6, externs}, NULL);
  CHECK(first);
  wasm_instance_set_host_info_with_finalizer(first, &r, remake);
  wasm_instance_delete(first);
  collect_garbage(w.store);
  CHECK(r.made);
  delete_parts(&p);
  collect_garbage(w.store);
  own wasm_func_t* f = wasmrt_instance_func(r.made, "call");
  CHECK(call(f, VALS(I32(1))).of.i32 == 3);
  wasm_func_delete(f);
  wasm_instance_delete(r.made);
  close_world(&w);
}

TEST(exports_of_one_instance_are_imports_of_another) {
  world_t w;
  open_store(&w, "imports");
  world_t provider = {.engine = NULL, .store = NULL, .module = load(w.store, "state")};
  provider.store = w.store;
  instantiate(&provider, NO_IMPORTS);
  provider.store = NULL;
  own wasm_module_t* link = load(w.store, "link");
  CHECK(link);
  own wasm_trap_t* trap = NULL;
  own wasm_instance_t* instance =
      wasm_instance_new(w.store, link, &IMPORTS(export_of(&provider, "count"), export_of(&provider, "counter")), &trap);
  CHECK(instance && !trap);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  CHECK(call(wasm_extern_as_func(exports.data[0]), NO_VALS).of.i32 == 3);  // counts twice, adds both
  CHECK(call_i32(&provider, "count", NO_VALS) == 3);
  // The exporting instance may be deleted; the imported objects stay.
  close_world(&provider);
  wasm_instance_delete(instance);
  CHECK(call(wasm_extern_as_func(exports.data[0]), NO_VALS).of.i32 == 9);
  CHECK(call(wasm_extern_as_func(exports.data[1]), NO_VALS).of.i32 == 5);
  wasm_extern_vec_delete(&exports);
  wasm_module_delete(link);
  close_world(&w);
}

static own wasm_trap_t* remember(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)results;
  *(int*)env = args->data[0].of.i32;
  return NULL;
}

TEST(start_function_runs_before_the_instance_is_there) {
  world_t w;
  open_store(&w, "start");
  int seen = 0;
  own wasm_func_t* func = host_func(w.store, "i", "", remember, &seen, NULL);
  own wasm_memory_t* m = new_memory(w.store, 1, 1);
  CHECK(m);
  instantiate(&w, IMPORTS(wasm_func_as_extern(func), wasm_memory_as_extern(m)));
  CHECK(seen == 'A' && wasm_memory_data(m)[0] == 'A' && wasm_memory_data(m)[100] == 'Z');
  wasm_func_delete(func);
  wasm_memory_delete(m);
  close_world(&w);
}

static own wasm_trap_t* object(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  return trap_saying(env, "no start today");
}

TEST(trap_in_the_start_function_is_handed_out_and_effects_remain) {
  world_t w;
  open_store(&w, "start");
  own wasm_func_t* func = host_func(w.store, "i", "", object, w.store, NULL);
  own wasm_memory_t* m = new_memory(w.store, 1, 1);
  CHECK(m);
  CHECK(says(refused(&w, IMPORTS(wasm_func_as_extern(func), wasm_memory_as_extern(m))), "no start today"));
  CHECK(wasm_memory_data(m)[0] == 'A' && wasm_memory_data(m)[100] == 'Z');
  wasm_func_delete(func);
  wasm_memory_delete(m);
  close_world(&w);
}

TEST(segment_past_the_end_stops_where_it_stands) {
  world_t w;
  open_store(&w, "segments");
  own wasm_memory_t* m = new_memory(w.store, 1, 1);
  CHECK(m);
  CHECK(says(refused(&w, IMPORTS(wasm_memory_as_extern(m))), "out of bounds memory access"));
  CHECK(wasm_memory_data(m)[0] == 'x' && wasm_memory_data(m)[65535] == 0 && wasm_memory_data(m)[10] == 0);
  wasm_memory_delete(m);
  close_world(&w);
}

TEST(copy_of_an_instance_has_the_same_exports) {
  world_t w = open_world("state");
  own wasm_instance_t* copy = wasm_instance_copy(w.instance);
  wasm_instance_delete(w.instance);
  w.instance = copy;
  own wasm_extern_vec_t exports;
  wasm_instance_exports(copy, &exports);
  CHECK(call(wasm_extern_as_func(exports.data[0]), NO_VALS).of.i32 == 1);
  CHECK(call_i32(&w, "count", NO_VALS) == 2);
  wasm_extern_vec_delete(&exports);
  close_world(&w);
}

TEST(exports_are_found_by_c_string_and_kind) {
  world_t w;
  open_store(&w, "imports");
  parts_t p = make_parts(w.store);
  instantiate(&w, IMPORTS(ALL_OF(p)));
  forget_error();
  own wasm_func_t* func = wasmrt_instance_func(w.instance, "set");
  CHECK(func && wasm_func_same(func, func_of(&w, "set")) && !has_error());
  wasm_func_delete(func);
  CHECK(!wasmrt_instance_memory(w.instance, "set") && error_says("\"set\" is of another kind: (func"));
  CHECK(!wasmrt_instance_func(w.instance, "se") && error_says("no export is called \"se\""));
  CHECK(!wasmrt_instance_func(w.instance, NULL) && has_error());
  CHECK(!wasmrt_instance_func(NULL, "set") && has_error());
  delete_parts(&p);
  close_world(&w);
  w = open_world("every_export");
  own wasm_global_t* global = wasmrt_instance_global(w.instance, "g");
  own wasm_table_t* table = wasmrt_instance_table(w.instance, "t");
  own wasm_memory_t* memory = wasmrt_instance_memory(w.instance, "m");
  CHECK(global && wasm_extern_same(wasm_global_as_extern(global), export_of(&w, "g")));
  CHECK(table && wasm_extern_same(wasm_table_as_extern(table), export_of(&w, "t")));
  CHECK(memory && wasm_extern_same(wasm_memory_as_extern(memory), export_of(&w, "m")));
  wasm_global_delete(global);
  wasm_table_delete(table);
  wasm_memory_delete(memory);
  close_world(&w);
}
