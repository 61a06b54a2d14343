// The limits of a store: numbers that are set once, and a callback that is asked before anything grows.

#include "host.h"

enum { PAGE = 65536 };

static own wasm_instance_t* another(const world_t* w, own wasm_trap_t** trap) {
  return wasm_instance_new(w->store, w->module, &NO_IMPORTS, trap);
}

// --- Limits ---

static void refuses_an_instance(wasmrt_store_limits_t limits, const char* words) {
  world_t w = open_world("state");
  wasmrt_store_set_limits(w.store, &limits);
  forget_error();
  own wasm_trap_t* trap = NULL;
  CHECK(!another(&w, &trap) && trap);
  CHECK(says(trap, words));
  CHECK(error_says(words));
  CHECK(!another(&w, NULL));
  forget_error();
  // Existing objects still work, and no longer count once they are released.
  CHECK(call_i32(&w, "seven", NO_VALS) == 7);
  wasm_extern_vec_delete(&w.exports);
  wasm_instance_delete(w.instance);
  w.instance = another(&w, &trap);
  CHECK(w.instance && !trap);
  wasmrt_store_set_limits(w.store, NULL);
  own wasm_instance_t* more = another(&w, NULL);
  CHECK(more);
  wasm_instance_delete(more);
  close_world(&w);
}

TEST(instances_stop_at_the_limit_until_one_is_released) {
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.instances = 1;
  refuses_an_instance(limits, " instances");
}
TEST(memories_of_instances_count) {
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.memories = 1;
  refuses_an_instance(limits, " memories");
}
TEST(tables_of_instances_count) {
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.tables = 3;
  refuses_an_instance(limits, " tables");
}
TEST(bytes_of_all_memories_count) {
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.bytes = 2 * PAGE - 1;
  refuses_an_instance(limits, " bytes");
}
TEST(elements_of_all_tables_count) {
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.elements = 11;
  refuses_an_instance(limits, " table elements");
}

TEST(memories_grow_to_the_limit_of_bytes_and_no_further) {
  world_t w = open_world("state");
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.bytes = 4 * PAGE;
  wasmrt_store_set_limits(w.store, &limits);
  wasm_memory_t* memory = wasm_extern_as_memory(export_of(&w, "memory"));
  CHECK(call_i32(&w, "grow", VALS(I32(2))) == 1);
  CHECK(call_i32(&w, "grow", VALS(I32(2))) == -1);
  CHECK(call_i32(&w, "pages", NO_VALS) == 3);
  forget_error();
  CHECK(!wasm_memory_grow(memory, 2));
  CHECK(error_says(" bytes"));
  CHECK(wasm_memory_size(memory) == 3);
  own wasm_memory_t* other = new_memory(w.store, 1, NO_MAX);
  CHECK(other);
  CHECK(!wasm_memory_grow(memory, 1) && !wasm_memory_grow(other, 1));
  CHECK(wasm_memory_grow(memory, 0) && call_i32(&w, "grow", VALS(I32(0))) == 3);
  CHECK(!new_memory(w.store, 1, NO_MAX));
  wasm_memory_delete(other);
  CHECK(wasm_memory_grow(memory, 1) && wasm_memory_size(memory) == 4);
  close_world(&w);
}

TEST(tables_grow_to_the_limit_of_elements_and_no_further) {
  world_t w = open_world("state");  // tables of 4 and of 2 elements
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.elements = 8;
  wasmrt_store_set_limits(w.store, &limits);
  wasm_table_t* table = wasm_extern_as_table(export_of(&w, "table"));
  CHECK(call_i32(&w, "grow_table", VALS(I32(1))) == 4);
  CHECK(call_i32(&w, "grow_table", VALS(I32(2))) == -1);
  forget_error();
  CHECK(!wasm_table_grow(table, 2, NULL));
  CHECK(error_says(" table elements"));
  own wasm_table_t* other = new_table(w.store, 'R', 1, NO_MAX, NULL);
  CHECK(other);
  CHECK(!wasm_table_grow(table, 1, NULL) && !new_table(w.store, 'R', 1, NO_MAX, NULL));
  wasm_table_delete(other);
  CHECK(wasm_table_grow(table, 1, NULL) && wasm_table_size(table) == 6);
  close_world(&w);
}

