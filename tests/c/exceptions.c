// Exceptions: thrown and caught by guest code in every mode, across instances and the host, made by the host,
// and uncaught.

#include <xmmintrin.h>

#include "process.h"
#include "wide.h"

typedef struct {
  world_t w;
  own wasm_extern_t* tag;
  own wasm_extern_t* other;  // of the same type
  own wasm_trap_t* foreign;  // NULL or an exception of another store
  own wasm_extern_t* wide;   // NULL or a tag with as many parameters as there may be
  wasmrt_interrupt_t* interrupt;
} thrower_t;

// How the module is run.
typedef struct {
  int bounds, signals, metered, serialized;
} mode_t_;

static own wasm_extern_t* new_tag(wasm_store_t* store, const char* params) {
  own wasm_tagtype_t* type = wasm_tagtype_new(wide_type(params, ""));
  own wasm_extern_t* tag = wasmrt_tag_new(store, type);
  wasm_tagtype_delete(type);
  CHECK(tag);
  return tag;
}

#define WIDE 1000

// More than are made before references are collected.
static int32_t many_references(void) { return slow() ? 5000 : 10000; }

static own wasm_trap_t* trap_of(thrower_t* t, const char* name, wasm_val_vec_t args) {
  own wasm_trap_t* trap = call_trap(func_of(&t->w, name), args);
  CHECK(trap);
  return trap;
}

// What the host function does, by its argument: 1000 throws with the tag, 2000 throws with another one, 3000 traps,
// 4000 throws as much as an exception can carry, 5000 and 5001 delete the store and throw with the one or the other
// tag, 6000 throws what belongs to another store, 7000 lets the guest make many references, 8000 fires the interrupt
// if there is one and throws, 9000 calls guest code that throws, many times, and anything less calls the guest again.
static own wasm_trap_t* called(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  thrower_t* t = env;
  const int32_t n = args->data[0].of.i32;
  if (n == 1000) return wasmrt_exception_new(t->w.store, t->tag, &W_I32(77), 1);
  if (n == 2000) return wasmrt_exception_new(t->w.store, t->other, &W_I32(78), 1);
  if (n == 3000) return trap_saying(t->w.store, "no exception");
  if (n == 4000) {
    wasmrt_val_t payload[WIDE];
    for (int i = 0; i < WIDE; ++i) payload[i] = W_I64(i);
    return wasmrt_exception_new(t->w.store, t->wide, payload, WIDE);
  }
  if (n == 5000 || n == 5001) {
    own wasm_trap_t* trap = wasmrt_exception_new(t->w.store, n == 5000 ? t->tag : t->other, &W_I32(79), 1);
    wasm_store_delete(t->w.store);
    t->w.store = NULL;
    return trap;
  }
  if (n == 6000) {
    own wasm_trap_t* trap = t->foreign;
    t->foreign = NULL;
    return trap;
  }
  if (n == 9000) {
    for (int i = slow() ? 5000 : 100000; i; --i) wasm_trap_delete(trap_of(t, "throw_own", VALS(I32(i), I64(i))));
    return NULL;
  }
  if (n == 8000) {
    if (t->interrupt) wasmrt_interrupt_fire(t->interrupt);
    return wasmrt_exception_new(t->w.store, t->tag, &W_I32(81), 1);
  }
  if (n == 7000) return wasm_func_call(func_of(&t->w, "make_many"), &VALS(I32(many_references())), results);
  return wasm_func_call(func_of(&t->w, "through"), args, results);
}

