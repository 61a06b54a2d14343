// Atomic operations that no other thread disturbs: counters, an exchanged maximum, a lock around a table.
#include "kernel.h"

#define BUCKETS 64

static uint32_t counts[BUCKETS], lock, greatest, table[BUCKETS];
static uint64_t total;

static void count(uint32_t x) {
  __atomic_fetch_add(&counts[x % BUCKETS], 1, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&total, x, __ATOMIC_SEQ_CST);
}

static void raise_greatest(uint32_t x) {
  uint32_t seen = __atomic_load_n(&greatest, __ATOMIC_SEQ_CST);
  while (seen < x &&
         !__atomic_compare_exchange_n(&greatest, &seen, x, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
  }
}

static void change_table(uint32_t x) {
  while (__atomic_exchange_n(&lock, 1, __ATOMIC_SEQ_CST)) {
  }
  table[x % BUCKETS] ^= x;
  __atomic_store_n(&lock, 0, __ATOMIC_SEQ_CST);
}

int32_t run(int32_t n) {
  uint32_t random = 1, sum = 0;
  lock = greatest = 0;
  total = 0;
  for (int i = 0; i < BUCKETS; ++i) counts[i] = table[i] = 0;
  for (int32_t i = 0; i < n; ++i) {
    const uint32_t x = next_random(&random);
    count(x);
    raise_greatest(x);
    change_table(x);
    if ((i & 1023) == 0) __atomic_store_n(&greatest, 0, __ATOMIC_SEQ_CST);
  }
  for (int i = 0; i < BUCKETS; ++i) sum = fold(fold(sum, counts[i]), table[i]);
  return (int32_t)fold(fold(sum, (uint32_t)total), greatest);
}
