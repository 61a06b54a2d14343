// Shared memories: one memory that several stores have, each on a thread of its own.

#define _GNU_SOURCE
#include "shared.h"

TEST(memory_of_a_shared_type_is_shared_and_others_are_not) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = new_shared_memory(w.store, 0, 3, 0);
  CHECK(memory && wasm_memory_data(memory) && wasm_memory_data_size(memory) == 0);
  own wasm_memorytype_t* type = wasm_memory_type(memory);
  wasmrt_limits_t limits;
  wasmrt_memorytype_limits(type, &limits);
  CHECK(limits.min == 0 && limits.max == 3 && limits.flags == SHARED_LIMITS);
  wasm_memorytype_delete(type);
  own wasmrt_shared_memory_t* shared = wasmrt_memory_share(memory);
  CHECK(shared);
  wasmrt_shared_memory_delete(shared);
  wasm_memory_delete(memory);
  memory = new_memory(w.store, 0, 3);
  CHECK(!wasmrt_memory_share(memory) && error_says("not shared"));
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(sharing_nothing_gives_nothing) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = new_shared_memory(w.store, 1, 1, 0);
  own wasmrt_shared_memory_t* shared = wasmrt_memory_share(memory);
  CHECK(!wasmrt_memory_share(NULL) && has_error());
  CHECK(!wasmrt_memory_obtain(NULL, shared) && has_error());
  CHECK(!wasmrt_memory_obtain(w.store, NULL) && has_error());
  wasmrt_shared_memory_delete(NULL);
  own wasm_engine_t* engine = test_engine();
  own wasm_store_t* store = wasm_store_new(engine);
  CHECK(!wasmrt_memory_obtain(store, shared) && error_says("another engine"));
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  wasm_store_delete(w.store);
  w.store = NULL;
  CHECK(!wasmrt_memory_share(memory) && error_says("store has been deleted"));
  wasm_memory_delete(memory);
  wasmrt_shared_memory_delete(shared);
  close_world(&w);
}

TEST(obtained_memory_is_another_object_with_the_same_bytes) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = new_shared_memory(w.store, 1, 4, 0);
  own wasmrt_shared_memory_t* shared = wasmrt_memory_share(memory);
  own wasm_memory_t* other = wasmrt_memory_obtain(w.store, shared);
  CHECK(other && !wasm_memory_same(other, memory));
  CHECK(wasm_memory_data(other) == wasm_memory_data(memory));
  byte_t* data = (byte_t*)wasm_memory_data(memory);
  CHECK(wasm_memory_grow(other, 2) && wasm_memory_size(memory) == 3 && wasm_memory_size(other) == 3);
  CHECK((byte_t*)wasm_memory_data(memory) == data);
  data[3 * MEMORY_PAGE_SIZE - 1] = 9;
  CHECK(!wasm_memory_grow(memory, 2) && has_error());
  wasm_memory_delete(memory);
  wasm_memory_delete(other);
  close_world(&w);
  wasmrt_shared_memory_delete(shared);
}

TEST(shared_memory_outlives_the_store_it_was_made_in) {
  common_t c = open_common("shared_memory");
  member_t first = join(&c, false);
  call(func_of(&first.w, "store"), VALS(I32(16), I32(5)));
  leave(&first);
  member_t second = join(&c, false);
  close_common(&c);
  CHECK(call_i32(&second.w, "load", VALS(I32(16))) == 5);
  leave(&second);
}

TEST(store_may_go_while_others_use_the_memory) {
  common_t c = open_common("shared_memory");
  member_t first = join(&c, false), second = join(&c, false);
  close_common(&c);
  wasm_store_delete(first.w.store);
  first.w.store = NULL;
  CHECK(call_i32(&second.w, "grow", VALS(I32(3))) == 1);
  call(func_of(&second.w, "store"), VALS(I32(4 * 65536 - 4), I32(5)));
  CHECK(!wasm_memory_data(first.memory) && has_error());
  leave(&first);
  CHECK(call_i32(&second.w, "load", VALS(I32(4 * 65536 - 4))) == 5);
  leave(&second);
}