static void open_thrower(thrower_t* t, const mode_t_* mode) {
  own wasm_config_t* config = test_config();
  if (mode) {
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, mode->bounds));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, mode->signals));
  }
  *t = (thrower_t){.w.engine = wasm_engine_new_with_config(config)};
  t->w.store = wasm_store_new(t->w.engine);
  CHECK(t->w.store);
  if (mode && mode->metered) CHECK(wasmrt_store_set_fuel(t->w.store, UINT64_C(1) << 50));
  t->w.module = load(t->w.store, "exceptions");
  CHECK(t->w.module);
  if (mode && mode->serialized) {
    own wasm_byte_vec_t bytes;
    wasm_module_serialize(t->w.module, &bytes);
    wasm_module_delete(t->w.module);
    t->w.module = wasm_module_deserialize(t->w.store, &bytes);
    CHECK(t->w.module);
    wasm_byte_vec_delete(&bytes);
  }
  t->tag = new_tag(t->w.store, "i");
  t->other = new_tag(t->w.store, "i");
  own wasm_func_t* call = host_func(t->w.store, "i", "i", called, t, NULL);
  instantiate(&t->w, IMPORTS(t->tag, t->tag, wasm_func_as_extern(call)));
  wasm_func_delete(call);
}

static void close_thrower(thrower_t* t) {
  wasm_extern_delete(t->tag);
  wasm_extern_delete(t->other);
  wasm_extern_delete(t->wide);
  close_world(&t->w);
}

static int32_t run(thrower_t* t, const char* name, int32_t arg) { return call_i32(&t->w, name, VALS(I32(arg))); }

static void check_guest(thrower_t* t) {
  const int many = slow() ? 300 : 30000;
  CHECK(run(t, "same_tag", 5) == 5 && run(t, "same_tag_here", -6) == -6);
  CHECK(call_i32(&t->w, "order", NO_VALS) == 42 && run(t, "live", 10) == 55);
  CHECK(call(func_of(&t->w, "many_arguments"), VALS(I64(7))).of.i64 == 28 + 1000 + 21 + 21);
  CHECK(run(t, "catch_through", 0) == 11 && run(t, "catch_through", 10) == 11);
  CHECK(run(t, "catch_host", 1000) == 77);
  CHECK(run(t, "divide", 1) == 1 && run(t, "divide_called", -1) == -1);
  CHECK(says(trap_of(t, "divide", VALS(I32(0))), "divide by zero"));
  CHECK(says(trap_of(t, "divide_called", VALS(I32(0))), "divide by zero"));
  CHECK(says(trap_of(t, "catch_host", VALS(I32(3000))), "no exception"));
  CHECK(says(trap_of(t, "catch_host", VALS(I32(2000))), "uncaught exception (i32 78)"));
  CHECK(call_i32(&t->w, "tail_called", NO_VALS) == 1);
  CHECK(call(func_of(&t->w, "tail_call_grows"), VALS(I64(7))).of.i64 == 2 * 84);
  CHECK(says(trap_of(t, "tail_call_leaves_the_try", NO_VALS), "uncaught exception"));
  call(func_of(&t->w, "keep"), VALS(I32(3)));
  CHECK(says(trap_of(t, "throw_kept", NO_VALS), "(i32 3)") && says(trap_of(t, "throw_from_table", NO_VALS), "(i32 3)"));
  CHECK(says(trap_of(t, "throw_null", NO_VALS), "null reference"));
  CHECK(run(t, "endless", many) == 2 * many + 1 && run(t, "count", many) == many);
}

TEST(guest_code_catches_in_every_mode) {
  for (int i = 0; i < 16; ++i) {
    if (slow() && (i & 5) != 1) continue;
    const mode_t_ mode = {.bounds = i & 1 ? 2 : 0, .signals = !(i & 1) || !(i & 4), .metered = i >> 1 & 1, .serialized = i >> 3};
    const mode_t_ quiet = {.bounds = 2, .signals = 0, .metered = i >> 1 & 1, .serialized = i >> 3};
    thrower_t t;
    open_thrower(&t, slow() ? &quiet : &mode);
    check_guest(&t);
    close_thrower(&t);
  }
}

// Kilobytes of memory that the process holds.
static long resident(void) { return (long)(resident_now() / 1024); }

