// SHA-256 over a growing message: rotates, long straight-line code, register
// pressure. The round constants are computed: fractional bits of the cube and
// square roots of the first primes.
#include "kernel.h"

static uint32_t constants[64], initial[8], state[8];
static uint8_t message[64 * 64];

// floor(2^32 * fraction of the root): a double holds 32 bits behind the point and
// then some, and Newton's method settles in a few steps.
static uint32_t root_bits(double prime, int power) {
  double x = 4;
  for (int i = 0; i < 40; i++)
    x -= power == 2 ? (x * x - prime) / (2 * x) : (x * x * x - prime) / (3 * x * x);
  return (uint32_t)((x - (double)(uint32_t)x) * 4294967296.0);
}

static void make_constants(void) {
  int count = 0;
  for (uint32_t candidate = 2; count < 64; candidate++) {
    int prime = 1;
    for (uint32_t d = 2; d * d <= candidate; d++) prime &= candidate % d != 0;
    if (!prime) continue;
    constants[count] = root_bits(candidate, 3);
    if (count < 8) initial[count] = root_bits(candidate, 2);
    count++;
  }
}

static void compress(const uint8_t *block) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
           (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t x = w[i - 15], y = w[i - 2];
    uint32_t s0 = rotl32(x, 25) ^ rotl32(x, 14) ^ x >> 3;
    uint32_t s1 = rotl32(y, 15) ^ rotl32(y, 13) ^ y >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    uint32_t s1 = rotl32(e, 26) ^ rotl32(e, 21) ^ rotl32(e, 7);
    uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    uint32_t s0 = rotl32(a, 30) ^ rotl32(a, 19) ^ rotl32(a, 10);
    uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

int32_t run(int32_t n) {
  uint32_t seed = 9;
  if (!initial[0]) make_constants();
  for (size_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)next_random(&seed);
  for (int i = 0; i < 8; i++) state[i] = initial[i];
  for (int32_t round = 0; round < n; round++)
    for (size_t at = 0; at < sizeof message; at += 64) compress(message + at);
  uint32_t sum = 0;
  for (int i = 0; i < 8; i++) sum = fold(sum, state[i]);
  return (int32_t)sum;
}