TEST(shared_and_unshared_memories_do_not_stand_for_each_other) {
  world_t w;
  open_store(&w, "shared_memory");
  own wasm_memory_t* memory = new_memory(w.store, 1, 100);
  own wasm_trap_t* trap = NULL;
  wasm_extern_vec_t imports = IMPORTS(wasm_memory_as_extern(memory));
  CHECK(!wasm_instance_new(w.store, w.module, &imports, &trap));
  CHECK(says(trap, "expected (memory 1 100 shared), found (memory 1 100)"));
  wasm_memory_delete(memory);
  memory = new_shared_memory(w.store, 1, 101, 0);
  imports = IMPORTS(wasm_memory_as_extern(memory));
  trap = NULL;
  CHECK(!wasm_instance_new(w.store, w.module, &imports, &trap));
  CHECK(says(trap, "found (memory 1 101 shared)"));
  wasm_memory_delete(memory);
  forget_error();
  close_world(&w);
}

TEST(sixty_four_bit_memory_of_a_module_is_shared) {
  for (int i = 0; i < 3; ++i) {  // the second and third instances take their data from an image
    world_t w = open_world("shared_memory_wide");
    own wasmrt_shared_memory_t* shared = wasmrt_memory_share(wasm_extern_as_memory(export_of(&w, "memory")));
    own wasm_memory_t* memory = wasmrt_memory_obtain(w.store, shared);
    CHECK(memory && call_i32(&w, "load", VALS(I64(8))) == 42);
    byte_t* data = (byte_t*)wasm_memory_data(memory);
    CHECK(call(func_of(&w, "grow"), VALS(I64(2))).of.i64 == 1 && wasmrt_memory_size(memory) == 3);
    CHECK(call(func_of(&w, "grow"), VALS(I64(1))).of.i64 == -1);
    CHECK(call(func_of(&w, "size"), NO_VALS).of.i64 == 3 && (byte_t*)wasm_memory_data(memory) == data);
    CHECK(says(call_trap(func_of(&w, "load"), VALS(I64(3 * 65536))), "out of bounds memory access"));
    CHECK(says(call_trap(func_of(&w, "load"), VALS(I64(2))), "unaligned atomic"));
    CHECK(call_i32(&w, "wait", VALS(I64(8), I32(42), I64(1000))) == 2);
    CHECK(call_i32(&w, "notify", VALS(I64(8), I32(-1))) == 0);
    wasm_memory_delete(memory);
    wasmrt_shared_memory_delete(shared);
    close_world(&w);
  }
}

TEST(maximum_without_address_space_is_refused_in_words) {
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_MAX_MEMORY_PAGES, UINT64_C(1) << 40));
  own wasm_engine_t* engine = wasm_engine_new_with_config(config);
  own wasm_store_t* store = wasm_store_new(engine);
  CHECK(!new_shared_memory(store, 1, UINT64_C(1) << 40, WASMRT_LIMITS_INDEX64));
  CHECK(error_says("no address space for 1099511627776 pages"));
  own wasm_memory_t* memory = new_shared_memory(store, 1, 1 << 10, WASMRT_LIMITS_INDEX64);
  CHECK(memory && wasmrt_memory_grow(memory, (1 << 10) - 1) && !wasmrt_memory_grow(memory, 1));
  wasm_memory_delete(memory);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  forget_error();
}

TEST(bytes_count_in_the_store_that_made_them) {
  common_t c = open_common("shared_memory");
  own wasm_store_t* store = wasm_store_new(c.engine);
  wasmrt_store_limits_t limits = {.struct_size = sizeof limits, .memories = 1, .tables = 9, .instances = 9,
                                  .bytes = 2 * MEMORY_PAGE_SIZE, .elements = 9};
  wasmrt_store_set_limits(store, &limits);
  own wasm_memory_t* memory = wasmrt_memory_obtain(store, c.memory);
  CHECK(memory && !wasmrt_memory_obtain(store, c.memory) && error_says("limit of 1 memories"));
  member_t other = join(&c, false);
  CHECK(call_i32(&other.w, "grow", VALS(I32(10))) == 1);
  CHECK(wasm_memory_grow(memory, 2) && !wasm_memory_grow(memory, 1) && error_says("bytes in memories"));
  CHECK(call_i32(&other.w, "grow", VALS(I32(1))) == 13);
  leave(&other);
  wasm_memory_delete(memory);
  wasm_store_delete(store);
  close_common(&c);
}

