// Exceptions in their legacy encoding: memory, frames, fuel, and the host between guest functions. What guest code
// computes is tested by scripts (tests/spec/scripts) and by random programs (tests/exceptions).

#include "process.h"
#include "wide.h"

typedef struct {
  world_t w;
  own wasm_extern_t* tag;
} guest_t;

// By the argument: throws, traps, or calls the guest again.
static own wasm_trap_t* called(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  guest_t* g = env;
  const int32_t n = args->data[0].of.i32;
  if (n == 1000) return wasmrt_exception_new(g->w.store, g->tag, &(wasmrt_val_t){.kind = WASM_I32, .of = {.i32 = 77}}, 1);
  if (n == 3000) return trap_saying(g->w.store, "no exception");
  return wasm_func_call(func_of(&g->w, "through"), args, results);
}

static void open_guest(guest_t* g, bool quiet, bool metered) {
  own wasm_config_t* config = test_config();
  if (quiet) {
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, 2));
    CHECK(wasmrt_config_set(config, WASMRT_OPTION_SIGNALS, 0));
  }
  *g = (guest_t){.w.engine = wasm_engine_new_with_config(config)};
  g->w.store = wasm_store_new(g->w.engine);
  CHECK(g->w.store);
  if (metered) CHECK(wasmrt_store_set_fuel(g->w.store, UINT64_C(1) << 50));
  g->w.module = load(g->w.store, "legacy_exceptions");
  CHECK(g->w.module);
  own wasm_tagtype_t* type = wasm_tagtype_new(wide_type("i", ""));
  g->tag = wasmrt_tag_new(g->w.store, type);
  wasm_tagtype_delete(type);
  own wasm_func_t* call = host_func(g->w.store, "i", "", called, g, NULL);
  instantiate(&g->w, IMPORTS(g->tag, wasm_func_as_extern(call)));
  wasm_func_delete(call);
}

static void close_guest(guest_t* g) {
  wasm_extern_delete(g->tag);
  close_world(&g->w);
}

static int32_t run(guest_t* g, const char* name, int32_t arg) { return call_i32(&g->w, name, VALS(I32(arg))); }

static own wasm_trap_t* trap_of(guest_t* g, const char* name, int32_t arg) {
  own wasm_trap_t* trap = call_trap(func_of(&g->w, name), VALS(I32(arg)));
  CHECK(trap);
  return trap;
}

// Kilobytes of memory that the process holds.
static long resident(void) { return (long)(resident_now() / 1024); }

TEST(loop_that_catches_and_throws_again_a_million_times_stays_small) {
  for (int i = 0; i < 2; ++i) {
    guest_t g;
    open_guest(&g, i, i);
    const int many = slow() ? 500 : 1000000;
    run(&g, "count_again", 1000);
    const long before = resident();
    CHECK(run(&g, "count", many) == many && run(&g, "count_again", many) == 3 * many);
    CHECK(run(&g, "count_here", many) == 2 * many);
#ifndef __SANITIZE_ADDRESS__  // which keeps what has been freed
    CHECK(resident() - before < 32 << 10);
#else
    (void)before;
#endif
    close_guest(&g);
  }
}

TEST(references_stay_while_a_clause_makes_others) {
  // Under valgrind without a collection: it would report the words of the stack that this looks at.
  const int many = slow() ? 50 : 10000;
  for (int i = 0; i < 2; ++i) {
    guest_t g;
    open_guest(&g, i, i);
    own wasm_ref_t* ref = wasm_foreign_as_ref(wasm_foreign_new(g.w.store));
    wasmrt_val_t args[] = {{.kind = WASM_EXTERNREF, .of = {.ref = ref}}, {.kind = WASM_I32, .of = {.i32 = many}}};
    wasmrt_val_t results[2];
    CHECK(!wasmrt_func_call(func_of(&g.w, "references_live"), args, 2, results, 2));
    CHECK(wasm_ref_same(results[0].of.ref, ref) && results[1].of.i32 == 77);
    wasmrt_val_delete(&results[0]);
    wasm_ref_delete(ref);
    CHECK(run(&g, "objects_live", many) == 11);
    close_guest(&g);
  }
}

static void check_frames(guest_t* g, const char* name, const char* functions) {
  own wasm_trap_t* trap = trap_of(g, name, 9);
  CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_EXCEPTION);
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  char found[256] = "";
  for (size_t i = 0; i < frames.size; ++i) {
    own wasm_name_t function;
    wasmrt_frame_func_name(frames.data[i], &function);
    snprintf(found + strlen(found), sizeof found - strlen(found), "%s%.*s", i ? " " : "", (int)strlen(function.data),
             function.data);
    wasm_name_delete(&function);
  }
  if (strcmp(found, functions)) fprintf(stderr, "%s: %s\n", name, found);
  CHECK(strcmp(found, functions) == 0);
  wasm_frame_vec_delete(&frames);
  CHECK(says(trap, "uncaught exception (i32 9)"));
}

TEST(frames_begin_at_the_throw_or_where_it_was_thrown_again) {
  guest_t g;
  open_guest(&g, false, false);
  check_frames(&g, "throw_host", "throw_host");
  check_frames(&g, "again", "again");
  check_frames(&g, "again_by_tag", "again_by_tag");
  check_frames(&g, "delegates", "throw_host other delegates");
  check_frames(&g, "delegates_deep", "throw_host other delegates delegates_deep");
  close_guest(&g);
}

TEST(exceptions_of_the_host_are_caught_and_thrown_again) {
  for (int i = 0; i < 2; ++i) {
    guest_t g;
    open_guest(&g, i, i);
    CHECK(run(&g, "catch_host", 1000) == 77);
    CHECK(says(trap_of(&g, "host_again", 1000), "uncaught exception (i32 77)"));
    CHECK(says(trap_of(&g, "host_again_by_tag", 1000), "uncaught exception (i32 77)"));
    CHECK(says(trap_of(&g, "catch_host", 3000), "no exception") && says(trap_of(&g, "host_again", 3000), "no exception"));
    CHECK(run(&g, "catch_through", 0) == 11 && run(&g, "catch_through", 10) == 1011);
    close_guest(&g);
  }
}

static uint64_t fuel_of(guest_t* g, const char* name, int32_t n) {
  uint64_t before, after;
  CHECK(wasmrt_store_fuel(g->w.store, &before));
  call(func_of(&g->w, name), VALS(I32(n)));
  CHECK(wasmrt_store_fuel(g->w.store, &after));
  return before - after;
}

TEST(every_round_that_catches_takes_the_same_fuel) {
  for (int i = 0; i < 2; ++i) {
    guest_t g;
    open_guest(&g, i, true);
    const char* names[] = {"count", "count_again", "count_here", "seven"};
    for (int j = 0; j < 4; ++j) {
      const uint64_t first = fuel_of(&g, names[j], 1), ten = fuel_of(&g, names[j], 10), more = fuel_of(&g, names[j], 19);
      CHECK(ten > first && more - ten == ten - first);
    }
    CHECK(fuel_of(&g, "seven", 20) - fuel_of(&g, "seven", 10) == 10 * (7 + 3));
    CHECK(wasmrt_store_set_fuel(g.w.store, 1000));
    own wasm_trap_t* trap = trap_of(&g, "count_here", 100000);
    CHECK(wasmrt_trap_code(trap) == WASMRT_TRAP_OUT_OF_FUEL);
    wasm_trap_delete(trap);
    close_guest(&g);
  }
}
