// poll_oneoff, and calls that wait.

#define _GNU_SOURCE
#include "wasi.h"

#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

enum { SUBSCRIPTIONS = 0, EVENTS = 4096, COUNT_AT = 8192, MS = 1000000 };

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void clock_subscription(const guest_t* g, uint32_t i, uint64_t userdata, uint32_t clock, uint64_t timeout, uint32_t flags) {
  uint32_t a = SUBSCRIPTIONS + 48 * i;
  memset(at(g, a), 0, 48);
  put64(g, a, userdata);
  put32(g, a + 16, clock);
  put64(g, a + 24, timeout);
  put32(g, a + 40, flags);
}

static void fd_subscription(const guest_t* g, uint32_t i, uint64_t userdata, uint32_t kind, uint32_t fd) {
  uint32_t a = SUBSCRIPTIONS + 48 * i;
  memset(at(g, a), 0, 48);
  put64(g, a, userdata);
  put32(g, a + 8, kind);
  put32(g, a + 16, fd);
}

// How many events there are.
static uint32_t poll_guest(const guest_t* g, uint32_t n) {
  CHECK(WASI(g, "poll_oneoff", SUBSCRIPTIONS, EVENTS, n, COUNT_AT) == OK);
  return get32(g, COUNT_AT);
}

static bool event_is(const guest_t* g, uint32_t i, uint64_t userdata, uint32_t error, uint32_t kind) {
  uint32_t a = EVENTS + 32 * i;
  return get64(g, a) == userdata && (get32(g, a + 8) & 0xffff) == error && (get32(g, a + 8) >> 16) == kind;
}

TEST(clocks_wake_in_time) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls");
  clock_subscription(&g, 0, 7, 1, 3600ull * 1000 * MS, 0);
  clock_subscription(&g, 1, 8, 1, 5 * MS, 0);
  uint64_t begin = now();
  CHECK(poll_guest(&g, 2) == 1 && event_is(&g, 0, 8, 0, 0));
  CHECK(now() - begin >= 5 * MS);
  // A time that has passed, and one on the clock.
  CHECK(WASI(&g, "clock_time_get", 1, 0, 16384) == OK);
  clock_subscription(&g, 0, 9, 1, get64(&g, 16384) + 3 * MS, 1);
  begin = now();
  CHECK(poll_guest(&g, 1) == 1 && event_is(&g, 0, 9, 0, 0) && now() - begin >= 2 * MS);
  clock_subscription(&g, 0, 10, 0, 1, 1);
  clock_subscription(&g, 1, 11, 1, 0, 0);
  CHECK(poll_guest(&g, 2) == 2 && event_is(&g, 0, 10, 0, 0) && event_is(&g, 1, 11, 0, 0));
  close_guest(&g);
}

TEST(what_cannot_be_waited_for_is_an_event_with_an_error) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls");
  clock_subscription(&g, 0, 1, 9, 0, 0);
  clock_subscription(&g, 1, 2, 1, 3600ull * 1000 * MS, 0);
  fd_subscription(&g, 2, 3, 1, 77);
  fd_subscription(&g, 3, 4, 5, 0);
  CHECK(poll_guest(&g, 4) == 3);
  CHECK(event_is(&g, 0, 1, E_INVAL, 0) && event_is(&g, 1, 3, E_BADF, 1) && event_is(&g, 2, 4, E_INVAL, 5));
  CHECK(WASI(&g, "poll_oneoff", SUBSCRIPTIONS, EVENTS, 0, COUNT_AT) == E_INVAL);
  CHECK(WASI(&g, "poll_oneoff", 65536 - 48, EVENTS, 2, COUNT_AT) == E_FAULT);
  CHECK(WASI(&g, "poll_oneoff", SUBSCRIPTIONS, 65536 - 32, 2, COUNT_AT) == E_FAULT);
  CHECK(WASI(&g, "poll_oneoff", SUBSCRIPTIONS, EVENTS, UINT32_MAX, COUNT_AT) == E_INVAL);
  close_guest(&g);
}

TEST(older_modules_have_longer_subscriptions) {
  guest_t g = open_guest(wasmrt_wasi_new(), "calls_unstable");
  for (uint32_t i = 0; i < 2; ++i) {
    uint32_t a = 56 * i;
    put64(&g, a, 20 + i);
    put32(&g, a + 24, 1);
    put64(&g, a + 32, i ? 2 * MS : 3600ull * 1000 * MS);
  }
  CHECK(poll_guest(&g, 2) == 1 && event_is(&g, 0, 21, 0, 0));
  close_guest(&g);
}

