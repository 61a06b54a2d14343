// Which instance a frame of a trap belongs to, and which instance called the running host function. An answer
// is right or NULL, never a guess.

#include "host.h"

typedef struct {
  own wasm_instance_t* instance;
  own wasm_extern_vec_t exports;
} part_t;

static wasm_store_t* store;
static int looked;
static const wasm_instance_t* seen;

static own wasm_trap_t* look(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  ++looked;
  seen = wasmrt_store_caller(store);
  CHECK(!has_error());
  return NULL;
}

static own wasm_trap_t* fail(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  return trap_saying(store, "on purpose");
}

static own wasm_func_t* host_function(wasm_func_callback_t callback) {
  own wasm_functype_t* type = functype_of("", "");
  own wasm_func_t* func = wasm_func_new(store, type, callback);
  wasm_functype_delete(type);
  return func;
}

static part_t open_part(const wasm_module_t* module, const wasm_func_t* host, wasm_extern_t* other) {
  part_t part;
  own wasm_trap_t* trap;
  wasm_extern_t* first = (wasm_extern_t*)wasm_func_as_extern_const(host);
  part.instance = wasm_instance_new(store, module, &IMPORTS(first, other ? other : first), &trap);
  CHECK(part.instance && !trap);
  wasm_instance_exports(part.instance, &part.exports);
  return part;
}

static void close_part(part_t* part) {
  wasm_extern_vec_delete(&part->exports);
  wasm_instance_delete(part->instance);
}

// The exports of frames.wat.
enum { TABLE, DIRECT, NESTED, INDIRECT, OTHER, TRAP, TRAP_NESTED, TRAP_INDIRECT, CALL, DIVIDE };

static const wasm_instance_t* caller_seen_by(const part_t* part, int function) {
  looked = 0;
  seen = NULL;
  call(wasm_extern_as_func(part->exports.data[function]), NO_VALS);
  CHECK(looked == 1);
  return seen;
}

// The frames of the trap by which a function ends, innermost first.
static own wasm_frame_vec_t frames_of(const part_t* part, int function) {
  own wasm_trap_t* trap = call_trap(wasm_extern_as_func(part->exports.data[function]), NO_VALS);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  own wasm_frame_t* origin = wasm_trap_origin(trap);
  CHECK(frames.size > 0 && wasm_frame_instance(origin) == wasm_frame_instance(frames.data[0]));
  wasm_frame_delete(origin);
  wasm_trap_delete(trap);
  return frames;
}

static bool all_frames_are(const part_t* part, int function, size_t count, const wasm_instance_t* instance) {
  own wasm_frame_vec_t frames = frames_of(part, function);
  bool good = frames.size == count;
  for (size_t i = 0; i < frames.size; ++i) good = good && wasm_frame_instance(frames.data[i]) == instance;
  wasm_frame_vec_delete(&frames);
  return good;
}

static world_t open_frames(const char* name) {
  world_t w;
  open_store(&w, name);
  store = w.store;
  return w;
}

// --- One instance ---

TEST(all_frames_of_a_lonely_instance_are_its_own) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  part_t part = open_part(w.module, host, NULL);
  CHECK(all_frames_are(&part, TRAP, 1, part.instance));
  CHECK(all_frames_are(&part, TRAP_NESTED, 2, part.instance));
  CHECK(all_frames_are(&part, TRAP_INDIRECT, 2, part.instance));
  CHECK(all_frames_are(&part, DIVIDE, 1, part.instance));
  close_part(&part);
  wasm_func_delete(host);
  close_world(&w);
}

TEST(host_function_sees_the_lonely_instance_that_called) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  part_t part = open_part(w.module, host, NULL);
  CHECK(caller_seen_by(&part, DIRECT) == part.instance);
  CHECK(caller_seen_by(&part, NESTED) == part.instance);
  CHECK(caller_seen_by(&part, INDIRECT) == part.instance);
  CHECK(caller_seen_by(&part, OTHER) == part.instance);
  close_part(&part);
  wasm_func_delete(host);
  close_world(&w);
}