TEST(objects_of_the_host_count_like_those_of_instances) {
  world_t w;
  open_store(&w, "state");
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.memories = 2;
  limits.tables = 2;
  wasmrt_store_set_limits(w.store, &limits);
  own wasm_memory_t* memory = new_memory(w.store, 0, NO_MAX);
  own wasm_table_t* table = new_table(w.store, 'R', 0, NO_MAX, NULL);
  CHECK(memory && table);
  CHECK(!another(&w, NULL));
  CHECK(error_says(" tables"));
  wasm_table_delete(table);
  instantiate(&w, NO_IMPORTS);
  CHECK(!new_memory(w.store, 0, NO_MAX) && !new_table(w.store, 'R', 0, NO_MAX, NULL));
  wasm_memory_delete(memory);
  memory = new_memory(w.store, 0, NO_MAX);
  CHECK(memory);
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(limit_below_what_there_is_refuses_only_more_of_it) {
  world_t w = open_world("state");
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.bytes = 0;
  limits.elements = 0;
  wasmrt_store_set_limits(w.store, &limits);
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == -1);
  CHECK(call_i32(&w, "grow_table", VALS(I32(1))) == -1);
  CHECK(call_i32(&w, "seven", NO_VALS) == 7);
  own wasm_memory_t* empty = new_memory(w.store, 0, NO_MAX);
  own wasm_table_t* none = new_table(w.store, 'R', 0, NO_MAX, NULL);
  CHECK(empty && none);
  wasm_memory_delete(empty);
  wasm_table_delete(none);
  close_world(&w);
}

TEST(limits_hold_for_one_store_only) {
  world_t w = open_world("state");
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.instances = limits.memories = limits.tables = limits.bytes = limits.elements = 0;
  wasmrt_store_set_limits(w.store, &limits);
  own wasm_store_t* store = wasm_store_new(w.engine);
  own wasm_memory_t* memory = new_memory(store, 1, NO_MAX);
  CHECK(memory && !new_memory(w.store, 1, NO_MAX));
  wasm_memory_delete(memory);
  wasm_store_delete(store);
  close_world(&w);
}

TEST(limits_of_a_shorter_struct_leave_the_rest_free) {
  world_t w = open_world("state");
  wasmrt_store_limits_t limits = {offsetof(wasmrt_store_limits_t, tables), 0, 0, 0, 0, 0};
  wasmrt_store_set_limits(w.store, &limits);
  own wasm_table_t* table = new_table(w.store, 'R', 1, NO_MAX, NULL);
  CHECK(table && !new_memory(w.store, 1, NO_MAX));
  wasm_table_delete(table);
  close_world(&w);
}

TEST(wrong_limits_change_nothing) {
  world_t w = open_world("state");
  forget_error();
  wasmrt_store_set_limits(NULL, NULL);
  CHECK(has_error());
  wasmrt_store_set_limits(w.store, &(wasmrt_store_limits_t){0, 0, 0, 0, 0, 0});
  CHECK(error_says("struct_size"));
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == 1);
  close_world(&w);
}

// --- Limiter ---

typedef struct {
  wasm_store_t* store;
  const world_t* world;
  int asked, finalized;
  bool answer;
  wasmrt_growth_t last;
  enum { NOTHING, REPLACE, GROW, CALL, DELETE_STORE, INSTANTIATE } also;
  wasm_instance_t* made;
} judge_t;

