// What instances begin with is prepared once for all of them. Whatever the host does to the process meanwhile
// (descriptors closed, none left, limits, forks, modules without number), each instance begins with what
// its module says.

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "images.h"
#include "process.h"

// Writes everywhere, also beyond what a new memory has.
static void use(const world_t* w) {
  CHECK(call_i32(w, "grow", VALS(I32(3))) == 6);
  call(func_of(w, "fill"), VALS(I32(0), I32(SIZE + 3 * PAGE)));
}

static void make_some(const world_t* first, int count) {
  while (count--) {
    world_t w = instance_of(first);
    if (count % 3) use(&w);
    end_instance(&w);
  }
}

// A world in which the contents of memories are prepared: the first few instances of a module copy them.
static world_t open_prepared(void) {
  world_t w = open_world("images");
  make_some(&w, 4);
  return w;
}

static int descriptors(void) {
  int count = 0;
  DIR* folder = opendir("/proc/self/fd");
  CHECK(folder);
  while (readdir(folder)) ++count;
  closedir(folder);
  return count;
}

TEST(memories_that_are_used_again_begin_like_new_ones) {
  world_t first = open_prepared();
  for (int i = 0; i < 20; ++i) {
    world_t a = instance_of(&first), b = instance_of(&first);
    if (i % 2) use(&a);
    if (i % 3) call(func_of(&b, "fill"), VALS(I32(LAST - 5000), I32(6000)));
    else wasm_memory_data(memory_of(&b))[SIZE - 1] = 1;
    end_instance(&a);
    end_instance(&b);
  }
  CHECK(is_fresh(&first));
  close_world(&first);
}

static void ends_after(const world_t* w, uint32_t pages) {
  int32_t end = (int32_t)(pages * PAGE);
  call_i32(w, "load", VALS(I32(end - 4)));
  int32_t addresses[] = {end - 3, end, end + PAGE, 19 * PAGE, 20 * PAGE, INT32_MAX, -1};
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; ++i)
    CHECK(says(call_trap(func_of(w, "load"), VALS(I32(addresses[i]))), "out of bounds memory access"));
  CHECK(says(call_trap(func_of(w, "far"), VALS(I32(0))), "out of bounds memory access"));
  CHECK(says(call_trap(func_of(w, "far"), VALS(I32(-1))), "out of bounds memory access"));
}

TEST(memories_end_where_their_size_says_new_grown_or_used_again) {
  world_t first = open_prepared();
  ends_after(&first, 6);
  for (int i = 0; i < 4; ++i) {
    world_t w = instance_of(&first);
    ends_after(&w, 6);
    for (uint32_t pages = 7; pages < 10; ++pages) {
      CHECK(call_i32(&w, "grow", VALS(I32(1))) == (int32_t)pages - 1);
      ends_after(&w, pages);
    }
    end_instance(&w);
  }
  close_world(&first);
}

TEST(a_host_may_close_every_descriptor_it_does_not_know) {
  pid_t child = start_child();
  if (!child) {
    world_t first = open_prepared();
    world_t old = instance_of(&first);
    make_some(&first, 3);
    for (int d = 3; d < 200; ++d) close(d);
    CHECK(is_fresh(&old));
    make_some(&first, 6);
    // The numbers become other files, which nobody writes to or closes.
    int files[40];
    for (int i = 0; i < 40; ++i) CHECK((files[i] = open("/dev/zero", O_RDWR)) >= 0);
    make_some(&first, 6);
    use(&old);
    end_instance(&old);
    make_some(&first, 6);
    close_world(&first);
    for (int i = 0; i < 40; ++i) CHECK(fcntl(files[i], F_GETFD) >= 0);
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
}

TEST(instances_need_no_descriptors) {
  pid_t child = start_child();
  if (!child) {
    world_t first = open_prepared();
    CHECK(!setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, 0}));
    make_some(&first, 8);
    CHECK(is_fresh(&first));
    close_world(&first);
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
}

TEST(a_limit_of_file_sizes_ends_no_process) {
  pid_t child = start_child();
  if (!child) {
    CHECK(!setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0}));
    world_t first = open_prepared();
    make_some(&first, 8);
    close_world(&first);
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
}

