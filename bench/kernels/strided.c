// Sums and updates over a square of words, along the rows and down the columns:
// loads and stores with computed addresses, half of them missing the first cache.
#include "kernel.h"

enum { SIDE = 512 };
static uint32_t grid[SIDE][SIDE];

int32_t run(int32_t n) {
  uint32_t seed = 16, sum = 0;
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) grid[y][x] = next_random(&seed);
  for (int32_t round = 0; round < n; round++) {
    for (int y = 1; y < SIDE; y++)
      for (int x = 0; x < SIDE; x++) grid[y][x] += grid[y - 1][x] >> 1;
    for (int x = 0; x < SIDE; x++) {
      uint32_t column = 0;
      for (int y = 0; y < SIDE; y++) column ^= grid[y][x] + (uint32_t)y;
      sum = fold(sum, column);
    }
  }
  return (int32_t)sum;
}
