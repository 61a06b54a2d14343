// The ChaCha20 key stream over a buffer: sixteen live words, additions and
// rotates only.
#include "kernel.h"

static uint32_t buffer[1024];

#define QUARTER(a, b, c, d)                     \
  x[a] += x[b], x[d] = rotl32(x[d] ^ x[a], 16); \
  x[c] += x[d], x[b] = rotl32(x[b] ^ x[c], 12); \
  x[a] += x[b], x[d] = rotl32(x[d] ^ x[a], 8);  \
  x[c] += x[d], x[b] = rotl32(x[b] ^ x[c], 7)

static void block(uint32_t *out, const uint32_t *input) {
  uint32_t x[16];
  for (int i = 0; i < 16; i++) x[i] = input[i];
  for (int i = 0; i < 10; i++) {
    QUARTER(0, 4, 8, 12);
    QUARTER(1, 5, 9, 13);
    QUARTER(2, 6, 10, 14);
    QUARTER(3, 7, 11, 15);
    QUARTER(0, 5, 10, 15);
    QUARTER(1, 6, 11, 12);
    QUARTER(2, 7, 8, 13);
    QUARTER(3, 4, 9, 14);
  }
  for (int i = 0; i < 16; i++) out[i] ^= x[i] + input[i];
}

int32_t run(int32_t n) {
  uint32_t input[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, seed = 6, sum = 0;
  for (int i = 4; i < 16; i++) input[i] = next_random(&seed);
  for (int i = 0; i < 1024; i++) buffer[i] = (uint32_t)i;
  input[12] = 0;
  for (int32_t round = 0; round < n; round++)
    for (int at = 0; at < 1024; at += 16, input[12]++) block(buffer + at, input);
  for (int i = 0; i < 1024; i++) sum = fold(sum, buffer[i]);
  return (int32_t)sum;
}
