// Stacks that come and go: a store wanders between threads whose stacks take each other's place in memory.

#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>

#include "host.h"

enum { LARGE = 2 << 20, SMALL = 64 << 10 };

static void* overflow(void* argument) {
  CHECK(says(call_trap(func_of(argument, "recurse"), NO_VALS), "call stack exhausted"));
  return NULL;
}

static void run_on(void* low, size_t size, world_t* w) {
  pthread_attr_t attributes;
  pthread_t thread;
  CHECK(!pthread_attr_init(&attributes) && !pthread_attr_setstack(&attributes, low, size));
  CHECK(!pthread_create(&thread, &attributes, overflow, w) && !pthread_join(thread, NULL));
  pthread_attr_destroy(&attributes);
}

// The small stack lies where the large one was, and below it is now nothing that may be touched.
TEST(small_stack_in_the_place_of_a_large_one) {
  world_t w = open_world("traps");
  char* memory = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  for (int i = 0; i < 3; ++i) {
    CHECK(!mprotect(memory, LARGE, PROT_READ | PROT_WRITE));
    run_on(memory, LARGE, &w);
    CHECK(!mprotect(memory, LARGE - SMALL, PROT_NONE));
    run_on(memory + LARGE - SMALL, SMALL, &w);
  }
  CHECK(!munmap(memory, LARGE));
  close_world(&w);
}