static void check_that_catching_stays_small(const mode_t_* mode) {
  thrower_t t;
  open_thrower(&t, mode);
  const int many = slow() ? 1000 : 1000000;
  run(&t, "endless", 1000);
  const long before = resident();
  CHECK(run(&t, "endless", many) == 2 * many + 1);
#ifndef __SANITIZE_ADDRESS__  // which keeps what has been freed
  CHECK(resident() - before < 32 << 10);
#else
  (void)before;
#endif
  close_thrower(&t);
}

TEST(loop_that_catches_a_million_references_stays_small) {
  check_that_catching_stays_small(NULL);
  check_that_catching_stays_small(&(mode_t_){.bounds = 2, .signals = 0, .metered = 1});
}

TEST(references_stay_while_a_loop_makes_others) {
  for (int i = 0; i < 2; ++i) {
    thrower_t t;
    open_thrower(&t, &(mode_t_){.bounds = 2, .signals = i, .metered = i});
    CHECK(run(&t, "references_live", many_references()) == 111);
    CHECK(run(&t, "payloads_live", many_references()) == 2 * 1020);
    close_thrower(&t);
  }
}

TEST(a_stack_declared_beyond_the_end_of_memory_does_not_matter) {
  thrower_t t;
  open_thrower(&t, NULL);
  wasmrt_store_set_stack(t.w.store, (void*)(uintptr_t)1, SIZE_MAX);
  CHECK(run(&t, "references_live", many_references()) == 111);
  close_thrower(&t);
}

static void check_that_host_exceptions_stay_small(thrower_t* t, int32_t arg, int many) {
  const int few = slow() ? 10 : 1000;
  call(func_of(&t->w, "catch_host_often"), VALS(I32(arg), I32(few)));
  const long before = resident();
  call(func_of(&t->w, "catch_host_often"), VALS(I32(arg), I32(slow() ? few : many)));
#ifndef __SANITIZE_ADDRESS__
  CHECK(resident() - before < 8 << 10);
#else
  (void)before;
#endif
}

TEST(loop_that_catches_many_exceptions_of_the_host_stays_small) {
  thrower_t t;
  open_thrower(&t, NULL);
  check_that_host_exceptions_stay_small(&t, 1000, 200000);
  close_thrower(&t);
}

TEST(loop_of_a_host_function_that_gets_many_exceptions_stays_small) {
  thrower_t t;
  open_thrower(&t, NULL);
  run(&t, "catch_host", 1000);
  const long before = resident();
  CHECK(run(&t, "catch_host", 9000) == 0);
#ifndef __SANITIZE_ADDRESS__
  CHECK(slow() || resident() - before < 8 << 10);
#else
  (void)before;
#endif
  close_thrower(&t);
}

TEST(loop_that_catches_large_exceptions_stays_small) {
  thrower_t t;
  open_thrower(&t, NULL);
  char params[WIDE + 1] = {0};
  memset(params, 'I', WIDE);
  t.wide = new_tag(t.w.store, params);
  check_that_host_exceptions_stay_small(&t, 4000, 10000);
  close_thrower(&t);
}

static int finalized;
static thrower_t* finalizing;

// Throws and catches in the store whose object dies.
static void throw_elsewhere(void* data) {
  (void)data;
  ++finalized;
  if (finalizing) CHECK(run(finalizing, "same_tag", -5) == -5);
}

TEST(finalizer_of_an_exception_does_not_disturb_another_one) {
  thrower_t t;
  open_thrower(&t, NULL);
  finalizing = &t;
  finalized = 0;
  wasm_val_t kept = call(func_of(&t.w, "give_reference"), NO_VALS);
  wasm_ref_set_host_info_with_finalizer(kept.of.ref, &t, throw_elsewhere);
  wasm_val_delete(&kept);
  CHECK(run(&t, "wrong_payloads", 2 * many_references()) == 0);
  finalizing = NULL;
  close_thrower(&t);
  CHECK(finalized == 1);
}

