// The C library out of memory: malloc and its family are replaced here and fail on request. Only allocations
// that the library makes fallibly are made to fail; the others are listed in its documentation.

#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>

#include "host.h"

extern void* __libc_malloc(size_t size);

static _Thread_local int refuse_after = -1;  // this many succeed before one fails; -1: none fails
static _Thread_local int refuse_count;       // this many fail then

void* malloc(size_t size) {
  if (refuse_after > 0) {
    --refuse_after;
  } else if (refuse_after == 0 && refuse_count > 0) {
    if (--refuse_count == 0) refuse_after = -1;
    errno = ENOMEM;
    return NULL;
  }
  return __libc_malloc(size);
}

static void refuse(int after, int count) {
  refuse_after = after;
  refuse_count = count;
}

// More than a call allocates.
enum { MANY = 1000 };

static void refuse_nothing(void) { refuse(-1, 0); }

static size_t frames_of(const wasm_trap_t* trap) {
  own wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  size_t count = frames.size;
  wasm_frame_vec_delete(&frames);
  return count;
}

// The emergency trap is one object: it must not show the place of an earlier trap.
TEST(trap_without_memory_says_so_and_shows_no_wrong_place) {
  world_t w = open_world("traps");
  CHECK(call_i32(&w, "nested", VALS(I32(1))) == 3);
  wasm_func_t* nested = func_of(&w, "nested");
  wasm_func_t* load = func_of(&w, "load");
  CHECK(says(call_trap(load, NO_VALS), "out of bounds memory access"));  // the entry stub is made
  wasm_val_t out[1];
  wasm_val_vec_t results = {1, out};
  refuse(0, MANY);
  own wasm_trap_t* first = wasm_func_call(nested, &VALS(I32(0)), &results);
  refuse_nothing();
  CHECK(first && frames_of(first) == 0);
  refuse(0, MANY);
  own wasm_trap_t* second = wasm_func_call(load, &NO_VALS, &results);
  refuse_nothing();
  CHECK(second && frames_of(second) == 0);
  CHECK(wasm_trap_same(first, second));  // memory was short all the time
  CHECK(says(second, "out of memory"));
  own wasm_trap_t* third = call_trap(nested, VALS(I32(0)));
  CHECK(frames_of(third) == 3);
  CHECK(says(third, "integer divide by zero"));
  // There is a new one now, and the first, which the host may have kept, is unchanged.
  refuse(0, MANY);
  own wasm_trap_t* fourth = wasm_func_call(load, &NO_VALS, &results);
  refuse_nothing();
  CHECK(fourth && !wasm_trap_same(first, fourth));
  CHECK(says(fourth, "out of memory"));
  CHECK(says(first, "out of memory"));
  close_world(&w);
}

static own wasm_trap_t* foreign(void* env, const wasm_val_vec_t* args, wasm_val_vec_t* results) {
  (void)args;
  (void)results;
  static char text[2 << 20];  // has to be copied into the other store; more than the emergency reserve gives
  memset(text, 'x', sizeof text - 1);
  own wasm_trap_t* trap = trap_saying(env, text);
  refuse(0, 1);
  return trap;
}

TEST(trap_of_another_store_without_memory_for_its_words) {
  world_t w, other;
  open_store(&w, NULL);
  open_store(&other, NULL);
  own wasm_func_t* func = host_func(w.store, "", "", foreign, other.store, NULL);
  CHECK(says(call_trap(func, NO_VALS), "out of memory"));
  wasm_func_delete(func);
  close_world(&w);
  close_world(&other);
}

TEST(trap_that_the_host_makes_without_memory_is_still_a_trap) {
  world_t w;
  open_store(&w, NULL);
  static char text[2 << 20];  // more than the emergency reserve gives
  memset(text, 'x', sizeof text);
  wasm_message_t message = {sizeof text, text};
  refuse(0, 1);
  CHECK(says(wasm_trap_new(w.store, &message), "out of memory"));
  refuse(0, 2);
  CHECK(says(wasm_trap_new(w.store, &message), "out of memory"));
  close_world(&w);
}
