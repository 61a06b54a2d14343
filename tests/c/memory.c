// Memories: the same bytes for host and wasm, growth, the end.

#include "host.h"

static wasm_memory_t* memory_of(const world_t* w) {
  wasm_memory_t* memory = wasm_extern_as_memory(export_of(w, "memory"));
  CHECK(memory);
  return memory;
}

TEST(host_and_wasm_see_the_same_bytes) {
  world_t w = open_world("state");
  wasm_memory_t* memory = memory_of(&w);
  wasm_memory_data(memory)[1234] = 77;
  CHECK(call_i32(&w, "peek", VALS(I32(1234))) == 77);
  call(func_of(&w, "poke"), VALS(I32(65535), I32(200)));
  CHECK((unsigned char)wasm_memory_data(memory)[65535] == 200);
  CHECK(wasm_memory_data_size(memory) == 65536 && wasm_memory_size(memory) == 1);
  close_world(&w);
}

TEST(access_past_the_end_is_a_trap) {
  world_t w = open_world("state");
  CHECK(says(call_trap(func_of(&w, "peek"), VALS(I32(65536))), "out of bounds memory access"));
  CHECK(says(call_trap(func_of(&w, "peek"), VALS(I32(-1))), "out of bounds memory access"));
  CHECK(call_i32(&w, "peek", VALS(I32(65535))) == 0);
  close_world(&w);
}

TEST(memory_grows_to_its_maximum_from_both_sides) {
  world_t w = open_world("state");
  wasm_memory_t* memory = memory_of(&w);
  wasm_memory_data(memory)[0] = 1;
  CHECK(wasm_memory_grow(memory, 0));
  CHECK(wasm_memory_grow(memory, 1));
  CHECK(call_i32(&w, "pages", NO_VALS) == 2);
  CHECK(call_i32(&w, "grow", VALS(I32(2))) == 2);
  CHECK(wasm_memory_size(memory) == 4 && wasm_memory_data_size(memory) == 4 * MEMORY_PAGE_SIZE);
  CHECK(wasm_memory_data(memory)[0] == 1 && wasm_memory_data(memory)[4 * MEMORY_PAGE_SIZE - 1] == 0);
  CHECK(call_i32(&w, "peek", VALS(I32(4 * 65536 - 1))) == 0);
  CHECK(!wasm_memory_grow(memory, 2));
  CHECK(!wasm_memory_grow(memory, 0xffffffff));
  CHECK(call_i32(&w, "grow", VALS(I32(2))) == -1);
  CHECK(call_i32(&w, "grow", VALS(I32(-1))) == -1);
  CHECK(wasm_memory_grow(memory, 1) && wasm_memory_size(memory) == 5);
  close_world(&w);
}

TEST(type_of_a_grown_memory_says_its_present_size) {
  world_t w = open_world("state");
  CHECK(wasm_memory_grow(memory_of(&w), 2));
  own wasm_memorytype_t* type = wasm_memory_type(memory_of(&w));
  CHECK(wasm_memorytype_limits(type)->min == 3 && wasm_memorytype_limits(type)->max == 5);
  wasm_memorytype_delete(type);
  close_world(&w);
}

TEST(host_made_memory_grows_and_ends) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = new_memory(w.store, 5, 6);
  CHECK(memory && wasm_memory_size(memory) == 5);
  memset(wasm_memory_data(memory), 0x11, wasm_memory_data_size(memory));
  CHECK(wasm_memory_grow(memory, 1) && !wasm_memory_grow(memory, 1));
  CHECK(wasm_memory_data(memory)[5 * MEMORY_PAGE_SIZE - 1] == 0x11);
  CHECK(wasm_memory_data(memory)[5 * MEMORY_PAGE_SIZE] == 0);
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(memory_without_pages_has_an_address_and_no_bytes) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = new_memory(w.store, 0, 1);
  CHECK(memory && wasm_memory_data(memory) && wasm_memory_data_size(memory) == 0 && wasm_memory_size(memory) == 0);
  CHECK(wasm_memory_grow(memory, 1));
  wasm_memory_data(memory)[65535] = 1;
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(memory_beyond_the_address_space_of_wasm_is_refused) {
  world_t w;
  open_store(&w, NULL);
  own wasm_memorytype_t* type = wasm_memorytype_new(&(wasm_limits_t){65537, NO_MAX});
  if (type) CHECK(!wasm_memory_new(w.store, type));
  CHECK(has_error());
  wasm_memorytype_delete(type);
  CHECK(!new_memory(w.store, 1, 65537) && error_says("beyond 65536 pages"));
  CHECK(!new_memory(w.store, 0, NO_MAX - 1) && error_says("beyond 65536 pages"));
  own wasm_memory_t* memory = new_memory(w.store, 1, NO_MAX);
  CHECK(memory && !wasm_memory_grow(memory, 65536));
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(whole_four_gigabytes_can_be_had_and_touched_at_both_ends) {
  if (slow()) SKIP("the bookkeeping of valgrind would take minutes");
  world_t w;
  open_store(&w, NULL);
  own wasm_memory_t* memory = new_memory(w.store, 65535, 65536);
  if (!memory) {
    CHECK(has_error());
    close_world(&w);
    SKIP("the machine does not give four gigabytes of address space");
  }
  CHECK(wasm_memory_grow(memory, 1) && wasm_memory_size(memory) == 65536);
  CHECK(wasm_memory_data_size(memory) == (size_t)1 << 32);
  wasm_memory_data(memory)[0] = 1;
  wasm_memory_data(memory)[((size_t)1 << 32) - 1] = 2;
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(memory_is_shared_by_the_instances_that_import_it) {
  world_t a, b;
  open_store(&a, "imports_memory");
  own wasm_memory_t* memory = new_memory(a.store, 1, 4);
  b = a;
  instantiate(&a, IMPORTS(wasm_memory_as_extern(memory)));
  instantiate(&b, IMPORTS(wasm_memory_as_extern(memory)));
  call(func_of(&a, "poke"), VALS(I32(5), I32(50)));
  CHECK(call_i32(&b, "peek", VALS(I32(5))) == 50);
  CHECK(call_i32(&a, "grow", VALS(I32(1))) == 1);
  call(func_of(&b, "poke"), VALS(I32(70000), I32(60)));
  CHECK(call_i32(&a, "peek", VALS(I32(70000))) == 60 && wasm_memory_data(memory)[70000] == 60);
  wasm_memory_delete(memory);
  CHECK(call_i32(&a, "peek", VALS(I32(70000))) == 60);
  wasm_extern_vec_delete(&b.exports);
  wasm_instance_delete(b.instance);
  close_world(&a);
}

TEST(memory_outlives_its_instance) {
  world_t w = open_world("state");
  own wasm_memory_t* memory = wasm_memory_copy(memory_of(&w));
  call(func_of(&w, "poke"), VALS(I32(9), I32(99)));
  wasm_extern_vec_delete(&w.exports);
  wasm_instance_delete(w.instance);
  w.instance = NULL;
  CHECK(wasm_memory_data(memory)[9] == 99);
  CHECK(wasm_memory_grow(memory, 1));
  wasm_memory_delete(memory);
  close_world(&w);
}

TEST(hundreds_of_memories_come_and_go) {
  world_t w;
  open_store(&w, NULL);
  for (int i = 0; i < (slow() ? 20 : 500); ++i) {
    own wasm_memory_t* memory = new_memory(w.store, 1, 2);
    CHECK(memory && wasm_memory_data(memory)[i] == 0);
    wasm_memory_data(memory)[i] = 1;
    wasm_memory_delete(memory);
  }
  close_world(&w);
}
