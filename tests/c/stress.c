// Programs with threads, compiled from C: locks, queues and barriers of the guest's own on real threads.

#define _GNU_SOURCE
#include "shared.h"

enum { THREADS = 6 };

static int times(void) { return slow() ? 50 : 5000; }

static void work(const common_t* c, int number, const char* name) {
  member_t m = join(c, number % 3 == 0);
  call(func_of(&m.w, name), VALS(I32(number), I32(THREADS), I32(times())));
  leave(&m);
}

static void pass(const common_t* c, int number) { work(c, number, "pass"); }
static void march(const common_t* c, int number) { work(c, number, "march"); }

static int64_t outcome(const common_t* c, const char* name) {
  member_t m = join(c, false);
  wasm_val_t result = call(func_of(&m.w, name), NO_VALS);
  leave(&m);
  return result.kind == WASM_I32 ? result.of.i32 : result.of.i64;
}

TEST(queue_loses_nothing_between_many_threads) {
  common_t c = open_common("stress");
  run_together(&c, THREADS, pass);
  CHECK(outcome(&c, "total") == (int64_t)times() * (times() + 1) / 2 * (THREADS / 2));
  close_common(&c);
}

TEST(barrier_keeps_many_threads_together) {
  common_t c = open_common("stress");
  run_together(&c, THREADS, march);
  CHECK(outcome(&c, "bad") == 0);
  close_common(&c);
}
