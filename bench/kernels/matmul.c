// Matrix product, row by row: unit-stride multiply-adds over doubles.
#include "kernel.h"

enum { SIZE = 128 };
static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static void multiply(void) {
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) c[i][j] = 0;
    for (int k = 0; k < SIZE; k++) {
      double factor = a[i][k];
      for (int j = 0; j < SIZE; j++) c[i][j] += factor * b[k][j];
    }
  }
}

int32_t run(int32_t n) {
  uint32_t sum = 0, seed = 1;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      a[i][j] = (double)(next_random(&seed) & 1023) / 64;
      b[i][j] = (double)(next_random(&seed) & 1023) / 128;
    }
  for (int32_t round = 0; round < n; round++) {
    multiply();
    a[round % SIZE][round % SIZE] += 1;
    sum = fold_f64(sum, c[round % SIZE][(round * 7) % SIZE]);
  }
  for (int i = 0; i < SIZE; i++) sum = fold_f64(sum, c[i][SIZE - 1 - i]);
  return (int32_t)sum;
}
