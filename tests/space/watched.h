// The lives of guests that are watched: fuel, deadlines, interrupts, limits, profiles, timelines, callers of the host.

#ifndef SPACE_WATCHED_H
#define SPACE_WATCHED_H

#include "calls.h"

enum { WORK = 100000 };

static wasm_store_t* store_of_call;

// What a host function may ask.
static own wasm_trap_t* look_around(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args, (void)results;
  wasm_byte_t* data;
  size_t size;
  int32_t fd;
  uint64_t left;
  ++*(int*)env;
  CHECK(wasmrt_store_caller(store_of_call));
  CHECK(!wasmrt_store_caller_memory(store_of_call, &data, &size));  // it has none
  CHECK(!wasmrt_store_caller_bytes(store_of_call, 0, 1));
  return wasmrt_store_pending(store_of_call, &fd, &left);
}

static int callbacks;

static world_t watched_world(bool metered) {
  world_t w = life_world(NULL);
  store_of_call = w.store;
  if (metered) CHECK(wasmrt_store_set_fuel(w.store, 1000000000));
  CHECK(w.module = load(w.store, "profile"));
  return w;
}

static void instantiate_watched(world_t* w) {
  own wasm_func_t* host = host_func(w->store, "i", "", look_around, &callbacks, NULL);
  wasm_extern_t* import[] = {wasm_func_as_extern(host)};
  const wasm_extern_vec_t imports = {1, import};
  TAKE_INSTANCE(w->instance, wasm_instance_new(w->store, w->module, &imports, &trap));
  MAY_FAIL((wasm_instance_exports(w->instance, &w->exports), w->exports.size > 0));
  wasm_func_delete(host);
}

static void work(const world_t* w) {
  call_limited(w, "work", VALS(I32(WORK)));
  call_limited(w, "through_host", VALS(I32(1)));
  call_limited(w, "deep", VALS(I32(100), I32(WORK)));
}

// --- Profiles and timelines ---

static void use_profile(const world_t* w, const wasmrt_profile_t* profile) {
  own wasm_byte_vec_t bytes;
  JUST(wasmrt_profile_stop(profile));
  for (wasmrt_profile_format_t format = WASMRT_PROFILE_FOLDED; format <= WASMRT_PROFILE_SVG; ++format) {
    MAY_FAIL(wasmrt_profile_write(profile, format, &bytes));
    wasm_byte_vec_delete(&bytes);
  }
  for (wasmrt_timeline_format_t format = WASMRT_TIMELINE_TRACE_EVENTS; format <= WASMRT_TIMELINE_SVG; ++format) {
    MAY_FAIL(wasmrt_engine_timeline(w->engine, format, &bytes));
    wasm_byte_vec_delete(&bytes);
  }
}

static void live_profiles(void) {
  world_t w = watched_world(false);
  begin();
  own wasmrt_profile_t* profile;
  TAKE(profile, wasmrt_profile_new(w.store, 1));
  instantiate_watched(&w);
  work(&w);
  CHECK(wasmrt_profile_samples(profile) > 0);
  use_profile(&w, profile);
  wasmrt_profile_delete(profile);
  close_world(&w);
}

// --- What bounds guests ---

static bool allow(void* env, const wasmrt_growth_t* growth) {
  ++*(int*)env;
  return growth->desired < 1000;
}

static void set_bounds(wasm_store_t* store) {
  const wasmrt_store_limits_t limits = WASMRT_STORE_LIMITS_INIT;
  uint64_t left = 0;
  MAY_FAIL(wasmrt_store_set_fuel(store, 1000000000));
  MAY_FAIL(wasmrt_store_fuel(store, &left));
  CHECK(left > 0);
  MAY_FAIL(wasmrt_store_set_deadline(store, 100000000000u));
  JUST(wasmrt_store_set_limits(store, &limits));
  JUST(wasmrt_store_set_limiter(store, allow, &callbacks, NULL));
  JUST(wasmrt_store_set_data(store, &callbacks, NULL));
  CHECK(wasmrt_store_data(store) == &callbacks);
  JUST(wasmrt_store_set_stack(store, NULL, 0));
}