TEST(every_type_travels_with_an_exception) {
  thrower_t t;
  open_thrower(&t, NULL);
  own wasm_ref_t* ref = wasm_foreign_as_ref(wasm_foreign_new(t.w.store));
  wasmrt_val_t arg = {.kind = WASM_EXTERNREF, .of = {.ref = ref}};
  wasmrt_val_t results[2];
  CHECK(!wasmrt_func_call(func_of(&t.w, "catch_all_types"), &arg, 1, results, 2));
  CHECK(results[0].of.f64 == 4 && wasm_ref_same(results[1].of.ref, ref));
  wasmrt_val_delete(&results[1]);
  own wasm_trap_t* trap = wasmrt_func_call(func_of(&t.w, "throw_all"), &arg, 1, NULL, 0);
  CHECK(trap && wasmrt_trap_code(trap) == WASMRT_TRAP_EXCEPTION);
  own wasm_extern_t* tag = NULL;
  wasmrt_val_t payload[6];
  CHECK(wasmrt_trap_exception(trap, &tag, payload, 6) && wasm_extern_same(tag, export_of(&t.w, "all")));
  CHECK(payload[0].of.i32 == -1 && payload[1].of.i64 == 2 && payload[2].of.f32 == 0.5f && payload[3].of.f64 == 4.25);
  CHECK(payload[4].kind == WASMRT_V128 && payload[4].of.v128[4] == 2 && wasm_ref_same(payload[5].of.ref, ref));
  wasmrt_val_delete(&payload[5]);
  wasm_extern_delete(tag);
  wasm_trap_delete(trap);
  wasm_ref_delete(ref);
  close_thrower(&t);
}

TEST(uncaught_exception_shows_its_tag_values_and_where_it_was_thrown) {
  thrower_t t;
  open_thrower(&t, NULL);
  own wasm_trap_t* trap = trap_of(&t, "throw_own_deep", VALS(I32(7), I64(-8)));
  own wasm_message_t message;
  wasm_trap_message(trap, &message);
  CHECK(message_has(&message, "uncaught exception") && message_has(&message, "own") && message_has(&message, "(i32 7, i64 -8)"));
  wasm_byte_vec_delete(&message);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 2 && wasm_frame_func_index(frames.data[0]) == 1 && wasm_frame_func_index(frames.data[1]) == 2);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
  close_thrower(&t);
}

TEST(exception_that_passes_handlers_keeps_the_frames_from_the_throw) {
  thrower_t t;
  open_thrower(&t, NULL);
  // Each of the five activations has a handler for another tag, and the host hands the trap on.
  own wasm_trap_t* trap = trap_of(&t, "through", VALS(I32(5)));
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_EXCEPTION);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  CHECK(frames.size == 6);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
  close_thrower(&t);
}

TEST(exception_of_the_host_is_a_trap_until_guest_code_catches_it) {
  thrower_t t;
  open_thrower(&t, NULL);
  own wasm_trap_t* made = wasmrt_exception_new(t.w.store, t.tag, &W_I32(1), 1);
  CHECK(made && wasmrt_trap_code(made) == WASMRT_TRAP_EXCEPTION);
  own wasm_extern_t* tag = NULL;
  wasmrt_val_t value;
  CHECK(wasmrt_trap_exception(made, &tag, &value, 1) && wasm_extern_same(tag, t.tag) && value.of.i32 == 1);
  wasm_extern_delete(tag);
  wasm_trap_delete(made);
  own wasm_trap_t* plain = trap_saying(t.w.store, "plain");
  CHECK(!wasmrt_trap_exception(plain, &tag, &value, 1) && !tag);
  wasm_trap_delete(plain);
  CHECK(wasmrt_trap_exception(NULL, NULL, NULL, 0) == false && has_error());
  CHECK(!wasmrt_exception_new(t.w.store, t.tag, NULL, 0) && error_says("0 values for a tag with 1"));
  CHECK(!wasmrt_exception_new(t.w.store, t.tag, &W_I64(1), 1) && has_error());
  CHECK(!wasmrt_exception_new(t.w.store, export_of(&t.w, "count"), &W_I32(1), 1) && error_says("not a tag"));
  CHECK(!wasmrt_exception_new(NULL, t.tag, &W_I32(1), 1) && has_error());
  close_thrower(&t);
}

