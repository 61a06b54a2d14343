// A 64-bit hash with four lanes in the manner of xxHash: 64-bit multiplies and
// rotates at full instruction-level parallelism, then a final avalanche.
#include "kernel.h"

static const uint64_t P1 = 0x9E3779B185EBCA87u, P2 = 0xC2B2AE3D27D4EB4Fu, P3 = 0x165667B19E3779F9u;
static uint64_t data[4096];

static inline uint64_t lane(uint64_t acc, uint64_t word) {
  return rotl64(acc + word * P2, 31) * P1;
}

static uint64_t hash(const uint64_t *words, size_t count, uint64_t seed) {
  uint64_t a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
  for (size_t i = 0; i + 4 <= count; i += 4) {
    a = lane(a, words[i]);
    b = lane(b, words[i + 1]);
    c = lane(c, words[i + 2]);
    d = lane(d, words[i + 3]);
  }
  uint64_t h = rotl64(a, 1) + rotl64(b, 7) + rotl64(c, 12) + rotl64(d, 18) + count * 8;
  h = (h ^ h >> 33) * P2;
  h = (h ^ h >> 29) * P3;
  return h ^ h >> 32;
}

int32_t run(int32_t n) {
  uint32_t seed = 4;
  for (size_t i = 0; i < 4096; i++) data[i] = (uint64_t)next_random(&seed) << 32 | next_random(&seed);
  uint64_t h = 0;
  for (int32_t round = 0; round < n; round++) h = hash(data, 4096 - (size_t)(round & 31), h);
  return (int32_t)fold((uint32_t)h, (uint32_t)(h >> 32));
}
