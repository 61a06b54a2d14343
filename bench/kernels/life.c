// Conway's game of life on a torus: neighbour sums over bytes, short inner loops.
#include "kernel.h"

enum { SIDE = 128, MASK = SIDE - 1 };
static uint8_t now[SIDE][SIDE], next[SIDE][SIDE];

static void step(void) {
  for (int y = 0; y < SIDE; y++) {
    const uint8_t *up = now[(y - 1) & MASK], *here = now[y], *down = now[(y + 1) & MASK];
    for (int x = 0; x < SIDE; x++) {
      int l = (x - 1) & MASK, r = (x + 1) & MASK;
      int around = up[l] + up[x] + up[r] + here[l] + here[r] + down[l] + down[x] + down[r];
      next[y][x] = around == 3 || (around == 2 && here[x]);
    }
  }
  __builtin_memcpy(now, next, sizeof now);
}

int32_t run(int32_t n) {
  uint32_t seed = 22, sum = 0;
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) now[y][x] = (next_random(&seed) & 7) < 3;
  for (int32_t i = 0; i < n; i++) step();
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) sum = fold(sum, now[y][x]);
  return (int32_t)sum;
}