TEST(nobody_calls_outside_of_calls) {
  CHECK(!wasmrt_store_caller(NULL) && has_error());
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  part_t part = open_part(w.module, host, NULL);
  CHECK(!wasmrt_store_caller(store));
  caller_seen_by(&part, DIRECT);
  CHECK(!wasmrt_store_caller(store));
  looked = 0;
  call(host, NO_VALS);
  CHECK(looked == 1 && !seen);
  wasm_trap_delete(call_trap(wasm_extern_as_func(part.exports.data[DIVIDE]), NO_VALS));
  CHECK(!wasmrt_store_caller(store));
  close_part(&part);
  wasm_func_delete(host);
  close_world(&w);
}

// --- Two instances of one module ---

TEST(direct_calls_and_imports_tell_two_instances_apart) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  part_t a = open_part(w.module, host, NULL);
  part_t b = open_part(w.module, host, a.exports.data[NESTED]);
  part_t c = open_part(w.module, host, a.exports.data[TRAP_NESTED]);
  CHECK(caller_seen_by(&a, DIRECT) == a.instance && caller_seen_by(&b, DIRECT) == b.instance);
  CHECK(caller_seen_by(&a, NESTED) == a.instance && caller_seen_by(&b, NESTED) == b.instance);
  CHECK(caller_seen_by(&b, OTHER) == a.instance);
  CHECK(all_frames_are(&a, TRAP_NESTED, 2, a.instance) && all_frames_are(&b, TRAP_NESTED, 2, b.instance));
  CHECK(all_frames_are(&b, DIVIDE, 1, b.instance));
  own wasm_frame_vec_t frames = frames_of(&c, OTHER);
  CHECK(frames.size == 3);
  CHECK(wasm_frame_instance(frames.data[0]) == a.instance && wasm_frame_instance(frames.data[1]) == a.instance);
  CHECK(wasm_frame_instance(frames.data[2]) == c.instance);
  wasm_frame_vec_delete(&frames);
  close_part(&a);
  close_part(&b);
  close_part(&c);
  wasm_func_delete(host);
  close_world(&w);
}

TEST(frames_behind_an_indirect_call_among_two_instances_have_no_answer) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  part_t a = open_part(w.module, host, NULL);
  part_t b = open_part(w.module, host, NULL);
  own wasm_frame_vec_t frames = frames_of(&a, TRAP_INDIRECT);
  CHECK(frames.size == 2);
  CHECK(!wasm_frame_instance(frames.data[0]) && wasm_frame_instance(frames.data[1]) == a.instance);
  wasm_frame_vec_delete(&frames);
  CHECK(caller_seen_by(&a, INDIRECT) == a.instance);  // but an import knows its caller
  CHECK(caller_seen_by(&b, INDIRECT) == b.instance);
  close_part(&a);
  close_part(&b);
  wasm_func_delete(host);
  close_world(&w);
}

// Calls the element of the instance's own table, which is the host function.
static const wasm_instance_t* caller_through_table(const part_t* part, const wasm_func_t* host) {
  wasm_table_t* table = wasm_extern_as_table(part->exports.data[TABLE]);
  CHECK(wasm_table_set(table, 1, (wasm_ref_t*)wasm_func_as_ref_const(host)));
  looked = 0;
  call(wasm_extern_as_func(part->exports.data[CALL]), VALS(I32(1)));
  CHECK(looked == 1);
  return seen;
}

TEST(host_function_called_through_a_table_sees_its_caller) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  part_t a = open_part(w.module, host, NULL);
  CHECK(caller_through_table(&a, host) == a.instance);
  part_t b = open_part(w.module, host, NULL);
  CHECK(caller_through_table(&a, host) == a.instance && caller_through_table(&b, host) == b.instance);
  close_part(&a);
  close_part(&b);
  wasm_func_delete(host);
  close_world(&w);
}

TEST(imported_host_function_in_a_table_outlives_who_put_it_there) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  part_t a = open_part(w.module, host, NULL);
  own wasm_module_t* elements = load(store, "frames_elements");
  own wasm_trap_t* trap;
  own wasm_instance_t* filler =
      wasm_instance_new(store, elements, &IMPORTS(wasm_func_as_extern(host), a.exports.data[TABLE]), &trap);
  CHECK(filler && !trap);
  wasm_instance_delete(filler);
  for (int i = 0; i < 20000; ++i) wasm_foreign_delete(wasm_foreign_new(store));
  looked = 0;
  call(wasm_extern_as_func(a.exports.data[CALL]), VALS(I32(1)));
  CHECK(looked == 1 && seen == a.instance);
  wasm_module_delete(elements);
  close_part(&a);
  wasm_func_delete(host);
  close_world(&w);
}

