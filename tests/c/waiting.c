// Guest code that waits on addresses of a shared memory, and what wakes it.

#define _GNU_SOURCE
#include <signal.h>

#include "shared.h"

enum { WOKEN = 0, NOT_EQUAL = 1, TIMED_OUT = 2 };

static const int64_t FOR_EVER = -1, HOUR = 3600000000000, SHORTLY = 2000000;

static int32_t wait_on(const member_t* m, int32_t address, int32_t expected, int64_t timeout) {
  return call_i32(&m->w, "wait32", VALS(I32(address), I32(expected), I64(timeout)));
}

TEST(wait_that_nobody_wakes_says_how_it_ended) {
  common_t c = open_common("shared_memory");
  for (int stoppable = 0; stoppable < 2; ++stoppable) {
    member_t m = join(&c, stoppable);
    CHECK(wait_on(&m, 8, 1, FOR_EVER) == NOT_EQUAL);
    CHECK(wait_on(&m, 8, 0, 0) == TIMED_OUT);
    CHECK(wait_on(&m, 8, 0, SHORTLY) == TIMED_OUT);
    CHECK(call_i32(&m.w, "wait64", VALS(I32(8), I64(INT64_C(1) << 40), I64(FOR_EVER))) == NOT_EQUAL);
    CHECK(call_i32(&m.w, "wait64", VALS(I32(8), I64(0), I64(SHORTLY))) == TIMED_OUT);
    CHECK(call_i32(&m.w, "notify", VALS(I32(8), I32(-1))) == 0);
    leave(&m);
  }
  close_common(&c);
}

TEST(wait_at_a_bad_address_traps) {
  common_t c = open_common("shared_memory");
  member_t m = join(&c, false);
  CHECK(says(call_trap(func_of(&m.w, "wait32"), VALS(I32(2), I32(0), I64(0))), "unaligned atomic"));
  CHECK(says(call_trap(func_of(&m.w, "wait64"), VALS(I32(4), I64(0), I64(0))), "unaligned atomic"));
  CHECK(says(call_trap(func_of(&m.w, "notify"), VALS(I32(1), I32(0))), "unaligned atomic"));
  CHECK(says(call_trap(func_of(&m.w, "wait32"), VALS(I32(65536), I32(0), I64(0))), "out of bounds memory access"));
  CHECK(says(call_trap(func_of(&m.w, "notify"), VALS(I32(-4), I32(0))), "out of bounds memory access"));
  leave(&m);
  close_common(&c);
}

// --- Woken by others ---

static void wait_for_ever(const common_t* c, int number) {
  member_t m = join(c, number % 2);
  if (number) {
    CHECK(wait_on(&m, 16, 0, number % 3 ? FOR_EVER : HOUR) == WOKEN);
    call(func_of(&m.w, "count"), VALS(I32(32), I32(1)));
  } else {
    until_awaited(&m, 16);
    int32_t woken = 1;
    while (woken < 4) woken += call_i32(&m.w, "notify", VALS(I32(16), I32(2)));
    while (call_i32(&m.w, "load", VALS(I32(32))) != 4) usleep(500);
    CHECK(woken == 4 && call_i32(&m.w, "notify", VALS(I32(16), I32(-1))) == 0);
  }
  leave(&m);
}

TEST(notify_wakes_so_many_of_those_who_wait_there) {
  common_t c = open_common("shared_memory");
  run_together(&c, 5, wait_for_ever);
  close_common(&c);
}

static void wait_elsewhere(const common_t* c, int number) {
  member_t m = join(c, number % 2);
  if (number) {
    CHECK(wait_on(&m, number * 4, 0, FOR_EVER) == WOKEN);
  } else {
    for (int other = 8; other; --other) until_awaited(&m, other * 4);
  }
  leave(&m);
}

TEST(notify_wakes_nobody_at_other_addresses) {
  common_t c = open_common("shared_memory");
  run_together(&c, 9, wait_elsewhere);
  close_common(&c);
}

static void play(const common_t* c, int number) {
  member_t m = join(c, number);
  call(func_of(&m.w, "play"), VALS(I32(number ? 128 : 192), I32(number ? 192 : 128), I32(slow() ? 50 : 5000)));
  leave(&m);
}

TEST(two_threads_pass_a_ball_to_and_fro) {
  common_t c = open_common("shared_memory");
  member_t m = join(&c, false);
  call(func_of(&m.w, "store"), VALS(I32(128), I32(1)));
  leave(&m);
  run_together(&c, 2, play);
  close_common(&c);
}

static void* destroy(void* member) {
  leave(member);
  return NULL;
}