TEST(memories_leave_the_host_its_limit_of_data) {
#ifdef __SANITIZE_ADDRESS__
  SKIP("the sanitizer's own memory exceeds the limit");
#endif
  pid_t child = start_child();
  if (!child) {
    // Each memory reserves more than 4 GiB of addresses, and has 400 KiB.
    CHECK(!setrlimit(RLIMIT_DATA, &(struct rlimit){(rlim_t)10 << 30, (rlim_t)10 << 30}));
    world_t first = open_prepared();
    world_t a = instance_of(&first), b = instance_of(&first);
    void* data = malloc((size_t)6 << 30);
    CHECK(data);
    free(data);
    end_instance(&a);
    end_instance(&b);
    close_world(&first);
    _exit(0);
  }
  CHECK(outcome_of(child) == 0);
}

TEST(many_modules_leave_the_host_its_descriptors) {
  enum { MODULES_ALIVE = 300 };
  world_t first = open_prepared();
  int before = descriptors();
  static own wasm_module_t* modules[MODULES_ALIVE];
  static world_t worlds[2 * MODULES_ALIVE];
  for (int i = 0; i < MODULES_ALIVE; ++i) {
    world_t w = first;
    CHECK(w.module = modules[i] = load(w.store, "images"));
    make_some(&w, 4);
    worlds[2 * i] = instance_of(&w);
    worlds[2 * i + 1] = instance_of(&w);
  }
  struct rlimit limit;
  CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
  CHECK((rlim_t)(descriptors() - before) <= limit.rlim_cur / 4);
  for (int i = 0; i < 2 * MODULES_ALIVE; ++i) {
    if (i % 5 == 0) use(&worlds[i]);
    else CHECK(is_fresh(&worlds[i]));
    end_instance(&worlds[i]);
  }
  for (int i = 0; i < MODULES_ALIVE; ++i) wasm_module_delete(modules[i]);
  close_world(&first);
}

TEST(modules_that_are_gone_leave_no_descriptor) {
  int before = 0;
  for (int i = 0; i < 20; ++i) {
    world_t w = open_prepared();
    make_some(&w, 5);
    close_world(&w);
    // The first one may leave something that the process keeps.
    if (!before) before = descriptors();
  }
  CHECK(descriptors() == before);
}

TEST(a_memory_outlives_its_instance_and_module) {
  world_t first = open_prepared();
  world_t w = instance_of(&first);
  own wasm_memory_t* memory = wasm_memory_copy(memory_of(&w));
  end_instance(&w);
  end_instance(&first);
  wasm_module_delete(first.module);
  CHECK(memcmp(wasm_memory_data(memory) + LAST, "last", 4) == 0);
  CHECK(wasm_memory_grow(memory, 14) && !wasm_memory_grow(memory, 1));
  memset(wasm_memory_data(memory), 0x55, wasm_memory_data_size(memory));
  wasm_memory_delete(memory);
  // Its place is used again, by a module that is not that one.
  CHECK(first.module = load(first.store, "images"));
  make_some(&first, 5);
  wasm_module_delete(first.module);
  wasm_store_delete(first.store);
  wasm_engine_delete(first.engine);
}

TEST(programs_that_are_executed_inherit_nothing) {
  world_t first = open_prepared();
  make_some(&first, 3);
  pid_t child = start_child();
  if (!child) {
    // Lists its descriptors: the three that everybody has, and what `ls` opens itself.
    execl("/bin/sh", "sh", "-c", "! ls -l /proc/self/fd | grep -q -e wasmrt -e pagemap", (char*)NULL);
    _exit(127);
  }
  CHECK(outcome_of(child) == 0);
  CHECK(is_fresh(&first));
  close_world(&first);
}

TEST(parent_and_child_clean_memories_each_for_itself) {
  world_t first = open_prepared();
  world_t shared = instance_of(&first);
  make_some(&first, 3);
  pid_t child = start_child();
  if (!child) {
    use(&shared);
    end_instance(&shared);
    make_some(&first, 10);
    close_world(&first);
    _exit(0);
  }
  CHECK(is_fresh(&shared));
  use(&shared);
  end_instance(&shared);
  CHECK(outcome_of(child) == 0);
  make_some(&first, 10);
  close_world(&first);
}