static void use_interrupt(const world_t* w, const wasmrt_interrupt_t* interrupt) {
  wasm_val_t arg[] = {I32(WORK)};
  wasm_val_vec_t args = {1, arg}, results = {0, NULL};
  const wasm_func_t* func = func_of(w, "work");
  own wasm_trap_t* trap;
  JUST(wasmrt_interrupt_fire(interrupt));
  JUST(trap = wasm_func_call(func, &args, &results));
  CHECK(trap && (wasmrt_trap_code(trap) == WASMRT_TRAP_INTERRUPTED ? has_message(trap) : says(trap, "memory")));
  JUST(wasmrt_interrupt_clear(interrupt));
  JUST(CHECK(wasmrt_store_set_fuel(w->store, 10)));
  JUST(trap = wasm_func_call(func, &args, &results));
  CHECK(trap && (wasmrt_trap_code(trap) == WASMRT_TRAP_OUT_OF_FUEL ? has_message(trap) : says(trap, "memory")));
  CHECK(wasmrt_store_set_fuel(w->store, 100000000));
}

static void live_bounded(void) {
  world_t w = watched_world(true);
  begin();
  set_bounds(w.store);
  own wasmrt_interrupt_t* interrupt;
  TAKE(interrupt, wasmrt_interrupt_new(w.store));
  instantiate_watched(&w);
  work(&w);
  use_interrupt(&w, interrupt);
  work(&w);
  wasmrt_interrupt_delete(interrupt);
  close_world(&w);
}

// --- Exceptions and shared memories of guests ---

static void throw_one(const world_t* w, int which) {
  wasm_val_t arg[] = {I32(which)};
  wasm_val_vec_t args = {1, arg}, results = {0, NULL};
  const wasm_func_t* func = func_of(w, "throw");
  own wasm_trap_t* trap;
  JUST(trap = wasm_func_call(func, &args, &results));
  CHECK(trap && (wasmrt_trap_code(trap) == WASMRT_TRAP_EXCEPTION ? has_message(trap) : says(trap, "memory")));
}

static void live_exceptions(void) {
  world_t w = life_world("tags");
  own wasm_tagtype_t* type =
      wasm_tagtype_new(wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i64()));
  begin();
  own wasm_extern_t* tag;
  TAKE(tag, wasmrt_tag_new(w.store, type));
  wasm_extern_t* import[] = {tag, tag};
  const wasm_extern_vec_t imports = {2, import};
  TAKE_INSTANCE(w.instance, wasm_instance_new(w.store, w.module, &imports, &trap));
  MAY_FAIL((wasm_instance_exports(w.instance, &w.exports), w.exports.size > 0));
  for (int i = 0; i < 8; ++i) throw_one(&w, i % 4);
  wasm_extern_delete(tag);
  wasm_tagtype_delete(type);
  close_world(&w);
}

static void live_shared_memories(void) {
  world_t w = life_world("shared_memory");
  own wasm_memorytype_t* type =
      wasmrt_memorytype_new(&(wasmrt_limits_t){1, 100, WASMRT_LIMITS_HAS_MAX | WASMRT_LIMITS_SHARED});
  begin();
  own wasm_memory_t* memory;
  TAKE(memory, wasm_memory_new(w.store, type));
  wasm_extern_t* import[] = {wasm_memory_as_extern(memory)};
  const wasm_extern_vec_t imports = {1, import};
  TAKE_INSTANCE(w.instance, wasm_instance_new(w.store, w.module, &imports, &trap));
  MAY_FAIL((wasm_instance_exports(w.instance, &w.exports), w.exports.size > 0));
  call_limited(&w, "grow", VALS(I32(10)));
  call_limited(&w, "count", VALS(I32(64), I32(WORK)));
  call_limited(&w, "count_locked", VALS(I32(WORK)));
  call_limited(&w, "notify", VALS(I32(0), I32(1)));
  call_limited(&w, "wait32", VALS(I32(0), I32(0), I64(1000)));
  wasm_memory_delete(memory);
  wasm_memorytype_delete(type);
  close_world(&w);
}

#endif