static guest_t open_piped(int ends[2], uint64_t deadline, own wasmrt_interrupt_t** interrupt) {
  CHECK(pipe(ends) == 0);
  own wasmrt_wasi_t* wasi = wasmrt_wasi_new();
  CHECK(wasmrt_wasi_set_stream_fd(wasi, WASMRT_WASI_STDIN, ends[0]));
  guest_t g = bind_guest(wasi, "calls");
  if (deadline) CHECK(wasmrt_store_set_deadline(g.w.store, deadline));
  if (interrupt) CHECK((*interrupt = wasmrt_interrupt_new(g.w.store)));
  instantiate_guest(&g);
  return g;
}

static void* write_soon(void* fd) {
  nanosleep(&(struct timespec){0, 3 * MS}, NULL);
  CHECK(write(*(int*)fd, "abc", 3) == 3);
  return NULL;
}

TEST(input_wakes) {
  int ends[2];
  guest_t g = open_piped(ends, 0, NULL);
  fd_subscription(&g, 0, 5, 1, 0);
  clock_subscription(&g, 1, 6, 1, 2 * MS, 0);
  CHECK(poll_guest(&g, 2) == 1 && event_is(&g, 0, 6, 0, 0));
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, write_soon, &ends[1]) == 0);
  clock_subscription(&g, 1, 6, 1, 3600ull * 1000 * MS, 0);
  CHECK(poll_guest(&g, 2) == 1 && event_is(&g, 0, 5, 0, 1) && get64(&g, EVENTS + 16) == 3);
  pthread_join(thread, NULL);
  put_vector(&g, 0, 1024, 10);
  CHECK(WASI(&g, "fd_read", 0, 0, 1, 8) == OK && get32(&g, 8) == 3);
  close(ends[1]);
  fd_subscription(&g, 0, 5, 1, 0);
  CHECK(poll_guest(&g, 1) == 1 && event_is(&g, 0, 5, 0, 1) && get32(&g, EVENTS + 24) == 1);
  close(ends[0]);
  close_guest(&g);
}

static void* fire_soon(void* interrupt) {
  nanosleep(&(struct timespec){0, 3 * MS}, NULL);
  wasmrt_interrupt_fire(interrupt);
  return NULL;
}

TEST(interrupt_stops_a_guest_that_waits) {
  int ends[2];
  own wasmrt_interrupt_t* interrupt = NULL;
  guest_t g = open_piped(ends, 0, &interrupt);
  for (int i = 0; i < 3; ++i) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, fire_soon, interrupt) == 0);
    clock_subscription(&g, 0, 1, 1, 3600ull * 1000 * MS, 0);
    own wasm_trap_t* trap = i ? WASI_TRAP(&g, "poll_oneoff", 0, EVENTS, 1, COUNT_AT) : NULL;
    if (!trap) {
      // Reading waits as well.
      put_vector(&g, 0, 1024, 10);
      trap = WASI_TRAP(&g, "fd_read", 0, 0, 1, 8);
    }
    CHECK(trap && wasmrt_trap_code(trap) == WASMRT_TRAP_INTERRUPTED);
    wasm_trap_delete(trap);
    pthread_join(thread, NULL);
  }
  CHECK(WASI(&g, "clock_time_get", 0, 0, 8) == OK);
  wasmrt_interrupt_delete(interrupt);
  close(ends[0]), close(ends[1]);
  close_guest(&g);
}

TEST(deadline_stops_a_guest_that_waits) {
  int ends[2];
  guest_t g = open_piped(ends, 5 * MS, NULL);
  clock_subscription(&g, 0, 1, 1, 3600ull * 1000 * MS, 0);
  own wasm_trap_t* trap = WASI_TRAP(&g, "poll_oneoff", 0, EVENTS, 1, COUNT_AT);
  CHECK(trap && wasmrt_trap_code(trap) == WASMRT_TRAP_DEADLINE);
  wasm_trap_delete(trap);
  CHECK(wasmrt_store_set_deadline(g.w.store, 5 * MS));
  put_vector(&g, 0, 1024, 10);
  trap = WASI_TRAP(&g, "fd_read", 0, 0, 1, 8);
  CHECK(trap && wasmrt_trap_code(trap) == WASMRT_TRAP_DEADLINE);
  wasm_trap_delete(trap);
  close(ends[0]), close(ends[1]);
  close_guest(&g);
}
