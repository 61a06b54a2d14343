// Every permutation of a small array in turn, counting prefix reversals until the
// first element is zero: short loops over bytes.
#include "kernel.h"

static int32_t flips(const int32_t *order, int count) {
  int32_t work[12], steps = 0;
  for (int i = 0; i < count; i++) work[i] = order[i];
  for (int32_t first; (first = work[0]) != 0; steps++)
    for (int i = 0, j = first; i < j; i++, j--) {
      int32_t t = work[i];
      work[i] = work[j];
      work[j] = t;
    }
  return steps;
}

int32_t run(int32_t n) {
  int32_t order[12] = {0}, counter[12];
  uint32_t sum = 0;
  for (int i = 0; i < n; i++) {
    order[i] = i;
    counter[i] = 0;
  }
  // Heap's method, without recursion.
  sum = fold(sum, (uint32_t)flips(order, n));
  for (int i = 0; i < n;) {
    if (counter[i] < i) {
      int from = i & 1 ? counter[i] : 0;
      int32_t t = order[from];
      order[from] = order[i];
      order[i] = t;
      sum = fold(sum, (uint32_t)flips(order, n));
      counter[i]++;
      i = 0;
    } else {
      counter[i++] = 0;
    }
  }
  return (int32_t)sum;
}