static bool judge(void* env, const wasmrt_growth_t* growth) {
  judge_t* j = env;
  CHECK(growth->struct_size == sizeof *growth);
  CHECK(!growth->object || wasm_extern_kind(growth->object) == growth->kind);
  ++j->asked;
  j->last = *growth;
  switch (j->also) {
    case NOTHING: break;
    case REPLACE:
      wasmrt_store_set_limiter(j->store, NULL, NULL, NULL);
      CHECK(j->finalized == 0);  // not while it runs
      break;
    case GROW:
      j->also = NOTHING;
      CHECK(wasm_memory_grow(wasm_extern_as_memory(export_of(j->world, "memory")), 1));
      break;
    case CALL:
      j->also = NOTHING;
      CHECK(call_i32(j->world, "seven", NO_VALS) == 7);
      CHECK(call_i32(j->world, "grow_table", VALS(I32(1))) == 4);
      break;
    case DELETE_STORE: wasm_store_delete(j->store); break;
    case INSTANTIATE:
      j->also = NOTHING;
      j->made = another(j->world, NULL);
      CHECK(j->made);
      break;
  }
  return j->answer;
}

static void finalize(void* env) { ++((judge_t*)env)->finalized; }

TEST(limiter_is_asked_about_every_growth) {
  world_t w = open_world("state");
  judge_t j = {.store = w.store, .answer = true};
  wasmrt_store_set_limiter(w.store, judge, &j, finalize);
  CHECK(call_i32(&w, "grow", VALS(I32(2))) == 1);
  CHECK(j.asked == 1 && j.last.object == export_of(&w, "memory") && j.last.kind == WASM_EXTERN_MEMORY);
  CHECK(j.last.current == PAGE && j.last.desired == 3 * PAGE && j.last.maximum == 5 * PAGE);
  CHECK(wasm_memory_grow(wasm_extern_as_memory(export_of(&w, "memory")), 1));
  CHECK(j.asked == 2 && j.last.current == 3 * PAGE && j.last.desired == 4 * PAGE);
  CHECK(call_i32(&w, "grow_table", VALS(I32(1))) == 4);
  CHECK(j.asked == 3 && j.last.object == export_of(&w, "table") && j.last.kind == WASM_EXTERN_TABLE);
  CHECK(j.last.current == 4 && j.last.desired == 5 && j.last.maximum == 8);
  CHECK(wasm_table_grow(wasm_extern_as_table(export_of(&w, "table")), 2, NULL));
  CHECK(j.asked == 4 && j.last.current == 5 && j.last.desired == 7);
  own wasm_memory_t* memory = new_memory(w.store, 2, NO_MAX);
  CHECK(memory && j.asked == 5 && !j.last.object && j.last.kind == WASM_EXTERN_MEMORY);
  CHECK(j.last.current == 0 && j.last.desired == 2 * PAGE && j.last.maximum == UINT64_MAX);
  own wasm_table_t* table = new_table(w.store, 'R', 9, NO_MAX, NULL);
  CHECK(table && j.asked == 6 && !j.last.object && j.last.kind == WASM_EXTERN_TABLE && j.last.desired == 9);
  own wasm_instance_t* instance = another(&w, NULL);
  CHECK(instance && j.asked == 9);  // a memory and two tables
  wasm_instance_delete(instance);
  wasm_memory_delete(memory);
  wasm_table_delete(table);
  close_world(&w);
  CHECK(j.finalized == 1);
}

TEST(limiter_is_not_asked_about_what_is_refused_anyhow_or_does_not_grow) {
  world_t w = open_world("state");
  judge_t j = {.store = w.store, .answer = true};
  wasmrt_store_set_limiter(w.store, judge, &j, finalize);
  CHECK(call_i32(&w, "grow", VALS(I32(0))) == 1);
  CHECK(call_i32(&w, "grow", VALS(I32(5))) == -1);
  CHECK(call_i32(&w, "grow_table", VALS(I32(5))) == -1);
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.bytes = PAGE;
  wasmrt_store_set_limits(w.store, &limits);
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == -1);
  CHECK(j.asked == 0);
  close_world(&w);
}

