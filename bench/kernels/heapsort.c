// Heapsort: data-dependent strides through an array.
#include "kernel.h"

enum { SIZE = 8192 };
static uint32_t heap[SIZE];

static void sift_down(uint32_t root, uint32_t count) {
  uint32_t value = heap[root];
  for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && heap[child + 1] > heap[child]) child++;
    if (heap[child] <= value) break;
    heap[root] = heap[child];
  }
  heap[root] = value;
}

int32_t run(int32_t n) {
  uint32_t seed = 8, sum = 0;
  for (int32_t round = 0; round < n; round++) {
    for (int i = 0; i < SIZE; i++) heap[i] = next_random(&seed);
    for (uint32_t i = SIZE / 2; i-- > 0;) sift_down(i, SIZE);
    for (uint32_t end = SIZE - 1; end > 0; end--) {
      uint32_t top = heap[0];
      heap[0] = heap[end];
      heap[end] = top;
      sift_down(0, end);
    }
    for (int i = 1; i < SIZE; i++)
      if (heap[i - 1] > heap[i]) return 0;
    sum = fold(sum, heap[SIZE / 5]);
  }
  return (int32_t)sum;
}
