// Quicksort of random integers: unpredictable branches, swaps, recursion.
#include "kernel.h"

enum { SIZE = 16384 };
static int32_t values[SIZE];

static void insertion(int32_t *v, int low, int high) {
  for (int i = low + 1; i <= high; i++) {
    int32_t x = v[i];
    int j = i - 1;
    for (; j >= low && v[j] > x; j--) v[j + 1] = v[j];
    v[j + 1] = x;
  }
}

static void sort(int32_t *v, int low, int high) {
  while (high - low > 12) {
    int32_t pivot = v[low + (high - low) / 2];
    int i = low, j = high;
    while (i <= j) {
      while (v[i] < pivot) i++;
      while (v[j] > pivot) j--;
      if (i <= j) {
        int32_t t = v[i];
        v[i++] = v[j];
        v[j--] = t;
      }
    }
    // The smaller half recurs, the larger one loops: depth stays logarithmic.
    if (j - low < high - i) {
      sort(v, low, j);
      low = i;
    } else {
      sort(v, i, high);
      high = j;
    }
  }
  insertion(v, low, high);
}

int32_t run(int32_t n) {
  uint32_t seed = 7, sum = 0;
  for (int32_t round = 0; round < n; round++) {
    for (int i = 0; i < SIZE; i++) values[i] = (int32_t)next_random(&seed);
    sort(values, 0, SIZE - 1);
    for (int i = 1; i < SIZE; i++)
      if (values[i - 1] > values[i]) return 0;
    sum = fold(sum, (uint32_t)values[SIZE / 3]);
  }
  return (int32_t)sum;
}