TEST(limiter_refuses) {
  world_t w = open_world("state");
  judge_t j = {.store = w.store, .answer = false};
  wasmrt_store_set_limiter(w.store, judge, &j, finalize);
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == -1);
  CHECK(call_i32(&w, "grow_table", VALS(I32(1))) == -1);
  CHECK(call_i32(&w, "pages", NO_VALS) == 1 && call_i32(&w, "elements", NO_VALS) == 4);
  forget_error();
  CHECK(!wasm_memory_grow(wasm_extern_as_memory(export_of(&w, "memory")), 1));
  CHECK(error_says("limiter"));
  CHECK(!wasm_table_grow(wasm_extern_as_table(export_of(&w, "table")), 1, NULL));
  CHECK(error_says("limiter"));
  CHECK(!new_memory(w.store, 1, NO_MAX));
  CHECK(error_says("limiter"));
  CHECK(!new_table(w.store, 'R', 1, NO_MAX, NULL));
  CHECK(error_says("limiter"));
  own wasm_trap_t* trap = NULL;
  CHECK(!another(&w, &trap));
  CHECK(says(trap, "limiter") && error_says("limiter"));
  CHECK(j.asked == 7);
  close_world(&w);
}

TEST(limiter_may_be_replaced_while_it_is_asked) {
  world_t w = open_world("state");
  judge_t j = {.store = w.store, .answer = false, .also = REPLACE};
  wasmrt_store_set_limiter(w.store, judge, &j, finalize);
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == -1);
  CHECK(j.finalized == 1);
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == 1);
  CHECK(j.asked == 1);
  close_world(&w);
  CHECK(j.finalized == 1);
}

TEST(limiter_that_grows_the_memory_itself_has_the_growth_refused) {
  world_t w = open_world("state");
  judge_t j = {.store = w.store, .world = &w, .answer = true, .also = GROW};
  wasmrt_store_set_limiter(w.store, judge, &j, NULL);
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == -1);
  CHECK(call_i32(&w, "pages", NO_VALS) == 2 && j.asked == 2);
  close_world(&w);
}

TEST(limiter_may_call_guest_code_within_a_growth_of_guest_code) {
  world_t w = open_world("state");
  judge_t j = {.store = w.store, .world = &w, .answer = true, .also = CALL};
  wasmrt_store_set_limiter(w.store, judge, &j, NULL);
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == 1);
  CHECK(call_i32(&w, "pages", NO_VALS) == 2 && call_i32(&w, "elements", NO_VALS) == 5 && j.asked == 2);
  close_world(&w);
}

TEST(store_may_be_deleted_while_its_limiter_is_asked) {
  world_t w = open_world("state");
  judge_t j = {.store = w.store, .answer = true, .also = DELETE_STORE};
  wasmrt_store_set_limiter(w.store, judge, &j, finalize);
  CHECK(call_i32(&w, "grow", VALS(I32(1))) == 1);
  CHECK(j.finalized == 1);
  w.store = NULL;
  close_world(&w);

  w = open_world("state");
  j = (judge_t){.store = w.store, .answer = true, .also = DELETE_STORE};
  wasmrt_store_set_limiter(w.store, judge, &j, finalize);
  CHECK(wasm_memory_grow(wasm_extern_as_memory(export_of(&w, "memory")), 1));
  CHECK(j.finalized == 1);
  w.store = NULL;
  close_world(&w);
}

TEST(instance_that_the_limiter_makes_counts) {
  world_t w;
  open_store(&w, "state");
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.instances = 1;
  wasmrt_store_set_limits(w.store, &limits);
  judge_t j = {.world = &w, .answer = true, .also = INSTANTIATE};
  wasmrt_store_set_limiter(w.store, judge, &j, finalize);
  own wasm_trap_t* trap = NULL;
  CHECK(!another(&w, &trap) && says(trap, " instances"));
  wasm_instance_delete(j.made);
  own wasm_instance_t* only = another(&w, NULL);
  CHECK(only);
  wasm_instance_delete(only);
  close_world(&w);
}

// Deletes the last handles of the object it is asked about, and makes so much garbage that it could be
// collected.
typedef struct {
  wasm_store_t* store;
  own wasm_ref_t* last[2];
  int finalized;
} deleting_t;