TEST(reference_to_an_exception_may_be_kept_by_the_host) {
  thrower_t t;
  open_thrower(&t, NULL);
  wasm_val_t kept = call(func_of(&t.w, "give_reference"), NO_VALS);
  CHECK(kept.kind == WASM_EXTERNREF && kept.of.ref);
  const int many = slow() ? 300 : 20000;
  CHECK(run(&t, "endless", many) == 2 * many + 1);
  CHECK(says(trap_of(&t, "throw_reference", VALS(kept)), "(i32 9)"));
  own wasm_ref_t* foreign = wasm_foreign_as_ref(wasm_foreign_new(t.w.store));
  CHECK(says(trap_of(&t, "throw_reference", VALS({.kind = WASM_EXTERNREF, .of = {.ref = foreign}})), "no exception"));
  wasm_ref_delete(foreign);
  wasm_val_delete(&kept);
  close_thrower(&t);
}

TEST(trap_outlives_the_store_and_its_exception_does_not) {
  thrower_t t;
  open_thrower(&t, NULL);
  own wasm_trap_t* trap = trap_of(&t, "throw_own", VALS(I32(7), I64(-8)));
  close_thrower(&t);
  CHECK(!wasmrt_trap_exception(trap, NULL, NULL, 0) && has_error());
  wasm_trap_delete(trap);
}

TEST(store_may_be_deleted_by_the_host_function_that_throws) {
  thrower_t t;
  open_thrower(&t, NULL);
  CHECK(run(&t, "catch_host", 5000) == 79);
  close_thrower(&t);
  open_thrower(&t, NULL);
  wasm_trap_delete(trap_of(&t, "catch_host", VALS(I32(5001))));
  close_thrower(&t);
}

TEST(exception_of_another_store_is_a_trap) {
  thrower_t t, other;
  open_thrower(&t, NULL);
  open_thrower(&other, NULL);
  t.foreign = wasmrt_exception_new(other.w.store, other.tag, &W_I32(80), 1);
  CHECK(says(trap_of(&t, "catch_host", VALS(I32(6000))), "uncaught exception (i32 80)"));
  CHECK(!wasmrt_exception_new(t.w.store, other.tag, &W_I32(1), 1) && error_says("another store"));
  own wasm_trap_t* trap = NULL;
  wasm_extern_t* imports[] = {other.tag, t.tag, export_of(&t.w, "count")};
  wasm_extern_vec_t all = {3, imports};
  CHECK(!wasm_instance_new(t.w.store, t.w.module, &all, &trap) && has_error());
  if (trap) wasm_trap_delete(trap);
  close_thrower(&t);
  close_thrower(&other);
}

typedef int32_t (*native_i32_t)(void* env, own wasm_trap_t** trap, int32_t n);

static int32_t throw_natively(void* env, own wasm_trap_t** trap, int32_t n) {
  thrower_t* t = env;
  *trap = wasmrt_exception_new(t->w.store, t->tag, &W_I32(n), 1);
  return -1;
}

TEST(native_functions_throw_and_are_left_by_exceptions) {
  thrower_t t;
  open_thrower(&t, NULL);
  own wasm_functype_t* type = wide_type("i", "i");
  own wasm_func_t* thrower = wasmrt_func_new_native(t.w.store, type, (wasmrt_native_t)throw_natively, &t, NULL);
  wasm_functype_delete(type);
  own wasm_trap_t* trap = NULL;
  wasm_extern_vec_t imports = IMPORTS(t.tag, t.tag, wasm_func_as_extern(thrower));
  own wasm_instance_t* instance = wasm_instance_new(t.w.store, t.w.module, &imports, &trap);
  CHECK(instance && !trap);
  wasm_func_delete(thrower);
  wasm_extern_vec_delete(&t.w.exports);
  wasm_instance_delete(t.w.instance);
  t.w.instance = instance;
  wasm_instance_exports(instance, &t.w.exports);
  void* context = NULL;
  native_i32_t catch_host = (native_i32_t)wasmrt_func_native(func_of(&t.w, "catch_host"), &context);
  CHECK(catch_host && catch_host(context, &trap, 12) == 12 && !trap);
  native_i32_t through = (native_i32_t)wasmrt_func_native(func_of(&t.w, "through"), &context);
  CHECK(through && through(context, &trap, 12) == 11 && !trap);
  CHECK(through(context, &trap, 0) == 0 && trap && says(trap, "(i32 5, i64 6)"));
  CHECK(through(context, NULL, 0) == 0);
  close_thrower(&t);
}

