// Edit distance of byte strings: dynamic programming, three-way minima.
#include "kernel.h"

enum { LENGTH = 600 };
static uint8_t a[LENGTH], b[LENGTH];
static uint16_t row[LENGTH + 1];

static uint32_t distance(int la, int lb) {
  for (int j = 0; j <= lb; j++) row[j] = (uint16_t)j;
  for (int i = 1; i <= la; i++) {
    uint16_t diagonal = row[0];
    row[0] = (uint16_t)i;
    for (int j = 1; j <= lb; j++) {
      uint16_t above = row[j];
      uint16_t best = (uint16_t)(diagonal + (a[i - 1] != b[j - 1]));
      if (above + 1 < best) best = (uint16_t)(above + 1);
      if (row[j - 1] + 1 < best) best = (uint16_t)(row[j - 1] + 1);
      row[j] = best;
      diagonal = above;
    }
  }
  return row[lb];
}

int32_t run(int32_t n) {
  uint32_t seed = 18, sum = 0;
  for (int i = 0; i < LENGTH; i++) {
    a[i] = (uint8_t)(next_random(&seed) & 7);
    b[i] = i % 5 ? a[i] : (uint8_t)(next_random(&seed) & 7);
  }
  for (int32_t round = 0; round < n; round++) {
    a[(round * 31) % LENGTH] ^= 1;
    sum = fold(sum, distance(LENGTH - round % 8, LENGTH));
  }
  return (int32_t)sum;
}