static void wait_beside_a_deletion(const common_t* c, int number) {
  member_t m = join(c, false);
  if (number) {
    CHECK(wait_on(&m, 16, 0, FOR_EVER) == WOKEN);
    leave(&m);
  } else {
    member_t other = join(c, false);
    run_on_thread(0, destroy, &other);
    until_awaited(&m, 16);
    leave(&m);
  }
}

TEST(waiter_does_not_notice_the_deletion_of_other_stores) {
  common_t c = open_common("shared_memory");
  run_together(&c, 2, wait_beside_a_deletion);
  close_common(&c);
}

// --- Stopped ---

TEST(deadline_ends_a_wait) {
  common_t c = open_common("shared_memory");
  member_t m = join(&c, true);
  CHECK(wasmrt_store_set_deadline(m.w.store, SHORTLY));
  CHECK(says(call_trap(func_of(&m.w, "wait32"), VALS(I32(0), I32(0), I64(FOR_EVER))), "deadline exceeded"));
  CHECK(wasmrt_store_set_deadline(m.w.store, HOUR));
  CHECK(wait_on(&m, 0, 0, SHORTLY) == TIMED_OUT);
  CHECK(wasmrt_store_set_deadline(m.w.store, 0));
  CHECK(call_i32(&m.w, "notify", VALS(I32(0), I32(-1))) == 0);
  leave(&m);
  close_common(&c);
}

TEST(interrupt_before_a_wait_ends_it_at_once) {
  common_t c = open_common("shared_memory");
  member_t m = join(&c, true);
  wasmrt_interrupt_fire(m.interrupt);
  CHECK(says(call_trap(func_of(&m.w, "wait32"), VALS(I32(0), I32(0), I64(FOR_EVER))), "interrupted"));
  CHECK(wait_on(&m, 0, 0, SHORTLY) == TIMED_OUT);
  wasmrt_interrupt_fire(m.interrupt);
  CHECK(wasmrt_interrupt_clear(m.interrupt));
  CHECK(wait_on(&m, 0, 0, SHORTLY) == TIMED_OUT);
  leave(&m);
  close_common(&c);
}

static wasmrt_interrupt_t* interrupt_of_waiter;

static void wait_to_be_interrupted(const common_t* c, int number) {
  member_t m = join(c, true);
  if (number) {
    __atomic_store_n(&interrupt_of_waiter, m.interrupt, __ATOMIC_RELEASE);
    for (int i = 0; i < (slow() ? 5 : 200); ++i) {
      CHECK(says(call_trap(func_of(&m.w, "wait32"), VALS(I32(0), I32(0), I64(FOR_EVER))), "interrupted"));
      call(func_of(&m.w, "count"), VALS(I32(64), I32(1)));
    }
  } else {
    wasmrt_interrupt_t* target;
    while (!(target = __atomic_load_n(&interrupt_of_waiter, __ATOMIC_ACQUIRE))) usleep(100);
    for (int i = 0; i < (slow() ? 5 : 200); ++i) {
      if (i % 2) usleep(100);
      wasmrt_interrupt_fire(target);
      while (call_i32(&m.w, "load", VALS(I32(64))) <= i) continue;
    }
  }
  if (!number) CHECK(wait_on(&m, 128, 0, SHORTLY) == TIMED_OUT);
  leave(&m);
}

TEST(interrupt_wakes_a_waiter) {
  common_t c = open_common("shared_memory");
  interrupt_of_waiter = NULL;
  run_together(&c, 2, wait_to_be_interrupted);
  close_common(&c);
}

static void fire_from_handler(int number) {
  (void)number;
  wasmrt_interrupt_fire(interrupt_of_waiter);
}

static void be_interrupted_by_signal(const common_t* c, int number) {
  member_t m = join(c, true);
  (void)number;
  interrupt_of_waiter = m.interrupt;
  struct sigaction action = {.sa_handler = fire_from_handler, .sa_flags = SA_RESTART}, former;
  CHECK(!sigaction(SIGALRM, &action, &former));
  ualarm(20000, 0);
  CHECK(says(call_trap(func_of(&m.w, "wait32"), VALS(I32(0), I32(0), I64(FOR_EVER))), "interrupted"));
  CHECK(!sigaction(SIGALRM, &former, NULL));
  leave(&m);
}

TEST(interrupt_from_a_signal_handler_wakes_the_waiter) {
#ifdef __SANITIZE_THREAD__
  SKIP("the sanitizer delivers signals only in the system calls that it knows");
#endif
  common_t c = open_common("shared_memory");
  be_interrupted_by_signal(&c, 0);
  close_common(&c);
}