TEST(tail_call_into_another_instance_is_not_mistaken) {
  world_t w = open_frames("frames_tail");
  enum { LOOK, TAIL_TABLE, TAIL_LOOK, TAIL_CALL, CALL_INDIRECT, TAIL, TAIL_NESTED };
  own wasm_func_t* host = host_function(look);
  part_t a = open_part(w.module, host, NULL);
  part_t b = open_part(w.module, host, a.exports.data[LOOK]);
  CHECK(caller_seen_by(&b, TAIL) == a.instance && caller_seen_by(&b, TAIL_NESTED) == a.instance);
  CHECK(caller_seen_by(&b, TAIL_LOOK) == b.instance);
  CHECK(wasm_table_set(wasm_extern_as_table(b.exports.data[TAIL_TABLE]), 0, wasm_func_as_ref(host)));
  CHECK(!caller_seen_by(&b, TAIL_CALL) && !caller_seen_by(&b, CALL_INDIRECT));
  close_part(&a);
  close_part(&b);

  // The frame that traps is one of a, called as one of b.
  own wasm_func_t* failing = host_function(fail);
  a = open_part(w.module, failing, NULL);
  b = open_part(w.module, failing, a.exports.data[LOOK]);
  CHECK(all_frames_are(&b, TAIL, 1, NULL));
  close_part(&a);
  close_part(&b);
  wasm_func_delete(failing);
  wasm_func_delete(host);
  close_world(&w);
}

TEST(instances_in_another_store_do_not_matter) {
  world_t w = open_frames("frames"), other = open_frames("frames");
  own wasm_func_t* elsewhere = host_function(look);
  part_t b = open_part(other.module, elsewhere, NULL);
  store = w.store;
  own wasm_func_t* host = host_function(look);
  part_t a = open_part(w.module, host, NULL);
  CHECK(caller_seen_by(&a, INDIRECT) == a.instance);
  close_part(&a);
  close_part(&b);
  wasm_func_delete(host);
  wasm_func_delete(elsewhere);
  close_world(&w);
  close_world(&other);
}

// --- Activations within activations ---

static const part_t* inner;
static const wasm_instance_t *before, *within, *after;

static own wasm_trap_t* enter_another(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  before = wasmrt_store_caller(store);
  within = caller_seen_by(inner, NESTED);
  after = wasmrt_store_caller(store);
  return NULL;
}

TEST(caller_is_that_of_the_innermost_host_function) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  own wasm_func_t* entering = host_function(enter_another);
  part_t a = open_part(w.module, entering, NULL);
  part_t b = open_part(w.module, host, NULL);
  inner = &b;
  call(wasm_extern_as_func(a.exports.data[DIRECT]), NO_VALS);
  CHECK(before == a.instance && within == b.instance && after == a.instance);
  close_part(&a);
  close_part(&b);
  wasm_func_delete(host);
  wasm_func_delete(entering);
  close_world(&w);
}

static own wasm_trap_t* trap_in_another(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  return wasm_func_call(wasm_extern_as_func(inner->exports.data[TRAP_NESTED]), args, results);
}

TEST(frames_beyond_a_host_function_have_their_own_instance) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  own wasm_func_t* entering = host_function(trap_in_another);
  part_t a = open_part(w.module, entering, NULL);
  part_t b = open_part(w.module, host, NULL);
  inner = &b;
  own wasm_frame_vec_t frames = frames_of(&a, NESTED);
  CHECK(frames.size == 4);
  for (int i = 0; i < 4; ++i) CHECK(wasm_frame_instance(frames.data[i]) == (i < 2 ? b.instance : a.instance));
  wasm_frame_vec_delete(&frames);
  close_part(&a);
  close_part(&b);
  wasm_func_delete(host);
  wasm_func_delete(entering);
  close_world(&w);
}

TEST(trap_of_a_host_function_has_the_frames_that_called_it) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(fail);
  part_t a = open_part(w.module, host, NULL);
  part_t b = open_part(w.module, host, NULL);
  CHECK(all_frames_are(&a, NESTED, 2, a.instance));
  CHECK(all_frames_are(&b, DIRECT, 1, b.instance));
  close_part(&a);
  close_part(&b);
  wasm_func_delete(host);
  close_world(&w);
}