static bool delete_and_agree(void* env, const wasmrt_growth_t* growth) {
  deleting_t* d = env;
  (void)growth;
  for (int i = 0; i < 2; ++i) {
    wasm_ref_delete(d->last[i]);
    d->last[i] = NULL;
  }
  for (int i = 0; i < 20000; ++i) wasm_foreign_delete(wasm_foreign_new(d->store));
  CHECK(!d->finalized);
  return true;
}

static void one_less(void* env) { ++((deleting_t*)env)->finalized; }

static void watch(deleting_t* d, int i, own wasm_ref_t* object) {
  CHECK(object);
  d->last[i] = object;
  wasm_ref_set_host_info_with_finalizer(object, d, one_less);
}

TEST(what_grows_may_be_deleted_while_its_limiter_is_asked) {
  world_t w;
  open_store(&w, NULL);
  deleting_t d = {.store = w.store};
  own wasm_memory_t* memory = new_memory(w.store, 1, NO_MAX);
  watch(&d, 0, wasm_memory_as_ref(memory));
  wasmrt_store_set_limiter(w.store, delete_and_agree, &d, NULL);
  CHECK(wasm_memory_grow(memory, 1));

  wasmrt_store_set_limiter(w.store, NULL, NULL, NULL);
  own wasm_table_t* table = new_table(w.store, 'r', 1, 10, NULL);
  own wasm_foreign_t* element = wasm_foreign_new(w.store);
  own wasm_table_t* kept = wasm_table_copy(table);
  d.finalized = 0;
  watch(&d, 0, wasm_table_as_ref(table));
  watch(&d, 1, wasm_foreign_as_ref(element));
  wasmrt_store_set_limiter(w.store, delete_and_agree, &d, NULL);
  CHECK(wasm_table_grow(table, 1, wasm_foreign_as_ref(element)));
  own wasm_ref_t* got = wasm_table_get(kept, 1);
  CHECK(got && wasm_ref_as_foreign(got) && wasm_ref_get_host_info(got) == &d);
  wasm_ref_delete(got);
  wasm_table_delete(kept);
  close_world(&w);
}

// When asked about the first of two memories, makes garbage that must be collected for the second.
static bool delete_and_make_garbage(void* env, const wasmrt_growth_t* growth) {
  deleting_t* d = env;
  (void)growth;
  if (d->last[0]) {
    wasm_ref_delete(d->last[0]);
    d->last[0] = NULL;
    wasm_memory_delete(new_memory(d->store, 1, NO_MAX));
  }
  return true;
}

TEST(imports_may_be_deleted_while_the_limiter_is_asked) {
  world_t w;
  open_store(&w, "imports_table");
  wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  limits.memories = 2;
  wasmrt_store_set_limits(w.store, &limits);
  deleting_t d = {.store = w.store};
  own wasm_table_t* table = new_table(w.store, 'r', 1, 10, NULL);
  watch(&d, 0, wasm_table_as_ref(table));
  wasmrt_store_set_limiter(w.store, delete_and_make_garbage, &d, NULL);
  instantiate(&w, IMPORTS(wasm_table_as_extern(table)));
  CHECK(!d.last[0] && !d.finalized);
  CHECK(call_i32(&w, "elements", NO_VALS) == 1);
  close_world(&w);
  CHECK(d.finalized == 1);
}

TEST(limiters_environment_is_released_once) {
  world_t w = open_world("state");
  judge_t first = {.answer = true}, second = {.answer = true}, third = {0};
  wasmrt_store_set_limiter(w.store, judge, &first, finalize);
  wasmrt_store_set_limiter(w.store, judge, &second, finalize);
  CHECK(first.finalized == 1 && second.finalized == 0);
  forget_error();
  wasmrt_store_set_limiter(NULL, judge, &third, finalize);
  CHECK(third.finalized == 1 && has_error());
  wasmrt_store_set_limiter(w.store, NULL, &third, finalize);
  CHECK(third.finalized == 2 && second.finalized == 1);
  wasmrt_store_set_limiter(w.store, NULL, NULL, NULL);
  wasmrt_store_set_limiter(w.store, judge, &third, finalize);
  close_world(&w);
  CHECK(first.finalized == 1 && second.finalized == 1 && third.finalized == 3);
}
