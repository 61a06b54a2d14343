// Matrix product in 4 x 4 register blocks of floats: sixteen accumulators at once,
// which is all of a machine's vector registers and a test of the allocator.
#include "kernel.h"

enum { SIZE = 128, BLOCK = 4 };
static float a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static void block(int i, int j) {
  float acc[BLOCK][BLOCK] = {{0}};
  for (int k = 0; k < SIZE; k++)
    for (int y = 0; y < BLOCK; y++)
      for (int x = 0; x < BLOCK; x++) acc[y][x] += a[i + y][k] * b[k][j + x];
  for (int y = 0; y < BLOCK; y++)
    for (int x = 0; x < BLOCK; x++) c[i + y][j + x] = acc[y][x];
}

int32_t run(int32_t n) {
  uint32_t sum = 0, seed = 2;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      a[i][j] = (float)(next_random(&seed) & 255) / 16;
      b[i][j] = (float)(next_random(&seed) & 255) / 32;
    }
  for (int32_t round = 0; round < n; round++) {
    for (int i = 0; i < SIZE; i += BLOCK)
      for (int j = 0; j < SIZE; j += BLOCK) block(i, j);
    a[round % SIZE][round % SIZE] += 1;
    sum = fold_f64(sum, c[round % SIZE][(round * 5) % SIZE]);
  }
  for (int i = 0; i < SIZE; i++) sum = fold_f64(sum, c[i][i]);
  return (int32_t)sum;
}
