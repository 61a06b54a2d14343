// Many live instances: as many as there is memory for, not as many as the process's limit of mappings allows,
// some of which are left to the host.

#define _GNU_SOURCE
#include <sys/mman.h>

#include "host.h"
#include "process.h"

enum { ALIVE = 100000, GROWN = 23000, LEFT = 1000 };

static void* do_nothing(void* unused) { return unused; }

// What the host does meanwhile: it starts a thread, and maps memory in pieces that the system cannot join.
static void host_has_room(void) {
  static void* pieces[LEFT];
  run_on_thread(0, do_nothing, NULL);
  for (int i = 0; i < LEFT; ++i) {
    pieces[i] = mmap(NULL, 4096, i % 2 ? PROT_NONE : PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pieces[i] != MAP_FAILED);
  }
  for (int i = 0; i < LEFT; ++i) CHECK(!munmap(pieces[i], 4096));
}

static void poke_and_peek(const world_t* w, wasm_instance_t* instance, int32_t value) {
  world_t one = {.module = w->module};
  wasm_instance_exports(instance, &one.exports);
  CHECK(call_i32(&one, "peek", VALS(I32(17 * 65536 - 1))) == 0);
  call(func_of(&one, "poke"), VALS(I32(17 * 65536 - 1), I32(value)));
  CHECK(call_i32(&one, "peek", VALS(I32(17 * 65536 - 1))) == value);
  CHECK(says(call_trap(func_of(&one, "peek"), VALS(I32(17 * 65536))), "out of bounds"));
  wasm_extern_vec_delete(&one.exports);
}

static own wasm_instance_t** make_instances(const world_t* w, int count) {
  own wasm_instance_t** instances = calloc((size_t)count, sizeof *instances);
  CHECK(instances);
  for (int i = 0; i < count; ++i) {
    instances[i] = wasm_instance_new(w->store, w->module, &NO_IMPORTS, NULL);
    if (!instances[i]) fprintf(stderr, "%d instances\n", i);
    CHECK(instances[i]);
  }
  return instances;
}

static void delete_instances(own wasm_instance_t** instances, int count) {
  for (int i = 0; i < count; ++i) wasm_instance_delete(instances[i]);
  free(instances);
}

TEST(a_hundred_thousand_instances_are_alive_at_once) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs most of the address space");
#endif
  if (slow()) SKIP("valgrind does not have that many mappings");
  if (asked("bounds=", 0) == WASMRT_BOUNDS_GUARD) SKIP("so many guards do not fit into an address space");
  world_t w;
  open_store(&w, "density");
  own wasm_instance_t** instances = make_instances(&w, ALIVE);
  for (int i = 0; i < ALIVE; i += 9999) poke_and_peek(&w, instances[i], i % 100 + 1);
  host_has_room();
  delete_instances(instances, ALIVE);
  close_world(&w);
}

TEST(memories_that_grow_leave_the_host_its_mappings) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs most of the address space");
#endif
  if (slow()) SKIP("valgrind does not have that many mappings");
  if (asked("bounds=", 0) == WASMRT_BOUNDS_GUARD) SKIP("every memory has its mappings then");
  world_t w;
  open_store(&w, "images");
  own wasm_instance_t** instances = make_instances(&w, GROWN);
  for (int i = 0; i < GROWN; ++i) {
    world_t one = {.module = w.module};
    wasm_instance_exports(instances[i], &one.exports);
    int32_t former = call_i32(&one, "grow", VALS(I32(1)));
    if (former != 6) fprintf(stderr, "%d memories have grown\n", i);
    CHECK(former == 6);
    wasm_extern_vec_delete(&one.exports);
  }
  host_has_room();
  delete_instances(instances, GROWN);
  close_world(&w);
}

// Where no memory may do without guard pages, the number of instances ends somewhere, and the message says where.
TEST(memories_that_must_have_guard_pages_end_with_a_message_that_names_the_limit) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer needs most of the address space");
#endif
  if (slow()) SKIP("valgrind does not have that many mappings");
  if (!asked("signals=", 1)) SKIP("guard pages need signals");
  own wasm_config_t* config = test_config();
  CHECK(wasmrt_config_set(config, WASMRT_OPTION_BOUNDS, WASMRT_BOUNDS_GUARD));
  world_t w = {.engine = wasm_engine_new_with_config(config)};
  w.store = wasm_store_new(w.engine);
  w.module = load(w.store, "density");
  static wasm_instance_t* instances[ALIVE];
  own wasm_trap_t* trap = NULL;
  instances[0] = wasm_instance_new(w.store, w.module, &NO_IMPORTS, &trap);
  CHECK(instances[0]);
  poke_and_peek(&w, instances[0], 3);  // its code is there before mappings are scarce
  int count = 1;
  while (count < ALIVE && (instances[count] = wasm_instance_new(w.store, w.module, &NO_IMPORTS, &trap))) ++count;
  CHECK(count > 1000 && count < ALIVE);
  CHECK(says(trap, "WASMRT_OPTION_BOUNDS") && error_says("vm.max_map_count"));
  poke_and_peek(&w, instances[count - 1], 5);
  for (int i = 0; i < count; ++i) wasm_instance_delete(instances[i]);
  instances[0] = wasm_instance_new(w.store, w.module, &NO_IMPORTS, NULL);
  CHECK(instances[0]);
  poke_and_peek(&w, instances[0], 7);
  wasm_instance_delete(instances[0]);
  close_world(&w);
}
