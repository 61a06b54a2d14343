// Copying, filling and overlapping moves of blocks from 16 bytes to 64 KiB, as
// the bulk-memory instructions.
#include "kernel.h"

enum { BYTES = 1 << 18 };
static uint8_t area[BYTES];

int32_t run(int32_t n) {
  uint32_t seed = 15, sum = 0;
  for (int i = 0; i < BYTES; i++) area[i] = (uint8_t)next_random(&seed);
  for (int32_t round = 0; round < n; round++) {
    uint32_t size = 16u << (next_random(&seed) % 13);
    uint32_t from = next_random(&seed) % (BYTES / 2 - 65536), to = next_random(&seed) % (BYTES / 2 - 65536);
    __builtin_memcpy(area + BYTES / 2 + to, area + from, size);
    __builtin_memset(area + from, (int)(size & 255), size / 4);
    __builtin_memmove(area + to, area + to + 7, size);
    sum = fold(sum, area[BYTES / 2 + to + size / 2]);
  }
  for (int i = 0; i < BYTES; i += 31) sum = fold(sum, area[i]);
  return (int32_t)sum;
}