TEST(exceptions_leave_the_floating_point_modes_alone) {
  for (int i = 0; i < 2; ++i) {
    thrower_t t;
    const mode_t_ mode = {.bounds = 2, .signals = i};
    open_thrower(&t, &mode);
    _MM_SET_ROUNDING_MODE(_MM_ROUND_UP);
    const double third = call(func_of(&t.w, "third_after_catch"), VALS(F64(1))).of.f64;
    CHECK(_MM_GET_ROUNDING_MODE() == _MM_ROUND_UP);
    wasm_trap_delete(trap_of(&t, "throw_host", VALS(I32(1))));
    CHECK(_MM_GET_ROUNDING_MODE() == _MM_ROUND_UP);
    wasm_trap_delete(trap_of(&t, "catch_host", VALS(I32(2000))));
    CHECK(_MM_GET_ROUNDING_MODE() == _MM_ROUND_UP);
    _MM_SET_ROUNDING_MODE(_MM_ROUND_NEAREST);
    CHECK(third == 1.0 / 3);
    close_thrower(&t);
  }
}

static uint64_t fuel_of(thrower_t* t, const char* name, int32_t n) {
  uint64_t before, after;
  CHECK(wasmrt_store_fuel(t->w.store, &before));
  run(t, name, n);
  CHECK(wasmrt_store_fuel(t->w.store, &after));
  return before - after;
}

TEST(every_round_that_catches_takes_the_same_fuel) {
  thrower_t t;
  const mode_t_ mode = {.metered = 1};
  open_thrower(&t, &mode);
  const char* names[] = {"count", "live", "wrong_payloads"};
  for (int i = 0; i < 3; ++i) {
    const uint64_t first = fuel_of(&t, names[i], 1), ten = fuel_of(&t, names[i], 10), more = fuel_of(&t, names[i], 19);
    CHECK(ten > first && more - ten == ten - first);
  }
  CHECK(wasmrt_store_set_fuel(t.w.store, 1000));
  own wasm_trap_t* trap = trap_of(&t, "count", VALS(I32(100000)));
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_OUT_OF_FUEL);
  wasm_trap_delete(trap);
  close_thrower(&t);
}

TEST(code_that_catches_everything_is_stopped) {
  for (int signals = 0; signals < 2; ++signals) {
    if (slow() && signals) continue;
    thrower_t t;
    open_thrower(&t, &(mode_t_){.bounds = 2, .signals = signals, .metered = 1});
    t.interrupt = wasmrt_interrupt_new(t.w.store);
    CHECK(t.interrupt && run(&t, "catch_host", 1000) == 77);
    own wasm_trap_t* trap = trap_of(&t, "catch_host_often", VALS(I32(8000), I32(1000000000)));
    CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_INTERRUPTED);
    wasm_trap_delete(trap);
    wasmrt_interrupt_delete(t.interrupt);
    t.interrupt = NULL;
    CHECK(run(&t, "catch_host", 1000) == 77);
    CHECK(wasmrt_store_set_deadline(t.w.store, 10000000));
    trap = trap_of(&t, "catch_host_often", VALS(I32(8000), I32(1000000000)));
    CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_DEADLINE);
    wasm_trap_delete(trap);
    close_thrower(&t);
  }
}