// As another thread might, but always at the same moment: while the limiter is asked about another growth.
static bool grow_meanwhile(void* env, const wasmrt_growth_t* growth) {
  wasm_memory_t** other = env;
  wasm_memory_t* memory = *other;
  *other = NULL;
  (void)growth;
  return !memory || wasm_memory_grow(memory, 1);
}

TEST(pages_that_another_store_adds_meanwhile_are_not_lost) {
  common_t c = open_common("shared_memory");
  member_t m = join(&c, false), other = join(&c, false);
  wasm_memory_t* grows = other.memory;
  wasmrt_store_set_limiter(m.w.store, grow_meanwhile, &grows, NULL);
  CHECK(call_i32(&m.w, "grow", VALS(I32(1))) == 2);
  CHECK(wasm_memory_size(m.memory) == 3 && call_i32(&other.w, "size", NO_VALS) == 3);
  leave(&other);
  leave(&m);
  close_common(&c);
}

// --- Threads ---

enum { THREADS = 4 };

static int times(void) { return slow() ? 200 : 20000; }

static void count_to(const common_t* c, int number) {
  member_t m = join(c, number % 2);
  call(func_of(&m.w, "count"), VALS(I32(256), I32(times())));
  leave(&m);
}

TEST(threads_count_together) {
  common_t c = open_common("shared_memory");
  run_together(&c, THREADS, count_to);
  member_t m = join(&c, false);
  CHECK(call_i32(&m.w, "load", VALS(I32(256))) == THREADS * times());
  leave(&m);
  close_common(&c);
}

static void count_locked(const common_t* c, int number) {
  member_t m = join(c, number % 2);
  call(func_of(&m.w, "count_locked"), VALS(I32(times() / 4)));
  leave(&m);
}

TEST(lock_of_the_guests_own_excludes_threads_from_each_other) {
  common_t c = open_common("shared_memory");
  run_together(&c, THREADS, count_locked);
  member_t m = join(&c, false);
  CHECK(call_i32(&m.w, "load", VALS(I32(64))) == THREADS * (times() / 4));
  leave(&m);
  close_common(&c);
}

static void grow_one_by_one(const common_t* c, int number) {
  member_t m = join(c, number % 2);
  int32_t last = 0;
  for (;;) {
    int32_t former = call_i32(&m.w, "grow", VALS(I32(1)));
    if (former < 0) break;
    CHECK(former > last);
    last = former;
    CHECK(call_i32(&m.w, "size", NO_VALS) > former);
    call(func_of(&m.w, "count"), VALS(I32(former * 65536), I32(1)));
  }
  leave(&m);
}

TEST(threads_grow_at_once_and_each_page_is_had_by_one) {
  common_t c = open_common("shared_memory");
  run_together(&c, THREADS, grow_one_by_one);
  member_t m = join(&c, false);
  CHECK(call_i32(&m.w, "size", NO_VALS) == 100);
  for (int page = 1; page < 100; ++page) CHECK(call_i32(&m.w, "load", VALS(I32(page * 65536))) == 1);
  leave(&m);
  close_common(&c);
}

static void reach_or_grow(const common_t* c, int number) {
  member_t m = join(c, number % 2);
  if (number) {
    call(func_of(&m.w, "reach"), VALS(I32(60)));
  } else {
    for (int i = 1; i < 60; ++i) CHECK(wasm_memory_grow(m.memory, 1));
  }
  leave(&m);
}

TEST(growth_is_seen_by_code_that_runs_on_other_threads) {
  common_t c = open_common("shared_memory");
  run_together(&c, THREADS, reach_or_grow);
  member_t m = join(&c, false);
  CHECK(call_i32(&m.w, "peek", VALS(I32(60 * 65536 - 4))) == 7);
  leave(&m);
  close_common(&c);
}