// --- Lifetime ---

static void count(void* counter) { ++*(int*)counter; }

TEST(frame_keeps_its_instance) {
  world_t w = open_frames("frames");
  int finalized = 0;
  own wasm_func_t* host = host_function(look);
  part_t part = open_part(w.module, host, NULL);
  wasm_instance_set_host_info_with_finalizer(part.instance, &finalized, count);
  own wasm_frame_vec_t frames = frames_of(&part, TRAP_NESTED);
  own wasm_frame_t* copy = wasm_frame_copy(frames.data[1]);
  close_part(&part);
  wasm_frame_vec_delete(&frames);
  for (int i = 0; i < 20000; ++i) wasm_foreign_delete(wasm_foreign_new(store));
  CHECK(!finalized && wasm_instance_get_host_info(wasm_frame_instance(copy)) == &finalized);
  own wasm_instance_t* kept = wasm_instance_copy(wasm_frame_instance(copy));
  wasm_frame_delete(copy);
  own wasm_extern_vec_t exports;
  wasm_instance_exports(kept, &exports);
  CHECK(exports.size == 10);
  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(kept);
  for (int i = 0; i < 20000; ++i) wasm_foreign_delete(wasm_foreign_new(store));
  CHECK(finalized == 1);
  wasm_func_delete(host);
  close_world(&w);
}

TEST(trap_keeps_the_instances_of_its_frames) {
  world_t w = open_frames("frames");
  int finalized = 0;
  own wasm_func_t* host = host_function(look);
  part_t a = open_part(w.module, host, NULL);
  part_t b = open_part(w.module, host, a.exports.data[TRAP_NESTED]);
  wasm_instance_set_host_info_with_finalizer(a.instance, &finalized, count);
  wasm_instance_set_host_info_with_finalizer(b.instance, &finalized, count);
  own wasm_trap_t* trap = call_trap(wasm_extern_as_func(b.exports.data[OTHER]), NO_VALS);
  close_part(&a);
  close_part(&b);
  for (int i = 0; i < 20000; ++i) wasm_foreign_delete(wasm_foreign_new(store));
  CHECK(!finalized);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 3);
  for (int i = 0; i < 3; ++i) CHECK(wasm_instance_get_host_info(wasm_frame_instance(frames.data[i])) == &finalized);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
  for (int i = 0; i < 20000; ++i) wasm_foreign_delete(wasm_foreign_new(store));
  CHECK(finalized == 2);
  wasm_func_delete(host);
  close_world(&w);
}

TEST(frame_has_no_instance_when_the_store_is_gone) {
  CHECK(!wasm_frame_instance(NULL) && has_error());
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  part_t part = open_part(w.module, host, NULL);
  own wasm_frame_vec_t frames = frames_of(&part, TRAP_NESTED);
  CHECK(wasm_frame_instance(frames.data[0]));
  wasm_store_delete(w.store);
  w.store = NULL;
  CHECK(!wasm_frame_instance(frames.data[0]) && error_says("store has been deleted"));
  CHECK(wasm_frame_func_index(frames.data[0]) == 6);
  own wasm_frame_t* copy = wasm_frame_copy(frames.data[1]);
  CHECK(copy && !wasm_frame_instance(copy) && has_error());
  wasm_frame_delete(copy);
  wasm_frame_vec_delete(&frames);
  close_part(&part);
  wasm_func_delete(host);
  close_world(&w);
}

TEST(instances_that_come_and_go_leave_the_last_one_alone) {
  world_t w = open_frames("frames");
  own wasm_func_t* host = host_function(look);
  part_t part = open_part(w.module, host, NULL);
  for (int i = 0; i < 6000; ++i) {
    part_t other = open_part(w.module, host, NULL);
    close_part(&other);
  }
  // Deleted instances do not count, once they were collected.
  for (int i = 0; i < 30000; ++i) wasm_foreign_delete(wasm_foreign_new(store));
  CHECK(caller_seen_by(&part, INDIRECT) == part.instance);
  close_part(&part);
  wasm_func_delete(host);
  close_world(&w);
}
